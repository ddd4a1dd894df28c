//! A JSON report taken apart record by record, so that one record nobody understands costs only itself.

use base::{Note, Parsed};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A list of records not yet looked at.
pub(super) type Records<'a> = Option<Vec<&'a RawValue>>;

/// The outermost shape of a report, or an error note.
pub(super) fn document<'a, T: Deserialize<'a>>(bytes: &'a [u8], tool: &str) -> Result<T, Note> {
    let text = std::str::from_utf8(bytes)
        .map_err(|e| Note::error(format!("{tool} results not read: not UTF-8: {e}")))?;
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text)
        .map_err(|e| Note::error(format!("{tool} results not read: {e}")).at_line(e.line() as u64))
}

/// The records that are understood, in their order; the others are counted in one note with the first reason.
pub(super) fn records<'a, T: Deserialize<'a>>(
    raw: Records<'a>,
    what: &str,
    notes: &mut Vec<Note>,
) -> Vec<T> {
    let raw = raw.unwrap_or_default();
    let mut first = None;
    let mut lost = 0;
    let mut read = Vec::with_capacity(raw.len());
    for (at, record) in raw.into_iter().enumerate() {
        match serde_json::from_str(record.get()) {
            Ok(value) => read.push(value),
            Err(error) => {
                lost += 1;
                first.get_or_insert_with(|| format!("number {}: {error}", at + 1));
            }
        }
    }
    if let Some(first) = first {
        notes.push(Note::warning(format!(
            "{what} not understood: {lost} ({first})"
        )));
    }
    read
}

/// A report that could not be read at all.
pub(super) fn failed<T: Default>(note: Note) -> Parsed<T> {
    Parsed {
        value: T::default(),
        notes: vec![note],
    }
}

/// The first key of the object a document is; its value starts right after the colon in the second part.
pub(super) fn first_key(head: &str) -> Option<(&str, &str)> {
    let rest = head.strip_prefix('{')?.trim_start().strip_prefix('"')?;
    let (key, rest) = rest.split_once('"')?;
    Some((key, rest.trim_start().strip_prefix(':')?.trim_start()))
}

/// `trivy 0.74.0`, or the name alone.
pub(super) fn tool(name: &str, version: Option<&str>) -> String {
    match version.map(super::line::plain).filter(|v| !v.is_empty()) {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}
