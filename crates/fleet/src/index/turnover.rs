//! Another catalog holds. Nothing changed on any host; what changed is what we know of the releases they have.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use roaring::RoaringBitmap;

use super::held::Held;
use super::life::Life;
use super::report::{check_hits, check_sorted};
use super::vulnerability::PackedHit;
use super::{Hour, Index, IndexError, Transition, Transitions, Turn};
use crate::change::{CatalogChange, HitsChange};
use crate::release::ReleaseId;

/// Where the life of a hit comes from.
enum Source {
    /// The hit of the same id, by its place in the old list.
    Stays(usize),
    /// Hits that ended with it and are the same vulnerability, by their places in the old list.
    Follows(Vec<usize>),
    /// It was learned now.
    Begins,
}

/// The list of hits a release has from now on, with what became of the old one.
struct Plan {
    hits: Vec<PackedHit>,
    sources: Vec<Source>,
    /// Places in the old list of those that end and are followed by none.
    cleared: Vec<usize>,
}

impl Index {
    /// Whether a change of catalogs can be taken.
    pub(super) fn check_turnover(&self, change: &CatalogChange) -> Result<(), IndexError> {
        check_sorted(
            "the list of releases",
            change.releases.iter().map(|c| &c.release),
        )?;
        for HitsChange {
            release,
            ended,
            now,
        } in &change.releases
        {
            let known = self.known(*release);
            known.ok_or(IndexError::UnknownRelease(*release))?;
            check_hits(now)?;
            let twice = ended
                .windows(2)
                .find(|two| two[0] >= two[1])
                .map(|two| &two[1]);
            let both = || {
                ended
                    .iter()
                    .find(|id| now.binary_search_by(|hit| hit.id.cmp(id)).is_ok())
            };
            if let Some(id) = twice.or_else(both) {
                return Err(IndexError::NotSorted {
                    what: "the list of hits that ended",
                    at: id.clone(),
                });
            }
        }
        Ok(())
    }

    /// Takes a change of catalogs that was checked. Of a release that no host has there is nothing to change.
    pub(super) fn turn_over(
        &mut self,
        sequence: u64,
        at: Timestamp,
        change: &CatalogChange,
    ) -> Transitions {
        let hour = Hour::of(at);
        let mut transitions = Transitions::none(sequence, hour);
        for change in &change.releases {
            if !self.release_at(change.release).hosts.is_empty() {
                self.turn_release_over(change, hour, &mut transitions);
            }
        }
        self.catalog = Some(change.catalog.clone());
        transitions
    }

    fn turn_release_over(
        &mut self,
        change: &HitsChange,
        hour: Hour,
        transitions: &mut Transitions,
    ) {
        let plan = self.plan(change);
        let release = change.release;
        let unit = self.release_at(release).unit;
        for hit in plan.hits.iter() {
            self.vulnerabilities.seen_in(hit.vulnerability(), unit);
        }
        let before = self.release_at(release).held.hits.len() as u64;
        self.clear(release, &plan, transitions);
        let (new, places) = self.new_lives(release, &plan, hour, transitions);
        let hits = self.lists.take(plan.hits);
        let known = self.release_at_mut(release);
        let after = hits.len() as u64;
        let (old, mut lives) = std::mem::take(&mut known.held).into_parts();
        lives.extend(new);
        known.held = Held::new(hits, lives, places);
        let hosts = known.hosts.len();
        self.lists.give_back(old);
        self.findings = self.findings + after * hosts - before * hosts;
    }

    /// The new list, in order, and where each of it comes from.
    fn plan(&mut self, change: &HitsChange) -> Plan {
        let old = Arc::clone(&self.release_at(change.release).held.hits);
        let place = |index: &Self, id: &str| {
            old.binary_search_by(|hit| (**index.vulnerabilities.id(hit.vulnerability())).cmp(id))
        };
        let ended = change.ended.iter().filter_map(|id| place(self, id).ok());
        let ended: Vec<usize> = ended.collect();
        let by_key = self.by_key(&old, &ended);
        let mut is_followed = vec![false; ended.len()];
        // What is new, by the place in the old list before which it stands, and whether it is there instead of that one.
        let mut new: Vec<(usize, bool, PackedHit)> = Vec::with_capacity(change.now.len());
        for hit in &change.now {
            let packed = self.vulnerabilities.pack(hit);
            new.push(match place(self, &hit.id) {
                Ok(at) => (at, true, packed),
                Err(at) => (at, false, packed),
            });
        }
        let mut plan = Plan {
            hits: Vec::with_capacity(old.len() + new.len()),
            sources: Vec::with_capacity(old.len() + new.len()),
            cleared: Vec::new(),
        };
        let (mut new, mut ends) = (new.into_iter().peekable(), ended.iter().peekable());
        for at in 0..=old.len() {
            let mut is_replaced = false;
            while let Some((_, instead, packed)) = new.next_if(|(place, ..)| *place == at) {
                is_replaced |= instead;
                plan.hits.push(packed);
                plan.sources.push(match instead {
                    true => Source::Stays(at),
                    false => self.followed(packed, &by_key, &ended, &mut is_followed),
                });
            }
            let is_ended = ends.next_if(|end| **end == at).is_some();
            if at < old.len() && !is_replaced && !is_ended {
                plan.hits.push(old[at]);
                plan.sources.push(Source::Stays(at));
            }
        }
        let left = ended
            .iter()
            .zip(is_followed)
            .filter(|(_, followed)| !followed);
        plan.cleared = left.map(|(at, _)| *at).collect();
        plan
    }

    /// Those that end, as places in the list of them, by the words that tell them from others.
    fn by_key(&self, old: &[PackedHit], ended: &[usize]) -> HashMap<u32, Vec<usize>> {
        let mut by_key: HashMap<u32, Vec<usize>> = HashMap::new();
        for (number, at) in ended.iter().enumerate() {
            for key in self.vulnerabilities.keys(old[*at].vulnerability()) {
                by_key.entry(*key).or_default().push(number);
            }
        }
        by_key
    }

    fn followed(
        &self,
        hit: PackedHit,
        by_key: &HashMap<u32, Vec<usize>>,
        ended: &[usize],
        is_followed: &mut [bool],
    ) -> Source {
        let keys = self.vulnerabilities.keys(hit.vulnerability());
        let numbers = keys.iter().filter_map(|key| by_key.get(key)).flatten();
        let mut places = Vec::new();
        for number in numbers {
            is_followed[*number] = true;
            places.push(ended[*number]);
        }
        places.sort_unstable();
        places.dedup();
        match places.is_empty() {
            true => Source::Begins,
            false => Source::Follows(places),
        }
    }

    /// Says what is no finding any more.
    fn clear(&self, release: ReleaseId, plan: &Plan, transitions: &mut Transitions) {
        if plan.cleared.is_empty() {
            return;
        }
        let known = self.release_at(release);
        let parts = known.held.parts(&known.hosts, &self.hosts);
        let shared = |life: Vec<(Hour, RoaringBitmap)>| {
            let life = life.into_iter();
            life.map(|(since, on)| (since, Arc::new(on))).collect()
        };
        let parts: Vec<Vec<(Hour, Arc<RoaringBitmap>)>> = parts.into_iter().map(shared).collect();
        for at in &plan.cleared {
            let vulnerability = known.held.hits[*at].vulnerability();
            for (since, on) in &parts[known.held.place_of(*at) as usize] {
                let group = self.one(Turn::Cleared, release, vulnerability, *since, on);
                transitions.groups.push(group);
            }
        }
    }

    /// The lives that come to those of the old list, and which of all of them each hit has.
    fn new_lives(
        &self,
        release: ReleaseId,
        plan: &Plan,
        hour: Hour,
        transitions: &mut Transitions,
    ) -> (Vec<Life>, Vec<u32>) {
        let known = self.release_at(release);
        let mut lives = Vec::new();
        let mut places = Vec::with_capacity(plan.hits.len());
        let mut everyone = None;
        for (hit, source) in plan.hits.iter().zip(&plan.sources) {
            let next = known.held.lives().len() + lives.len();
            let next = u32::try_from(next).expect("lives are fewer than hits");
            match source {
                Source::Stays(at) => places.push(known.held.place_of(*at)),
                Source::Follows(olds) => {
                    transitions.carried += known.hosts.len();
                    if let [at] = olds[..] {
                        places.push(known.held.place_of(at));
                        continue;
                    }
                    let olds: Vec<&Life> = olds.iter().map(|at| known.held.life(*at)).collect();
                    lives.push(Life::joined(&olds, &known.hosts, &self.hosts));
                    places.push(next);
                }
                Source::Begins => {
                    let mut life = Life::learned(hour);
                    let unit = self.units.get(known.unit);
                    life.reopened = unit.gone(hit.vulnerability(), &self.vulnerabilities);
                    life.reopened &= &known.hosts;
                    let all = everyone.get_or_insert_with(|| Arc::new(known.hosts.clone()));
                    let groups = self.begun(release, *hit, &life, all);
                    transitions.groups.extend(groups);
                    lives.push(life);
                    places.push(next);
                }
            }
        }
        (lives, places)
    }

    fn begun(
        &self,
        release: ReleaseId,
        hit: PackedHit,
        life: &Life,
        all: &Arc<RoaringBitmap>,
    ) -> Vec<Transition> {
        let group = |turn, on: &Arc<RoaringBitmap>| {
            self.one(turn, release, hit.vulnerability(), life.learned, on)
        };
        if life.reopened.is_empty() {
            return vec![group(Turn::Opened, all)];
        }
        let opened = &**all - &life.reopened;
        let again = Arc::new(life.reopened.clone());
        let mut groups = vec![group(Turn::Reopened, &again)];
        if !opened.is_empty() {
            groups.push(group(Turn::Opened, &Arc::new(opened)));
        }
        groups
    }
}
