//! How many rows each host has: package sets are counted once for all hosts that share one; where findings of a release are apart
//! from host to host, the hosts are gone through.

use std::collections::BTreeMap;

use super::board::NO_SET;
use super::hosts::Classes;
use super::walk::{Level, Walk};
use super::within::Within;

/// So many pairs stand on the hosts of a span that are of some kinds: release, pattern, span, kinds, pairs.
type Partial = (u32, u32, usize, Classes, u32);

impl Walk<'_> {
    /// How many rows each host has.
    pub(super) fn rows_by_host(&self, within: &Within<'_>) -> Vec<u32> {
        let mut of_host = vec![0_u32; self.board.set_of.len()];
        let (whole, partial) = self.pairs_by_hosts(within);
        for (release, pattern, at, classes, pairs) in partial {
            let standing = &self.board.releases[release as usize];
            let span = &standing.patterns[pattern as usize][at];
            for host in &within.hosts_of(standing, span, classes) {
                of_host[host as usize] += pairs;
            }
        }
        let mut of_set: Vec<Option<u32>> = vec![None; self.board.sets.len()];
        for host in within.bitmap() {
            let set = self.board.set_of[host as usize];
            if set == NO_SET {
                continue;
            }
            let pairs = of_set[set as usize].get_or_insert_with(|| {
                let releases = self.board.sets[set as usize].0.iter();
                releases.map(|release| whole[*release as usize]).sum()
            });
            of_host[host as usize] += *pairs;
        }
        of_host
    }

    /// For each release how many pairs stand on all its hosts, and how many on the hosts of its spans.
    fn pairs_by_hosts(&self, within: &Within<'_>) -> (Vec<u32>, Vec<Partial>) {
        let mut whole = vec![0_u32; self.board.releases.len()];
        let mut all_partial = Vec::new();
        self.each_release(within, |release| {
            let covers = self.covering(release);
            let standing = &self.board.releases[release as usize];
            let mut partial: BTreeMap<(u32, usize, Classes), u32> = BTreeMap::new();
            let pairs = standing.pairs.iter();
            for pair in pairs.filter(|pair| self.ratings[pair.rating as usize]) {
                if covers[pair.pattern as usize] {
                    whole[release as usize] += 1;
                    continue;
                }
                let spans = standing.patterns[pair.pattern as usize].iter().enumerate();
                for (at, span) in spans.filter(|(_, span)| self.is_asked(span)) {
                    self.parts(Level::Rating, release, pair, span, |_, classes| {
                        *partial.entry((pair.pattern, at, classes)).or_default() += 1;
                    });
                }
            }
            let of_release = partial.into_iter();
            all_partial.extend(
                of_release
                    .map(|((pattern, at, classes), pairs)| (release, pattern, at, classes, pairs)),
            );
        });
        (whole, all_partial)
    }

    /// Which patterns of a release stand on all its hosts, nothing of them left out.
    fn covering(&self, release: u32) -> Vec<bool> {
        let standing = &self.board.releases[release as usize];
        let covers = standing.patterns.iter().map(|pattern| {
            let hosts: u64 = pattern
                .iter()
                .map(|span| standing.hosts_of(span).len())
                .sum();
            let is_asked = pattern.iter().all(|span| self.is_asked(span));
            is_asked && !self.dated.is_asked() && hosts == standing.hosts.len()
        });
        covers.collect()
    }
}
