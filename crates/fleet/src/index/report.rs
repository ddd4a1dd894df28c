//! A host was read, or is no more. Unit by unit: what the host had of it, what it has now, and which vulnerabilities go on,
//! begin, or are gone.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use base::HostId;
use jiff::Timestamp;
use roaring::RoaringBitmap;

use super::held::Held;
use super::life::Begin;
use super::{HOSTS, Hour, Index, IndexError, Transition, Transitions, Turn, Vulnerability};
use crate::change::Report;
use crate::hit::Hit;
use crate::release::ReleaseId;

/// What a report does to one unit of a host.
#[derive(Default)]
struct UnitChange {
    kept: Vec<ReleaseId>,
    arrived: Vec<ReleaseId>,
    left: Vec<ReleaseId>,
}

/// What all changes of one report have in common.
struct Visit {
    host: HostId,
    /// The same set in every transition.
    alone: Arc<RoaringBitmap>,
    hour: Hour,
    first: Hour,
}

impl Index {
    /// Whether a report can be taken.
    pub(super) fn check_report(&self, report: &Report) -> Result<(), IndexError> {
        if HOSTS.is_exceeded_by(u64::from(report.host.0)) {
            return Err(IndexError::HostOverLimit(report.host));
        }
        check_sorted("the list of releases", report.releases.iter())?;
        check_sorted(
            "the list of evaluated releases",
            report.evaluated.iter().map(|(r, _)| r),
        )?;
        for (release, hits) in &report.evaluated {
            let known = self.known(*release);
            let known = known.ok_or(IndexError::UnknownRelease(*release))?;
            check_hits(hits)?;
            let is_other = || self.hits_of(*release).as_ref() != Some(hits);
            if !known.hosts.is_empty() && is_other() {
                return Err(IndexError::OtherHits(*release));
            }
        }
        for release in &report.releases {
            let known = self.known(*release);
            let known = known.ok_or(IndexError::UnknownRelease(*release))?;
            let is_brought = || report.evaluated.binary_search_by_key(release, |(r, _)| *r);
            if known.hosts.is_empty() && is_brought().is_err() {
                return Err(IndexError::NotEvaluated(*release));
            }
        }
        Ok(())
    }

    /// Takes a report that was checked.
    pub(super) fn report(&mut self, sequence: u64, at: Timestamp, report: &Report) -> Transitions {
        // A clock that runs ahead must not make the host's next reports look old.
        let seen_at = report.seen_at.min(at);
        let mut transitions = Transitions::none(sequence, Hour::of(seen_at));
        let last = self.hosts.get(report.host).map(|host| host.seen_at);
        if last.is_some_and(|last| seen_at < last) {
            transitions.is_outdated = true;
            return transitions;
        }
        let old = self.hosts.releases(report.host);
        if last.is_some() && old == report.releases {
            self.hosts.seen(report.host, seen_at);
            return transitions;
        }
        self.evaluate(&old, report, Hour::of(at));
        self.hosts.put(report.host, seen_at, &report.releases);
        let visit = Visit {
            host: report.host,
            alone: Arc::new(RoaringBitmap::from([report.host.0])),
            hour: Hour::of(seen_at),
            first: self.hosts.first(report.host.0),
        };
        for (unit, change) in self.changed_units(&old, &report.releases) {
            self.change_unit(unit, &change, &visit, &mut transitions);
        }
        transitions
    }

    /// Puts down the hits of releases that come to the fleet with this report.
    fn evaluate(&mut self, old: &[ReleaseId], report: &Report, learned: Hour) {
        for (release, hits) in &report.evaluated {
            let is_coming = report.releases.binary_search(release).is_ok();
            if !is_coming || old.binary_search(release).is_ok() {
                continue;
            }
            if self.release_at(*release).hosts.is_empty() {
                let list = hits.iter().map(|hit| self.vulnerabilities.pack(hit));
                let list: Vec<_> = list.collect();
                let unit = self.release_at(*release).unit;
                for hit in &list {
                    self.vulnerabilities.seen_in(hit.vulnerability(), unit);
                }
                let held = Held::learned(self.lists.take(list), learned);
                self.release_at_mut(*release).held = held;
            }
        }
    }

    /// The units of which something came or went, with all that the host has and had of them.
    fn changed_units(&self, old: &[ReleaseId], new: &[ReleaseId]) -> BTreeMap<u32, UnitChange> {
        let mut units: BTreeMap<u32, UnitChange> = BTreeMap::new();
        let unit = |release: &ReleaseId| self.release_at(*release).unit;
        for release in new.iter().filter(|r| old.binary_search(r).is_err()) {
            units
                .entry(unit(release))
                .or_default()
                .arrived
                .push(*release);
        }
        for release in old {
            if new.binary_search(release).is_err() {
                units.entry(unit(release)).or_default().left.push(*release);
            }
        }
        for release in old.iter().filter(|r| new.binary_search(r).is_ok()) {
            if let Some(change) = units.get_mut(&unit(release)) {
                change.kept.push(*release);
            }
        }
        units
    }

    fn change_unit(
        &mut self,
        unit: u32,
        change: &UnitChange,
        visit: &Visit,
        transitions: &mut Transitions,
    ) {
        let before = self.lives_before(change, visit);
        let gone = self
            .units
            .get(unit)
            .gone_from(visit.host.0, &self.vulnerabilities);
        let begins: Vec<Vec<Begin>> = change
            .arrived
            .iter()
            .map(|release| self.begins(*release, &before, &gone, visit, transitions))
            .collect();
        let fixed = self.fixed(change, visit, transitions);
        for release in &change.left {
            self.leave(*release, visit.host);
        }
        for (release, begins) in change.arrived.iter().zip(begins) {
            self.arrive(unit, *release, &begins, visit);
        }
        self.units.get_mut(unit).add_gone(visit.host.0, fixed);
    }

    /// How each vulnerability of the unit stood on the host, by the words that tell it from others.
    fn lives_before(&self, change: &UnitChange, visit: &Visit) -> HashMap<u32, Begin> {
        let mut before: HashMap<u32, Begin> = HashMap::new();
        if change
            .arrived
            .iter()
            .all(|r| self.release_at(*r).held.hits.is_empty())
        {
            return before;
        }
        for release in change.kept.iter().chain(&change.left) {
            let held = &self.release_at(*release).held;
            for (at, hit) in held.hits.iter().enumerate() {
                let stood = held.life(at).on(visit.host.0, visit.first);
                for key in self.vulnerabilities.keys(hit.vulnerability()) {
                    let known = before.entry(*key).or_insert(stood);
                    known.since = known.since.min(stood.since);
                    known.reopened |= stood.reopened;
                }
            }
        }
        before
    }

    /// How each hit of a release that the host got begins on it.
    fn begins(
        &self,
        release: ReleaseId,
        before: &HashMap<u32, Begin>,
        gone: &[u32],
        visit: &Visit,
        transitions: &mut Transitions,
    ) -> Vec<Begin> {
        let held = &self.release_at(release).held;
        let mut begins = Vec::with_capacity(held.hits.len());
        for (at, hit) in held.hits.iter().enumerate() {
            let keys = self.vulnerabilities.keys(hit.vulnerability());
            let stood = keys.iter().filter_map(|key| before.get(key));
            let stood = stood.copied().reduce(|a, b| Begin {
                since: a.since.min(b.since),
                reopened: a.reopened | b.reopened,
            });
            begins.push(match stood {
                Some(stood) => {
                    transitions.carried += 1;
                    stood
                }
                None => {
                    let begin = Begin {
                        since: visit.hour.max(held.life(at).learned),
                        reopened: keys.iter().any(|key| gone.binary_search(key).is_ok()),
                    };
                    let turn = if begin.reopened {
                        Turn::Reopened
                    } else {
                        Turn::Opened
                    };
                    let vulnerability = hit.vulnerability();
                    let group = self.one(turn, release, vulnerability, begin.since, &visit.alone);
                    transitions.groups.push(group);
                    begin
                }
            });
        }
        begins
    }

    /// The vulnerabilities of releases that left which nothing of the unit has any more, sorted.
    fn fixed(
        &self,
        change: &UnitChange,
        visit: &Visit,
        transitions: &mut Transitions,
    ) -> Vec<Vulnerability> {
        let mut fixed = Vec::new();
        if change
            .left
            .iter()
            .all(|r| self.release_at(*r).held.hits.is_empty())
        {
            return fixed;
        }
        let now = change.kept.iter().chain(&change.arrived);
        let now = now.flat_map(|release| self.release_at(*release).held.hits.iter());
        let now: HashSet<u32> = now
            .flat_map(|hit| self.vulnerabilities.keys(hit.vulnerability()))
            .copied()
            .collect();
        for release in &change.left {
            let held = &self.release_at(*release).held;
            for (at, hit) in held.hits.iter().enumerate() {
                let vulnerability = hit.vulnerability();
                let keys = self.vulnerabilities.keys(vulnerability);
                if !keys.iter().any(|key| now.contains(key)) {
                    let since = held.life(at).on(visit.host.0, visit.first).since;
                    let group = self.one(Turn::Fixed, *release, vulnerability, since, &visit.alone);
                    transitions.groups.push(group);
                    fixed.push(vulnerability);
                }
            }
        }
        fixed.sort_unstable();
        fixed.dedup();
        fixed
    }

    /// A turn of a finding.
    pub(super) fn one(
        &self,
        turn: Turn,
        release: ReleaseId,
        vulnerability: Vulnerability,
        since: Hour,
        hosts: &Arc<RoaringBitmap>,
    ) -> Transition {
        Transition {
            turn,
            release,
            vulnerability,
            id: Arc::clone(self.vulnerabilities.id(vulnerability)),
            since,
            hosts: Arc::clone(hosts),
        }
    }

    fn arrive(&mut self, unit: u32, release: ReleaseId, begins: &[Begin], visit: &Visit) {
        self.units.get_mut(unit).releases.insert(release.0);
        let known = self.release_at_mut(release);
        let is_first = known.hosts.is_empty();
        known.hosts.insert(visit.host.0);
        known
            .held
            .arrive(visit.host.0, visit.first, begins, is_first);
        self.findings += begins.len() as u64;
    }

    fn leave(&mut self, release: ReleaseId, host: HostId) {
        let known = self.release_at_mut(release);
        if !known.hosts.remove(host.0) {
            return;
        }
        known.held.leave(host.0);
        let hits = known.held.hits.len() as u64;
        if known.hosts.is_empty() {
            let unit = known.unit;
            let held = std::mem::take(&mut known.held);
            self.lists.give_back(held.hits);
            self.units.get_mut(unit).releases.remove(release.0);
        }
        self.findings -= hits;
    }

    /// A host is no more.
    pub(super) fn remove(
        &mut self,
        sequence: u64,
        at: Timestamp,
        host: HostId,
    ) -> Result<Transitions, IndexError> {
        let slot = self.hosts.get(host);
        let first = slot.ok_or(IndexError::UnknownHost(host))?.first;
        let mut transitions = Transitions::none(sequence, Hour::of(at));
        let alone = Arc::new(RoaringBitmap::from([host.0]));
        for release in self.hosts.releases(host) {
            let held = &self.release_at(release).held;
            for (at, hit) in held.hits.iter().enumerate() {
                let since = held.life(at).on(host.0, first).since;
                let turn = Turn::GoneWithHost;
                let group = self.one(turn, release, hit.vulnerability(), since, &alone);
                transitions.groups.push(group);
            }
            self.leave(release, host);
        }
        self.units.forget(host.0);
        self.hosts.remove(host);
        Ok(transitions)
    }
}

/// Whether a list is sorted and has nothing twice.
pub(super) fn check_sorted<'r>(
    what: &'static str,
    releases: impl Iterator<Item = &'r ReleaseId>,
) -> Result<(), IndexError> {
    let mut last: Option<ReleaseId> = None;
    for release in releases {
        if last.is_some_and(|last| last >= *release) {
            let at = format!("r{}", release.0);
            return Err(IndexError::NotSorted { what, at });
        }
        last = Some(*release);
    }
    Ok(())
}

/// Whether hits are sorted by id and no id is there twice.
pub(super) fn check_hits(hits: &[Hit]) -> Result<(), IndexError> {
    match hits.windows(2).find(|two| two[0].id >= two[1].id) {
        Some(two) => Err(IndexError::NotSorted {
            what: "the list of hits",
            at: two[1].id.clone(),
        }),
        None => Ok(()),
    }
}
