//! Checkpoints: the index as it was at an entry of the log, so that a start need not replay all. A cache: there is one at most, it
//! may be forgotten, and one that is damaged counts as none.

use base::{Digest, Limit};

use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::sql::Insert;
use crate::value::{Kind, Value};

/// What is kept of an index.
const CHECKPOINT_BYTES: Limit = Limit::new("checkpoint-bytes", 2 << 30);
/// Neither database likes a single value of hundreds of megabytes.
const PART_BYTES: usize = 4 << 20;

/// Keeps the index of an entry in place of the last.
///
/// # Errors
/// When it is too large, and what the database says.
pub fn put(tx: &Tx<'_>, sequence: u64, bytes: &[u8]) -> Result<()> {
    let size = bytes.len() as u64;
    if CHECKPOINT_BYTES.is_exceeded_by(size) {
        return Err(StoreError::TooLarge {
            what: "a checkpoint".to_owned(),
            size,
            limit: CHECKPOINT_BYTES,
        });
    }
    forget(tx)?;
    let sql = "INSERT INTO checkpoints (sequence, digest) VALUES ($1, $2)";
    tx.execute(sql, &[sequence.into(), Digest::of(bytes).into()])?;
    let columns = &[
        ("sequence", Kind::Int),
        ("part", Kind::Int),
        ("bytes", Kind::Blob),
    ];
    let insert = Insert {
        table: "checkpoint_parts",
        columns,
        or_else: "",
    };
    for (part, chunk) in (0_u64..).zip(bytes.chunks(PART_BYTES)) {
        let row: Vec<Value> = vec![sequence.into(), part.into(), chunk.to_vec().into()];
        tx.insert(&insert, &[row])?;
    }
    Ok(())
}

/// The index that is kept, and its entry; `None` if there is none or it is damaged.
///
/// # Errors
/// What the database says.
pub fn latest(tx: &Tx<'_>) -> Result<Option<(u64, Vec<u8>)>> {
    let sql = "SELECT sequence, digest FROM checkpoints ORDER BY sequence DESC LIMIT 1";
    let Some(row) = tx.first(sql, &[])? else {
        return Ok(None);
    };
    let (sequence, digest) = (row.sequence(0)?, row.digest(1)?);
    let mut bytes = Vec::new();
    let sql = "SELECT bytes FROM checkpoint_parts WHERE sequence = $1 ORDER BY part";
    tx.each(sql, &[sequence.into()], |row| {
        bytes.extend_from_slice(row.blob(0)?);
        Ok(())
    })?;
    Ok((Digest::of(&bytes) == digest).then_some((sequence, bytes)))
}

/// Keeps none.
///
/// # Errors
/// What the database says.
pub fn forget(tx: &Tx<'_>) -> Result<()> {
    tx.execute("DELETE FROM checkpoint_parts", &[])?;
    tx.execute("DELETE FROM checkpoints", &[])?;
    Ok(())
}
