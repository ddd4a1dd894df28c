//! Opening a catalog, and what it says of itself. The questions it answers stand in [`super::packages`], [`super::records`],
//! [`super::cves`] and [`super::updates`]: each is a binary search into a section and a short read, and nothing else is
//! touched.

use std::cmp::Reverse;
use std::fmt;
use std::fs::File;
use std::sync::Arc;

use jiff::Timestamp;

use super::columns::{Column, columns};
use super::error::CatalogError;
use super::facts::read_model;
use super::layout::Section;
use super::numbers::Numbers;
use super::part::{FeedRow, Part};
use super::view::{AdvisoryIx, FeedInfo};
use super::wire::offset;
use crate::model::{EpssModel, LOCAL};

/// An open catalog. Cheap to open; shared between threads by reference. It is one file, or several, the later laid over the
/// earlier ([`Catalog::overlaid`]). A clone shares the files.
#[derive(Clone)]
pub struct Catalog {
    pub(super) members: Vec<Member>,
    pub(super) numbers: Numbers,
    pub(super) feeds: Vec<FeedRow>,
    pub(super) model: Option<EpssModel>,
    pub(super) digest: String,
}

/// A file of a catalog.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) part: Arc<Part>,
    /// For each of its feeds the catalog's number.
    pub(super) feeds: Vec<u32>,
}

impl Member {
    /// Whether all that is in it a team says itself.
    pub(super) fn is_local(&self) -> bool {
        let mut feeds = self.part.feeds.iter();
        feeds.all(|feed| feed.info.name == LOCAL)
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Catalog").field(&self.digest()).finish()
    }
}

impl Catalog {
    /// Opens bytes in memory: checks the header and the section table.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, CatalogError> {
        Self::of(Part::from_bytes(bytes)?)
    }

    /// Maps an already opened file: checks the header and the section table.
    pub fn map(file: &File) -> Result<Self, CatalogError> {
        Self::of(Part::map(file)?)
    }

    fn of(part: Part) -> Result<Self, CatalogError> {
        let feeds = part.feeds.clone();
        let member = Member {
            feeds: (0..offset(feeds.len())).collect(),
            part: Arc::new(part),
        };
        let catalog = Self {
            numbers: Numbers::of_one(member.part.advisory_count()),
            digest: member.part.digest(),
            members: vec![member],
            feeds,
            model: None,
        };
        catalog.with_model()
    }

    /// With the model behind the scores of its newest EPSS feed.
    pub(super) fn with_model(self) -> Result<Self, CatalogError> {
        let model = match self.newest_first(Section::Epss)?.first() {
            Some(column) => read_model(column)?,
            None => None,
        };
        Ok(Self { model, ..self })
    }

    /// The digest over the whole content, from the header: `blake3:<hex>`. Of several files one over theirs.
    pub fn digest(&self) -> String {
        self.digest.clone()
    }

    /// Computes the digest of the content of each file and compares it with the header.
    pub fn verify(&self) -> Result<(), CatalogError> {
        self.members
            .iter()
            .try_for_each(|member| member.part.verify())
    }

    /// The file, of a catalog that is one.
    pub(super) fn only_part(&self) -> Result<&Part, CatalogError> {
        match &*self.members {
            [only] => Ok(&only.part),
            _ => Err(CatalogError::Overlaid),
        }
    }

    /// The newest as-of date of the feeds; never the clock. What a team says itself makes no catalog newer.
    pub fn built(&self) -> Option<Timestamp> {
        let feeds = self.feeds.iter().map(|feed| &feed.info);
        let of_others = feeds.filter(|feed| feed.name != LOCAL);
        of_others.filter_map(|feed| feed.as_of).max()
    }

    /// The feeds the catalog was made of, by name.
    pub fn feeds(&self) -> Vec<FeedInfo> {
        self.feeds.iter().map(|feed| feed.info.clone()).collect()
    }

    /// The file of an advisory, and its number there.
    pub(super) fn locate(&self, ix: AdvisoryIx) -> Result<(&Part, u32), CatalogError> {
        let place = self.numbers.locate(ix);
        let (part, number) = place.ok_or(CatalogError::NoSuchAdvisory(ix.0))?;
        Ok((&self.members[part].part, number))
    }

    /// The catalog's number of a file's feed.
    pub(super) fn feed_of(
        member: &Member,
        feed: u32,
        section: Section,
    ) -> Result<u32, CatalogError> {
        let number = member.feeds.get(feed as usize);
        number.copied().ok_or(CatalogError::Damaged {
            section: section.name(),
            what: "unknown feed",
        })
    }

    /// The blocks of a section by the name of their feed; of one feed that of the later file first.
    pub(super) fn columns(&self, section: Section) -> Result<Vec<Column<'_>>, CatalogError> {
        let mut all = Vec::new();
        for member in self.members.iter().rev() {
            for mut column in columns(&member.part, section)? {
                column.feed = Self::feed_of(member, column.feed, section)?;
                all.push(column);
            }
        }
        all.sort_by_key(|column| column.feed);
        Ok(all)
    }

    /// The same, that of the feed with the newest as-of date first.
    pub(super) fn newest_first(&self, section: Section) -> Result<Vec<Column<'_>>, CatalogError> {
        let mut columns = self.columns(section)?;
        columns.sort_by_key(|column| Reverse(self.feeds[column.feed as usize].info.as_of));
        Ok(columns)
    }
}
