//! Bytes of any kind by their SHA-256: a rules file as it was, a document that went out.

use base::{Digest, Limit};

use crate::connection::Tx;
use crate::content;
use crate::error::{Result, StoreError};
use crate::wire;

/// Larger ones belong beside the store.
const BLOB_BYTES: Limit = Limit::new("blob-bytes", 64 << 20);

/// Keeps bytes, once.
///
/// # Errors
/// When they are too many, and what the database says.
pub fn keep(tx: &Tx<'_>, bytes: &[u8]) -> Result<Digest> {
    let (digest, size) = (Digest::of(bytes), bytes.len() as u64);
    if BLOB_BYTES.is_exceeded_by(size) {
        return Err(StoreError::TooLarge {
            what: format!("the blob {digest}"),
            size,
            limit: BLOB_BYTES,
        });
    }
    tx.execute(
        "INSERT INTO blobs (digest, size, bytes) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING",
        &[digest.into(), size.into(), wire::pack(bytes).into()],
    )?;
    Ok(digest)
}

/// The bytes of a digest, if they were kept.
///
/// # Errors
/// When they are damaged, and what the database says.
pub fn get(tx: &Tx<'_>, digest: Digest) -> Result<Option<Vec<u8>>> {
    let row = tx.first(
        "SELECT bytes FROM blobs WHERE digest = $1",
        &[digest.into()],
    )?;
    row.map(|row| content::unpacked("blobs", digest, row.blob(0)?))
        .transpose()
}
