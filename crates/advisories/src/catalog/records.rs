//! "What is this advisory?": by number, or by any id it has or names.

use base::CveId;

use super::columns::lower_bound;
use super::content::HASH_BYTES;
use super::error::CatalogError;
use super::ids;
use super::layout::Section;
use super::part::Part;
use super::reader::Catalog;
use super::record::{HeadView, read_copy, read_head};
use super::view::{AdvisoryIx, AdvisoryView};
use super::wire::{Cursor, offset, u32_at};

impl Catalog {
    /// How many advisories there are, withdrawn ones included.
    pub fn advisory_count(&self) -> usize {
        self.numbers.len() as usize
    }

    /// The hash of what an advisory says, its dates left out: the same in every catalog in which it says the same.
    pub fn content(&self, ix: AdvisoryIx) -> Result<u64, CatalogError> {
        let (part, number) = self.locate(ix)?;
        let section = part.section(Section::Contents);
        let start = (number as usize).saturating_mul(HASH_BYTES);
        let mut cursor = Cursor::new(section, start, Section::Contents.name());
        Ok(u64::from(cursor.u32()?) | u64::from(cursor.u32()?) << 32)
    }

    /// The id of an advisory.
    pub fn id(&self, ix: AdvisoryIx) -> Result<&str, CatalogError> {
        let (part, number) = self.locate(ix)?;
        Ok(part.advisory_head(number)?.0.id)
    }

    /// The advisory with this very id.
    pub fn with_id(&self, id: &str) -> Result<Option<AdvisoryIx>, CatalogError> {
        let (at, is_here) = self.place_of(id)?;
        Ok(is_here.then_some(AdvisoryIx(at)))
    }

    /// The number of the first advisory whose id is not before this one, and whether it has it.
    pub(super) fn place_of(&self, id: &str) -> Result<(u32, bool), CatalogError> {
        let count = self.advisory_count();
        let at = lower_bound(0..count, |at| Ok(self.id(AdvisoryIx(offset(at)))? < id))?;
        let is_here = at < count && self.id(AdvisoryIx(offset(at)))? == id;
        Ok((offset(at), is_here))
    }

    /// Every advisory by its id, in order.
    pub(super) fn ids(&self) -> impl Iterator<Item = Result<(&str, AdvisoryIx), CatalogError>> {
        let numbers = (0..self.numbers.len()).map(AdvisoryIx);
        numbers.map(|ix| Ok((self.id(ix)?, ix)))
    }

    /// One advisory without what it affects.
    pub fn advisory(&self, ix: AdvisoryIx) -> Result<AdvisoryView<'_>, CatalogError> {
        let (part, number) = self.locate(ix)?;
        let (head, mut cursor) = part.advisory_head(number)?;
        let newest = read_copy(&mut cursor, part.strings())?;
        let mut feeds = newest.feeds;
        for _ in 1..head.copies {
            feeds.extend(read_copy(&mut cursor, part.strings())?.feeds);
        }
        feeds.sort_unstable();
        let feeds: Vec<&str> = feeds
            .into_iter()
            .map(|feed| part.feed_name(feed))
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
        self.find_among(id, |_| true)
    }

    /// The same among some; the others are not read.
    pub fn find_among(
        &self,
        id: &str,
        among: impl Fn(AdvisoryIx) -> bool,
    ) -> Result<Vec<AdvisoryIx>, CatalogError> {
        let (mut own, mut naming) = (Vec::new(), Vec::new());
        self.proposed(id, among, |ix, part, number| {
            let (head, mut cursor) = part.advisory_head(number)?;
            if head.id.eq_ignore_ascii_case(id) {
                own.push(ix);
                return Ok(());
            }
            let copy = read_copy(&mut cursor, part.strings())?;
            let mut named = [&copy.aliases, &copy.related, &copy.upstream]
                .into_iter()
                .flatten();
            if named.any(|name| name.eq_ignore_ascii_case(id)) {
                naming.push(ix);
            }
            Ok(())
        })?;
        own.sort_unstable();
        naming.sort_unstable();
        own.append(&mut naming);
        Ok(own)
    }

    /// Every advisory among some that is about this CVE ([`AdvisoryView::cves`]), by number; the others are not read.
    pub fn about(
        &self,
        cve: CveId,
        among: impl Fn(AdvisoryIx) -> bool,
    ) -> Result<Vec<AdvisoryIx>, CatalogError> {
        let mut found = Vec::new();
        self.proposed(&cve.to_string(), among, |ix, part, number| {
            let (_, mut cursor) = part.advisory_head(number)?;
            if read_copy(&mut cursor, part.strings())?.cves.contains(&cve) {
                found.push(ix);
            }
            Ok(())
        })?;
        found.sort_unstable();
        Ok(found)
    }

    /// Hands on what the index of ids proposes for one, with its file and its number there.
    fn proposed<'c>(
        &'c self,
        id: &str,
        among: impl Fn(AdvisoryIx) -> bool,
        mut take: impl FnMut(AdvisoryIx, &'c Part, u32) -> Result<(), CatalogError>,
    ) -> Result<(), CatalogError> {
        for (at, member) in self.members.iter().enumerate() {
            for number in ids::proposals(member.part.section(Section::Ids), id)? {
                if number >= member.part.advisory_count() {
                    return Err(CatalogError::NoSuchAdvisory(number));
                }
                if let Some(ix) = self.numbers.number(at, number).filter(|&ix| among(ix)) {
                    take(ix, &member.part, number)?;
                }
            }
        }
        Ok(())
    }
}

impl Part {
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
        number: u32,
    ) -> Result<(HeadView<'_>, Cursor<'_>), CatalogError> {
        if number >= self.advisory_count() {
            return Err(CatalogError::NoSuchAdvisory(number));
        }
        let at = u32_at(
            self.section(Section::AdvisoryOffsets),
            number as usize,
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
