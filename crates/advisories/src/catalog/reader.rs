//! Reading a catalog: each question is a binary search into a section and a short read, and nothing else is touched.

use std::fs::File;

use base::CveId;
use jiff::Timestamp;

use super::columns::{Column, columns, lower_bound};
use super::entry::{read_head as read_entry_head, read_statement};
use super::error::CatalogError;
use super::facts::{read_cve, read_epss, read_kev, read_model};
use super::ids;
use super::layout::{Layout, Section, stored_digest, verify_digest};
use super::map::Bytes;
use super::record::{CopyView, HeadView, Place, read_copy, read_head};
use super::strings::StringTable;
use super::view::{AdvisoryIx, AdvisoryView, Candidate, CveFacts, FeedInfo, release_of};
use super::wire::{Cursor, u32_at};
use crate::model::{Advisory, Batch, CveRecord, EpssModel, KevEntry};
use crate::names;

const KEY_ROW_BYTES: usize = 12;

/// An open catalog. Cheap to open; shared between threads by reference.
pub struct Catalog {
    bytes: Bytes,
    layout: Layout,
    feeds: Vec<FeedRow>,
    ecosystems: Vec<EcosystemRow>,
    model: Option<EpssModel>,
}

/// A feed and whether its as-of date was stated rather than taken from its records.
struct FeedRow {
    info: FeedInfo,
    as_of_stated: bool,
}

/// An ecosystem and the rows of its keys.
struct EcosystemRow {
    name: String,
    keys: std::ops::Range<usize>,
    /// Ecosystem texts with their release.
    releases: Vec<String>,
}

/// A row of the key section.
struct KeyRow<'c> {
    package: &'c str,
    /// All entries of the key.
    entries: &'c [u8],
    /// How many bytes of them can be found by package.
    found: usize,
}

impl Catalog {
    /// Opens bytes in memory: checks the header and the section table.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, CatalogError> {
        Self::open(Bytes::Owned(bytes))
    }

    /// Maps an already opened file: checks the header and the section table.
    pub fn map(file: &File) -> Result<Self, CatalogError> {
        Self::open(Bytes::map(file)?)
    }

    fn open(bytes: Bytes) -> Result<Self, CatalogError> {
        let layout = Layout::read(&bytes)?;
        let mut catalog = Self {
            bytes,
            layout,
            feeds: Vec::new(),
            ecosystems: Vec::new(),
            model: None,
        };
        catalog.feeds = catalog.read_feeds()?;
        catalog.ecosystems = catalog.read_ecosystems()?;
        catalog.model = match catalog.newest_first(Section::Epss)?.first() {
            Some(column) => read_model(column)?,
            None => None,
        };
        Ok(catalog)
    }

    /// The digest over the whole content, from the header: `blake3:<hex>`.
    pub fn digest(&self) -> String {
        stored_digest(&self.bytes)
    }

    /// Computes the digest of the content and compares it with the header.
    pub fn verify(&self) -> Result<(), CatalogError> {
        verify_digest(&self.bytes)
    }

    /// The newest as-of date of the feeds; never the clock.
    pub fn built(&self) -> Option<Timestamp> {
        self.feeds.iter().filter_map(|feed| feed.info.as_of).max()
    }

    /// The feeds the catalog was made of, by name.
    pub fn feeds(&self) -> Vec<FeedInfo> {
        self.feeds.iter().map(|feed| feed.info.clone()).collect()
    }

    /// How many advisories there are, withdrawn ones included.
    pub fn advisory_count(&self) -> usize {
        self.section(Section::AdvisoryOffsets).len() / 4
    }

    /// The releases of an ecosystem that any record covers, sorted; an empty text for entries without a release. Empty if
    /// the ecosystem is not in the catalog.
    pub fn releases(&self, ecosystem: &str) -> Vec<&str> {
        self.ecosystem(ecosystem).map_or_else(Vec::new, |row| {
            row.releases.iter().map(|r| release_of(r)).collect()
        })
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
        let Some(row) = self.ecosystem(ecosystem) else {
            return Ok(Vec::new());
        };
        let Some(key) = self.find_key(row, &names::normalise(&row.name, package))? else {
            return Ok(Vec::new());
        };
        let section = Section::Entries.name();
        let found = key.entries.get(..key.found).ok_or(CatalogError::Damaged {
            section,
            what: "ends early",
        })?;
        let mut cursor = Cursor::new(found, 0, section);
        let (mut candidates, mut advisory) = (Vec::new(), 0_u32);
        while cursor.left() > 0 {
            let head = read_entry_head(&mut cursor, section)?;
            advisory = advisory
                .checked_add(head.advisory_delta)
                .ok_or_else(|| cursor.damaged("impossible advisory"))?;
            let mut releases = self.release_set(head.releases)?;
            releases.retain(|release| wanted(release));
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
        let mut all = Vec::new();
        let (head, mut cursor) = self.advisory_head(ix)?;
        for _ in 0..head.newest {
            let copy = read_copy(&mut cursor, self.strings())?;
            for candidate in self.at_places(ix, &copy.places)? {
                if !all.contains(&candidate) {
                    all.push(candidate);
                }
            }
        }
        Ok(all)
    }

    /// One advisory without what it affects.
    pub fn advisory(&self, ix: AdvisoryIx) -> Result<AdvisoryView<'_>, CatalogError> {
        let (head, mut cursor) = self.advisory_head(ix)?;
        let newest = read_copy(&mut cursor, self.strings())?;
        let mut feeds = newest.feeds;
        for _ in 1..head.copies {
            feeds.extend(read_copy(&mut cursor, self.strings())?.feeds);
        }
        feeds.sort_unstable();
        let feeds: Vec<&str> = feeds
            .into_iter()
            .map(|feed| self.feed_name(feed))
            .collect::<Result<_, _>>()?;
        Ok(AdvisoryView {
            id: head.id,
            feed: feeds.first().copied().unwrap_or_default(),
            feeds,
            aliases: newest.aliases,
            related: newest.related,
            upstream: newest.upstream,
            published: newest.published,
            modified: newest.modified,
            withdrawn: newest.withdrawn,
            summary: newest.summary,
            scores: newest.scores,
            severity: newest.severity,
            informational: newest.informational,
            references: newest.references,
            cves: newest.cves,
        })
    }

    /// Every advisory with this id, or that names it in aliases, related or upstream; its own first. In any case.
    pub fn find(&self, id: &str) -> Result<Vec<AdvisoryIx>, CatalogError> {
        let (mut own, mut naming) = (Vec::new(), Vec::new());
        for number in ids::proposals(self.section(Section::Ids), id)? {
            let (head, mut cursor) = self.advisory_head(AdvisoryIx(number))?;
            if head.id.eq_ignore_ascii_case(id) {
                own.push(AdvisoryIx(number));
                continue;
            }
            let copy = read_copy(&mut cursor, self.strings())?;
            let mut named = [&copy.aliases, &copy.related, &copy.upstream]
                .into_iter()
                .flatten();
            if named.any(|name| name.eq_ignore_ascii_case(id)) {
                naming.push(AdvisoryIx(number));
            }
        }
        own.append(&mut naming);
        Ok(own)
    }

    /// What is known of a CVE from KEV, EPSS and CVE records.
    pub fn cve(&self, cve: CveId) -> Result<CveFacts, CatalogError> {
        let first = |section| -> Result<Option<(Column<'_>, usize)>, CatalogError> {
            for column in self.newest_first(section)? {
                if let Some(row) = column.find(cve)? {
                    return Ok(Some((column, row)));
                }
            }
            Ok(None)
        };
        Ok(CveFacts {
            epss: first(Section::Epss)?
                .map(|(column, row)| read_epss(&column, row, cve))
                .transpose()?,
            kev: first(Section::Kev)?
                .map(|(column, row)| read_kev(&column, row, cve, self.strings()))
                .transpose()?,
            record: self.cve_record(cve)?,
        })
    }

    /// The newest record; the scores of all feeds and the newest SSVC points, because no one source has them all.
    fn cve_record(&self, cve: CveId) -> Result<Option<CveRecord>, CatalogError> {
        let mut copies = Vec::new();
        for column in columns(self.section(Section::Cves), Section::Cves)? {
            if let Some(row) = column.find(cve)? {
                copies.push(read_cve(&column, row, cve, self.strings())?);
            }
        }
        copies.sort_by_key(|copy| std::cmp::Reverse(copy.modified));
        Ok(copies.into_iter().reduce(|mut newest, older| {
            older.scores.into_iter().for_each(|score| {
                if !newest.scores.contains(&score) {
                    newest.scores.push(score);
                }
            });
            let at = |record: &Option<crate::model::Ssvc>| record.as_ref().map(|ssvc| ssvc.at);
            if at(&older.ssvc) > at(&newest.ssvc) {
                newest.ssvc = older.ssvc;
            }
            if newest.summary.is_empty() {
                newest.summary = older.summary;
            }
            newest
        }))
    }

    /// The model behind the EPSS scores of the newest EPSS feed.
    pub fn epss_model(&self) -> Option<EpssModel> {
        self.model.clone()
    }

    /// Every KEV entry, by CVE.
    pub fn kev_entries(&self) -> Result<Vec<KevEntry>, CatalogError> {
        let mut entries: Vec<KevEntry> = Vec::new();
        for column in self.newest_first(Section::Kev)? {
            entries.extend(self.kev_of(&column)?);
        }
        // Stable: of two feeds the newer stays first.
        entries.sort_by_key(|entry| entry.cve);
        entries.dedup_by_key(|entry| entry.cve);
        Ok(entries)
    }

    fn kev_of(&self, column: &Column<'_>) -> Result<Vec<KevEntry>, CatalogError> {
        let rows = column.ids()?.into_iter().enumerate();
        rows.map(|(row, cve)| read_kev(column, row, cve, self.strings()))
            .collect()
    }

    /// Every copy of every advisory with those of its feeds that are asked for; nothing of the others.
    pub(super) fn copies(
        &self,
        wanted: &dyn Fn(u32) -> bool,
    ) -> Result<Vec<(Vec<u32>, Advisory)>, CatalogError> {
        let mut all = Vec::new();
        for number in 0..super::wire::offset(self.advisory_count()) {
            let ix = AdvisoryIx(number);
            let (head, mut cursor) = self.advisory_head(ix)?;
            for _ in 0..head.copies {
                let copy = read_copy(&mut cursor, self.strings())?;
                let feeds: Vec<u32> = copy
                    .feeds
                    .iter()
                    .copied()
                    .filter(|&feed| wanted(feed))
                    .collect();
                if !feeds.is_empty() {
                    let affected = self.at_places(ix, &copy.places)?;
                    all.push((feeds, to_model(head.id, &copy, affected)));
                }
            }
        }
        Ok(all)
    }

    /// For each feed everything but its advisories.
    pub(super) fn fact_batches(&self) -> Result<Vec<(String, Batch)>, CatalogError> {
        let batch = |row: &FeedRow| Batch {
            as_of: row.info.as_of.filter(|_| row.as_of_stated),
            read: row.info.read,
            skipped: row.info.skipped.clone(),
            ..Batch::default()
        };
        let mut batches: Vec<(String, Batch)> = self
            .feeds
            .iter()
            .map(|row| (row.info.name.clone(), batch(row)))
            .collect();
        // Feeds of columns were checked when the catalog was opened.
        let mut of = |column: &Column<'_>, fill: &mut dyn FnMut(&mut Batch)| {
            batches
                .get_mut(column.feed as usize)
                .into_iter()
                .for_each(|(_, b)| fill(b))
        };
        for column in self.newest_first(Section::Kev)? {
            let mut entries = self.kev_of(&column)?;
            of(&column, &mut |batch| batch.kev.append(&mut entries));
        }
        for column in self.newest_first(Section::Epss)? {
            let rows = column.ids()?.into_iter().enumerate();
            let mut rows = rows
                .map(|(row, cve)| read_epss(&column, row, cve))
                .collect::<Result<Vec<_>, _>>()?;
            let model = read_model(&column)?;
            of(&column, &mut |batch| {
                batch.epss.append(&mut rows);
                batch.epss_model.clone_from(&model);
            });
        }
        for column in self.newest_first(Section::Cves)? {
            let rows = column.ids()?.into_iter().enumerate();
            let mut records = rows
                .map(|(row, cve)| read_cve(&column, row, cve, self.strings()))
                .collect::<Result<Vec<_>, _>>()?;
            of(&column, &mut |batch| batch.cves.append(&mut records));
        }
        Ok(batches)
    }

    fn section(&self, section: Section) -> &[u8] {
        self.layout.section(&self.bytes, section)
    }

    fn strings(&self) -> StringTable<'_> {
        StringTable {
            offsets: self.section(Section::StringOffsets),
            bytes: self.section(Section::Strings),
        }
    }

    fn feed_name(&self, feed: u32) -> Result<&str, CatalogError> {
        let row = self.feeds.get(feed as usize);
        row.map(|row| row.info.name.as_str())
            .ok_or(CatalogError::Damaged {
                section: Section::Advisories.name(),
                what: "unknown feed",
            })
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

    /// The blocks of a section, that of the feed with the newest as-of date first, by name where dates are equal.
    fn newest_first(&self, section: Section) -> Result<Vec<Column<'_>>, CatalogError> {
        let mut columns = columns(self.section(section), section)?;
        if columns
            .iter()
            .any(|column| column.feed as usize >= self.feeds.len())
        {
            return Err(CatalogError::Damaged {
                section: section.name(),
                what: "unknown feed",
            });
        }
        columns
            .sort_by_key(|column| std::cmp::Reverse(self.feeds[column.feed as usize].info.as_of));
        Ok(columns)
    }

    fn advisory_head(&self, ix: AdvisoryIx) -> Result<(HeadView<'_>, Cursor<'_>), CatalogError> {
        if ix.0 as usize >= self.advisory_count() {
            return Err(CatalogError::NoSuchAdvisory(ix.0));
        }
        let at = u32_at(
            self.section(Section::AdvisoryOffsets),
            ix.0 as usize,
            Section::AdvisoryOffsets.name(),
        )?;
        let mut cursor = Cursor::new(
            self.section(Section::Advisories),
            at as usize,
            Section::Advisories.name(),
        );
        Ok((read_head(&mut cursor, self.strings())?, cursor))
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

    fn find_key(
        &self,
        ecosystem: &EcosystemRow,
        package: &str,
    ) -> Result<Option<KeyRow<'_>>, CatalogError> {
        let at = lower_bound(ecosystem.keys.clone(), |row| {
            Ok::<_, CatalogError>(self.key(row)?.package < package)
        })?;
        if at >= ecosystem.keys.end {
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
        super::entry::read_texts(&mut cursor, self.strings())
    }

    /// One candidate for each release; nothing is read if there is none.
    fn expand<'c>(
        &'c self,
        into: &mut Vec<Candidate<'c>>,
        advisory: AdvisoryIx,
        key: &KeyRow<'c>,
        releases: Vec<&'c str>,
        statement: Cursor<'c>,
    ) -> Result<(), CatalogError> {
        if releases.is_empty() {
            return Ok(());
        }
        let what = read_statement(statement, self.strings())?;
        into.extend(releases.into_iter().map(|ecosystem| Candidate {
            advisory,
            ecosystem,
            package: what.package.unwrap_or(key.package),
            ranges: what.ranges.clone(),
            versions: what.versions.clone(),
            except: what.except.clone(),
            scores: what.scores.clone(),
            vendor_state: what.vendor_state,
        }));
        Ok(())
    }

    fn at_places(
        &self,
        ix: AdvisoryIx,
        places: &[Place],
    ) -> Result<Vec<Candidate<'_>>, CatalogError> {
        let section = Section::Entries.name();
        let mut candidates = Vec::new();
        for place in places {
            let key = self.key(place.key as usize)?;
            let head = read_entry_head(
                &mut Cursor::new(key.entries, place.position as usize, section),
                section,
            )?;
            self.expand(
                &mut candidates,
                ix,
                &key,
                self.release_set(head.releases)?,
                head.rest,
            )?;
        }
        Ok(candidates)
    }

    fn read_feeds(&self) -> Result<Vec<FeedRow>, CatalogError> {
        let mut cursor = Cursor::new(self.section(Section::Feeds), 0, Section::Feeds.name());
        let count = cursor.count()?;
        (0..count).map(|_| read_feed(&mut cursor)).collect()
    }

    fn read_ecosystems(&self) -> Result<Vec<EcosystemRow>, CatalogError> {
        let mut cursor = Cursor::new(
            self.section(Section::Ecosystems),
            0,
            Section::Ecosystems.name(),
        );
        let (count, mut first) = (cursor.count()?, 0);
        let mut rows = Vec::new();
        for _ in 0..count {
            let name = read_inline(&mut cursor)?;
            let end = cursor.index()? as usize + first;
            let releases = super::entry::read_texts(&mut cursor, self.strings())?;
            rows.push(EcosystemRow {
                name,
                keys: first..end,
                releases: releases.into_iter().map(str::to_owned).collect(),
            });
            first = end;
        }
        Ok(rows)
    }
}

fn read_inline(cursor: &mut Cursor<'_>) -> Result<String, CatalogError> {
    let len = cursor.count()?;
    cursor.text(len).map(str::to_owned)
}

fn read_feed(cursor: &mut Cursor<'_>) -> Result<FeedRow, CatalogError> {
    let name = read_inline(cursor)?;
    let flags = cursor.byte()?;
    let as_of = (flags & 1 != 0).then(|| cursor.timestamp()).transpose()?;
    let (read, kept, reasons) = (cursor.varint()?, cursor.varint()?, cursor.count()?);
    let skipped = (0..reasons)
        .map(|_| Ok((read_inline(cursor)?, cursor.varint()?)))
        .collect::<Result<_, CatalogError>>()?;
    Ok(FeedRow {
        info: FeedInfo {
            name,
            as_of,
            read,
            kept,
            skipped,
        },
        as_of_stated: flags & 2 != 0,
    })
}

fn to_model(id: &str, copy: &CopyView<'_>, affected: Vec<Candidate<'_>>) -> Advisory {
    let own = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    Advisory {
        id: id.to_owned(),
        aliases: own(&copy.aliases),
        related: own(&copy.related),
        upstream: own(&copy.upstream),
        published: copy.published,
        modified: copy.modified,
        withdrawn: copy.withdrawn,
        summary: copy.summary.to_owned(),
        scores: copy.scores.iter().map(|s| s.to_model()).collect(),
        severity: copy.severity,
        informational: copy.informational.map(str::to_owned),
        affected: affected.into_iter().map(Candidate::into_model).collect(),
        references: own(&copy.references),
    }
}
