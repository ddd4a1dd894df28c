//! Which hosts, in short: how many, and the first of them by name. A fleet's page never lists a host a finding.

use drawing::text::{count, thousands};
use fleet::group::FindingGroup;

use crate::scan::Target;

/// How many names are kept of a set of hosts; the rest is a number.
pub const HOST_NAMES: usize = 50;

/// A set of hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hosts {
    /// How many there are.
    pub total: usize,
    /// The first of them by name, at most [`HOST_NAMES`].
    pub names: Vec<String>,
}

impl Hosts {
    /// A set of named hosts.
    pub fn named(names: impl IntoIterator<Item = String>) -> Self {
        let mut names: Vec<String> = names.into_iter().collect();
        names.sort_unstable();
        names.dedup();
        let total = names.len();
        names.truncate(HOST_NAMES);
        Self { total, names }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// `web-01, web-02`, or from more than `most` on `14 hosts: web-01, web-02 and 12 more`.
    pub(crate) fn said(&self, most: usize) -> String {
        if self.total == 0 {
            return "no host".to_owned();
        }
        if self.total <= most && self.names.len() == self.total {
            return self.names.join(", ");
        }
        let shown = &self.names[..self.names.len().min(most.saturating_sub(1))];
        let all = count(self.total, "host", "hosts");
        if shown.is_empty() {
            return all;
        }
        format!(
            "{all}: {} and {} more",
            shown.join(", "),
            thousands(self.total - shown.len())
        )
    }
}

/// The hosts a briefing tells of, by name: several targets of one name are one host.
pub(super) struct Roster<'a> {
    targets: &'a [Target],
    /// The place of each target's name among all names.
    rank: Vec<usize>,
    names: Vec<&'a str>,
}

impl<'a> Roster<'a> {
    pub(super) fn of(targets: &'a [Target]) -> Self {
        let mut names: Vec<&str> = targets.iter().map(|t| t.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let place = |t: &Target| names.binary_search(&t.name.as_str()).unwrap_or(0);
        Self {
            targets,
            rank: targets.iter().map(place).collect(),
            names,
        }
    }

    /// Every name, sorted.
    pub(super) fn names(&self) -> &[&'a str] {
        &self.names
    }

    /// The places of targets among the names, sorted and each once; targets there are not are left out.
    pub(super) fn ranks(&self, targets: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let known = |t: usize| self.rank.get(t).copied();
        let mut ranks: Vec<usize> = targets.into_iter().filter_map(known).collect();
        ranks.sort_unstable();
        ranks.dedup();
        ranks
    }

    pub(super) fn hosts(&self, targets: impl IntoIterator<Item = usize>) -> Hosts {
        let ranks = self.ranks(targets);
        let first = ranks.iter().take(HOST_NAMES);
        Hosts {
            total: ranks.len(),
            names: first.map(|&r| self.names[r].to_owned()).collect(),
        }
    }

    /// The hosts of some groups.
    pub(super) fn of_groups<'g>(
        &self,
        groups: impl IntoIterator<Item = &'g FindingGroup>,
    ) -> Hosts {
        self.hosts(groups.into_iter().flat_map(|g| g.targets.iter().copied()))
    }

    /// Owners of targets, sorted and each once; hosts without one add nothing.
    pub(super) fn owners(&self, targets: impl IntoIterator<Item = usize>) -> Vec<String> {
        let of = |t: usize| self.targets.get(t)?.asset.owner.as_deref();
        let mut owners: Vec<&str> = targets.into_iter().filter_map(of).collect();
        owners.sort_unstable();
        owners.dedup();
        owners.into_iter().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_hosts_are_a_number_with_a_few_names() {
        let check = |total: usize, most: usize, expected: &str| {
            let hosts = Hosts::named((1..=total).map(|n| format!("web-{n:02}")));
            assert_eq!(hosts.said(most), expected);
        };
        check(0, 3, "no host");
        check(1, 3, "web-01");
        check(3, 3, "web-01, web-02, web-03");
        check(14, 3, "14 hosts: web-01, web-02 and 12 more");
        check(1_500, 3, "1,500 hosts: web-01, web-02 and 1,498 more");
        check(2, 1, "2 hosts");
    }

    #[test]
    fn a_thousand_names_are_not_kept() {
        let hosts = Hosts::named((0..1_000).map(|n| format!("h{n}")));
        assert_eq!((hosts.total, hosts.names.len()), (1_000, HOST_NAMES));
    }
}
