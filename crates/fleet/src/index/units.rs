//! Units: what is upgraded at once, whatever its version ([`Release::unit`]). Here stands which releases of a unit the fleet
//! has, and which vulnerabilities were seen gone from it on which host, which is what makes one that is there again reopened.

use std::collections::HashMap;

use roaring::RoaringBitmap;

use super::vulnerability::{Vulnerabilities, Vulnerability};
use crate::release::Release;

/// Every unit by its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Units {
    numbers: HashMap<(String, String), u32>,
    units: Vec<Unit>,
}

/// One of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Unit {
    /// Numbers of its releases that some host has.
    pub(super) releases: RoaringBitmap,
    /// Vulnerabilities seen gone, with the hosts; each vulnerability once.
    gone: Vec<Gone>,
}

/// Vulnerabilities that were seen gone from the same hosts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gone {
    /// Sorted.
    pub(super) vulnerabilities: Vec<Vulnerability>,
    pub(super) hosts: RoaringBitmap,
}

impl Units {
    /// The number of a release's unit.
    pub(super) fn number(&mut self, release: &Release) -> u32 {
        let (ecosystem, name) = release.unit();
        self.number_of(ecosystem.to_owned(), name.to_owned())
    }

    pub(super) fn number_of(&mut self, ecosystem: String, name: String) -> u32 {
        let next = u32::try_from(self.units.len()).expect("units are no more than releases");
        let number = *self.numbers.entry((ecosystem, name)).or_insert(next);
        if number == next {
            self.units.push(Unit::default());
        }
        number
    }

    pub(super) fn get(&self, unit: u32) -> &Unit {
        &self.units[unit as usize]
    }

    pub(super) fn get_mut(&mut self, unit: u32) -> &mut Unit {
        &mut self.units[unit as usize]
    }

    /// Forgets what was seen gone from a host.
    pub(super) fn forget(&mut self, host: u32) {
        for unit in &mut self.units {
            let mut is_changed = false;
            for gone in &mut unit.gone {
                is_changed |= gone.hosts.remove(host);
            }
            if is_changed {
                unit.tidy();
            }
        }
    }

    /// Those from which something was seen gone, by name.
    pub(super) fn with_gone(&self) -> Vec<((&str, &str), &[Gone])> {
        let mut named: Vec<((&str, &str), &[Gone])> = self
            .numbers
            .iter()
            .map(|((e, n), at)| ((e.as_str(), n.as_str()), self.get(*at).gone.as_slice()))
            .filter(|(_, gone)| !gone.is_empty())
            .collect();
        named.sort_by_key(|(name, _)| *name);
        named
    }
}

impl Unit {
    /// The words of what was seen gone from a host, sorted.
    pub(super) fn gone_from(&self, host: u32, known: &Vulnerabilities) -> Vec<u32> {
        let gone = self.gone.iter().filter(|gone| gone.hosts.contains(host));
        let gone = gone.flat_map(|gone| &gone.vulnerabilities);
        let mut keys: Vec<u32> = gone.flat_map(|v| known.keys(*v)).copied().collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The hosts from which a vulnerability was seen gone, under any of its names.
    pub(super) fn gone(
        &self,
        vulnerability: Vulnerability,
        known: &Vulnerabilities,
    ) -> RoaringBitmap {
        let keys = known.keys(vulnerability);
        let is_same = |v: &Vulnerability| known.keys(*v).iter().any(|key| keys.contains(key));
        let gone = self.gone.iter();
        let gone = gone.filter(|gone| gone.vulnerabilities.iter().any(is_same));
        gone.fold(RoaringBitmap::new(), |all, gone| all | &gone.hosts)
    }

    /// Remembers vulnerabilities (sorted) that were seen gone from a host.
    pub(super) fn add_gone(&mut self, host: u32, mut vulnerabilities: Vec<Vulnerability>) {
        if vulnerabilities.is_empty() {
            return;
        }
        let mut parted = Vec::new();
        for gone in &mut self.gone {
            let is_new = |v: &Vulnerability| vulnerabilities.binary_search(v).is_ok();
            let (ours, rest): (Vec<_>, Vec<_>) =
                gone.vulnerabilities.iter().partition(|v| is_new(v));
            if ours.is_empty() {
                continue;
            }
            if !gone.hosts.contains(host) {
                if rest.is_empty() {
                    gone.hosts.insert(host);
                } else {
                    let mut hosts = gone.hosts.clone();
                    hosts.insert(host);
                    gone.vulnerabilities = rest;
                    parted.push(Gone {
                        vulnerabilities: ours.clone(),
                        hosts,
                    });
                }
            }
            vulnerabilities.retain(|v| ours.binary_search(v).is_err());
        }
        self.gone.append(&mut parted);
        if !vulnerabilities.is_empty() {
            self.gone.push(Gone {
                vulnerabilities,
                hosts: RoaringBitmap::from([host]),
            });
        }
        self.tidy();
    }

    /// Joins what was seen gone from the same hosts.
    fn tidy(&mut self) {
        let mut kept: Vec<Gone> = Vec::with_capacity(self.gone.len());
        let mut alike: HashMap<(u64, Option<u32>, Option<u32>), Vec<usize>> = HashMap::new();
        for gone in self.gone.drain(..).filter(|gone| !gone.hosts.is_empty()) {
            let hosts = &gone.hosts;
            let signature = (hosts.len(), hosts.min(), hosts.max());
            let same = alike.entry(signature).or_default();
            match same.iter().find(|at| kept[**at].hosts == gone.hosts) {
                Some(at) => kept[*at].vulnerabilities.extend(gone.vulnerabilities),
                None => {
                    same.push(kept.len());
                    kept.push(gone);
                }
            }
        }
        for gone in &mut kept {
            gone.vulnerabilities.sort_unstable();
        }
        self.gone = kept;
    }

    /// Puts down what was written down.
    pub(super) fn restore(&mut self, gone: Vec<Gone>) {
        self.gone = gone;
    }
}
