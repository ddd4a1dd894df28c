//! The list of what people decided (`daywatch.decisions/1`): suppressions and mitigations, and where each stands.

use jiff::Timestamp;

use super::Listing;
use super::cell::{Cell, Column};
use super::statement::Statement;

/// A suppression or a mitigation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionRow {
    /// `suppression`, `mitigation`.
    pub kind: &'static str,
    /// Its number among those of its kind.
    pub number: u64,
    /// What it covers, in words.
    pub scope: String,
    /// The role or team that answers for it.
    pub owner: String,
    /// Why; of a mitigation, what keeps it from being used.
    pub reason: String,
    /// Until when; `None`: without end.
    pub until: Option<Timestamp>,
    /// What voided it, in words.
    pub void: Vec<String>,
    /// Where a mitigation stands, in words: `verified on 3 hosts`.
    pub states: Vec<String>,
}

static COLUMNS: &[Column] = &[
    Column::shown("kind", "What").whole(),
    Column::shown("number", "No").whole(),
    Column::shown("scope", "On"),
    Column::shown("owner", "Owner"),
    Column::data("reason"),
    Column::shown("until", "Until").or("no end"),
    Column::shown("void", "Void").or("no"),
    Column::data("states"),
];

impl DecisionRow {
    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::Text(self.kind.to_owned()),
            Cell::Number(self.number),
            Cell::Text(self.scope),
            Cell::Text(self.owner),
            Cell::Text(self.reason),
            Cell::time(self.until),
            Cell::Texts(self.void),
            Cell::Texts(self.states),
        ]
    }
}

/// The list of some decisions.
pub fn decisions(statement: Statement, rows: Vec<DecisionRow>) -> Listing {
    Listing {
        schema: "daywatch.decisions/1",
        noun: ("decision", "decisions"),
        columns: COLUMNS,
        rows: rows.into_iter().map(DecisionRow::cells).collect(),
        unfiltered: "daywatch findings decisions",
        statement,
    }
}
