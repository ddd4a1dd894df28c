//! Devices and virtual machines of NetBox, as its REST API answers
//! (<https://netboxlabs.com/docs/netbox/en/stable/integrations/rest-api/>): `{"count", "results": [{…}]}`, or the list alone.

use base::Note;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::column::Column;
use super::map::ColumnMap;
use super::notes::Notes;
use super::{LIST_ROWS, ListFormat, Row};
use crate::asset::AttributeKind;
use crate::identity::IdentifierKind;

/// The format.
pub(super) struct NetBox;

impl ListFormat for NetBox {
    fn id(&self) -> &'static str {
        "netbox"
    }

    fn about(&self) -> &'static str {
        "devices and virtual machines of NetBox: JSON of its REST API"
    }

    fn recognise(&self, head: &str) -> bool {
        head.starts_with(['{', '['])
            && head.contains("\"primary_ip")
            && head.contains("\"custom_fields\"")
    }

    fn rows(&self, text: &str, _: Option<&ColumnMap>, notes: &mut Notes) -> Vec<Row> {
        let cells = |object: &Value| {
            let text = |path: &str| object.pointer(path).and_then(word);
            let name = Column::Identifier(IdentifierKind::Name);
            let mut cells: Vec<(Column, Option<String>)> = vec![
                (name, text("/name")),
                (Column::Identifier(IdentifierKind::Serial), text("/serial")),
                (
                    Column::Identifier(IdentifierKind::Address),
                    text("/primary_ip4/address"),
                ),
                (
                    Column::Identifier(IdentifierKind::Address),
                    text("/primary_ip6/address"),
                ),
                (
                    Column::Attribute(AttributeKind::Owner),
                    text("/tenant/name"),
                ),
                (Column::System, text("/platform/name")),
                (Column::State, text("/status/value")),
            ];
            // Devices and virtual machines are numbered apart; only virtual machines have a `vcpus`.
            let kind = if object.get("vcpus").is_some() {
                "netbox-vm"
            } else {
                "netbox"
            };
            cells.push((Column::Tool(kind.to_owned()), text("/id")));
            let tags = object.get("tags").and_then(Value::as_array);
            for tag in tags.into_iter().flatten() {
                let tag = tag.get("name").map_or_else(|| word(tag), word);
                cells.push((Column::Attribute(AttributeKind::Tag), tag));
            }
            cells
        };
        rows(text, notes, cells)
    }
}

/// A text; a number counts as what it is written with.
pub(super) fn word(value: &Value) -> Option<String> {
    let word = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(word).filter(|word| !word.is_empty())
}

/// One page of an answer.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
    next: Option<String>,
}

/// The objects of an answer as rows, by their place in it: those of a page, or of the list alone. A document that breaks off gives
/// no rows: what stands before the break would look like the whole list, and the hosts behind it like unlisted ones. Members
/// are read one by one, so that memory is that of one.
pub(super) fn rows(
    text: &str,
    notes: &mut Notes,
    cells: impl Fn(&Value) -> Vec<(Column, Option<String>)>,
) -> Vec<Row> {
    let page = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text).map(|results| Page {
            results,
            next: None,
        }),
        false => serde_json::from_str::<Page<'_>>(text),
    };
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            notes.push(Note::error(format!("not read, no whole answer: {error}")));
            return Vec::new();
        }
    };
    if let Some(next) = page.next {
        let next = crate::asset::excerpt(&next);
        notes.push(Note::warning(format!(
            "the answer is one page of several, ask for the others too: {next}"
        )));
    }
    if LIST_ROWS.is_exceeded_by(page.results.len() as u64) {
        notes.push(Note::warning("more rows were left out").because_of(LIST_ROWS));
    }
    let mut rows = Vec::new();
    for (line, object) in (1..).zip(page.results.into_iter().take(LIST_ROWS.max as usize)) {
        match serde_json::from_str::<Value>(object.get()) {
            Ok(object) => rows.push(Row {
                line,
                cells: cells(&object)
                    .into_iter()
                    .filter_map(|(column, value)| Some((column, value?)))
                    .collect(),
            }),
            Err(error) => notes.warn(line, format!("left out: {error}")),
        }
    }
    rows
}
