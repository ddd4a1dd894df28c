//! TOML lockfiles (Cargo, Poetry, uv) read one `[[package]]` at a time: a broken entry loses only itself, every entry
//! has a line, and memory is bounded by one entry. The tools write each header at the start of a line.

use base::Limit;
use toml::{Table, Value};

use super::text::shown;

/// The largest single `[[package]]` entry.
const ENTRY_BYTES: Limit = Limit::new("lockfile-entry-bytes", 8 << 20);

/// One `[[package]]` entry with its sub-tables, or why it could not be read.
pub(super) struct Entry {
    /// 1-based line of its header.
    pub(super) line: u64,
    /// What it holds.
    pub(super) table: Result<Table, String>,
}

/// The `[[package]]` entries of a document, in order.
pub(super) fn packages(text: &str) -> Vec<Entry> {
    let entries: Vec<Entry> = blocks(text)
        .map(|(line, block)| Entry {
            line,
            table: entry(block),
        })
        .collect();
    if entries.is_empty() {
        whole(text)
    } else {
        entries
    }
}

/// The members at the top of a document, before the first header.
pub(super) fn head(text: &str) -> Table {
    let end = headers(text)
        .next()
        .map_or(text.len(), |(offset, _, _)| offset);
    toml::from_str(&text[..end]).unwrap_or_default()
}

/// A document that is written some other way (`package = [{…}]`) is read whole.
fn whole(text: &str) -> Vec<Entry> {
    let lines = text.lines().count() as u64;
    let tables = match toml::from_str::<Table>(text) {
        Ok(mut document) => match document.remove("package") {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        },
        Err(error) => {
            return vec![Entry {
                line: lines.max(1),
                table: Err(shown(error.message())),
            }];
        }
    };
    let table = |value| match value {
        Value::Table(table) => Ok(table),
        _ => Err("not a table".to_owned()),
    };
    tables
        .into_iter()
        .map(|value| Entry {
            line: 1,
            table: table(value),
        })
        .collect()
}

fn entry(block: &str) -> Result<Table, String> {
    if ENTRY_BYTES.is_exceeded_by(block.len() as u64) {
        return Err(format!("the entry is too large (limit {ENTRY_BYTES})"));
    }
    let mut document: Table = toml::from_str(block).map_err(|error| shown(error.message()))?;
    match document.remove("package") {
        Some(Value::Array(items)) if items.len() == 1 => match items.into_iter().next() {
            Some(Value::Table(table)) => Ok(table),
            _ => Err("not a table".to_owned()),
        },
        _ => Err("not one entry".to_owned()),
    }
}

/// Each `[[package]]` with everything up to the next header that is not below it.
fn blocks(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let mut headers = headers(text)
        .filter(|(_, _, header)| !is_below_package(header))
        .peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, line, header) = headers.next()?;
            let end = headers.peek().map_or(text.len(), |(offset, _, _)| *offset);
            if header == "[[package]]" {
                return Some((line, &text[start..end]));
            }
        }
    })
}

fn is_below_package(header: &str) -> bool {
    header.trim_start_matches('[').starts_with("package.")
}

/// Offset, 1-based line and text without blanks of each header.
fn headers(text: &str) -> impl Iterator<Item = (usize, u64, String)> {
    let mut offset = 0;
    text.split_inclusive('\n')
        .zip(1..)
        .filter_map(move |(line, number)| {
            let start = offset;
            offset += line.len();
            let line = line.trim_end();
            let is_header = line.starts_with('[') && line.contains(']');
            is_header.then(|| {
                (
                    start,
                    number,
                    line.split('#')
                        .next()
                        .unwrap_or_default()
                        .split_whitespace()
                        .collect(),
                )
            })
        })
}
