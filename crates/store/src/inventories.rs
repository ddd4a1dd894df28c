//! Inventories: a host with everything that was read about it, without its name, as a document by digest. Hosts that have the same
//! share it.

use base::Digest;
use inventory::Host;

use crate::connection::Tx;
use crate::content::{self, Document};
use crate::error::{Result, StoreError};
use crate::wire::{self, StoredHost};

const TABLE: &str = "inventories";

/// The document of a host. Needs no store, and is most of the work of keeping one.
pub fn document(host: Host) -> Document {
    Document::of(&wire::encode(StoredHost::VERSION, &StoredHost::of(host)))
}

/// Keeps those that are not there.
///
/// # Errors
/// What the database says.
pub fn keep(tx: &Tx<'_>, documents: &[Document]) -> Result<()> {
    content::keep(tx, TABLE, documents)
}

/// The host of a document under this name; `None` if no such document was kept.
///
/// # Errors
/// When it is damaged, and what the database says.
pub fn get(tx: &Tx<'_>, digest: Digest, name: &str) -> Result<Option<Host>> {
    let found = content::fetch(tx, TABLE, &[digest])?;
    let Some((_, bytes)) = found.first() else {
        return Ok(None);
    };
    let stored: std::result::Result<StoredHost, _> = wire::decode(StoredHost::VERSION, bytes);
    let stored =
        stored.map_err(|broken| StoreError::damaged(format!("{TABLE} {digest}"), broken.0))?;
    Ok(Some(stored.named(name)))
}
