//! Which hits a release has by a catalog, and what changes from one catalog to the next.

use advisories::catalog::{Catalog, CatalogError};
use matching::match_release;
use rayon::prelude::*;

use crate::change::{CatalogChange, HitsChange};
use crate::hit::Hit;
use crate::index::Index;
use crate::release::{Release, ReleaseId};

/// The hits of a release, sorted, each vulnerability once.
pub fn evaluate(catalog: &Catalog, release: &Release) -> Result<Vec<Hit>, CatalogError> {
    let matches = match_release(catalog, &release.to_package(), &release.situation)?;
    let mut hits: Vec<Hit> = matches.affected.iter().map(Hit::of).collect();
    hits.sort();
    hits.dedup_by(|a, b| a.id == b.id);
    Ok(hits)
}

/// What is other by a new catalog than the index has it, for every release that some host has: all are asked.
pub fn full_change(index: &Index, new: &Catalog) -> Result<CatalogChange, CatalogError> {
    let releases: Vec<ReleaseId> = index.releases_in_use().collect();
    let changes: Vec<Option<HitsChange>> = releases
        .into_par_iter()
        .map(|id| change_of(index, new, id))
        .collect::<Result<_, _>>()?;
    Ok(CatalogChange {
        catalog: new.digest(),
        releases: changes.into_iter().flatten().collect(),
    })
}

/// What is other by a new catalog. With the one that held so far, only releases that it can be other for are asked.
pub fn catalog_change(
    index: &Index,
    _old: Option<&Catalog>,
    new: &Catalog,
) -> Result<CatalogChange, CatalogError> {
    full_change(index, new)
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
    Ok(difference(id, index.hits_of(id).unwrap_or_default(), hits))
}

/// What one sorted list of hits has that the other has not; `None` if they are the same.
pub fn difference(release: ReleaseId, old: Vec<Hit>, new: Vec<Hit>) -> Option<HitsChange> {
    let has = |hits: &[Hit], id: &str| hits.binary_search_by(|hit| (*hit.id).cmp(id)).ok();
    let ended = old.iter().filter(|hit| has(&new, &hit.id).is_none());
    let ended: Vec<String> = ended.map(|hit| hit.id.clone()).collect();
    let is_other = |hit: &Hit| has(&old, &hit.id).is_none_or(|at| old[at] != *hit);
    let now: Vec<Hit> = new.into_iter().filter(is_other).collect();
    let is_change = !ended.is_empty() || !now.is_empty();
    is_change.then_some(HitsChange {
        release,
        ended,
        now,
    })
}
