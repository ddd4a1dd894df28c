//! Everything a catalog holds, as the model again: what [`super::Builder::carry_over`] takes from it.

use std::ops::Range;

use rayon::prelude::*;

use super::columns::columns;
use super::cves::kev_of;
use super::error::CatalogError;
use super::facts::{read_cve, read_epss, read_model};
use super::layout::Section;
use super::part::{FeedRow, Part};
use super::reader::Catalog;
use super::record::{CopyView, read_copy};
use super::view::{AdvisoryIx, Candidate};
use crate::model::{Advisory, Batch, Exploited};

/// How many advisories are decoded at a time.
const CHUNK: u32 = 4096;

impl Part {
    /// The numbers of all advisories, in pieces that fit in memory as the model.
    pub(super) fn chunks(&self) -> impl Iterator<Item = Range<u32>> + use<> {
        let count = self.advisory_count();
        (0..count)
            .step_by(CHUNK as usize)
            .map(move |first| first..count.min(first + CHUNK))
    }

    /// Every copy of some advisories, with the feeds that carry it.
    pub(super) fn copies(
        &self,
        numbers: Range<u32>,
    ) -> Result<Vec<(Vec<u32>, Advisory)>, CatalogError> {
        let of_each = numbers.into_par_iter().map(|number| self.copies_of(number));
        Ok(of_each
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    fn copies_of(&self, number: u32) -> Result<Vec<(Vec<u32>, Advisory)>, CatalogError> {
        let (head, mut cursor) = self.advisory_head(number)?;
        let mut copies = Vec::new();
        for _ in 0..head.copies {
            let copy = read_copy(&mut cursor, self.strings())?;
            copy.feeds
                .iter()
                .try_for_each(|&feed| self.feed_name(feed).map(|_| ()))?;
            let affected = self.at_places(AdvisoryIx(number), &copy.places)?;
            let advisory = to_model(head.id, &copy, affected);
            copies.push((copy.feeds, advisory));
        }
        Ok(copies)
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
        for column in columns(self, Section::Kev)? {
            self.feed_name(column.feed)?;
            batches[column.feed as usize].1.kev = kev_of(&column)?;
        }
        for column in columns(self, Section::Epss)? {
            self.feed_name(column.feed)?;
            let batch = &mut batches[column.feed as usize].1;
            let rows = column.ids()?.into_iter().enumerate();
            batch.epss = rows
                .map(|(row, cve)| read_epss(&column, row, cve))
                .collect::<Result<_, _>>()?;
            batch.epss_model = read_model(&column)?;
        }
        for column in columns(self, Section::Cves)? {
            self.feed_name(column.feed)?;
            let rows = column.ids()?.into_iter().enumerate();
            let records = rows.map(|(row, cve)| read_cve(&column, row, cve));
            batches[column.feed as usize].1.cves = records.collect::<Result<_, _>>()?;
        }
        for (feed, updates) in self.all_updates()? {
            batches[feed].1.updates = updates;
        }
        Ok(batches)
    }
}

impl Catalog {
    /// A whole advisory as the model, with everything it affects.
    pub fn model(&self, ix: AdvisoryIx) -> Result<Advisory, CatalogError> {
        let (part, number) = self.locate(ix)?;
        let (head, mut cursor) = part.advisory_head(number)?;
        let copy = read_copy(&mut cursor, part.strings())?;
        Ok(to_model(head.id, &copy, self.affected(ix)?))
    }
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
        exploited: copy.exploited.map(|claim| Exploited {
            says: claim.says.to_owned(),
            since: claim.since,
        }),
        affected: affected.into_iter().map(Candidate::into_model).collect(),
        references: own(&copy.references),
    }
}
