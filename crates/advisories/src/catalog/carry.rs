//! Everything a catalog holds, as the model again: what [`super::Builder::carry_over`] takes from it.

use super::columns::Column;
use super::error::CatalogError;
use super::facts::{read_cve, read_epss, read_model};
use super::layout::Section;
use super::reader::{Catalog, FeedRow};
use super::record::{CopyView, read_copy};
use super::view::{AdvisoryIx, Candidate};
use super::wire::offset;
use crate::model::{Advisory, Batch};

impl Catalog {
    /// Every copy of every advisory with those of its feeds that are asked for; nothing of the others.
    pub(super) fn copies(
        &self,
        wanted: &dyn Fn(u32) -> bool,
    ) -> Result<Vec<(Vec<u32>, Advisory)>, CatalogError> {
        let mut all = Vec::new();
        for number in 0..offset(self.advisory_count()) {
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
