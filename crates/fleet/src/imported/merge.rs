//! Another tool's findings beside our own: what both found on a target stays once, as ours, and theirs is named there.

use std::collections::{BTreeSet, HashMap};

use crate::finding::Finding;

/// Findings of one target with the same id, beyond which no more are compared: what is over it is shown beside them.
const CANDIDATES_MAX: usize = 256;

/// The findings of a scan while those of other tools are put beside them.
#[derive(Debug)]
pub struct Merge {
    findings: Vec<Finding>,
    index: Index,
    /// Findings that learned of further places, which are not in order yet.
    unordered: BTreeSet<usize>,
}

impl Merge {
    /// Begins with what is known.
    pub fn new(findings: Vec<Finding>) -> Self {
        let mut index = Index::default();
        for (at, finding) in findings.iter().enumerate() {
            index.add(at, finding);
        }
        Self {
            findings,
            index,
            unordered: BTreeSet::new(),
        }
    }

    /// Adds findings of another tool. One that is there already, ours or another tool's, only learns who else reports it.
    pub fn add(&mut self, theirs: Vec<Finding>) {
        for finding in theirs {
            let Some(at) = self.index.same(&self.findings, &finding) else {
                self.index.add(self.findings.len(), &finding);
                self.findings.push(finding);
                continue;
            };
            let known = &mut self.findings[at];
            if known.source == finding.source {
                known.locations.extend(finding.locations);
                self.unordered.insert(at);
            } else if let Some(tool) = finding.source
                && !known.also_reported_by.contains(&tool)
            {
                known.also_reported_by.push(tool);
                known.also_reported_by.sort();
            }
        }
    }

    /// All of them.
    pub fn finish(mut self) -> Vec<Finding> {
        for at in self.unordered {
            let locations = &mut self.findings[at].locations;
            locations.sort();
            locations.dedup();
        }
        self.findings
    }
}

/// Findings by target, package and id.
#[derive(Debug, Default)]
struct Index(HashMap<(usize, String, String), Vec<usize>>);

impl Index {
    fn add(&mut self, at: usize, finding: &Finding) {
        let names = [Some(&finding.package), finding.source_package.as_ref()];
        for name in names.into_iter().flatten() {
            for id in ids(finding) {
                let entry = self.0.entry((finding.target, plain(name), id)).or_default();
                if entry.last() != Some(&at) && entry.len() < CANDIDATES_MAX {
                    entry.push(at);
                }
            }
        }
    }

    /// A finding there is that says all this one says: its record, or each of its CVEs. A plug-in of a network scanner that
    /// bundles thirty CVEs is not the same as a finding of ours with one of them.
    fn same(&self, findings: &[Finding], finding: &Finding) -> Option<usize> {
        let package = plain(&finding.package);
        ids(finding)
            .into_iter()
            .filter_map(|id| self.0.get(&(finding.target, package.clone(), id)))
            .flatten()
            .copied()
            .find(|&at| {
                let known = &findings[at];
                let is_version = known.version == finding.version
                    || known.source.is_none()
                    || finding.version.is_empty();
                let all = finding.cves.iter().all(|cve| known.cves.contains(cve));
                is_version && (all || known.id == finding.id)
            })
    }
}

fn ids(finding: &Finding) -> Vec<String> {
    let cves = finding.cves.iter().map(ToString::to_string);
    let named = [&finding.id].into_iter().chain(&finding.aliases);
    named
        .map(|id| id.to_ascii_uppercase())
        .chain(cves)
        .collect()
}

/// Tools differ in how they write a Maven or Go name; letter case and separators are no difference.
fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace([':', '/', '_', '.'], "-")
}
