//! Which hits a release has by a catalog, and what changes from one catalog to the next.
//!
//! A record speaks only of packages that it names: what a package has is decided by the records that name it, by whether its
//! ecosystem is covered, and for products of Microsoft by their updates. So a release of which nothing of this changed has the
//! hits it had, and is not asked; the others are asked about what the changed records bear on ([`Focus`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use advisories::catalog::{Catalog, CatalogError, Diff, diff};
use advisories::model::{MICROSOFT, PRODUCT};
use base::CveId;
use matching::{Focus, Matches, Scope, match_release, match_release_within};
use rayon::prelude::*;

use crate::change::{CatalogChange, HitsChange};
use crate::hit::Hit;
use crate::index::Index;
use crate::release::{Release, ReleaseId};

/// The hits of a release, sorted, each vulnerability once.
///
/// # Errors
///
/// The catalog is damaged.
pub fn evaluate(catalog: &Catalog, release: &Release) -> Result<Vec<Hit>, CatalogError> {
    let matches = match_release(catalog, &release.to_package(), &release.situation)?;
    Ok(hits(&matches))
}

fn hits(matches: &Matches) -> Vec<Hit> {
    let mut hits: Vec<Hit> = matches.affected.iter().map(Hit::of).collect();
    hits.sort();
    hits.dedup_by(|a, b| a.id == b.id);
    hits
}

/// What is other by a new catalog than the index has it, for every release that some host has: all are asked.
///
/// # Errors
///
/// The catalog is damaged.
pub fn full_change(index: &Index, new: &Catalog) -> Result<CatalogChange, CatalogError> {
    Ok(CatalogChange {
        catalog: new.digest(),
        releases: changes_of(index, new, index.releases_in_use().collect())?,
    })
}

/// What is other by a new catalog. With the one that holds for the index, only releases it can be other for are asked; any other
/// old one is of no use, and all are.
///
/// # Errors
///
/// One of the catalogs is damaged.
pub fn catalog_change(
    index: &Index,
    old: Option<&Catalog>,
    new: &Catalog,
) -> Result<CatalogChange, CatalogError> {
    let holds = old.filter(|old| index.catalog() == Some(&*old.digest()));
    let Some(old) = holds else {
        return full_change(index, new);
    };
    let diff = diff(old, new)?;
    let ids: Vec<&str> = diff.ids().collect();
    let focus = Focus::between(old, new, &ids)?;
    let whole = whole(index, &diff);
    let mut releases = changes_of(index, new, whole.iter().copied().collect())?;
    releases.extend(changes_within(index, new, &focus, &whole)?);
    releases.sort_by_key(|change| change.release);
    Ok(CatalogChange {
        catalog: new.digest(),
        releases,
    })
}

/// Releases of which every hit may be another: their ecosystem is covered otherwise, or an update of their product is another.
fn whole(index: &Index, diff: &Diff) -> BTreeSet<ReleaseId> {
    let products = diff.products.iter();
    let mut whole: BTreeSet<ReleaseId> = products
        .flat_map(|product| index.in_use_under(MICROSOFT, product))
        .collect();
    if !diff.ecosystems.is_empty() {
        let is_other = |name: &str| diff.ecosystems.iter().any(|e| e.eq_ignore_ascii_case(name));
        let products = is_other(PRODUCT);
        whole.extend(index.releases_in_use().filter(|id| {
            index.release(*id).is_some_and(|release| {
                let ecosystem = release.ecosystem.as_ref();
                ecosystem.is_some_and(|e| is_other(e.name())) || products && release.cpe.is_some()
            })
        }));
    }
    whole
}

/// What is other for releases of packages that the records name: only hits that these bear on are looked at.
fn changes_within(
    index: &Index,
    new: &Catalog,
    focus: &Focus<'_>,
    except: &BTreeSet<ReleaseId>,
) -> Result<Vec<HitsChange>, CatalogError> {
    let names = focus.names().iter();
    let asked = names.flat_map(|(ecosystem, name)| index.in_use_under(ecosystem, name));
    let asked: BTreeSet<ReleaseId> = asked.filter(|id| !except.contains(id)).collect();
    // Releases that are looked up by the same names have their scope in common.
    let mut scopes: BTreeMap<*const Scope<'_>, (Arc<Scope<'_>>, Vec<ReleaseId>)> = BTreeMap::new();
    for id in asked {
        let Some(release) = index.release(id) else {
            continue;
        };
        if let Some(scope) = focus.scope(&release.to_package())? {
            let place = Arc::as_ptr(&scope);
            scopes
                .entry(place)
                .or_insert_with(|| (scope, Vec::new()))
                .1
                .push(id);
        }
    }
    let mut changes = Vec::new();
    for (scope, releases) in scopes.into_values() {
        if scope.is_whole() {
            changes.extend(changes_of(index, new, releases)?);
        } else {
            changes.extend(changes_in(index, focus, &scope, releases)?);
        }
    }
    Ok(changes)
}

/// The same for releases of one scope.
fn changes_in(
    index: &Index,
    focus: &Focus<'_>,
    scope: &Scope<'_>,
    releases: Vec<ReleaseId>,
) -> Result<Vec<HitsChange>, CatalogError> {
    let mut covered = index.vulnerabilities_of(&releases);
    covered.retain(|vulnerability| {
        let cves: Vec<CveId> = index.cves_of(*vulnerability).collect();
        scope.covers_ids(index.ids_of(*vulnerability), &cves)
    });
    let changes: Vec<Option<HitsChange>> = releases
        .into_par_iter()
        .map(|id| {
            let Some(release) = index.release(id) else {
                return Ok(None);
            };
            let matches = match_release_within(focus, &release.to_package(), &release.situation)?;
            let old = index.hits_among(id, &covered);
            Ok(difference(id, &old, hits(&matches)))
        })
        .collect::<Result<_, _>>()?;
    Ok(changes.into_iter().flatten().collect())
}

fn changes_of(
    index: &Index,
    new: &Catalog,
    releases: Vec<ReleaseId>,
) -> Result<Vec<HitsChange>, CatalogError> {
    let changes: Vec<Option<HitsChange>> = releases
        .into_par_iter()
        .map(|id| {
            let Some(release) = index.release(id) else {
                return Ok(None);
            };
            let hits = evaluate(new, release)?;
            Ok(difference(id, &index.hits_of(id).unwrap_or_default(), hits))
        })
        .collect::<Result<_, _>>()?;
    Ok(changes.into_iter().flatten().collect())
}

/// What one sorted list of hits has that the other has not; `None` if they are the same.
fn difference(release: ReleaseId, old: &[Hit], new: Vec<Hit>) -> Option<HitsChange> {
    let has = |hits: &[Hit], id: &str| hits.binary_search_by(|hit| (*hit.id).cmp(id)).ok();
    let ended = old.iter().filter(|hit| has(&new, &hit.id).is_none());
    let ended: Vec<String> = ended.map(|hit| hit.id.clone()).collect();
    let is_other = |hit: &Hit| has(old, &hit.id).is_none_or(|at| old[at] != *hit);
    let now: Vec<Hit> = new.into_iter().filter(is_other).collect();
    let is_change = !ended.is_empty() || !now.is_empty();
    is_change.then_some(HitsChange {
        release,
        ended,
        now,
    })
}
