//! What changed from one catalog to another: the ids of records, and the two things besides records that decide about
//! packages, which releases an ecosystem is known for and which updates a product has.
//!
//! A walk over both lists of ids, which are sorted, comparing the hashes that stand in the files (see [`super::content`]).
//! Records are read only where they differ, and stepped over in one where both catalogs have them from the same file.

use std::collections::{BTreeMap, BTreeSet};

use base::CveId;

use super::error::CatalogError;
use super::reader::Catalog;
use super::view::AdvisoryIx;
use crate::model::{KevEntry, MICROSOFT};
use crate::names;

/// What is another in the second of two catalogs. All lists are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Ids of records that only the second has.
    pub added: Vec<String>,
    /// Ids of records that say something else; a date alone says nothing.
    pub changed: Vec<String>,
    /// Those of the changed that were withdrawn.
    pub withdrawn: Vec<String>,
    /// Ids of records that only the first has.
    pub removed: Vec<String>,
    /// Names of ecosystems that are known for other releases than before: a release becomes covered, or is covered no more,
    /// and a package that no ecosystem covers is asked about as a product (`Nowhere`).
    pub ecosystems: Vec<String>,
    /// Products of Microsoft, by their normalised names, of which a record or an update is another.
    pub products: Vec<String>,
    /// CVEs whose entry in the KEV lists is new, another, or gone. Matching does not ask for it.
    pub kev: Vec<CveId>,
}

impl Diff {
    /// Whether nothing that decides about packages changed; the KEV lists may have.
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.changed.is_empty()
            && self.removed.is_empty()
            && self.ecosystems.is_empty()
            && self.products.is_empty()
    }

    /// The ids of all records that were added, changed or removed.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let all = [&self.added, &self.changed, &self.removed];
        all.into_iter().flatten().map(String::as_str)
    }
}

/// What changed from `old` to `new`.
///
/// # Errors
///
/// One of the catalogs is damaged.
pub fn diff(old: &Catalog, new: &Catalog) -> Result<Diff, CatalogError> {
    let mut walk = Walk::default();
    let shared = Shared::of(old, new);
    let (mut at, mut new_at) = (0, 0);
    loop {
        let same = shared.from(at, new_at);
        (at, new_at) = (at + same, new_at + same);
        let (before, after) = (record(old, at)?, record(new, new_at)?);
        let is_first =
            |one: &(&str, _), other: Option<(&str, _)>| other.is_none_or(|o| one.0 <= o.0);
        let from_old = before.filter(|one| is_first(one, after));
        let from_new = after.filter(|one| is_first(one, before));
        match (from_old, from_new) {
            (None, None) => break,
            (Some((id, ix)), Some((_, new_ix))) => {
                if old.content(ix)? != new.content(new_ix)? {
                    walk.change(id, (old, ix), (new, new_ix))?;
                }
            }
            (Some((id, ix)), None) => {
                walk.found.removed.push(id.to_owned());
                walk.products(old, ix)?;
            }
            (None, Some((id, ix))) => {
                walk.found.added.push(id.to_owned());
                walk.products(new, ix)?;
            }
        }
        at += u32::from(from_old.is_some());
        new_at += u32::from(from_new.is_some());
    }
    let Walk {
        mut found,
        mut products,
    } = walk;
    found.kev = differing(&kev(old)?, &kev(new)?);
    found.ecosystems = differing(&old.all_releases(), &new.all_releases());
    let updates = (old.update_hashes()?, new.update_hashes()?);
    products.extend(differing(&updates.0, &updates.1));
    found.products = products.into_iter().collect();
    Ok(found)
}

/// The record with a number; `None` behind the last.
fn record(catalog: &Catalog, at: u32) -> Result<Option<(&str, AdvisoryIx)>, CatalogError> {
    let ix = AdvisoryIx(at);
    let is_there = (at as usize) < catalog.advisory_count();
    is_there.then(|| Ok((catalog.id(ix)?, ix))).transpose()
}

/// The files that both catalogs have, as those have that were laid over the same one: their records need not be compared.
struct Shared<'c> {
    catalogs: [&'c Catalog; 2],
    /// By their places in the one and in the other.
    files: BTreeSet<(usize, usize)>,
}

impl<'c> Shared<'c> {
    fn of(old: &'c Catalog, new: &'c Catalog) -> Self {
        let digests = |catalog: &Catalog| -> Vec<String> {
            let members = catalog.members.iter();
            members.map(|member| member.part.digest()).collect()
        };
        let (ours, theirs) = (digests(old), digests(new));
        let mut files = BTreeSet::new();
        for (at, digest) in ours.iter().enumerate() {
            let same = theirs.iter().position(|other| other == digest);
            files.extend(same.map(|place| (at, place)));
        }
        Self {
            catalogs: [old, new],
            files,
        }
    }

    /// How many of the next records are the same ones of the same file.
    fn from(&self, at: u32, new_at: u32) -> u32 {
        let [old, new] = self.catalogs;
        let runs = (
            old.numbers.run_from(AdvisoryIx(at)),
            new.numbers.run_from(AdvisoryIx(new_at)),
        );
        match runs {
            (Some((file, number, left)), Some((new_file, new_number, new_left)))
                if number == new_number && self.files.contains(&(file, new_file)) =>
            {
                left.min(new_left)
            }
            _ => 0,
        }
    }
}

#[derive(Default)]
struct Walk {
    found: Diff,
    products: BTreeSet<String>,
}

impl Walk {
    fn change(
        &mut self,
        id: &str,
        (old, old_ix): (&Catalog, AdvisoryIx),
        (new, new_ix): (&Catalog, AdvisoryIx),
    ) -> Result<(), CatalogError> {
        self.found.changed.push(id.to_owned());
        let was_withdrawn = old.advisory(old_ix)?.withdrawn.is_some();
        if !was_withdrawn && new.advisory(new_ix)?.withdrawn.is_some() {
            self.found.withdrawn.push(id.to_owned());
        }
        self.products(old, old_ix)?;
        self.products(new, new_ix)
    }

    /// Remembers the products of Microsoft that a record is about.
    fn products(&mut self, catalog: &Catalog, ix: AdvisoryIx) -> Result<(), CatalogError> {
        let entries = catalog.affected(ix)?;
        let of_microsoft = entries.iter().filter(|entry| {
            let name = entry.ecosystem.split(':').next();
            name.is_some_and(|name| name.eq_ignore_ascii_case(MICROSOFT))
        });
        let names = of_microsoft.map(|entry| names::normalise(MICROSOFT, entry.package));
        self.products.extend(names.map(|name| name.into_owned()));
        Ok(())
    }
}

fn kev(catalog: &Catalog) -> Result<BTreeMap<CveId, KevEntry>, CatalogError> {
    let entries = catalog.kev_entries()?.into_iter();
    Ok(entries.map(|entry| (entry.cve, entry)).collect())
}

/// The keys under which two maps hold something else.
fn differing<K: Ord + Clone, V: PartialEq>(old: &BTreeMap<K, V>, new: &BTreeMap<K, V>) -> Vec<K> {
    let keys: BTreeSet<&K> = old.keys().chain(new.keys()).collect();
    let differ = |key: &&K| old.get(*key) != new.get(*key);
    keys.into_iter().filter(differ).cloned().collect()
}
