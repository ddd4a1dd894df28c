//! A page without the rows before it: findings are counted by what the column says, then only those that reach into the page
//! are looked at, and of them only the hosts on it.

use std::collections::HashMap;

use super::ask::{Column, Row};
use super::board::Board;
use super::dated::Dated;
use super::hosts::{ALL_CLASSES, Classes, HostColumns};
use super::order::Orders;
use super::standing::{Pair, Span, State};
use super::within::Within;

/// More pairs than this under one word of a column (the many without a fix) are counted by vulnerability before they are sorted.
const SORTED_AT_ONCE: u64 = if cfg!(test) { 2 } else { 50_000 };

/// What a walk goes over: the board, what of it is asked for, and the dates.
pub(super) struct Walk<'a> {
    pub(super) board: &'a Board,
    pub(super) orders: &'a Orders,
    pub(super) columns: &'a HostColumns,
    /// Whether each rating is asked for.
    pub(super) ratings: Vec<bool>,
    /// Whether each release is; `None` for all.
    pub(super) releases: Option<Vec<bool>>,
    /// The states asked for; empty for all.
    pub(super) states: Vec<State>,
    pub(super) dated: Dated<'a>,
}

/// Part of the rows: so many before it, so many of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) offset: u64,
    pub(super) limit: usize,
}

/// What a pair is counted under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Rating,
    Name,
    Fix,
    Hour,
    Due,
}

/// A pair on the hosts where it is under one word.
#[derive(Clone, Copy, Debug)]
struct Slot {
    word: u32,
    release: u32,
    pair: Pair,
    count: u64,
}

/// Rows and pairs under each word.
struct Tally {
    rows: Vec<u64>,
    pairs: Vec<u64>,
}

impl Level {
    pub(super) const fn of(column: Column) -> Self {
        match column {
            Column::Package => Self::Name,
            Column::Fix => Self::Fix,
            Column::FirstSeen => Self::Hour,
            Column::Due => Self::Due,
            _ => Self::Rating,
        }
    }

    /// Whether a pair may be under several words.
    const fn splits(self) -> bool {
        matches!(self, Self::Hour | Self::Due)
    }
}

impl Walk<'_> {
    /// How many rows there are, by rating.
    pub(super) fn rows_by_rating(&self, within: &Within<'_>) -> Vec<u64> {
        self.tally(within, Level::Rating).rows
    }

    /// The rows of a window; `order` has every word of the level in the order of the page (for dates it is made here).
    pub(super) fn rows(
        &self,
        within: &Within<'_>,
        level: Level,
        order: &[u32],
        window: Window,
    ) -> Vec<Row> {
        let tally = self.tally(within, level);
        let dates;
        let order = match level {
            Level::Due => {
                dates = self.dated.order();
                &dates[..]
            }
            _ => order,
        };
        let (words, skip) = reaching(order, &tally.rows, window);
        let pairs: u64 = words.iter().map(|w| tally.pairs[*w as usize]).sum();
        if level == Level::Rating || pairs <= SORTED_AT_ONCE {
            let slots = self.slots(within, level, &words, None);
            return self.emit(
                within,
                level,
                slots,
                Window {
                    offset: skip,
                    ..window
                },
            );
        }
        self.word_by_word(
            within,
            level,
            (&words, &tally),
            Window {
                offset: skip,
                ..window
            },
        )
    }

    /// The rows of a window over a few words, of which some have many pairs.
    fn word_by_word(
        &self,
        within: &Within<'_>,
        level: Level,
        (words, tally): (&[u32], &Tally),
        mut window: Window,
    ) -> Vec<Row> {
        let by_rating = self
            .orders
            .of_column(&self.board.ratings, Column::Cve, false);
        let mut rows = Vec::new();
        for &word in words {
            let limit = window.limit - rows.len();
            let one = Window { limit, ..window };
            let slots = match tally.pairs[word as usize] <= SORTED_AT_ONCE {
                true => self.slots(within, level, &[word], None),
                false => {
                    let counts = self.ratings_under(within, level, word);
                    let (ratings, skip) = reaching(&by_rating, &counts, one);
                    let slots = self.slots(within, level, &[word], Some(&ratings));
                    rows.extend(self.emit(
                        within,
                        level,
                        slots,
                        Window {
                            offset: skip,
                            limit,
                        },
                    ));
                    window.offset = window.offset.saturating_sub(tally.rows[word as usize]);
                    continue;
                }
            };
            rows.extend(self.emit(within, level, slots, one));
            window.offset = window.offset.saturating_sub(tally.rows[word as usize]);
        }
        rows
    }

    fn tally(&self, within: &Within<'_>, level: Level) -> Tally {
        let words = match level {
            Level::Rating => self.board.ratings.len(),
            Level::Name => self.orders.names.len(),
            Level::Fix => self.board.fixes.len(),
            Level::Hour => self.orders.hours.len(),
            Level::Due => 0,
        };
        let mut tally = Tally {
            rows: vec![0; words],
            pairs: vec![0; words],
        };
        self.each(within, level, |slot| {
            let word = slot.word as usize;
            if word >= tally.rows.len() {
                tally.rows.resize(word + 1, 0);
                tally.pairs.resize(word + 1, 0);
            }
            tally.rows[word] += slot.count;
            tally.pairs[word] += 1;
        });
        let known = self.dated.words();
        if level == Level::Due && tally.rows.len() < known {
            tally.rows.resize(known, 0);
            tally.pairs.resize(known, 0);
        }
        tally
    }

    fn ratings_under(&self, within: &Within<'_>, level: Level, word: u32) -> Vec<u64> {
        let mut counts = vec![0; self.board.ratings.len()];
        self.each(within, level, |slot| {
            if slot.word == word {
                counts[slot.pair.rating as usize] += slot.count;
            }
        });
        counts
    }

    /// The pairs under some words, of some ratings, with their place among the words.
    fn slots(
        &self,
        within: &Within<'_>,
        level: Level,
        words: &[u32],
        ratings: Option<&[u32]>,
    ) -> Vec<(u32, Slot)> {
        let place: HashMap<u32, u32> = words.iter().zip(0..).map(|(w, at)| (*w, at)).collect();
        let chosen = ratings.map(|ratings| {
            let mut chosen = vec![false; self.board.ratings.len()];
            ratings.iter().for_each(|r| chosen[*r as usize] = true);
            chosen
        });
        let mut slots: Vec<(u32, Slot)> = Vec::new();
        self.each(within, level, |slot| {
            let is_chosen = chosen.as_ref().is_none_or(|c| c[slot.pair.rating as usize]);
            if let (true, Some(at)) = (is_chosen, place.get(&slot.word)) {
                slots.push((*at, slot));
            }
        });
        slots.sort_unstable_by_key(|(at, slot)| {
            let rating = self.orders.ratings[slot.pair.rating as usize];
            (*at, rating, self.orders.releases[slot.release as usize])
        });
        slots
    }

    /// Every pair that is asked for, with how many rows it has under each word.
    fn each(&self, within: &Within<'_>, level: Level, mut take: impl FnMut(Slot)) {
        self.each_release(within, |release| {
            match level.splits() || self.dated.is_asked() {
                false => self.whole_pairs(within, level, release, &mut take),
                true => self.split_pairs(within, level, release, &mut take),
            }
        });
    }

    /// The releases asked for that some of the hosts have.
    pub(super) fn each_release(&self, within: &Within<'_>, mut take: impl FnMut(u32)) {
        let mut visit = |release: u32| {
            let is_asked = self.releases.as_ref().is_none_or(|r| r[release as usize]);
            if is_asked && within.with[release as usize] > 0 {
                take(release);
            }
        };
        match &within.reach {
            Some(reach) => reach.iter().for_each(|release| visit(*release)),
            None => (0..self.board.releases.len() as u32).for_each(visit),
        }
    }

    /// The pairs of a release where a pair is under one word.
    fn whole_pairs(
        &self,
        within: &Within<'_>,
        level: Level,
        release: u32,
        take: &mut impl FnMut(Slot),
    ) {
        let standing = &self.board.releases[release as usize];
        let counts: Vec<u64> = standing
            .patterns
            .iter()
            .map(|pattern| {
                let spans = pattern.iter().filter(|span| self.is_asked(span));
                spans
                    .map(|span| u64::from(within.count(release, span, ALL_CLASSES)))
                    .sum()
            })
            .collect();
        for pair in &standing.pairs {
            let count = counts[pair.pattern as usize];
            if count > 0 && self.ratings[pair.rating as usize] {
                let word = self.word(level, release, pair);
                take(Slot {
                    word,
                    release,
                    pair: *pair,
                    count,
                });
            }
        }
    }

    fn word(&self, level: Level, release: u32, pair: &Pair) -> u32 {
        match level {
            Level::Name => self.orders.names[release as usize],
            Level::Fix => pair.fix,
            _ => pair.rating,
        }
    }

    /// The same where hosts of one pair are under several words, or only those with some dates are asked for.
    fn split_pairs(
        &self,
        within: &Within<'_>,
        level: Level,
        release: u32,
        take: &mut impl FnMut(Slot),
    ) {
        let standing = &self.board.releases[release as usize];
        let mut counted: HashMap<(u32, usize, Classes), u32> = HashMap::new();
        let mut parts: Vec<(u32, u64)> = Vec::new();
        for pair in &standing.pairs {
            if !self.ratings[pair.rating as usize] {
                continue;
            }
            parts.clear();
            let pattern = &standing.patterns[pair.pattern as usize];
            for (at, span) in pattern
                .iter()
                .enumerate()
                .filter(|(_, span)| self.is_asked(span))
            {
                self.parts(level, release, pair, span, |word, classes| {
                    let key = (pair.pattern, at, classes);
                    let count = counted.entry(key);
                    let count = count.or_insert_with(|| within.count(release, span, classes));
                    match parts.iter_mut().find(|(known, _)| *known == word) {
                        Some((_, rows)) => *rows += u64::from(*count),
                        None => parts.push((word, u64::from(*count))),
                    }
                });
            }
            for &(word, count) in parts.iter().filter(|(_, count)| *count > 0) {
                take(Slot {
                    word,
                    release,
                    pair: *pair,
                    count,
                });
            }
        }
    }

    /// The words of a pair on the hosts of a span, each with the kinds of hosts on which it is under that word.
    pub(super) fn parts(
        &self,
        level: Level,
        release: u32,
        pair: &Pair,
        span: &Span,
        mut take: impl FnMut(u32, Classes),
    ) {
        let word = match level {
            Level::Due => None,
            Level::Hour => self
                .orders
                .hours
                .binary_search(&span.hour)
                .ok()
                .map(|at| at as u32),
            _ => Some(self.word(level, release, pair)),
        };
        match word {
            Some(word) if !self.dated.is_asked() => take(word, ALL_CLASSES),
            Some(word) => {
                let classes = self.dated.classes_asked(pair.rating, span.hour);
                if classes != 0 {
                    take(word, classes);
                }
            }
            None => self.dated.each_asked(pair.rating, span.hour, take),
        }
    }

    pub(super) fn is_asked(&self, span: &Span) -> bool {
        self.states.is_empty() || self.states.contains(&span.state)
    }

    /// The rows of a window over slots in order.
    fn emit(
        &self,
        within: &Within<'_>,
        level: Level,
        slots: Vec<(u32, Slot)>,
        mut window: Window,
    ) -> Vec<Row> {
        let mut rows = Vec::new();
        for (_, slot) in slots {
            if window.offset >= slot.count {
                window.offset -= slot.count;
                continue;
            }
            let wanted = Window {
                limit: window.limit - rows.len(),
                ..window
            };
            self.hosts_on(within, level, &slot, wanted, &mut rows);
            window.offset = 0;
            if rows.len() >= window.limit {
                break;
            }
        }
        rows
    }

    /// The rows of a window over the hosts of a slot.
    fn hosts_on(
        &self,
        within: &Within<'_>,
        level: Level,
        slot: &Slot,
        window: Window,
        rows: &mut Vec<Row>,
    ) {
        let standing = &self.board.releases[slot.release as usize];
        let pattern = &standing.patterns[slot.pair.pattern as usize];
        let mut hosts: Vec<((u32, u32), usize)> = Vec::new();
        for (at, span) in pattern
            .iter()
            .enumerate()
            .filter(|(_, span)| self.is_asked(span))
        {
            self.parts(level, slot.release, &slot.pair, span, |word, classes| {
                if word == slot.word {
                    let of_part = within.hosts_of(standing, span, classes);
                    hosts.extend(of_part.iter().map(|host| (self.columns.rank(host), at)));
                }
            });
        }
        let skip = usize::try_from(window.offset)
            .unwrap_or(usize::MAX)
            .min(hosts.len());
        let end = skip.saturating_add(window.limit).min(hosts.len());
        if end > 0 && end < hosts.len() {
            hosts.select_nth_unstable(end - 1);
        }
        hosts.truncate(end);
        hosts.sort_unstable();
        rows.extend(hosts[skip..].iter().map(|((_, host), at)| {
            let span = &pattern[*at];
            let fix = slot.pair.fix;
            Row {
                rating: slot.pair.rating,
                release: slot.release,
                host: *host,
                state: span.state,
                since_hour: span.hour,
                due: self
                    .dated
                    .due(slot.pair.rating, self.columns.class(*host), span.hour),
                fix: (fix != 0).then(|| self.board.fixes[fix as usize].clone()),
            }
        }));
    }
}

/// The words whose rows reach into a window, in order, and how many rows of the first come before it.
pub(super) fn reaching(order: &[u32], rows: &[u64], window: Window) -> (Vec<u32>, u64) {
    let (mut before, mut skip) = (0_u64, 0);
    let end = window.offset.saturating_add(window.limit as u64);
    let mut words = Vec::new();
    for &word in order {
        let many = rows[word as usize];
        if before >= end {
            break;
        }
        if many > 0 && before + many > window.offset {
            if words.is_empty() {
                skip = window.offset - before;
            }
            words.push(word);
        }
        before += many;
    }
    (words, skip)
}
