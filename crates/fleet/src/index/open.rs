//! Every open finding, in groups of hosts.

use std::sync::Arc;

use base::HostId;
use roaring::RoaringBitmap;

use super::{Hour, Index, Known, Vulnerability};
use crate::release::ReleaseId;

/// A vulnerability of a release on the hosts that have it since the same hour in the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenGroup {
    /// The release.
    pub release: ReleaseId,
    /// The number of the vulnerability in this index.
    pub vulnerability: Vulnerability,
    /// The id of its record.
    pub id: Arc<str>,
    /// Since when.
    pub since: Hour,
    /// It was seen gone before on each of these hosts.
    pub reopened: bool,
    /// The hosts; never empty. Groups of one release may share them.
    pub hosts: Arc<RoaringBitmap>,
}

/// A finding on one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnHost {
    /// The release.
    pub release: ReleaseId,
    /// The number of the vulnerability in this index.
    pub vulnerability: Vulnerability,
    /// Since when.
    pub since: Hour,
    /// It was seen gone before.
    pub reopened: bool,
}

/// Hosts with the same date.
type Part = (Hour, bool, Arc<RoaringBitmap>);

impl Index {
    /// Every open finding exactly once, by release, by id, by date.
    pub fn groups(&self) -> impl Iterator<Item = OpenGroup> {
        let releases = self.releases_in_use();
        releases.flat_map(|release| self.groups_of(release))
    }

    /// The open findings of a release; none if no host has it.
    pub fn groups_of(&self, release: ReleaseId) -> Vec<OpenGroup> {
        let Some(known) = self.known(release) else {
            return Vec::new();
        };
        let parts = self.parts(known);
        let mut groups = Vec::with_capacity(known.held.hits.len());
        for (at, hit) in known.held.hits.iter().enumerate() {
            let vulnerability = hit.vulnerability();
            for (since, reopened, hosts) in &parts[known.held.place_of(at) as usize] {
                groups.push(OpenGroup {
                    release,
                    vulnerability,
                    id: Arc::clone(self.vulnerabilities.id(vulnerability)),
                    since: *since,
                    reopened: *reopened,
                    hosts: Arc::clone(hosts),
                });
            }
        }
        groups
    }

    /// Of each life of a release, its hosts by date.
    fn parts(&self, known: &Known) -> Vec<Vec<Part>> {
        let lives = known.held.lives().iter();
        let parts = lives.map(|life| {
            let mut parts = Vec::new();
            for (since, on) in life.by_since(&known.hosts, &self.hosts) {
                let again = &on & &life.reopened;
                let once = if again.is_empty() { on } else { on - &again };
                for (reopened, hosts) in [(false, once), (true, again)] {
                    if !hosts.is_empty() {
                        parts.push((since, reopened, Arc::new(hosts)));
                    }
                }
            }
            parts
        });
        parts.collect()
    }

    /// The open findings of a host, by release and id; none if it is not in the fleet.
    pub fn findings_of(&self, host: HostId) -> Vec<OnHost> {
        let mut findings = Vec::new();
        let first = self.hosts.first(host.0);
        for release in self.hosts.releases(host) {
            let held = &self.release_at(release).held;
            for (at, hit) in held.hits.iter().enumerate() {
                let stands = held.life(at).on(host.0, first);
                findings.push(OnHost {
                    release,
                    vulnerability: hit.vulnerability(),
                    since: stands.since,
                    reopened: stands.reopened,
                });
            }
        }
        findings
    }
}
