//! "Which advisories name this package?": the keys, their entries, and the releases an entry holds for.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::columns::lower_bound;
use super::entry::{read_head, read_statement, read_texts};
use super::error::CatalogError;
use super::layout::Section;
use super::reader::{Catalog, EcosystemRow};
use super::record::{Place, read_copy};
use super::view::{AdvisoryIx, Candidate, release_of};
use super::wire::{Cursor, u32_at};
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
    /// the ecosystem is not in the catalog.
    pub fn releases(&self, ecosystem: &str) -> Vec<&str> {
        self.ecosystem(ecosystem).map_or_else(Vec::new, |row| {
            row.releases.iter().map(|r| release_of(r)).collect()
        })
    }

    /// The ecosystem texts with their release that any record covers, by the name of the ecosystem.
    pub(super) fn all_releases(&self) -> BTreeMap<String, Vec<String>> {
        let rows = self
            .ecosystems
            .iter()
            .filter(|row| !row.releases.is_empty());
        rows.map(|row| (row.name.clone(), row.releases.clone()))
            .collect()
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
        let Some(key) = self.find_key(ecosystem, package)? else {
            return Ok(Vec::new());
        };
        let section = Section::Entries.name();
        let mut cursor = Cursor::new(key.entries, 0, section).first(key.found)?;
        let (mut candidates, mut advisory) = (Vec::new(), 0_u32);
        // Few sets occur in one package, and each occurs often.
        let mut sets: HashMap<u32, Vec<&str>> = HashMap::new();
        while cursor.left() > 0 {
            let head = read_head(&mut cursor, section)?;
            advisory = advisory
                .checked_add(head.advisory_delta)
                .filter(|&number| (number as usize) < self.advisory_count())
                .ok_or_else(|| cursor.damaged("impossible advisory"))?;
            let releases = match sets.entry(head.releases) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let mut set = self.release_set(head.releases)?;
                    set.retain(|release| wanted(release));
                    new.insert(set)
                }
            };
            self.expand(
                &mut candidates,
                AdvisoryIx(advisory),
                &key,
                releases,
                head.rest,
            )?;
        }
        Ok(candidates)
    }

    /// All affected entries of one advisory, those of withdrawn ones too.
    pub fn affected(&self, ix: AdvisoryIx) -> Result<Vec<Candidate<'_>>, CatalogError> {
        let (head, mut cursor) = self.advisory_head(ix)?;
        let copy = read_copy(&mut cursor, self.strings())?;
        let mut all = self.at_places(ix, &copy.places)?;
        for _ in 1..head.newest {
            let copy = read_copy(&mut cursor, self.strings())?;
            for candidate in self.at_places(ix, &copy.places)? {
                if !all.contains(&candidate) {
                    all.push(candidate);
                }
            }
        }
        Ok(all)
    }

    fn ecosystem(&self, name: &str) -> Option<&EcosystemRow> {
        let name = name.split(':').next().unwrap_or(name);
        let exact = self.ecosystems.iter().find(|row| row.name == name);
        exact.or_else(|| {
            self.ecosystems
                .iter()
                .find(|row| row.name.eq_ignore_ascii_case(name))
        })
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
