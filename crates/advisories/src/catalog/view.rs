//! What a catalog answers with: the model again, with texts borrowed from the file.

use base::{CveId, Kb, Severity};
use jiff::Timestamp;
use jiff::civil::Date;
use versions::{Event, Range};

use crate::model::{Affected, CveRecord, CvssVector, EpssRow, KevEntry, VendorState};

/// The number of an advisory in one catalog; advisories are numbered in the order of their ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AdvisoryIx(pub u32);

/// What the catalog remembers of one feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedInfo {
    /// `kev`, `epss`, `osv/Debian`.
    pub name: String,
    /// The date the feed is of: as set, else as its documents say, else the newest change of its records.
    pub as_of: Option<Timestamp>,
    /// Records seen.
    pub read: u64,
    /// Records that are in the catalog because of this feed.
    pub kept: u64,
    /// Records left out, by reason, sorted.
    pub skipped: Vec<(String, u64)>,
}

/// A CVSS vector in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CvssVectorView<'c> {
    /// The vector text as published.
    pub vector: &'c str,
    /// Who scored.
    pub source: &'c str,
}

impl CvssVectorView<'_> {
    /// The same, owned.
    pub fn to_model(self) -> CvssVector {
        CvssVector {
            vector: self.vector.to_owned(),
            source: self.source.to_owned(),
        }
    }
}

/// Somebody's word that a vulnerability is used in attacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExploitedView<'c> {
    /// Whose word it is.
    pub says: &'c str,
    /// Since when, where that is known.
    pub since: Option<Date>,
}

/// One affected entry of an advisory, for one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<'c> {
    /// The advisory.
    pub advisory: AdvisoryIx,
    /// As published: `Debian:12`.
    pub ecosystem: &'c str,
    /// As published.
    pub package: &'c str,
    /// Ranges of affected versions.
    pub ranges: Vec<Range<&'c str>>,
    /// Affected versions outside the ranges, sorted by their text.
    pub versions: Vec<&'c str>,
    /// Versions that are not affected although a range covers them.
    pub except: Vec<&'c str>,
    /// CVSS vectors that hold for this package only.
    pub scores: Vec<CvssVectorView<'c>>,
    /// The part of the product that has the hole.
    pub component: Option<&'c str>,
    /// Updates any of which closes it, by number.
    pub updates: Vec<Kb>,
    /// What the vendor says of fixing it.
    pub vendor_state: Option<VendorState>,
}

impl<'c> Candidate<'c> {
    /// The part of the ecosystem after the first colon; empty if there is none.
    pub fn release(&self) -> &'c str {
        release_of(self.ecosystem)
    }

    /// The same, owned, to be put into another catalog.
    pub(super) fn into_model(self) -> Affected {
        let own = |range: Range<&str>| Range {
            kind: range.kind,
            events: range
                .events
                .into_iter()
                .map(|e| Event {
                    kind: e.kind,
                    version: e.version.to_owned(),
                })
                .collect(),
        };
        let Ok(ecosystem) = self.ecosystem.parse();
        Affected {
            ecosystem,
            package: self.package.to_owned(),
            ranges: self.ranges.into_iter().map(own).collect(),
            versions: self.versions.into_iter().map(str::to_owned).collect(),
            except: self.except.into_iter().map(str::to_owned).collect(),
            scores: self
                .scores
                .into_iter()
                .map(CvssVectorView::to_model)
                .collect(),
            component: self.component.map(str::to_owned),
            updates: self.updates,
            vendor_state: self.vendor_state,
        }
    }
}

/// The release in an ecosystem text; empty if there is none.
pub(super) fn release_of(ecosystem: &str) -> &str {
    ecosystem.split_once(':').map_or("", |(_, release)| release)
}

/// An advisory without what it affects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdvisoryView<'c> {
    /// The source's id.
    pub id: &'c str,
    /// The first feed, by name, that carries it.
    pub feed: &'c str,
    /// Every feed that carries it, by name.
    pub feeds: Vec<&'c str>,
    /// Other ids of the same vulnerability.
    pub aliases: Vec<&'c str>,
    /// Ids the source calls related.
    pub related: Vec<&'c str>,
    /// Ids upstream of this one.
    pub upstream: Vec<&'c str>,
    /// When the source published it.
    pub published: Option<Timestamp>,
    /// When the source last changed it.
    pub modified: Option<Timestamp>,
    /// When the source withdrew it.
    pub withdrawn: Option<Timestamp>,
    /// One line for people.
    pub summary: &'c str,
    /// CVSS vectors for the whole record.
    pub scores: Vec<CvssVectorView<'c>>,
    /// The source's own severity word.
    pub severity: Option<Severity>,
    /// Set when the source says that the record is no vulnerability.
    pub informational: Option<&'c str>,
    /// Set when somebody says that it is used in attacks.
    pub exploited: Option<ExploitedView<'c>>,
    /// Where a person reads more.
    pub references: Vec<&'c str>,
    /// Every CVE the record is about, sorted.
    pub cves: Vec<CveId>,
}

/// What is known of a CVE besides advisories.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CveFacts {
    /// Its EPSS row, from the newest EPSS feed that has one.
    pub epss: Option<EpssRow>,
    /// Its KEV entry, from the newest KEV feed that has one.
    pub kev: Option<KevEntry>,
    /// Its record: the newest, with the scores of all feeds and the newest SSVC points.
    pub record: Option<CveRecord>,
}
