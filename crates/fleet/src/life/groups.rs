//! Groups of findings from what the index holds: the words, scores and decisions are made here, once for each release and
//! each kind of host.

use std::collections::BTreeMap;

use advisories::catalog::CatalogError;
use inventory::Package;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use matching::{Decided, FixState, Match, match_release};
use rayon::prelude::*;
use roaring::RoaringBitmap;

use super::fold::fold;
use super::member::{Kinds, Member};
use crate::finding::Finding;
use crate::group::{FindingGroup, Life};
use crate::hit::Hit;
use crate::judge::{Bench, Claim, Clocks, Known, Place, known, known_claim};
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
    /// When its rank rose to what it is after it was known, and by whose word: `kev 2026-08-18`.
    pub reranked: Option<(Timestamp, String)>,
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
    let today = times.now.to_zoned(TimeZone::UTC).date();
    let kinds = Kinds::of(members, today);
    let mut by_release: BTreeMap<ReleaseId, Vec<&Standing<'_>>> = BTreeMap::new();
    for one in standing {
        by_release.entry(one.release).or_default().push(one);
    }
    let baseline = times.baseline.as_ref();
    let by_release: Vec<_> = by_release.into_iter().collect();
    let groups = by_release
        .into_par_iter()
        .map(|(id, standing)| of_release(bench, release(id), &standing, &kinds, today, baseline))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(fold(groups.into_iter().flatten(), members))
}

fn of_release(
    bench: Bench<'_>,
    release: &Release,
    standing: &[&Standing<'_>],
    kinds: &Kinds<'_>,
    today: Date,
    baseline: Option<&(Timestamp, String)>,
) -> Result<Vec<FindingGroup>, CatalogError> {
    let package = release.to_package();
    let matches = match_release(bench.catalog, &package, &release.situation)?;
    let mut groups = Vec::new();
    let mut made: BTreeMap<&Hit, Known> = BTreeMap::new();
    for one in standing {
        if !made.contains_key(one.hit) {
            made.insert(
                one.hit,
                known_hit(bench, &package, one.hit, &matches.affected)?,
            );
        }
        let known = &made[one.hit];
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
            let clocks = Clocks {
                reranked: one.reranked.as_ref(),
                baseline,
            };
            let mut finding = known.on(bench, place, clocks);
            finding.locations.clear();
            if kind.ended.is_some_and(|system| is_of(&package, system)) {
                no_fix_will_come(&mut finding);
            }
            groups.push(FindingGroup {
                finding,
                targets,
                first_seen: one.since,
                life: Life::Open {
                    reopened: one.reopened,
                },
            });
        }
    }
    Ok(groups)
}

/// What is known of a hit: by its match, which has its id or shares one with it; else by the records that have its ids.
fn known_hit(
    bench: Bench<'_>,
    package: &Package,
    hit: &Hit,
    affected: &[Match],
) -> Result<Known, CatalogError> {
    let same_id = affected.iter().find(|found| found.id == hit.id);
    let found = same_id.or_else(|| affected.iter().find(|found| hit.is_same(&Hit::of(found))));
    match found {
        Some(found) => known(bench, package, found.clone()),
        None => known_claim(bench, package, claim_of(bench, package, hit)?),
    }
}

/// A hit in the words of the log: the catalog at hand is not the one that brought it.
fn claim_of(bench: Bench<'_>, package: &Package, hit: &Hit) -> Result<Claim, CatalogError> {
    let version = package.version.as_deref().unwrap_or_default();
    let mut aliases: Vec<String> = hit.ids().filter(|id| *id != hit.id).collect();
    aliases.sort();
    aliases.dedup();
    Ok(Claim {
        id: hit.id.clone(),
        aliases,
        cves: hit.cves.clone(),
        advisories: bench.catalog.find(&hit.id)?,
        decided: Decided {
            record: hit.id.clone(),
            range: String::new(),
            event: String::new(),
        },
        why: format!(
            "{} {version}: known from the fleet's log; the catalog at hand does not say it",
            package.name
        ),
        fixed: hit.fixed.clone(),
        fix_state: hit.fix_state,
        vendor_state: hit
            .is_unimportant
            .then_some(advisories::model::VendorState::Unimportant),
        conflicts: Vec::new(),
        informational: hit.is_notice.then(|| "notice".to_owned()),
        theirs: None,
    })
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
