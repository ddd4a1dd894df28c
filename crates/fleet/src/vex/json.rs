//! Reading fields that may have any type, within limits.
//!
//! Documents are small beside the SBOMs they go with, so they are read as JSON values: a field of the wrong type is then a
//! field that is not there, and never loses the statement around it. `serde_json` stops at 128 levels of nesting.

use base::{Limit, Note};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Statements of a document.
pub const VEX_STATEMENTS: Limit = Limit::new("vex-statements", 200_000);
/// Products of a statement, and parts of a product.
pub const VEX_PRODUCTS: Limit = Limit::new("vex-products", 100_000);
/// Components of a CycloneDX document.
pub const VEX_COMPONENTS: Limit = Limit::new("vex-components", 1_000_000);

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// A text that is there and not blank.
pub(super) fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object
        .get(key)
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

pub(super) fn object<'a>(object: &'a Object, key: &str) -> Option<&'a Object> {
    object.get(key).and_then(Value::as_object)
}

/// The members of a list; a single value where a list is expected is a list of one.
pub(super) fn list<'a>(object: &'a Object, key: &str) -> &'a [Value] {
    match object.get(key) {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => &[],
        Some(one) => std::slice::from_ref(one),
    }
}

/// The latest of some times.
pub(super) fn time(object: &Object, keys: [&str; 2]) -> Option<Timestamp> {
    keys.iter()
        .filter_map(|key| text(object, key)?.parse().ok())
        .max()
}

/// The first members of a list, with a note when there are more.
pub(super) fn bounded<'a, T>(
    items: &'a [T],
    limit: Limit,
    what: &str,
    notes: &mut Vec<Note>,
) -> &'a [T] {
    if limit.is_exceeded_by(items.len() as u64) {
        notes.push(
            Note::warning(format!("too many {what}: the rest is left out")).because_of(limit),
        );
        return &items[..limit.max as usize];
    }
    items
}

/// A short form of a hostile text, for a note.
pub(super) fn short(text: &str) -> String {
    text.chars().take(100).collect()
}
