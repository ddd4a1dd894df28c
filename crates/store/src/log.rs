//! The log: all that happened to the fleet, in order, and the audit chain over it. An entry, the rows that repeat it for reading
//! (reports, removals), and its link are written at once or not at all.

mod verify;

pub use verify::{Verdict, verify};

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use base::{Digest, HostId};
use fleet::change::{Change, Report, What};
use fleet::release::ReleaseId;
use jiff::Timestamp;

use crate::bounds::{KEY_BYTES, bounded, one_word};
use crate::chain::{Head, Link, NOTHING, Summary};
use crate::connection::Tx;
use crate::content::Document;
use crate::error::{Result, StoreError};
use crate::people::{self, PersonId};
use crate::reports::StoredReport;
use crate::sql::Insert;
use crate::value::{Kind, Row, Value, kept_moment};
use crate::wire::{self, HitTable, StoredWhat};
use crate::{package_sets, releases, reports};

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor<'a> {
    /// The program by itself: `import`, `agent`, `feeds`.
    Program(&'a str),
    /// Somebody.
    Person(PersonId),
}

/// `program:import`, `person:3`: without a name, which can be erased.
impl fmt::Display for Actor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(name) => write!(f, "program:{name}"),
            Self::Person(id) => write!(f, "person:{}", id.0),
        }
    }
}

/// The place in the log that the next entry gets, and its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Its place.
    pub sequence: u64,
    /// Its moment: the clock's, in whole microseconds, or that of the entry ahead if the clock went back.
    pub at: Timestamp,
}

/// An entry to be added.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'e> {
    /// Its moment, from [`next`].
    pub at: Timestamp,
    /// What happened.
    pub what: &'e What,
    /// What it did to findings.
    pub summary: Summary,
    /// Who did it.
    pub actor: Actor<'e>,
}

const LINK: &str = "sequence, at, kind, subject, opened, closed, reopened, transitions, body_digest, actor, previous, hash";

/// Where the next entry goes. Good for the transaction it was asked in.
///
/// # Errors
/// What the database says.
pub fn next(tx: &Tx<'_>, now: Timestamp) -> Result<Next> {
    let (sequence, last) = match last(tx)? {
        Some(link) => (link.sequence + 1, link.at),
        None => (1, Timestamp::MIN),
    };
    Ok(Next {
        sequence,
        at: kept_moment(now).max(last),
    })
}

/// Adds an entry. See [`append_all`].
///
/// # Errors
/// As there.
pub fn append(tx: &Tx<'_>, entry: &Entry<'_>) -> Result<Link> {
    let mut links = append_all(tx, std::slice::from_ref(entry))?;
    Ok(links.remove(0))
}

/// Adds entries in their order, and with each the report or removal it is. Its host, inventory and releases must be there.
///
/// # Errors
/// When one is earlier than the entry ahead of it, names what is not there, or what the database says.
pub fn append_all(tx: &Tx<'_>, entries: &[Entry<'_>]) -> Result<Vec<Link>> {
    let mut batch = Batch {
        last: last(tx)?,
        release_count: releases::count(tx)?,
        ..Batch::default()
    };
    for entry in entries {
        let actor = actor_text(tx, entry.actor)?;
        batch.take(entry, actor)?;
    }
    batch.write(tx)?;
    Ok(batch.links)
}

/// Entries after this one, at most so many, in order.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn read(tx: &Tx<'_>, after: u64, limit: u64) -> Result<Vec<Change>> {
    let sql = "SELECT sequence, at, body FROM log WHERE sequence > $1 ORDER BY sequence LIMIT $2";
    let rows = tx.query(sql, &[after.into(), limit.into()])?;
    let mut stored = Vec::with_capacity(rows.len());
    for row in &rows {
        let sequence = row.sequence(0)?;
        stored.push((
            sequence,
            row.moment(1)?,
            unpacked(sequence, row.blob(2)?)?.1,
        ));
    }
    let sets: Vec<Digest> = stored
        .iter()
        .filter_map(|(_, _, what)| set_of(what))
        .collect();
    let sets = package_sets::get(tx, &unique(sets))?;
    let change = |(sequence, at, what)| {
        Ok(Change {
            sequence,
            at,
            what: told(sequence, what, &sets)?,
        })
    };
    stored.into_iter().map(change).collect()
}

/// Links after this entry, at most so many, in order: what is handed out to be checked elsewhere.
///
/// # Errors
/// What the database says.
pub fn links(tx: &Tx<'_>, after: u64, limit: u64) -> Result<Vec<Link>> {
    let sql = format!("SELECT {LINK} FROM log WHERE sequence > $1 ORDER BY sequence LIMIT $2");
    tx.query(&sql, &[after.into(), limit.into()])?
        .iter()
        .map(|row| link(row, 0))
        .collect()
}

/// The newest entry's place and hash; of an empty log, 0 and zeros.
///
/// # Errors
/// What the database says.
pub fn head(tx: &Tx<'_>) -> Result<Head> {
    Ok(last(tx)?.map_or(
        Head {
            sequence: 0,
            hash: NOTHING,
        },
        |link| link.head(),
    ))
}

/// The newest entry that was known at a moment; 0 if none was.
///
/// # Errors
/// What the database says.
pub fn sequence_at(tx: &Tx<'_>, moment: Timestamp) -> Result<u64> {
    let row = tx.first(
        "SELECT MAX(sequence) FROM log WHERE at <= $1",
        &[moment.into()],
    )?;
    let sequence = row.map(|row| row.opt(0, Row::sequence)).transpose()?;
    Ok(sequence.flatten().unwrap_or(0))
}

fn last(tx: &Tx<'_>) -> Result<Option<Link>> {
    let sql = format!("SELECT {LINK} FROM log ORDER BY sequence DESC LIMIT 1");
    tx.first(&sql, &[])?.map(|row| link(&row, 0)).transpose()
}

/// From twelve columns, the first of which is `first`.
fn link(row: &Row, first: usize) -> Result<Link> {
    Ok(Link {
        sequence: row.sequence(first)?,
        at: row.moment(first + 1)?,
        kind: row.text(first + 2)?,
        subject: row.text(first + 3)?,
        summary: Summary {
            opened: row.sequence(first + 4)?,
            closed: row.sequence(first + 5)?,
            reopened: row.sequence(first + 6)?,
            transitions: row.digest(first + 7)?,
        },
        body: row.digest(first + 8)?,
        actor: row.text(first + 9)?,
        previous: row.digest(first + 10)?,
        hash: row.digest(first + 11)?,
    })
}

fn actor_text(tx: &Tx<'_>, actor: Actor<'_>) -> Result<String> {
    match actor {
        Actor::Program(name) => Ok(format!(
            "program:{}",
            one_word("the name of a program", name)?
        )),
        Actor::Person(id) => {
            let person = people::get(tx, id)?;
            let person = person
                .ok_or_else(|| StoreError::refused(format!("no person has the number {}", id.0)))?;
            Ok(format!("person:{}:{}", id.0, person.digest))
        }
    }
}

/// Entries on their way into the tables.
#[derive(Default)]
struct Batch {
    last: Option<Link>,
    release_count: u64,
    links: Vec<Link>,
    bodies: Vec<Vec<u8>>,
    sets: BTreeMap<Digest, Document>,
    reports: Vec<StoredReport>,
    removals: Vec<(u64, HostId)>,
}

impl Batch {
    fn take(&mut self, entry: &Entry<'_>, actor: String) -> Result<()> {
        let (sequence, earliest, previous) = match &self.last {
            Some(link) => (link.sequence + 1, link.at, link.hash),
            None => (1, Timestamp::MIN, NOTHING),
        };
        let at = kept_moment(entry.at);
        if at < earliest {
            return Err(StoreError::refused(format!(
                "an entry of {at} cannot follow one of {earliest}"
            )));
        }
        let what = self.stored(sequence, at, entry.what)?;
        let body = wire::encode(StoredWhat::VERSION, &what);
        let (kind, subject) = named(&what)?;
        let link = Link {
            sequence,
            at,
            kind,
            subject,
            summary: entry.summary,
            body: Digest::of(&body),
            actor,
            previous,
            hash: NOTHING,
        };
        let link = link.sealed();
        self.bodies.push(wire::pack(&body));
        self.links.push(link.clone());
        self.last = Some(link);
        Ok(())
    }

    fn stored(&mut self, sequence: u64, at: Timestamp, what: &What) -> Result<StoredWhat> {
        Ok(match what {
            What::Reported(report) => {
                StoredWhat::Reported(self.stored_report(sequence, at, report)?)
            }
            What::Removed(host) => {
                self.removals.push((sequence, *host));
                StoredWhat::Removed(*host)
            }
            What::Catalog(change) => {
                self.check_releases(change.releases.iter().map(|change| change.release))?;
                StoredWhat::Catalog(wire::StoredCatalog::of(change))
            }
            What::Act(act) => StoredWhat::Act(act.clone()),
        })
    }

    fn stored_report(
        &mut self,
        sequence: u64,
        at: Timestamp,
        report: &Report,
    ) -> Result<wire::StoredReport> {
        self.check_releases(report.releases.iter().copied())?;
        self.check_releases(report.evaluated.iter().map(|(id, _)| *id))?;
        bounded("the source of a report", &report.source, KEY_BYTES)?;
        let document = package_sets::document(&report.releases)?;
        let set = document.digest();
        self.sets.entry(set).or_insert(document);
        self.reports.push(StoredReport {
            host: report.host,
            sequence,
            seen_at: report.seen_at,
            at,
            source: report.source.clone(),
            inventory: report.inventory,
            package_set: set,
        });
        Ok(wire::StoredReport {
            host: report.host,
            seen_at: report.seen_at,
            source: report.source.clone(),
            inventory: report.inventory,
            set,
            evaluated: HitTable::of(report.evaluated.iter().map(|(id, hits)| (*id, &**hits))),
        })
    }

    fn check_releases(&self, mut ids: impl Iterator<Item = ReleaseId>) -> Result<()> {
        match ids.find(|id| u64::from(id.0) >= self.release_count) {
            Some(id) => Err(StoreError::refused(format!(
                "no release has the number {}",
                id.0
            ))),
            None => Ok(()),
        }
    }

    fn write(&mut self, tx: &Tx<'_>) -> Result<()> {
        let sets: Vec<Document> = std::mem::take(&mut self.sets).into_values().collect();
        package_sets::keep(tx, &sets)?;
        let bodies = std::mem::take(&mut self.bodies);
        let rows: Vec<Vec<Value>> = self
            .links
            .iter()
            .zip(bodies)
            .map(|(link, body)| log_row(link, body))
            .collect();
        tx.insert(
            &Insert {
                table: "log",
                columns: LOG_COLUMNS,
                or_else: "",
            },
            &rows,
        )?;
        reports::add(tx, &self.reports)?;
        let removal = |(sequence, host): &(u64, HostId)| vec![(*sequence).into(), host.0.into()];
        let removals: Vec<Vec<Value>> = self.removals.iter().map(removal).collect();
        let columns = &[("sequence", Kind::Int), ("host", Kind::Int)];
        tx.insert(
            &Insert {
                table: "removals",
                columns,
                or_else: "",
            },
            &removals,
        )?;
        Ok(())
    }
}

const LOG_COLUMNS: &[(&str, Kind)] = &[
    ("sequence", Kind::Int),
    ("at", Kind::Int),
    ("kind", Kind::Text),
    ("subject", Kind::Text),
    ("opened", Kind::Int),
    ("closed", Kind::Int),
    ("reopened", Kind::Int),
    ("transitions", Kind::Blob),
    ("body_digest", Kind::Blob),
    ("actor", Kind::Text),
    ("previous", Kind::Blob),
    ("hash", Kind::Blob),
    ("body", Kind::Blob),
];

fn log_row(link: &Link, body: Vec<u8>) -> Vec<Value> {
    vec![
        link.sequence.into(),
        link.at.into(),
        link.kind.as_str().into(),
        link.subject.as_str().into(),
        link.summary.opened.into(),
        link.summary.closed.into(),
        link.summary.reopened.into(),
        link.summary.transitions.into(),
        link.body.into(),
        link.actor.as_str().into(),
        link.previous.into(),
        link.hash.into(),
        body.into(),
    ]
}

/// Kind and subject, as the chain has them.
fn named(what: &StoredWhat) -> Result<(String, String)> {
    let (kind, subject) = match what {
        StoredWhat::Reported(report) => ("report", report.host.to_string()),
        StoredWhat::Removed(host) => ("removal", host.to_string()),
        StoredWhat::Catalog(change) => (
            "catalog",
            one_word("the digest of a catalog", &change.catalog)?.to_owned(),
        ),
        StoredWhat::Act(act) => (
            one_word("the kind of an act", &act.kind)?,
            act.subject.to_string(),
        ),
    };
    if matches!(what, StoredWhat::Act(_)) && matches!(kind, "report" | "removal" | "catalog") {
        return Err(StoreError::refused(format!("an act is not called {kind}")));
    }
    Ok((kind.to_owned(), subject))
}

/// The canonical bytes of an entry, and what they say.
fn unpacked(sequence: u64, packed: &[u8]) -> Result<(Vec<u8>, StoredWhat)> {
    let damaged = |broken: wire::Broken| {
        StoreError::damaged(format!("entry {sequence} of the log"), broken.0)
    };
    let body = wire::unpack(packed).map_err(damaged)?;
    let what = wire::decode(StoredWhat::VERSION, &body).map_err(damaged)?;
    Ok((body, what))
}

fn set_of(what: &StoredWhat) -> Option<Digest> {
    match what {
        StoredWhat::Reported(report) => Some(report.set),
        _ => None,
    }
}

fn unique(mut digests: Vec<Digest>) -> Vec<Digest> {
    digests.sort();
    digests.dedup();
    digests
}

/// What an entry says, with the releases of its set.
fn told(sequence: u64, what: StoredWhat, sets: &HashMap<Digest, Vec<ReleaseId>>) -> Result<What> {
    let damaged = |what: String| StoreError::damaged(format!("entry {sequence} of the log"), what);
    let damaged_by = |broken: wire::Broken| damaged(broken.0);
    Ok(match what {
        StoredWhat::Removed(host) => What::Removed(host),
        StoredWhat::Act(act) => What::Act(act),
        StoredWhat::Catalog(change) => What::Catalog(change.change().map_err(damaged_by)?),
        StoredWhat::Reported(report) => {
            let releases = sets.get(&report.set).cloned();
            What::Reported(Report {
                host: report.host,
                seen_at: report.seen_at,
                inventory: report.inventory,
                releases: releases
                    .ok_or_else(|| damaged(format!("its package set {} is missing", report.set)))?,
                evaluated: report.evaluated.evaluated().map_err(damaged_by)?,
                source: report.source,
            })
        }
    })
}
