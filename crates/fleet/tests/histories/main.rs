//! Random histories: after every step the index says what the model says, and a replay of the log says it again.

#![expect(clippy::unwrap_used, reason = "a test says where it fails")]

mod model;
mod world;

use std::cell::Cell;

use advisories::catalog::Catalog;
use base::{Digest, HostId};
use fleet::change::{Act, Change, Report, What};
use fleet::evaluate::{catalog_change, evaluate, full_change};
use fleet::index::{Counts, Hour, Index, Transitions};
use fleet::release::{Release, ReleaseId};
use jiff::{Timestamp, ToSpan as _};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use model::{Done, Model, Numbers};
use world::{Dice, World};

/// So many that they take less than a minute in a debug build.
const CASES: u32 = 1500;

/// An index, the log it has taken, and the model beside it.
struct Run {
    index: Index,
    model: Model,
    numbers: Numbers,
    world: World,
    catalog: Catalog,
    now: Timestamp,
    log: Vec<Change>,
    transitions: Vec<Transitions>,
}

impl Run {
    fn new(start: &[u8]) -> Self {
        let world = World::new(&mut Dice(start));
        let catalog = world.catalog();
        let mut run = Self {
            index: Index::new(),
            model: Model::default(),
            numbers: Numbers::default(),
            catalog,
            world,
            now: Hour(500_000).start(),
            log: Vec::new(),
            transitions: Vec::new(),
        };
        let first = full_change(&run.index, &run.catalog).unwrap();
        run.take(What::Catalog(first));
        run
    }

    fn take(&mut self, what: What) -> Transitions {
        let change = Change {
            sequence: self.index.sequence() + 1,
            at: self.now,
            what,
        };
        let transitions = self.index.apply(&change).unwrap();
        self.log.push(change);
        self.transitions.push(transitions.clone());
        transitions
    }

    fn step(&mut self, bytes: &[u8]) {
        let dice = &mut Dice(bytes);
        self.now += (i64::from(dice.below(5)) * 25).minutes();
        let host = HostId(u32::from(dice.below(3)));
        let (said, expected) = match dice.below(12) {
            0 if self.model.has(host) => {
                let expected = self.model.remove(host);
                (self.take(What::Removed(host)), expected)
            }
            1 => {
                self.reload();
                (self.take(What::Act(act())), Done::default())
            }
            2..=6 => self.turn_over(dice),
            _ => self.report(host, dice),
        };
        assert_eq!(Done::of(&said), expected);
        self.compare();
    }

    fn report(&mut self, id: HostId, dice: &mut Dice<'_>) -> (Transitions, Done) {
        let back = [0, 0, 0, 1, 5, -9][usize::from(dice.below(6))];
        let seen_at = self.now - (i64::from(back) * 50).minutes();
        let host = match (self.model.host(id), dice.below(6)) {
            (Some(host), 0) => host.clone(),
            (Some(host), 1..=3) => world::later(host, dice),
            _ => world::host(dice),
        };
        let releases = Release::of_host(&host);
        let mut ids: Vec<ReleaseId> = releases.iter().map(|r| self.numbers.of(r)).collect();
        for (id, release) in ids.iter().zip(&releases) {
            self.index.learn(*id, release.clone()).unwrap();
        }
        ids.sort();
        ids.dedup();
        let evaluated = self.index.to_evaluate(&ids).into_iter().map(|id| {
            let release = &self.numbers.releases[id.0 as usize];
            (id, evaluate(&self.catalog, release).unwrap())
        });
        let report = Report {
            host: id,
            seen_at,
            source: "test".to_owned(),
            inventory: Digest::of(b""),
            evaluated: evaluated.collect(),
            releases: ids,
        };
        let (catalog, numbers) = (&self.catalog, &mut self.numbers);
        let expected = self
            .model
            .report(id, self.now, seen_at, &host, catalog, numbers);
        (self.take(What::Reported(report)), expected)
    }

    /// Another catalog; that which knows the old one says the same as that which asks all releases.
    fn turn_over(&mut self, dice: &mut Dice<'_>) -> (Transitions, Done) {
        self.world.change(dice);
        let new = self.world.catalog();
        let change = catalog_change(&self.index, Some(&self.catalog), &new).unwrap();
        assert_eq!(change, full_change(&self.index, &new).unwrap());
        let expected = self.model.catalog(self.now, &new, &mut self.numbers);
        self.catalog = new;
        (self.take(What::Catalog(change)), expected)
    }

    fn releases(&self) -> impl Iterator<Item = (ReleaseId, Release)> {
        let releases = self.numbers.releases.iter().cloned();
        (0..).map(ReleaseId).zip(releases)
    }

    fn reload(&mut self) {
        let bytes = self.index.to_bytes();
        let index = Index::from_bytes(&bytes, self.releases()).unwrap();
        assert_eq!(index.to_bytes(), bytes);
        self.index = index;
    }

    fn compare(&self) {
        let mut findings = Vec::new();
        for group in self.index.groups() {
            assert!(!group.hosts.is_empty());
            let hosts = group.hosts.iter().map(HostId);
            let id = group.id.to_string();
            findings.extend(
                hosts.map(|host| (host, group.release, id.clone(), group.since, group.reopened)),
            );
        }
        findings.sort();
        assert_eq!(findings, self.model.findings());
        assert_eq!(self.index.finding_count(), findings.len() as u64);
        let mut by_host: Vec<(HostId, ReleaseId, String, Hour, bool)> = Vec::new();
        for host in self.index.hosts().iter().map(HostId) {
            let on_host = self.index.findings_of(host).into_iter();
            by_host.extend(on_host.map(|f| {
                let id = self.index.id_of(f.vulnerability).to_string();
                (host, f.release, id, f.since, f.reopened)
            }));
        }
        by_host.sort();
        assert_eq!(by_host, findings);
        let releases = self.model.releases();
        let in_use: Vec<ReleaseId> = self.index.releases_in_use().collect();
        assert_eq!(in_use, releases.keys().copied().collect::<Vec<_>>());
        for (release, (hits, hosts)) in releases {
            assert_eq!(self.index.hits_of(release), Some(hits));
            let with: Vec<u32> = self.index.hosts_with(release).unwrap().iter().collect();
            assert_eq!(with, hosts);
        }
        for id in world::ids() {
            let hosts: Vec<u32> = self.index.hosts_of(&id).iter().collect();
            assert_eq!(hosts, self.model.hosts_of(&id), "{id}");
        }
    }

    /// The log again from its beginning, without any catalog.
    fn replay(&self) {
        let mut index = Index::new();
        for (id, release) in self.releases() {
            index.learn(id, release).unwrap();
        }
        for (change, before) in self.log.iter().zip(&self.transitions) {
            let again = index.apply(change).unwrap();
            assert_eq!(Done::of(&again), Done::of(before));
            assert_eq!(again.digest(), before.digest());
        }
        assert_eq!(index.to_bytes(), self.index.to_bytes());
    }
}

fn act() -> Act {
    Act {
        kind: "plan".to_owned(),
        subject: 1,
        hosts: Vec::new(),
        record: Digest::of(b""),
    }
}

/// How often each turn was taken in all histories.
#[derive(Default)]
struct Totals {
    counts: Cell<Counts>,
    carried: Cell<u64>,
    outdated: Cell<u64>,
}

impl Totals {
    fn add(&self, run: &Run) {
        let mut counts = self.counts.get();
        for transitions in &run.transitions {
            let more = transitions.counts();
            counts.opened += more.opened;
            counts.reopened += more.reopened;
            counts.fixed += more.fixed;
            counts.cleared += more.cleared;
            counts.gone_with_host += more.gone_with_host;
            self.carried.set(self.carried.get() + transitions.carried);
            let outdated = u64::from(transitions.is_outdated);
            self.outdated.set(self.outdated.get() + outdated);
        }
        self.counts.set(counts);
    }
}

/// Oracle: the model, which matches host by host and keeps rows. A history that fails is printed, as short as it was found.
#[test]
fn after_any_history_the_index_says_what_a_full_recomputation_says() {
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let bytes = |count: usize| prop::collection::vec(any::<u8>(), count);
    let histories = (bytes(80), prop::collection::vec(bytes(24), 1..24));
    let totals = Totals::default();
    let mut runner = TestRunner::new(config);
    let result = runner.run(&histories, |(start, steps)| {
        let mut run = Run::new(&start);
        for step in &steps {
            run.step(step);
        }
        run.replay();
        totals.add(&run);
        Ok(())
    });
    result.unwrap();
    // Histories in which nothing happens would prove nothing.
    let counts = totals.counts.get();
    let (carried, outdated) = (totals.carried.get(), totals.outdated.get());
    let all = [
        counts.opened,
        counts.reopened,
        counts.fixed,
        counts.cleared,
        counts.gone_with_host,
        carried,
        outdated,
    ];
    assert!(all.iter().all(|n| *n > u64::from(CASES) / 10), "{all:?}");
}
