//! Kinds of hosts that the policies at hand tell apart, and how many hosts of each have a release. Counted once for all hosts, so
//! that a page asks a table instead of laying bitmaps over each other.

use std::collections::HashMap;

use roaring::RoaringBitmap;

use super::board::{Board, NO_SET};
use super::hosts::{CLASSES, Classes, HostColumns};

/// A set of kinds, a bit each.
pub(super) type Kinds = u64;

/// The classes of hosts, those together that no rule tells apart.
#[derive(Clone, Debug)]
pub(super) struct Partition {
    kind_of: Vec<u8>,
    classes: Vec<Classes>,
}

impl Partition {
    /// The coarsest one such that each of some sets of classes is a set of kinds.
    pub(super) fn of(sets: &[Classes]) -> Self {
        let mut numbers: HashMap<Vec<bool>, u8> = HashMap::new();
        let mut classes: Vec<Classes> = Vec::new();
        let mut kind_of = Vec::with_capacity(CLASSES);
        for class in 0..CLASSES {
            let met = sets.iter().map(|set| set & (1 << class) != 0).collect();
            let kind = *numbers.entry(met).or_insert_with(|| {
                classes.push(0);
                classes.len() as u8 - 1
            });
            classes[usize::from(kind)] |= 1 << class;
            kind_of.push(kind);
        }
        Self { kind_of, classes }
    }

    /// How many kinds there are.
    pub(super) const fn len(&self) -> usize {
        self.classes.len()
    }

    /// The kind a host is of.
    pub(super) fn kind(&self, columns: &HostColumns, host: u32) -> usize {
        usize::from(self.kind_of[columns.class(host)])
    }

    /// The kinds that have some of the classes.
    pub(super) fn kinds(&self, classes: Classes) -> Kinds {
        let has = |kind: &usize| self.classes[*kind] & classes != 0;
        (0..self.len()).filter(has).fold(0, |all, k| all | 1 << k)
    }

    /// The classes of some kinds.
    pub(super) fn classes(&self, kinds: Kinds) -> Classes {
        bits(kinds).fold(0, |all, kind| all | self.classes[kind])
    }
}

/// The numbers in a set of kinds.
pub(super) fn bits(mut kinds: Kinds) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let next = kinds.trailing_zeros() as usize;
        kinds &= kinds.checked_sub(1)?;
        Some(next)
    })
}

/// How many of some hosts have each release, by kind.
#[derive(Clone, Debug)]
pub(super) struct KindCounts {
    kinds: usize,
    /// A row a release.
    rows: Vec<u32>,
}

impl KindCounts {
    /// Counted over package sets: each is gone through once, however many hosts share it.
    pub(super) fn of(
        board: &Board,
        columns: &HostColumns,
        partition: &Partition,
        hosts: &RoaringBitmap,
    ) -> Self {
        let kinds = partition.len();
        let mut of_set = vec![0_u32; board.sets.len() * kinds];
        for host in hosts {
            let set = board.set_of.get(host as usize).copied().unwrap_or(NO_SET);
            if set != NO_SET {
                of_set[set as usize * kinds + partition.kind(columns, host)] += 1;
            }
        }
        let mut rows = vec![0_u32; board.releases.len() * kinds];
        for (of_set, (releases, _)) in of_set.chunks_exact(kinds).zip(&board.sets) {
            add(&mut rows, of_set, releases);
        }
        Self { kinds, rows }
    }

    /// What is left without some of the hosts.
    pub(super) fn without(&self, others: &Self) -> Self {
        let rows = self.rows.iter().zip(&others.rows);
        Self {
            kinds: self.kinds,
            rows: rows.map(|(all, others)| all - others).collect(),
        }
    }

    /// How many hosts of some kinds have a release.
    pub(super) fn count(&self, release: u32, kinds: Kinds) -> u32 {
        let at = release as usize * self.kinds;
        let row = &self.rows[at..at + self.kinds];
        bits(kinds).map(|kind| row[kind]).sum()
    }
}

/// Adds what is said of a set to the rows of its releases.
fn add(rows: &mut [u32], of_set: &[u32], releases: &[u32]) {
    let kinds = of_set.len();
    let mut there = of_set.iter().enumerate().filter(|(_, many)| **many > 0);
    match (there.next(), there.next()) {
        (None, _) => {}
        (Some((kind, many)), None) => {
            for release in releases {
                rows[*release as usize * kinds + kind] += many;
            }
        }
        _ => {
            for release in releases {
                let at = *release as usize * kinds;
                let row = &mut rows[at..at + kinds];
                row.iter_mut()
                    .zip(of_set)
                    .for_each(|(sum, many)| *sum += many);
            }
        }
    }
}
