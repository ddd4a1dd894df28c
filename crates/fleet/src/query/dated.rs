//! Deadlines while a page is made: each date gets a number when it is first met, and what was worked out is kept.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use jiff::Timestamp;

use super::dues::{Dues, NEVER};
use super::hosts::{ALL_CLASSES, Classes};

/// Deadlines of one page.
pub(super) struct Dated<'a> {
    dues: &'a Dues,
    /// Only findings due from the first to before the second, in seconds since 1970.
    asked: Option<(i64, i64)>,
    /// Latest first.
    descending: bool,
    /// Kinds of hosts there are.
    classes: Classes,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    dates: Vec<i64>,
    numbers: HashMap<i64, u32>,
    /// By hour, then by profile.
    groups: HashMap<i32, Vec<Option<Groups>>>,
}

/// Numbers of dates with the kinds of hosts that have it.
type Groups = Rc<[(u32, Classes)]>;

impl<'a> Dated<'a> {
    pub(super) fn new(
        dues: &'a Dues,
        asked: Option<(Timestamp, Timestamp)>,
        classes: Classes,
        descending: bool,
    ) -> Self {
        Self {
            dues,
            asked: asked.map(|(from, until)| (from.as_second(), until.as_second())),
            descending,
            classes,
            state: RefCell::default(),
        }
    }

    /// Whether only some dates are asked for.
    pub(super) const fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// The deadline on one host.
    pub(super) fn due(&self, rating: u32, class: usize, hour: i32) -> Option<Timestamp> {
        let profile = *self.dues.profile_of.get(rating as usize)?;
        let due = self.dues.due(profile, class, hour);
        (due != NEVER)
            .then(|| Timestamp::from_second(due).ok())
            .flatten()
    }

    /// The kinds of hosts on which a rating is due when asked for.
    pub(super) fn classes_asked(&self, rating: u32, hour: i32) -> Classes {
        let mut all = 0;
        self.each_asked(rating, hour, |_, classes| all |= classes);
        // All that occur are all there are: those counts are at hand.
        if all == self.classes {
            ALL_CLASSES
        } else {
            all
        }
    }

    /// Each date asked for that a rating has, with the kinds of hosts.
    pub(super) fn each_asked(&self, rating: u32, hour: i32, mut take: impl FnMut(u32, Classes)) {
        let groups = self.groups(rating, hour);
        let dates = |number: u32| self.state.borrow().dates[number as usize];
        for (number, classes) in groups.iter() {
            let is_asked = self.asked.is_none_or(|(from, until)| {
                let date = dates(*number);
                date != NEVER && from <= date && date < until
            });
            if is_asked {
                let is_all = *classes == self.classes;
                take(*number, if is_all { ALL_CLASSES } else { *classes });
            }
        }
    }

    fn groups(&self, rating: u32, hour: i32) -> Groups {
        let Some(&profile) = self.dues.profile_of.get(rating as usize) else {
            let number = self.state.borrow_mut().number(NEVER);
            return Rc::from([(number, self.classes)]);
        };
        let state = &mut *self.state.borrow_mut();
        let of_hour = state.groups.entry(hour).or_default();
        if of_hour.is_empty() {
            of_hour.resize(self.dues.profiles(), None);
        }
        if let Some(groups) = &of_hour[profile as usize] {
            return Rc::clone(groups);
        }
        let groups = self.dues.groups(profile, hour, self.classes);
        let numbered = groups
            .iter()
            .map(|(due, classes)| (state.number(*due), *classes));
        let groups: Groups = numbered.collect();
        if let Some(of_hour) = state.groups.get_mut(&hour) {
            of_hour[profile as usize] = Some(Rc::clone(&groups));
        }
        groups
    }

    /// How many dates were met.
    pub(super) fn words(&self) -> usize {
        self.state.borrow().dates.len()
    }

    /// The dates met, in the order of the page; none comes last.
    pub(super) fn order(&self) -> Vec<u32> {
        let state = self.state.borrow();
        let mut order: Vec<u32> = (0..state.dates.len() as u32).collect();
        order.sort_unstable_by_key(|number| self.key(state.dates[*number as usize]));
        order
    }

    /// What a date is sorted by.
    const fn key(&self, date: i64) -> i64 {
        match (self.descending, date) {
            (_, NEVER) => NEVER,
            (true, date) => -date,
            (false, date) => date,
        }
    }

    /// Between what keys the rows of each rating lie, if they began between two hours: a deadline is never earlier for beginning
    /// later.
    pub(super) fn bounds(&self, first: i32, last: i32) -> Vec<(i64, i64)> {
        let mut of_profile: Vec<Option<(i64, i64)>> = vec![None; self.dues.profiles()];
        let ratings = self.dues.profile_of.iter();
        let bounds = ratings.map(|&profile| {
            *of_profile[profile as usize].get_or_insert_with(|| {
                let early = self.dues.groups(profile, first, self.classes);
                let late = self.dues.groups(profile, last, self.classes);
                let keys = early.iter().chain(&late).map(|(due, _)| self.key(*due));
                let low = keys.clone().min().unwrap_or(NEVER);
                (low, keys.max().unwrap_or(NEVER))
            })
        });
        bounds.collect()
    }
}

impl State {
    fn number(&mut self, date: i64) -> u32 {
        let next = self.dates.len() as u32;
        let number = *self.numbers.entry(date).or_insert(next);
        if number == next {
            self.dates.push(date);
        }
        number
    }
}
