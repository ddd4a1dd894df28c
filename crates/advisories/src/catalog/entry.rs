//! An affected entry in the file: which advisory, for which releases, and what it says.
//!
//! ```text
//! advisory   varint, difference to the entry before it
//! releases   varint, number of the release set
//! length     varint, of the rest, so that an entry of other releases is stepped over unread
//! flags      varint: 0-1 number of ranges, 3 = a varint follows · 2 package differs from the key · 3 has versions · 4 has scores ·
//!            5 has exceptions · 6 has a component · 7 has updates · 8-10 vendor state
//! package, ranges, versions, exceptions, scores, component, updates
//! ```

use base::Kb;
use versions::{Event, Range};

use super::error::CatalogError;
use super::packed::{PackedScore, Statement, event_of, kind_of, state_of};
use super::strings::{StringTable, Symbol, TextWriter};
use super::view::CvssVectorView;
use super::wire::{Cursor, put_count, put_varint};
use crate::model::VendorState;

const MANY_RANGES: u64 = 3;
const OTHER_PACKAGE: u64 = 1 << 2;
const HAS_VERSIONS: u64 = 1 << 3;
const HAS_SCORES: u64 = 1 << 4;
const HAS_EXCEPT: u64 = 1 << 5;
const HAS_COMPONENT: u64 = 1 << 6;
const HAS_UPDATES: u64 = 1 << 7;
const STATE_SHIFT: u32 = 8;

/// Appends what an entry says; the package name is left out where it is the key's.
pub(super) fn put_statement(
    out: &mut Vec<u8>,
    texts: &mut TextWriter<'_>,
    statement: &Statement,
    key_package: Symbol,
) {
    let start = out.len();
    let body = &mut *out;
    let ranges = (statement.ranges.len() as u64).min(MANY_RANGES);
    let flag = |on: bool, bit: u64| if on { bit } else { 0 };
    put_varint(
        body,
        ranges
            | flag(statement.package != key_package, OTHER_PACKAGE)
            | flag(!statement.versions.is_empty(), HAS_VERSIONS)
            | flag(!statement.except.is_empty(), HAS_EXCEPT)
            | flag(!statement.scores.is_empty(), HAS_SCORES)
            | flag(statement.component.is_some(), HAS_COMPONENT)
            | u64::from(statement.state) << STATE_SHIFT
            | flag(!statement.updates.is_empty(), HAS_UPDATES),
    );
    if ranges == MANY_RANGES {
        put_count(body, statement.ranges.len());
    }
    if statement.package != key_package {
        texts.put(body, statement.package);
    }
    for range in &statement.ranges {
        put_varint(
            body,
            (range.events.len() as u64) << 2 | u64::from(range.kind),
        );
        range
            .events
            .iter()
            .for_each(|&(version, kind)| texts.put_tagged(body, version, kind.into(), 2));
    }
    for list in [&statement.versions, &statement.except] {
        if !list.is_empty() {
            put_count(body, list.len());
            list.iter().for_each(|&version| texts.put(body, version));
        }
    }
    if !statement.scores.is_empty() {
        put_scores(body, texts, &statement.scores);
    }
    statement
        .component
        .into_iter()
        .for_each(|component| texts.put(body, component));
    if !statement.updates.is_empty() {
        put_kbs(body, &statement.updates);
    }
    // The length goes before what it measures.
    let len = out.len() - start;
    put_count(out, len);
    let moved = out.len() - start - len;
    out[start..].rotate_right(moved);
}

/// Appends numbers of updates.
pub(super) fn put_kbs(out: &mut Vec<u8>, kbs: &[Kb]) {
    put_count(out, kbs.len());
    kbs.iter()
        .for_each(|kb| put_varint(out, kb.number().into()));
}

/// Reads what [`put_kbs`] wrote.
pub(super) fn read_kbs(cursor: &mut Cursor<'_>) -> Result<Vec<Kb>, CatalogError> {
    let count = cursor.count()?;
    (0..count).map(|_| cursor.index().map(Kb::new)).collect()
}

/// Appends CVSS vectors.
pub(super) fn put_scores(out: &mut Vec<u8>, texts: &mut TextWriter<'_>, scores: &[PackedScore]) {
    put_count(out, scores.len());
    for score in scores {
        texts.put(out, score.vector);
        texts.put(out, score.source);
    }
}

/// The part of an entry that decides whether the rest is read.
pub(super) struct EntryHead<'c> {
    /// The difference to the advisory of the entry before it.
    pub(super) advisory_delta: u32,
    /// The number of its release set.
    pub(super) releases: u32,
    /// What it says.
    pub(super) rest: Cursor<'c>,
}

/// Steps over one entry.
pub(super) fn read_head<'c>(
    cursor: &mut Cursor<'c>,
    section: &'static str,
) -> Result<EntryHead<'c>, CatalogError> {
    let (advisory_delta, releases) = (cursor.index()?, cursor.index()?);
    let len = cursor.count()?;
    let rest = Cursor::new(cursor.take(len)?, 0, section);
    Ok(EntryHead {
        advisory_delta,
        releases,
        rest,
    })
}

/// What an entry says, read back.
pub(super) struct StatementView<'c> {
    /// `None` where it is the key's.
    pub(super) package: Option<&'c str>,
    pub(super) ranges: Vec<Range<&'c str>>,
    pub(super) versions: Vec<&'c str>,
    pub(super) except: Vec<&'c str>,
    pub(super) scores: Vec<CvssVectorView<'c>>,
    pub(super) component: Option<&'c str>,
    pub(super) updates: Vec<Kb>,
    pub(super) vendor_state: Option<VendorState>,
}

/// Reads what [`put_statement`] wrote, from after its length.
pub(super) fn read_statement<'c>(
    mut cursor: Cursor<'c>,
    strings: StringTable<'c>,
) -> Result<StatementView<'c>, CatalogError> {
    let cursor = &mut cursor;
    let flags = cursor.varint()?;
    let ranges = match flags & MANY_RANGES {
        MANY_RANGES => cursor.count()?,
        few => few as usize,
    };
    let has = |bit: u64| flags & bit != 0;
    let list = |cursor: &mut Cursor<'c>, bit: u64| {
        if has(bit) {
            read_texts(cursor, strings)
        } else {
            Ok(Vec::new())
        }
    };
    // Fields are read in the order they are named here, which is the order of the file.
    Ok(StatementView {
        package: if has(OTHER_PACKAGE) {
            Some(strings.read(cursor)?)
        } else {
            None
        },
        ranges: (0..ranges)
            .map(|_| read_range(cursor, strings))
            .collect::<Result<_, _>>()?,
        versions: list(cursor, HAS_VERSIONS)?,
        except: list(cursor, HAS_EXCEPT)?,
        scores: if has(HAS_SCORES) {
            read_scores(cursor, strings)?
        } else {
            Vec::new()
        },
        component: if has(HAS_COMPONENT) {
            Some(strings.read(cursor)?)
        } else {
            None
        },
        updates: if has(HAS_UPDATES) {
            read_kbs(cursor)?
        } else {
            Vec::new()
        },
        vendor_state: state_of((flags >> STATE_SHIFT) as u8),
    })
}

fn read_range<'c>(
    cursor: &mut Cursor<'c>,
    strings: StringTable<'c>,
) -> Result<Range<&'c str>, CatalogError> {
    let head = cursor.varint()?;
    let kind = kind_of(head & 3).ok_or_else(|| cursor.damaged("unknown kind of range"))?;
    let count = usize::try_from(head >> 2).unwrap_or(usize::MAX);
    if count > cursor.left() {
        return Err(cursor.damaged("list is longer than its section"));
    }
    let event = |_| {
        let (version, code) = strings.read_tagged(cursor, 2)?;
        Ok(Event {
            kind: event_of(code),
            version,
        })
    };
    Ok(Range {
        kind,
        events: (0..count).map(event).collect::<Result<_, CatalogError>>()?,
    })
}

/// Reads a counted list of texts.
pub(super) fn read_texts<'c>(
    cursor: &mut Cursor<'c>,
    strings: StringTable<'c>,
) -> Result<Vec<&'c str>, CatalogError> {
    let count = cursor.count()?;
    (0..count).map(|_| strings.read(cursor)).collect()
}

/// Reads what [`put_scores`] wrote.
pub(super) fn read_scores<'c>(
    cursor: &mut Cursor<'c>,
    strings: StringTable<'c>,
) -> Result<Vec<CvssVectorView<'c>>, CatalogError> {
    let count = cursor.count()?;
    let score = |_| {
        Ok(CvssVectorView {
            vector: strings.read(cursor)?,
            source: strings.read(cursor)?,
        })
    };
    (0..count).map(score).collect()
}
