//! Documents named by the SHA-256 of their canonical bytes: the same document is stored once, however many refer to it.

use base::Digest;

use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::sql::{Insert, Lookup};
use crate::value::{Kind, Value};
use crate::wire;

/// A document and its name, packed for the disk. Making one needs no store, so it can be done ahead of the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    digest: Digest,
    packed: Vec<u8>,
}

impl Document {
    pub(crate) fn of(canonical: &[u8]) -> Self {
        Self {
            digest: Digest::of(canonical),
            packed: wire::pack(canonical),
        }
    }

    /// SHA-256 of the canonical bytes.
    pub const fn digest(&self) -> Digest {
        self.digest
    }
}

/// Adds those that are not there.
pub(crate) fn keep(tx: &Tx<'_>, table: &str, documents: &[Document]) -> Result<()> {
    let insert = Insert {
        table,
        columns: &[("digest", Kind::Blob), ("bytes", Kind::Blob)],
        or_else: "ON CONFLICT (digest) DO NOTHING",
    };
    let row = |document: &Document| vec![document.digest.into(), document.packed.clone().into()];
    let rows: Vec<Vec<Value>> = documents.iter().map(row).collect();
    tx.insert(&insert, &rows)?;
    Ok(())
}

/// The canonical bytes of those that are there, in no order. Bytes that do not have their digest are damage.
pub(crate) fn fetch(
    tx: &Tx<'_>,
    table: &str,
    digests: &[Digest],
) -> Result<Vec<(Digest, Vec<u8>)>> {
    let lookup = Lookup {
        table,
        columns: "digest, bytes",
        key: "digest",
        kind: Kind::Blob,
    };
    let keys: Vec<Value> = digests.iter().map(|digest| (*digest).into()).collect();
    let rows = tx.lookup(&lookup, &keys)?;
    let bytes = |row: &crate::value::Row| {
        let digest = row.digest(0)?;
        Ok((digest, unpacked(table, digest, row.blob(1)?)?))
    };
    rows.iter().map(bytes).collect()
}

/// Looks at every document of a table, one at a time: whether its bytes are those of its digest.
pub(crate) fn check(tx: &Tx<'_>, table: &str) -> Result<()> {
    let sql = format!("SELECT digest, bytes FROM {table}");
    tx.each(&sql, &[], |row| {
        unpacked(table, row.digest(0)?, row.blob(1)?).map(|_| ())
    })
}

/// The bytes of a digest, checked against it.
pub(crate) fn unpacked(table: &str, digest: Digest, packed: &[u8]) -> Result<Vec<u8>> {
    let place = || format!("{table} {digest}");
    let bytes = wire::unpack(packed).map_err(|broken| StoreError::damaged(place(), broken.0))?;
    match Digest::of(&bytes) == digest {
        true => Ok(bytes),
        false => Err(StoreError::damaged(
            place(),
            "its bytes are not those of its digest",
        )),
    }
}
