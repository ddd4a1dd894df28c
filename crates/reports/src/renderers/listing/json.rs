//! A list for programs: the statement, and a row an object with every key; described in docs/reference/findings.md and
//! docs/reference/hosts.md.

use drawing::escape::printable;
use risk::policy::Decision;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::briefing::Hosts;
use crate::listing::{Cell, Column, Gap, Listing, Statement};
use crate::renderers::scan::wire::{DecisionJson, decision as decision_json};
use crate::renderers::{ListingRenderer, Options};
use crate::wording::instant;

/// The format.
pub(in crate::renderers) struct Json;

impl ListingRenderer for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "for programs, each kind of list with a schema of its own"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn render(&self, listing: &Listing, _: &Options) -> String {
        let mut out = serde_json::to_string_pretty(&ListingJson(listing))
            .expect("string keys and plain values always serialise");
        out.push('\n');
        out
    }
}

/// Text from outside; what is not printable is written as `\\xNN`.
type Text<'a> = std::borrow::Cow<'a, str>;

struct ListingJson<'a>(&'a Listing);

impl Serialize for ListingJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let listing = self.0;
        let rows: Vec<RowJson<'_>> = listing
            .rows
            .iter()
            .map(|cells| RowJson {
                columns: listing.columns,
                cells,
            })
            .collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", listing.schema)?;
        map.serialize_entry("statement", &statement(&listing.statement, rows.len()))?;
        map.serialize_entry(listing.noun.1, &rows)?;
        map.end()
    }
}

#[derive(serde::Serialize)]
struct StatementJson<'a> {
    query: Text<'a>,
    parameters: Vec<ParameterJson<'a>>,
    total: usize,
    offset: usize,
    shown: usize,
    as_of: Option<String>,
    now: String,
    catalog: Option<Text<'a>>,
    hosts: usize,
    cannot_answer: Vec<GapJson<'a>>,
}

#[derive(serde::Serialize)]
struct ParameterJson<'a> {
    name: Text<'a>,
    value: Text<'a>,
}

#[derive(serde::Serialize)]
struct GapJson<'a> {
    kind: &'static str,
    hosts: Vec<Text<'a>>,
    hosts_total: usize,
    detail: Text<'a>,
}

fn statement(s: &Statement, shown: usize) -> StatementJson<'_> {
    let parameters = s.parameters.iter().map(|(name, value)| ParameterJson {
        name: printable(name),
        value: printable(value),
    });
    StatementJson {
        query: printable(&s.query),
        parameters: parameters.collect(),
        total: s.total,
        offset: s.offset,
        shown,
        as_of: s.as_of.map(instant),
        now: instant(s.now),
        catalog: Some(&s.catalog)
            .filter(|c| !c.is_empty())
            .map(|c| printable(c)),
        hosts: s.hosts,
        cannot_answer: s.gaps.iter().map(gap).collect(),
    }
}

fn gap(gap: &Gap) -> GapJson<'_> {
    GapJson {
        kind: gap.kind.as_str(),
        hosts: names(&gap.hosts),
        hosts_total: gap.hosts.total,
        detail: printable(&gap.detail),
    }
}

fn names(hosts: &Hosts) -> Vec<Text<'_>> {
    hosts.names.iter().map(|n| printable(n)).collect()
}

#[derive(serde::Serialize)]
struct DecidedJson<'a> {
    #[serde(flatten)]
    decision: DecisionJson<'a>,
    moved: Vec<MovedJson<'a>>,
}

#[derive(serde::Serialize)]
struct MovedJson<'a> {
    by: &'static str,
    at: String,
    source: Text<'a>,
    due_without: String,
}

fn decided(decision: &Decision) -> DecidedJson<'_> {
    let moved = decision.moved.iter().map(|moved| MovedJson {
        by: moved.by.as_str(),
        at: instant(moved.at),
        source: printable(&moved.source),
        due_without: instant(moved.from),
    });
    DecidedJson {
        decision: decision_json(decision),
        moved: moved.collect(),
    }
}

struct RowJson<'a> {
    columns: &'static [Column],
    cells: &'a [Cell],
}

impl Serialize for RowJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (column, cell) in self.columns.iter().zip(self.cells) {
            let key = column.key;
            match cell {
                Cell::Unknown => map.serialize_entry(key, &None::<()>)?,
                Cell::Text(text) => map.serialize_entry(key, &printable(text))?,
                Cell::Texts(texts) => {
                    let texts: Vec<_> = texts.iter().map(|t| printable(t)).collect();
                    map.serialize_entry(key, &texts)?;
                }
                Cell::Number(n) => map.serialize_entry(key, n)?,
                Cell::Decimal(n) => map.serialize_entry(key, n)?,
                Cell::Flag(flag) => map.serialize_entry(key, flag)?,
                Cell::Time(at) | Cell::Due { by: at, .. } => {
                    map.serialize_entry(key, &instant(*at))?
                }
                Cell::Severity(rating) => map.serialize_entry(key, rating.as_str())?,
                Cell::Hosts(hosts) => {
                    map.serialize_entry(key, &names(hosts))?;
                    map.serialize_entry(&format!("{key}_total"), &hosts.total)?;
                }
                Cell::Decisions(decisions) => {
                    let all: Vec<_> = decisions.iter().map(decided).collect();
                    map.serialize_entry(key, &all)?;
                }
            }
        }
        map.end()
    }
}
