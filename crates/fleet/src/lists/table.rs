//! Any table with headings (RFC 4180), separated by commas, semicolons or tabs: what a configuration database or a spreadsheet exports.

use base::{Note, Parsed};

use super::column::{Column, guess};
use super::entry::{Listed, Row};
use super::map::ColumnMap;
use super::notes::Notes;
use super::{LIST_BYTES, LIST_ROWS, ListFormat, text};

/// The format.
pub(super) struct Table;

impl ListFormat for Table {
    fn id(&self) -> &'static str {
        "table"
    }

    fn about(&self) -> &'static str {
        "any CSV with headings, of a configuration database (NetBox, GLPI, ServiceNow) or a spreadsheet; columns guessed or by a map"
    }

    fn recognise(&self, head: &str) -> bool {
        let columns = guess(&headings(head));
        columns.len() > 1 && columns.iter().flatten().any(is_id)
    }

    fn rows(&self, text: &str, map: Option<&ColumnMap>, notes: &mut Notes) -> Vec<Row> {
        rows(text, map, notes)
    }
}

/// Whether a column alone can tell hosts apart.
fn is_id(column: &Column) -> bool {
    matches!(
        column,
        Column::Identifier(_) | Column::Label | Column::Tool(_)
    )
}

/// What stands before the headings: PowerShell's type, Excel's separator, blank lines.
fn body(text: &str) -> &str {
    let mut rest = text;
    loop {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        let line = line.trim();
        let is_before = line.is_empty()
            || line.starts_with("#TYPE")
            || line.to_ascii_lowercase().starts_with("sep=");
        if !is_before || behind.is_empty() {
            return rest;
        }
        rest = behind;
    }
}

fn separator(body: &str) -> u8 {
    let first = body.lines().next().unwrap_or_default();
    let count = |separator: &u8| {
        let mut is_quoted = false;
        let outside = first.bytes().filter(|b| {
            is_quoted ^= *b == b'"';
            !is_quoted && b == separator
        });
        outside.count()
    };
    // The last of equals wins, so that the comma does.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(count)
        .unwrap_or(b',')
}

fn reader(body: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(separator(body))
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(body.as_bytes())
}

/// The headings of a table, in their order.
pub(super) fn headings(text: &str) -> Vec<String> {
    let first = reader(body(text)).records().next();
    let first = first.and_then(Result::ok).unwrap_or_default();
    first.iter().map(str::to_owned).collect()
}

/// The column of each heading, by the map or as it is usual.
fn columns(headings: &[String], map: Option<&ColumnMap>) -> Vec<Option<Column>> {
    match map {
        Some(map) => headings
            .iter()
            .map(|h| map.columns.get(h).cloned())
            .collect(),
        None => guess(headings),
    }
}

/// The rows of a table below its headings.
pub(super) fn rows(text: &str, map: Option<&ColumnMap>, notes: &mut Notes) -> Vec<Row> {
    let body = body(text);
    let before = text.len() - body.len();
    let first_line = text
        .as_bytes()
        .get(..before)
        .unwrap_or_default()
        .iter()
        .filter(|b| **b == b'\n')
        .count() as u64;
    let headings = headings(text);
    let columns = columns(&headings, map);
    if !columns.iter().flatten().any(is_id) {
        let shown: Vec<String> = headings
            .iter()
            .take(20)
            .map(|h| crate::asset::excerpt(h))
            .collect();
        let what = format!(
            "no heading is known as a name or an id; give a map of the columns. Headings are: {}",
            shown.join(", ")
        );
        notes.push(Note::error(what));
        return Vec::new();
    }
    let empty = ColumnMap::default();
    let map = map.unwrap_or(&empty);
    for heading in map.columns.keys().filter(|h| !headings.contains(h)) {
        notes.push(Note::warning(format!(
            "a column of the map is not in the table: {}",
            crate::asset::excerpt(heading)
        )));
    }
    let mut rows = Vec::new();
    for record in reader(body).records().skip(1) {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                notes.push(Note::warning(format!(
                    "a row that is no csv was left out: {error}"
                )));
                continue;
            }
        };
        if LIST_ROWS.is_exceeded_by(rows.len() as u64 + 1) {
            notes.push(Note::warning("more rows were left out").because_of(LIST_ROWS));
            break;
        }
        let line = first_line + record.position().map_or(0, csv::Position::line);
        let cells = columns.iter().zip(&record);
        let cells = cells.filter_map(|(column, cell)| {
            let column = column.as_ref().filter(|_| !cell.is_empty())?;
            let value = map.meaning(column, cell);
            Some((column.clone(), criticality_word(column, value).to_owned()))
        });
        let row = Row {
            line,
            cells: cells.collect(),
        };
        if !row.cells.is_empty() {
            rows.push(row);
        }
    }
    rows
}

/// ServiceNow's words for how critical something is.
fn criticality_word<'v>(column: &Column, value: &'v str) -> &'v str {
    if *column != Column::Attribute(crate::asset::AttributeKind::Criticality) {
        return value;
    }
    match value.to_ascii_lowercase().as_str() {
        "1 - most critical" => "very-high",
        "2 - somewhat critical" => "high",
        "3 - less critical" => "medium",
        "4 - not critical" => "low",
        _ => value,
    }
}

/// A table as it would be read, to be looked at before its map is saved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    /// Every heading with what it is taken for.
    pub headings: Vec<Heading>,
    /// The first hosts.
    pub hosts: Vec<Listed>,
    /// The map that reads the table this way.
    pub map: ColumnMap,
}

/// A heading, what it is taken for, and some of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// As it is written.
    pub text: String,
    /// What it is taken for; `None` is not read.
    pub column: Option<Column>,
    /// The first values.
    pub values: Vec<String>,
}

/// Shows how the first rows of a table would be read, by a map or by what headings usually mean.
pub fn preview(
    file: &str,
    bytes: &[u8],
    map: Option<&ColumnMap>,
    rows_shown: usize,
) -> Parsed<Preview> {
    let mut notes = Notes::new(file);
    if LIST_BYTES.is_exceeded_by(bytes.len() as u64) {
        notes.push(Note::error("not read: the list is too large").because_of(LIST_BYTES));
        return notes.with(Preview::default());
    }
    let text = text::decode(bytes, &mut notes);
    let headings = headings(&text);
    let columns = columns(&headings, map);
    let samples: Vec<csv::StringRecord> = reader(body(&text))
        .records()
        .skip(1)
        .filter_map(Result::ok)
        .take(rows_shown)
        .collect();
    let shown = headings.iter().zip(&columns).enumerate();
    let shown = shown.map(|(at, (text, column))| Heading {
        text: text.clone(),
        column: column.clone(),
        values: samples
            .iter()
            .filter_map(|row| {
                row.get(at)
                    .filter(|v| !v.is_empty())
                    .map(crate::asset::excerpt)
            })
            .collect(),
    });
    let headings_shown = shown.collect();
    let taken = headings.iter().zip(columns);
    let map = ColumnMap {
        columns: taken.filter_map(|(h, c)| Some((h.clone(), c?))).collect(),
        values: map.map(|map| map.values.clone()).unwrap_or_default(),
    };
    let rows = rows(&text, Some(&map), &mut notes);
    let hosts = rows.into_iter().take(rows_shown);
    let preview = Preview {
        hosts: hosts
            .filter_map(|row| row.listed(file, &mut notes))
            .collect(),
        headings: headings_shown,
        map,
    };
    notes.with(preview)
}

/// The rows of a table in which a heading stands for another column than it usually does.
pub(super) fn rows_with(
    text: &str,
    map: Option<&ColumnMap>,
    others: &[(&str, Column)],
    notes: &mut Notes,
) -> Vec<Row> {
    if map.is_some() {
        return rows(text, map, notes);
    }
    let headings = headings(text);
    let guessed = headings.iter().zip(guess(&headings));
    let mut map = ColumnMap {
        columns: guessed.filter_map(|(h, c)| Some((h.clone(), c?))).collect(),
        ..ColumnMap::default()
    };
    for (heading, column) in others {
        if headings.iter().any(|h| h == heading) {
            map.columns.insert((*heading).to_owned(), column.clone());
        }
    }
    rows(text, Some(&map), notes)
}

/// Whether a table has all of these headings.
pub(super) fn has_headings(head: &str, wanted: &[&str]) -> bool {
    let headings = headings(head);
    wanted
        .iter()
        .all(|w| headings.iter().any(|h| h.eq_ignore_ascii_case(w)))
}
