//! What matching one package says: the vulnerabilities it has, and those it has not, each with why.

use advisories::catalog::AdvisoryIx;
use advisories::model::VendorState;
use base::CveId;

/// All that matching one package gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matches {
    /// The vulnerabilities the package has, by id.
    pub affected: Vec<Match>,
    /// The records that name the package and do not hold for it; empty unless asked for ([`crate::Options`]).
    pub not_affected: Vec<Negative>,
    /// Versions or ranges that could not be compared, in words.
    pub notes: Vec<String>,
}

/// One vulnerability (a group of records that are the same one) that a package has.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Id of the record that decided.
    pub id: String,
    /// Every other id of the same vulnerability, sorted.
    pub aliases: Vec<String>,
    /// Every CVE reached, sorted.
    pub cves: Vec<CveId>,
    /// The record that decided.
    pub advisory: AdvisoryIx,
    /// The feed that record is from.
    pub feed: String,
    /// Every record of the group, the deciding one first.
    pub advisories: Vec<AdvisoryIx>,
    /// Which range and event of the record decided.
    pub decided: Decided,
    /// One sentence: why the package is affected.
    pub why: String,
    /// The version that fixes it, from this package's own ranges: the highest any record names, or all of them where the
    /// ecosystem has no order.
    pub fixed: Vec<String>,
    /// What is known about a fix.
    pub fix_state: FixState,
    /// The vendor's own word on the package, where the deciding record has one.
    pub vendor_state: Option<VendorState>,
    /// Records of the group that say otherwise of this very package.
    pub conflicts: Vec<Conflict>,
    /// The source calls the record informational (`unmaintained`, `unsound`, `notice`) rather than a vulnerability.
    pub informational: Option<String>,
}

/// The part of a record that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The record's id.
    pub record: String,
    /// The range in words: `>= 2.0, < 2.4.1`, or `= 1.2.3` for an exact version.
    pub range: String,
    /// The event that ends the affected stretch: `fixed 2.4.1`, `last_affected 2.4.0`, `none`.
    pub event: String,
}

/// A record of the group that does not count the package as affected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The record's id.
    pub record: String,
    /// What it says, in words: `fixed in 2.4.0`.
    pub says: String,
}

/// What is known about a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FixState {
    /// A fixed version is named.
    Fixed,
    /// The vendor has no fix (yet).
    None,
    /// The vendor has said it will not fix it.
    WontFix,
    /// The product is past its support.
    EndOfLife,
    /// No source says.
    Unknown,
}

impl FixState {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::None => "none",
            Self::WontFix => "wont-fix",
            Self::EndOfLife => "end-of-life",
            Self::Unknown => "unknown",
        }
    }
}

/// A record that names the package and does not hold for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negative {
    /// The record's id.
    pub id: String,
    /// Every CVE reached from it.
    pub cves: Vec<CveId>,
    /// Why not.
    pub reason: Reason,
    /// The same in a sentence, with the versions.
    pub detail: String,
    /// The feed the record is from.
    pub source: String,
}

/// Why a record does not hold for a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The distribution fixed it in its own revision of the same upstream version.
    FixedByBackport,
    /// The version is in none of the record's ranges.
    NotInRange,
    /// The record is about other releases of the distribution.
    OtherRelease,
    /// The record is about another module stream.
    ModuleStream,
    /// Installed but not running (a kernel).
    NotRunning,
    /// A VEX statement says so.
    Vex,
    /// A later fix that is installed supersedes this one.
    Superseded,
    /// The vulnerable component is not there.
    ComponentAbsent,
}

impl Reason {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FixedByBackport => "fixed-by-backport",
            Self::NotInRange => "not-in-range",
            Self::OtherRelease => "other-release",
            Self::ModuleStream => "module-stream",
            Self::NotRunning => "not-running",
            Self::Vex => "vex",
            Self::Superseded => "superseded",
            Self::ComponentAbsent => "component-absent",
        }
    }
}
