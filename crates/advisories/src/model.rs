//! The Advisory and the facts about a CVE that do not come with one (KEV, EPSS, SSVC), as plain values.

use base::{CveId, Ecosystem, Kb, Severity};
use jiff::Timestamp;
use jiff::civil::Date;
use versions::Range;

/// One published vulnerability record of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Advisory {
    /// The source's id: `GHSA-…`, `DSA-5532-1`, `CVE-2023-0286`, `ALSA-2024:1234`.
    pub id: String,
    /// Other ids of the same vulnerability, as the source says.
    pub aliases: Vec<String>,
    /// Ids the source calls related; for some distributions these are the CVEs the erratum fixes (see [`Advisory::cves`]).
    pub related: Vec<String>,
    /// Ids of the vulnerability upstream of this one (OSV 1.7 `upstream`).
    pub upstream: Vec<String>,
    /// When the source published it. `None` where its date is known to be something else (Bitnami, Red Hat: the import).
    pub published: Option<Timestamp>,
    /// When the source last changed it.
    pub modified: Option<Timestamp>,
    /// When the source withdrew it; a withdrawn record matches nothing and is kept to be explained.
    pub withdrawn: Option<Timestamp>,
    /// One line for people, at most [`SUMMARY_CHARS`] characters; empty if the source has none.
    pub summary: String,
    /// CVSS vectors the source gives for the whole record.
    pub scores: Vec<CvssVector>,
    /// The source's own severity word, where it has one.
    pub severity: Option<Severity>,
    /// Set when the source says that the record is no vulnerability: RustSec's `unmaintained`, `unsound`, `notice`. Such a
    /// record is a warning, not a finding.
    pub informational: Option<String>,
    /// Set when somebody says that the vulnerability is used in attacks, ahead of or beside the KEV lists.
    pub exploited: Option<Exploited>,
    /// What it affects; empty for a record that is kept for its ids only.
    pub affected: Vec<Affected>,
    /// Where a person reads more, best first: the source's advisory, then fixes; at most [`REFERENCES_MAX`].
    pub references: Vec<String>,
}

/// The longest summary kept.
pub const SUMMARY_CHARS: usize = 240;
/// The most references kept of one record.
pub const REFERENCES_MAX: usize = 3;

/// Somebody's word that a vulnerability is used in attacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exploited {
    /// Whose word it is: `our incident of 3 March`, `the vendor`.
    pub says: String,
    /// Since when, where that is known.
    pub since: Option<Date>,
}

/// A CVSS vector as published; parsed and scored in `risk`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CvssVector {
    /// The vector text, `CVSS:3.1/AV:N/…` or a bare v2 vector.
    pub vector: String,
    /// Who scored: the feed's name, or `nvd`, `cisa-adp`, the CNA's short name.
    pub source: String,
}

/// One package of an advisory with the versions it affects.
#[derive(Clone, Debug, PartialEq)]
pub struct Affected {
    /// As published: `Debian:12`, `npm`, `Red Hat:enterprise_linux:8::appstream`.
    pub ecosystem: Ecosystem,
    /// As published. Debian, Ubuntu and Alpine name source packages; Red Hat, AlmaLinux and Rocky binary ones.
    pub package: String,
    /// Ranges over versions; git ranges are left out.
    pub ranges: Vec<Range>,
    /// Versions affected besides the ranges. Those a range already covers are left out when the catalog is compiled.
    pub versions: Vec<String>,
    /// Versions that are not affected although a range covers them: lower bounds the source meant as "after this one".
    pub except: Vec<String>,
    /// CVSS vectors that hold for this package only.
    pub scores: Vec<CvssVector>,
    /// The part of the product that has the hole, in the source's word: `Windows DNS Server`.
    pub component: Option<String>,
    /// Updates of Windows and other Microsoft products, any of which closes it. Whether a later update that contains one of
    /// them is installed is for matching to find out, from [`Update`]s.
    pub updates: Vec<Kb>,
    /// What the source says of fixing it, where it says something.
    pub vendor_state: Option<VendorState>,
}

/// A vendor's own word on a package that may have no fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VendorState {
    /// Debian urgency `unimportant`: not a security problem in the vendor's eyes.
    Unimportant,
    /// Debian urgency `end-of-life`, or a product past its support.
    EndOfLife,
    /// The vendor has said it will not fix it.
    WontFix,
    /// Affected, and the vendor has no fix so far.
    NoFixYet,
    /// The vendor has not said yet whether it is affected.
    UnderInvestigation,
    /// The vendor says that it is not affected: the entry's ranges and versions are those that are cleared.
    NotAffected,
}

/// The ecosystem of Microsoft's products: the package is the product's name as MSRC prints it, the remedy an update.
pub const MICROSOFT: &str = "Microsoft";

/// The ecosystem of products that no package manager installs (appliances, gateways, hypervisors): the package is
/// `vendor/product` in the spelling of CPE names. Records for it come from NVD and from the CVE list, the weaker sources.
pub const PRODUCT: &str = "product";

/// The feed of advisories that a team writes itself. It is as new as what is said in it, and says nothing of how new the others are.
pub const LOCAL: &str = "local";

/// What is known of one update of a Microsoft product: facts of the update, not of a vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Update {
    /// The product it is for, as MSRC prints it: `Windows Server 2019`. One number may serve several products.
    pub product: String,
    /// Its number.
    pub kb: Kb,
    /// The day it was released.
    pub released: Option<Date>,
    /// The updates it replaces, as published. Chains of these are broken in the data: see docs/decisions.
    pub supersedes: Vec<Kb>,
    /// The build a machine has after it, where the source says: `10.0.17763.8385`.
    pub build: Option<String>,
    /// The part of the product it updates, where that is not the whole: `Adobe Flash Player`, `.NET Framework`. Empty: the
    /// product itself.
    pub component: String,
}

/// One entry of a Known Exploited Vulnerabilities catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KevEntry {
    /// The CVE.
    pub cve: CveId,
    /// When it was listed.
    pub added: Date,
    /// The due date the catalogue prints. May precede `added`; CISA edits it in place.
    pub due: Option<Date>,
    /// Known use in ransomware: `Some(true)` known, `None` "Unknown" in the catalogue's word.
    pub ransomware: Option<bool>,
    /// Vendor, as the catalogue names it.
    pub vendor: String,
    /// Product, as the catalogue names it.
    pub product: String,
    /// Short name of the vulnerability.
    pub name: String,
}

/// One EPSS row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpssRow {
    /// The CVE.
    pub cve: CveId,
    /// Probability of exploitation in the next 30 days, 0 to 1.
    pub score: f32,
    /// Share of CVEs with a lower or equal score, 0 to 1.
    pub percentile: f32,
}

/// Which model made the EPSS scores and for which day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpssModel {
    /// `v2025.03.14`, or what the file says.
    pub version: String,
    /// The day the scores are for.
    pub date: Option<Date>,
}

/// SSVC decision points published by CISA in a CVE record's ADP container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ssvc {
    /// State of exploitation.
    pub exploitation: Option<Exploitation>,
    /// Whether steps 1 to 4 of the kill chain can be automated.
    pub automatable: Option<bool>,
    /// Whether the attacker gains total control (`true`) or partial (`false`).
    pub total_impact: Option<bool>,
    /// When CISA decided.
    pub at: Option<Timestamp>,
}

/// SSVC Exploitation 1.1.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exploitation {
    /// No evidence, no public proof of concept.
    None,
    /// Public proof of concept.
    Poc,
    /// Active exploitation.
    Active,
}

impl Exploitation {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Poc => "poc",
            Self::Active => "active",
        }
    }
}

/// What a CVE record itself says, without its product ranges.
#[derive(Clone, Debug, PartialEq)]
pub struct CveRecord {
    /// The CVE.
    pub cve: CveId,
    /// Publication in the CVE list.
    pub published: Option<Timestamp>,
    /// Last change.
    pub modified: Option<Timestamp>,
    /// The record was rejected: the id means nothing.
    pub rejected: bool,
    /// One line for people, at most [`SUMMARY_CHARS`] characters.
    pub summary: String,
    /// CVSS vectors with who scored.
    pub scores: Vec<CvssVector>,
    /// CISA's SSVC decision points.
    pub ssvc: Option<Ssvc>,
}

/// What one document of a feed brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Advisories with package ranges.
    pub advisories: Vec<Advisory>,
    /// KEV rows.
    pub kev: Vec<KevEntry>,
    /// EPSS rows.
    pub epss: Vec<EpssRow>,
    /// Updates of Microsoft products.
    pub updates: Vec<Update>,
    /// The EPSS model line.
    pub epss_model: Option<EpssModel>,
    /// CVE records.
    pub cves: Vec<CveRecord>,
    /// The feed's own date, where the document states one (KEV `dateReleased`, EPSS `score_date`).
    pub as_of: Option<Timestamp>,
    /// Records seen, whether kept or not.
    pub read: u64,
    /// Records left out, by reason.
    pub skipped: Vec<(String, u64)>,
}
