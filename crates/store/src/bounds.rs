//! How long what stands in a column may be. What is part of a key is shorter: PostgreSQL's B-trees take some 2,700 bytes.

use base::Limit;

use crate::error::{Result, StoreError};

/// A text in a key: names of hosts, values of identifiers, names of facts and of sources.
pub(crate) const KEY_BYTES: Limit = Limit::new("stored-key-bytes", 800);
/// A text that is no key: the value of a fact.
pub(crate) const TEXT_BYTES: Limit = Limit::new("stored-text-bytes", 1 << 20);

/// The text, if it is not too long; NULs are counted as what both stores keep for them.
pub(crate) fn bounded<'t>(what: &str, text: &'t str, limit: Limit) -> Result<&'t str> {
    let nul_bytes = text.bytes().filter(|byte| *byte == 0).count() * 2;
    let size = (text.len() + nul_bytes) as u64;
    match limit.is_exceeded_by(size) {
        true => Err(StoreError::TooLarge {
            what: what.to_owned(),
            size,
            limit,
        }),
        false => Ok(text),
    }
}

/// A word for a line of the audit chain: nothing in it may look like the end of a field or a line.
pub(crate) fn one_word<'t>(what: &str, text: &'t str) -> Result<&'t str> {
    let is_word = !text.is_empty()
        && text
            .chars()
            .all(|c| !c.is_control() && c != '\u{2028}' && c != '\u{2029}');
    match is_word {
        true => bounded(what, text, KEY_BYTES),
        false => Err(StoreError::refused(format!(
            "{what} is to be a word without control characters, and is {text:?}"
        ))),
    }
}
