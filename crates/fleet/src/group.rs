//! The findings of a fleet, as it is told to people: one for all hosts on which it is the same in every word, date and
//! decision. A fleet has millions of findings and some thousands of groups.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use base::HostId;
use jiff::Timestamp;

use crate::finding::Finding;

/// A finding and every host it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingGroup {
    /// The finding, as on the first of the hosts: `target` is its index into the list of hosts told beside, `target_name` its
    /// name. What differs from host to host (locations) is left empty.
    pub finding: Finding,
    /// The hosts: indexes into the list of hosts told beside, sorted, never empty.
    pub targets: Vec<usize>,
    /// When it was first known on them. Whole hours, rounded down, so that no deadline is later than its rule.
    pub first_seen: Timestamp,
    /// Where it stands.
    pub life: Life,
}

/// Where a finding stands in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Life {
    /// Nothing was seen to close it.
    Open {
        /// It was seen fixed before.
        reopened: bool,
    },
    /// Something keeps it from being used, seen by a report (not merely claimed).
    Mitigated {
        /// What: `port 443 closed`.
        how: String,
        /// When that is to be looked at again.
        until: Option<Timestamp>,
    },
    /// Set aside by a suppression, by its number.
    Suppressed(u64),
    /// The fix is installed and does not run yet.
    AwaitsRestart,
}

/// A host in the numbers of the fleet and in the words of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName {
    /// Its number.
    pub id: HostId,
    /// What people call it.
    pub name: String,
}

/// Groups the findings of a few hosts; the same moment of [`first_seen`](FindingGroup::first_seen) is asked of the caller for
/// each.
pub fn fold(
    findings: Vec<Finding>,
    first_seen: impl Fn(&Finding) -> Timestamp,
) -> Vec<FindingGroup> {
    let mut folding = Folding::default();
    for finding in findings {
        let since = first_seen(&finding);
        folding.add(finding, since);
    }
    folding.finish()
}

/// Findings being grouped, host after host or set of hosts after set, so that those of all hosts need never be held at once.
#[derive(Clone, Debug, Default)]
pub struct Folding {
    groups: Vec<Partial>,
    /// The groups whose words have one hash; almost always one.
    by_words: BTreeMap<u64, Vec<usize>>,
}

/// A group that may grow. Its finding is without what differs from host to host, so that two are compared as they are.
#[derive(Clone, Debug)]
struct Partial {
    group: FindingGroup,
    first: (usize, String),
    purl: Option<String>,
}

impl Folding {
    /// Takes an open finding of one host.
    pub fn add(&mut self, finding: Finding, first_seen: Timestamp) {
        self.add_group(FindingGroup {
            targets: vec![finding.target],
            finding,
            first_seen,
            life: Life::Open { reopened: false },
        });
    }

    /// Takes a group of some hosts, of which the finding's is one. Without hosts it is nothing.
    pub(crate) fn add_group(&mut self, mut group: FindingGroup) {
        let Some(&first) = group.targets.iter().min() else {
            return;
        };
        let finding = &mut group.finding;
        finding.locations.clear();
        finding.target = 0;
        let purl = finding.purl.take();
        let name = std::mem::take(&mut finding.target_name);
        let words = hash_of_words(&group);
        let alike = self.by_words.entry(words).or_default();
        let same = alike.iter().copied().find(|&at| {
            let known = &self.groups[at].group;
            known.first_seen == group.first_seen
                && known.life == group.life
                && known.finding == group.finding
        });
        if let Some(at) = same {
            self.groups[at].join(group.targets, (first, name), purl);
            return;
        }
        alike.push(self.groups.len());
        let first = (first, name);
        self.groups.push(Partial { group, first, purl });
    }

    /// The groups by ecosystem, package, version, id, first seen and hosts.
    pub fn finish(self) -> Vec<FindingGroup> {
        let mut groups: Vec<FindingGroup> =
            self.groups.into_iter().map(Partial::complete).collect();
        groups.sort_by(|a, b| order(a).cmp(&order(b)));
        groups
    }
}

impl Partial {
    fn join(&mut self, targets: Vec<usize>, first: (usize, String), purl: Option<String>) {
        self.group.targets.extend(targets);
        // The package URL names the architecture, which hosts of one group need not share.
        if self.purl != purl {
            self.purl = None;
        }
        if first.0 < self.first.0 {
            self.first = first;
        }
    }

    fn complete(self) -> FindingGroup {
        let Self {
            mut group,
            first,
            purl,
        } = self;
        group.targets.sort_unstable();
        group.targets.dedup();
        (group.finding.target, group.finding.target_name) = first;
        group.finding.purl = purl;
        group
    }
}

fn order(group: &FindingGroup) -> impl Ord + use<'_> {
    let finding = &group.finding;
    (
        [&finding.ecosystem, &finding.package],
        [&finding.version, &finding.id],
        group.first_seen,
        &group.targets,
        finding.due(),
    )
}

/// A hash of what tells two groups apart; what it leaves out is compared.
fn hash_of_words(group: &FindingGroup) -> u64 {
    let mut hasher = DefaultHasher::new();
    let f = &group.finding;
    (&f.id, &f.ecosystem, &f.package, &f.version).hash(&mut hasher);
    group.first_seen.hash(&mut hasher);
    (&f.fixed, &f.why, &f.summary, &f.source).hash(&mut hasher);
    for decision in &f.decisions {
        let d = decision;
        (&d.policy, &d.row, &d.outcome, d.by, d.triage_by).hash(&mut hasher);
        for fact in &d.facts {
            (&fact.name, &fact.value, &fact.source, &fact.assumed).hash(&mut hasher);
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{at, decision, finding};

    /// A finding of one host, and who owns it by the decision's word.
    fn on(target: usize, id: &str, version: &str, due: &str) -> Finding {
        Finding {
            target,
            target_name: format!("host-{target}"),
            purl: Some(format!("pkg:deb/debian/p@{version}?arch=a{}", target % 2)),
            decisions: vec![decision("house", Some(at(due)))],
            earliest: Some(0),
            ..finding(id, "Debian:12", "p", version)
        }
    }

    fn now() -> Timestamp {
        at("2026-08-21T05:30:00Z")
    }

    #[test]
    fn one_finding_for_all_hosts_on_which_it_is_the_same() {
        let due = "2026-09-20T00:00:00Z";
        let groups = fold(
            vec![
                on(2, "CVE-2026-0001", "1", due),
                on(0, "CVE-2026-0001", "1", due),
                on(1, "CVE-2026-0001", "1", "2026-08-24T00:00:00Z"),
                on(0, "CVE-2026-0002", "1", due),
            ],
            |_| now(),
        );
        let told: Vec<(&str, &str, &[usize])> = groups
            .iter()
            .map(|g| {
                (
                    g.finding.id.as_str(),
                    g.finding.target_name.as_str(),
                    &*g.targets,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("CVE-2026-0001", "host-0", &[0, 2][..]),
                ("CVE-2026-0001", "host-1", &[1]),
                ("CVE-2026-0002", "host-0", &[0]),
            ]
        );
    }

    #[test]
    fn an_architecture_makes_no_group_and_is_not_said_of_hosts_that_have_another() {
        let due = "2026-09-20T00:00:00Z";
        let two = |a, b| {
            let both = vec![
                on(a, "CVE-2026-0001", "1", due),
                on(b, "CVE-2026-0001", "1", due),
            ];
            let groups = fold(both, |_| now());
            assert_eq!(groups.len(), 1);
            groups[0].finding.purl.clone()
        };
        assert_eq!(two(0, 1), None);
        assert_eq!(two(0, 2).as_deref(), Some("pkg:deb/debian/p@1?arch=a0"));
    }

    fn some() -> impl Strategy<Value = Vec<Finding>> {
        let one = (0usize..6, 0u8..3, 0u8..3, 1u8..3).prop_map(|(target, id, version, day)| {
            let due = format!("2026-09-0{day}T00:00:00Z");
            on(
                target,
                &format!("CVE-2026-000{id}"),
                &version.to_string(),
                &due,
            )
        });
        proptest::collection::vec(one, 0..40)
    }

    proptest! {
        #[test]
        fn every_finding_is_in_exactly_one_group_whatever_the_order(findings in some(), turn in 0usize..40) {
            type Row = (String, Option<Timestamp>, usize);
            let mut rows: Vec<Row> = findings.iter().map(|f| (f.key(), f.due(), f.target)).collect();
            rows.sort();
            rows.dedup();
            let groups = fold(findings.clone(), |_| now());
            let mut told: Vec<Row> = groups
                .iter()
                .flat_map(|g| g.targets.iter().map(|&target| {
                    let name = format!("host-{target}");
                    (Finding { target_name: name, ..g.finding.clone() }.key(), g.finding.due(), target)
                }))
                .collect();
            told.sort();
            prop_assert_eq!(told, rows);
            let mut turned = findings;
            let by = turn.min(turned.len());
            turned.rotate_left(by);
            prop_assert_eq!(fold(turned, |_| now()), groups);
        }
    }
}
