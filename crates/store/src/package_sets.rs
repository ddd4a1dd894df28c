//! Package sets: the releases of a host, sorted, as a document by digest: how many there are, then each as its distance from the
//! one ahead. Hosts of one image share a set.

use std::collections::HashMap;

use base::Digest;
use fleet::release::ReleaseId;

use crate::connection::Tx;
use crate::content::{self, Document};
use crate::error::{Result, StoreError};
use crate::wire;

const TABLE: &str = "package_sets";
const VERSION: u8 = 1;

/// The document of a set; refused if it is not sorted, each once.
pub(crate) fn document(releases: &[ReleaseId]) -> Result<Document> {
    let mut distances = Vec::with_capacity(releases.len());
    let mut next = 0;
    for ReleaseId(id) in releases {
        let distance = u64::from(*id).checked_sub(next);
        distances.push(distance.ok_or_else(|| {
            StoreError::refused("the releases of a report are sorted, each once")
        })?);
        next = u64::from(*id) + 1;
    }
    Ok(Document::of(&wire::encode(VERSION, &distances)))
}

pub(crate) fn keep(tx: &Tx<'_>, documents: &[Document]) -> Result<()> {
    content::keep(tx, TABLE, documents)
}

/// The sets of these digests; those that are not there are left out.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn get(tx: &Tx<'_>, digests: &[Digest]) -> Result<HashMap<Digest, Vec<ReleaseId>>> {
    let found = content::fetch(tx, TABLE, digests)?;
    found
        .into_iter()
        .map(|(digest, bytes)| Ok((digest, releases(digest, &bytes)?)))
        .collect()
}

fn releases(digest: Digest, bytes: &[u8]) -> Result<Vec<ReleaseId>> {
    let damaged = |what: String| StoreError::damaged(format!("{TABLE} {digest}"), what);
    let distances: Vec<u64> = wire::decode(VERSION, bytes).map_err(|broken| damaged(broken.0))?;
    let mut next = 0_u64;
    let mut release = |distance: u64| {
        let id = next
            .checked_add(distance)
            .and_then(|id| u32::try_from(id).ok())?;
        next = u64::from(id) + 1;
        Some(ReleaseId(id))
    };
    let releases: Option<Vec<ReleaseId>> = distances.into_iter().map(&mut release).collect();
    releases.ok_or_else(|| damaged("a release has too high a number".to_owned()))
}
