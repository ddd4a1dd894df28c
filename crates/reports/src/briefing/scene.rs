//! What every part of the page looks at: the findings that are open, the patches that close them, and the hosts by name.

use fleet::group::{FindingGroup, Life};
use fleet::patch::{Patch, group_patches};
use jiff::Timestamp;

use super::hosts::Roster;
use super::today::Today;

/// What a patch closes of a group: on the hosts that are on its line of versions.
pub(super) struct Closed<'a> {
    pub(super) group: &'a FindingGroup,
    pub(super) targets: Vec<usize>,
}

pub(super) struct Scene<'a> {
    pub(super) today: &'a Today,
    pub(super) roster: Roster<'a>,
    /// What is open: neither set aside, mitigated nor waiting for a restart.
    pub(super) open: Vec<&'a FindingGroup>,
    /// The open groups as patches, most urgent first; their findings are indexes into `open`.
    pub(super) patches: Vec<Patch>,
}

impl<'a> Scene<'a> {
    pub(super) fn of(today: &'a Today) -> Self {
        let is_open = |g: &&FindingGroup| matches!(g.life, Life::Open { .. });
        let open: Vec<&FindingGroup> = today.groups.iter().filter(is_open).collect();
        let groups: Vec<FindingGroup> = open.iter().copied().cloned().collect();
        Self {
            today,
            roster: Roster::of(&today.hosts),
            patches: group_patches(&groups),
            open,
        }
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.today.now
    }

    /// What a patch closes.
    pub(super) fn closed_by<'p>(
        &'p self,
        patch: &'p Patch,
    ) -> impl Iterator<Item = Closed<'a>> + use<'a, 'p> {
        let groups = patch.findings.iter().filter_map(|&at| self.open.get(at));
        groups.map(|group| {
            let targets = group.targets.iter().copied();
            let is_on_line = |target: &usize| patch.targets.binary_search(target).is_ok();
            Closed {
                group,
                targets: targets.filter(is_on_line).collect(),
            }
        })
    }

    /// Whether the earliest deadline of a group has passed.
    pub(super) fn is_overdue(&self, group: &FindingGroup) -> bool {
        group.finding.due().is_some_and(|by| by < self.now())
    }
}

/// How many findings some groups are: one a host.
pub(super) fn findings<'g>(groups: impl IntoIterator<Item = &'g FindingGroup>) -> usize {
    groups.into_iter().map(|g| g.targets.len()).sum()
}
