//! How many of some hosts have each release, counted over package sets: a set is counted once, however many hosts share it.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use roaring::RoaringBitmap;

use super::board::{Board, NO_SET};
use super::dated::ALL_KINDS;
use super::dues::Dues;
use super::hosts::HostColumns;
use super::kinds::{KindCounts, Kinds};
use super::standing::{Span, Standing};

/// Fewer package sets than this, and only their releases are looked at.
const FEW_SETS: usize = if cfg!(test) { 1 } else { 64 };

/// Some hosts of a board.
pub(super) struct Within<'a> {
    board: &'a Board,
    columns: &'a HostColumns,
    dues: &'a Dues,
    /// `None` for all.
    pub(super) hosts: Option<RoaringBitmap>,
    /// How many of them have each release.
    pub(super) with: Vec<u32>,
    /// The only releases they have, where they are few.
    pub(super) reach: Option<Vec<u32>>,
    counts: OnceCell<KindCounts>,
    of_kinds: RefCell<HashMap<Kinds, Rc<RoaringBitmap>>>,
}

impl<'a> Within<'a> {
    pub(super) fn new(
        board: &'a Board,
        columns: &'a HostColumns,
        dues: &'a Dues,
        hosts: Option<RoaringBitmap>,
    ) -> Self {
        let (with, reach) = match &hosts {
            None => (all(board), None),
            Some(hosts) => count(board, hosts),
        };
        Self {
            board,
            columns,
            dues,
            hosts,
            with,
            reach,
            counts: OnceCell::new(),
            of_kinds: RefCell::default(),
        }
    }

    /// Others of the same board.
    pub(super) fn of(&self, hosts: RoaringBitmap) -> Self {
        Self::new(self.board, self.columns, self.dues, Some(hosts))
    }

    /// The hosts themselves.
    pub(super) fn bitmap(&self) -> &RoaringBitmap {
        self.hosts.as_ref().unwrap_or(&self.board.hosts)
    }

    /// How many of the hosts of a release are of some kinds.
    pub(super) fn of_release(&self, release: u32, kinds: Kinds) -> u32 {
        match (kinds, &self.reach) {
            (ALL_KINDS, _) => self.with[release as usize],
            // Of few releases the hosts are laid over each other; a table would be as long as all releases.
            (_, Some(_)) => {
                let hosts = &self.board.releases[release as usize].hosts;
                hosts.intersection_len(&self.of_kinds(kinds)) as u32
            }
            (_, None) => self.counts().count(release, kinds),
        }
    }

    /// How many of the hosts of a span are of some kinds.
    pub(super) fn count(&self, release: u32, span: &Span, kinds: Kinds) -> u32 {
        match (&span.hosts, &self.hosts) {
            (None, _) => self.of_release(release, kinds),
            (Some(hosts), None) if kinds == ALL_KINDS => hosts.len() as u32,
            (Some(hosts), Some(chosen)) if kinds == ALL_KINDS => {
                hosts.intersection_len(chosen) as u32
            }
            (Some(hosts), _) => hosts.intersection_len(&self.of_kinds(kinds)) as u32,
        }
    }

    /// The hosts of a span that are of some kinds.
    pub(super) fn hosts_of(&self, standing: &Standing, span: &Span, kinds: Kinds) -> RoaringBitmap {
        let hosts = standing.hosts_of(span);
        match (kinds, &self.hosts) {
            (ALL_KINDS, None) => hosts.clone(),
            (ALL_KINDS, Some(chosen)) => hosts & chosen,
            _ => hosts & &*self.of_kinds(kinds),
        }
    }

    fn of_kinds(&self, kinds: Kinds) -> Rc<RoaringBitmap> {
        let mut known = self.of_kinds.borrow_mut();
        let of = known.entry(kinds).or_insert_with(|| {
            let classes = self.dues.partition.classes(kinds);
            Rc::new(self.columns.of_classes(classes, self.bitmap()))
        });
        Rc::clone(of)
    }

    fn counts(&self) -> &KindCounts {
        let of_all = self.dues.counts(self.board);
        if let (None, Some(counts)) = (&self.hosts, of_all) {
            return counts;
        }
        self.counts.get_or_init(|| {
            let of = |hosts: &RoaringBitmap| {
                KindCounts::of(self.board, self.columns, &self.dues.partition, hosts)
            };
            let hosts = self.bitmap();
            match of_all.filter(|_| hosts.len() * 2 > self.board.hosts.len()) {
                Some(of_all) => of_all.without(&of(&(&self.board.hosts - hosts))),
                None => of(hosts),
            }
        })
    }
}

fn all(board: &Board) -> Vec<u32> {
    let with = board.releases.iter().map(|r| r.hosts.len() as u32);
    with.collect()
}

/// Hosts a release, and the releases themselves where they are few.
fn count(board: &Board, hosts: &RoaringBitmap) -> (Vec<u32>, Option<Vec<u32>>) {
    let many = hosts.len() * 2 > board.hosts.len();
    if many {
        let (without, _) = counted(board, &(&board.hosts - hosts));
        let mut with = all(board);
        for (with, without) in with.iter_mut().zip(without) {
            *with -= without;
        }
        return (with, None);
    }
    counted(board, hosts)
}

fn counted(board: &Board, hosts: &RoaringBitmap) -> (Vec<u32>, Option<Vec<u32>>) {
    let mut of_set = vec![0_u32; board.sets.len()];
    let mut sets = Vec::new();
    for host in hosts {
        let set = board.set_of.get(host as usize).copied().unwrap_or(NO_SET);
        if set != NO_SET {
            if of_set[set as usize] == 0 {
                sets.push(set);
            }
            of_set[set as usize] += 1;
        }
    }
    let mut with = vec![0_u32; board.releases.len()];
    for &set in &sets {
        let many = of_set[set as usize];
        for release in board.sets[set as usize].0.iter() {
            with[*release as usize] += many;
        }
    }
    let reach = (sets.len() <= FEW_SETS).then(|| {
        let of_sets = sets
            .iter()
            .flat_map(|set| board.sets[*set as usize].0.iter());
        let mut reach: Vec<u32> = of_sets.copied().collect();
        reach.sort_unstable();
        reach.dedup();
        reach
    });
    (with, reach)
}
