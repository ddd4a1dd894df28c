//! Lists against the hosts that report: seen, never seen, in no list, in doubt. Each with the lists that say so.

use std::collections::{BTreeMap, BTreeSet};

use base::HostId;

use super::List;
use super::entry::Standing;
use crate::identity::{Directory, Doubt, MergeRules, Verdict};

/// What lists and reports say of each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Hosts that report and are listed, by number.
    pub seen: Vec<Seen>,
    /// Hosts that are listed and never reported, in the order of the lists; what several lists call one host is one.
    pub never: Vec<Unseen>,
    /// Hosts that report and are in no list, by number.
    pub unlisted: Vec<HostId>,
    /// Listed hosts that may be one that reports: a question each.
    pub doubts: Vec<(Unseen, Vec<Doubt>)>,
    /// Listed as retired, and not looked for: a count for each list.
    pub retired: Vec<usize>,
}

/// A host that reports, and where it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The host, as it is now.
    pub host: HostId,
    /// List and entry, both as indexes, in their order.
    pub entries: Vec<(usize, usize)>,
}

/// A listed host that does not report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// List and entry, both as indexes, in their order; never empty.
    pub entries: Vec<(usize, usize)>,
    /// Every list that knows it says that it is switched off or disabled.
    pub is_off: bool,
}

/// Holds lists against the hosts that report.
pub fn compare(
    directory: &Directory,
    reporting: &BTreeSet<HostId>,
    lists: &[List],
    rules: &MergeRules,
) -> Comparison {
    let now: BTreeSet<HostId> = reporting
        .iter()
        .map(|host| directory.current(*host))
        .collect();
    let mut seen: BTreeMap<HostId, Vec<(usize, usize)>> = BTreeMap::new();
    let mut unseen = Unseens::default();
    let mut comparison = Comparison {
        retired: vec![0; lists.len()],
        ..Comparison::default()
    };
    for (at, list) in lists.iter().enumerate() {
        for (number, entry) in list.entries.iter().enumerate() {
            if entry.standing == Standing::Retired {
                comparison.retired[at] += 1;
                continue;
            }
            let place = (at, number);
            let verdict = directory.resolve(&entry.identifiers, rules).verdict;
            let host = match &verdict {
                Verdict::Same { host, .. } => Some(directory.current(*host)),
                Verdict::New | Verdict::Doubt(_) => None,
            };
            match (host.filter(|host| now.contains(host)), verdict) {
                (Some(host), _) => seen.entry(host).or_default().push(place),
                (None, Verdict::Doubt(mut doubts)) => {
                    doubts.retain(|doubt| now.contains(&directory.current(doubt.host)));
                    unseen.add(place, lists, rules, doubts);
                }
                (None, _) => unseen.add(place, lists, rules, Vec::new()),
            }
        }
    }
    comparison.unlisted = now
        .into_iter()
        .filter(|host| !seen.contains_key(host))
        .collect();
    let seen = seen.into_iter();
    comparison.seen = seen.map(|(host, entries)| Seen { host, entries }).collect();
    for (one, doubts) in unseen.found {
        match doubts.is_empty() {
            true => comparison.never.push(one),
            false => comparison.doubts.push((one, doubts)),
        }
    }
    comparison
}

/// Listed hosts that do not report, told apart among each other as hosts are.
#[derive(Default)]
struct Unseens {
    directory: Directory,
    found: Vec<(Unseen, Vec<Doubt>)>,
}

impl Unseens {
    fn add(
        &mut self,
        place: (usize, usize),
        lists: &[List],
        rules: &MergeRules,
        doubts: Vec<Doubt>,
    ) {
        let entry = &lists[place.0].entries[place.1];
        let verdict = self.directory.resolve(&entry.identifiers, rules).verdict;
        let is_off = entry.standing == Standing::Off;
        let known = match verdict {
            Verdict::Same { host, .. } => host.0 as usize,
            Verdict::New | Verdict::Doubt(_) => self.found.len(),
        };
        if let Ok(number) = u32::try_from(known) {
            self.directory.learn(HostId(number), &entry.identifiers);
        }
        match self.found.get_mut(known) {
            Some((one, known_doubts)) => {
                one.entries.push(place);
                one.is_off &= is_off;
                let asked: Vec<HostId> = known_doubts.iter().map(|d| d.host).collect();
                known_doubts.extend(doubts.into_iter().filter(|d| !asked.contains(&d.host)));
            }
            None => {
                let one = Unseen {
                    entries: vec![place],
                    is_off,
                };
                self.found.push((one, doubts));
            }
        }
    }
}
