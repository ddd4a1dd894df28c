//! The list of findings (`daywatch.findings/1`): a row is a finding on all hosts on which it is the same, or on one. The rows of
//! one vulnerability come with what every policy decides (`daywatch.finding/1`).

use base::{CveId, Severity};
use fleet::group::{FindingGroup, Life};
use jiff::Timestamp;
use risk::policy::Decision;

use super::Listing;
use super::cell::{Cell, Column};
use super::statement::Statement;
use crate::briefing::Hosts;
use crate::wording::{fix, label};

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingRow {
    /// The id people look for.
    pub label: String,
    /// Id of the record that decided.
    pub id: String,
    /// Every CVE.
    pub cves: Vec<CveId>,
    /// Severity; `None` where nobody rates it.
    pub severity: Option<Severity>,
    /// The score of the highest CVSS version, 0 to 10.
    pub cvss: Option<f32>,
    /// EPSS, 0 to 1.
    pub epss: Option<f32>,
    /// Known exploited.
    pub known_exploited: bool,
    /// The ecosystem.
    pub ecosystem: String,
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The version to install.
    pub fix: Option<String>,
    /// The hosts.
    pub hosts: Hosts,
    /// Their owners, sorted, as far as known.
    pub owners: Vec<String>,
    /// Their zones, sorted, as far as known.
    pub zones: Vec<String>,
    /// The earliest deadline.
    pub due: Option<Timestamp>,
    /// The policy that set it.
    pub policy: Option<String>,
    /// The deadline without what moved it; `None`: nothing did.
    pub due_unmoved: Option<Timestamp>,
    /// What moved it: `baseline`, `reranked`.
    pub moved_by: Vec<&'static str>,
    /// When it was first known on the hosts.
    pub first_seen: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Of a local advisory: the moment, and who says it.
    pub ours: Option<(Timestamp, String)>,
}

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Open.
    Open,
    /// Open after it was seen fixed.
    Reopened,
    /// Something keeps it from being used, as a report showed.
    Mitigated,
    /// Set aside.
    Suppressed,
    /// The fix is installed and does not run yet.
    AwaitsRestart,
}

impl State {
    /// Of a life.
    pub const fn of(life: &Life) -> Self {
        match life {
            Life::Open { reopened: false } => Self::Open,
            Life::Open { reopened: true } => Self::Reopened,
            Life::Mitigated { .. } => Self::Mitigated,
            Life::Suppressed(_) => Self::Suppressed,
            Life::AwaitsRestart => Self::AwaitsRestart,
        }
    }

    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reopened => "reopened",
            Self::Mitigated => "mitigated",
            Self::Suppressed => "suppressed",
            Self::AwaitsRestart => "awaits-restart",
        }
    }
}

impl FindingRow {
    /// The row of a group, with what is said of its hosts.
    pub fn of(group: &FindingGroup, hosts: Hosts, owners: Vec<String>, zones: Vec<String>) -> Self {
        let f = &group.finding;
        let decision = f.decision();
        let moved = decision.map_or(&[][..], |decision| &decision.moved);
        Self {
            due_unmoved: moved.first().map(|first| first.from),
            moved_by: moved.iter().map(|one| one.by.as_str()).collect(),
            label: label(f),
            id: f.id.clone(),
            cves: f.cves.clone(),
            severity: f.severity,
            cvss: f.cvss.first().map(|s| f32::from(s.scored.tenths) / 10.0),
            epss: f.epss.as_ref().map(|e| e.score),
            known_exploited: f.kev.is_some(),
            ecosystem: f.ecosystem.clone(),
            package: f.package.clone(),
            version: f.version.clone(),
            fix: fix(f).map(str::to_owned),
            hosts,
            owners,
            zones,
            due: f.due(),
            policy: decision
                .filter(|d| d.by.is_some())
                .map(|d| d.policy.clone()),
            first_seen: group.first_seen,
            state: State::of(&group.life),
            ours: None,
        }
    }

    fn cells(self, now: Timestamp) -> Vec<Cell> {
        let cves = self.cves.iter().map(ToString::to_string);
        let moved_by = self.moved_by.iter().map(|word| (*word).to_owned());
        let (at, by) = self.ours.unzip();
        vec![
            self.severity.map_or(Cell::Unknown, Cell::Severity),
            Cell::Text(self.label),
            Cell::Text(self.id),
            Cell::Texts(cves.collect()),
            Cell::Flag(self.known_exploited),
            self.cvss.map_or(Cell::Unknown, Cell::Decimal),
            self.epss.map_or(Cell::Unknown, Cell::Decimal),
            Cell::Text(self.ecosystem),
            Cell::Text(self.package),
            Cell::Text(self.version),
            Cell::text(self.fix),
            Cell::Hosts(self.hosts),
            Cell::Texts(self.owners),
            Cell::Texts(self.zones),
            self.due.map_or(Cell::Unknown, |by| Cell::Due {
                by,
                is_overdue: by < now,
                unmoved: self.due_unmoved,
            }),
            Cell::text(self.policy),
            Cell::Flag(self.due.is_some_and(|by| by < now)),
            Cell::time(self.due_unmoved),
            Cell::Texts(moved_by.collect()),
            Cell::Time(self.first_seen),
            Cell::Text(self.state.as_str().to_owned()),
            Cell::time(at),
            Cell::text(by),
        ]
    }
}

const COLUMNS: [Column; 23] = [
    Column::shown("severity", "Severity").whole(),
    Column::shown("label", "Id").whole(),
    Column::data("id"),
    Column::data("cves"),
    Column::shown("known_exploited", "KEV").whole(),
    Column::data("cvss"),
    Column::data("epss"),
    Column::data("ecosystem"),
    Column::shown("package", "Package"),
    Column::data("version"),
    Column::shown("fix", "Fix").or("none"),
    Column::shown("hosts", "Hosts"),
    Column::data("owners"),
    Column::data("zones"),
    Column::shown("due", "Due").or("no date"),
    Column::data("policy"),
    Column::data("overdue"),
    Column::data("due_unmoved"),
    Column::data("moved_by"),
    Column::data("first_seen"),
    Column::shown("state", "State").whole(),
    Column::data("ours_since"),
    Column::data("ours_by"),
];

/// Those, and what decided.
static DECIDED: &[Column] = &{
    let mut columns = [Column::data("decisions"); COLUMNS.len() + 1];
    let mut at = 0;
    while at < COLUMNS.len() {
        columns[at] = COLUMNS[at];
        at += 1;
    }
    columns
};

/// The list of some findings.
pub fn findings(statement: Statement, rows: Vec<FindingRow>) -> Listing {
    let now = statement.now;
    Listing {
        schema: "daywatch.findings/1",
        noun: ("finding", "findings"),
        columns: &COLUMNS,
        rows: rows.into_iter().map(|r| r.cells(now)).collect(),
        unfiltered: "daywatch findings list",
        statement,
    }
}

/// The rows of one vulnerability, each with what every policy decides (`daywatch.finding/1`).
pub fn decided(statement: Statement, rows: Vec<(FindingRow, Vec<Decision>)>) -> Listing {
    let now = statement.now;
    let cells = |(row, mut decisions): (FindingRow, Vec<Decision>)| {
        decisions.sort_by_key(|decision| (decision.by.is_none(), decision.by));
        let mut cells = row.cells(now);
        cells.push(Cell::Decisions(decisions));
        cells
    };
    Listing {
        schema: "daywatch.finding/1",
        noun: ("finding", "findings"),
        columns: DECIDED,
        rows: rows.into_iter().map(cells).collect(),
        unfiltered: "daywatch findings list",
        statement,
    }
}
