//! Questions to the index that need no dates: who has what.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use advisories::model::{MICROSOFT, PRODUCT};
use advisories::names::normalise;
use base::{CveId, Ecosystem, HostId};
use jiff::Timestamp;
use roaring::RoaringBitmap;

use super::version_order::by_version;
use super::{Hour, Index, Known, PackedHit, Vulnerability};
use crate::hit::Hit;
use crate::release::{Release, ReleaseId};

/// How big the index is, in what it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Hosts in the fleet.
    pub hosts: u64,
    /// Releases that some host has.
    pub releases: u64,
    /// Different sets of packages.
    pub package_sets: u64,
    /// Different lists of hits.
    pub hit_lists: u64,
    /// Hits of all releases in use.
    pub hits: u64,
    /// Vulnerability × release × host.
    pub findings: u64,
}

impl Index {
    /// The place of the last entry that was taken; 0 before the first.
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The moment of that entry.
    pub const fn at(&self) -> Option<Timestamp> {
        self.at
    }

    /// The digest of the catalog that holds.
    pub fn catalog(&self) -> Option<&str> {
        self.catalog.as_deref()
    }

    /// How many findings are open: vulnerability × release × host.
    pub const fn finding_count(&self) -> u64 {
        self.findings
    }

    /// The hosts of the fleet, by number.
    pub const fn hosts(&self) -> &RoaringBitmap {
        self.hosts.all()
    }

    /// When the last report of a host was so.
    pub fn last_seen(&self, host: HostId) -> Option<Timestamp> {
        self.hosts.get(host).map(|host| host.seen_at)
    }

    /// When a host was first seen since it is in the fleet.
    pub fn first_seen(&self, host: HostId) -> Option<Hour> {
        self.hosts.get(host).map(|host| host.first)
    }

    /// What a host has, sorted; nothing if it is not in the fleet.
    pub fn releases_of(&self, host: HostId) -> Vec<ReleaseId> {
        self.hosts.releases(host)
    }

    /// What a number stands for.
    pub fn release(&self, id: ReleaseId) -> Option<&Release> {
        self.known(id).map(|known| &*known.release)
    }

    /// The hosts that have a release; `None` if it was never learned.
    pub fn hosts_with(&self, id: ReleaseId) -> Option<&RoaringBitmap> {
        self.known(id).map(|known| &known.hosts)
    }

    /// Every release that some host has, sorted.
    pub fn releases_in_use(&self) -> impl Iterator<Item = ReleaseId> {
        let numbered = (0..).zip(&self.releases);
        numbered.filter_map(|(number, known)| {
            let is_used = known.as_ref().is_some_and(|k| !k.hosts.is_empty());
            is_used.then_some(ReleaseId(number))
        })
    }

    /// Those of a report's releases that must come with their hits: no host has them.
    pub fn to_evaluate(&self, releases: &[ReleaseId]) -> Vec<ReleaseId> {
        let is_unused = |id: &&ReleaseId| self.known(**id).is_none_or(|k| k.hosts.is_empty());
        releases.iter().filter(is_unused).copied().collect()
    }

    /// The hits of a release, by id; `None` if no host has it.
    pub fn hits_of(&self, id: ReleaseId) -> Option<Vec<Hit>> {
        let known = self.known(id).filter(|known| !known.hosts.is_empty())?;
        let hits = known.held.hits.iter();
        Some(hits.map(|hit| self.vulnerabilities.unpack(*hit)).collect())
    }

    /// Those hits of a release that are of one of these vulnerabilities (sorted), by id.
    pub fn hits_among(&self, id: ReleaseId, wanted: &[Vulnerability]) -> Vec<Hit> {
        let hits = self.known(id).map(|known| known.held.hits.iter());
        let hits = hits.into_iter().flatten();
        let among = hits.filter(|hit| wanted.binary_search(&hit.vulnerability()).is_ok());
        among.map(|hit| self.vulnerabilities.unpack(*hit)).collect()
    }

    /// Every vulnerability that some of these releases have, sorted.
    pub fn vulnerabilities_of(&self, releases: &[ReleaseId]) -> Vec<Vulnerability> {
        let mut seen: HashSet<*const PackedHit> = HashSet::new();
        let mut all = Vec::new();
        for known in releases.iter().filter_map(|id| self.known(*id)) {
            let hits = &known.held.hits;
            if seen.insert(hits.as_ptr()) {
                all.extend(hits.iter().map(|hit| hit.vulnerability()));
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// One hit of a release.
    pub fn hit(&self, id: ReleaseId, vulnerability: Vulnerability) -> Option<Hit> {
        let hits = &self.known(id)?.held.hits;
        let hit = hits.iter().find(|h| h.vulnerability() == vulnerability);
        hit.map(|hit| self.vulnerabilities.unpack(*hit))
    }

    /// The id of a vulnerability's record. The number must be one that this index gave.
    pub fn id_of(&self, vulnerability: Vulnerability) -> &Arc<str> {
        self.vulnerabilities.id(vulnerability)
    }

    /// The id of a vulnerability's record and its aliases. The number must be one that this index gave.
    pub fn ids_of(&self, vulnerability: Vulnerability) -> impl Iterator<Item = &str> {
        self.vulnerabilities.ids(vulnerability)
    }

    /// The CVEs of a vulnerability, sorted. The number must be one that this index gave.
    pub fn cves_of(&self, vulnerability: Vulnerability) -> impl Iterator<Item = CveId> {
        self.vulnerabilities.cves(vulnerability)
    }

    /// The hosts that have a vulnerability, by the id of any record of it, an alias or a CVE, whatever the case of its letters.
    pub fn hosts_of(&self, id: &str) -> RoaringBitmap {
        let mut hosts = RoaringBitmap::new();
        self.each_with(id, |_, known, _| hosts |= &known.hosts);
        hosts
    }

    /// The releases that have a vulnerability, by any id of it, sorted; under one id a release may have several.
    pub fn releases_with(&self, id: &str) -> Vec<(ReleaseId, Vulnerability)> {
        let mut releases = Vec::new();
        self.each_with(id, |release, _, found| {
            releases.extend(found.iter().map(|vulnerability| (release, *vulnerability)));
        });
        releases.sort_unstable();
        releases
    }

    /// Calls `with` for each release in use that has something of this id, with what it has. Whether a list of hits has it is
    /// asked once, however many releases share the list.
    fn each_with(&self, id: &str, mut with: impl FnMut(ReleaseId, &Known, &[Vulnerability])) {
        let mut by_unit: BTreeMap<u32, Vec<Vulnerability>> = BTreeMap::new();
        for vulnerability in self.vulnerabilities.with_id(id) {
            for unit in self.vulnerabilities.units(*vulnerability) {
                by_unit.entry(*unit).or_default().push(*vulnerability);
            }
        }
        for (unit, wanted) in by_unit {
            let mut asked: HashMap<*const PackedHit, Vec<Vulnerability>> = HashMap::new();
            for release in &self.units.get(unit).releases {
                let known = self.release_at(ReleaseId(release));
                let hits = &known.held.hits;
                let found = asked.entry(hits.as_ptr()).or_insert_with(|| {
                    let of_hits = hits.iter().map(|hit| hit.vulnerability());
                    of_hits.filter(|v| wanted.contains(v)).collect()
                });
                if !found.is_empty() {
                    with(ReleaseId(release), known, found);
                }
            }
        }
    }

    /// The releases learned under a name (of the package, of its source, of the product) in an ecosystem (`Debian`, `npm`), in
    /// the order of their versions; also those no host has.
    pub fn releases_named(&self, ecosystem: &str, name: &str) -> Vec<ReleaseId> {
        let version = |id: &ReleaseId| {
            let release = &self.release_at(*id).release;
            release.version.as_deref().unwrap_or("")
        };
        by_version(ecosystem, self.under(ecosystem, name), version)
    }

    /// Those of them that some host has, as they were learned.
    pub fn in_use_under(&self, ecosystem: &str, name: &str) -> impl Iterator<Item = ReleaseId> {
        let releases = self.under(ecosystem, name).iter().copied();
        releases.filter(|id| !self.release_at(*id).hosts.is_empty())
    }

    fn under(&self, ecosystem: &str, name: &str) -> &[ReleaseId] {
        let releases = self.named.get(&key(ecosystem, name));
        releases.map_or(&[], Vec::as_slice)
    }

    /// How big it is.
    pub fn size(&self) -> Size {
        let used = self.releases.iter().flatten();
        let used = used.filter(|known| !known.hosts.is_empty());
        let hits = used.clone().map(|known| known.held.hits.len() as u64);
        Size {
            hosts: self.hosts.all().len(),
            releases: used.count() as u64,
            package_sets: self.hosts.set_count() as u64,
            hit_lists: self.lists.len() as u64,
            hits: hits.sum(),
            findings: self.findings,
        }
    }
}

/// What releases are found by: the ecosystem whatever its case, and the one spelling of the name.
fn key(ecosystem: &str, name: &str) -> (String, String) {
    let name = normalise(ecosystem, name).into_owned();
    (ecosystem.to_ascii_lowercase(), name)
}

/// The names under which records may speak of a release, each with the ecosystem it is a name in. One too many does no harm:
/// matching is asked and finds nothing.
pub(super) fn names_of(release: &Release) -> Vec<(String, String)> {
    let ecosystem = release.ecosystem.as_ref().map_or("", Ecosystem::name);
    let mut names = vec![key(ecosystem, &release.name)];
    if let Some(source) = &release.source {
        names.push(key(ecosystem, &source.name));
        // The signed kernels of Debian are looked up as what they are built from.
        if source.name.starts_with("linux-signed-") {
            names.push(key(ecosystem, "linux"));
        }
    }
    // What is updated with the system it is on depends on that system's updates: `Internet Explorer 11 on Windows 10`.
    if let Some((_, system)) = release.name.split_once(" on ")
        && ecosystem == MICROSOFT
    {
        names.push(key(ecosystem, system));
    }
    if let Some(cpe) = &release.cpe {
        names.push(key(PRODUCT, &format!("{}/{}", cpe.vendor, cpe.product)));
    }
    names.sort();
    names.dedup();
    names
}
