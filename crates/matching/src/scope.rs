//! Of all records that name a package, those that can have a say in what some of them bring about.
//!
//! Records of one vulnerability are joined by ids, aliases and the CVE they are the word on; matches meet over CVEs: a vendor's
//! word clears one, a channel fixes one, an erratum becomes an alias of the records of its CVEs (see `conclude`). So what a
//! record changes is not only its own match, and what a match looks like is not decided by its own records alone. Both circles
//! are drawn here, once for all releases that are looked up by the same names:
//!
//! 1. the named records, and those of the same vulnerabilities; their CVEs are *touched*;
//! 2. every record of a touched CVE, with its vulnerability; the matches on any CVE of these may change. An erratum of fifty CVEs
//!    that is absorbed now and was not before changes fifty matches;
//! 3. what decides about those matches: the records of their CVEs, the errata over these, the records that each of the errata
//!    would have to be absorbed by, and the words that clear them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use advisories::catalog::{AdvisoryIx, AdvisoryView, Candidate, Catalog, CatalogError};
use advisories::names;
use base::CveId;

use crate::conclude::own_cve;
use crate::matched::Match;

/// The name of an ecosystem and of a package in it, both as the catalog has them.
pub(crate) type Name = (String, String);

/// Which of the matches of a release are looked at again, and the records that decide about them.
pub struct Scope<'c> {
    /// Every vulnerability counts: nothing less is known to be enough.
    is_whole: bool,
    /// Ids of the named vulnerabilities, upper case.
    ids: HashSet<String>,
    /// CVEs whose matches may change.
    cves: BTreeSet<CveId>,
    /// The entries of the records that have a say, by the name they stand under.
    entries: Vec<(Name, Vec<Candidate<'c>>)>,
}

impl<'c> Scope<'c> {
    /// Of a package every match of which may change.
    pub(crate) fn whole() -> Self {
        Self {
            is_whole: true,
            ids: HashSet::new(),
            cves: BTreeSet::new(),
            entries: Vec::new(),
        }
    }

    /// Around the records with these ids, for what is looked up by these names: in the first catalog, and with what the others
    /// say or said of the same.
    pub(crate) fn around(
        catalogs: &[&'c Catalog],
        ids: &[String],
        names: &[Name],
    ) -> Result<Self, CatalogError> {
        let mut circle = Circle::new(catalogs, names)?;
        circle.join(ids.iter().map(|id| id.to_ascii_uppercase()).collect())?;
        let ids = circle.keys.clone();
        circle.grow()?;
        let cves = circle.cves();
        for _ in 0..4 {
            if !circle.grow()? {
                break;
            }
        }
        let mut entries = Vec::new();
        for (ecosystem, package) in names {
            let has_a_say = |ix| circle.records.contains_key(&(0, ix));
            let of_name = catalogs[0].candidates_among(ecosystem, package, has_a_say)?;
            entries.push(((ecosystem.clone(), package.clone()), of_name));
        }
        Ok(Self {
            is_whole: false,
            ids,
            cves,
            entries,
        })
    }

    /// Whether every match of the release is looked at again, as for products of Microsoft.
    pub const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether a match is one that is looked at again.
    pub fn covers(&self, found: &Match) -> bool {
        let ids = std::iter::once(&found.id).chain(&found.aliases);
        self.covers_ids(ids.map(String::as_str), &found.cves)
    }

    /// The same of what is remembered of a match: its ids and aliases, and its CVEs.
    pub fn covers_ids<'i>(&self, ids: impl IntoIterator<Item = &'i str>, cves: &[CveId]) -> bool {
        self.is_whole
            || cves.iter().any(|cve| self.cves.contains(cve))
            || ids
                .into_iter()
                .any(|id| self.ids.contains(&id.to_ascii_uppercase()))
    }

    /// The entries of a package that have a say, of all releases.
    pub(crate) fn entries(
        &self,
        ecosystem: &str,
        package: &str,
    ) -> impl Iterator<Item = &Candidate<'c>> {
        let package = names::normalise(ecosystem, package);
        let is_it = |((theirs, name), _): &&(Name, _)| {
            theirs.eq_ignore_ascii_case(ecosystem) && *name == package
        };
        self.entries
            .iter()
            .find(is_it)
            .into_iter()
            .flat_map(|(_, entries)| entries)
    }
}

/// Records that are reached from some, in several catalogs, among those that name a package.
struct Circle<'c> {
    /// Each catalog with the records that name the package.
    catalogs: Vec<(&'c Catalog, HashSet<AdvisoryIx>)>,
    /// By the catalog's place in the list.
    records: BTreeMap<(usize, AdvisoryIx), AdvisoryView<'c>>,
    /// Ids that join records to one vulnerability, upper case, of all records here.
    keys: HashSet<String>,
    /// CVEs whose records are all here.
    grown: HashSet<CveId>,
}

impl<'c> Circle<'c> {
    fn new(catalogs: &[&'c Catalog], names: &[Name]) -> Result<Self, CatalogError> {
        let with_naming = |&catalog: &&'c Catalog| {
            let mut naming = HashSet::new();
            for (ecosystem, package) in names {
                naming.extend(catalog.naming(ecosystem, package)?);
            }
            Ok((catalog, naming))
        };
        Ok(Self {
            catalogs: catalogs.iter().map(with_naming).collect::<Result<_, _>>()?,
            records: BTreeMap::new(),
            keys: HashSet::new(),
            grown: HashSet::new(),
        })
    }

    /// Every CVE of the records here.
    fn cves(&self) -> BTreeSet<CveId> {
        let views = self.records.values();
        views.flat_map(|view| view.cves.iter().copied()).collect()
    }

    /// Takes in every record of every CVE of those here, with its vulnerability. Tells whether there was any.
    fn grow(&mut self) -> Result<bool, CatalogError> {
        let before = self.records.len();
        let mut keys = Vec::new();
        for cve in self.cves() {
            if !self.grown.insert(cve) {
                continue;
            }
            for at in 0..self.catalogs.len() {
                let (catalog, naming) = &self.catalogs[at];
                for ix in catalog.about(cve, |ix| naming.contains(&ix))? {
                    let view = catalog.advisory(ix)?;
                    keys.extend(keys_of(&view));
                    self.records.entry((at, ix)).or_insert(view);
                }
            }
        }
        self.join(keys)?;
        Ok(self.records.len() > before)
    }

    /// Takes in every record of the vulnerabilities with these ids.
    fn join(&mut self, mut keys: Vec<String>) -> Result<(), CatalogError> {
        while let Some(key) = keys.pop() {
            if self.keys.contains(&key) {
                continue;
            }
            for at in 0..self.catalogs.len() {
                let (catalog, naming) = &self.catalogs[at];
                let among = |ix| naming.contains(&ix);
                let mut found = catalog.find_among(&key, among)?;
                if let Ok(cve) = key.parse() {
                    found.extend(catalog.about(cve, among)?);
                }
                for ix in found {
                    let view = catalog.advisory(ix)?;
                    let theirs = keys_of(&view);
                    if theirs.contains(&key) {
                        keys.extend(theirs);
                        self.records.entry((at, ix)).or_insert(view);
                    }
                }
            }
            self.keys.insert(key);
        }
        Ok(())
    }
}

/// What joins a record to others of the same vulnerability, upper case: see [`crate::conclude`].
fn keys_of(view: &AdvisoryView<'_>) -> Vec<String> {
    let own = own_cve(view).map(|cve| cve.to_string());
    let named = std::iter::once(view.id).chain(view.aliases.iter().copied());
    named.map(str::to_ascii_uppercase).chain(own).collect()
}
