//! Pages of findings: every column, filters that take much and little, the first page and one from the middle.

use advisories::catalog::Catalog;
use base::Severity;
use fleet::asset::{Criticality, Pci};
use fleet::query::{
    Column, DatedBy, Desk, Dues, Filter, Follower, HostColumns, HostFacts, Query, State, page,
};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::measured::{Line, Times, resident_kib, shown};
use super::world::World;

/// Pages that are asked for.
const PAGES: usize = 440;
/// Rows of a page.
const ROWS: usize = 50;

/// No baseline: every clock is a true one.
const BY: DatedBy = DatedBy {
    is_kev_known: true,
    baseline: None,
};

/// What the team says of the hosts of a fleet.
fn columns(many: u32) -> HostColumns {
    let facts = (0..many).map(|host| {
        let mut random = StdRng::seed_from_u64(u64::from(host) ^ 0xc01);
        let zones = ["dmz", "office", "production", "test", "backup", "plant"];
        let zone = random.random_range(0..zones.len() + 1);
        let owner = random.random_range(0..41);
        HostFacts {
            name: format!("host-{:07}", host.wrapping_mul(7919) % many.max(1)),
            zone: zones.get(zone).map(|zone| (*zone).to_owned()),
            owner: (owner < 40).then(|| format!("team-{owner}")),
            exposed: [Some(true), Some(false), Some(false), None][random.random_range(0..4)],
            criticality: [
                None,
                Some(Criticality::Low),
                Some(Criticality::High),
                Some(Criticality::VeryHigh),
            ][random.random_range(0..4)],
            scope: [None, Some(Pci::In), Some(Pci::Connected), Some(Pci::Out)]
                [random.random_range(0..4)],
        }
    });
    HostColumns::new(facts.collect())
}

/// Filters of different width; the first lets all through.
fn filters(ids: &[String]) -> Vec<Filter> {
    let text = |text: &str| vec![text.to_owned()];
    let due = |days: i64| {
        let from = jiff::Timestamp::UNIX_EPOCH;
        let until = jiff::Timestamp::from_second((496_000 + 24 * days) * 3600);
        until.ok().map(|until| (from, until))
    };
    let all = Filter::default;
    let mut filters = vec![
        all(),
        Filter {
            zones: vec![Some("dmz".to_owned())],
            ..all()
        },
        Filter {
            owners: vec![Some("team-7".to_owned())],
            ..all()
        },
        Filter {
            hosts: text("host-00001*"),
            ..all()
        },
        Filter {
            severities: vec![Some(Severity::Critical), Some(Severity::High)],
            ..all()
        },
        Filter {
            kev: Some(true),
            ..all()
        },
        Filter {
            packages: text("openssl*"),
            ..all()
        },
        Filter {
            packages: text("linux*"),
            ..all()
        },
        Filter {
            due: due(14),
            ..all()
        },
        Filter {
            due: due(30),
            zones: vec![Some("dmz".to_owned()), None],
            ..all()
        },
        Filter {
            states: vec![State::Reopened],
            ..all()
        },
        Filter {
            kev: Some(true),
            owners: vec![None],
            severities: vec![None, Some(Severity::High)],
            ..all()
        },
    ];
    filters.extend(ids.iter().map(|id| Filter {
        ids: vec![id.clone()],
        ..all()
    }));
    filters
}

pub(super) fn measure(
    world: &World<'_>,
    catalog: &Catalog,
    many: u32,
) -> anyhow::Result<Vec<Line>> {
    let before = resident_kib();
    let mut making = Times::default();
    let mut follower = making.of(|| Follower::of(&world.index, catalog))?;
    let grown = resident_kib().saturating_sub(before);
    let hosts = columns(many);
    let mut dating = Times::default();
    let dues = dating.of(|| Dues::new(follower.board(), &hosts, &risk::policy::shipped(), BY));
    let (findings, pairs) = follower.board().size();
    println!(
        "board: {findings} findings on hosts, {pairs} pairs, {} ratings",
        follower.board().ratings().len()
    );
    anyhow::ensure!(
        findings == world.index.finding_count(),
        "the board counts other findings than the index"
    );
    let desk = Desk {
        board: follower.board(),
        hosts: &hosts,
        dues: &dues,
    };
    let times = ask(desk, findings)?;
    let mut flips = Times::default();
    let ids: Vec<String> = follower
        .board()
        .ratings()
        .iter()
        .step_by(997)
        .map(|r| r.name.clone())
        .collect();
    for id in &ids {
        flips.of(|| follower.rerate(catalog, &[id], world.now()))?;
    }
    Ok(vec![
        Line::of(
            format!("a page of {ROWS} of {findings} findings"),
            &times,
            "100 ms",
            0.1,
        ),
        Line::of(
            "KEV or EPSS of one CVE changes: its facts again",
            &flips,
            "10 ms",
            0.010,
        ),
        Line::once(
            "facts of all vulnerabilities, board from the index",
            making.total(),
            "–",
            0.0,
        ),
        Line::once("deadlines of all vulnerabilities", dating.total(), "–", 0.0),
        Line::memory("memory of the board", grown, "–", 0.0),
    ])
}

/// How long pages take.
pub(super) fn times(world: &World<'_>, catalog: &Catalog, many: u32) -> anyhow::Result<Times> {
    let follower = Follower::of(&world.index, catalog)?;
    let hosts = columns(many);
    let dues = Dues::new(follower.board(), &hosts, &risk::policy::shipped(), BY);
    let desk = Desk {
        board: follower.board(),
        hosts: &hosts,
        dues: &dues,
    };
    ask(desk, world.index.finding_count())
}

/// Every column in turn, with filters and places drawn.
fn ask(desk: Desk<'_>, findings: u64) -> anyhow::Result<Times> {
    let mut random = StdRng::seed_from_u64(7);
    let ratings = desk.board.ratings();
    let ids: Vec<String> = (0..4)
        .map(|_| ratings[random.random_range(0..ratings.len())].name.clone())
        .collect();
    let filters = filters(&ids);
    let mut times = Times::default();
    let mut slowest: Vec<(std::time::Duration, String)> = Vec::new();
    for number in 0..PAGES {
        let mut query = Query {
            filter: filters[random.random_range(0..filters.len())].clone(),
            sort: Column::ALL[number % Column::ALL.len()],
            descending: random.random_bool(0.5),
            offset: 0,
            limit: ROWS,
        };
        // One page in four is from somewhere inside.
        if random.random_bool(0.25) {
            let total = page(
                desk,
                &Query {
                    limit: 0,
                    ..query.clone()
                },
            )
            .total;
            query.offset = random.random_range(0..total.max(1));
        }
        let mut one = Times::default();
        let got = one.of(|| page(desk, &query));
        let is_whole =
            got.rows.len() as u64 == (got.total.saturating_sub(query.offset)).min(ROWS as u64);
        anyhow::ensure!(
            is_whole,
            "a page has {} rows of {}: {query:?}",
            got.rows.len(),
            got.total
        );
        anyhow::ensure!(
            got.total <= findings,
            "more findings than there are: {query:?}"
        );
        slowest.push((
            one.total(),
            format!(
                "{} {} of {}, {:?}",
                query.sort.as_str(),
                query.offset,
                got.total,
                query.filter
            ),
        ));
        times.keep(one);
    }
    slowest.sort();
    for (took, what) in slowest.iter().rev().take(12) {
        println!("  slow page: {} {what}", shown(*took));
    }
    Ok(times)
}
