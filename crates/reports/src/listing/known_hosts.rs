//! The list of hosts by whether they report and stand in lists kept elsewhere (`daywatch.known-hosts/1`).

use super::Listing;
use super::cell::{Cell, Column};
use super::statement::Statement;

/// A host that is listed, that reports, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownRow {
    /// `reports`, `never-reported`, `in-doubt`, `unlisted`.
    pub state: &'static str,
    /// What the lists call it, else its own name.
    pub name: String,
    /// The lists it stands in.
    pub lists: Vec<String>,
    /// Its number; `None` where it never reported.
    pub number: Option<u64>,
    /// Every list that knows it says that it is switched off.
    pub is_off: bool,
}

static COLUMNS: &[Column] = &[
    Column::shown("state", "State").whole(),
    Column::shown("name", "Host"),
    Column::shown("lists", "Lists").or("none"),
    Column::data("number"),
    Column::shown("switched_off", "Off").whole(),
];

impl KnownRow {
    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::Text(self.state.to_owned()),
            Cell::Text(self.name),
            Cell::Texts(self.lists),
            self.number.map_or(Cell::Unknown, Cell::Number),
            Cell::Flag(self.is_off),
        ]
    }
}

/// The list of some of them.
pub fn known_hosts(statement: Statement, rows: Vec<KnownRow>) -> Listing {
    Listing {
        schema: "daywatch.known-hosts/1",
        noun: ("host", "hosts"),
        columns: COLUMNS,
        rows: rows.into_iter().map(KnownRow::cells).collect(),
        unfiltered: "daywatch hosts known",
        statement,
    }
}
