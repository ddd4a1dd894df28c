//! The orders of a page: of vulnerabilities, of releases, of whatever a column says of them. Made when a board is settled, so that
//! a page compares numbers only.

use base::CveId;

use super::ask::Column;
use super::standing::{Rating, Standing};

/// Places of ratings, releases, names and fixes.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    /// Place of each rating by CVE, then by name.
    pub(super) ratings: Vec<u32>,
    /// Place of each release by name, ecosystem and version.
    pub(super) releases: Vec<u32>,
    /// Place of each release's name; equal names have the same.
    pub(super) names: Vec<u32>,
    /// Place of each fix.
    pub(super) fixes: Vec<u32>,
    /// Hours at which anything began, sorted.
    pub(super) hours: Vec<i32>,
    /// Where the patterns of each release begin in `whole`.
    patterns_of: Vec<u32>,
    /// Whether each pattern stands on all hosts of its release.
    whole: Vec<bool>,
}

impl Orders {
    pub(super) fn of(all: &[Rating], standings: &[Standing], texts: &[String]) -> Self {
        let ids = |n: usize| -> Vec<u32> { (0..n as u32).collect() };
        let mut ratings = ids(all.len());
        ratings.sort_by_cached_key(|&rating| {
            let name = &all[rating as usize].name;
            let cve = name.parse::<CveId>().ok();
            (cve.is_none(), cve, name.clone(), rating)
        });
        let release = |r: u32| &standings[r as usize];
        let mut releases = ids(standings.len());
        releases.sort_unstable_by(|&a, &b| {
            let key = |r: u32| {
                (
                    &release(r).name,
                    &release(r).ecosystem,
                    &release(r).version,
                    r,
                )
            };
            key(a).cmp(&key(b))
        });
        let mut names = vec![0; releases.len()];
        let mut place = 0;
        for at in 0..releases.len() {
            let is_same = at > 0 && release(releases[at]).name == release(releases[at - 1]).name;
            place += u32::from(at > 0 && !is_same);
            names[releases[at] as usize] = place;
        }
        let mut fixes = ids(texts.len());
        fixes.sort_unstable_by_key(|fix| (&texts[*fix as usize], *fix));
        let (patterns_of, whole) = wholes(standings);
        let spans = standings.iter().flat_map(|r| r.patterns.iter().flatten());
        let mut hours: Vec<i32> = spans.map(|span| span.hour).collect();
        hours.sort_unstable();
        hours.dedup();
        Self {
            ratings: places(&ratings),
            releases: places(&releases),
            names,
            fixes: places(&fixes),
            hours,
            patterns_of,
            whole,
        }
    }

    /// Whether a pattern of a release stands on all its hosts.
    pub(super) fn is_whole(&self, release: u32, pattern: u32) -> bool {
        self.whole[(self.patterns_of[release as usize] + pattern) as usize]
    }

    /// Numbers of what a column says, in its order; and those for which it says nothing, which come last.
    pub(super) fn of_column(&self, all: &[Rating], column: Column, descending: bool) -> Vec<u32> {
        let is_rating = matches!(
            column,
            Column::Severity | Column::Epss | Column::Kev | Column::Cve
        );
        if is_rating {
            return self.of_ratings(all, column, descending);
        }
        let many = match column {
            Column::Package => self.names.iter().max().map_or(0, |last| *last as usize + 1),
            Column::Fix => return self.of_fixes(descending),
            _ => self.hours.len(),
        };
        let mut order: Vec<u32> = (0..many as u32).collect();
        if descending {
            order.reverse();
        }
        order
    }

    fn of_fixes(&self, descending: bool) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.fixes.len() as u32).collect();
        order.sort_unstable_by_key(|fix| {
            let place = self.fixes[*fix as usize];
            (*fix == 0, if descending { !place } else { place })
        });
        order
    }

    fn of_ratings(&self, all: &[Rating], column: Column, descending: bool) -> Vec<u32> {
        let value = |rating: u32| -> Option<i64> {
            let scores = &all[rating as usize].scores;
            match column {
                Column::Severity => scores.severity.map(|severity| severity as i64),
                Column::Epss => scores.epss.map(|epss| i64::from(epss.to_bits())),
                Column::Kev => scores.kev.map(|(added, _)| {
                    i64::from(added.year()) * 400 + i64::from(added.day_of_year())
                }),
                _ => Some(i64::from(self.ratings[rating as usize])),
            }
        };
        let mut order: Vec<(bool, i64, u32, u32)> = (0..self.ratings.len() as u32)
            .map(|rating| {
                let value = value(rating);
                let place = value.map_or(0, |v| if descending { -v } else { v });
                (
                    value.is_none(),
                    place,
                    self.ratings[rating as usize],
                    rating,
                )
            })
            .collect();
        order.sort_unstable();
        order.into_iter().map(|(_, _, _, rating)| rating).collect()
    }
}

fn wholes(standings: &[Standing]) -> (Vec<u32>, Vec<bool>) {
    let mut patterns_of = Vec::with_capacity(standings.len());
    let mut whole = Vec::new();
    for standing in standings {
        patterns_of.push(whole.len() as u32);
        let hosts = standing.hosts.len();
        whole.extend(standing.patterns.iter().map(|pattern| {
            // Spans share no host.
            pattern
                .iter()
                .map(|span| standing.hosts_of(span).len())
                .sum::<u64>()
                == hosts
        }));
    }
    (patterns_of, whole)
}

/// The place of each number of a list.
pub(super) fn places(order: &[u32]) -> Vec<u32> {
    let mut places = vec![0; order.len()];
    for (place, number) in order.iter().enumerate() {
        places[*number as usize] = place as u32;
    }
    places
}
