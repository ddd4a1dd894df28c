//! Since when a hit stands on which host. Hosts that have the same date in the same way share it, so that a hundred thousand
//! findings are a few numbers: what differs from the rule is kept as sets of hosts.

use roaring::RoaringBitmap;

use super::hosts::Hosts;
use super::hour::Hour;

/// The lives of a hit on all hosts that have the release. A host without an exception has it since it is in the fleet, or since
/// `floor`, whichever is later.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Life {
    /// When we learned that the version is affected.
    pub(super) learned: Hour,
    /// What holds for hosts without an exception. Other than `learned` where the first host to have the release brought an
    /// older date with it: most that follow bring the same.
    pub(super) floor: Hour,
    /// Hosts with another date, sorted by it; sets are disjoint, none is empty.
    pub(super) exceptions: Vec<(Hour, RoaringBitmap)>,
    /// Hosts on which it was seen gone before.
    pub(super) reopened: RoaringBitmap,
}

/// How a finding begins on a host, or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Begin {
    pub(super) since: Hour,
    pub(super) reopened: bool,
}

impl Life {
    /// Of a hit that was learned in an hour, on hosts that have the release already.
    pub(super) fn learned(hour: Hour) -> Self {
        Self {
            learned: hour,
            floor: hour,
            ..Self::default()
        }
    }

    /// How it stands on a host that is in the fleet since `first`.
    pub(super) fn on(&self, host: u32, first: Hour) -> Begin {
        let exception = self.exceptions.iter().find(|(_, on)| on.contains(host));
        Begin {
            since: exception.map_or(first.max(self.floor), |(hour, _)| *hour),
            reopened: self.reopened.contains(host),
        }
    }

    /// Whether it would stand so on a host without writing anything down.
    pub(super) fn is_rule(&self, first: Hour, begin: Begin) -> bool {
        first.max(self.floor) == begin.since && !begin.reopened
    }

    /// Writes down how it stands on a host that had no part in it so far.
    pub(super) fn set(&mut self, host: u32, first: Hour, begin: Begin) {
        if first.max(self.floor) != begin.since {
            self.except(begin.since).insert(host);
        }
        if begin.reopened {
            self.reopened.insert(host);
        }
    }

    fn except(&mut self, since: Hour) -> &mut RoaringBitmap {
        let at = self.exceptions.binary_search_by_key(&since, |(h, _)| *h);
        let at = at.unwrap_or_else(|at| {
            self.exceptions.insert(at, (since, RoaringBitmap::new()));
            at
        });
        &mut self.exceptions[at].1
    }

    /// Forgets a host; whether there was anything to forget.
    pub(super) fn forget(&mut self, host: u32) -> bool {
        let mut was_there = self.reopened.remove(host);
        if let Some(at) = self
            .exceptions
            .iter_mut()
            .position(|(_, on)| on.remove(host))
        {
            was_there = true;
            if self.exceptions[at].1.is_empty() {
                self.exceptions.remove(at);
            }
        }
        was_there
    }

    /// The hosts by since when it stands on them, sorted; each of `of` once.
    pub(super) fn by_since(&self, of: &RoaringBitmap, hosts: &Hosts) -> Vec<(Hour, RoaringBitmap)> {
        let mut parts = self.exceptions.clone();
        let mut rest = of.clone();
        for (_, on) in &parts {
            rest -= on;
        }
        for (first, on) in hosts.by_first(rest, self.floor) {
            let since = first.max(self.floor);
            match parts.binary_search_by_key(&since, |(hour, _)| *hour) {
                Ok(at) => parts[at].1 |= on,
                Err(at) => parts.insert(at, (since, on)),
            }
        }
        parts
    }

    /// One life of several that become one: the earliest date on each host, and reopened where any was.
    pub(super) fn joined(lives: &[&Self], of: &RoaringBitmap, hosts: &Hosts) -> Self {
        let mut parts: Vec<(Hour, RoaringBitmap)> = Vec::new();
        let mut joined = Self {
            learned: lives.iter().map(|l| l.learned).min().unwrap_or_default(),
            floor: lives.iter().map(|l| l.floor).min().unwrap_or_default(),
            ..Self::default()
        };
        for life in lives {
            parts.extend(life.by_since(of, hosts));
            joined.reopened |= &life.reopened;
        }
        parts.sort_by_key(|(hour, _)| *hour);
        let mut left = of.clone();
        for (since, on) in parts {
            let first_here = &left & &on;
            left -= &on;
            for host in &first_here {
                let begin = Begin {
                    since,
                    reopened: false,
                };
                joined.set(host, hosts.first(host), begin);
            }
        }
        joined
    }

    /// Cheap to compare, equal for equal lives.
    pub(super) fn signature(&self) -> (Hour, Hour, usize, u64, Hour) {
        let hosts = self.exceptions.iter().map(|(_, on)| on.len()).sum();
        let first = self.exceptions.first().map(|(hour, _)| *hour);
        let count = self.exceptions.len();
        (
            self.learned,
            self.floor,
            count,
            hosts,
            first.unwrap_or_default(),
        )
    }
}
