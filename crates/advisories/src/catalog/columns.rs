//! Facts by CVE (KEV, EPSS, CVE records): one block a feed, rows sorted by CVE and found by binary search.
//!
//! ```text
//! section  u32 number of blocks; a block: feed u32, offset u32, length u32
//! block    u32 years, u32 rows; a year: year u32, first row u32; then the number of each CVE, u32
//!          then, for records: offset of each and the end, u32; the records
//!          or, for EPSS: score of each, percentile of each, IEEE 754 single; the model
//! ```
//!
//! EPSS is published with five decimals; a single keeps seven, so the printed value comes back.

use base::CveId;

use super::error::CatalogError;
use super::layout::Section;
use super::part::Part;
use super::strings::StringTable;
use super::wire::{Cursor, offset, put_u32, u32_at};

const BLOCK_ROW_BYTES: usize = 12;
const YEAR_BYTES: usize = 8;

/// Puts the blocks of the feeds that have one into a section.
pub(super) fn shelve(blocks: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    put_u32(&mut out, offset(blocks.len()));
    let mut at = 4 + blocks.len() * BLOCK_ROW_BYTES;
    for (feed, block) in blocks {
        put_u32(&mut out, *feed);
        put_u32(&mut out, offset(at));
        put_u32(&mut out, offset(block.len()));
        at += block.len();
    }
    blocks
        .iter()
        .for_each(|(_, block)| out.extend_from_slice(block));
    out
}

/// Starts a block with the ids of its rows, which are sorted and unique.
pub(super) fn put_ids(out: &mut Vec<u8>, ids: &[CveId]) {
    let mut years: Vec<(u16, u32)> = Vec::new();
    for (row, id) in ids.iter().enumerate() {
        if years.last().is_none_or(|&(year, _)| year != id.year()) {
            years.push((id.year(), offset(row)));
        }
    }
    put_u32(out, offset(years.len()));
    put_u32(out, offset(ids.len()));
    for (year, first) in years {
        put_u32(out, year.into());
        put_u32(out, first);
    }
    ids.iter().for_each(|id| put_u32(out, id.number()));
}

/// Ends a block with variable-length records.
pub(super) fn put_records(out: &mut Vec<u8>, records: impl Iterator<Item = Vec<u8>>) {
    let mut bytes = Vec::new();
    for record in records {
        put_u32(out, offset(bytes.len()));
        bytes.extend_from_slice(&record);
    }
    put_u32(out, offset(bytes.len()));
    out.extend_from_slice(&bytes);
}

/// One block of a section.
#[derive(Clone, Copy)]
pub(super) struct Column<'c> {
    section: &'static str,
    /// The texts of its file.
    pub(super) strings: StringTable<'c>,
    /// The number of its feed.
    pub(super) feed: u32,
    years: &'c [u8],
    numbers: &'c [u8],
    /// What follows the ids.
    payload: &'c [u8],
}

/// The blocks of a section of a file, in the order of their feeds.
pub(super) fn columns(part: &Part, section: Section) -> Result<Vec<Column<'_>>, CatalogError> {
    let bytes = part.section(section);
    let mut cursor = Cursor::new(bytes, 0, section.name());
    let count = cursor.u32()?;
    let mut found = Vec::new();
    for _ in 0..count {
        let (feed, start, len) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
        let block = Cursor::new(bytes, start as usize, section.name()).take(len as usize)?;
        found.push(Column::read(part, block, feed, section.name())?);
    }
    Ok(found)
}

impl<'c> Column<'c> {
    fn read(
        part: &'c Part,
        block: &'c [u8],
        feed: u32,
        section: &'static str,
    ) -> Result<Self, CatalogError> {
        let mut cursor = Cursor::new(block, 0, section);
        let (years, rows) = (cursor.u32()? as usize, cursor.u32()? as usize);
        let len = |count: usize, width: usize| count.saturating_mul(width);
        let years = cursor.take(len(years, YEAR_BYTES))?;
        let numbers = cursor.take(len(rows, 4))?;
        let payload = cursor.take(cursor.left())?;
        Ok(Self {
            section,
            strings: part.strings(),
            feed,
            years,
            numbers,
            payload,
        })
    }

    pub(super) const fn rows(&self) -> usize {
        self.numbers.len() / 4
    }

    fn year(&self, at: usize) -> Result<(u32, usize), CatalogError> {
        Ok((
            u32_at(self.years, at * 2, self.section)?,
            u32_at(self.years, at * 2 + 1, self.section)? as usize,
        ))
    }

    /// The row of a CVE.
    pub(super) fn find(&self, cve: CveId) -> Result<Option<usize>, CatalogError> {
        let years = self.years.len() / YEAR_BYTES;
        let at = lower_bound(0..years, |at| Ok(self.year(at)?.0 < u32::from(cve.year())))?;
        if at == years || self.year(at)?.0 != u32::from(cve.year()) {
            return Ok(None);
        }
        let first = self.year(at)?.1;
        let end = if at + 1 < years {
            self.year(at + 1)?.1
        } else {
            self.rows()
        };
        let row = lower_bound(first..end, |row| Ok(self.number(row)? < cve.number()))?;
        Ok(if row < end && self.number(row)? == cve.number() {
            Some(row)
        } else {
            None
        })
    }

    fn number(&self, row: usize) -> Result<u32, CatalogError> {
        u32_at(self.numbers, row, self.section)
    }

    /// Every CVE of the block, in order.
    pub(super) fn ids(&self) -> Result<Vec<CveId>, CatalogError> {
        let mut ids = Vec::with_capacity(self.rows());
        let years = self.years.len() / YEAR_BYTES;
        for at in 0..years {
            let (year, first) = self.year(at)?;
            let end = if at + 1 < years {
                self.year(at + 1)?.1
            } else {
                self.rows()
            };
            let year = u16::try_from(year).map_err(|_| self.damaged("impossible year of a CVE"))?;
            if first != ids.len() || end > self.rows() {
                return Err(self.damaged("years are not in order"));
            }
            for row in first..end {
                ids.push(CveId::new(year, self.number(row)?));
            }
        }
        Ok(ids)
    }

    /// Reads the record of a row.
    pub(super) fn record(&self, row: usize) -> Result<Cursor<'c>, CatalogError> {
        let (start, end) = (
            u32_at(self.payload, row, self.section)?,
            u32_at(self.payload, row + 1, self.section)?,
        );
        let records = self
            .payload
            .get((self.rows() + 1) * 4..)
            .ok_or_else(|| self.damaged("ends early"))?;
        let record = records
            .get(start as usize..end as usize)
            .ok_or_else(|| self.damaged("a record lies outside"))?;
        Ok(Cursor::new(record, 0, self.section))
    }

    /// The single of a row in one of the arrays after the ids.
    pub(super) fn single(&self, array: usize, row: usize) -> Result<f32, CatalogError> {
        u32_at(self.payload, array * self.rows() + row, self.section).map(f32::from_bits)
    }

    /// What follows `arrays` arrays of four bytes a row.
    pub(super) const fn after(&self, arrays: usize) -> Cursor<'c> {
        Cursor::new(self.payload, arrays * self.numbers.len(), self.section)
    }

    const fn damaged(&self, what: &'static str) -> CatalogError {
        CatalogError::Damaged {
            section: self.section,
            what,
        }
    }
}

/// The first index of a range for which `is_before` no longer holds.
pub(super) fn lower_bound<E>(
    range: std::ops::Range<usize>,
    mut is_before: impl FnMut(usize) -> Result<bool, E>,
) -> Result<usize, E> {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle)? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
