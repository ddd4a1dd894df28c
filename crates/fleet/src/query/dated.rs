//! What of a page depends on dates: on which kinds of hosts and over which hours each rating is asked for, and the dates met.
//! Ratings dated alike share a plan, so that a release is counted once for all of them.

use std::cell::RefCell;
use std::collections::HashMap;

use jiff::Timestamp;

use super::dues::{DatedKinds, Dues};
use super::hosts::HostColumns;
use super::kinds::Kinds;
use super::line::NEVER;

/// Every kind, of those that occur.
pub(super) const ALL_KINDS: Kinds = Kinds::MAX;

/// What a page is asked for by dates.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// Only findings due from the first to before the second.
    pub(super) due: Option<(Timestamp, Timestamp)>,
    /// Rows are told apart by their date.
    pub(super) is_by_date: bool,
    /// Latest first.
    pub(super) descending: bool,
    /// Kinds of hosts there are.
    pub(super) present: Kinds,
}

/// Deadlines of one page.
pub(super) struct Dated<'a> {
    dues: &'a Dues,
    hours: &'a [i32],
    asked: Asked,
    plans: Plans,
    /// The plan of each profile; the last is for ratings that have none.
    plan_of: Vec<u32>,
    /// For each profile, where its entries begin; one more at the end. Empty unless rows are told apart by their date.
    entries_of: Vec<u32>,
    entries: Vec<Entry>,
    dates: RefCell<Dates>,
}

/// Kinds of hosts over some hours, from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Part {
    pub(super) kinds: Kinds,
    pub(super) from: i32,
    pub(super) to: i32,
}

impl Part {
    pub(super) fn has(&self, hour: i32) -> bool {
        self.from <= hour && hour <= self.to
    }
}

/// Parts that are counted together, each list once.
#[derive(Default)]
struct Plans {
    all: Vec<Vec<Part>>,
    numbers: HashMap<Vec<Part>, u32>,
}

/// Kinds of hosts with the same deadline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// A plan of one part.
    pub(super) plan: u32,
    /// Profile, and its place in it; `None` for no deadline at all.
    dated: Option<(u32, u32)>,
    /// The number of the date, where it is the same at all its hours.
    pub(super) word: Option<u32>,
    pub(super) is_kept: bool,
}

#[derive(Default)]
struct Dates {
    all: Vec<i64>,
    numbers: HashMap<i64, u32>,
}

impl<'a> Dated<'a> {
    pub(super) fn new(dues: &'a Dues, hours: &'a [i32], asked: Asked) -> Self {
        let mut dated = Self {
            dues,
            hours,
            asked,
            plans: Plans::default(),
            plan_of: Vec::with_capacity(dues.profiles.len() + 1),
            entries_of: Vec::new(),
            entries: Vec::new(),
            dates: RefCell::default(),
        };
        let everything = Part {
            kinds: ALL_KINDS,
            from: i32::MIN,
            to: i32::MAX,
        };
        if asked.due.is_none() && !asked.is_by_date {
            let plan = dated.plans.number(vec![everything]);
            dated.plan_of = vec![plan; dues.profiles.len() + 1];
            return dated;
        }
        for profile in 0..dues.profiles.len() as u32 {
            dated.add(profile);
        }
        dated.entries_of.push(dated.entries.len() as u32);
        let is_any = asked.due.is_none();
        let last = if is_any { vec![everything] } else { Vec::new() };
        let last = dated.plans.number(last);
        dated.plan_of.push(last);
        if is_any && asked.is_by_date {
            dated.entries.push(Entry {
                plan: last,
                dated: None,
                word: None,
                is_kept: true,
            });
        }
        dated.entries_of.push(dated.entries.len() as u32);
        dated
    }

    /// Plans a profile.
    fn add(&mut self, profile: u32) {
        self.entries_of.push(self.entries.len() as u32);
        let mut plan: Vec<Part> = Vec::new();
        for (place, of) in (0..).zip(&self.dues.profiles[profile as usize]) {
            for part in self.parts(of) {
                if self.asked.is_by_date {
                    self.entries.push(Entry {
                        plan: self.plans.number(vec![part]),
                        dated: Some((profile, place)),
                        word: None,
                        is_kept: true,
                    });
                }
                let same = |known: &&mut Part| (known.from, known.to) == (part.from, part.to);
                match plan.iter_mut().find(same) {
                    Some(known) => known.kinds = self.whole(known.kinds | part.kinds),
                    None => plan.push(part),
                }
            }
        }
        plan.sort_unstable();
        self.plan_of.push(self.plans.number(plan));
    }

    /// Where kinds of hosts dated alike are asked for.
    fn parts(&self, of: &DatedKinds) -> Vec<Part> {
        let kinds = self.whole(of.kinds);
        if kinds == 0 {
            return Vec::new();
        }
        let Some((from, until)) = self.asked.due else {
            return vec![Part {
                kinds,
                from: i32::MIN,
                to: i32::MAX,
            }];
        };
        let asked = of.asked(self.hours, (from.as_second(), until.as_second()));
        let parts = asked.into_iter().map(|(first, end)| Part {
            kinds,
            from: self.hours[first],
            to: self.hours[end - 1],
        });
        parts.collect()
    }

    /// Kinds among those there are; all of these are all.
    const fn whole(&self, kinds: Kinds) -> Kinds {
        match kinds & self.asked.present {
            there if there == self.asked.present => ALL_KINDS,
            there => there,
        }
    }

    /// Whether only some dates are asked for.
    pub(super) const fn is_asked(&self) -> bool {
        self.asked.due.is_some()
    }

    fn profile(&self, rating: u32) -> usize {
        let profile = self.dues.profile_of(rating);
        profile.map_or(self.dues.profiles.len(), |profile| profile as usize)
    }

    /// The plan of a rating.
    pub(super) fn plan_of(&self, rating: u32) -> u32 {
        self.plan_of[self.profile(rating)]
    }

    /// The parts of a plan; they share nothing.
    pub(super) fn plan(&self, plan: u32) -> &[Part] {
        &self.plans.all[plan as usize]
    }

    /// How many plans there are.
    pub(super) const fn plans(&self) -> usize {
        self.plans.all.len()
    }

    /// The kinds of hosts on which a plan asks for what is known since an hour.
    pub(super) fn kinds_at(&self, plan: u32, hour: i32) -> Kinds {
        let parts = self.plan(plan).iter().filter(|part| part.has(hour));
        parts.fold(0, |all, part| all | part.kinds)
    }

    /// The entries of a rating, with the number of the first.
    pub(super) fn entries(&self, rating: u32) -> (usize, &[Entry]) {
        let profile = self.profile(rating);
        let from = self.entries_of[profile] as usize;
        let to = self.entries_of[profile + 1] as usize;
        (from, &self.entries[from..to])
    }

    /// How many entries there are.
    pub(super) const fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// The number of the date of an entry where it is known since an hour.
    pub(super) fn word(&self, entry: &Entry, hour: i32) -> u32 {
        entry.word.unwrap_or_else(|| {
            let date = self.kinds_of(entry).map_or(NEVER, |of| of.date(hour));
            self.dates.borrow_mut().number(date)
        })
    }

    fn kinds_of(&self, entry: &Entry) -> Option<&'a DatedKinds> {
        let (profile, place) = entry.dated?;
        Some(&self.dues.profiles[profile as usize][place as usize])
    }

    /// The deadline on one host.
    pub(super) fn due(
        &self,
        rating: u32,
        (columns, host): (&HostColumns, u32),
        hour: i32,
    ) -> Option<Timestamp> {
        let profile = &self.dues.profiles[self.dues.profile_of(rating)? as usize];
        let kind = self.kind(columns, host);
        let of = profile.iter().find(|of| of.kinds & (1 << kind) != 0)?;
        let due = of.date(hour);
        (due != NEVER)
            .then(|| Timestamp::from_second(due).ok())
            .flatten()
    }

    /// How many kinds of hosts the policies tell apart.
    pub(super) const fn kinds(&self) -> usize {
        self.dues.partition.len()
    }

    /// The kind a host is of.
    pub(super) fn kind(&self, columns: &HostColumns, host: u32) -> usize {
        self.dues.partition.kind(columns, host)
    }

    /// How many dates were met.
    pub(super) fn words(&self) -> usize {
        self.dates.borrow().all.len()
    }

    /// The dates met, in the order of the page; none comes last.
    pub(super) fn order(&self) -> Vec<u32> {
        let dates = self.dates.borrow();
        let mut order: Vec<u32> = (0..dates.all.len() as u32).collect();
        order.sort_unstable_by_key(|number| self.key(dates.all[*number as usize]));
        order
    }

    /// What a date is sorted by.
    const fn key(&self, date: i64) -> i64 {
        match (self.asked.descending, date) {
            (_, NEVER) => NEVER,
            (true, date) => -date,
            (false, date) => date,
        }
    }

    /// Lets go of entries all of whose rows come before or after a window of rows; `counts` has the rows of each. Returns how many
    /// rows before the window are gone with them.
    pub(super) fn narrow(&mut self, counts: &[u64], first: u64, end: u64) -> u64 {
        let spans: Vec<(i64, i64)> = self.entries.iter().map(|entry| self.keys(entry)).collect();
        let there = || spans.iter().zip(counts).filter(|(_, count)| **count > 0);
        // The key of the first row of the window is at least `low`, that of the last at most `high`.
        let by_first = there().map(|((first, _), count)| (*first, *count));
        let by_last = there().map(|((_, last), count)| (*last, *count));
        let low = key_at(by_first.collect(), first).unwrap_or(i64::MAX);
        let high = key_at(by_last.collect(), end.saturating_sub(1)).unwrap_or(i64::MAX);
        let mut before = 0;
        for (number, (first, last)) in spans.iter().enumerate() {
            if *last < low {
                before += counts[number];
            }
            let is_kept = counts[number] > 0 && *last >= low && *first <= high;
            let word = (is_kept && first == last).then(|| {
                let date = if self.asked.descending && *first != NEVER {
                    -first
                } else {
                    *first
                };
                self.dates.borrow_mut().number(date)
            });
            let entry = &mut self.entries[number];
            (entry.is_kept, entry.word) = (is_kept, word);
        }
        before
    }

    /// Between what keys the rows of an entry lie.
    fn keys(&self, entry: &Entry) -> (i64, i64) {
        let part = self.plan(entry.plan)[0];
        let first = self.hours.partition_point(|hour| *hour < part.from);
        let end = self.hours.partition_point(|hour| *hour <= part.to);
        let range = self.kinds_of(entry).filter(|_| first < end);
        let range = range.map(|of| of.range(&self.hours[first..end]));
        let (low, high) = range.unwrap_or((NEVER, NEVER));
        let (low, high) = (self.key(low), self.key(high));
        (low.min(high), low.max(high))
    }
}

/// The key under which a row comes, were each of the rows at its key.
fn key_at(mut keys: Vec<(i64, u64)>, row: u64) -> Option<i64> {
    keys.sort_unstable();
    let mut before = 0;
    let found = keys.into_iter().find(|(_, count)| {
        before += count;
        before > row
    });
    found.map(|(key, _)| key)
}

impl Plans {
    fn number(&mut self, parts: Vec<Part>) -> u32 {
        let next = self.all.len() as u32;
        if let Some(number) = self.numbers.get(&parts) {
            return *number;
        }
        self.all.push(parts.clone());
        self.numbers.insert(parts, next);
        next
    }
}

impl Dates {
    fn number(&mut self, date: i64) -> u32 {
        let next = self.all.len() as u32;
        let number = *self.numbers.entry(date).or_insert(next);
        if number == next {
            self.all.push(date);
        }
        number
    }
}
