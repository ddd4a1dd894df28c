//! Which hits a release has by a catalog, and what changes from one catalog to the next.
//!
//! A record speaks only of packages that it names: what a package has is decided by the records that name it, by whether its
//! ecosystem is covered, and for products of Microsoft by their updates. So a release of which nothing of this changed has the
//! hits it had, and is not asked.

use std::collections::BTreeSet;

use advisories::catalog::{Catalog, CatalogError, Diff, diff};
use advisories::model::{MICROSOFT, PRODUCT};
use matching::match_release;
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
    let mut hits: Vec<Hit> = matches.affected.iter().map(Hit::of).collect();
    hits.sort();
    hits.dedup_by(|a, b| a.id == b.id);
    Ok(hits)
}

/// What is other by a new catalog than the index has it, for every release that some host has: all are asked.
///
/// # Errors
///
/// The catalog is damaged.
pub fn full_change(index: &Index, new: &Catalog) -> Result<CatalogChange, CatalogError> {
    change(index, index.releases_in_use().collect(), new)
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
    let asked = asked(index, &diff(old, new)?, [old, new])?;
    change(index, asked.into_iter().collect(), new)
}

/// The releases for which a difference can make one.
fn asked(
    index: &Index,
    diff: &Diff,
    catalogs: [&Catalog; 2],
) -> Result<BTreeSet<ReleaseId>, CatalogError> {
    let mut names: BTreeSet<(&str, &str)> = BTreeSet::new();
    for id in diff.ids() {
        for catalog in catalogs {
            for ix in catalog.find(id)? {
                let entries = catalog.affected(ix)?.into_iter();
                names.extend(entries.map(|entry| {
                    let (name, _) = entry
                        .ecosystem
                        .split_once(':')
                        .unwrap_or((entry.ecosystem, ""));
                    (name, entry.package)
                }));
            }
        }
    }
    names.extend(
        diff.products
            .iter()
            .map(|product| (MICROSOFT, product.as_str())),
    );
    let mut asked = BTreeSet::new();
    for (ecosystem, name) in names {
        asked.extend(index.in_use_under(ecosystem, name));
    }
    if !diff.ecosystems.is_empty() {
        let is_other = |name: &str| diff.ecosystems.iter().any(|e| e.eq_ignore_ascii_case(name));
        let products = is_other(PRODUCT);
        asked.extend(index.releases_in_use().filter(|id| {
            index.release(*id).is_some_and(|release| {
                let ecosystem = release.ecosystem.as_ref();
                ecosystem.is_some_and(|e| is_other(e.name())) || products && release.cpe.is_some()
            })
        }));
    }
    Ok(asked)
}

fn change(
    index: &Index,
    asked: Vec<ReleaseId>,
    new: &Catalog,
) -> Result<CatalogChange, CatalogError> {
    let changes: Vec<Option<HitsChange>> = asked
        .into_par_iter()
        .map(|id| change_of(index, new, id))
        .collect::<Result<_, _>>()?;
    Ok(CatalogChange {
        catalog: new.digest(),
        releases: changes.into_iter().flatten().collect(),
    })
}

fn change_of(
    index: &Index,
    new: &Catalog,
    id: ReleaseId,
) -> Result<Option<HitsChange>, CatalogError> {
    let Some(release) = index.release(id) else {
        return Ok(None);
    };
    let hits = evaluate(new, release)?;
    Ok(difference(id, &index.hits_of(id).unwrap_or_default(), hits))
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
