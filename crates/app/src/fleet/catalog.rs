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
use crate::fleet::commit::{Entries, Fleet};
use crate::fleet::state::refused;
use crate::fleet::{local, ranks};

/// The catalog named, or the user's own, with the file it is in.
pub fn open(path: Option<&Path>) -> Result<(Catalog, std::path::PathBuf)> {
    let file = match path {
        Some(path) => path.to_owned(),
        None => catalog_file::default_path()?,
    };
    Ok((catalog_file::open(Some(&file))?, file))
}

/// Makes the catalog at hand, with the local advisories laid over it, the one that holds, if it is not yet; that one, and what it
/// did to findings.
pub fn follow(
    fleet: &mut Fleet,
    base: &Catalog,
    file: &Path,
    now: Timestamp,
) -> Result<(Catalog, Option<Counts>)> {
    let sequence = fleet.state.index.sequence();
    let catalog = fleet.store.read(|tx| local::laid(tx, base, sequence))?;
    let held = fleet.state.index.catalog().map(str::to_owned);
    if held.as_deref() == Some(catalog.digest().as_str()) {
        return Ok((catalog, None));
    }
    fleet.place.keep(base, file)?;
    // Without the one that held, everything is asked again: slower, and the same.
    let old =
        held.and_then(|digest| local::held(&fleet.place, &fleet.store, &digest, sequence).ok());
    let (catalog, counts) = fleet.commit(now, Actor::Program("feeds"), |entries| {
        turn(entries, base, old.as_ref())
    })?;
    Ok((catalog, Some(counts)))
}

/// Adds the change from one catalog to another, with the local advisories that stand by now.
pub(super) fn turn(
    entries: &mut Entries<'_>,
    base: &Catalog,
    old: Option<&Catalog>,
) -> store::Result<(Catalog, Counts)> {
    let learned = entries.sequence();
    let catalog = local::laid(entries.tx, base, learned)?;
    let unread = |e| refused(format!("the catalog could not be read: {e}"));
    let index = &entries.state.index;
    let change = catalog_change(index, old, &catalog).map_err(unread)?;
    let rises = old.map(|old| rises(index, old, &catalog, &change));
    let rises = rises.transpose().map_err(unread)?.unwrap_or_default();
    let feeds = catalog.feeds().into_iter().map(|feed| CatalogFeed {
        name: feed.name,
        as_of: feed.as_of.map(|at| at.to_string()),
    });
    let known = KnownCatalog {
        digest: catalog.digest(),
        learned,
        // What is laid over is in the records.
        file: Some(local::file_of(base)),
        feeds: feeds.collect(),
    };
    catalogs::note(entries.tx, &known)?;
    let counts = entries.add(What::Catalog(change))?.counts();
    ranks::keep(entries, &catalog.digest(), &rises)?;
    Ok((catalog, counts))
}
