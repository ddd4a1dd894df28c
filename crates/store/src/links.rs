//! Links that work once: to set up the first account, to take up an invitation, to set another password. By the SHA-256 of their
//! secret. They are not in backups.

use base::Digest;
use jiff::Timestamp;

use crate::accounts::AccountId;
use crate::bounds::one_word;
use crate::connection::Tx;
use crate::error::Result;
use crate::value::Row;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// SHA-256 of its secret.
    pub digest: Digest,
    /// What it is for, in the caller's word.
    pub purpose: String,
    /// Whose account it is about; `None` where it makes one.
    pub account: Option<AccountId>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// When it was used.
    pub used: Option<Timestamp>,
}

/// Makes one; earlier ones for the same purpose and account end.
///
/// # Errors
/// What the database says.
pub fn add(tx: &Tx<'_>, link: &Link) -> Result<()> {
    let purpose = one_word("the purpose of a link", &link.purpose)?;
    let account = link.account.map(|account| account.0);
    let sql = match account {
        Some(_) => "DELETE FROM links WHERE purpose = $1 AND account = $2",
        None => "DELETE FROM links WHERE purpose = $1 AND account IS NULL",
    };
    let mut values = vec![purpose.into()];
    values.extend(account.map(Into::into));
    tx.execute(sql, &values)?;
    tx.execute(
        "INSERT INTO links (digest, purpose, account, created, ends) VALUES ($1, $2, $3, $4, $5)",
        &[
            link.digest.into(),
            purpose.into(),
            account.into(),
            link.created.into(),
            link.ends.into(),
        ],
    )?;
    Ok(())
}

/// The link of a secret.
///
/// # Errors
/// What the database says.
pub fn get(tx: &Tx<'_>, digest: Digest) -> Result<Option<Link>> {
    let sql = "SELECT digest, purpose, account, created, ends, used FROM links WHERE digest = $1";
    tx.first(sql, &[digest.into()])?
        .as_ref()
        .map(link)
        .transpose()
}

/// Uses one. Whether it could be: it is there, has not ended and was not used before. Of two who try at once, one is told so.
///
/// # Errors
/// What the database says.
pub fn take(tx: &Tx<'_>, digest: Digest, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE links SET used = $2 WHERE digest = $1 AND used IS NULL AND ends >= $2";
    Ok(tx.execute(sql, &[digest.into(), now.into()])? > 0)
}

fn link(row: &Row) -> Result<Link> {
    Ok(Link {
        digest: row.digest(0)?,
        purpose: row.text(1)?,
        account: row.opt(2, Row::id)?.map(AccountId),
        created: row.moment(3)?,
        ends: row.moment(4)?,
        used: row.opt(5, Row::moment)?,
    })
}
