//! The lists of hosts (`daywatch.hosts/1`): who they are and what stands on them, or which of them have something.

use fleet::asset::Criticality;
use jiff::Timestamp;

use super::Listing;
use super::cell::{Cell, Column};
use super::statement::Statement;

/// A host and what stands on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostRow {
    /// Its number.
    pub number: u64,
    /// What people call it.
    pub name: String,
    /// `machine`, `image`, `application`.
    pub kind: String,
    /// The operating system in words.
    pub os: Option<String>,
    /// Its zone.
    pub zone: Option<String>,
    /// Its owner.
    pub owner: Option<String>,
    /// How much it matters.
    pub criticality: Option<Criticality>,
    /// Whether it is exposed.
    pub exposed: Option<bool>,
    /// When it last reported; `None`: never.
    pub seen_at: Option<Timestamp>,
    /// Packages read.
    pub packages: usize,
    /// Open findings.
    pub findings: usize,
    /// Of those, known exploited.
    pub known_exploited: usize,
    /// Of those, overdue.
    pub overdue: usize,
}

static HOST_COLUMNS: &[Column] = &[
    Column::data("number"),
    Column::shown("name", "Host"),
    Column::data("kind"),
    Column::shown("os", "System"),
    Column::shown("zone", "Zone"),
    Column::shown("owner", "Owner"),
    Column::data("criticality"),
    Column::shown("exposed", "Exposed").whole(),
    Column::shown("seen_at", "Reported").or("never"),
    Column::data("packages"),
    Column::shown("findings", "Open"),
    Column::shown("known_exploited", "KEV"),
    Column::shown("overdue", "Overdue"),
];

impl HostRow {
    fn cells(self) -> Vec<Cell> {
        let criticality = self.criticality.map(|c| c.as_str().to_owned());
        vec![
            Cell::Number(self.number),
            Cell::Text(self.name),
            Cell::Text(self.kind),
            Cell::text(self.os),
            Cell::text(self.zone),
            Cell::text(self.owner),
            Cell::text(criticality),
            Cell::flag(self.exposed),
            Cell::time(self.seen_at),
            Cell::Number(self.packages as u64),
            Cell::Number(self.findings as u64),
            Cell::Number(self.known_exploited as u64),
            Cell::Number(self.overdue as u64),
        ]
    }
}

/// The list of some hosts.
pub fn hosts(statement: Statement, rows: Vec<HostRow>) -> Listing {
    Listing {
        schema: "daywatch.hosts/1",
        noun: ("host", "hosts"),
        columns: HOST_COLUMNS,
        rows: rows.into_iter().map(HostRow::cells).collect(),
        unfiltered: "daywatch hosts list",
        statement,
    }
}

/// A host that has what was looked for, without any advisory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundRow {
    /// Its number.
    pub number: u64,
    /// What people call it.
    pub name: String,
    /// Its zone.
    pub zone: Option<String>,
    /// Its owner.
    pub owner: Option<String>,
    /// Whether it is exposed.
    pub exposed: Option<bool>,
    /// `package`, `kb`, `product`, `port`, `service`, `file`.
    pub what: &'static str,
    /// What was found: `openssl 3.0.11-1~deb12u2`, `tcp/443 nginx`.
    pub found: String,
    /// When the host said so.
    pub seen_at: Timestamp,
}

static FOUND_COLUMNS: &[Column] = &[
    Column::data("number"),
    Column::shown("name", "Host"),
    Column::shown("zone", "Zone"),
    Column::shown("owner", "Owner"),
    Column::shown("exposed", "Exposed").whole(),
    Column::data("what"),
    Column::shown("found", "Has"),
    Column::shown("seen_at", "Reported"),
];

impl FoundRow {
    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::Number(self.number),
            Cell::Text(self.name),
            Cell::text(self.zone),
            Cell::text(self.owner),
            Cell::flag(self.exposed),
            Cell::Text(self.what.to_owned()),
            Cell::Text(self.found),
            Cell::Time(self.seen_at),
        ]
    }
}

/// The hosts that have something, exposed first as the caller sorted them.
pub fn hosts_found(statement: Statement, rows: Vec<FoundRow>) -> Listing {
    Listing {
        schema: "daywatch.hosts/1",
        noun: ("host", "hosts"),
        columns: FOUND_COLUMNS,
        rows: rows.into_iter().map(FoundRow::cells).collect(),
        unfiltered: "daywatch hosts list",
        statement,
    }
}
