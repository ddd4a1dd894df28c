//! Groups of findings from what the index holds: the words, scores and decisions are made here, once for each release and
//! each kind of host.

use std::collections::BTreeMap;

use advisories::catalog::CatalogError;
use inventory::Package;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use matching::{FixState, match_release};
use rayon::prelude::*;
use roaring::RoaringBitmap;

use super::member::{Kinds, Member};
use super::split::settle_targets;
use crate::finding::Finding;
use crate::group::{FindingGroup, Folding, Life};
use crate::hit::Hit;
use crate::judge::{Bench, Clocks, Known, Place, known_hit};
use crate::rank::{Rank, Rises};
use crate::release::{Release, ReleaseId};

/// Who says when a finding was first seen.
const DETECTED_SOURCE: &str = "the fleet's log";

/// A vulnerability that stands on hosts, as the index counts it.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    /// Through which release.
    pub release: ReleaseId,
    /// Which.
    pub hit: &'a Hit,
    /// Since when.
    pub since: Timestamp,
    /// It was seen fixed on them before.
    pub reopened: bool,
    /// The hosts.
    pub hosts: RoaringBitmap,
}

/// When the question is asked, and what the house counts from.
#[derive(Clone, Debug)]
pub struct Times {
    /// The moment that is told of.
    pub now: Timestamp,
    /// From when the house's clocks run for what was there before, and by whose word.
    pub baseline: Option<(Timestamp, String)>,
    /// The ranks that rose up to then.
    pub rises: Rises,
}

/// The groups of what stands, for the hosts that are told (others are left out), by ecosystem, package, version, id and the
/// moment they were first seen.
///
/// `release` gives each release that is named its words. Every one is matched again with the catalog; what the catalog does not
/// say is told with the words of the log, never left out.
pub fn groups_of<'r>(
    bench: Bench<'_>,
    release: impl Fn(ReleaseId) -> &'r Release + Sync,
    standing: &[Standing<'_>],
    members: &[Member],
    times: &Times,
) -> Result<Vec<FindingGroup>, CatalogError> {
    let told = each_of(bench, release, standing, members, times, |_, group| group)?;
    // Releases that differ only in what no finding tells (the state of a kernel, the updates of a Windows) say the same.
    let mut folding = Folding::default();
    for group in told {
        folding.add_group(group);
    }
    let mut groups = folding.finish();
    for group in &mut groups {
        settle_targets(group, members);
    }
    Ok(groups)
}

/// The same of each that stands, by its place in the list, before those that say the same are one; what is told of each is made at
/// once, so that the groups of a long history need never be held together.
pub fn each_of<'r, T: Send>(
    bench: Bench<'_>,
    release: impl Fn(ReleaseId) -> &'r Release + Sync,
    standing: &[Standing<'_>],
    members: &[Member],
    times: &Times,
    tell: impl Fn(usize, FindingGroup) -> T + Sync,
) -> Result<Vec<T>, CatalogError> {
    let kinds = Kinds::of(members, times.now.to_zoned(TimeZone::UTC).date());
    let mut by_release: BTreeMap<ReleaseId, Vec<(usize, &Standing<'_>)>> = BTreeMap::new();
    for (at, one) in standing.iter().enumerate() {
        by_release.entry(one.release).or_default().push((at, one));
    }
    let by_release: Vec<_> = by_release.into_iter().collect();
    let told = by_release
        .into_par_iter()
        .map(|(id, standing)| of_release(bench, release(id), &standing, &kinds, times, &tell))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(told.into_iter().flatten().collect())
}

fn of_release<T>(
    bench: Bench<'_>,
    release: &Release,
    standing: &[(usize, &Standing<'_>)],
    kinds: &Kinds<'_>,
    times: &Times,
    tell: impl Fn(usize, FindingGroup) -> T,
) -> Result<Vec<T>, CatalogError> {
    let today = times.now.to_zoned(TimeZone::UTC).date();
    let package = release.to_package();
    let matches = match_release(bench.catalog, &package, &release.situation)?;
    let mut told = Vec::new();
    let mut made: BTreeMap<&Hit, Known> = BTreeMap::new();
    for &(at, one) in standing {
        if !made.contains_key(one.hit) {
            made.insert(
                one.hit,
                known_hit(bench, &package, one.hit, &matches.affected)?,
            );
        }
        let known = &made[one.hit];
        let rank = Rank::of_known(known);
        let reranked = times.rises.reranked(release, one.hit, rank, one.since);
        let clocks = Clocks {
            reranked: reranked.as_ref(),
            baseline: times.baseline.as_ref(),
        };
        for kind in &kinds.kinds {
            let targets = kinds.places_of(&(&one.hosts & &kind.hosts));
            if targets.is_empty() {
                continue;
            }
            // Which host it stands on is said when the groups are folded.
            let place = Place {
                target: 0,
                target_name: "",
                asset: kind.asset,
                package: &package,
                today,
                detected: one.since,
                detected_source: DETECTED_SOURCE,
            };
            let mut finding = known.on(bench, place, clocks);
            finding.locations.clear();
            if kind.ended.is_some_and(|system| is_of(&package, system)) {
                no_fix_will_come(&mut finding);
            }
            let group = FindingGroup {
                finding,
                targets,
                first_seen: one.since,
                life: Life::Open {
                    reopened: one.reopened,
                },
            };
            told.push(tell(at, group));
        }
    }
    Ok(told)
}

/// Whether the vendor of a system mends the package.
fn is_of(package: &Package, system: &str) -> bool {
    let ecosystem = package.ecosystem.as_ref();
    ecosystem.is_some_and(|ecosystem| ecosystem.name() == system)
}

/// A hole without a fix in a system that gets none any more.
fn no_fix_will_come(finding: &mut Finding) {
    if matches!(finding.fix_state, FixState::None | FixState::Unknown) {
        finding.fix_state = FixState::EndOfLife;
    }
}
