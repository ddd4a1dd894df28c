//! A board that follows the index. Facts of a vulnerability are looked up in the catalog once, when it first stands on a
//! release; a listing as known exploited looks up those it is about again.

use std::collections::HashMap;

use advisories::catalog::{AdvisoryIx, Catalog, CatalogError};
use advisories::model::VendorState;
use base::{Ecosystem, HostId};
use inventory::Package;
use jiff::Timestamp;
use matching::{Decided, FixState};
use rayon::prelude::*;

use super::board::Board;
use super::standing::{Cell, Rating, Scores, State};
use crate::hit::Hit;
use crate::index::{Index, Vulnerability};
use crate::judge::{Bench, Claim, FeedAges, Known, known_claim};
use crate::release::ReleaseId;

/// A board and what its ratings are of.
#[derive(Clone, Debug, Default)]
pub struct Follower {
    board: Board,
    numbers: HashMap<Key, u32>,
    /// Of each rating a hit, and the package it was first found on.
    rated: Vec<(Hit, Package)>,
    /// Whether records of a vulnerability rate packages apart.
    rates_packages: HashMap<Vulnerability, bool>,
}

/// What is rated alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    vulnerability: Vulnerability,
    is_unimportant: bool,
    is_notice: bool,
    /// The package, where its records rate packages apart.
    package: Option<String>,
}

impl Follower {
    /// Of the whole index, with what the catalog says of its vulnerabilities.
    pub fn of(index: &Index, catalog: &Catalog) -> Result<Self, CatalogError> {
        let mut follower = Self::default();
        let releases: Vec<ReleaseId> = index.releases_in_use().collect();
        for release in &releases {
            follower.stand(index, catalog, *release)?;
        }
        for host in index.hosts() {
            follower.install(index, HostId(host));
        }
        follower.rate(catalog, None, |_| true)?;
        follower.board.settle();
        Ok(follower)
    }

    /// The board.
    pub const fn board(&self) -> &Board {
        &self.board
    }

    /// Takes over what an entry of the log changed: the releases and hosts it was about.
    pub fn refresh(
        &mut self,
        index: &Index,
        catalog: &Catalog,
        releases: &[ReleaseId],
        hosts: &[HostId],
    ) -> Result<(), CatalogError> {
        let known = self.rated.len();
        for release in releases {
            self.stand(index, catalog, *release)?;
        }
        for host in hosts {
            self.install(index, *host);
        }
        self.rate(catalog, None, |number| number >= known)
    }

    /// Looks up again what the catalog says of the vulnerabilities that go by one of these ids. Where the rank of one rose, that was
    /// at `now`.
    pub fn rerate(
        &mut self,
        catalog: &Catalog,
        ids: &[&str],
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let rated: Vec<bool> = self
            .rated
            .iter()
            .map(|(hit, _)| {
                hit.ids()
                    .any(|id| ids.iter().any(|asked| id.eq_ignore_ascii_case(asked)))
            })
            .collect();
        self.rate(catalog, Some(now), |number| rated[number])
    }

    /// Makes the orders of pages; see [`Board::settle`].
    pub fn settle(&mut self) {
        self.board.settle();
    }

    fn install(&mut self, index: &Index, host: HostId) {
        let releases: Vec<u32> = index.releases_of(host).iter().map(|r| r.0).collect();
        self.board.install_set(host.0, &releases);
    }

    /// Who has a release, and what stands on it.
    fn stand(
        &mut self,
        index: &Index,
        catalog: &Catalog,
        id: ReleaseId,
    ) -> Result<(), CatalogError> {
        let (Some(release), Some(hosts)) = (index.release(id), index.hosts_with(id)) else {
            return Ok(());
        };
        let ecosystem = release.ecosystem.as_ref().map(Ecosystem::to_string);
        let version = release.version.as_deref().unwrap_or_default();
        let ecosystem = ecosystem.unwrap_or_default();
        self.board.name(id.0, &ecosystem, &release.name, version);
        self.board.set_hosts(id.0, hosts.clone());
        let package = release.to_package();
        let hits = index.hits_of(id).unwrap_or_default();
        let mut of_group = hits.into_iter().peekable();
        let mut cells = Vec::new();
        let mut rating = 0;
        let mut hit = None;
        for group in index.groups_of(id) {
            // Groups come in the order of the hits, each hit with all its groups.
            while hit.as_ref().is_none_or(|hit: &Hit| *hit.id != *group.id) {
                let Some(next) = of_group.next() else { break };
                rating = self.number(catalog, group.vulnerability, &next, &package)?;
                hit = Some(next);
            }
            let is_all = group.hosts.len() == hosts.len();
            cells.push(Cell {
                rating,
                fix: hit.as_ref().and_then(|hit| hit.fixed.first().cloned()),
                state: if group.reopened {
                    State::Reopened
                } else {
                    State::Open
                },
                since_hour: group.since.0,
                hosts: (!is_all).then_some(group.hosts),
            });
        }
        self.board.stand(id.0, cells);
        Ok(())
    }

    /// The number of the rating of a hit; a new one waits to be looked up.
    fn number(
        &mut self,
        catalog: &Catalog,
        vulnerability: Vulnerability,
        hit: &Hit,
        package: &Package,
    ) -> Result<u32, CatalogError> {
        let is_apart = match self.rates_packages.get(&vulnerability) {
            Some(is_apart) => *is_apart,
            None => {
                let is_apart = rates_packages(catalog, hit)?;
                self.rates_packages.insert(vulnerability, is_apart);
                is_apart
            }
        };
        let key = Key {
            vulnerability,
            is_unimportant: hit.is_unimportant,
            is_notice: hit.is_notice,
            package: is_apart.then(|| package.name.clone()),
        };
        if let Some(number) = self.numbers.get(&key) {
            return Ok(*number);
        }
        let cve = hit.cves.first().map(ToString::to_string);
        let number = self.board.rate(
            None,
            Rating {
                name: cve.unwrap_or_else(|| hit.id.clone()),
                ids: hit.ids().collect(),
                scores: Scores::default(),
            },
        );
        self.rated.push((hit.clone(), package.clone()));
        self.numbers.insert(key, number);
        Ok(number)
    }

    /// Looks up what the catalog says of some ratings; of those that were looked up before, as of which moment.
    fn rate(
        &mut self,
        catalog: &Catalog,
        again: Option<Timestamp>,
        is_asked: impl Fn(usize) -> bool + Sync,
    ) -> Result<(), CatalogError> {
        let ages = FeedAges::of(catalog);
        let bench = Bench {
            catalog,
            policies: &[],
            ages: &ages,
        };
        let asked: Vec<usize> = (0..self.rated.len()).filter(|n| is_asked(*n)).collect();
        let scores: Vec<Scores> = asked
            .par_iter()
            .map(|&number| {
                let (hit, package) = &self.rated[number];
                let known = known_claim(bench, package, claim(catalog, hit)?)?;
                Ok(scores(&known))
            })
            .collect::<Result<_, CatalogError>>()?;
        for (number, mut scores) in asked.into_iter().zip(scores) {
            let old = &self.board.ratings()[number];
            scores.reranked = match again {
                Some(now) if scores.ranks_above(&old.scores) => Some(now),
                // What it is now it was before: the clock of then counts, which is never the later one.
                _ if old.scores.ranks_above(&scores) => None,
                _ => old.scores.reranked,
            };
            if old.scores != scores {
                let rating = Rating {
                    scores,
                    ..old.clone()
                };
                self.board.rate(u32::try_from(number).ok(), rating);
            }
        }
        Ok(())
    }
}

/// The records a hit was made of: those it is named for.
fn records(catalog: &Catalog, hit: &Hit) -> Result<Vec<AdvisoryIx>, CatalogError> {
    let mut records = Vec::new();
    for name in hit.names() {
        for ix in catalog.find(&name)? {
            let is_own = catalog.id(ix)?.eq_ignore_ascii_case(&name);
            if is_own && !records.contains(&ix) {
                records.push(ix);
            }
        }
    }
    Ok(records)
}

fn rates_packages(catalog: &Catalog, hit: &Hit) -> Result<bool, CatalogError> {
    for ix in records(catalog, hit)? {
        if catalog
            .affected(ix)?
            .iter()
            .any(|entry| !entry.scores.is_empty())
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn claim(catalog: &Catalog, hit: &Hit) -> Result<Claim, CatalogError> {
    Ok(Claim {
        id: hit.id.clone(),
        aliases: hit.aliases.clone(),
        cves: hit.cves.clone(),
        advisories: records(catalog, hit)?,
        decided: Decided {
            record: hit.id.clone(),
            range: String::new(),
            event: String::new(),
        },
        why: String::new(),
        fixed: Vec::new(),
        fix_state: FixState::Unknown,
        vendor_state: hit.is_unimportant.then_some(VendorState::Unimportant),
        conflicts: Vec::new(),
        informational: hit.is_notice.then(|| "notice".to_owned()),
        theirs: None,
    })
}

fn scores(known: &Known) -> Scores {
    let finding = known.finding();
    let ssvc = finding.ssvc.as_ref();
    Scores {
        severity: finding.severity,
        cvss_tenths: finding.cvss.iter().map(|score| score.scored.tenths).max(),
        epss: finding.epss.as_ref().map(|epss| epss.score),
        kev: finding.kev.as_ref().map(|kev| (kev.added, kev.due)),
        exploitation: ssvc.and_then(|s| s.exploitation),
        automatable: ssvc.and_then(|s| s.automatable),
        total_impact: ssvc.and_then(|s| s.total_impact),
        released: known.released(),
        is_claimed: known.is_claimed(),
        reranked: None,
        is_dismissed: known.is_dismissed(),
    }
}
