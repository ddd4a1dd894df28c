//! What came and went between two moments, net: what was fixed and is there again, or came and was fixed, is not told.

use std::collections::BTreeMap;

use advisories::catalog::Catalog;
use base::{HostId, Severity};
use fleet::group::FindingGroup;
use fleet::index::{Transition, Turn, Vulnerability};
use fleet::release::ReleaseId;
use reports::briefing::{ChangedGroup, HOST_NAMES, Hosts, Moved};
use roaring::RoaringBitmap;

use crate::fleet::view::View;
use jiff::Timestamp;

/// A vulnerability of what is upgraded at once: ecosystem, unit, id.
type Key = (String, String, String);

/// A change on some hosts.
#[derive(Debug)]
pub(super) struct Change {
    /// What changed, and where.
    pub(super) group: ChangedGroup,
    /// How many findings, one a host.
    pub(super) findings: usize,
    /// When the last of it was learned.
    pub(super) at: Timestamp,
}

/// What turned since a moment.
#[derive(Debug)]
pub(super) struct Turned<'v> {
    view: &'v View,
    net: BTreeMap<Key, Net>,
}

/// The hosts on which something turned, net.
#[derive(Debug)]
struct Net {
    release: ReleaseId,
    vulnerability: Vulnerability,
    opened: RoaringBitmap,
    reopened: RoaringBitmap,
    fixed: RoaringBitmap,
    cleared: RoaringBitmap,
    at: Timestamp,
}

impl Net {
    fn new(one: &Transition, at: Timestamp) -> Self {
        Self {
            at,
            release: one.release,
            vulnerability: one.vulnerability,
            opened: RoaringBitmap::new(),
            reopened: RoaringBitmap::new(),
            fixed: RoaringBitmap::new(),
            cleared: RoaringBitmap::new(),
        }
    }

    fn take(&mut self, one: &Transition, hosts: &RoaringBitmap, at: Timestamp) {
        self.at = at;
        if one.turn.is_open() {
            let back = (&self.fixed | &self.cleared) & hosts;
            self.fixed -= &back;
            self.cleared -= &back;
            let rest = hosts - &back;
            match one.turn {
                Turn::Reopened => self.reopened |= rest,
                _ => self.opened |= rest,
            }
        } else {
            let undone = (&self.opened | &self.reopened) & hosts;
            self.opened -= &undone;
            self.reopened -= &undone;
            let rest = hosts - &undone;
            match one.turn {
                Turn::Fixed => self.fixed |= rest,
                Turn::Cleared => self.cleared |= rest,
                // A host that left took its findings with it: neither open nor fixed.
                _ => {
                    self.fixed -= hosts;
                    self.cleared -= hosts;
                }
            }
        }
        self.release = one.release;
    }

    const fn of(&self, turn: Turn) -> Option<&RoaringBitmap> {
        match turn {
            Turn::Opened => Some(&self.opened),
            Turn::Reopened => Some(&self.reopened),
            Turn::Fixed => Some(&self.fixed),
            Turn::Cleared => Some(&self.cleared),
            Turn::GoneWithHost => None,
        }
    }
}

impl<'v> Turned<'v> {
    /// By the entries of the log after a moment that the view was told of.
    pub(super) fn of(view: &'v View, since: Timestamp) -> Self {
        let mut net: BTreeMap<Key, Net> = BTreeMap::new();
        for told in view.told.iter().filter(|told| told.at > since) {
            for one in &told.transitions.groups {
                let Some(release) = view.state.index.release(one.release) else {
                    continue;
                };
                let (ecosystem, unit) = release.unit();
                let key = (ecosystem.to_owned(), unit.to_owned(), one.id.to_string());
                let hosts = view.hosts.merged.shown(&one.hosts);
                net.entry(key)
                    .or_insert_with(|| Net::new(one, told.at))
                    .take(one, &hosts, told.at);
            }
        }
        Self { view, net }
    }

    /// The changes of one kind, summed.
    pub(super) fn moved(&self, turn: Turn, open: &[FindingGroup]) -> Moved {
        let changes = self.changes(turn, open).into_iter();
        Moved::of(changes.map(|one| (one.group, one.findings)).collect())
    }

    /// The changes of one kind. What is open is told as its group is; what went by what the catalog says of it.
    pub(super) fn changes(&self, turn: Turn, open: &[FindingGroup]) -> Vec<Change> {
        let by_id: BTreeMap<&str, &FindingGroup> = open
            .iter()
            .map(|group| (group.finding.id.as_str(), group))
            .collect();
        let mut changes = Vec::new();
        for ((_, unit, id), net) in &self.net {
            let Some(hosts) = net.of(turn).filter(|hosts| !hosts.is_empty()) else {
                continue;
            };
            let known = by_id.get(id.as_str());
            let (severity, known_exploited) = match known {
                Some(group) => (group.finding.severity, group.finding.kev.is_some()),
                None => rated(&self.view.catalog, id, self.cves(net)),
            };
            let cve = self.cves(net).next().map(|cve| cve.to_string());
            let group = ChangedGroup {
                key: format!("{id}|{unit}"),
                id: cve.unwrap_or_else(|| id.clone()),
                package: self.package(net).unwrap_or_else(|| unit.clone()),
                hosts: self.named(hosts),
                severity,
                known_exploited,
            };
            changes.push(Change {
                group,
                findings: hosts.len() as usize,
                at: net.at,
            });
        }
        changes
    }

    fn cves(&self, net: &Net) -> impl Iterator<Item = base::CveId> {
        self.view.state.index.cves_of(net.vulnerability)
    }

    fn package(&self, net: &Net) -> Option<String> {
        let release = self.view.state.index.release(net.release)?;
        Some(release.name.clone())
    }

    fn named(&self, hosts: &RoaringBitmap) -> Hosts {
        let names = hosts.iter().take(HOST_NAMES).map(|host| {
            let known = self.view.state.host(HostId(host));
            known.map_or_else(|| HostId(host).to_string(), |host| host.name.clone())
        });
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        Hosts {
            total: hosts.len() as usize,
            names,
        }
    }
}

/// The severity of a record, by its own word or the score of its CVEs, and whether one of them is known to be exploited.
fn rated(
    catalog: &Catalog,
    id: &str,
    cves: impl Iterator<Item = base::CveId>,
) -> (Option<Severity>, bool) {
    let found = catalog.find(id).unwrap_or_default();
    let views = found.iter().filter_map(|ix| catalog.advisory(*ix).ok());
    let mut severity = views
        .filter(|view| view.id == id)
        .find_map(|view| view.severity);
    let mut is_exploited = false;
    for cve in cves {
        let Ok(facts) = catalog.cve(cve) else {
            continue;
        };
        is_exploited |= facts.kev.is_some();
        let scores = facts.record.iter().flat_map(|record| &record.scores);
        let scored = scores.filter_map(|vector| risk::cvss::score(&vector.vector).ok());
        severity = severity.or_else(|| scored.max_by_key(|s| s.version).map(|s| s.severity));
    }
    (severity, is_exploited)
}
