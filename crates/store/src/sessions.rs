//! Sessions of browsers, by the SHA-256 of the secret in their cookie. They are not in backups: who restores a store signs in again.

use base::Digest;
use jiff::Timestamp;

use crate::accounts::AccountId;
use crate::bounds::{TEXT_BYTES, bounded};
use crate::connection::Tx;
use crate::error::Result;
use crate::value::Row;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of its secret.
    pub digest: Digest,
    /// Whose.
    pub account: AccountId,
    /// With what it was opened: words such as `password totp`, separated by spaces.
    pub factors: String,
    /// The browser, as it says.
    pub client: String,
    /// When it was opened.
    pub created: Timestamp,
    /// When it was last used.
    pub seen: Timestamp,
    /// When it ends, used or not.
    pub ends: Timestamp,
}

const COLUMNS: &str = "digest, account, factors, client, created, seen, ends";

/// Opens one.
///
/// # Errors
/// What the database says.
pub fn open(tx: &Tx<'_>, session: &Session) -> Result<()> {
    tx.execute(
        "INSERT INTO sessions (digest, account, factors, client, created, seen, ends) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            session.digest.into(),
            session.account.0.into(),
            session.factors.as_str().into(),
            bounded("the name of a browser", &session.client, TEXT_BYTES)?.into(),
            session.created.into(),
            session.seen.into(),
            session.ends.into(),
        ],
    )?;
    Ok(())
}

/// The session of a secret.
///
/// # Errors
/// What the database says.
pub fn get(tx: &Tx<'_>, digest: Digest) -> Result<Option<Session>> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE digest = $1");
    tx.first(&sql, &[digest.into()])?
        .as_ref()
        .map(session)
        .transpose()
}

/// The sessions of an account, the oldest first.
///
/// # Errors
/// What the database says.
pub fn of(tx: &Tx<'_>, account: AccountId) -> Result<Vec<Session>> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE account = $1 ORDER BY created, digest");
    let rows = tx.query(&sql, &[account.0.into()])?;
    rows.iter().map(session).collect()
}

/// Notes that one was used.
///
/// # Errors
/// What the database says.
pub fn touch(tx: &Tx<'_>, digest: Digest, now: Timestamp) -> Result<()> {
    let sql = "UPDATE sessions SET seen = $2 WHERE digest = $1 AND seen < $2";
    tx.execute(sql, &[digest.into(), now.into()])?;
    Ok(())
}

/// Ends one.
///
/// # Errors
/// What the database says.
pub fn end(tx: &Tx<'_>, digest: Digest) -> Result<()> {
    tx.execute("DELETE FROM sessions WHERE digest = $1", &[digest.into()])?;
    Ok(())
}

/// Ends all of an account.
///
/// # Errors
/// What the database says.
pub fn end_all(tx: &Tx<'_>, account: AccountId) -> Result<u64> {
    tx.execute(
        "DELETE FROM sessions WHERE account = $1",
        &[account.0.into()],
    )
}

/// Forgets those that ended.
///
/// # Errors
/// What the database says.
pub fn forget_ended(tx: &Tx<'_>, now: Timestamp) -> Result<u64> {
    tx.execute("DELETE FROM sessions WHERE ends < $1", &[now.into()])
}

fn session(row: &Row) -> Result<Session> {
    Ok(Session {
        digest: row.digest(0)?,
        account: AccountId(row.id(1)?),
        factors: row.text(2)?,
        client: row.text(3)?,
        created: row.moment(4)?,
        seen: row.moment(5)?,
        ends: row.moment(6)?,
    })
}
