//! Who is who and who should report, as lists.

use jiff::Timestamp;
use reports::listing::{self, KnownRow, Listing, PairRow, Statement};

use crate::error::Result;
use crate::fleet::commit::Fleet;
use crate::fleet::lists::statement;
use crate::fleet::place::Place;
use crate::fleet::same_host;
use crate::fleet::view::View;

/// The pairs that nobody has answered for.
pub fn pairs(place: Place, now: Timestamp) -> Result<Listing> {
    let hosts = Fleet::open(place.clone())?.state.index.hosts().len();
    let pairs = same_host::queue(place, now)?.into_iter();
    let rows: Vec<PairRow> = pairs
        .map(|pair| PairRow {
            one: u64::from(pair.one.0),
            one_name: pair.one_name,
            other: u64::from(pair.other.0),
            other_name: pair.other_name,
            evidence: pair.evidence,
        })
        .collect();
    let statement = Statement {
        total: rows.len(),
        now,
        hosts: usize::try_from(hosts).unwrap_or(usize::MAX),
        ..Statement::default()
    };
    Ok(listing::same_hosts(statement, rows))
}

/// Every host that is listed or reports: those that never reported first, since they are what the list is asked for.
pub fn known(view: &View) -> Listing {
    let known = &view.hosts.known;
    let of = |state, entries: &[(usize, usize)]| {
        let lists = entries
            .iter()
            .filter_map(|(list, _)| known.lists.get(*list));
        let first = entries
            .first()
            .and_then(|(list, entry)| known.lists.get(*list)?.entries.get(*entry));
        KnownRow {
            state,
            name: first.map_or_else(String::new, |entry| entry.label.clone()),
            lists: lists.map(|list| list.name.to_string()).collect(),
            number: None,
            is_off: false,
        }
    };
    let comparison = &known.comparison;
    let never = comparison.never.iter().map(|unseen| KnownRow {
        is_off: unseen.is_off,
        ..of("never-reported", &unseen.entries)
    });
    let doubts = comparison.doubts.iter().map(|(unseen, _)| KnownRow {
        is_off: unseen.is_off,
        ..of("in-doubt", &unseen.entries)
    });
    let unlisted = comparison.unlisted.iter().map(|host| KnownRow {
        state: "unlisted",
        name: view
            .state
            .host(*host)
            .map_or_else(String::new, |host| host.name.clone()),
        number: Some(u64::from(host.0)),
        ..KnownRow::default()
    });
    let seen = comparison.seen.iter().map(|seen| KnownRow {
        number: Some(u64::from(seen.host.0)),
        ..of("reports", &seen.entries)
    });
    let rows: Vec<KnownRow> = never.chain(doubts).chain(unlisted).chain(seen).collect();
    let statement = Statement {
        total: rows.len(),
        ..statement(view)
    };
    listing::known_hosts(statement, rows)
}
