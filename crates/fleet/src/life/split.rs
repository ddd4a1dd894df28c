//! Taking hosts out of groups: what is suppressed, mitigated or waits for a restart on some hosts of a group only makes two
//! groups of it.

use std::collections::BTreeMap;

use base::HostId;
use roaring::RoaringBitmap;

use super::member::Member;
use crate::group::{FindingGroup, Life};

/// The targets of a group as a set.
pub(crate) fn targets_of(group: &FindingGroup) -> RoaringBitmap {
    let targets = group.targets.iter();
    targets
        .filter_map(|&target| u32::try_from(target).ok())
        .collect()
}

/// The hosts that stand at places of the list.
pub(crate) fn hosts_of(places: &RoaringBitmap, members: &[Member]) -> RoaringBitmap {
    let members = places
        .iter()
        .filter_map(|place| members.get(place as usize));
    members.map(|member| member.name.id.0).collect()
}

/// Where each host stands in the list.
pub(crate) fn places_on(members: &[Member]) -> BTreeMap<HostId, u32> {
    let places = (0_u32..).zip(members);
    places
        .map(|(place, member)| (member.name.id, place))
        .collect()
}

/// A group in parts: first what is left of it, then each set of targets with where it stands now. A target is taken by the first
/// set that has it; those that are none of the group's are nothing.
pub(crate) fn split(
    group: FindingGroup,
    taken: Vec<(RoaringBitmap, Life)>,
    members: &[Member],
) -> Vec<FindingGroup> {
    let mut left = targets_of(&group);
    let mut parts = Vec::new();
    for (targets, life) in taken {
        let part = &left & &targets;
        left -= &part;
        parts.push((part, life));
    }
    parts.insert(0, (left, group.life.clone()));
    let parts = parts.into_iter().filter(|(targets, _)| !targets.is_empty());
    let part = |(targets, life): (RoaringBitmap, Life)| {
        let mut part = FindingGroup {
            targets: targets.iter().map(|target| target as usize).collect(),
            life,
            ..group.clone()
        };
        settle_targets(&mut part, members);
        part
    };
    parts.map(part).collect()
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
