//! Groups that say the same are one: releases that differ only in what no finding tells (the state of a kernel, the updates of
//! a Windows) give findings with the same words.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::member::Member;
use crate::finding::Finding;
use crate::group::FindingGroup;

/// What groups are sorted by. The words of two groups of one key are compared.
type Key = (String, String, String, String, Timestamp);

/// The groups, each said once, in order. Their findings name no host yet.
pub(super) fn fold(
    groups: impl Iterator<Item = FindingGroup>,
    members: &[Member],
) -> Vec<FindingGroup> {
    let mut by_key: BTreeMap<Key, Vec<FindingGroup>> = BTreeMap::new();
    for group in groups {
        let same = by_key.entry(key(&group)).or_default();
        match same
            .iter_mut()
            .find(|other| other.life == group.life && other.finding == group.finding)
        {
            Some(other) => other.targets.extend(group.targets),
            None => same.push(group),
        }
    }
    let mut all: Vec<FindingGroup> = Vec::new();
    for mut same in by_key.into_values() {
        for group in &mut same {
            settle_targets(group, members);
        }
        same.sort_by(|a, b| a.targets.cmp(&b.targets));
        all.extend(same);
    }
    all
}

fn key(group: &FindingGroup) -> Key {
    let Finding {
        ecosystem,
        package,
        version,
        id,
        ..
    } = &group.finding;
    let words = [ecosystem, package, version, id].map(String::clone);
    let [ecosystem, package, version, id] = words;
    (ecosystem, package, version, id, group.first_seen)
}

/// Sorts the hosts of a group, each once, and names the first. A group without hosts stays as it is.
pub(super) fn settle_targets(group: &mut FindingGroup, members: &[Member]) {
    group.targets.sort_unstable();
    group.targets.dedup();
    if let Some(&first) = group.targets.first() {
        group.finding.target = first;
        group
            .finding
            .target_name
            .clone_from(&members[first].name.name);
    }
}
