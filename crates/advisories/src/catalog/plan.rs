//! Where everything will stand, before a byte is written: which (ecosystem, package) keys there are, which entry goes where,
//! and which sets of releases occur.

use std::collections::HashMap;

use rayon::prelude::*;

use super::merge::Record;
use super::packed::PackedAffected;
use super::strings::Symbol;
use super::wire::offset;

/// An entry to be written: the releases of one copy for which the same is said of a package.
pub(super) struct PlannedEntry<'r> {
    pub(super) key: u32,
    /// Not to be found by package: the record was withdrawn, or the copy does not count, or an equal entry does.
    pub(super) hidden: bool,
    pub(super) record: u32,
    /// Counted over all copies of all records.
    pub(super) variant: u32,
    pub(super) releases: u32,
    pub(super) what: &'r PackedAffected,
}

/// What stands where.
pub(super) struct Plan<'r> {
    /// (ecosystem name, package key), sorted.
    pub(super) keys: Vec<(Symbol, Symbol)>,
    /// Sorted by key, found before hidden, then by record, copy and what is said.
    pub(super) entries: Vec<PlannedEntry<'r>>,
    /// Ecosystems with their release, sorted; the most used set first.
    pub(super) release_sets: Vec<Vec<Symbol>>,
    pub(super) variants: usize,
}

impl<'r> Plan<'r> {
    pub(super) fn new(records: &'r [Record]) -> Self {
        let affected = || {
            records
                .iter()
                .flat_map(|r| &r.variants)
                .flat_map(|v| &v.advisory.affected)
        };
        let mut keys: Vec<(Symbol, Symbol)> = affected().map(|a| (a.name, a.key_package)).collect();
        keys.par_sort_unstable();
        keys.dedup();
        let mut plan = Self {
            keys,
            entries: Vec::new(),
            release_sets: Vec::new(),
            variants: 0,
        };
        let mut sets = HashMap::new();
        for (number, record) in records.iter().enumerate() {
            for at in 0..record.variants.len() {
                plan.add_variant(&mut sets, offset(number), record, at);
            }
        }
        plan.number_release_sets();
        // Stable: the groups of a copy stay in the order of what they say.
        plan.entries
            .par_sort_by_key(|e| (e.key, e.hidden, e.record, e.variant));
        plan
    }

    fn add_variant(
        &mut self,
        sets: &mut HashMap<Vec<Symbol>, u32>,
        number: u32,
        record: &'r Record,
        at: usize,
    ) {
        let same = |a: &PackedAffected, b: &PackedAffected| {
            (a.name, a.key_package, &a.statement) == (b.name, b.key_package, &b.statement)
        };
        for group in record.variants[at].advisory.affected.chunk_by(same) {
            let (hidden, found): (Vec<&PackedAffected>, Vec<_>) =
                group.iter().partition(|a| is_hidden(record, at, a));
            for (hidden, part) in [(false, found), (true, hidden)] {
                let Some(&what) = part.first() else { continue };
                let releases: Vec<Symbol> = part.iter().map(|a| a.ecosystem).collect();
                let releases = *sets.entry(releases).or_insert_with_key(|set| {
                    self.release_sets.push(set.clone());
                    offset(self.release_sets.len() - 1)
                });
                // Keys were collected from the same entries, so the search finds it.
                let key = offset(
                    self.keys
                        .partition_point(|k| *k < (what.name, what.key_package)),
                );
                self.entries.push(PlannedEntry {
                    key,
                    hidden,
                    record: number,
                    variant: offset(self.variants),
                    releases,
                    what,
                });
            }
        }
        self.variants += 1;
    }

    fn number_release_sets(&mut self) {
        let mut uses = vec![0_u32; self.release_sets.len()];
        self.entries
            .iter()
            .for_each(|e| uses[e.releases as usize] += 1);
        let mut order: Vec<usize> = (0..uses.len()).collect();
        order.sort_by(|&a, &b| {
            uses[b]
                .cmp(&uses[a])
                .then_with(|| self.release_sets[a].cmp(&self.release_sets[b]))
        });
        let mut numbers = vec![0; order.len()];
        order
            .iter()
            .enumerate()
            .for_each(|(new, &old)| numbers[old] = offset(new));
        self.entries
            .iter_mut()
            .for_each(|e| e.releases = numbers[e.releases as usize]);
        self.release_sets = order
            .iter()
            .map(|&old| std::mem::take(&mut self.release_sets[old]))
            .collect();
    }
}

fn is_hidden(record: &Record, at: usize, affected: &PackedAffected) -> bool {
    let newest = record.newest();
    newest[0].advisory.withdrawn.is_some()
        || at >= newest.len()
        || newest[..at]
            .iter()
            .any(|earlier| earlier.advisory.affected.binary_search(affected).is_ok())
}
