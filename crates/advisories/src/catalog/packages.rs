//! "Which advisories name this package?": the keys, their entries, and the releases an entry holds for.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::columns::lower_bound;
use super::entry::{EntryHead, read_head, read_statement, read_texts};
use super::error::CatalogError;
use super::layout::Section;
use super::part::{EcosystemRow, Part};
use super::reader::{Catalog, Member};
use super::record::{Place, read_copy};
use super::view::{AdvisoryIx, Candidate, release_of};
use super::wire::{Cursor, u32_at};
use crate::model::PRODUCT;
use crate::names;

const KEY_ROW_BYTES: usize = 12;

/// A row of the key section.
struct KeyRow<'c> {
    package: &'c str,
    /// All entries of the key.
    entries: &'c [u8],
    /// How many bytes of them can be found by package.
    found: usize,
}

impl Catalog {
    /// The releases of an ecosystem that any record covers, sorted; an empty text for entries without a release. Empty if
    /// the ecosystem is not in the catalog. Hiding a record (see [`Catalog::overlaid`]) takes no release away. What a team says
    /// itself of one package covers no release; a product is covered record by record, whoever wrote it.
    pub fn releases(&self, ecosystem: &str) -> Vec<&str> {
        let is_product = ecosystem.eq_ignore_ascii_case(PRODUCT);
        let texts = self.ecosystem_texts(ecosystem, |member| is_product || !member.is_local());
        texts.into_iter().map(release_of).collect()
    }

    fn ecosystem_texts(&self, ecosystem: &str, of: impl Fn(&Member) -> bool) -> Vec<&str> {
        let Some(name) = self.ecosystem_name(ecosystem) else {
            return Vec::new();
        };
        let rows = self.members.iter().filter(|member| of(member));
        let rows = rows.filter_map(|member| member.part.ecosystem(name));
        let mut all: Vec<&str> = Vec::new();
        for row in rows {
            // Mostly a later file names none that is new.
            let news = row.releases.iter().map(String::as_str);
            let news: Vec<&str> = match all.is_empty() {
                true => news.collect(),
                false => news
                    .filter(|text| all.binary_search(text).is_err())
                    .collect(),
            };
            if !news.is_empty() {
                all.extend(news);
                all.sort_unstable();
            }
        }
        all
    }

    /// The ecosystem texts with their release that any record covers, by the name of the ecosystem.
    pub(super) fn all_releases(&self) -> BTreeMap<String, Vec<&str>> {
        let rows = self
            .members
            .iter()
            .flat_map(|member| &member.part.ecosystems);
        let names: BTreeSet<&str> = rows.map(|row| row.name.as_str()).collect();
        let texts = |name: &str| (name.to_owned(), self.ecosystem_texts(name, |_| true));
        let all = names.into_iter().map(texts);
        all.filter(|(_, texts)| !texts.is_empty()).collect()
    }

    /// Every affected entry for a package in an ecosystem, one for each release. The package is taken in any spelling that
    /// the ecosystem holds equal. Withdrawn records are left out.
    pub fn candidates(
        &self,
        ecosystem: &str,
        package: &str,
    ) -> Result<Vec<Candidate<'_>>, CatalogError> {
        self.candidates_where(ecosystem, package, |_| true)
    }

    /// The same for some releases only (the ecosystem text as published is asked about, `Debian:12`). Entries of other
    /// releases are stepped over unread: Red Hat repeats a package for hundreds of them.
    pub fn candidates_where(
        &self,
        ecosystem: &str,
        package: &str,
        mut wanted: impl FnMut(&str) -> bool,
    ) -> Result<Vec<Candidate<'_>>, CatalogError> {
        self.candidates_by(ecosystem, package, |_| true, &mut wanted)
    }

    /// The same for all releases and some advisories only; entries of the others are stepped over unread.
    pub fn candidates_among(
        &self,
        ecosystem: &str,
        package: &str,
        among: impl Fn(AdvisoryIx) -> bool,
    ) -> Result<Vec<Candidate<'_>>, CatalogError> {
        self.candidates_by(ecosystem, package, among, &mut |_| true)
    }

    /// The advisories that name a package, by number; those that [`Catalog::candidates`] gives, without reading them.
    pub fn naming(&self, ecosystem: &str, package: &str) -> Result<Vec<AdvisoryIx>, CatalogError> {
        let Some(name) = self.ecosystem_name(ecosystem) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for (at, member) in self.members.iter().enumerate() {
            member.part.entries(name, package, |_, advisory, _| {
                found.extend(self.numbers.number(at, advisory));
                Ok(())
            })?;
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn candidates_by(
        &self,
        ecosystem: &str,
        package: &str,
        among: impl Fn(AdvisoryIx) -> bool,
        wanted: &mut impl FnMut(&str) -> bool,
    ) -> Result<Vec<Candidate<'_>>, CatalogError> {
        let Some(name) = self.ecosystem_name(ecosystem) else {
            return Ok(Vec::new());
        };
        let mut candidates = Vec::new();
        for (at, member) in self.members.iter().enumerate() {
            let number = |number| self.numbers.number(at, number).filter(|&ix| among(ix));
            member
                .part
                .candidates(&mut candidates, name, package, number, wanted)?;
        }
        if self.members.len() > 1 {
            // Each record is in one file, and there its entries are in order.
            candidates.sort_by_key(|candidate| candidate.advisory);
        }
        Ok(candidates)
    }

    /// All affected entries of one advisory, those of withdrawn ones too.
    pub fn affected(&self, ix: AdvisoryIx) -> Result<Vec<Candidate<'_>>, CatalogError> {
        let (part, number) = self.locate(ix)?;
        let (head, mut cursor) = part.advisory_head(number)?;
        let copy = read_copy(&mut cursor, part.strings())?;
        let mut all = part.at_places(ix, &copy.places)?;
        for _ in 1..head.newest {
            let copy = read_copy(&mut cursor, part.strings())?;
            for candidate in part.at_places(ix, &copy.places)? {
                if !all.contains(&candidate) {
                    all.push(candidate);
                }
            }
        }
        Ok(all)
    }

    /// The name of an ecosystem as the catalog writes it: the same, else one that differs in case only.
    pub fn ecosystem_name<'a>(&'a self, ecosystem: &'a str) -> Option<&'a str> {
        let name = ecosystem.split(':').next().unwrap_or(ecosystem);
        let parts = || self.members.iter().map(|member| &member.part);
        if parts().any(|part| part.ecosystem(name).is_some()) {
            return Some(name);
        }
        let rows = parts().flat_map(|part| &part.ecosystems);
        let names = rows.map(|row| row.name.as_str());
        names.filter(|other| other.eq_ignore_ascii_case(name)).min()
    }
}

impl Part {
    fn ecosystem(&self, name: &str) -> Option<&EcosystemRow> {
        self.ecosystems.iter().find(|row| row.name == name)
    }

    /// Appends the entries for a package; of an advisory that has no number none.
    fn candidates<'c>(
        &'c self,
        candidates: &mut Vec<Candidate<'c>>,
        ecosystem: &str,
        package: &str,
        number: impl Fn(u32) -> Option<AdvisoryIx>,
        wanted: &mut impl FnMut(&str) -> bool,
    ) -> Result<(), CatalogError> {
        // Few sets occur in one package, and each occurs often.
        let mut sets: HashMap<u32, Vec<&str>> = HashMap::new();
        self.entries(ecosystem, package, |key, advisory, head| {
            let Some(ix) = number(advisory) else {
                return Ok(());
            };
            let releases = match sets.entry(head.releases) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let mut set = self.release_set(head.releases)?;
                    set.retain(|release| wanted(release));
                    new.insert(set)
                }
            };
            self.expand(candidates, ix, key, releases, head.rest)
        })
    }

    /// Hands on every entry for a package that can be found by it, with its advisory, unread.
    fn entries<'c>(
        &'c self,
        ecosystem: &str,
        package: &str,
        mut take: impl FnMut(&KeyRow<'c>, u32, EntryHead<'c>) -> Result<(), CatalogError>,
    ) -> Result<(), CatalogError> {
        let Some(key) = self.find_key(ecosystem, package)? else {
            return Ok(());
        };
        let section = Section::Entries.name();
        let mut cursor = Cursor::new(key.entries, 0, section).first(key.found)?;
        let mut advisory = 0_u32;
        while cursor.left() > 0 {
            let head = read_head(&mut cursor, section)?;
            advisory = advisory
                .checked_add(head.advisory_delta)
                .filter(|&number| number < self.advisory_count())
                .ok_or_else(|| cursor.damaged("impossible advisory"))?;
            take(&key, advisory, head)?;
        }
        Ok(())
    }

    fn key(&self, row: usize) -> Result<KeyRow<'_>, CatalogError> {
        let (rows, section) = (self.section(Section::Keys), Section::Keys.name());
        let mut cursor = Cursor::new(rows, row.saturating_mul(KEY_ROW_BYTES), section);
        let (name, start, found) = (
            cursor.u32()? as usize,
            cursor.u32()? as usize,
            cursor.u32()? as usize,
        );
        let (name_end, end) = (cursor.u32()? as usize, cursor.u32()? as usize);
        let outside = || CatalogError::Damaged {
            section,
            what: "a row points outside",
        };
        let package = self
            .section(Section::KeyNames)
            .get(name..name_end)
            .ok_or_else(outside)?;
        let package = Cursor::new(package, 0, Section::KeyNames.name()).text(package.len())?;
        let entries = self
            .section(Section::Entries)
            .get(start..end)
            .ok_or_else(outside)?;
        Ok(KeyRow {
            package,
            entries,
            found,
        })
    }

    fn find_key(&self, ecosystem: &str, package: &str) -> Result<Option<KeyRow<'_>>, CatalogError> {
        let Some(EcosystemRow { name, keys, .. }) = self.ecosystem(ecosystem) else {
            return Ok(None);
        };
        let package = names::normalise(name, package);
        let before = |row| Ok::<_, CatalogError>(self.key(row)?.package < &*package);
        let at = lower_bound(keys.clone(), before)?;
        if at >= keys.end {
            return Ok(None);
        }
        Ok(Some(self.key(at)?).filter(|key| key.package == package))
    }

    fn release_set(&self, number: u32) -> Result<Vec<&str>, CatalogError> {
        let at = u32_at(
            self.section(Section::ReleaseSetOffsets),
            number as usize,
            Section::ReleaseSetOffsets.name(),
        )?;
        let mut cursor = Cursor::new(
            self.section(Section::ReleaseSets),
            at as usize,
            Section::ReleaseSets.name(),
        );
        read_texts(&mut cursor, self.strings())
    }

    /// One candidate for each release; nothing is read if there is none.
    fn expand<'c>(
        &'c self,
        into: &mut Vec<Candidate<'c>>,
        advisory: AdvisoryIx,
        key: &KeyRow<'c>,
        releases: &[&'c str],
        statement: Cursor<'c>,
    ) -> Result<(), CatalogError> {
        if releases.is_empty() {
            return Ok(());
        }
        let what = read_statement(statement, self.strings())?;
        into.extend(releases.iter().map(|&ecosystem| Candidate {
            advisory,
            ecosystem,
            package: what.package.unwrap_or(key.package),
            ranges: what.ranges.clone(),
            versions: what.versions.clone(),
            except: what.except.clone(),
            scores: what.scores.clone(),
            component: what.component,
            updates: what.updates.clone(),
            vendor_state: what.vendor_state,
        }));
        Ok(())
    }

    pub(super) fn at_places(
        &self,
        ix: AdvisoryIx,
        places: &[Place],
    ) -> Result<Vec<Candidate<'_>>, CatalogError> {
        let section = Section::Entries.name();
        let mut candidates = Vec::new();
        for place in places {
            let key = self.key(place.key as usize)?;
            let head = read_head(
                &mut Cursor::new(key.entries, place.position as usize, section),
                section,
            )?;
            self.expand(
                &mut candidates,
                ix,
                &key,
                &self.release_set(head.releases)?,
                head.rest,
            )?;
        }
        Ok(candidates)
    }
}
