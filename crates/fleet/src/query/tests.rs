//! Pages against the plainest way to make them: every finding on every host listed, filtered, sorted, cut.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use base::{CveId, Severity};
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::select;
use risk::facts::Fact;
use risk::policy::{Moment, Period, Policy, earliest, shipped};

use super::*;
use crate::asset::{Criticality, Pci};

/// A fleet as it is drawn: small numbers, so that much falls together.
#[derive(Clone, Debug)]
struct Fleet {
    hosts: Vec<Option<HostFacts>>,
    ratings: Vec<Rating>,
    names: Vec<(&'static str, &'static str, &'static str)>,
    /// For each host its releases, first and last.
    sets: Vec<(BTreeSet<u32>, BTreeSet<u32>)>,
    /// For (release, rating): the fix, whether all hosts are alike, and what a host of each number has.
    stands: BTreeMap<(u32, u32), Stand>,
}

#[derive(Clone, Debug)]
struct Stand {
    fix: Option<&'static str>,
    is_alike: bool,
    of_host: Vec<(State, i32)>,
}

const RELEASES: usize = 5;
const RATINGS: usize = 5;
const HOSTS: usize = 8;
/// 2026-08-01, in hours.
const HOUR: i32 = 496_032;
const STATES: [State; 5] = [
    State::Open,
    State::Reopened,
    State::Mitigated,
    State::AwaitsRestart,
    State::Suppressed,
];

fn scores() -> impl Strategy<Value = Scores> {
    let severity = proptest::option::of(select(&Severity::ALL[..]));
    let kev = proptest::option::of((1..4_i8, proptest::option::of(1..28_i8)));
    let words = proptest::option::of(select(vec!["none", "poc", "active"]));
    let released = proptest::option::of(0..3_i64);
    let epss = proptest::option::of(select(vec![0.01_f32, 0.1, 0.5]));
    let flags = (
        any::<Option<bool>>(),
        any::<Option<bool>>(),
        proptest::bool::weighted(0.1),
        any::<bool>(),
        proptest::option::weighted(0.2, 0..60_i32),
    );
    (severity, kev, words, released, epss, flags).prop_map(
        |(
            severity,
            kev,
            exploitation,
            released,
            epss,
            (automatable, total_impact, is_dismissed, is_claimed, reranked),
        )| {
            Scores {
                severity,
                cvss_tenths: epss.map(|_| 75),
                epss,
                kev: kev.map(|(day, due)| (date(2026, 7, day), due.map(|day| date(2026, 8, day)))),
                exploitation,
                automatable,
                total_impact,
                released: released.map(|days| at(HOUR - 24 * days as i32)),
                is_claimed,
                reranked: reranked.map(|hours| at(HOUR + hours)),
                is_dismissed,
            }
        },
    )
}

fn host() -> impl Strategy<Value = Option<HostFacts>> {
    let word = |words: Vec<&'static str>| proptest::option::of(select(words));
    let criticality = proptest::option::of(select(vec![Criticality::Low, Criticality::VeryHigh]));
    let facts = (
        select(vec!["web-1", "web-2", "db-1", "db-2"]),
        word(vec!["dmz", "office"]),
        word(vec!["java", "linux"]),
        any::<Option<bool>>(),
        criticality,
        proptest::option::of(select(&Pci::ALL[..])),
    );
    facts.prop_map(|(name, zone, owner, exposed, criticality, scope)| {
        Some(HostFacts {
            name: name.to_owned(),
            zone: zone.map(str::to_owned),
            owner: owner.map(str::to_owned),
            exposed,
            criticality,
            scope,
        })
    })
}

fn fleet() -> impl Strategy<Value = Fleet> {
    let stand = (
        proptest::option::of(select(vec!["1.2", "2.0"])),
        any::<bool>(),
        proptest::collection::vec(
            (select(&STATES[..]), (0..3).prop_map(|h| HOUR + 30 * h)),
            HOSTS,
        ),
    );
    let stand = stand.prop_map(|(fix, is_alike, of_host)| Stand {
        fix,
        is_alike,
        of_host,
    });
    let pair = (0..RELEASES as u32, 0..RATINGS as u32);
    let set = || proptest::collection::btree_set(0..RELEASES as u32, 0..RELEASES);
    let name = (
        select(vec!["curl", "linux"]),
        select(vec!["Debian:12", "npm"]),
        select(vec!["1", "2"]),
    );
    (
        proptest::collection::vec(host(), 0..HOSTS),
        proptest::collection::vec(scores(), RATINGS),
        proptest::collection::vec(name, RELEASES),
        proptest::collection::vec((set(), set()), HOSTS),
        proptest::collection::btree_map(pair, stand, 0..18),
    )
        .prop_map(|(mut hosts, scores, names, sets, stands)| {
            hosts.resize(HOSTS, None);
            let names_of = [
                "CVE-2026-0009",
                "CVE-2025-10000",
                "GHSA-b",
                "GHSA-a",
                "CVE-2025-2000",
            ];
            let ratings = scores
                .into_iter()
                .zip(names_of)
                .map(|(scores, name)| Rating {
                    name: name.to_owned(),
                    ids: vec![name.to_owned(), format!("X-{name}")],
                    scores,
                });
            Fleet {
                ratings: ratings.collect(),
                hosts,
                names,
                sets,
                stands,
            }
        })
}

fn query() -> impl Strategy<Value = Query> {
    let few = |words: Vec<&'static str>| {
        prop_oneof![
            2 => Just(Vec::new()),
            1 => proptest::collection::vec(select(words).prop_map(str::to_owned), 1..3),
        ]
    };
    let values = |words: Vec<&'static str>| {
        let value = proptest::option::of(select(words).prop_map(str::to_owned));
        prop_oneof![2 => Just(Vec::new()), 1 => proptest::collection::vec(value, 1..3)]
    };
    let severity = proptest::option::of(select(&Severity::ALL[..]));
    let due = (0..60_i32, 1..60_i32)
        .prop_map(|(from, days)| (at(HOUR + 24 * from), at(HOUR + 24 * (from + days))));
    let filter = (
        few(vec!["web-*", "db-1", "*"]),
        values(vec!["dmz", "office", "nowhere"]),
        values(vec!["java", "linux"]),
        prop_oneof![2 => Just(Vec::new()), 1 => proptest::collection::vec(severity, 1..4)],
        prop_oneof![2 => Just(None), 1 => any::<bool>().prop_map(Some)],
        prop_oneof![2 => Just(None), 1 => due.prop_map(Some)],
        few(vec!["cve-2025-2000", "X-GHSA-a", "CVE-2026-0009", "none"]),
        few(vec!["cur*", "linux", "*"]),
        prop_oneof![2 => Just(Vec::new()), 1 => proptest::collection::vec(select(&STATES[..]), 1..3)],
    );
    let filter = filter.prop_map(
        |(hosts, zones, owners, severities, kev, due, ids, packages, states)| Filter {
            hosts,
            zones,
            owners,
            severities,
            kev,
            due,
            ids,
            packages,
            states,
        },
    );
    let sort = (
        select(&Column::ALL[..]),
        any::<bool>(),
        0..30_u64,
        0..12_usize,
    );
    (filter, sort).prop_map(|(filter, (sort, descending, offset, limit))| Query {
        filter,
        sort,
        descending,
        offset,
        limit,
    })
}

fn at(hour: i32) -> Timestamp {
    Timestamp::from_second(i64::from(hour) * 3600).unwrap()
}

/// The board and the columns of a drawn fleet, hosts installed twice.
fn laid_out(fleet: &Fleet) -> (Board, HostColumns) {
    let mut board = Board::default();
    for rating in &fleet.ratings {
        board.rate(None, rating.clone());
    }
    for (release, (name, ecosystem, version)) in fleet.names.iter().enumerate() {
        board.name(release as u32, ecosystem, name, version);
    }
    let firsts = fleet.sets.iter().map(|(first, _)| first);
    let lasts = fleet.sets.iter().map(|(_, last)| last);
    for (host, set) in firsts.enumerate().chain(lasts.enumerate()) {
        let set: Vec<u32> = set.iter().copied().collect();
        board.install(host as u32, &set);
    }
    for release in 0..RELEASES as u32 {
        board.stand(release, cells(fleet, release));
    }
    let known = fleet.hosts.iter().map_while(Clone::clone);
    (board, HostColumns::new(known.collect()))
}

fn cells(fleet: &Fleet, release: u32) -> Vec<Cell> {
    let of_release = fleet.stands.iter().filter(|((r, _), _)| *r == release);
    let mut cells = Vec::new();
    for ((_, rating), stand) in of_release {
        let mut hosts: BTreeMap<(State, i32), RoaringBitmap> = BTreeMap::new();
        for (host, (_, set)) in fleet.sets.iter().enumerate() {
            if set.contains(&release) {
                let key = stand.of_host[if stand.is_alike { 0 } else { host }];
                hosts.entry(key).or_default().insert(host as u32);
            }
        }
        cells.extend(hosts.into_iter().map(|((state, since_hour), hosts)| Cell {
            rating: *rating,
            fix: stand.fix.map(str::to_owned),
            state,
            since_hour,
            hosts: (!stand.is_alike).then(|| std::sync::Arc::new(hosts)),
        }));
    }
    cells
}

/// A baseline in the middle of what is drawn.
fn dated_by() -> DatedBy {
    DatedBy {
        is_kev_known: true,
        baseline: Some(at(HOUR + 40)),
    }
}

/// Those that ship, and the house's by the calendar, counted from a listing or from when it was seen, whichever was first.
fn policies() -> Vec<Policy> {
    let mut policies = shipped();
    let mut house = policies.iter().find(|p| p.has_baseline).unwrap().clone();
    house.clock.of = vec![Moment::KevAdded, Moment::Detected];
    for outcome in &mut house.outcomes {
        outcome.deadline = Some(Period::CalendarMonths(1));
    }
    policies.push(house);
    policies
}

/// Every finding on every host.
fn all_rows(fleet: &Fleet, policies: &[Policy]) -> Vec<Row> {
    let mut rows = Vec::new();
    for ((release, rating), stand) in &fleet.stands {
        for (host, (_, set)) in fleet.sets.iter().enumerate() {
            let (state, since_hour) = stand.of_host[if stand.is_alike { 0 } else { host }];
            if set.contains(release) {
                let scores = &fleet.ratings[*rating as usize].scores;
                rows.push(Row {
                    rating: *rating,
                    release: *release,
                    host: host as u32,
                    state,
                    since_hour,
                    due: due(policies, scores, fleet.hosts[host].as_ref(), since_hour),
                    fix: stand.fix.map(str::to_owned),
                });
            }
        }
    }
    rows
}

/// The deadline by asking every policy about this finding alone.
fn due(
    policies: &[Policy],
    scores: &Scores,
    host: Option<&HostFacts>,
    hour: i32,
) -> Option<Timestamp> {
    let class = hosts::Class {
        exposed: host.and_then(|h| h.exposed),
        criticality: host.and_then(|h| h.criticality),
        scope: host.and_then(|h| h.scope),
    };
    let facts = risk::facts::Facts {
        detected: Fact::known(at(hour), ""),
        ..dues::on(&dues::facts(scores, dated_by()), class)
    };
    if scores.is_dismissed {
        return None;
    }
    let decisions: Vec<_> = policies.iter().filter_map(|p| p.decide(&facts)).collect();
    earliest(&decisions)?.by
}

fn is_asked(fleet: &Fleet, filter: &Filter, row: &Row) -> bool {
    let rating = &fleet.ratings[row.rating as usize];
    let host = fleet.hosts[row.host as usize].as_ref();
    let package = fleet.names[row.release as usize].0;
    let any = |list: &[String], text: &str| {
        list.is_empty() || list.iter().any(|g| glob::matches(g, text))
    };
    let of = |list: &[Option<String>], value: Option<&String>| {
        list.is_empty() || list.contains(&value.cloned())
    };
    let name = host.is_some_and(|h| any(&filter.hosts, &h.name)) || filter.hosts.is_empty();
    let ids = filter.ids.iter().map(|id| id.to_ascii_uppercase());
    let mut own = rating.ids.iter().map(|id| id.to_ascii_uppercase());
    name && of(&filter.zones, host.and_then(|h| h.zone.as_ref()))
        && of(&filter.owners, host.and_then(|h| h.owner.as_ref()))
        && (filter.severities.is_empty() || filter.severities.contains(&rating.scores.severity))
        && filter
            .kev
            .is_none_or(|kev| kev == rating.scores.kev.is_some())
        && filter
            .due
            .is_none_or(|(from, until)| row.due.is_some_and(|due| from <= due && due < until))
        && (filter.ids.is_empty() || own.any(|own| ids.clone().any(|id| id == own)))
        && any(&filter.packages, package)
        && (filter.states.is_empty() || filter.states.contains(&row.state))
}

/// What is unknown comes last, whichever way the rest goes.
fn by<T: Ord>(a: Option<T>, b: Option<T>, descending: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if descending => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

fn compare(fleet: &Fleet, query: &Query, a: &Row, b: &Row) -> Ordering {
    let rating = |row: &Row| &fleet.ratings[row.rating as usize];
    let host = |row: &Row| fleet.hosts[row.host as usize].as_ref();
    let name = |row: &Row| {
        let name = rating(row).name.clone();
        let cve: Option<CveId> = name.parse().ok();
        (cve.is_none(), cve, name)
    };
    let down = query.descending;
    let first = match query.sort {
        Column::Severity => by(rating(a).scores.severity, rating(b).scores.severity, down),
        Column::Epss => {
            let epss = |row| rating(row).scores.epss.map(|epss| (epss * 1000.0) as i32);
            by(epss(a), epss(b), down)
        }
        Column::Kev => {
            let added = |row| rating(row).scores.kev.map(|(added, _)| added);
            by(added(a), added(b), down)
        }
        Column::Cve => by(Some(name(a)), Some(name(b)), down),
        Column::Package => {
            let package = |row: &Row| Some(fleet.names[row.release as usize].0);
            by(package(a), package(b), down)
        }
        Column::Fix => by(a.fix.as_ref(), b.fix.as_ref(), down),
        Column::Host => by(host(a).map(|h| &h.name), host(b).map(|h| &h.name), down),
        Column::Zone => {
            let zone = |row| host(row).and_then(|h| h.zone.as_ref());
            by(zone(a), zone(b), down)
        }
        Column::Owner => {
            let owner = |row| host(row).and_then(|h| h.owner.as_ref());
            by(owner(a), owner(b), down)
        }
        Column::Due => by(a.due, b.due, down),
        Column::FirstSeen => by(Some(a.since_hour), Some(b.since_hour), down),
    };
    let release = |row: &Row| {
        let (name, ecosystem, version) = fleet.names[row.release as usize];
        (name, ecosystem, version, row.release)
    };
    let place = |row: &Row| (host(row).is_none(), host(row).map(|h| &h.name), row.host);
    first
        .then_with(|| name(a).cmp(&name(b)))
        .then_with(|| release(a).cmp(&release(b)))
        .then_with(|| place(a).cmp(&place(b)))
}

fn plain(fleet: &Fleet, policies: &[Policy], query: &Query) -> Page {
    let mut rows = all_rows(fleet, policies);
    rows.retain(|row| is_asked(fleet, &query.filter, row));
    rows.sort_by(|a, b| compare(fleet, query, a, b));
    let total = rows.len() as u64;
    let page = rows
        .into_iter()
        .skip(query.offset as usize)
        .take(query.limit);
    Page {
        total,
        rows: page.collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn a_page_is_what_is_left_of_all_rows(fleet in fleet(), queries in proptest::collection::vec(query(), 1..6)) {
        let policies = policies();
        let (mut board, hosts) = laid_out(&fleet);
        board.settle();
        let dues = Dues::new(&board, &hosts, &policies, dated_by());
        let desk = Desk { board: &board, hosts: &hosts, dues: &dues };
        for query in queries {
            prop_assert_eq!(page(desk, &query), plain(&fleet, &policies, &query), "{:?}", query);
        }
    }
}
