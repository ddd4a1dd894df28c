//! The hits of a release that some host has, each with its life. The list of hits is shared with every release that has the
//! same; lives are few, so that each hit names one of them by its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::hosts::Hosts;
use super::hour::Hour;
use super::life::{Begin, Life};
use super::vulnerability::PackedHit;

/// Hits and lives.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// By the id of the record.
    pub(super) hits: Arc<[PackedHit]>,
    /// No two alike, each of some hit.
    lives: Vec<Life>,
    /// The place of each hit's life; empty where all have the first.
    places: Vec<u32>,
}

impl Default for Held {
    fn default() -> Self {
        Self {
            hits: Arc::from([]),
            lives: Vec::new(),
            places: Vec::new(),
        }
    }
}

impl Held {
    /// Hits of a release that no host has yet, learned in an hour.
    pub(super) fn learned(hits: Arc<[PackedHit]>, hour: Hour) -> Self {
        let lives = match hits.is_empty() {
            true => Vec::new(),
            false => vec![Life::learned(hour)],
        };
        Self {
            hits,
            lives,
            places: Vec::new(),
        }
    }

    /// Hits and the life of each.
    pub(super) fn new(hits: Arc<[PackedHit]>, lives: Vec<Life>, places: Vec<u32>) -> Self {
        let mut held = Self {
            hits,
            lives,
            places,
        };
        held.tidy();
        held
    }

    /// The hits, and the lives in their places.
    pub(super) fn into_parts(self) -> (Arc<[PackedHit]>, Vec<Life>) {
        (self.hits, self.lives)
    }

    fn place(&self, hit: usize) -> usize {
        self.places.get(hit).map_or(0, |place| *place as usize)
    }

    /// The place of a hit's life among [`Held::lives`].
    pub(super) fn place_of(&self, hit: usize) -> u32 {
        self.places.get(hit).copied().unwrap_or(0)
    }

    /// The life of a hit.
    pub(super) fn life(&self, hit: usize) -> &Life {
        &self.lives[self.place(hit)]
    }

    /// Every life, each once.
    pub(super) fn lives(&self) -> &[Life] {
        &self.lives
    }

    /// The places of the lives as they are kept.
    pub(super) fn places(&self) -> &[u32] {
        &self.places
    }

    /// A host has the release from now on; how each hit begins on it, in their order. The first host sets the rule.
    pub(super) fn arrive(&mut self, host: u32, first: Hour, begins: &[Begin], is_first: bool) {
        if is_first {
            for (hit, begin) in begins.iter().enumerate() {
                let place = self.place(hit);
                // Several hits of one life may begin apart; each gets its own, and those that are alike meet again.
                if self.lives[place].floor != begin.since {
                    let mut life = Life::learned(self.lives[place].learned);
                    life.floor = begin.since;
                    self.give(hit, life);
                }
            }
            self.tidy();
        }
        let is_rule = |(hit, begin): (usize, &Begin)| self.life(hit).is_rule(first, *begin);
        if begins.iter().enumerate().all(is_rule) {
            return;
        }
        self.split(host, first, begins);
        self.tidy();
    }

    /// A life of its own for a hit.
    fn give(&mut self, hit: usize, life: Life) {
        if self.places.is_empty() {
            self.places = vec![0; self.hits.len()];
        }
        self.places[hit] = u32::try_from(self.lives.len()).expect("lives are fewer than hits");
        self.lives.push(life);
    }

    /// Hits that share a life and differ on the new host part; the others take the host into what they share.
    fn split(&mut self, host: u32, first: Hour, begins: &[Begin]) {
        let mut wanted: BTreeMap<(usize, Begin), Vec<usize>> = BTreeMap::new();
        for (hit, begin) in begins.iter().enumerate() {
            wanted
                .entry((self.place(hit), *begin))
                .or_default()
                .push(hit);
        }
        let old = std::mem::take(&mut self.lives);
        let mut places = vec![0; self.hits.len()];
        for ((place, begin), hits) in wanted {
            let mut life = old[place].clone();
            life.set(host, first, begin);
            let new = u32::try_from(self.lives.len()).expect("lives are fewer than hits");
            self.lives.push(life);
            for hit in hits {
                places[hit] = new;
            }
        }
        self.places = places;
    }

    /// A host has the release no more.
    pub(super) fn leave(&mut self, host: u32) {
        let mut is_changed = false;
        for life in &mut self.lives {
            is_changed |= life.forget(host);
        }
        if is_changed {
            self.tidy();
        }
    }

    /// Joins lives that became alike, and lets go of those no hit has.
    fn tidy(&mut self) {
        let mut kept: Vec<Life> = Vec::new();
        let mut alike: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        let mut moved: Vec<Option<u32>> = vec![None; self.lives.len()];
        let mut lives: Vec<Option<Life>> = std::mem::take(&mut self.lives)
            .into_iter()
            .map(Some)
            .collect();
        let mut places = Vec::with_capacity(self.hits.len());
        for hit in 0..self.hits.len() {
            let old = self.place(hit);
            if let Some(life) = lives[old].take() {
                let same: &mut Vec<u32> = alike.entry(life.signature()).or_default();
                let known = same.iter().find(|at| kept[**at as usize] == life);
                moved[old] = Some(known.copied().unwrap_or_else(|| {
                    let new = kept.len() as u32;
                    same.push(new);
                    kept.push(life);
                    new
                }));
            }
            places.push(moved[old].expect("a life was moved when its first hit was"));
        }
        self.lives = kept;
        self.lives.shrink_to_fit();
        self.places = if self.lives.len() > 1 {
            places
        } else {
            Vec::new()
        };
    }

    /// The hits by place of their lives, each life with the hosts of it by since when they have it.
    pub(super) fn parts(
        &self,
        of: &RoaringBitmap,
        hosts: &Hosts,
    ) -> Vec<Vec<(Hour, RoaringBitmap)>> {
        let lives = self.lives.iter();
        lives.map(|life| life.by_since(of, hosts)).collect()
    }
}
