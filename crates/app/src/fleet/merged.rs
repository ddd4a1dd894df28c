//! Hosts that somebody said are one. A merge is a view ([decision 050](../../../../docs/decisions/050-fleet.md)): each host keeps
//! its own reports and its own place in the index, so that a merge that is taken back leaves nothing behind. Of those that are one,
//! the one that reported last stands for all, under the number that goes on.

use std::collections::{BTreeMap, HashMap};

use base::HostId;
use fleet::identity::Directory;
use fleet::index::{Hour, Index, Vulnerability};
use roaring::RoaringBitmap;

/// A vulnerability of what is upgraded at once on a host: its number, ecosystem, unit.
type Key = (HostId, String, String, Vulnerability);

/// Who stands for whom.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// By the number that goes on, the host that stands for it; only of hosts that are several.
    stands: BTreeMap<HostId, HostId>,
    /// The others of each.
    hidden: BTreeMap<HostId, Vec<HostId>>,
}

impl Merged {
    /// Of the hosts that have reported.
    pub fn of(index: &Index, directory: &Directory) -> Self {
        let mut families: BTreeMap<HostId, Vec<HostId>> = BTreeMap::new();
        for host in index.hosts().iter().map(HostId) {
            families
                .entry(directory.current(host))
                .or_default()
                .push(host);
        }
        let mut merged = Self::default();
        for (root, mut family) in families {
            let last = |host: &HostId| (index.last_seen(*host), *host == root, u32::MAX - host.0);
            let Some(stands) = family.iter().copied().max_by_key(last) else {
                continue;
            };
            if family.len() > 1 || stands != root {
                family.retain(|host| *host != stands);
                merged.stands.insert(root, stands);
                merged.hidden.insert(root, family);
            }
        }
        merged
    }

    /// The host whose reports tell of a host.
    pub fn standing_for(&self, host: HostId) -> HostId {
        self.stands.get(&host).copied().unwrap_or(host)
    }

    /// Hosts of the index by the numbers that go on, each once.
    pub fn shown(&self, hosts: &RoaringBitmap) -> RoaringBitmap {
        let mut shown = hosts.clone();
        for host in self.hidden.values().flatten() {
            shown.remove(host.0);
        }
        // A number that goes on may itself have been hidden, so it comes back after that.
        for (root, stands) in &self.stands {
            if shown.remove(stands.0) {
                shown.insert(root.0);
            }
        }
        shown
    }

    /// Findings of the index that are told under another host.
    pub fn hidden_findings(&self, index: &Index) -> u64 {
        let hidden = self.hidden.values().flatten();
        hidden
            .map(|host| index.findings_of(*host).len() as u64)
            .sum()
    }

    /// Since when what stands on a host was known on another that is the same: only what it had when it was first read, or when
    /// the other was last read, can be that.
    pub fn earlier(&self, index: &Index) -> Earlier {
        let mut since: HashMap<Key, (Hour, Hour)> = HashMap::new();
        for (root, hidden) in &self.hidden {
            let first = index.first_seen(self.standing_for(*root));
            for host in hidden {
                let last = index.last_seen(*host).map(Hour::of);
                let until = first.max(last).unwrap_or_default();
                for finding in index.findings_of(*host) {
                    let Some(release) = index.release(finding.release) else {
                        continue;
                    };
                    let (ecosystem, unit) = release.unit();
                    let key = (
                        *root,
                        ecosystem.to_owned(),
                        unit.to_owned(),
                        finding.vulnerability,
                    );
                    let known = since.entry(key).or_insert((finding.since, until));
                    known.0 = known.0.min(finding.since);
                    known.1 = known.1.max(until);
                }
            }
        }
        Earlier {
            hosts: self.hidden.keys().map(|root| root.0).collect(),
            since,
        }
    }
}

/// Since when findings were known on hosts that are one with those they stand on.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// Those that are several.
    hosts: RoaringBitmap,
    /// The hour, and until when what stands on the host may be the same.
    since: HashMap<Key, (Hour, Hour)>,
}

impl Earlier {
    /// Takes hosts out of a set on which something began earlier than it says, by the hour it began.
    pub fn take(
        &self,
        hosts: &mut RoaringBitmap,
        (ecosystem, unit): (&str, &str),
        vulnerability: Vulnerability,
        since: Hour,
    ) -> BTreeMap<Hour, RoaringBitmap> {
        let mut taken: BTreeMap<Hour, RoaringBitmap> = BTreeMap::new();
        for host in &self.hosts & &*hosts {
            let key = (
                HostId(host),
                ecosystem.to_owned(),
                unit.to_owned(),
                vulnerability,
            );
            if let Some((earlier, until)) = self.since.get(&key)
                && *earlier < since
                && since <= *until
            {
                hosts.remove(host);
                taken.entry(*earlier).or_default().insert(host);
            }
        }
        taken
    }
}
