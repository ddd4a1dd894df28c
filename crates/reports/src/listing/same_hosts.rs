//! The list of pairs that may be one host (`daywatch.same-hosts/1`).

use super::Listing;
use super::cell::{Cell, Column};
use super::statement::Statement;

/// Two hosts that may be one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairRow {
    /// The number of the one.
    pub one: u64,
    /// What it is called.
    pub one_name: String,
    /// The number of the other.
    pub other: u64,
    /// What it is called.
    pub other_name: String,
    /// What speaks for it and against it.
    pub evidence: String,
}

static COLUMNS: &[Column] = &[
    Column::data("one"),
    Column::shown("one_name", "Host"),
    Column::data("other"),
    Column::shown("other_name", "May be"),
    Column::shown("evidence", "Evidence"),
];

impl PairRow {
    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::Number(self.one),
            Cell::Text(self.one_name),
            Cell::Number(self.other),
            Cell::Text(self.other_name),
            Cell::Text(self.evidence),
        ]
    }
}

/// The list of some pairs.
pub fn same_hosts(statement: Statement, rows: Vec<PairRow>) -> Listing {
    Listing {
        schema: "daywatch.same-hosts/1",
        noun: ("pair", "pairs"),
        columns: COLUMNS,
        rows: rows.into_iter().map(PairRow::cells).collect(),
        unfiltered: "daywatch hosts same",
        statement,
    }
}
