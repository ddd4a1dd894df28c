//! What a page is counted from: which hosts have a release, what stands on it and since when. Host-findings are not in it:
//! hosts are bitmaps and shared package sets, findings are pairs of a release and a rating.

use std::collections::HashMap;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::order::Orders;
use super::standing::{Cell, Pair, Rating, Span, Standing};

/// Who has what, and what stands where. Numbers of hosts and releases are small and dense.
#[derive(Clone, Debug)]
pub struct Board {
    pub(super) ratings: Vec<Rating>,
    pub(super) releases: Vec<Standing>,
    pub(super) fixes: Vec<String>,
    fix_numbers: HashMap<String, u32>,
    /// Package sets in use, each once, and how many hosts have it.
    pub(super) sets: Vec<(Arc<[u32]>, u32)>,
    set_numbers: HashMap<Arc<[u32]>, u32>,
    free_sets: Vec<u32>,
    /// Package set of each host; [`NO_SET`] for none.
    pub(super) set_of: Vec<u32>,
    pub(super) hosts: RoaringBitmap,
    /// `None` since something changed.
    pub(super) orders: Option<Orders>,
    /// Rises with every change of who has what.
    pub(super) revision: u64,
}

/// The set of a host that has nothing.
pub(super) const NO_SET: u32 = u32::MAX;

impl Default for Board {
    fn default() -> Self {
        Self {
            ratings: Vec::new(),
            releases: Vec::new(),
            fixes: vec![String::new()],
            fix_numbers: HashMap::new(),
            sets: Vec::new(),
            set_numbers: HashMap::new(),
            free_sets: Vec::new(),
            set_of: Vec::new(),
            hosts: RoaringBitmap::new(),
            orders: None,
            revision: 0,
        }
    }
}

impl Board {
    /// The ratings, by number.
    pub fn ratings(&self) -> &[Rating] {
        &self.ratings
    }

    /// Makes the orders of pages after changes; without it every page makes them for itself.
    pub fn settle(&mut self) {
        if self.orders.is_none() {
            self.orders = Some(Orders::of(&self.ratings, &self.releases, &self.fixes));
        }
    }

    /// How many findings there are on how many pairs of a release and a rating.
    pub fn size(&self) -> (u64, u64) {
        let mut size = (0, 0);
        for standing in &self.releases {
            let of_pattern = |pair: &Pair| {
                let spans = standing.patterns[pair.pattern as usize].iter();
                spans.map(|span| standing.hosts_of(span).len()).sum::<u64>()
            };
            size.0 += standing.pairs.iter().map(of_pattern).sum::<u64>();
            size.1 += standing.pairs.len() as u64;
        }
        size
    }

    /// Adds a rating and gives its number; with a number that is taken, changes that one (a listing as known exploited).
    pub fn rate(&mut self, number: Option<u32>, rating: Rating) -> u32 {
        self.orders = None;
        if let Some(old) = number.and_then(|n| self.ratings.get_mut(n as usize)) {
            *old = rating;
            return number.unwrap_or_default();
        }
        self.ratings.push(rating);
        self.ratings.len() as u32 - 1
    }

    /// Says what a release is called: ecosystem, name, version.
    pub fn name(&mut self, release: u32, ecosystem: &str, name: &str, version: &str) {
        let standing = self.standing(release);
        standing.ecosystem = ecosystem.into();
        standing.name = name.into();
        standing.version = version.into();
    }

    /// Says who has a release, when each host's set is told by [`Board::install_set`].
    pub(super) fn set_hosts(&mut self, release: u32, hosts: RoaringBitmap) {
        self.standing(release).hosts = hosts;
    }

    /// Says what a host has: its releases, sorted, each once; nothing takes it out.
    pub fn install(&mut self, host: u32, releases: &[u32]) {
        self.orders = None;
        if let Some(set) = self.set(host) {
            for release in set.iter() {
                self.releases[*release as usize].hosts.remove(host);
            }
        }
        for release in releases {
            self.standing(*release).hosts.insert(host);
        }
        self.install_set(host, releases);
    }

    /// The package set of a host.
    fn set(&self, host: u32) -> Option<Arc<[u32]>> {
        let number = *self.set_of.get(host as usize)?;
        let set = self.sets.get(number as usize)?;
        Some(Arc::clone(&set.0))
    }

    /// The same, when who has the releases is told by [`Board::set_hosts`].
    pub(super) fn install_set(&mut self, host: u32, releases: &[u32]) {
        self.revision += 1;
        let at = host as usize;
        if self.set_of.len() <= at {
            self.set_of.resize(at + 1, NO_SET);
        }
        let new = match releases.is_empty() {
            true => {
                self.hosts.remove(host);
                NO_SET
            }
            false => {
                self.hosts.insert(host);
                self.take(releases)
            }
        };
        let old = std::mem::replace(&mut self.set_of[at], new);
        if old != NO_SET {
            self.give_back(old);
        }
    }

    /// Says what stands on a release, in place of what stood there. Cells of one rating share no host.
    pub fn stand(&mut self, release: u32, mut cells: Vec<Cell>) {
        cells.sort_by_key(|cell| (cell.rating, cell.since_hour, cell.state));
        let mut patterns: Vec<Vec<Span>> = Vec::new();
        let mut pairs: Vec<Pair> = Vec::new();
        let of_one = cells.chunk_by(|a, b| a.rating == b.rating);
        for cells in of_one {
            let spans: Vec<Span> = cells.iter().map(Span::of).collect();
            let known = patterns.iter().rposition(|pattern| *pattern == spans);
            let pattern = known.unwrap_or_else(|| {
                patterns.push(spans);
                patterns.len() - 1
            });
            let fix = cells[0].fix.as_deref();
            pairs.push(Pair {
                rating: cells[0].rating,
                fix: fix.map_or(0, |fix| self.fix(fix)),
                pattern: pattern as u32,
            });
        }
        pairs.shrink_to_fit();
        let standing = self.standing(release);
        standing.pairs = pairs;
        standing.patterns = patterns;
    }

    fn standing(&mut self, release: u32) -> &mut Standing {
        self.orders = None;
        self.revision += 1;
        let at = release as usize;
        if self.releases.len() <= at {
            self.releases.resize_with(at + 1, Standing::default);
        }
        &mut self.releases[at]
    }

    fn fix(&mut self, text: &str) -> u32 {
        if let Some(number) = self.fix_numbers.get(text) {
            return *number;
        }
        let number = self.fixes.len() as u32;
        self.fixes.push(text.to_owned());
        self.fix_numbers.insert(text.to_owned(), number);
        number
    }

    fn take(&mut self, releases: &[u32]) -> u32 {
        if let Some(number) = self.set_numbers.get(releases) {
            self.sets[*number as usize].1 += 1;
            return *number;
        }
        let set: Arc<[u32]> = releases.into();
        let number = self.free_sets.pop().unwrap_or_else(|| {
            self.sets.push((Arc::from([]), 0));
            self.sets.len() as u32 - 1
        });
        self.sets[number as usize] = (Arc::clone(&set), 1);
        self.set_numbers.insert(set, number);
        number
    }

    fn give_back(&mut self, number: u32) {
        let (set, users) = &mut self.sets[number as usize];
        *users -= 1;
        if *users == 0 {
            self.set_numbers.remove(set);
            *set = Arc::from([]);
            self.free_sets.push(number);
        }
    }
}
