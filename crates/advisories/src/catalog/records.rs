//! "What is this advisory?": by number, or by any id it has or names.

use super::content::HASH_BYTES;
use super::error::CatalogError;
use super::ids;
use super::layout::Section;
use super::reader::Catalog;
use super::record::{HeadView, read_copy, read_head};
use super::view::{AdvisoryIx, AdvisoryView};
use super::wire::{Cursor, offset, u32_at};

impl Catalog {
    /// How many advisories there are, withdrawn ones included.
    pub fn advisory_count(&self) -> usize {
        self.section(Section::AdvisoryOffsets).len() / 4
    }

    /// The hash of what an advisory says, its dates left out: the same in every catalog in which it says the same.
    pub fn content(&self, ix: AdvisoryIx) -> Result<u64, CatalogError> {
        let section = self.section(Section::Contents);
        let start = (ix.0 as usize).saturating_mul(HASH_BYTES);
        let mut cursor = Cursor::new(section, start, Section::Contents.name());
        Ok(u64::from(cursor.u32()?) | u64::from(cursor.u32()?) << 32)
    }

    /// Every advisory by its id, in order.
    pub(super) fn ids(&self) -> impl Iterator<Item = Result<(&str, AdvisoryIx), CatalogError>> {
        let numbers = (0..offset(self.advisory_count())).map(AdvisoryIx);
        numbers.map(|ix| Ok((self.advisory_head(ix)?.0.id, ix)))
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
            exploited: newest.exploited,
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

    pub(super) fn feed_name(&self, feed: u32) -> Result<&str, CatalogError> {
        let row = self.feeds.get(feed as usize);
        row.map(|row| row.info.name.as_str())
            .ok_or(CatalogError::Damaged {
                section: Section::Advisories.name(),
                what: "unknown feed",
            })
    }

    pub(super) fn advisory_head(
        &self,
        ix: AdvisoryIx,
    ) -> Result<(HeadView<'_>, Cursor<'_>), CatalogError> {
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
}
