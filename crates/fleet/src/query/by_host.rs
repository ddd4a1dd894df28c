//! How many rows each host has: package sets are counted once for all hosts that share one; where findings of a release are apart
//! from host to host, the hosts are gone through.

use std::collections::BTreeMap;

use super::board::NO_SET;
use super::dated::ALL_KINDS;
use super::kinds::{Kinds, bits};
use super::walk::Walk;
use super::within::Within;

/// So many pairs stand on the hosts of a span that are of some kinds: release, pattern, span, kinds, pairs.
type Partial = (u32, u32, usize, Kinds, u32);

/// For each release how many pairs stand on all its hosts of each kind: rows of as many numbers as there are kinds.
struct Whole {
    kinds: usize,
    rows: Vec<u32>,
}

impl Whole {
    fn row(&self, release: u32) -> &[u32] {
        let at = release as usize * self.kinds;
        &self.rows[at..at + self.kinds]
    }

    fn add(&mut self, release: u32, kinds: Kinds, pairs: u32) {
        let at = release as usize * self.kinds;
        let row = &mut self.rows[at..at + self.kinds];
        match kinds {
            ALL_KINDS => row.iter_mut().for_each(|sum| *sum += pairs),
            kinds => bits(kinds).for_each(|kind| row[kind] += pairs),
        }
    }

    /// The pairs of a host of a kind that has some releases.
    fn of_set(&self, releases: &[u32], kind: usize) -> u32 {
        let rows = releases.iter().map(|release| self.row(*release)[kind]);
        rows.sum()
    }
}

impl Walk<'_> {
    /// How many rows each host has.
    pub(super) fn rows_by_host(&self, within: &Within<'_>) -> Vec<u32> {
        let mut of_host = vec![0_u32; self.board.set_of.len()];
        let (whole, partial) = self.pairs_by_hosts(within);
        for (release, pattern, at, kinds, pairs) in partial {
            let standing = &self.board.releases[release as usize];
            let span = &standing.patterns[pattern as usize][at];
            for host in &within.hosts_of(standing, span, kinds) {
                of_host[host as usize] += pairs;
            }
        }
        let mut of_set: Vec<Option<u32>> = vec![None; self.board.sets.len() * whole.kinds];
        for host in within.bitmap() {
            let set = self.board.set_of[host as usize];
            if set == NO_SET {
                continue;
            }
            let kind = match whole.kinds {
                1 => 0,
                _ => self.dated.kind(self.columns, host),
            };
            let known = &mut of_set[set as usize * whole.kinds + kind];
            let releases = &self.board.sets[set as usize].0;
            of_host[host as usize] += *known.get_or_insert_with(|| whole.of_set(releases, kind));
        }
        of_host
    }

    /// For each release how many pairs stand on all its hosts, and how many on the hosts of its spans.
    fn pairs_by_hosts(&self, within: &Within<'_>) -> (Whole, Vec<Partial>) {
        let kinds = if self.dated.is_asked() {
            self.dated.kinds()
        } else {
            1
        };
        let rows = vec![0_u32; self.board.releases.len() * kinds];
        let mut whole = Whole { kinds, rows };
        let mut all_partial = Vec::new();
        let mut asked: Vec<(u32, u32)> = Vec::new();
        self.each_release(within, |release| {
            let standing = &self.board.releases[release as usize];
            let pairs = standing.pairs.iter().filter(|pair| self.has(pair));
            asked.clear();
            asked.extend(pairs.map(|pair| (pair.pattern, self.dated.plan_of(pair.rating))));
            asked.sort_unstable();
            let mut partial: BTreeMap<(u32, usize, Kinds), u32> = BTreeMap::new();
            for alike in asked.chunk_by(|a, b| a == b) {
                let (pattern, plan) = alike[0];
                let pairs = alike.len() as u32;
                for part in self.dated.plan(plan) {
                    if self.covers(release, pattern, part) {
                        whole.add(release, part.kinds, pairs);
                        continue;
                    }
                    let spans = standing.patterns[pattern as usize].iter().enumerate();
                    let spans = spans.filter(|(_, span)| part.has(span.hour));
                    for (at, _) in spans.filter(|(_, span)| self.is_asked(span)) {
                        *partial.entry((pattern, at, part.kinds)).or_default() += pairs;
                    }
                }
            }
            let of_release = partial.into_iter();
            all_partial.extend(
                of_release
                    .map(|((pattern, at, kinds), pairs)| (release, pattern, at, kinds, pairs)),
            );
        });
        (whole, all_partial)
    }
}
