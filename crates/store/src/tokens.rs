//! Tokens of programs that speak the public API, by the SHA-256 of their secret. A token may less than its account, never more.

use base::Digest;
use jiff::Timestamp;

use crate::accounts::AccountId;
use crate::bounds::{KEY_BYTES, TEXT_BYTES, bounded};
use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;

/// The number of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub u32);

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: TokenId,
    /// Whose.
    pub account: AccountId,
    /// What it is for.
    pub name: String,
    /// Words of roles, separated by spaces.
    pub roles: String,
    /// The owners whose hosts it sees, a line each; `None`: those its account sees.
    pub owners: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
    /// When somebody took it back.
    pub revoked: Option<Timestamp>,
}

/// A token to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// SHA-256 of its secret.
    pub digest: Digest,
    /// Whose.
    pub account: AccountId,
    /// What it is for.
    pub name: &'a str,
    /// Words of roles, separated by spaces.
    pub roles: &'a str,
    /// The owners whose hosts it sees, a line each.
    pub owners: Option<&'a str>,
    /// When.
    pub created: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
}

const COLUMNS: &str = "id, account, name, roles, owners, created, ends, last_used, revoked";

/// Makes one.
///
/// # Errors
/// When a text is too long, and what the database says.
pub fn add(tx: &Tx<'_>, new: &NewToken<'_>) -> Result<TokenId> {
    let owners = new.owners.map(|o| bounded("owners", o, TEXT_BYTES));
    let id = tx.number("SELECT COALESCE(MAX(id) + 1, 1) FROM tokens", &[])?;
    tx.execute(
        "INSERT INTO tokens (id, digest, account, name, roles, owners, created, ends) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            id.into(),
            new.digest.into(),
            new.account.0.into(),
            bounded("the name of a token", new.name, KEY_BYTES)?.into(),
            new.roles.into(),
            owners.transpose()?.into(),
            new.created.into(),
            new.ends.into(),
        ],
    )?;
    u32::try_from(id)
        .map(TokenId)
        .map_err(|_| StoreError::refused("there are too many tokens"))
}

/// The token of a secret.
///
/// # Errors
/// What the database says.
pub fn by_secret(tx: &Tx<'_>, digest: Digest) -> Result<Option<Token>> {
    let sql = format!("SELECT {COLUMNS} FROM tokens WHERE digest = $1");
    tx.first(&sql, &[digest.into()])?
        .as_ref()
        .map(token)
        .transpose()
}

/// Every token, by number; revoked ones too.
///
/// # Errors
/// What the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<Token>> {
    let rows = tx.query(&format!("SELECT {COLUMNS} FROM tokens ORDER BY id"), &[])?;
    rows.iter().map(token).collect()
}

/// Notes that one was used.
///
/// # Errors
/// What the database says.
pub fn touch(tx: &Tx<'_>, id: TokenId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE tokens SET last_used = $2 WHERE id = $1";
    tx.execute(sql, &[id.0.into(), now.into()])?;
    Ok(())
}

/// Takes one back.
///
/// # Errors
/// When it is not known or was taken back before, and what the database says.
pub fn revoke(tx: &Tx<'_>, id: TokenId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE tokens SET revoked = $2 WHERE id = $1 AND revoked IS NULL";
    match tx.execute(sql, &[id.0.into(), now.into()])? {
        0 => Err(StoreError::refused(format!(
            "there is no token {} that could be taken back",
            id.0
        ))),
        _ => Ok(()),
    }
}

fn token(row: &Row) -> Result<Token> {
    Ok(Token {
        id: TokenId(row.id(0)?),
        account: AccountId(row.id(1)?),
        name: row.text(2)?,
        roles: row.text(3)?,
        owners: row.opt(4, Row::text)?,
        created: row.moment(5)?,
        ends: row.moment(6)?,
        last_used: row.opt(7, Row::moment)?,
        revoked: row.opt(8, Row::moment)?,
    })
}
