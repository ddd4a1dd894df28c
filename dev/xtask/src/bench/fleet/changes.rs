//! What one change of the advisories costs: new, withdrawn, changed, a day's worth, everything again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use advisories::catalog::{AdvisoryIx, Builder, Catalog};
use advisories::model::Batch;
use anyhow::Context as _;
use fleet::change::{CatalogChange, HitsChange, What};
use fleet::evaluate::{catalog_change, full_change};
use fleet::hit::Hit;
use fleet::release::ReleaseId;
use jiff::{Timestamp, ToSpan as _};
use versions::EventKind;

use super::measured::{Line, Times, shown};
use super::stock::neighbour;
use super::world::World;

/// Advisories that are asked for by id.
const ASKED: usize = 12_000;
/// Advisories that come and go.
const TURNED: usize = 2_000;
/// How long single records of all packages are followed.
const MATCHING: Duration = Duration::from_secs(60);
/// Packages with the most records, asked for whatever is drawn.
const HEAVY: [&str; 2] = ["linux", "openssl"];

/// Packages whose records are followed apart: errata of hundreds of CVEs, and records of many releases.
const FOLLOWED: [(&str, &str); 4] = [
    ("Debian", "linux"),
    ("Debian", "openssl"),
    ("Red Hat", "kernel"),
    ("AlmaLinux", "kernel"),
];
/// Records of each of them.
const OF_ONE: usize = 300;

/// Ids of advisories that the fleet is hit by, those of the heaviest packages first, then evenly over all.
fn chosen(world: &World<'_>, many: usize) -> Vec<String> {
    let mut heavy = Vec::new();
    let mut all: Vec<String> = Vec::new();
    for id in world.index.releases_in_use() {
        let is_heavy = world.index.release(id).is_some_and(|release| {
            let source = release.source.as_ref().map(|source| source.name.as_str());
            source.is_some_and(|source| HEAVY.contains(&source))
        });
        let hits = world.index.hits_of(id).unwrap_or_default();
        let ids = hits.into_iter().map(|hit| hit.id);
        match is_heavy {
            true => heavy.extend(ids),
            false => all.extend(ids),
        }
        if all.len() > 4_000_000 {
            all.sort();
            all.dedup();
        }
    }
    for ids in [&mut heavy, &mut all] {
        ids.sort();
        ids.dedup();
    }
    let every = |ids: Vec<String>, many: usize| {
        let step = (ids.len() / many.max(1)).max(1);
        ids.into_iter().step_by(step).take(many)
    };
    let mut chosen: Vec<String> = every(heavy, many / 4).collect();
    chosen.extend(every(all, many - chosen.len()));
    chosen
}

/// How long it takes to name the hosts of an advisory.
pub(super) fn asked(world: &World<'_>) -> Times {
    let mut times = Times::default();
    let ids = chosen(world, ASKED);
    let hosts: u64 = ids
        .iter()
        .map(|id| times.of(|| world.index.hosts_of(id)).len())
        .sum();
    println!(
        "advisories asked for: {}, {} hosts each",
        ids.len(),
        hosts / ids.len().max(1) as u64
    );
    times
}

/// Which hosts an advisory is on, and what the index does when it comes or goes.
pub(super) fn one_by_one(world: &mut World<'_>, catalog: &Catalog) -> anyhow::Result<Vec<Line>> {
    let asked = asked(world);
    let ids = chosen(world, TURNED);
    let (mut gone, mut new, mut changed) = (Times::default(), Times::default(), Times::default());
    for id in &ids {
        let before = world.index.hosts_of(id);
        let findings = world.index.finding_count();
        let (without, with, other) = turns(world, catalog, id);
        world.wait();
        world.next(What::Catalog(other), &mut changed)?;
        world.next(What::Catalog(without), &mut gone)?;
        world.next(What::Catalog(with), &mut new)?;
        let is_back = world.index.hosts_of(id) == before && world.index.finding_count() == findings;
        anyhow::ensure!(
            is_back,
            "{id} is not what it was after it went and came again"
        );
    }
    Ok(vec![
        Line::of("an advisory → its hosts", &asked, "10 ms", 0.010),
        Line::of(
            "a new one, its matches given: the index follows",
            &new,
            "10 ms",
            0.010,
        ),
        Line::of("one with another fix", &changed, "10 ms", 0.010),
        Line::of("one withdrawn", &gone, "10 ms", 0.010),
    ])
}

/// Ids that end and hits that are, of the hits of one release.
type Turn = fn(&[Hit]) -> (Vec<String>, Vec<Hit>);

/// The change that takes an advisory away, the one that brings it back, and one that names another fix first.
fn turns(
    world: &World<'_>,
    catalog: &Catalog,
    id: &str,
) -> (CatalogChange, CatalogChange, CatalogChange) {
    let mut of_release: BTreeMap<ReleaseId, Vec<Hit>> = BTreeMap::new();
    for (release, vulnerability) in world.index.releases_with(id) {
        let hit = world.index.hit(release, vulnerability);
        of_release.entry(release).or_default().extend(hit);
    }
    let of = |turn: Turn| CatalogChange {
        catalog: catalog.digest(),
        releases: of_release
            .iter()
            .map(|(release, hits)| {
                let (mut ended, mut now) = turn(hits);
                ended.sort();
                now.sort();
                HitsChange {
                    release: *release,
                    ended,
                    now,
                }
            })
            .collect(),
    };
    let without = of(|hits| (hits.iter().map(|hit| hit.id.clone()).collect(), Vec::new()));
    let with = of(|hits| (Vec::new(), hits.to_vec()));
    let other = of(|hits| {
        let fixed = |hit: &Hit| Hit {
            fixed: vec!["9999".to_owned()],
            ..hit.clone()
        };
        (Vec::new(), hits.iter().map(fixed).collect())
    });
    (without, with, other)
}

/// What it costs to follow single records from one catalog to the next, matching included.
#[derive(Default)]
struct Followed {
    new: Times,
    changed: Times,
    withdrawn: Times,
}

impl Followed {
    /// A record is withdrawn, comes again, and names other fixes.
    fn follow(
        &mut self,
        world: &mut World<'_>,
        catalog: &Catalog,
        ix: AdvisoryIx,
    ) -> anyhow::Result<()> {
        let id = catalog.id(ix)?;
        let before = world.index.hosts_of(id);
        let mut nowhere = Times::default();
        let without = catalog.overlaid(&nothing()?, &[id])?;
        let withdrawn = &mut self.withdrawn;
        let gone = withdrawn.of(|| catalog_change(&world.index, Some(catalog), &without))?;
        world.wait();
        world.next(What::Catalog(gone), &mut nowhere)?;
        let new = &mut self.new;
        let back = new.of(|| catalog_change(&world.index, Some(&without), catalog))?;
        world.next(What::Catalog(back), &mut nowhere)?;
        let is_back = world.index.hosts_of(id) == before;
        anyhow::ensure!(is_back, "{id} came back to other hosts");
        let other = catalog.overlaid(&with_later_fixes(catalog, ix)?, &[])?;
        let changed = &mut self.changed;
        changed.of(|| catalog_change(&world.index, Some(catalog), &other))?;
        Ok(())
    }

    fn lines(&self, of: &str) -> Vec<Line> {
        let all = [
            ("new", &self.new),
            ("changed", &self.changed),
            ("withdrawn", &self.withdrawn),
        ];
        let line = |(what, times): (&str, &Times)| {
            let [half, most, nearly, all] = [50, 90, 99, 100].map(|p| times.percentile(p));
            Line {
                what: format!("{what}, {of} ({} records), matching included", times.len()),
                limit: "10 ms",
                measured: format!(
                    "{} / {} (90 of 100: {}, at worst {})",
                    shown(half),
                    shown(nearly),
                    shown(most),
                    shown(all)
                ),
                ratio: Some(nearly.as_secs_f64() / 0.010),
            }
        };
        all.map(line).into()
    }
}

/// The record with every fix one later.
fn with_later_fixes(catalog: &Catalog, ix: AdvisoryIx) -> anyhow::Result<Catalog> {
    let mut record = catalog.model(ix)?;
    let ranges = record
        .affected
        .iter_mut()
        .flat_map(|entry| &mut entry.ranges);
    for event in ranges.flat_map(|range| &mut range.events) {
        if let (EventKind::Fixed, Some(later)) = (event.kind, neighbour(&event.version, 1)) {
            event.version = later;
        }
    }
    let mut builder = Builder::new();
    let batch = Batch {
        advisories: vec![record],
        ..Batch::default()
    };
    builder.add(catalog.advisory(ix)?.feed, batch);
    Ok(Catalog::from_bytes(builder.finish())?)
}

/// Records of all packages, then those of the packages with the most.
pub(super) fn matched(world: &mut World<'_>, catalog: &Catalog) -> anyhow::Result<Vec<Line>> {
    let mut all = Followed::default();
    let began = Instant::now();
    for id in chosen(world, ASKED) {
        if began.elapsed() > MATCHING {
            break;
        }
        if let Some(ix) = catalog.with_id(&id)? {
            all.follow(world, catalog, ix)?;
        }
    }
    let mut lines = all.lines("of any package");
    for (ecosystem, package) in FOLLOWED {
        let mut followed = Followed::default();
        let naming = catalog.naming(ecosystem, package)?;
        let step = (naming.len() / OF_ONE).max(1);
        for ix in naming.into_iter().step_by(step).take(OF_ONE) {
            followed.follow(world, catalog, ix)?;
        }
        lines.extend(followed.lines(&format!("of {package} of {ecosystem}")));
    }
    Ok(lines)
}

fn nothing() -> anyhow::Result<Catalog> {
    Ok(Catalog::from_bytes(Builder::new().finish())?)
}

/// The records of the newest day, gone and back; then everything asked again, which must say the same.
pub(super) fn day_and_all(world: &mut World<'_>, catalog: &Catalog) -> anyhow::Result<Vec<Line>> {
    let ids = newest_day(catalog)?;
    let hidden: Vec<&str> = ids.iter().map(String::as_str).collect();
    let old = catalog.overlaid(&nothing()?, &hidden)?;
    let back = catalog_change(&world.index, Some(catalog), &old)?;
    world.wait();
    let mut nowhere = Times::default();
    world.next(What::Catalog(back), &mut nowhere)?;
    let mut day = Times::default();
    let change = day.of(|| catalog_change(&world.index, Some(&old), catalog))?;
    let releases = change.releases.len();
    world.next(What::Catalog(change), &mut day)?;
    let mut all = Times::default();
    let rest = all.of(|| full_change(&world.index, catalog))?;
    anyhow::ensure!(
        rest.releases.is_empty(),
        "{} releases differ from the full recomputation",
        rest.releases.len()
    );
    println!(
        "equal to the full recomputation; a day: {} records, {releases} releases",
        ids.len()
    );
    Ok(vec![
        Line::once(
            format!(
                "a day's change: {} records, {releases} releases, matching included",
                ids.len()
            ),
            day.total(),
            "2 s",
            2.0,
        ),
        Line::once(
            "everything matched again, nothing differs",
            all.total(),
            "60 s",
            60.0,
        ),
    ])
}

/// Ids of the records modified in the day before the newest of the Debian ones, which were all taken at one time.
fn newest_day(catalog: &Catalog) -> anyhow::Result<Vec<String>> {
    let mut dated: Vec<(Timestamp, String)> = Vec::new();
    for ix in 0..catalog.advisory_count() {
        let view = catalog.advisory(AdvisoryIx(u32::try_from(ix)?))?;
        if let (true, Some(modified)) = (view.feed.contains("Debian"), view.modified) {
            dated.push((modified, view.id.to_owned()));
        }
    }
    let newest = dated
        .iter()
        .map(|(at, _)| *at)
        .max()
        .context("no record of Debian has a date")?;
    let since = newest.checked_sub(24.hours())?;
    dated.retain(|(at, _)| *at > since);
    Ok(dated.into_iter().map(|(_, id)| id).collect())
}
