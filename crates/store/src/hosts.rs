//! Hosts: a number that is never given again, a name, a kind, and whether it is still there. Which of them are one is in
//! [`answers`](crate::answers). Nothing is overwritten but the name people call it by; what it was called before is a fact like others
//! ([`facts`](crate::facts)).

use base::HostId;
use inventory::HostKind;

use crate::bounds::{KEY_BYTES, bounded};
use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::sql::Insert;
use crate::value::{Kind, Row, Value};

/// A host to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHost {
    /// What people call it.
    pub name: String,
    /// What it is.
    pub kind: HostKind,
}

/// A host as it stood at a place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownHost {
    /// Its number.
    pub id: HostId,
    /// What people call it now.
    pub name: String,
    /// What it is.
    pub kind: HostKind,
    /// The entry of the log with which it came.
    pub learned: u64,
    /// The entry that removed it, if no report came after.
    pub removed: Option<u64>,
}

/// Adds hosts; their numbers, in order.
///
/// # Errors
/// When a name is too long, and what the database says.
pub fn add(tx: &Tx<'_>, hosts: &[NewHost], learned: u64) -> Result<Vec<HostId>> {
    let first = tx.number("SELECT COALESCE(MAX(id) + 1, 0) FROM hosts", &[])?;
    let mut ids = Vec::with_capacity(hosts.len());
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(hosts.len());
    for (id, host) in (first..).zip(hosts) {
        let number = u32::try_from(id)
            .map_err(|_| StoreError::refused("there are more hosts than can be numbered"))?;
        ids.push(HostId(number));
        let name = bounded("the name of a host", &host.name, KEY_BYTES)?;
        rows.push(vec![
            id.into(),
            name.into(),
            host.kind.as_str().into(),
            learned.into(),
        ]);
    }
    let columns = &[
        ("id", Kind::Int),
        ("name", Kind::Text),
        ("kind", Kind::Text),
        ("learned", Kind::Int),
    ];
    tx.insert(
        &Insert {
            table: "hosts",
            columns,
            or_else: "",
        },
        &rows,
    )?;
    Ok(ids)
}

/// Every host that is known, in the order of their numbers.
///
/// # Errors
/// What the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<KnownHost>> {
    at(tx, u64::MAX)
}

/// Every host that was known at a place in the log, removed ones too.
///
/// # Errors
/// What the database says.
pub fn at(tx: &Tx<'_>, sequence: u64) -> Result<Vec<KnownHost>> {
    let mut hosts = Vec::new();
    let sql = format!("{AS_OF} WHERE h.learned <= $1 ORDER BY h.id");
    tx.each(&sql, &[sequence.into()], |row| {
        hosts.push(known(&row)?);
        Ok(())
    })?;
    Ok(hosts)
}

/// One of them, now.
///
/// # Errors
/// What the database says.
pub fn get(tx: &Tx<'_>, id: HostId) -> Result<Option<KnownHost>> {
    let sql = format!("{AS_OF} WHERE h.learned <= $1 AND h.id = $2");
    let row = tx.first(&sql, &[u64::MAX.into(), id.0.into()])?;
    row.as_ref().map(known).transpose()
}

/// Those that people call so, now; names are not unique.
///
/// # Errors
/// What the database says.
pub fn named(tx: &Tx<'_>, name: &str) -> Result<Vec<KnownHost>> {
    let sql = format!("{AS_OF} WHERE h.learned <= $1 AND h.name = $2 ORDER BY h.id");
    tx.query(&sql, &[u64::MAX.into(), name.into()])?
        .iter()
        .map(known)
        .collect()
}

/// Calls it otherwise.
///
/// # Errors
/// When it is not known or the name is too long, and what the database says.
pub fn rename(tx: &Tx<'_>, id: HostId, name: &str) -> Result<()> {
    let name = bounded("the name of a host", name, KEY_BYTES)?;
    let changed = tx.execute(
        "UPDATE hosts SET name = $1 WHERE id = $2",
        &[name.into(), id.0.into()],
    )?;
    match changed {
        0 => Err(unknown(id)),
        _ => Ok(()),
    }
}

/// A host is removed while no report came after the removal. The places in the log are compared, so that it holds at any of them.
const AS_OF: &str = "SELECT h.id, h.name, h.kind, h.learned,
  (SELECT MAX(x.sequence) FROM removals x WHERE x.host = h.id AND x.sequence <= $1 AND NOT EXISTS
    (SELECT 1 FROM reports r WHERE r.host = h.id AND r.sequence > x.sequence AND r.sequence <= $1))
  FROM hosts h";

fn known(row: &Row) -> Result<KnownHost> {
    let kind = row.text(2)?;
    let kinds = [HostKind::Machine, HostKind::Image, HostKind::Application];
    let kind = kinds.into_iter().find(|known| known.as_str() == kind);
    Ok(KnownHost {
        id: HostId(row.id(0)?),
        name: row.text(1)?,
        kind: kind.ok_or_else(|| StoreError::damaged("hosts", "a host is of no known kind"))?,
        learned: row.sequence(3)?,
        removed: row.opt(4, Row::sequence)?,
    })
}

pub(crate) fn unknown(id: HostId) -> StoreError {
    StoreError::refused(format!("no host has the number {id}"))
}
