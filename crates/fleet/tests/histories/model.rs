//! The fleet as rows, by the letter of docs/decisions/050-fleet.md: each host is matched package by package, each finding is a
//! row with its date, and nothing is shared, clever or fast.

use std::collections::{BTreeMap, BTreeSet};

use advisories::catalog::Catalog;
use base::HostId;
use fleet::hit::Hit;
use fleet::index::{Hour, Transitions, Turn};
use fleet::release::{Release, ReleaseId};
use inventory::Host;
use jiff::Timestamp;
use matching::{Kernels, Options, match_package};

/// The numbers that a store would give to releases.
#[derive(Default)]
pub(super) struct Numbers {
    pub(super) releases: Vec<Release>,
}

impl Numbers {
    pub(super) fn of(&mut self, release: &Release) -> ReleaseId {
        let known = self.releases.iter().position(|r| r == release);
        let at = known.unwrap_or_else(|| {
            self.releases.push(release.clone());
            self.releases.len() - 1
        });
        ReleaseId(at as u32)
    }
}

/// A finding on a host.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) hit: Hit,
    pub(super) since: Hour,
    pub(super) reopened: bool,
}

impl Row {
    fn new(hit: &Hit, since: Hour, reopened: bool) -> Self {
        Self {
            hit: hit.clone(),
            since,
            reopened,
        }
    }

    /// The turn by which such a row begins.
    fn turn(reopened: bool) -> Turn {
        match reopened {
            true => Turn::Reopened,
            false => Turn::Opened,
        }
    }
}

/// A finding's turn: turn, release, id, since, host.
pub(super) type Turned = (Turn, ReleaseId, String, Hour, HostId);

/// What a step did.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Done {
    pub(super) turned: Vec<Turned>,
    pub(super) carried: u64,
    pub(super) is_outdated: bool,
}

impl Done {
    /// What the index says it did, host by host.
    pub(super) fn of(transitions: &Transitions) -> Self {
        let groups = transitions.groups.iter();
        let each = groups.flat_map(|g| {
            let hosts = g.hosts.iter();
            hosts.map(|host| (g.turn, g.release, g.id.to_string(), g.since, HostId(host)))
        });
        let mut turned: Vec<Turned> = each.collect();
        turned.sort();
        Self {
            turned,
            carried: transitions.carried,
            is_outdated: transitions.is_outdated,
        }
    }
}

struct Machine {
    host: Host,
    seen_at: Timestamp,
    rows: BTreeMap<ReleaseId, Vec<Row>>,
    /// Unit and hit of what was seen gone.
    gone: Vec<(Unit, Hit)>,
}

#[derive(Default)]
pub(super) struct Model {
    machines: BTreeMap<HostId, Machine>,
    /// When we learned that a release has what it has; as long as some host has the release.
    learned: BTreeMap<(ReleaseId, String), Hour>,
    done: Done,
}

/// What a host has by a catalog, package by package.
pub(super) fn hits(
    catalog: &Catalog,
    host: &Host,
    numbers: &mut Numbers,
) -> BTreeMap<ReleaseId, Vec<Hit>> {
    let options = Options::of(host, false);
    let kernels = Kernels::of(host);
    let releases = Release::of_host(host);
    let mut all = BTreeMap::new();
    for (package, release) in host.packages.iter().zip(&releases) {
        let mut matches = match_package(catalog, host, package, options).unwrap();
        kernels
            .settle(catalog, package, options, &mut matches)
            .unwrap();
        let mut hits: Vec<Hit> = matches.affected.iter().map(Hit::of).collect();
        hits.sort();
        let id = numbers.of(release);
        let other = all.insert(id, hits.clone());
        assert!(other.is_none_or(|other| other == hits), "{release:?}");
    }
    all
}

/// Ecosystem and name.
type Unit = (String, String);

fn unit(numbers: &Numbers, release: ReleaseId) -> Unit {
    let (ecosystem, name) = numbers.releases[release.0 as usize].unit();
    (ecosystem.to_owned(), name.to_owned())
}

impl Model {
    fn turn(&mut self, turn: Turn, release: ReleaseId, hit: &Hit, since: Hour, host: HostId) {
        let turned = (turn, release, hit.id.clone(), since, host);
        self.done.turned.push(turned);
    }

    fn end(&mut self) -> Done {
        let used: BTreeSet<ReleaseId> = self
            .machines
            .values()
            .flat_map(|machine| machine.rows.keys().copied())
            .collect();
        self.learned
            .retain(|(release, _), _| used.contains(release));
        self.done.turned.sort();
        std::mem::take(&mut self.done)
    }

    fn is_used(&self, release: ReleaseId) -> bool {
        let mut machines = self.machines.values();
        machines.any(|machine| machine.rows.contains_key(&release))
    }

    pub(super) fn report(
        &mut self,
        id: HostId,
        at: Timestamp,
        seen_at: Timestamp,
        host: &Host,
        catalog: &Catalog,
        numbers: &mut Numbers,
    ) -> Done {
        let seen_at = seen_at.min(at);
        let last = self.machines.get(&id).map(|machine| machine.seen_at);
        if last.is_some_and(|last| seen_at < last) {
            self.done.is_outdated = true;
            return self.end();
        }
        let now = hits(catalog, host, numbers);
        for (release, hits) in &now {
            if !self.is_used(*release) {
                for hit in hits {
                    let key = (*release, hit.id.clone());
                    self.learned.insert(key, Hour::of(at));
                }
            }
        }
        let (before, mut gone) = match self.machines.remove(&id) {
            Some(machine) => (machine.rows, machine.gone),
            None => (BTreeMap::new(), Vec::new()),
        };
        let mut rows: BTreeMap<ReleaseId, Vec<Row>> = BTreeMap::new();
        for (release, hits) in &now {
            let mut of_release = Vec::new();
            let begin = |hit| {
                Self::begin(
                    &self.learned,
                    (*release, hit),
                    seen_at,
                    &before,
                    &gone,
                    numbers,
                )
            };
            let begun: Vec<(Row, Option<Turn>)> = match before.get(release) {
                Some(kept) => {
                    of_release.clone_from(kept);
                    Vec::new()
                }
                None => hits.iter().map(begin).collect(),
            };
            for (row, turn) in begun {
                match turn {
                    Some(turn) => self.turn(turn, *release, &row.hit, row.since, id),
                    None => self.done.carried += 1,
                }
                of_release.push(row);
            }
            rows.insert(*release, of_release);
        }
        gone.extend(self.fixed(id, &before, &now, numbers));
        let machine = Machine {
            host: host.clone(),
            seen_at,
            rows,
            gone,
        };
        self.machines.insert(id, machine);
        self.end()
    }

    /// What was on a release that left and is on nothing of its unit now.
    fn fixed(
        &mut self,
        id: HostId,
        before: &BTreeMap<ReleaseId, Vec<Row>>,
        now: &BTreeMap<ReleaseId, Vec<Hit>>,
        numbers: &Numbers,
    ) -> Vec<(Unit, Hit)> {
        let mut gone = Vec::new();
        for (release, old) in before
            .iter()
            .filter(|(release, _)| !now.contains_key(release))
        {
            let of_unit = unit(numbers, *release);
            for row in old {
                let is_there = now.iter().any(|(other, hits)| {
                    unit(numbers, *other) == of_unit && hits.iter().any(|hit| hit.is_same(&row.hit))
                });
                if !is_there {
                    self.turn(Turn::Fixed, *release, &row.hit, row.since, id);
                    gone.push((of_unit.clone(), row.hit.clone()));
                }
            }
        }
        gone
    }

    /// How a finding begins on a host that got a release; no turn where it goes on.
    fn begin(
        learned: &BTreeMap<(ReleaseId, String), Hour>,
        (release, hit): (ReleaseId, &Hit),
        seen_at: Timestamp,
        before: &BTreeMap<ReleaseId, Vec<Row>>,
        gone: &[(Unit, Hit)],
        numbers: &Numbers,
    ) -> (Row, Option<Turn>) {
        let of_unit = unit(numbers, release);
        let same: Vec<&Row> = before
            .iter()
            .filter(|(other, _)| unit(numbers, **other) == of_unit)
            .flat_map(|(_, rows)| rows)
            .filter(|row| row.hit.is_same(hit))
            .collect();
        if let Some(since) = same.iter().map(|row| row.since).min() {
            let reopened = same.iter().any(|row| row.reopened);
            return (Row::new(hit, since, reopened), None);
        }
        let reopened = gone
            .iter()
            .any(|(unit, gone)| *unit == of_unit && gone.is_same(hit));
        let since = learned[&(release, hit.id.clone())].max(Hour::of(seen_at));
        (Row::new(hit, since, reopened), Some(Row::turn(reopened)))
    }

    pub(super) fn remove(&mut self, id: HostId) -> Done {
        let machine = self.machines.remove(&id).unwrap();
        for (release, rows) in &machine.rows {
            for row in rows {
                self.turn(Turn::GoneWithHost, *release, &row.hit, row.since, id);
            }
        }
        self.end()
    }

    pub(super) fn catalog(&mut self, at: Timestamp, new: &Catalog, numbers: &mut Numbers) -> Done {
        let mut learned = self.learned.clone();
        let ids: Vec<HostId> = self.machines.keys().copied().collect();
        for id in ids {
            let host = self.machines[&id].host.clone();
            let mut rows = BTreeMap::new();
            for (release, hits) in hits(new, &host, numbers) {
                let of_unit = unit(numbers, release);
                let after = self.turn_over((id, release), Hour::of(at), &hits, &of_unit);
                for (row, since) in &after {
                    learned.insert((release, row.hit.id.clone()), *since);
                }
                rows.insert(release, after.into_iter().map(|(row, _)| row).collect());
            }
            self.machines.get_mut(&id).unwrap().rows = rows;
        }
        self.learned = learned;
        self.end()
    }

    /// The rows of a release on a host by another catalog, each with when it was learned.
    fn turn_over(
        &mut self,
        (id, release): (HostId, ReleaseId),
        now: Hour,
        hits: &[Hit],
        of_unit: &Unit,
    ) -> Vec<(Row, Hour)> {
        let before = self.machines[&id].rows[&release].clone();
        let is_in = |hits: &[Hit], id: &str| hits.iter().any(|hit| hit.id == id);
        let ended: Vec<&Row> = before
            .iter()
            .filter(|row| !is_in(hits, &row.hit.id))
            .collect();
        let mut after = Vec::new();
        for hit in hits {
            let stays = before.iter().find(|row| row.hit.id == hit.id);
            let followed: Vec<&Row> = match stays {
                Some(stays) => vec![stays],
                None => ended
                    .iter()
                    .copied()
                    .filter(|row| row.hit.is_same(hit))
                    .collect(),
            };
            let known = followed
                .iter()
                .map(|row| self.learned[&(release, row.hit.id.clone())]);
            let known = known.min().unwrap_or(now);
            let row = match followed.iter().map(|row| row.since).min() {
                Some(since) => {
                    self.done.carried += u64::from(stays.is_none());
                    let reopened = followed.iter().any(|row| row.reopened);
                    Row::new(hit, since, reopened)
                }
                None => {
                    let mut gone = self.machines[&id].gone.iter();
                    let reopened = gone.any(|(unit, gone)| unit == of_unit && gone.is_same(hit));
                    self.turn(Row::turn(reopened), release, hit, now, id);
                    Row::new(hit, now, reopened)
                }
            };
            after.push((row, known));
        }
        for row in &ended {
            let is_new = |hit: &Hit| before.iter().all(|row| row.hit.id != hit.id);
            if !hits.iter().any(|hit| is_new(hit) && hit.is_same(&row.hit)) {
                self.turn(Turn::Cleared, release, &row.hit, row.since, id);
            }
        }
        after
    }

    /// Every finding: host, release, id, since, reopened.
    pub(super) fn findings(&self) -> Vec<(HostId, ReleaseId, String, Hour, bool)> {
        let mut findings = Vec::new();
        for (id, machine) in &self.machines {
            for (release, rows) in &machine.rows {
                let rows = rows.iter();
                findings.extend(
                    rows.map(|row| (*id, *release, row.hit.id.clone(), row.since, row.reopened)),
                );
            }
        }
        findings.sort();
        findings
    }

    /// The hits of every release, with the hosts that have it.
    pub(super) fn releases(&self) -> BTreeMap<ReleaseId, (Vec<Hit>, Vec<u32>)> {
        let mut releases: BTreeMap<ReleaseId, (Vec<Hit>, Vec<u32>)> = BTreeMap::new();
        for (id, machine) in &self.machines {
            for (release, rows) in &machine.rows {
                let hits: Vec<Hit> = rows.iter().map(|row| row.hit.clone()).collect();
                let known = releases
                    .entry(*release)
                    .or_insert_with(|| (hits.clone(), Vec::new()));
                assert_eq!(known.0, hits);
                known.1.push(id.0);
            }
        }
        releases
    }

    /// The hosts with a finding that goes by an id.
    pub(super) fn hosts_of(&self, id: &str) -> Vec<u32> {
        let machines = self.machines.iter();
        let has = machines.filter(|(_, machine)| {
            let mut rows = machine.rows.values().flatten();
            rows.any(|row| row.hit.ids().any(|other| other.eq_ignore_ascii_case(id)))
        });
        has.map(|(host, _)| host.0).collect()
    }

    pub(super) fn has(&self, id: HostId) -> bool {
        self.machines.contains_key(&id)
    }

    pub(super) fn host(&self, id: HostId) -> Option<&Host> {
        self.machines.get(&id).map(|machine| &machine.host)
    }
}
