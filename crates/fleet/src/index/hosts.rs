//! The hosts of the fleet as the index knows them: since when, when last seen, and what they have.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::HostId;
use jiff::Timestamp;
use roaring::RoaringBitmap;

use super::hour::Hour;
use super::interned::Interned;
use super::package_set;
use crate::release::ReleaseId;

/// Every host by its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts {
    slots: Vec<Option<Host>>,
    sets: Interned<u8>,
    all: RoaringBitmap,
}

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Host {
    /// When it was first seen since it is in the fleet.
    pub(super) first: Hour,
    /// When its last report was so.
    pub(super) seen_at: Timestamp,
    /// Its releases, as [`package_set::encode`] writes them.
    pub(super) set: Arc<[u8]>,
}

impl Hosts {
    pub(super) fn get(&self, host: HostId) -> Option<&Host> {
        self.slots.get(host.0 as usize)?.as_ref()
    }

    /// Since when a host is in the fleet.
    pub(super) fn first(&self, host: u32) -> Hour {
        self.get(HostId(host)).map_or(Hour::default(), |h| h.first)
    }

    /// What a host has, sorted; nothing if it is not in the fleet.
    pub(super) fn releases(&self, host: HostId) -> Vec<ReleaseId> {
        let host = self.get(host);
        host.map_or_else(Vec::new, |host| package_set::decode(&host.set))
    }

    /// Puts down a report: when it was so, and what the host has.
    pub(super) fn put(&mut self, host: HostId, seen_at: Timestamp, releases: &[ReleaseId]) {
        let set = self.sets.take(package_set::encode(releases));
        self.put_set(host, Hour::of(seen_at), seen_at, set);
    }

    fn put_set(&mut self, host: HostId, first: Hour, seen_at: Timestamp, set: Arc<[u8]>) {
        let at = host.0 as usize;
        if self.slots.len() <= at {
            self.slots.resize(at + 1, None);
        }
        self.all.insert(host.0);
        let first = self.slots[at].as_ref().map_or(first, |old| old.first);
        let new = Host {
            first,
            seen_at,
            set,
        };
        if let Some(old) = self.slots[at].replace(new) {
            self.sets.give_back(old.set);
        }
    }

    /// Puts down a host as it was written down.
    pub(super) fn restore(&mut self, host: HostId, first: Hour, seen_at: Timestamp, set: Vec<u8>) {
        let set = self.sets.take(set);
        self.put_set(host, first, seen_at, set);
    }

    /// A host was seen again with the same packages.
    pub(super) fn seen(&mut self, host: HostId, at: Timestamp) {
        if let Some(Some(host)) = self.slots.get_mut(host.0 as usize) {
            host.seen_at = at;
        }
    }

    pub(super) fn remove(&mut self, host: HostId) {
        let slot = self.slots.get_mut(host.0 as usize);
        if let Some(old) = slot.and_then(Option::take) {
            self.sets.give_back(old.set);
            self.all.remove(host.0);
        }
    }

    /// Their numbers.
    pub(super) const fn all(&self) -> &RoaringBitmap {
        &self.all
    }

    /// How many different sets of packages there are.
    pub(super) fn set_count(&self) -> usize {
        self.sets.len()
    }

    /// These hosts by since when they are in the fleet, sorted; those before `floor` are not told apart.
    pub(super) fn by_first(&self, of: RoaringBitmap, floor: Hour) -> Vec<(Hour, RoaringBitmap)> {
        if of.iter().all(|host| self.first(host) <= floor) {
            return match of.is_empty() {
                true => Vec::new(),
                false => vec![(floor, of)],
            };
        }
        let mut parts: BTreeMap<Hour, RoaringBitmap> = BTreeMap::new();
        for host in of {
            let first = self.first(host).max(floor);
            parts.entry(first).or_default().insert(host);
        }
        parts.into_iter().collect()
    }
}
