//! The list of changes (`daywatch.changes/1`): what opened, closed or moved between two moments.

use base::Severity;
use jiff::Timestamp;

use super::Listing;
use super::cell::{Cell, Column};
use super::statement::Statement;
use crate::briefing::{ChangedGroup, Hosts, Since};

/// What became of a finding on some hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// `new`, `fixed`, `gone`, `reopened`, `turned-exploited`, `suppression-over`, `newly-suppressed`.
    pub what: &'static str,
    /// The id people look for.
    pub id: String,
    /// The package.
    pub package: String,
    /// Its severity.
    pub severity: Option<Severity>,
    /// Known exploited.
    pub known_exploited: bool,
    /// The hosts.
    pub hosts: Hosts,
    /// When we learned it; `None` where only the two moments were compared.
    pub at: Option<Timestamp>,
}

static COLUMNS: &[Column] = &[
    Column::shown("at", "When").or("since then").whole(),
    Column::shown("what", "What").whole(),
    Column::shown("severity", "Severity").whole(),
    Column::shown("id", "Id").whole(),
    Column::shown("known_exploited", "KEV").whole(),
    Column::shown("package", "Package"),
    Column::shown("hosts", "Hosts"),
];

impl ChangeRow {
    /// The examples of a comparison, kind after kind.
    pub fn of(since: &Since) -> Vec<Self> {
        let kinds = [
            ("new", &since.new),
            ("reopened", &since.reopened),
            ("turned-exploited", &since.turned_exploited),
            ("suppression-over", &since.suppression_over),
            ("newly-suppressed", &since.newly_suppressed),
            ("fixed", &since.fixed),
            ("gone", &since.gone),
        ];
        let rows = kinds.into_iter().flat_map(|(what, moved)| {
            let groups = moved.examples.iter();
            groups.map(move |group| Self::of_group(what, group.clone(), None))
        });
        rows.collect()
    }

    /// Of one group, with when it was learned.
    pub fn of_group(what: &'static str, group: ChangedGroup, at: Option<Timestamp>) -> Self {
        Self {
            what,
            id: group.id,
            package: group.package,
            severity: group.severity,
            known_exploited: group.known_exploited,
            hosts: group.hosts,
            at,
        }
    }

    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::time(self.at),
            Cell::Text(self.what.to_owned()),
            self.severity.map_or(Cell::Unknown, Cell::Severity),
            Cell::Text(self.id),
            Cell::Flag(self.known_exploited),
            Cell::Text(self.package),
            Cell::Hosts(self.hosts),
        ]
    }
}

/// The list of some changes.
pub fn changes(statement: Statement, rows: Vec<ChangeRow>) -> Listing {
    Listing {
        schema: "daywatch.changes/1",
        noun: ("change", "changes"),
        columns: COLUMNS,
        rows: rows.into_iter().map(ChangeRow::cells).collect(),
        unfiltered: "daywatch findings changes",
        statement,
    }
}
