//! Questions to the fleet: a page of its findings, filtered and sorted by any column, with the exact total. 100 million findings
//! on hosts are some million pairs of a release and a vulnerability; they are counted, and only the rows of the page are made.
//!
//! The flow: a [`Board`] says who has what and what stands on it, [`HostColumns`] what the team says of the hosts, [`Dues`] the
//! deadlines; [`page`] counts the pairs by what the column says, finds those that reach into the page, and lists their hosts.

mod ask;
mod board;
mod by_host;
mod counts;
mod dated;
mod dues;
mod find;
mod follow;
#[cfg(test)]
mod follow_tests;
mod hosts;
mod kinds;
mod line;
mod order;
mod standing;
#[cfg(test)]
mod tests;
mod walk;
mod within;

pub use ask::{Column, Filter, Page, Query, Row};
pub use board::Board;
pub use dues::{DatedBy, Dues};
pub use find::{Found, Search, Sought};
pub use follow::Follower;
pub use hosts::{HostColumns, HostFacts};
pub use standing::{Cell, Rating, Scores, State};

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::glob;
use dated::{Asked, Dated};
use order::Orders;
use walk::{Level, Walk, Window, reaching};
use within::Within;

/// What pages are made from.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// Who has what and what stands on it.
    pub board: &'a Board,
    /// What the team says of the hosts.
    pub hosts: &'a HostColumns,
    /// The deadlines of the board's ratings.
    pub dues: &'a Dues,
}

/// A page of findings, with the exact number of all that the filter lets through.
pub fn page(desk: Desk<'_>, query: &Query) -> Page {
    let made;
    let orders = match &desk.board.orders {
        Some(orders) => orders,
        None => {
            made = Orders::of(&desk.board.ratings, &desk.board.releases, &desk.board.fixes);
            &made
        }
    };
    let chosen = hosts_asked(desk, &query.filter);
    let within = Within::new(desk.board, desk.hosts, desk.dues, chosen);
    let classes = desk.hosts.classes_in(within.bitmap());
    let asked = Asked {
        due: query.filter.due,
        is_by_date: query.sort == Column::Due,
        descending: query.descending,
        present: desk.dues.partition.kinds(classes),
    };
    let mut walk = Walk {
        board: desk.board,
        orders,
        columns: desk.hosts,
        ratings: ratings_asked(desk.board, &query.filter),
        releases: releases_asked(desk.board, &query.filter),
        states: query.filter.states.clone(),
        dated: Dated::new(desk.dues, &orders.hours, asked),
    };
    match query.sort {
        Column::Host | Column::Zone | Column::Owner => by_host(&walk, &within, query),
        Column::Due => by_date(&mut walk, &within, window(query)),
        column => {
            let order = orders.of_column(&desk.board.ratings, column, query.descending);
            let total = walk.rows_by_rating(&within).iter().sum();
            let rows = walk.rows(&within, Level::of(column), &order, window(query));
            Page { total, rows }
        }
    }
}

const fn window(query: &Query) -> Window {
    Window {
        offset: query.offset,
        limit: query.limit,
    }
}

/// A page by the deadline. Rows are counted by the rule that dates them first, so that only those are looked at whose dates reach
/// into the page.
fn by_date(walk: &mut Walk<'_>, within: &Within<'_>, window: Window) -> Page {
    let counts = walk.rows_by_entry(within);
    let total = counts.iter().sum();
    if window.offset >= total || window.limit == 0 {
        let rows = Vec::new();
        return Page { total, rows };
    }
    let end = window.offset.saturating_add(window.limit as u64);
    let before = walk.dated.narrow(&counts, window.offset, end);
    let window = Window {
        offset: window.offset - before,
        ..window
    };
    let rows = walk.rows(within, Level::Due, &[], window);
    Page { total, rows }
}

/// A page by a column of the hosts: hosts are counted by what it says, then each of the few that reach into the page is a page of
/// its own.
fn by_host(walk: &Walk<'_>, within: &Within<'_>, query: &Query) -> Page {
    let rows_of = walk.rows_by_host(within);
    let total = rows_of.iter().map(|rows| u64::from(*rows)).sum();
    let all = within.bitmap();
    let buckets = buckets(walk.columns, all, query);
    let counts: Vec<u64> = buckets
        .iter()
        .map(|hosts| {
            hosts
                .iter()
                .map(|host| u64::from(rows_of[host as usize]))
                .sum()
        })
        .collect();
    let order: Vec<u32> = (0..buckets.len() as u32).collect();
    let (reaching, mut skip) = reaching(&order, &counts, window(query));
    let by_rating = walk
        .orders
        .of_column(&walk.board.ratings, Column::Cve, false);
    let mut rows = Vec::new();
    for bucket in reaching {
        let hosts = buckets[bucket as usize].clone();
        let within = within.of(hosts);
        let window = Window {
            offset: skip,
            limit: query.limit - rows.len(),
        };
        rows.extend(walk.rows(&within, Level::Rating, &by_rating, window));
        skip = 0;
    }
    Page { total, rows }
}

/// The hosts of `all` by what a column says of them, in the order of the page.
fn buckets(columns: &HostColumns, all: &RoaringBitmap, query: &Query) -> Vec<RoaringBitmap> {
    let mut known: Vec<RoaringBitmap> = Vec::new();
    let mut unknown = columns.unknown(all);
    match query.sort {
        Column::Host => known = columns.by_name(all),
        Column::Zone => split(columns.zones(), all, &mut known, &mut unknown),
        _ => split(columns.owners(), all, &mut known, &mut unknown),
    }
    if query.descending {
        known.reverse();
    }
    known.push(unknown);
    known
}

fn split(
    values: &BTreeMap<Option<String>, RoaringBitmap>,
    all: &RoaringBitmap,
    known: &mut Vec<RoaringBitmap>,
    unknown: &mut RoaringBitmap,
) {
    for (value, hosts) in values {
        match value {
            Some(_) => known.push(hosts & all),
            None => *unknown |= hosts & all,
        }
    }
}

/// The hosts asked for; `None` for all.
fn hosts_asked(desk: Desk<'_>, filter: &Filter) -> Option<RoaringBitmap> {
    let is_all = filter.hosts.is_empty() && filter.zones.is_empty() && filter.owners.is_empty();
    if is_all {
        return None;
    }
    let mut hosts = desk.board.hosts.clone();
    if !filter.hosts.is_empty() {
        let is_asked = |host: &u32| {
            let name = desk.hosts.facts(*host).map(|facts| facts.name.as_str());
            name.is_some_and(|name| filter.hosts.iter().any(|glob| glob::matches(glob, name)))
        };
        hosts = hosts.iter().filter(is_asked).collect();
    }
    let values = [
        (&filter.zones, desk.hosts.zones()),
        (&filter.owners, desk.hosts.owners()),
    ];
    for (asked, values) in values.into_iter().filter(|(asked, _)| !asked.is_empty()) {
        let mut chosen = RoaringBitmap::new();
        for value in asked {
            if let Some(of_value) = values.get(value) {
                chosen |= of_value;
            }
            if value.is_none() {
                chosen |= desk.hosts.unknown(&hosts);
            }
        }
        hosts &= chosen;
    }
    Some(hosts)
}

fn ratings_asked(board: &Board, filter: &Filter) -> Vec<bool> {
    let is_asked = |rating: &Rating| {
        let scores = &rating.scores;
        let severity = filter.severities.is_empty() || filter.severities.contains(&scores.severity);
        let kev = filter.kev.is_none_or(|kev| kev == scores.kev.is_some());
        let is_named = |asked: &String| rating.ids.iter().any(|id| id.eq_ignore_ascii_case(asked));
        severity && kev && (filter.ids.is_empty() || filter.ids.iter().any(is_named))
    };
    board.ratings.iter().map(is_asked).collect()
}

fn releases_asked(board: &Board, filter: &Filter) -> Option<Vec<bool>> {
    let is_asked = |name: &str| filter.packages.iter().any(|glob| glob::matches(glob, name));
    (!filter.packages.is_empty())
        .then(|| board.releases.iter().map(|r| is_asked(&r.name)).collect())
}
