//! The team's columns of the hosts: what a page is filtered and sorted by beside the findings.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::asset::{Criticality, Pci};

/// What is known of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostFacts {
    /// What people call it.
    pub name: String,
    /// Its zone.
    pub zone: Option<String>,
    /// Who patches it.
    pub owner: Option<String>,
    /// Reachable from public networks.
    pub exposed: Option<bool>,
    /// How much it hurts when it fails.
    pub criticality: Option<Criticality>,
    /// Its place in the scope of PCI DSS, today.
    pub scope: Option<Pci>,
}

/// The columns of all hosts, by number.
#[derive(Clone, Debug, Default)]
pub struct HostColumns {
    facts: Vec<HostFacts>,
    /// Place of each host in the order of names; those of one name in that of numbers.
    ranks: Vec<u32>,
    by_rank: Vec<u32>,
    zones: BTreeMap<Option<String>, RoaringBitmap>,
    owners: BTreeMap<Option<String>, RoaringBitmap>,
    classes: Vec<RoaringBitmap>,
    class_of: Vec<u8>,
}

/// Classes of hosts that policies may tell apart: exposure (three) × criticality (five) × scope (four), unknown always the last.
pub(super) const CLASSES: usize = 60;
/// A set of classes, a bit each.
pub(super) type Classes = u64;

/// What hosts of one class have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) exposed: Option<bool>,
    pub(super) criticality: Option<Criticality>,
    pub(super) scope: Option<Pci>,
}

const EXPOSED: [Option<bool>; 3] = [Some(false), Some(true), None];
const CRITICALITY: [Option<Criticality>; 5] = [
    Some(Criticality::Low),
    Some(Criticality::Medium),
    Some(Criticality::High),
    Some(Criticality::VeryHigh),
    None,
];
const SCOPE: [Option<Pci>; 4] = [Some(Pci::Out), Some(Pci::Connected), Some(Pci::In), None];

/// What a class of hosts is.
pub(super) const fn class_facts(class: usize) -> Class {
    Class {
        exposed: EXPOSED[class / 20],
        criticality: CRITICALITY[class / 4 % 5],
        scope: SCOPE[class % 4],
    }
}

fn class_of(facts: &HostFacts) -> usize {
    let exposed = EXPOSED.iter().position(|e| *e == facts.exposed);
    let criticality = CRITICALITY.iter().position(|c| *c == facts.criticality);
    let scope = SCOPE.iter().position(|s| *s == facts.scope);
    exposed.unwrap_or(2) * 20 + criticality.unwrap_or(4) * 4 + scope.unwrap_or(3)
}

impl HostColumns {
    /// Of all hosts; `facts` by number.
    pub fn new(facts: Vec<HostFacts>) -> Self {
        let mut by_rank: Vec<u32> = (0..facts.len() as u32).collect();
        by_rank.sort_by(|a, b| {
            let name = |host: &u32| &facts[*host as usize].name;
            (name(a), a).cmp(&(name(b), b))
        });
        let mut ranks = vec![0; facts.len()];
        for (rank, host) in by_rank.iter().enumerate() {
            ranks[*host as usize] = rank as u32;
        }
        let mut columns = Self {
            ranks,
            by_rank,
            classes: vec![RoaringBitmap::new(); CLASSES],
            class_of: facts.iter().map(|of| class_of(of) as u8).collect(),
            ..Self::default()
        };
        for (host, of) in facts.iter().enumerate() {
            let host = host as u32;
            columns
                .zones
                .entry(of.zone.clone())
                .or_default()
                .insert(host);
            columns
                .owners
                .entry(of.owner.clone())
                .or_default()
                .insert(host);
            columns.classes[class_of(of)].insert(host);
        }
        columns.facts = facts;
        columns
    }

    /// What is known of a host; nothing of one nobody spoke of.
    pub fn facts(&self, host: u32) -> Option<&HostFacts> {
        self.facts.get(host as usize)
    }

    /// Place of a host in the order of names; those without a name come last.
    pub(super) fn rank(&self, host: u32) -> (u32, u32) {
        let rank = self.ranks.get(host as usize);
        (rank.copied().unwrap_or(u32::MAX), host)
    }

    /// Those of `all` that nobody spoke of.
    pub(super) fn unknown(&self, all: &RoaringBitmap) -> RoaringBitmap {
        all.range(self.facts.len() as u32..).collect()
    }

    /// The others by name, hosts of one name together.
    pub(super) fn by_name(&self, all: &RoaringBitmap) -> Vec<RoaringBitmap> {
        let name = |host: u32| &self.facts[host as usize].name;
        let there: Vec<u32> = self
            .by_rank
            .iter()
            .copied()
            .filter(|h| all.contains(*h))
            .collect();
        let of_name = there.chunk_by(|a, b| name(*a) == name(*b));
        of_name
            .map(|hosts| hosts.iter().copied().collect())
            .collect()
    }

    /// Hosts by their zone, those without one under `None`.
    pub(super) const fn zones(&self) -> &BTreeMap<Option<String>, RoaringBitmap> {
        &self.zones
    }

    /// Hosts by their owner.
    pub(super) const fn owners(&self) -> &BTreeMap<Option<String>, RoaringBitmap> {
        &self.owners
    }

    /// The class a host is of.
    pub(super) fn class(&self, host: u32) -> usize {
        let class = self.class_of.get(host as usize);
        class.map_or(CLASSES - 1, |class| usize::from(*class))
    }

    /// Hosts of some classes, of those in `all`.
    pub(super) fn of_classes(&self, mask: Classes, all: &RoaringBitmap) -> RoaringBitmap {
        let chosen = |class: &usize| mask & (1 << class) != 0;
        let mut hosts = RoaringBitmap::new();
        for class in (0..CLASSES).filter(chosen) {
            hosts |= &self.classes[class] & all;
        }
        // Hosts nobody spoke of are of the last class: everything about them is unknown.
        if chosen(&(CLASSES - 1)) {
            hosts |= self.unknown(all);
        }
        hosts
    }

    /// The classes that occur among the hosts of `all`.
    pub(super) fn classes_in(&self, all: &RoaringBitmap) -> Classes {
        (0..CLASSES)
            .filter(|class| {
                let is_there = !self.classes[*class].is_disjoint(all);
                let is_last = *class == CLASSES - 1;
                is_there || (is_last && all.max().is_some_and(|h| h as usize >= self.facts.len()))
            })
            .fold(0, |mask: Classes, class| mask | 1 << class)
    }
}
