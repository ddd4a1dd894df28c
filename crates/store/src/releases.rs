//! Releases: each gets a number, dense from 0, the same for ever. The state of Windows that a release may have in its situation is
//! a document of its own, since hundreds of releases share it.

use std::collections::HashMap;
use std::sync::Arc;

use base::Digest;
use fleet::release::{Release, ReleaseId};
use inventory::Windows;

use crate::connection::Tx;
use crate::content::{self, Document};
use crate::error::{Result, StoreError};
use crate::sql::{Insert, Lookup};
use crate::value::{Kind, Row, Value};
use crate::wire::{self, StoredRelease};

const SITUATIONS: &str = "situations";
/// Numbers are bits in bitmaps and go up to this.
const RELEASES_MAX: u64 = u32::MAX as u64;

/// The numbers of these releases, in their order; those that nobody had before get new ones.
///
/// # Errors
/// When there are more than fit, and what the database says.
pub fn intern(tx: &Tx<'_>, releases: &[Release]) -> Result<Vec<ReleaseId>> {
    let (spelt, situations) = spell(releases);
    let mut numbers = known(tx, &spelt)?;
    let first_new = count(tx)?;
    let mut added: Vec<Vec<Value>> = Vec::new();
    for (digest, bytes) in &spelt {
        let next = first_new + added.len() as u64;
        numbers.entry(*digest).or_insert_with(|| {
            added.push(vec![next.into(), (*digest).into(), bytes.clone().into()]);
            ReleaseId(u32::try_from(next).unwrap_or(u32::MAX))
        });
    }
    if first_new + added.len() as u64 > RELEASES_MAX {
        return Err(StoreError::refused(
            "there are more releases than can be numbered (4294967295)",
        ));
    }
    if !added.is_empty() {
        content::keep(tx, SITUATIONS, &situations)?;
        let columns = &[
            ("id", Kind::Int),
            ("digest", Kind::Blob),
            ("bytes", Kind::Blob),
        ];
        tx.insert(
            &Insert {
                table: "releases",
                columns,
                or_else: "",
            },
            &added,
        )?;
    }
    Ok(spelt.iter().map(|(digest, _)| numbers[digest]).collect())
}

/// All, in the order of their numbers.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<(ReleaseId, Release)>> {
    since(tx, ReleaseId(0))
}

/// Those from this number on, in order.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn since(tx: &Tx<'_>, first: ReleaseId) -> Result<Vec<(ReleaseId, Release)>> {
    let mut stored: Vec<(ReleaseId, StoredRelease)> = Vec::new();
    let sql = "SELECT id, digest, bytes FROM releases WHERE id >= $1 ORDER BY id";
    tx.each(sql, &[first.0.into()], |row| {
        stored.push(stored_release(&row)?);
        Ok(())
    })?;
    let mut digests: Vec<Digest> = stored
        .iter()
        .filter_map(|(_, release)| release.windows)
        .collect();
    digests.sort();
    digests.dedup();
    let windows = windows_of(tx, &digests)?;
    let complete = |(id, stored): (ReleaseId, StoredRelease)| {
        let state = stored.windows.map(|digest| {
            let state = windows.get(&digest).cloned();
            state.ok_or_else(|| {
                StoreError::damaged(format!("release {}", id.0), "its situation is missing")
            })
        });
        Ok((id, stored.with(state.transpose()?)))
    };
    stored.into_iter().map(complete).collect()
}

/// Looks at each, one at a time.
///
/// # Errors
/// The first that is damaged, and what the database says.
pub(crate) fn check(tx: &Tx<'_>) -> Result<()> {
    content::check(tx, SITUATIONS)?;
    tx.each("SELECT id, digest, bytes FROM releases", &[], |row| {
        stored_release(&row).map(|_| ())
    })
}

/// How many there are.
///
/// # Errors
/// What the database says.
pub fn count(tx: &Tx<'_>) -> Result<u64> {
    let next = tx.first("SELECT MAX(id) FROM releases", &[])?;
    let last = next
        .map(|row| row.opt(0, Row::sequence))
        .transpose()?
        .flatten();
    Ok(last.map_or(0, |id| id + 1))
}

/// Canonical bytes of each, and the documents of their situations, each once.
fn spell(releases: &[Release]) -> (Vec<(Digest, Vec<u8>)>, Vec<Document>) {
    let mut documents: Vec<Document> = Vec::new();
    // Releases of one host share the value, so looking at where it lies spares spelling it hundreds of times.
    let mut last: Option<(Arc<Windows>, Digest)> = None;
    let mut digest_of = |windows: &Arc<Windows>| match &last {
        Some((known, digest)) if Arc::ptr_eq(known, windows) => *digest,
        _ => {
            let document = Document::of(&wire::encode(
                StoredRelease::SITUATION_VERSION,
                windows.as_ref(),
            ));
            let digest = document.digest();
            last = Some((Arc::clone(windows), digest));
            documents.push(document);
            digest
        }
    };
    let mut spell = |release: &Release| {
        let windows = release.situation.windows.as_ref().map(&mut digest_of);
        let bytes = wire::encode(StoredRelease::VERSION, &StoredRelease::of(release, windows));
        (Digest::of(&bytes), bytes)
    };
    let spelt = releases.iter().map(&mut spell).collect();
    (spelt, documents)
}

fn known(tx: &Tx<'_>, spelt: &[(Digest, Vec<u8>)]) -> Result<HashMap<Digest, ReleaseId>> {
    let lookup = Lookup {
        table: "releases",
        columns: "digest, id",
        key: "digest",
        kind: Kind::Blob,
    };
    let keys: Vec<Value> = spelt.iter().map(|(digest, _)| (*digest).into()).collect();
    let rows = tx.lookup(&lookup, &keys)?;
    rows.iter()
        .map(|row| Ok((row.digest(0)?, ReleaseId(row.id(1)?))))
        .collect()
}

fn stored_release(row: &Row) -> Result<(ReleaseId, StoredRelease)> {
    let (id, bytes) = (row.id(0)?, row.blob(2)?);
    let place = || format!("release {id}");
    if Digest::of(bytes) != row.digest(1)? {
        return Err(StoreError::damaged(
            place(),
            "its bytes are not those of its digest",
        ));
    }
    let stored = wire::decode(StoredRelease::VERSION, bytes);
    Ok((
        ReleaseId(id),
        stored.map_err(|broken| StoreError::damaged(place(), broken.0))?,
    ))
}

fn windows_of(tx: &Tx<'_>, digests: &[Digest]) -> Result<HashMap<Digest, Arc<Windows>>> {
    let read = |(digest, bytes): (Digest, Vec<u8>)| {
        let windows: std::result::Result<Windows, _> =
            wire::decode(StoredRelease::SITUATION_VERSION, &bytes);
        let damaged =
            |broken: wire::Broken| StoreError::damaged(format!("situation {digest}"), broken.0);
        Ok((digest, Arc::new(windows.map_err(damaged)?)))
    };
    content::fetch(tx, SITUATIONS, digests)?
        .into_iter()
        .map(read)
        .collect()
}
