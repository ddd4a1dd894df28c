//! People who did something. Their names can be erased: what else refers to them has the number, and the chain the SHA-256 of a
//! salt and the name, which without the salt leads back to nobody.

use base::Digest;

use crate::bounds::{KEY_BYTES, bounded};
use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::value::{Row, Value, kept_text};

/// The number of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u32);

/// Somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their number.
    pub id: PersonId,
    /// What they are called; `None` once it is erased.
    pub name: Option<String>,
    /// SHA-256 of salt and name, as the chain has it.
    pub digest: Digest,
}

const SALT_BYTES: usize = 32;

/// The person of this name, known or new.
///
/// # Errors
/// When the name is empty or too long, and what the database says.
pub fn named(tx: &Tx<'_>, name: &str) -> Result<PersonId> {
    let name = kept_text(bounded("the name of a person", name.trim(), KEY_BYTES)?);
    let name = name.as_str();
    if name.is_empty() {
        return Err(StoreError::refused("a person has a name"));
    }
    if let Some(row) = tx.first(
        "SELECT id FROM people WHERE name = $1 ORDER BY id",
        &[name.into()],
    )? {
        return row.id(0).map(PersonId);
    }
    let id = tx.number("SELECT COALESCE(MAX(id) + 1, 1) FROM people", &[])?;
    let salt = salt()?;
    tx.execute(
        "INSERT INTO people (id, name, salt, digest) VALUES ($1, $2, $3, $4)",
        &[
            id.into(),
            name.into(),
            salt.clone().into(),
            salted(&salt, name.as_bytes()).into(),
        ],
    )?;
    u32::try_from(id)
        .map(PersonId)
        .map_err(|_| StoreError::refused("there are too many people"))
}

/// Everybody, by number.
///
/// # Errors
/// What the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<Person>> {
    let rows = tx.query("SELECT id, name, digest FROM people ORDER BY id", &[])?;
    rows.iter().map(person).collect()
}

/// One of them.
///
/// # Errors
/// What the database says.
pub fn get(tx: &Tx<'_>, id: PersonId) -> Result<Option<Person>> {
    let row = tx.first(
        "SELECT id, name, digest FROM people WHERE id = $1",
        &[id.0.into()],
    )?;
    row.as_ref().map(person).transpose()
}

/// Forgets the name and the salt; the chain stays as it is and can still be checked. Whether there was one to forget.
///
/// # Errors
/// What the database says.
pub fn erase(tx: &Tx<'_>, id: PersonId) -> Result<bool> {
    let sql = "UPDATE people SET name = NULL, salt = NULL WHERE id = $1 AND salt IS NOT NULL";
    Ok(tx.execute(sql, &[id.0.into()])? > 0)
}

/// The first whose name is not the one in the chain.
pub(crate) fn first_changed(tx: &Tx<'_>) -> Result<Option<PersonId>> {
    let none: &[Value] = &[];
    for row in tx.query(
        "SELECT id, name, salt, digest FROM people ORDER BY id",
        none,
    )? {
        let (name, salt) = (
            row.opt(1, Row::text)?,
            row.opt(2, |row, at| row.blob(at).map(<[u8]>::to_vec))?,
        );
        let is_so = match (name, salt) {
            (Some(name), Some(salt)) => salted(&salt, name.as_bytes()) == row.digest(3)?,
            (None, None) => true,
            _ => false,
        };
        if !is_so {
            return row.id(0).map(|id| Some(PersonId(id)));
        }
    }
    Ok(None)
}

fn person(row: &Row) -> Result<Person> {
    Ok(Person {
        id: PersonId(row.id(0)?),
        name: row.opt(1, Row::text)?,
        digest: row.digest(2)?,
    })
}

/// SHA-256 of the salt and what it hides.
pub(crate) fn salted(salt: &[u8], hidden: &[u8]) -> Digest {
    Digest::of(&[salt, hidden].concat())
}

/// Fresh, from the system.
pub(crate) fn salt() -> Result<Vec<u8>> {
    let mut salt = vec![0; SALT_BYTES];
    getrandom::fill(&mut salt).map_err(|error| {
        StoreError::refused(format!("the system gives no random bytes: {error}"))
    })?;
    Ok(salt)
}
