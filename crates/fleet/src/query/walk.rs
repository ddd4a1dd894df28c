//! A page without the rows before it: findings are counted by what the column says, then only those that reach into the page
//! are looked at, and of them only the hosts on it.

use super::ask::{Column, Row};
use super::board::Board;
use super::counts::Counts;
use super::dated::{Dated, Part};
use super::hosts::HostColumns;
use super::kinds::Kinds;
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

/// Which words and ratings are looked for.
#[derive(Clone, Copy, Default)]
struct Wanted<'w> {
    /// Place of each word; [`NO_PLACE`] for those nobody looks for.
    places: Option<&'w [u32]>,
    ratings: Option<&'w [bool]>,
}

const NO_PLACE: u32 = u32::MAX;

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

impl Wanted<'_> {
    fn word(&self, word: u32) -> bool {
        let is_there = |places: &[u32]| places.get(word as usize).is_some_and(|p| *p != NO_PLACE);
        self.places.is_none_or(is_there)
    }
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
        if level == Level::Hour {
            self.tally_hours(within, &mut tally);
            return tally;
        }
        self.each(within, level, Wanted::default(), |slot| {
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

    /// By hour: pairs of one pattern and one plan are counted once.
    fn tally_hours(&self, within: &Within<'_>, tally: &mut Tally) {
        let mut asked: Vec<(u32, u32)> = Vec::new();
        self.each_release(within, |release| {
            let pairs = self.board.releases[release as usize].pairs.iter();
            let pairs = pairs.filter(|pair| self.has(pair));
            asked.clear();
            asked.extend(pairs.map(|pair| (pair.pattern, self.dated.plan_of(pair.rating))));
            asked.sort_unstable();
            for alike in asked.chunk_by(|a, b| a == b) {
                let take = |word: u32, rows: u64| {
                    tally.rows[word as usize] += alike.len() as u64 * rows;
                    tally.pairs[word as usize] += alike.len() as u64;
                };
                self.hours_of(within, release, alike[0], Wanted::default(), take);
            }
        });
    }

    /// How many rows a pattern has under a plan, by hour.
    fn hours_of(
        &self,
        within: &Within<'_>,
        release: u32,
        (pattern, plan): (u32, u32),
        wanted: Wanted<'_>,
        mut take: impl FnMut(u32, u64),
    ) {
        let spans = &self.board.releases[release as usize].patterns[pattern as usize];
        for of_hour in spans.chunk_by(|a, b| a.hour == b.hour) {
            let hour = of_hour[0].hour;
            let word = self.orders.hours.partition_point(|known| *known < hour) as u32;
            let kinds = self.dated.kinds_at(plan, hour);
            if kinds == 0 || !wanted.word(word) {
                continue;
            }
            let spans = of_hour.iter().filter(|span| self.is_asked(span));
            let rows: u64 = spans
                .map(|span| u64::from(within.count(release, span, kinds)))
                .sum();
            if rows > 0 {
                take(word, rows);
            }
        }
    }

    fn ratings_under(&self, within: &Within<'_>, level: Level, word: u32) -> Vec<u64> {
        let mut counts = vec![0; self.board.ratings.len()];
        let places = places_of(&[word]);
        let wanted = Wanted {
            places: Some(&places),
            ratings: None,
        };
        self.each(within, level, wanted, |slot| {
            counts[slot.pair.rating as usize] += slot.count;
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
        let places = places_of(words);
        let chosen = ratings.map(|ratings| {
            let mut chosen = vec![false; self.board.ratings.len()];
            ratings.iter().for_each(|r| chosen[*r as usize] = true);
            chosen
        });
        let wanted = Wanted {
            places: Some(&places),
            ratings: chosen.as_deref(),
        };
        let mut slots: Vec<(u32, Slot)> = Vec::new();
        self.each(within, level, wanted, |slot| {
            slots.push((places[slot.word as usize], slot));
        });
        slots.sort_unstable_by_key(|(at, slot)| {
            let rating = self.orders.ratings[slot.pair.rating as usize];
            (*at, rating, self.orders.releases[slot.release as usize])
        });
        slots
    }

    /// Every pair that is asked for and wanted, with how many rows it has under each word.
    fn each(
        &self,
        within: &Within<'_>,
        level: Level,
        wanted: Wanted<'_>,
        mut take: impl FnMut(Slot),
    ) {
        let mut counts = Counts::default();
        self.each_release(within, |release| {
            let name = self.orders.names[release as usize];
            if level == Level::Name && !wanted.word(name) {
                return;
            }
            let standing = &self.board.releases[release as usize];
            counts.begin(standing.patterns.len(), self.dated.plans());
            let pairs = standing.pairs.iter().filter(|pair| {
                let is_wanted = wanted.ratings.is_none_or(|r| r[pair.rating as usize]);
                is_wanted && self.has(pair)
            });
            for pair in pairs {
                let mut count = |plan: u32| {
                    counts.get(pair.pattern, plan, || {
                        self.rows_of(within, release, (pair.pattern, plan))
                    })
                };
                let mut take = |word: u32, count: u64| {
                    if count > 0 {
                        let pair = *pair;
                        take(Slot {
                            word,
                            release,
                            pair,
                            count,
                        });
                    }
                };
                let plan = self.dated.plan_of(pair.rating);
                let word = match level {
                    Level::Rating => pair.rating,
                    Level::Name => name,
                    Level::Fix => pair.fix,
                    Level::Hour => {
                        self.hours_of(within, release, (pair.pattern, plan), wanted, take);
                        continue;
                    }
                    Level::Due => {
                        self.dates_of(within, (release, pair), count, |word, rows| {
                            if wanted.word(word) {
                                take(word, rows);
                            }
                        });
                        continue;
                    }
                };
                if wanted.word(word) {
                    take(word, count(plan));
                }
            }
        });
    }

    /// Whether the rating of a pair is asked for.
    pub(super) fn has(&self, pair: &Pair) -> bool {
        self.ratings[pair.rating as usize]
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

    /// How many rows a pattern has under a plan.
    fn rows_of(&self, within: &Within<'_>, release: u32, (pattern, plan): (u32, u32)) -> u64 {
        let spans = &self.board.releases[release as usize].patterns[pattern as usize];
        let of_part = |part: &Part| {
            if self.covers(release, pattern, part) {
                return u64::from(within.of_release(release, part.kinds));
            }
            let spans = spans.iter().filter(|span| part.has(span.hour));
            let spans = spans.filter(|span| self.is_asked(span));
            spans
                .map(|span| u64::from(within.count(release, span, part.kinds)))
                .sum()
        };
        self.dated.plan(plan).iter().map(of_part).sum()
    }

    /// Whether all that stands on the hosts of a release by a pattern is asked for by a part, on its kinds of hosts: then the hosts
    /// need not be told apart by hours.
    pub(super) fn covers(&self, release: u32, pattern: u32, part: &Part) -> bool {
        let spans = &self.board.releases[release as usize].patterns[pattern as usize];
        let hours = spans.first().zip(spans.last());
        self.states.is_empty()
            && hours.is_some_and(|(first, last)| part.from <= first.hour && last.hour <= part.to)
            && self.orders.is_whole(release, pattern)
    }

    /// How many rows a pair has by date, of those that may be on the page.
    fn dates_of(
        &self,
        within: &Within<'_>,
        (release, pair): (u32, &Pair),
        mut count: impl FnMut(u32) -> u64,
        mut take: impl FnMut(u32, u64),
    ) {
        let (_, entries) = self.dated.entries(pair.rating);
        let spans = &self.board.releases[release as usize].patterns[pair.pattern as usize];
        let mut of_word: Vec<(u32, u64)> = Vec::new();
        let mut add = |word: u32, rows: u64| match of_word.iter_mut().find(|(w, _)| *w == word) {
            Some((_, sum)) => *sum += rows,
            None => of_word.push((word, rows)),
        };
        for entry in entries.iter().filter(|entry| entry.is_kept) {
            if let Some(word) = entry.word {
                add(word, count(entry.plan));
                continue;
            }
            for part in self.dated.plan(entry.plan) {
                let spans = spans.iter().filter(|span| part.has(span.hour));
                for span in spans.filter(|span| self.is_asked(span)) {
                    let rows = within.count(release, span, part.kinds);
                    add(self.dated.word(entry, span.hour), u64::from(rows));
                }
            }
        }
        of_word
            .into_iter()
            .for_each(|(word, rows)| take(word, rows));
    }

    /// How many rows there are by entry of the dates: kinds of hosts with one rule for the deadline.
    pub(super) fn rows_by_entry(&self, within: &Within<'_>) -> Vec<u64> {
        let mut rows = vec![0; self.dated.entry_count()];
        let mut counts = Counts::default();
        self.each_release(within, |release| {
            let standing = &self.board.releases[release as usize];
            counts.begin(standing.patterns.len(), self.dated.plans());
            for pair in standing.pairs.iter().filter(|pair| self.has(pair)) {
                let (first, entries) = self.dated.entries(pair.rating);
                for (number, entry) in (first..).zip(entries) {
                    rows[number] += counts.get(pair.pattern, entry.plan, || {
                        self.rows_of(within, release, (pair.pattern, entry.plan))
                    });
                }
            }
        });
        rows
    }

    /// The kinds of hosts on which a pair is under a word where it is known since an hour.
    fn kinds_under(&self, level: Level, slot: &Slot, hour: i32) -> Kinds {
        match level {
            Level::Due => {
                let (_, entries) = self.dated.entries(slot.pair.rating);
                let there = entries
                    .iter()
                    .filter(|entry| entry.is_kept && self.dated.word(entry, hour) == slot.word);
                let kinds = there.map(|entry| self.dated.kinds_at(entry.plan, hour));
                kinds.fold(0, |all, kinds| all | kinds)
            }
            Level::Hour if self.orders.hours[slot.word as usize] != hour => 0,
            _ => {
                let plan = self.dated.plan_of(slot.pair.rating);
                self.dated.kinds_at(plan, hour)
            }
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
            let kinds = self.kinds_under(level, slot, span.hour);
            if kinds != 0 {
                let there = within.hosts_of(standing, span, kinds);
                hosts.extend(there.iter().map(|host| (self.columns.rank(host), at)));
            }
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
                    .due(slot.pair.rating, (self.columns, *host), span.hour),
                fix: (fix != 0).then(|| self.board.fixes[fix as usize].clone()),
            }
        }));
    }
}

/// The place of each word among some; [`NO_PLACE`] for others.
fn places_of(words: &[u32]) -> Vec<u32> {
    let many = words.iter().max().map_or(0, |word| *word as usize + 1);
    let mut places = vec![NO_PLACE; many];
    for (place, word) in (0..).zip(words) {
        places[*word as usize] = place;
    }
    places
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
