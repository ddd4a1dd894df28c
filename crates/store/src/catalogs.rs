//! Catalogs that held or were used: their digest, the feeds they were made of, and the name of the file that is kept, until it is
//! let go. Which of them held when is in the log.

use crate::bounds::{KEY_BYTES, bounded};
use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::feeds::{self, CatalogFeed};
use crate::value::Row;

/// A catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCatalog {
    /// The digest it names itself with.
    pub digest: String,
    /// The entry of the log with which we first used it.
    pub learned: u64,
    /// The kept file; `None` when it was let go.
    pub file: Option<String>,
    /// What it was made of, by name.
    pub feeds: Vec<CatalogFeed>,
}

/// Notes a catalog. One that is noted keeps what was noted first, and gets a file if it has none.
///
/// # Errors
/// When a text is too long, and what the database says.
pub fn note(tx: &Tx<'_>, catalog: &KnownCatalog) -> Result<()> {
    let digest = bounded("the digest of a catalog", &catalog.digest, KEY_BYTES)?;
    let file = catalog
        .file
        .as_deref()
        .map(|file| bounded("the file of a catalog", file, KEY_BYTES));
    let added = tx.execute(
        "INSERT INTO catalogs (digest, learned, file) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING",
        &[digest.into(), catalog.learned.into(), file.transpose()?.into()],
    )?;
    if added > 0 {
        return feeds::add(tx, digest, &catalog.feeds);
    }
    if let Some(file) = &catalog.file {
        let sql = "UPDATE catalogs SET file = $2 WHERE digest = $1 AND file IS NULL";
        tx.execute(sql, &[digest.into(), file.as_str().into()])?;
    }
    Ok(())
}

/// All, in the order we came to use them.
///
/// # Errors
/// What the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<KnownCatalog>> {
    let rows = tx.query(
        "SELECT digest, learned, file FROM catalogs ORDER BY learned, digest",
        &[],
    )?;
    rows.iter().map(|row| known(tx, row)).collect()
}

/// One of them.
///
/// # Errors
/// What the database says.
pub fn get(tx: &Tx<'_>, digest: &str) -> Result<Option<KnownCatalog>> {
    let row = tx.first(
        "SELECT digest, learned, file FROM catalogs WHERE digest = $1",
        &[digest.into()],
    )?;
    row.map(|row| known(tx, &row)).transpose()
}

/// Its file is not kept any longer; the name that was kept, so that the caller can remove it after the commit.
///
/// # Errors
/// When it is not known, and what the database says.
pub fn let_go(tx: &Tx<'_>, digest: &str) -> Result<Option<String>> {
    let catalog = get(tx, digest)?;
    let catalog = catalog
        .ok_or_else(|| StoreError::refused(format!("no catalog has the digest {digest}")))?;
    tx.execute(
        "UPDATE catalogs SET file = NULL WHERE digest = $1",
        &[digest.into()],
    )?;
    Ok(catalog.file)
}

fn known(tx: &Tx<'_>, row: &Row) -> Result<KnownCatalog> {
    let digest = row.text(0)?;
    Ok(KnownCatalog {
        learned: row.sequence(1)?,
        file: row.opt(2, Row::text)?,
        feeds: feeds::of(tx, &digest)?,
        digest,
    })
}
