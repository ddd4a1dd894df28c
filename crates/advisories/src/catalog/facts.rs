//! KEV entries, EPSS rows and CVE records as they stand in a block of [`super::columns`].

use base::CveId;
use jiff::Timestamp;

use super::columns::{Column, put_ids, put_records};
use super::entry::{put_scores, read_scores};
use super::error::CatalogError;
use super::packed::{PackedCve, PackedKev, PackedSsvc};
use super::strings::TextWriter;
use super::view::CvssVectorView;
use super::wire::{Cursor, put_count, put_date, put_timestamp};
use crate::model::{CveRecord, EpssModel, EpssRow, Exploitation, KevEntry, Ssvc};

/// Two bits for a fact that may be unknown.
const fn tristate(fact: Option<bool>) -> u8 {
    match fact {
        None => 0,
        Some(false) => 1,
        Some(true) => 2,
    }
}

const fn fact_of(code: u8) -> Option<bool> {
    match code & 3 {
        1 => Some(false),
        2 => Some(true),
        _ => None,
    }
}

/// The block of a feed's KEV entries.
pub(super) fn kev_block(texts: &mut TextWriter<'_>, rows: &[(CveId, PackedKev)]) -> Vec<u8> {
    let mut out = Vec::new();
    put_ids(
        &mut out,
        &rows.iter().map(|(cve, _)| *cve).collect::<Vec<_>>(),
    );
    let record = |(_, kev): &(CveId, PackedKev)| {
        let mut out = vec![tristate(kev.ransomware) | u8::from(kev.due.is_some()) << 2];
        put_date(&mut out, kev.added);
        kev.due.into_iter().for_each(|due| put_date(&mut out, due));
        [kev.vendor, kev.product, kev.name]
            .into_iter()
            .for_each(|text| texts.put(&mut out, text));
        out
    };
    put_records(&mut out, rows.iter().map(record));
    out
}

/// Reads a row of [`kev_block`].
pub(super) fn read_kev(
    column: &Column<'_>,
    row: usize,
    cve: CveId,
) -> Result<KevEntry, CatalogError> {
    let mut cursor = column.record(row)?;
    let flags = cursor.byte()?;
    let (added, due) = (
        cursor.date()?,
        (flags & 4 != 0).then(|| cursor.date()).transpose()?,
    );
    let mut text = || column.strings.read(&mut cursor).map(str::to_owned);
    Ok(KevEntry {
        cve,
        added,
        due,
        ransomware: fact_of(flags),
        vendor: text()?,
        product: text()?,
        name: text()?,
    })
}

/// The block of a feed's EPSS rows.
pub(super) fn epss_block(rows: &[EpssRow], model: Option<&EpssModel>) -> Vec<u8> {
    let mut out = Vec::new();
    put_ids(
        &mut out,
        &rows.iter().map(|row| row.cve).collect::<Vec<_>>(),
    );
    rows.iter()
        .for_each(|row| out.extend_from_slice(&row.score.to_bits().to_le_bytes()));
    rows.iter()
        .for_each(|row| out.extend_from_slice(&row.percentile.to_bits().to_le_bytes()));
    out.push(u8::from(model.is_some()) | u8::from(model.is_some_and(|m| m.date.is_some())) << 1);
    if let Some(model) = model {
        put_count(&mut out, model.version.len());
        out.extend_from_slice(model.version.as_bytes());
        model
            .date
            .into_iter()
            .for_each(|date| put_date(&mut out, date));
    }
    out
}

/// Reads a row of [`epss_block`].
pub(super) fn read_epss(
    column: &Column<'_>,
    row: usize,
    cve: CveId,
) -> Result<EpssRow, CatalogError> {
    Ok(EpssRow {
        cve,
        score: column.single(0, row)?,
        percentile: column.single(1, row)?,
    })
}

/// Reads the model of [`epss_block`].
pub(super) fn read_model(column: &Column<'_>) -> Result<Option<EpssModel>, CatalogError> {
    let mut cursor = column.after(2);
    let flags = cursor.byte()?;
    if flags & 1 == 0 {
        return Ok(None);
    }
    let len = cursor.count()?;
    let version = cursor.text(len)?.to_owned();
    let date = (flags & 2 != 0).then(|| cursor.date()).transpose()?;
    Ok(Some(EpssModel { version, date }))
}

const REJECTED: u8 = 1;
const HAS_PUBLISHED: u8 = 1 << 1;
const HAS_MODIFIED: u8 = 1 << 2;
const HAS_SSVC: u8 = 1 << 3;

/// The block of a feed's CVE records.
pub(super) fn cve_block(texts: &mut TextWriter<'_>, rows: &[(CveId, PackedCve)]) -> Vec<u8> {
    let mut out = Vec::new();
    put_ids(
        &mut out,
        &rows.iter().map(|(cve, _)| *cve).collect::<Vec<_>>(),
    );
    put_records(
        &mut out,
        rows.iter().map(|(_, record)| cve_record(texts, record)),
    );
    out
}

fn cve_record(texts: &mut TextWriter<'_>, record: &PackedCve) -> Vec<u8> {
    let flag = |on: bool, bit: u8| if on { bit } else { 0 };
    let mut out = vec![
        flag(record.rejected, REJECTED)
            | flag(record.published.is_some(), HAS_PUBLISHED)
            | flag(record.modified.is_some(), HAS_MODIFIED)
            | flag(record.ssvc.is_some(), HAS_SSVC),
    ];
    [record.published, record.modified]
        .into_iter()
        .flatten()
        .for_each(|time| put_timestamp(&mut out, time));
    texts.put(&mut out, record.summary);
    put_scores(&mut out, texts, &record.scores);
    record
        .ssvc
        .into_iter()
        .for_each(|ssvc| put_ssvc(&mut out, ssvc));
    out
}

fn put_ssvc(out: &mut Vec<u8>, (at, exploitation, automatable, total_impact): PackedSsvc) {
    let exploitation = match exploitation {
        None => 0,
        Some(Exploitation::None) => 1,
        Some(Exploitation::Poc) => 2,
        Some(Exploitation::Active) => 3,
    };
    out.push(
        exploitation
            | tristate(automatable) << 2
            | tristate(total_impact) << 4
            | u8::from(at.is_some()) << 6,
    );
    at.into_iter().for_each(|time| put_timestamp(out, time));
}

/// Reads a row of [`cve_block`].
pub(super) fn read_cve<'c>(
    column: &Column<'c>,
    row: usize,
    cve: CveId,
) -> Result<CveRecord, CatalogError> {
    let mut cursor = column.record(row)?;
    let cursor = &mut cursor;
    let flags = cursor.byte()?;
    let time = |cursor: &mut Cursor<'c>, bit: u8| {
        (flags & bit != 0).then(|| cursor.timestamp()).transpose()
    };
    Ok(CveRecord {
        cve,
        rejected: flags & REJECTED != 0,
        published: time(cursor, HAS_PUBLISHED)?,
        modified: time(cursor, HAS_MODIFIED)?,
        summary: column.strings.read(cursor)?.to_owned(),
        scores: read_scores(cursor, column.strings)?
            .into_iter()
            .map(CvssVectorView::to_model)
            .collect(),
        ssvc: (flags & HAS_SSVC != 0)
            .then(|| read_ssvc(cursor))
            .transpose()?,
    })
}

fn read_ssvc(cursor: &mut Cursor<'_>) -> Result<Ssvc, CatalogError> {
    let code = cursor.byte()?;
    let at: Option<Timestamp> = (code & 1 << 6 != 0)
        .then(|| cursor.timestamp())
        .transpose()?;
    let exploitation = match code & 3 {
        1 => Some(Exploitation::None),
        2 => Some(Exploitation::Poc),
        3 => Some(Exploitation::Active),
        _ => None,
    };
    Ok(Ssvc {
        exploitation,
        automatable: fact_of(code >> 2),
        total_impact: fact_of(code >> 4),
        at,
    })
}
