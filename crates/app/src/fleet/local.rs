//! The local advisories of the fleet: records with versions, laid over the catalog at hand, so that every question sees them
//! ([decision 051](../../../../docs/decisions/051-overlays.md)). As of an earlier moment those count that stood then.

use advisories::catalog::{Builder, Catalog};
use advisories::local::{FEED, Form, Local};
use advisories::model::{Advisory, Batch};
use fleet::finding::Finding;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::records::{self, Record, RecordKind};
use store::{Store, Tx, catalogs};

use crate::error::{Failure, Result};
use crate::fleet::place::Place;
use crate::fleet::state::refused;
use crate::fleet::view::View;
use crate::scan::damaged as damaged_catalog;

/// How the file of a catalog is called after its digest.
const FILE_END: &str = ".dwcat";

const SCHEMA: &str = "daywatch.local-advisory/1";

/// A version of an advisory, as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    at: Timestamp,
    by: String,
    form: Form,
}

/// An advisory of our own, with who said it when.
#[derive(Clone, Debug)]
pub struct Ours {
    /// The number of its record.
    pub number: u64,
    /// As it was filled in last.
    pub form: Form,
    /// As it is matched.
    pub local: Local,
    /// When it was made, and by whom.
    pub made: (Timestamp, String),
    /// When it was changed or withdrawn last, and by whom; `None` of one that stands as it was made.
    pub changed: Option<(Timestamp, String)>,
    /// It holds no longer.
    pub is_withdrawn: bool,
}

impl Ours {
    /// Whether it is one of the names of a finding.
    pub fn is_in(&self, finding: &Finding) -> bool {
        finding.id == self.form.id || finding.aliases.contains(&self.form.id)
    }

    /// `LOCAL-2026-1 is ours: 14:09, by on-call`; with the day where that is another one.
    pub fn mark(&self, now: Timestamp) -> String {
        let (at, by) = &self.made;
        let day = |at: Timestamp| at.strftime("%F").to_string();
        let pattern = if day(*at) == day(now) { "%R" } else { "%F %R" };
        format!(
            "{} is ours: {}Z, by {by}",
            self.form.id,
            at.strftime(pattern)
        )
    }
}

impl View {
    /// The local advisories that stood at the moment.
    pub fn local_advisories(&self) -> Result<Vec<Ours>> {
        let sequence = self.state.index.sequence();
        let all = self.store.read(|tx| all(tx, sequence))?;
        Ok(all.into_iter().filter(|one| !one.is_withdrawn).collect())
    }
}

/// The document of a version.
pub(super) fn to_bytes(form: &Form, at: Timestamp, by: &str) -> Vec<u8> {
    let wire = Wire {
        schema: SCHEMA.to_owned(),
        at,
        by: by.to_owned(),
        form: form.clone(),
    };
    serde_json::to_vec(&wire).expect("texts, numbers and lists of them are JSON")
}

/// Every local advisory that was known at a place in the log, withdrawn ones too, by number.
pub(super) fn all(tx: &Tx<'_>, sequence: u64) -> store::Result<Vec<Ours>> {
    let mut all = Vec::new();
    for number in 1.. {
        let history = records::history(tx, RecordKind::Advisory, number)?;
        if history.is_empty() {
            break;
        }
        let known = history.iter().filter(|record| record.learned <= sequence);
        let known: Vec<&Record> = known.collect();
        if let (Some(first), Some(last)) = (known.first(), known.last()) {
            all.push(ours(first, last)?);
        }
    }
    Ok(all)
}

fn ours(first: &Record, last: &Record) -> store::Result<Ours> {
    let (made, now) = (read(first)?, read(last)?);
    let local = now.form.check(now.at).map_err(|why| damaged(last, &why))?;
    Ok(Ours {
        number: last.number,
        form: now.form,
        local,
        made: (made.at, made.by),
        changed: (first.version != last.version).then_some((now.at, now.by)),
        is_withdrawn: last.is_withdrawn,
    })
}

/// What cannot be read is never taken for nothing: the answers would be others.
fn read(record: &Record) -> store::Result<Wire> {
    let wire: Wire =
        serde_json::from_slice(&record.body).map_err(|error| damaged(record, &error))?;
    match wire.schema == SCHEMA {
        true => Ok(wire),
        false => Err(damaged(record, &"it is of another version of Daywatch")),
    }
}

fn damaged(record: &Record, why: &dyn std::fmt::Display) -> store::StoreError {
    refused(format!(
        "local advisory {}, version {}, cannot be read: {why}",
        record.number, record.version
    ))
}

/// The catalog with the advisories laid over it that stood at a place in the log.
pub(super) fn laid(tx: &Tx<'_>, base: &Catalog, sequence: u64) -> store::Result<Catalog> {
    let all = all(tx, sequence)?;
    let standing = all.into_iter().filter(|one| !one.is_withdrawn);
    let advisories: Vec<_> = standing.map(|one| one.local.advisory).collect();
    if advisories.is_empty() {
        return Ok(base.clone());
    }
    let over = compiled(advisories).map_err(|failure| refused(failure.message))?;
    base.overlaid(&over, &[])
        .map_err(|error| refused(format!("the catalog could not be read: {error}")))
}

/// Local advisories as a catalog of their own.
pub(super) fn compiled(advisories: Vec<Advisory>) -> Result<Catalog> {
    let mut builder = Builder::new();
    let batch = Batch {
        read: advisories.len() as u64,
        advisories,
        ..Batch::default()
    };
    builder.add(FEED, batch);
    Catalog::from_bytes(builder.finish()).map_err(damaged_catalog)
}

/// The name under which the file of a catalog is noted.
pub(super) fn file_of(base: &Catalog) -> String {
    format!("{}{FILE_END}", base.digest())
}

/// The catalog of a digest that held at a place in the log: its file, with the local advisories of then laid over it.
pub(super) fn held(place: &Place, store: &Store, digest: &str, sequence: u64) -> Result<Catalog> {
    let known = store.read(|tx| catalogs::get(tx, digest))?;
    let file = known.and_then(|known| known.file);
    let base = file.as_deref().and_then(|file| file.strip_suffix(FILE_END));
    let base = place.catalog(base.unwrap_or(digest))?;
    if base.digest() == digest {
        return Ok(base);
    }
    let catalog = store.read(|tx| laid(tx, &base, sequence))?;
    match catalog.digest() == digest {
        true => Ok(catalog),
        false => Err(Failure::input(format!(
            "the catalog {digest} that held then cannot be put together again: {} with the local advisories of then is another",
            base.digest()
        ))
        .hint("ask with the version of Daywatch that was in use then, or about a later moment")),
    }
}
