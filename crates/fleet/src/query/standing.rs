//! What stands on the releases of a fleet: ratings, and where each stands on which hosts since when.

use std::sync::Arc;

use base::Severity;
use jiff::Timestamp;
use jiff::civil::Date;
use roaring::RoaringBitmap;

/// A vulnerability as its records rate it for a package. Two packages that are rated apart are two ratings.
#[derive(Clone, Debug, PartialEq)]
pub struct Rating {
    /// What it is shown as: its first CVE, else the id of the record.
    pub name: String,
    /// Every id it goes by.
    pub ids: Vec<String>,
    /// What is known of it.
    pub scores: Scores,
}

/// The facts of a vulnerability that pages filter, sort and date by; `None` is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// Severity, as ranked.
    pub severity: Option<Severity>,
    /// Highest CVSS base score in tenths.
    pub cvss_tenths: Option<u8>,
    /// Highest EPSS score, 0 to 1.
    pub epss: Option<f32>,
    /// Listed as known exploited: the day, and the day CISA set.
    pub kev: Option<(Date, Option<Date>)>,
    /// SSVC: `none`, `poc` or `active`.
    pub exploitation: Option<&'static str>,
    /// SSVC: can be automated.
    pub automatable: Option<bool>,
    /// SSVC: the impact is total.
    pub total_impact: Option<bool>,
    /// When the vendor released the fix.
    pub released: Option<Timestamp>,
    /// A record says that it is exploited, whoever wrote it.
    pub is_claimed: bool,
    /// When its rank rose to what it is.
    pub reranked: Option<Timestamp>,
    /// A notice, or what the vendor calls no security problem and nobody exploits: no policy sets it a date.
    pub is_dismissed: bool,
}

impl Scores {
    /// Whether the team's rank, severity and known exploitation, is higher than by others; a score that rises is no rank.
    pub(super) fn ranks_above(&self, others: &Self) -> bool {
        self.severity > others.severity || (self.kev.is_some() && others.kev.is_none())
    }
}

/// Where a finding stands; the order is that of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nothing was seen to close it.
    Open,
    /// It was seen fixed before.
    Reopened,
    /// Something seen by a report keeps it from being used.
    Mitigated,
    /// The fix is installed and does not run yet.
    AwaitsRestart,
    /// Set aside by a suppression.
    Suppressed,
}

/// One rating on some hosts of a release, all in the same state since the same hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Number of the rating.
    pub rating: u32,
    /// The first version that fixes it, if any.
    pub fix: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Hours since 1970.
    pub since_hour: i32,
    /// The hosts; `None` for all that have the release.
    pub hosts: Option<Arc<RoaringBitmap>>,
}

/// Hosts of a release on which all of a pattern's findings are in one state since one hour.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) state: State,
    pub(super) hour: i32,
    /// `None` for all hosts of the release.
    pub(super) hosts: Option<Arc<RoaringBitmap>>,
}

/// One rating on a release.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) rating: u32,
    /// Number of its fix; 0 is none.
    pub(super) fix: u32,
    /// Which of the release's patterns says where it stands on which hosts.
    pub(super) pattern: u32,
}

/// What stands on a release.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    pub(super) ecosystem: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) version: Arc<str>,
    pub(super) hosts: RoaringBitmap,
    /// By rating.
    pub(super) pairs: Vec<Pair>,
    pub(super) patterns: Vec<Vec<Span>>,
}

impl Span {
    pub(super) fn of(cell: &Cell) -> Self {
        Self {
            state: cell.state,
            hour: cell.since_hour,
            hosts: cell.hosts.clone(),
        }
    }
}

impl Standing {
    pub(super) fn hosts_of<'a>(&'a self, span: &'a Span) -> &'a RoaringBitmap {
        span.hosts.as_deref().unwrap_or(&self.hosts)
    }
}
