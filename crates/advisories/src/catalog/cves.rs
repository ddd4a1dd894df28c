//! "What is known of this CVE?": from the blocks of every feed that has KEV entries, EPSS rows or CVE records.

use std::cmp::Reverse;

use base::CveId;

use super::columns::Column;
use super::error::CatalogError;
use super::facts::{read_cve, read_epss, read_kev};
use super::layout::Section;
use super::reader::Catalog;
use super::view::CveFacts;
use crate::model::{CveRecord, EpssModel, KevEntry, Ssvc};

impl Catalog {
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
                .map(|(column, row)| read_kev(&column, row, cve))
                .transpose()?,
            record: self.cve_record(cve)?,
        })
    }

    /// The newest record; the scores of all feeds and the newest SSVC points, because no one source has them all.
    fn cve_record(&self, cve: CveId) -> Result<Option<CveRecord>, CatalogError> {
        let mut copies: Vec<(u32, CveRecord)> = Vec::new();
        for column in self.columns(Section::Cves)? {
            // Of one feed the later file has the word.
            if copies.last().is_none_or(|(feed, _)| *feed != column.feed)
                && let Some(row) = column.find(cve)?
            {
                copies.push((column.feed, read_cve(&column, row, cve)?));
            }
        }
        copies.sort_by_key(|(_, copy)| Reverse(copy.modified));
        let copies = copies.into_iter().map(|(_, copy)| copy);
        Ok(copies.reduce(|mut newest, older| {
            older.scores.into_iter().for_each(|score| {
                if !newest.scores.contains(&score) {
                    newest.scores.push(score);
                }
            });
            let at = |record: &Option<Ssvc>| record.as_ref().map(|ssvc| ssvc.at);
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
            entries.extend(kev_of(&column)?);
        }
        // Stable: of two feeds the newer stays first.
        entries.sort_by_key(|entry| entry.cve);
        entries.dedup_by_key(|entry| entry.cve);
        Ok(entries)
    }
}

/// Every entry of a block.
pub(super) fn kev_of(column: &Column<'_>) -> Result<Vec<KevEntry>, CatalogError> {
    let rows = column.ids()?.into_iter().enumerate();
    rows.map(|(row, cve)| read_kev(column, row, cve)).collect()
}
