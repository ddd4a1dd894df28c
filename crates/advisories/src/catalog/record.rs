//! An advisory in the file: its id and the copies of it that feeds carry, the one that counts first.
//!
//! ```text
//! id
//! copies   varint; then how many of them are equally new (they count together)
//! a copy:
//!   feeds    counted list of feed numbers
//!   flags    varint: which of the fields follow; bits 11-13 severity, 14 exploited
//!   fields   in the order of the flags
//!   places   counted list of (key: difference to the one before, position of the entry within the key)
//! ```

use base::{CveId, Severity};
use jiff::Timestamp;

use super::entry::{put_scores, read_scores, read_texts};
use super::error::CatalogError;
use super::merge::Variant;
use super::strings::{StringTable, Symbol, TextWriter};
use super::view::{CvssVectorView, ExploitedView};
use super::wire::{Cursor, put_count, put_date, put_timestamp, put_varint};

const PUBLISHED: u64 = 1;
const MODIFIED: u64 = 1 << 1;
const WITHDRAWN: u64 = 1 << 2;
const ALIASES: u64 = 1 << 3;
const RELATED: u64 = 1 << 4;
const UPSTREAM: u64 = 1 << 5;
const SUMMARY: u64 = 1 << 6;
const SCORES: u64 = 1 << 7;
const REFERENCES: u64 = 1 << 8;
const CVES: u64 = 1 << 9;
const INFORMATIONAL: u64 = 1 << 10;
const SEVERITY_SHIFT: u32 = 11;
const SEVERITY_MASK: u64 = 7;
const EXPLOITED: u64 = 1 << 14;

/// Where an entry of a copy stands: its key, and the position in the bytes of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) key: u32,
    pub(super) position: u32,
}

/// Appends the head of an advisory.
pub(super) fn put_head(
    out: &mut Vec<u8>,
    texts: &mut TextWriter<'_>,
    id: Symbol,
    copies: usize,
    newest: usize,
) {
    texts.put(out, id);
    put_count(out, copies);
    put_count(out, newest);
}

/// Appends one copy.
pub(super) fn put_copy(
    out: &mut Vec<u8>,
    texts: &mut TextWriter<'_>,
    copy: &Variant,
    places: &[Place],
) {
    let Variant { feeds, advisory } = copy;
    let no_summary = texts.is_empty(advisory.summary);
    put_count(out, feeds.len());
    feeds.iter().for_each(|&feed| put_varint(out, feed.into()));
    let lists = [
        (ALIASES, &advisory.aliases),
        (RELATED, &advisory.related),
        (UPSTREAM, &advisory.upstream),
        (REFERENCES, &advisory.references),
    ];
    let times = [
        (PUBLISHED, advisory.published),
        (MODIFIED, advisory.modified),
        (WITHDRAWN, advisory.withdrawn),
    ];
    let flag = |on: bool, bit: u64| if on { bit } else { 0 };
    let flags = times
        .iter()
        .fold(0, |all, (bit, time)| all | flag(time.is_some(), *bit))
        | lists
            .iter()
            .fold(0, |all, (bit, list)| all | flag(!list.is_empty(), *bit))
        | flag(!no_summary, SUMMARY)
        | flag(advisory.informational.is_some(), INFORMATIONAL)
        | flag(!advisory.scores.is_empty(), SCORES)
        | flag(!advisory.cves.is_empty(), CVES)
        | flag(advisory.exploited.is_some(), EXPLOITED)
        | advisory.severity.map_or(0, |s| s as u64 + 1) << SEVERITY_SHIFT;
    put_varint(out, flags);
    times
        .into_iter()
        .filter_map(|(_, time)| time)
        .for_each(|time| put_timestamp(out, time));
    if !no_summary {
        texts.put(out, advisory.summary);
    }
    advisory
        .informational
        .into_iter()
        .for_each(|word| texts.put(out, word));
    if let Some((says, since)) = advisory.exploited {
        texts.put(out, says);
        out.push(u8::from(since.is_some()));
        since.into_iter().for_each(|date| put_date(out, date));
    }
    if !advisory.scores.is_empty() {
        put_scores(out, texts, &advisory.scores);
    }
    for (_, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        put_count(out, list.len());
        list.iter().for_each(|&text| texts.put(out, text));
    }
    if !advisory.cves.is_empty() {
        put_count(out, advisory.cves.len());
        advisory.cves.iter().for_each(|&cve| put_cve(out, cve));
    }
    put_places(out, places);
}

fn put_cve(out: &mut Vec<u8>, cve: CveId) {
    put_varint(out, cve.year().into());
    put_varint(out, cve.number().into());
}

fn put_places(out: &mut Vec<u8>, places: &[Place]) {
    put_count(out, places.len());
    let mut before = 0;
    for place in places {
        put_varint(out, (place.key - before).into());
        put_varint(out, place.position.into());
        before = place.key;
    }
}

/// The head of an advisory, read back.
pub(super) struct HeadView<'c> {
    pub(super) id: &'c str,
    pub(super) copies: usize,
    /// How many of the first copies are equally new.
    pub(super) newest: usize,
}

/// Reads what [`put_head`] wrote.
pub(super) fn read_head<'c>(
    cursor: &mut Cursor<'c>,
    strings: StringTable<'c>,
) -> Result<HeadView<'c>, CatalogError> {
    let id = strings.read(cursor)?;
    let (copies, newest) = (cursor.count()?, cursor.count()?);
    if newest == 0 || newest > copies {
        return Err(cursor.damaged("an advisory without a copy"));
    }
    Ok(HeadView { id, copies, newest })
}

/// One copy, read back.
pub(super) struct CopyView<'c> {
    pub(super) feeds: Vec<u32>,
    pub(super) published: Option<Timestamp>,
    pub(super) modified: Option<Timestamp>,
    pub(super) withdrawn: Option<Timestamp>,
    pub(super) severity: Option<Severity>,
    pub(super) summary: &'c str,
    pub(super) informational: Option<&'c str>,
    pub(super) exploited: Option<ExploitedView<'c>>,
    pub(super) scores: Vec<CvssVectorView<'c>>,
    pub(super) aliases: Vec<&'c str>,
    pub(super) related: Vec<&'c str>,
    pub(super) upstream: Vec<&'c str>,
    pub(super) references: Vec<&'c str>,
    pub(super) cves: Vec<CveId>,
    pub(super) places: Vec<Place>,
}

/// Reads what [`put_copy`] wrote.
pub(super) fn read_copy<'c>(
    cursor: &mut Cursor<'c>,
    strings: StringTable<'c>,
) -> Result<CopyView<'c>, CatalogError> {
    let feeds = cursor.count()?;
    let feeds = (0..feeds)
        .map(|_| cursor.index())
        .collect::<Result<_, _>>()?;
    let flags = cursor.varint()?;
    let has = |bit: u64| flags & bit != 0;
    let texts = |cursor: &mut Cursor<'c>, bit: u64| {
        if has(bit) {
            read_texts(cursor, strings)
        } else {
            Ok(Vec::new())
        }
    };
    let time = |cursor: &mut Cursor<'c>, bit: u64| has(bit).then(|| cursor.timestamp()).transpose();
    // Fields are read in the order they are named here, which is the order of the file.
    Ok(CopyView {
        feeds,
        severity: read_severity(flags >> SEVERITY_SHIFT & SEVERITY_MASK, cursor)?,
        published: time(cursor, PUBLISHED)?,
        modified: time(cursor, MODIFIED)?,
        withdrawn: time(cursor, WITHDRAWN)?,
        summary: if has(SUMMARY) {
            strings.read(cursor)?
        } else {
            ""
        },
        informational: if has(INFORMATIONAL) {
            Some(strings.read(cursor)?)
        } else {
            None
        },
        exploited: has(EXPLOITED)
            .then(|| read_exploited(cursor, strings))
            .transpose()?,
        scores: if has(SCORES) {
            read_scores(cursor, strings)?
        } else {
            Vec::new()
        },
        aliases: texts(cursor, ALIASES)?,
        related: texts(cursor, RELATED)?,
        upstream: texts(cursor, UPSTREAM)?,
        references: texts(cursor, REFERENCES)?,
        cves: if has(CVES) {
            read_cves(cursor)?
        } else {
            Vec::new()
        },
        places: read_places(cursor)?,
    })
}

fn read_exploited<'c>(
    cursor: &mut Cursor<'c>,
    strings: StringTable<'c>,
) -> Result<ExploitedView<'c>, CatalogError> {
    let says = strings.read(cursor)?;
    let has_since = cursor.byte()? != 0;
    let since = has_since.then(|| cursor.date()).transpose()?;
    Ok(ExploitedView { says, since })
}

fn read_severity(code: u64, cursor: &Cursor<'_>) -> Result<Option<Severity>, CatalogError> {
    match usize::try_from(code).ok().and_then(|c| c.checked_sub(1)) {
        None => Ok(None),
        Some(at) => Severity::ALL
            .get(at)
            .map(|&s| Some(s))
            .ok_or_else(|| cursor.damaged("unknown severity")),
    }
}

fn read_cves(cursor: &mut Cursor<'_>) -> Result<Vec<CveId>, CatalogError> {
    let count = cursor.count()?;
    let cve = |_| {
        let year = u16::try_from(cursor.varint()?)
            .map_err(|_| cursor.damaged("impossible year of a CVE"))?;
        Ok(CveId::new(year, cursor.index()?))
    };
    (0..count).map(cve).collect()
}

fn read_places(cursor: &mut Cursor<'_>) -> Result<Vec<Place>, CatalogError> {
    let count = cursor.count()?;
    let mut key = 0_u32;
    let place = |_| {
        key = cursor
            .index()?
            .checked_add(key)
            .ok_or_else(|| cursor.damaged("impossible package key"))?;
        Ok(Place {
            key,
            position: cursor.index()?,
        })
    };
    (0..count).map(place).collect()
}
