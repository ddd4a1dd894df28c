//! A fleet that reported: its hosts, their releases, and the index of it.

use std::collections::HashMap;
use std::time::Duration;

use advisories::catalog::Catalog;
use anyhow::Context as _;
use base::{Digest, HostId};
use fleet::change::{Change, Report, What};
use fleet::evaluate::evaluate;
use fleet::hit::Hit;
use fleet::index::{Index, Transitions};
use fleet::release::{Release, ReleaseId};
use jiff::{Timestamp, ToSpan as _};
use rayon::prelude::*;

use super::hosts::{Hosts, Installed};
use super::measured::Times;
use super::stock::Stock;

/// Numbers of releases as they are first seen, and all of them.
#[derive(Default)]
pub(super) struct Releases {
    numbers: HashMap<Installed, ReleaseId>,
    pub(super) list: Vec<Installed>,
}

impl Releases {
    /// What a host has, by number.
    pub(super) fn of(&mut self, host: &[Installed]) -> Vec<ReleaseId> {
        let mut releases: Vec<ReleaseId> = host
            .iter()
            .map(|installed| {
                *self.numbers.entry(*installed).or_insert_with(|| {
                    self.list.push(*installed);
                    ReleaseId(self.list.len() as u32 - 1)
                })
            })
            .collect();
        releases.sort_unstable();
        releases
    }

    /// Whether some host has an item at a version.
    pub(super) fn is_used(&self, index: &Index, installed: Installed) -> bool {
        let id = self.numbers.get(&installed);
        let hosts = id.and_then(|id| index.hosts_with(*id));
        hosts.is_some_and(|hosts| !hosts.is_empty())
    }
}

/// The index of a fleet, and what it was made of.
pub(super) struct World<'s> {
    pub(super) stock: &'s Stock,
    pub(super) releases: Releases,
    pub(super) index: Index,
    /// Packages of all hosts.
    pub(super) packages: u64,
    at: Timestamp,
}

impl<'s> World<'s> {
    /// Nobody reported yet.
    pub(super) fn new(stock: &'s Stock) -> Self {
        Self {
            stock,
            releases: Releases::default(),
            index: Index::new(),
            packages: 0,
            at: Timestamp::UNIX_EPOCH
                .checked_add(496_000.hours())
                .unwrap_or(Timestamp::MAX),
        }
    }

    /// Every host reports for the first time, over two days; how long each took, and the hits of all releases together.
    pub(super) fn import(
        &mut self,
        hosts: &Hosts<'_>,
        many: u32,
        catalog: &Catalog,
    ) -> anyhow::Result<(Times, Duration)> {
        for number in 0..many {
            self.packages += self.releases.of(&hosts.host(number)).len() as u64;
        }
        let mut matching = Times::default();
        let mut hits: Vec<Option<Vec<Hit>>> = matching.of(|| {
            let all = self.releases.list.par_iter();
            let all = all.map(|(item, version)| {
                Ok(Some(evaluate(
                    catalog,
                    &self.stock.release(*item, *version),
                )?))
            });
            all.collect::<anyhow::Result<_>>()
        })?;
        for (number, (item, version)) in (0..).zip(&self.releases.list) {
            let release = self.stock.release(*item, *version);
            self.index.learn(ReleaseId(number), release)?;
        }
        let first = Change {
            sequence: 1,
            at: self.at,
            what: What::Catalog(fleet::change::CatalogChange {
                catalog: catalog.digest(),
                releases: Vec::new(),
            }),
        };
        self.index.apply(&first)?;
        let mut times = Times::default();
        let began = self.at;
        for number in 0..many {
            let releases = self.releases.of(&hosts.host(number));
            let unknown = self.index.to_evaluate(&releases);
            let evaluated = unknown
                .into_iter()
                .map(|id| Some((id, hits[id.0 as usize].take()?)))
                .collect::<Option<Vec<_>>>()
                .context("a release is evaluated once, for the first host")?;
            let passed =
                began.checked_add((i64::from(number) * 172_800 / i64::from(many)).seconds());
            self.at = passed.unwrap_or(self.at);
            let what = self.report(number, releases, evaluated);
            self.next(what, &mut times)?;
        }
        Ok((times, matching.total()))
    }

    /// Every release with its number.
    pub(super) fn learned(&self) -> impl Iterator<Item = (ReleaseId, Release)> {
        let numbered = (0..).zip(&self.releases.list);
        numbered.map(|(number, (item, version))| {
            (ReleaseId(number), self.stock.release(*item, *version))
        })
    }

    /// What a host says now.
    pub(super) fn report(
        &self,
        host: u32,
        releases: Vec<ReleaseId>,
        evaluated: Vec<(ReleaseId, Vec<Hit>)>,
    ) -> What {
        What::Reported(Report {
            host: HostId(host),
            seen_at: self.at,
            source: "bench".to_owned(),
            inventory: Digest::of(&host.to_le_bytes()),
            releases,
            evaluated,
        })
    }

    /// The moment of the next entry.
    pub(super) const fn now(&self) -> Timestamp {
        self.at
    }

    /// Time goes on.
    pub(super) fn wait(&mut self) {
        self.at = self.at.checked_add(1.hour()).unwrap_or(self.at);
    }

    /// The next entry of the log.
    pub(super) fn next(&mut self, what: What, times: &mut Times) -> anyhow::Result<Transitions> {
        let change = Change {
            sequence: self.index.sequence() + 1,
            at: self.at,
            what,
        };
        Ok(times.of(|| self.index.apply(&change))?)
    }
}
