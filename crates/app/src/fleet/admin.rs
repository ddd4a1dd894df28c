//! `admin`: copies of the store, and whether anything in it was altered.

use std::path::Path;

use base::Digest;
use store::backup;
pub use store::backup::Contents;
use store::log;
pub use store::log::Verdict;
use store::{Head, Link, documents};

use crate::error::{Failure, Result};
use crate::fleet::place::Place;

/// Links of the chain that are read at once.
const PAGE: u64 = 1_000;

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// What it is worth.
    pub verdict: Verdict,
    /// Heads that were stated elsewhere and are not in the log.
    pub missing: Vec<Digest>,
}

/// Writes the store into one file.
pub fn backup(place: &Place, to: &Path) -> Result<Contents> {
    let store = place.open()?;
    Ok(backup::backup(&store, to)?)
}

/// Puts a copy back into a store that is empty.
pub fn restore(place: &Place, from: &Path) -> Result<Contents> {
    let store = place.open()?;
    Ok(backup::restore(from, &store)?)
}

/// Tries a copy without touching any store.
pub fn try_restore(from: &Path) -> Result<Contents> {
    backup::verify(from, from, None).map_err(failed)
}

/// Checks the chain of the log, and every document of the store against its digest.
pub fn verify(place: &Place) -> Result<Contents> {
    let store = place.open()?;
    let (verdict, contents) = store
        .read(|tx| {
            let verdict = log::verify(tx, None)?;
            documents::check(tx)?;
            Ok((verdict, backup::contents(tx)?))
        })
        .map_err(failed)?;
    match verdict {
        Verdict::Verified(_) => Ok(contents),
        Verdict::Broken { at, why } => Err(Failure::verification(format!(
            "entry {at} of the log: {why}"
        ))
        .hint("restore a backup from before that (`daywatch admin restore FILE`)")),
    }
}

/// Checks the chain, and that it holds the heads that were stated elsewhere.
pub fn audit(place: &Place, heads: &[Digest]) -> Result<Audited> {
    let store = place.open()?;
    store
        .read(|tx| {
            let verdict = log::verify(tx, None)?;
            let mut missing = heads.to_vec();
            let mut after = 0;
            while !missing.is_empty() {
                let links = log::links(tx, after, PAGE)?;
                let Some(last) = links.last() else {
                    break;
                };
                after = last.sequence;
                missing.retain(|head| !links.iter().any(|link| link.hash == *head));
            }
            Ok(Audited { verdict, missing })
        })
        .map_err(Failure::from)
}

/// The links of the chain after an entry, at most a page of them.
pub fn links(place: &Place, after: u64) -> Result<Vec<Link>> {
    let store = place.open()?;
    Ok(store.read(|tx| log::links(tx, after, PAGE))?)
}

/// The head of the chain.
pub fn head(place: &Place) -> Result<Head> {
    let store = place.open()?;
    Ok(store.read(log::head)?)
}

fn failed(error: store::StoreError) -> Failure {
    let failure = Failure::from(error);
    Failure {
        kind: crate::error::Kind::Verification,
        ..failure
    }
}
