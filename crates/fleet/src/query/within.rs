//! How many of some hosts have each release, counted over package sets: a set is counted once, however many hosts share it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use roaring::RoaringBitmap;

use super::board::{Board, NO_SET};
use super::hosts::{ALL_CLASSES, Classes, HostColumns};
use super::standing::{Span, Standing};

/// Fewer package sets than this, and only their releases are looked at.
const FEW_SETS: usize = if cfg!(test) { 1 } else { 64 };

/// Some hosts of a board.
pub(super) struct Within<'a> {
    board: &'a Board,
    columns: &'a HostColumns,
    /// `None` for all.
    pub(super) hosts: Option<RoaringBitmap>,
    /// How many of them have each release.
    pub(super) with: Vec<u32>,
    /// The only releases they have, where they are few.
    pub(super) reach: Option<Vec<u32>>,
    of_classes: RefCell<HashMap<Classes, Rc<OfClasses>>>,
}

/// The hosts of some kinds.
struct OfClasses {
    hosts: RoaringBitmap,
    with: Vec<u32>,
}

impl<'a> Within<'a> {
    pub(super) fn new(
        board: &'a Board,
        columns: &'a HostColumns,
        hosts: Option<RoaringBitmap>,
    ) -> Self {
        let (with, reach) = match &hosts {
            None => (all(board), None),
            Some(hosts) => count(board, hosts),
        };
        Self {
            board,
            columns,
            hosts,
            with,
            reach,
            of_classes: RefCell::default(),
        }
    }

    /// The hosts themselves.
    pub(super) fn bitmap(&self) -> &RoaringBitmap {
        self.hosts.as_ref().unwrap_or(&self.board.hosts)
    }

    /// How many of the hosts of a span are of some kinds.
    pub(super) fn count(&self, release: u32, span: &Span, classes: Classes) -> u32 {
        if classes == ALL_CLASSES {
            return match (&span.hosts, &self.hosts) {
                (None, _) => self.with[release as usize],
                (Some(hosts), None) => hosts.len() as u32,
                (Some(hosts), Some(chosen)) => hosts.intersection_len(chosen) as u32,
            };
        }
        let chosen = self.of_classes(classes);
        match &span.hosts {
            None => chosen.with[release as usize],
            Some(hosts) => hosts.intersection_len(&chosen.hosts) as u32,
        }
    }

    /// The hosts of a span that are of some kinds.
    pub(super) fn hosts_of(
        &self,
        standing: &Standing,
        span: &Span,
        classes: Classes,
    ) -> RoaringBitmap {
        let hosts = standing.hosts_of(span);
        match (classes, &self.hosts) {
            (ALL_CLASSES, None) => hosts.clone(),
            (ALL_CLASSES, Some(chosen)) => hosts & chosen,
            _ => hosts & &self.of_classes(classes).hosts,
        }
    }

    fn of_classes(&self, classes: Classes) -> Rc<OfClasses> {
        let mut known = self.of_classes.borrow_mut();
        let of = known.entry(classes).or_insert_with(|| {
            let hosts = self.columns.of_classes(classes, self.bitmap());
            let (with, _) = count(self.board, &hosts);
            Rc::new(OfClasses { hosts, with })
        });
        Rc::clone(of)
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
