//! One file of a catalog: opening it, its sections, and the two small tables that are read at once. Numbers of feeds and
//! advisories in it are its own.

use std::fs::File;
use std::ops::Range;

use jiff::Timestamp;

use super::entry::read_texts;
use super::error::CatalogError;
use super::layout::{Layout, Section, stored_digest, verify_digest};
use super::map::Bytes;
use super::strings::StringTable;
use super::view::FeedInfo;
use super::wire::{Cursor, offset};

/// A file, opened.
pub(super) struct Part {
    bytes: Bytes,
    layout: Layout,
    pub(super) feeds: Vec<FeedRow>,
    pub(super) ecosystems: Vec<EcosystemRow>,
}

/// A feed and whether its as-of date was stated rather than taken from its records.
#[derive(Clone)]
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

impl Part {
    /// Opens bytes in memory: checks the header and the section table.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Result<Self, CatalogError> {
        Self::open(Bytes::Owned(bytes))
    }

    /// Maps an already opened file: checks the header and the section table.
    pub(super) fn map(file: &File) -> Result<Self, CatalogError> {
        Self::open(Bytes::map(file)?)
    }

    fn open(bytes: Bytes) -> Result<Self, CatalogError> {
        let layout = Layout::read(&bytes)?;
        let mut part = Self {
            bytes,
            layout,
            feeds: Vec::new(),
            ecosystems: Vec::new(),
        };
        part.feeds = part.read_feeds()?;
        part.ecosystems = part.read_ecosystems()?;
        Ok(part)
    }

    /// The digest over the whole content, from the header.
    pub(super) fn digest(&self) -> String {
        stored_digest(&self.bytes)
    }

    /// Computes the digest of the content and compares it with the header.
    pub(super) fn verify(&self) -> Result<(), CatalogError> {
        verify_digest(&self.bytes)
    }

    /// The whole file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The whole file, without a copy where it was opened from bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        match self.bytes {
            Bytes::Owned(bytes) => bytes,
            mapped => mapped.to_vec(),
        }
    }

    /// The newest as-of date of the feeds.
    pub(super) fn built(&self) -> Option<Timestamp> {
        self.feeds.iter().filter_map(|feed| feed.info.as_of).max()
    }

    /// How many advisories there are, withdrawn ones included.
    pub(super) fn advisory_count(&self) -> u32 {
        offset(self.section(Section::AdvisoryOffsets).len() / 4)
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
