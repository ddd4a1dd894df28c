//! What a list is complete for.

use jiff::Timestamp;

use crate::briefing::Hosts;

/// What was asked, how much there is, as of when, and what the list cannot answer for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// The filter as it was given; empty: everything.
    pub query: String,
    /// What else shaped the list, by name: `sort`, `limit`.
    pub parameters: Vec<(String, String)>,
    /// How many rows there are in all.
    pub total: usize,
    /// How many rows come before the first that is shown.
    pub offset: usize,
    /// The moment whose knowledge it shows; `None`: what is known now.
    pub as_of: Option<Timestamp>,
    /// When it was made.
    pub now: Timestamp,
    /// Digest of the catalog.
    pub catalog: String,
    /// How many hosts it looked at.
    pub hosts: usize,
    /// The hosts it cannot answer for, by why.
    pub gaps: Vec<Gap>,
}

/// Hosts a list cannot answer for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub kind: GapKind,
    /// Which.
    pub hosts: Hosts,
    /// More of it, in a few words: `for more than 24 hours`, `Gentoo`; may be empty.
    pub detail: String,
}

/// Why a list cannot answer for a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// It stands in a list of hosts and never reported.
    NeverSeen,
    /// It has not reported for a while.
    NotReported,
    /// No feed covers its packages, or some of them.
    NotCovered,
    /// Nobody says whether it is exposed.
    ExposureUnknown,
    /// What was asked for is not in its inventory: ports, files.
    NotRead,
}

impl GapKind {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeverSeen => "never-seen",
            Self::NotReported => "not-reported",
            Self::NotCovered => "not-covered",
            Self::ExposureUnknown => "exposure-unknown",
            Self::NotRead => "not-read",
        }
    }

    /// For people.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::NeverSeen => "never reported",
            Self::NotReported => "did not report",
            Self::NotCovered => "not covered by any feed",
            Self::ExposureUnknown => "exposure unknown",
            Self::NotRead => "not in the inventory",
        }
    }
}
