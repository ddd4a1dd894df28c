//! The result of a scan, as data (`daywatch.scan/1`).

use std::fmt;

use base::{CveId, Note};
use fleet::asset::Asset;
use fleet::finding::Finding;
use fleet::suppression::Suppression;
use inventory::{Service, StaleProcess};
use jiff::Timestamp;
use matching::Reason;

/// A scan of one or more targets against one catalog.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanReport {
    /// When it was made (`--now`).
    pub now: Timestamp,
    /// The catalog it was made with.
    pub catalog: CatalogInfo,
    /// The targets, in the order the user named them.
    pub targets: Vec<Target>,
    /// Findings, by target, package, id.
    pub findings: Vec<Finding>,
    /// Records that name a package and do not hold for it; only as full as the caller asked.
    pub not_affected: Vec<NotAffected>,
    /// Findings set aside.
    pub suppressed: Vec<(Finding, Suppression)>,
    /// What could not be read, over all targets.
    pub errors: Vec<TargetNote>,
    /// What changed since an earlier scan, where one was given.
    pub since: Option<Since>,
}

/// What changed since an earlier scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// When that scan was made.
    pub made: Option<Timestamp>,
    /// Open findings it did not have.
    pub new: usize,
    /// Open findings it had.
    pub known: usize,
    /// Findings it had that are neither open nor suppressed any more, sorted.
    pub gone: Vec<Gone>,
}

/// A finding of an earlier scan that is no more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gone {
    /// The target's name in that scan.
    pub target: String,
    /// The package.
    pub package: String,
    /// The record's id.
    pub id: String,
    /// The version that was installed.
    pub version: String,
}

impl ScanReport {
    /// How many findings each target has: one pass, however many targets there are.
    pub(crate) fn found(&self) -> Vec<usize> {
        let mut found = vec![0; self.targets.len()];
        for finding in &self.findings {
            if let Some(count) = found.get_mut(finding.target) {
                *count += 1;
            }
        }
        found
    }

    /// Everything that was noted, each once: what could not be read, then what the targets' readers noted.
    pub fn all_notes(&self) -> impl Iterator<Item = TargetNote> {
        all_notes(&self.errors, &self.targets)
    }
}

/// What could not be read, then what the targets' readers noted, each once.
pub(crate) fn all_notes(
    errors: &[TargetNote],
    targets: &[Target],
) -> impl Iterator<Item = TargetNote> {
    let of_targets = targets.iter().flat_map(|target| {
        target.notes.iter().map(|note| TargetNote {
            target: Some(target.name.clone()),
            note: note.clone(),
        })
    });
    let mut seen = std::collections::HashSet::new();
    errors
        .iter()
        .cloned()
        .chain(of_targets)
        .filter(move |entry| seen.insert((entry.target.clone(), entry.note.to_string())))
}

/// Which catalog answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogInfo {
    /// Digest of the file.
    pub digest: String,
    /// Newest as-of of its inputs.
    pub built: Option<Timestamp>,
    /// Its feeds, by name.
    pub feeds: Vec<FeedAge>,
}

/// A feed and the date it is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedAge {
    /// `osv/Debian`, `kev`, `epss`.
    pub name: String,
    /// The newest the feed knows of.
    pub as_of: Option<Timestamp>,
}

/// How a note begins that says what no feed covers; such notes are told apart from what could not be read.
pub const NOT_COVERED: &str = "not covered: ";

/// How a note begins that tells until when a target's system gets security updates.
pub const SUPPORT: &str = "support: ";

/// [`Target::kind`] of what is known only from another tool's results.
pub const IMPORTED: &str = "results";

/// One target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// As the user named it.
    pub name: String,
    /// `machine`, `image`, `application`, or [`IMPORTED`].
    pub kind: &'static str,
    /// The operating system in words, if one was found: `Debian GNU/Linux 12 (bookworm)`.
    pub os: Option<String>,
    /// What the team says about it; all unknown when nobody said anything.
    pub asset: Asset,
    /// How many packages were read.
    pub packages: usize,
    /// How many of those no feed covers (their ecosystem or release is in no feed), by ecosystem.
    pub not_covered: Vec<(String, usize)>,
    /// What was noted while reading it.
    pub notes: Vec<Note>,
    /// What runs on it, as far as that was read.
    pub runs: Runs,
}

/// What runs on a target, beside the packages that lie on its disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// The running kernel.
    pub kernel: Option<String>,
    /// Ports something listens on.
    pub services: Vec<Service>,
    /// Processes that still run code which was replaced.
    pub restart: Vec<StaleProcess>,
}

/// An explained negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAffected {
    /// The record's id.
    pub id: String,
    /// Every CVE reached.
    pub cves: Vec<CveId>,
    /// Index into the targets.
    pub target: usize,
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Why not.
    pub reason: Reason,
    /// The same in a sentence.
    pub detail: String,
    /// Who says so: a feed, or the VEX document.
    pub source: String,
}

/// A note with the target it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetNote {
    /// The target's name, if it belongs to one.
    pub target: Option<String>,
    /// The note.
    pub note: Note,
}

impl TargetNote {
    /// The target, unless the note names it as its file.
    pub fn place(&self) -> Option<&str> {
        let target = self.target.as_deref()?;
        (self.note.file.as_deref() != Some(target)).then_some(target)
    }
}

impl fmt::Display for TargetNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place() {
            write!(f, "{place}: ")?;
        }
        self.note.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_its_target_once() {
        let check = |file: Option<&str>, expected: &str| {
            let mut note = Note::error("broken");
            note.file = file.map(str::to_owned);
            let target = Some("bom.json".to_owned());
            assert_eq!(TargetNote { target, note }.to_string(), expected);
        };
        check(None, "bom.json: broken");
        check(Some("bom.json"), "bom.json: broken");
        check(Some("a/Cargo.lock"), "bom.json: a/Cargo.lock: broken");
    }
}
