//! What a page is asked for, and what it answers.

use base::Severity;
use jiff::Timestamp;

use super::standing::State;

/// What to sort by. What is unknown comes last in either direction; rows that are equal follow by vulnerability, package,
/// version and host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Severity, mildest first.
    Severity,
    /// EPSS score.
    Epss,
    /// The day it was listed as known exploited.
    Kev,
    /// CVE by year and number, then other ids.
    Cve,
    /// Name of the package.
    Package,
    /// The first version that fixes it.
    Fix,
    /// Name of the host.
    Host,
    /// Its zone.
    Zone,
    /// Its owner.
    Owner,
    /// The earliest deadline.
    Due,
    /// Since when it is known on the host.
    FirstSeen,
}

impl Column {
    /// All, in the order they are listed.
    pub const ALL: [Self; 11] = [
        Self::Severity,
        Self::Epss,
        Self::Kev,
        Self::Cve,
        Self::Package,
        Self::Fix,
        Self::Host,
        Self::Zone,
        Self::Owner,
        Self::Due,
        Self::FirstSeen,
    ];

    /// The word of the command line and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Epss => "epss",
            Self::Kev => "kev",
            Self::Cve => "cve",
            Self::Package => "package",
            Self::Fix => "fix",
            Self::Host => "host",
            Self::Zone => "zone",
            Self::Owner => "owner",
            Self::Due => "due",
            Self::FirstSeen => "first-seen",
        }
    }
}

/// Which findings; an empty list asks nothing. Different questions must all be met.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Names of hosts, with `*` for anything.
    pub hosts: Vec<String>,
    /// Zones; `None` is "no zone known".
    pub zones: Vec<Option<String>>,
    /// Owners; `None` is "no owner known".
    pub owners: Vec<Option<String>>,
    /// Severities; `None` is "nobody rates it".
    pub severities: Vec<Option<Severity>>,
    /// Listed as known exploited, or not.
    pub kev: Option<bool>,
    /// With a deadline from the first instant to before the second.
    pub due: Option<(Timestamp, Timestamp)>,
    /// Ids: CVE, record or alias, whatever their case.
    pub ids: Vec<String>,
    /// Names of packages, with `*` for anything.
    pub packages: Vec<String>,
    /// Where they stand.
    pub states: Vec<State>,
}

/// A page of findings.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Which findings.
    pub filter: Filter,
    /// The column they are sorted by.
    pub sort: Column,
    /// Largest first.
    pub descending: bool,
    /// Rows before the page.
    pub offset: u64,
    /// Rows of the page, at most.
    pub limit: usize,
}

/// The rows of a page, and how many there are in all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Rows without offset and limit.
    pub total: u64,
    /// The rows asked for.
    pub rows: Vec<Row>,
}

/// One finding on one host.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Number of the rating on the board.
    pub rating: u32,
    /// Number of the release.
    pub release: u32,
    /// Number of the host.
    pub host: u32,
    /// Where it stands.
    pub state: State,
    /// Hours since 1970.
    pub since_hour: i32,
    /// The earliest deadline.
    pub due: Option<Timestamp>,
    /// The first version that fixes it.
    pub fix: Option<String>,
}
