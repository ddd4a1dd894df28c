//! What an entry of the log says, in canonical bytes. The releases of a report are named by the digest of their set, and a hit
//! that many releases have is written once: hits stand sorted at the front, and a release has the numbers of its own.

use base::{CveId, Digest, HostId};
use fleet::change::{Act, CatalogChange, HitsChange};
use fleet::hit::Hit;
use fleet::release::ReleaseId;
use jiff::Timestamp;
use matching::FixState;
use std::collections::BTreeMap;

use super::{Broken, Reader, Wire, choices, fields};

/// An entry of the log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StoredWhat {
    Reported(StoredReport),
    Removed(HostId),
    Catalog(StoredCatalog),
    Act(Act),
}

/// A report with the digest of its releases.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredReport {
    pub(crate) host: HostId,
    pub(crate) seen_at: Timestamp,
    pub(crate) source: String,
    pub(crate) inventory: Digest,
    pub(crate) set: Digest,
    pub(crate) evaluated: HitTable,
}

/// A change of catalog.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredCatalog {
    pub(crate) catalog: String,
    /// Hits that are new or other, by release.
    pub(crate) now: HitTable,
    /// Ids of those that are no more, a list for each release of `now`.
    pub(crate) ended: Vec<Vec<String>>,
}

/// Releases and their hits, each hit once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HitTable {
    hits: Vec<Hit>,
    releases: Vec<(ReleaseId, Vec<u32>)>,
}

impl StoredWhat {
    pub(crate) const VERSION: u8 = 1;
}

impl StoredCatalog {
    pub(crate) fn of(change: &CatalogChange) -> Self {
        let changes = change.releases.iter();
        Self {
            catalog: change.catalog.clone(),
            now: HitTable::of(changes.clone().map(|change| (change.release, &*change.now))),
            ended: changes.map(|change| change.ended.clone()).collect(),
        }
    }

    /// As it was.
    pub(crate) fn change(self) -> Result<CatalogChange, Broken> {
        let now = self.now.evaluated()?;
        if now.len() != self.ended.len() {
            return Err(Broken("its lists are not of one length".to_owned()));
        }
        let change = |((release, now), ended)| HitsChange {
            release,
            ended,
            now,
        };
        Ok(CatalogChange {
            catalog: self.catalog,
            releases: now.into_iter().zip(self.ended).map(change).collect(),
        })
    }
}

impl HitTable {
    pub(crate) fn of<'h>(evaluated: impl Iterator<Item = (ReleaseId, &'h [Hit])> + Clone) -> Self {
        let mut numbers: BTreeMap<&Hit, u32> = BTreeMap::new();
        for hit in evaluated.clone().flat_map(|(_, hits)| hits) {
            numbers.insert(hit, 0);
        }
        for (number, place) in (0..).zip(numbers.values_mut()) {
            *place = number;
        }
        let of_release = |hits: &[Hit]| hits.iter().map(|hit| numbers[hit]).collect();
        Self {
            releases: evaluated.map(|(id, hits)| (id, of_release(hits))).collect(),
            hits: numbers.into_keys().cloned().collect(),
        }
    }

    /// As it was; an error if a release names a hit that is not there.
    pub(crate) fn evaluated(&self) -> Result<Vec<(ReleaseId, Vec<Hit>)>, Broken> {
        let hit = |number: &u32| {
            let hit = self.hits.get(*number as usize);
            hit.cloned()
                .ok_or_else(|| Broken(format!("hit {number} is not there")))
        };
        let of_release = |(id, numbers): &(ReleaseId, Vec<u32>)| {
            let hits: Result<Vec<Hit>, Broken> = numbers.iter().map(hit).collect();
            Ok((*id, hits?))
        };
        self.releases.iter().map(of_release).collect()
    }
}

fields!(StoredReport {
    host,
    seen_at,
    source,
    inventory,
    set,
    evaluated
});
fields!(StoredCatalog {
    catalog,
    now,
    ended
});
fields!(HitTable { hits, releases });
fields!(Hit {
    id,
    aliases,
    cves,
    fixed,
    fix_state,
    is_unimportant,
    is_notice
});
fields!(Act {
    kind,
    subject,
    hosts,
    record
});
choices!(FixState { Fixed = 0, None = 1, WontFix = 2, EndOfLife = 3, Unknown = 4 });

impl Wire for StoredWhat {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Reported(report) => {
                0_u8.put(out);
                report.put(out);
            }
            Self::Removed(host) => {
                1_u8.put(out);
                host.put(out);
            }
            Self::Catalog(change) => {
                2_u8.put(out);
                change.put(out);
            }
            Self::Act(act) => {
                3_u8.put(out);
                act.put(out);
            }
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Ok(match u8::take(from)? {
            0 => Self::Reported(StoredReport::take(from)?),
            1 => Self::Removed(HostId::take(from)?),
            2 => Self::Catalog(StoredCatalog::take(from)?),
            3 => Self::Act(Act::take(from)?),
            other => {
                return Err(Broken(format!(
                    "{other} is nothing that happens to a fleet"
                )));
            }
        })
    }
}

impl Wire for HostId {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        u32::take(from).map(Self)
    }
}

impl Wire for ReleaseId {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        u32::take(from).map(Self)
    }
}

impl Wire for CveId {
    fn put(&self, out: &mut Vec<u8>) {
        self.year().put(out);
        self.number().put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Ok(Self::new(u16::take(from)?, u32::take(from)?))
    }
}
