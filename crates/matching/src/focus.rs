//! After a change of some records: which releases to ask again, and about which of their vulnerabilities. Asking a release about
//! one record of `linux` must not read the ten thousand others.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use advisories::catalog::{Catalog, CatalogError};
use advisories::model::MICROSOFT;
use advisories::names;
use inventory::Package;

use crate::matched::Matches;
use crate::names::lookups;
use crate::package::as_product;
use crate::scope::{Name, Scope};
use crate::situation::{Situation, match_in};

/// Some records of a catalog and all they may bear on. Made once for a change, asked once for each release.
pub struct Focus<'c> {
    /// The catalog that holds, then the one before it if there was one.
    catalogs: Vec<&'c Catalog>,
    ids: Vec<String>,
    names: BTreeSet<Name>,
    /// By the names a release is looked up by; few releases differ in them.
    scopes: Mutex<HashMap<Vec<Name>, Arc<Scope<'c>>>>,
}

impl<'c> Focus<'c> {
    /// On the records with these ids in one catalog.
    ///
    /// # Errors
    ///
    /// The catalog is damaged.
    pub fn of(catalog: &'c Catalog, ids: &[&str]) -> Result<Self, CatalogError> {
        Self::on(vec![catalog], ids)
    }

    /// On the records that differ from one catalog to the next: with what they said before, so that what is remembered of the old
    /// ones is covered too.
    ///
    /// # Errors
    ///
    /// One of the catalogs is damaged.
    pub fn between(old: &'c Catalog, new: &'c Catalog, ids: &[&str]) -> Result<Self, CatalogError> {
        Self::on(vec![new, old], ids)
    }

    fn on(catalogs: Vec<&'c Catalog>, ids: &[&str]) -> Result<Self, CatalogError> {
        let mut all = BTreeSet::new();
        for catalog in &catalogs {
            for id in ids {
                let Some(ix) = catalog.with_id(id)? else {
                    continue;
                };
                for entry in catalog.affected(ix)? {
                    let ecosystem = entry.ecosystem.split(':').next().unwrap_or_default();
                    let package = names::normalise(ecosystem, entry.package).into_owned();
                    all.insert((ecosystem.to_owned(), package));
                }
            }
        }
        Ok(Self {
            catalogs,
            ids: ids.iter().map(|&id| id.to_owned()).collect(),
            names: all,
            scopes: Mutex::default(),
        })
    }

    /// The packages the records name: ecosystem and normalised name. Releases for which [`asked`] gives one of them are those
    /// whose matches may have changed; no other has to be asked.
    pub const fn names(&self) -> &BTreeSet<(String, String)> {
        &self.names
    }

    /// What is looked at again of a package; `None` if none of the records names it.
    ///
    /// # Errors
    ///
    /// The catalog is damaged.
    pub fn scope(&self, package: &Package) -> Result<Option<Arc<Scope<'c>>>, CatalogError> {
        let asked = asked(self.catalogs[0], package);
        if !asked.iter().any(|name| self.names.contains(name)) {
            return Ok(None);
        }
        let mut scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = scopes.get(&asked) {
            return Ok(Some(Arc::clone(known)));
        }
        // What an update replaces is read from every record of its product.
        let is_whole = asked.iter().any(|(ecosystem, _)| ecosystem == MICROSOFT);
        let scope = Arc::new(match is_whole {
            true => Scope::whole(),
            false => Scope::around(&self.catalogs, &self.ids, &asked)?,
        });
        scopes.insert(asked, Arc::clone(&scope));
        Ok(Some(scope))
    }
}

/// The names a package is looked up by: ecosystem and normalised name. A product that is updated with the system it is on (`Internet
/// Explorer 11 on Windows 7`) is asked about under the system's name too. Empty if nothing is asked: no ecosystem, no version.
pub fn asked(catalog: &Catalog, package: &Package) -> Vec<(String, String)> {
    let package = as_product(catalog, package);
    let version = package.version.as_deref().filter(|v| !v.is_empty());
    let (Some(ecosystem), Some(version)) = (&package.ecosystem, version) else {
        return Vec::new();
    };
    let name = catalog
        .ecosystem_name(ecosystem.name())
        .unwrap_or(ecosystem.name());
    let found = lookups(&package, version);
    let system = package.name.split_once(" on ").map(|(_, system)| system);
    let system = system.filter(|_| name == MICROSOFT);
    let all = found.iter().map(|lookup| lookup.name).chain(system);
    all.map(|package| {
        (
            name.to_owned(),
            names::normalise(name, package).into_owned(),
        )
    })
    .collect()
}

/// Those matches of [`match_release`](crate::match_release) that the focus covers ([`Scope::covers`]), without reading the
/// records that have no say in them. Notes are not repeated.
///
/// # Errors
///
/// The catalog is damaged.
pub fn match_release_within<'c>(
    focus: &Focus<'c>,
    package: &Package,
    situation: &Situation,
) -> Result<Matches, CatalogError> {
    let Some(scope) = focus.scope(package)? else {
        return Ok(Matches::default());
    };
    let within = Some(&*scope).filter(|scope| !scope.is_whole());
    let mut matches = match_in(focus.catalogs[0], package, situation, within)?;
    matches.affected.retain(|found| scope.covers(found));
    matches.notes.clear();
    Ok(matches)
}
