//! Opening a catalog, and what it says of itself. The questions it answers stand in [`super::packages`], [`super::records`]
//! and [`super::cves`]: each is a binary search into a section and a short read, and nothing else is touched.

use std::fmt;
use std::fs::File;
use std::ops::Range;

use jiff::Timestamp;

use super::columns::{Column, columns};
use super::entry::read_texts;
use super::error::CatalogError;
use super::facts::read_model;
use super::layout::{Layout, Section, stored_digest, verify_digest};
use super::map::Bytes;
use super::strings::StringTable;
use super::view::FeedInfo;
use super::wire::Cursor;
use crate::model::EpssModel;

/// An open catalog. Cheap to open; shared between threads by reference.
pub struct Catalog {
    bytes: Bytes,
    layout: Layout,
    pub(super) feeds: Vec<FeedRow>,
    pub(super) ecosystems: Vec<EcosystemRow>,
    pub(super) model: Option<EpssModel>,
}

/// A feed and whether its as-of date was stated rather than taken from its records.
pub(super) struct FeedRow {
    pub(super) info: FeedInfo,
    pub(super) as_of_stated: bool,
}

/// An ecosystem and the rows of its keys.
pub(super) struct EcosystemRow {
    pub(super) name: String,
    pub(super) keys: Range<usize>,
    /// Ecosystem texts with their release.
    pub(super) releases: Vec<String>,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Catalog").field(&self.digest()).finish()
    }
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

    /// The whole file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The whole file, of a catalog that was opened from bytes without a copy.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        match self.bytes {
            Bytes::Owned(bytes) => bytes,
            mapped => mapped.to_vec(),
        }
    }

    /// The newest as-of date of the feeds; never the clock.
    pub fn built(&self) -> Option<Timestamp> {
        self.feeds.iter().filter_map(|feed| feed.info.as_of).max()
    }

    /// The feeds the catalog was made of, by name.
    pub fn feeds(&self) -> Vec<FeedInfo> {
        self.feeds.iter().map(|feed| feed.info.clone()).collect()
    }

    pub(super) fn section(&self, section: Section) -> &[u8] {
        self.layout.section(&self.bytes, section)
    }

    pub(super) fn strings(&self) -> StringTable<'_> {
        StringTable {
            offsets: self.section(Section::StringOffsets),
            bytes: self.section(Section::Strings),
        }
    }

    /// The blocks of a section, that of the feed with the newest as-of date first, by name where dates are equal.
    pub(super) fn newest_first(&self, section: Section) -> Result<Vec<Column<'_>>, CatalogError> {
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
        let (count, mut first) = (cursor.count()?, 0_usize);
        let mut rows = Vec::new();
        for _ in 0..count {
            let name = read_inline(&mut cursor)?;
            let end = first.saturating_add(cursor.index()? as usize);
            let releases = read_texts(&mut cursor, self.strings())?;
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
