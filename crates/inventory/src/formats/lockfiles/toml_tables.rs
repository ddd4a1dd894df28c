//! TOML lockfiles (Cargo, PDM, Poetry, uv) read one `[[package]]` at a time: a broken entry loses only itself, every entry
//! has a line, and memory is bounded by one entry. The tools write each header at the start of a line.

use base::Limit;
use toml::{Table, Value};

use super::origin::shown;
use super::pins::Pins;

/// The largest single `[[package]]` entry.
const ENTRY_BYTES: Limit = Limit::new("lockfile-entry-bytes", 8 << 20);

/// Writes down each package of a document, with `pin`, and notes the entries that are broken.
pub(super) fn each_package(text: &str, pins: &mut Pins<'_>, pin: fn(&mut Pins<'_>, u64, &Table)) {
    let mut blocks = blocks(text).peekable();
    if blocks.peek().is_none() {
        return whole(text, pins, pin);
    }
    for (line, block) in blocks {
        match entry(block) {
            Ok(table) => pin(pins, line, &table),
            Err(why) => pins.broken(Some(line), format!("not a package entry: {why}")),
        }
    }
}

/// A document that is written some other way (`package = [{…}]`) is read whole.
fn whole(text: &str, pins: &mut Pins<'_>, pin: fn(&mut Pins<'_>, u64, &Table)) {
    match toml::from_str::<Table>(text) {
        Ok(document) => {
            let items = document.get("package").and_then(Value::as_array);
            items
                .into_iter()
                .flatten()
                .filter_map(Value::as_table)
                .for_each(|table| pin(pins, 1, table));
        }
        Err(error) => pins.broken(None, format!("not TOML: {}", shown(error.message()))),
    }
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
