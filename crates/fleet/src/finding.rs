//! A finding: one vulnerability × package@version × target, with every fact a decision was made from.

use base::{CveId, Severity};
use inventory::{Location, Package};
use jiff::Timestamp;
use jiff::civil::Date;
use matching::{Conflict, Decided, FixState};
use risk::cvss::Scored;
use risk::policy::Decision;

use crate::glob;

/// [`Finding::severity_source`] of what its vendor calls no security problem.
pub const UNIMPORTANT: &str = "vendor: unimportant";

/// One vulnerability on one package@version of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Index into the report's targets.
    pub target: usize,
    /// The target's name, as in the report's targets.
    pub target_name: String,
    /// Id of the record that decided.
    pub id: String,
    /// Every other id, sorted.
    pub aliases: Vec<String>,
    /// Every CVE reached, sorted.
    pub cves: Vec<CveId>,
    /// `Debian:12`, `npm`.
    pub ecosystem: String,
    /// The installed package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Canonical package URL, if one could be made.
    pub purl: Option<String>,
    /// Source package, for distributions.
    pub source_package: Option<String>,
    /// Where it was found.
    pub locations: Vec<Location>,
    /// Versions that fix it, lowest first.
    pub fixed: Vec<String>,
    /// What is known about a fix.
    pub fix_state: FixState,
    /// Which range and event of which record decided.
    pub decided: Decided,
    /// One sentence: why it is affected.
    pub why: String,
    /// Records of the same vulnerability that say otherwise.
    pub conflicts: Vec<Conflict>,
    /// One line from the record, for people; hostile text.
    pub summary: String,
    /// Where to read more, best first.
    pub references: Vec<String>,
    /// `unmaintained`, `unsound`, `notice`: the record is informational, not a vulnerability.
    pub informational: Option<String>,
    /// Severity, as ranked; `None` when no source rates it.
    pub severity: Option<Severity>,
    /// Who gave the severity: a feed's word or a CVSS source.
    pub severity_source: Option<String>,
    /// Every score, highest CVSS version first, then by source.
    pub cvss: Vec<CvssScore>,
    /// The highest EPSS among its CVEs.
    pub epss: Option<Epss>,
    /// The earliest KEV listing among its CVEs.
    pub kev: Option<Kev>,
    /// The most severe SSVC points among its CVEs.
    pub ssvc: Option<SsvcPoints>,
    /// When the source first published a record of it, where its date can be trusted.
    pub published: Option<Timestamp>,
    /// Every policy's decision; the earliest is [`Finding::decision`].
    pub decisions: Vec<Decision>,
    /// Index into `decisions` of the earliest.
    pub earliest: Option<usize>,
    /// The tool whose verdict this is: `trivy 0.74.0`; `None` when it is our own.
    pub source: Option<String>,
    /// Other tools that report the same, sorted.
    pub also_reported_by: Vec<String>,
    /// Whether an earlier scan did not have it; `None` without one to compare with.
    pub is_new: Option<bool>,
}

impl Finding {
    /// A key that stays the same from scan to scan of the same target.
    pub fn key(&self) -> String {
        key(
            &self.id,
            &self.ecosystem,
            &self.package,
            &self.version,
            &self.target_name,
        )
    }

    /// The key a finding of this record on this package will have.
    pub fn key_of(id: &str, package: &Package, target_name: &str) -> String {
        let ecosystem = package
            .ecosystem
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        key(
            id,
            &ecosystem,
            &package.name,
            package.version.as_deref().unwrap_or_default(),
            target_name,
        )
    }

    /// Whether this is one of its ids, aliases or CVEs, whatever the case of its letters.
    pub fn is_called(&self, id: &str) -> bool {
        let mut ids = std::iter::once(&self.id).chain(&self.aliases);
        ids.any(|own| own.eq_ignore_ascii_case(id))
            || self
                .cves
                .iter()
                .any(|cve| cve.to_string().eq_ignore_ascii_case(id))
    }

    /// Whether its package or its source package is called so; `*` stands for any run of characters.
    pub fn is_of(&self, glob: &str) -> bool {
        let source = self.source_package.as_deref();
        glob::matches(glob, &self.package) || source.is_some_and(|s| glob::matches(glob, s))
    }

    /// The earliest decision.
    pub fn decision(&self) -> Option<&Decision> {
        self.earliest.and_then(|i| self.decisions.get(i))
    }

    /// The vendor says that it is no security problem, and nobody is known to exploit it: no policy sets it a date.
    pub fn is_unimportant(&self) -> bool {
        self.kev.is_none() && self.severity_source.as_deref() == Some(UNIMPORTANT)
    }

    /// The earliest deadline.
    pub fn due(&self) -> Option<Timestamp> {
        self.decision().and_then(|d| d.by)
    }
}

fn key(id: &str, ecosystem: &str, package: &str, version: &str, target: &str) -> String {
    format!("{id}|{ecosystem}|{package}|{version}|{target}")
}

/// A scored CVSS vector and who scored.
#[derive(Clone, Debug, PartialEq)]
pub struct CvssScore {
    /// The score.
    pub scored: Scored,
    /// The vector as published.
    pub vector: String,
    /// Who scored.
    pub source: String,
}

/// An EPSS score with the model it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Epss {
    /// Probability of exploitation in 30 days, 0 to 1.
    pub score: f32,
    /// Share of CVEs scored lower or equal, 0 to 1.
    pub percentile: f32,
    /// The model's version, as the file says.
    pub model: Option<String>,
    /// The day the score is for.
    pub as_of: Option<Date>,
}

/// A KEV listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kev {
    /// Which CVE is listed.
    pub cve: CveId,
    /// When.
    pub added: Date,
    /// The due date CISA published.
    pub due: Option<Date>,
    /// Known use in ransomware; `None` is "unknown".
    pub ransomware: Option<bool>,
}

/// SSVC decision points with who decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsvcPoints {
    /// `none`, `poc` or `active`.
    pub exploitation: Option<&'static str>,
    /// Whether it can be automated.
    pub automatable: Option<bool>,
    /// Whether the impact is total.
    pub total_impact: Option<bool>,
    /// Who decided and when: `cisa-adp 2024-08-01`.
    pub source: String,
}
