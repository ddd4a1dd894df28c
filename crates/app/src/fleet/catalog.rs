//! Which catalog holds: when another one is at hand, the fleet is asked again, and what changed is an entry of the log.

use std::path::Path;

use advisories::catalog::Catalog;
use fleet::change::What;
use fleet::evaluate::catalog_change;
use fleet::index::Counts;
use fleet::rank::rises;
use jiff::Timestamp;
use store::catalogs::{self, KnownCatalog};
use store::feeds::CatalogFeed;
use store::log::Actor;

use crate::catalog_file;
use crate::error::Result;
use crate::fleet::commit::Fleet;
use crate::fleet::ranks;
use crate::fleet::state::refused;

/// The catalog named, or the user's own, with the file it is in.
pub fn open(path: Option<&Path>) -> Result<(Catalog, std::path::PathBuf)> {
    let file = match path {
        Some(path) => path.to_owned(),
        None => catalog_file::default_path()?,
    };
    Ok((catalog_file::open(Some(&file))?, file))
}

/// Makes the catalog the one that holds, if it is not yet; what that did to findings.
pub fn follow(
    fleet: &mut Fleet,
    catalog: &Catalog,
    file: &Path,
    now: Timestamp,
) -> Result<Option<Counts>> {
    let digest = catalog.digest();
    if fleet.state.index.catalog() == Some(digest.as_str()) {
        return Ok(None);
    }
    fleet.place.keep(catalog, file)?;
    let held = fleet.state.index.catalog().map(str::to_owned);
    // Without the one that held, everything is asked again: slower, and the same.
    let old = held.and_then(|digest| fleet.place.catalog(&digest).ok());
    let known = KnownCatalog {
        digest: digest.clone(),
        learned: 0,
        file: Some(format!("{digest}.dwcat")),
        feeds: catalog
            .feeds()
            .into_iter()
            .map(|feed| CatalogFeed {
                name: feed.name,
                as_of: feed.as_of.map(|at| at.to_string()),
            })
            .collect(),
    };
    let unread = |e| refused(format!("the catalog could not be read: {e}"));
    let counts = fleet.commit(now, Actor::Program("feeds"), |entries| {
        let index = &entries.state.index;
        let change = catalog_change(index, old.as_ref(), catalog).map_err(unread)?;
        let rises = old
            .as_ref()
            .map(|old| rises(index, old, catalog, &change))
            .transpose();
        let rises = rises.map_err(unread)?.unwrap_or_default();
        let learned = entries.sequence();
        catalogs::note(
            entries.tx,
            &KnownCatalog {
                learned,
                ..known.clone()
            },
        )?;
        let counts = entries.add(What::Catalog(change))?.counts();
        ranks::keep(entries, &digest, &rises)?;
        Ok(counts)
    })?;
    Ok(Some(counts))
}
