//! What is known of a hit of the log, by a catalog that may not be the one that brought it.

use advisories::catalog::CatalogError;
use inventory::Package;
use matching::{Decided, Match};

use super::{Bench, Claim, Known, known, known_claim};
use crate::hit::Hit;

/// What is known of a hit: by its match, which has its id or shares one with it; else by the records that have its ids.
pub(crate) fn known_hit(
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
