//! OSV records checked against themselves: every version a record lists should fall into one of its ranges
//! (<https://ossf.github.io/osv-schema/#affectedversions-field>: the list is the ranges written out).
//!
//! The list was written out by the source's own order of versions, so this is an oracle for ours that nobody here wrote:
//! an entry outside all ranges is a defect of the record or of our order.

use std::collections::BTreeMap;

use base::Ecosystem;
use versions::{Range, Verdict};

use crate::model::{Advisory, Affected};

/// What was found in a set of records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consistency {
    /// By ecosystem name, without release.
    pub ecosystems: BTreeMap<String, Counts>,
    /// Every listed version that is in no range, in the order of the records.
    pub outside: Vec<Outside>,
}

/// Counts for one ecosystem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Affected entries with both versions and ranges.
    pub entries: u64,
    /// Versions in them.
    pub versions: u64,
    /// Of these, in no range.
    pub outside: u64,
    /// Of these, not decided: one of the two versions is not one of the ecosystem's order, or there is no such order.
    pub undecided: u64,
}

/// One listed version that no range covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The record's id.
    pub record: String,
    /// The ecosystem, with release.
    pub ecosystem: Ecosystem,
    /// The package.
    pub package: String,
    /// The version.
    pub version: String,
}

/// Checks every affected entry that has both versions and ranges.
pub fn check<'a>(advisories: impl IntoIterator<Item = &'a Advisory>) -> Consistency {
    let mut found = Consistency::default();
    for advisory in advisories {
        for affected in &advisory.affected {
            if !affected.versions.is_empty() && !affected.ranges.is_empty() {
                found.add(&advisory.id, affected);
            }
        }
    }
    found
}

impl Consistency {
    /// Adds what was found in another set of records.
    pub fn merge(&mut self, other: Self) {
        for (ecosystem, more) in other.ecosystems {
            let counts = self.ecosystems.entry(ecosystem).or_default();
            counts.entries += more.entries;
            counts.versions += more.versions;
            counts.outside += more.outside;
            counts.undecided += more.undecided;
        }
        self.outside.extend(other.outside);
    }

    fn add(&mut self, record: &str, affected: &Affected) {
        let counts = self
            .ecosystems
            .entry(affected.ecosystem.name().to_owned())
            .or_default();
        counts.entries += 1;
        for version in &affected.versions {
            counts.versions += 1;
            match is_inside(&affected.ranges, &affected.ecosystem, version) {
                Some(true) => {}
                None => counts.undecided += 1,
                Some(false) => {
                    counts.outside += 1;
                    self.outside.push(Outside {
                        record: record.to_owned(),
                        ecosystem: affected.ecosystem.clone(),
                        package: affected.package.clone(),
                        version: version.clone(),
                    });
                }
            }
        }
    }
}

/// Whether any of the ranges covers the version; `None` if none does and one could not be decided.
pub(super) fn is_inside(ranges: &[Range], ecosystem: &Ecosystem, version: &str) -> Option<bool> {
    let mut decided = Some(false);
    for range in ranges {
        let Some(scheme) = range.kind.scheme(ecosystem.name()) else {
            decided = None;
            continue;
        };
        match range.check(scheme, version) {
            Ok(Verdict::Inside { .. }) => return Some(true),
            Ok(_) => {}
            Err(_) => decided = None,
        }
    }
    decided
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::{Document, Feed as _, Osv};

    #[test]
    fn a_listed_version_outside_every_range_is_found() {
        let record = br#"{"id":"T-1","modified":"2024-01-01T00:00:00Z","affected":[{
            "package":{"ecosystem":"Debian:12","name":"p"},
            "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"1.0-1"},{"fixed":"1.2-1"}]}],
            "versions":["1.0-1","1.1-1","1.2-1"]}]}"#;
        let document = Document {
            name: "t",
            bytes: record,
        };
        let found = check(&Osv.parse(&document).value.advisories);
        let counts = Counts {
            entries: 1,
            versions: 3,
            outside: 1,
            undecided: 0,
        };
        assert_eq!(found.ecosystems.get("Debian"), Some(&counts));
        assert_eq!(
            found
                .outside
                .iter()
                .map(|o| o.version.as_str())
                .collect::<Vec<_>>(),
            ["1.2-1"]
        );
    }
}
