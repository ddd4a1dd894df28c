//! What hosts are told by: names, addresses, numbers of machines, each with who said so and since which entry of the log. One
//! identifier may be that of several hosts; which of them is meant is decided elsewhere. Those that stay with a machine are kept
//! once; of those that a later report replaces (addresses), the whole list is kept again when it is another one, so that learning
//! them in their order gives the directory of any place in the log.

use std::collections::{BTreeMap, BTreeSet};

use base::HostId;
use fleet::identity::{Identifier, IdentifierKind};

use crate::bounds::{KEY_BYTES, bounded};
use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::sql::{Insert, Lookup};
use crate::value::{Kind, Row, Value};

/// An identifier of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostIdentifier {
    /// Whose.
    pub host: HostId,
    /// The identifier.
    pub identifier: Identifier,
    /// Who said so: `agent`, `cmdb.csv`.
    pub source: String,
    /// The entry of the log with which we learned it.
    pub learned: u64,
}

const COLUMNS: &str = "host, kind, value, source, learned";

/// Adds what is not known of its host; how many were not. What one host is told by at one entry is given at once.
///
/// # Errors
/// When a text is too long, a host is not known, and what the database says.
pub fn learn(tx: &Tx<'_>, identifiers: &[HostIdentifier]) -> Result<u64> {
    let known = known(tx, identifiers)?;
    let mut incoming: BTreeMap<(HostId, u64), BTreeSet<&Identifier>> = BTreeMap::new();
    for it in identifiers.iter().filter(|it| is_replaced(it)) {
        let list = incoming.entry((it.host, it.learned)).or_default();
        list.insert(&it.identifier);
    }
    let is_new = |it: &&HostIdentifier| {
        let of_host = known.get(&it.host);
        if is_replaced(it) {
            let last = of_host.map(|known| known.replaced.iter().collect::<BTreeSet<_>>());
            return last.as_ref() != incoming.get(&(it.host, it.learned));
        }
        of_host.is_none_or(|known| !known.lasting.contains(&it.identifier))
    };
    let rows: Result<Vec<Vec<Value>>> = identifiers.iter().filter(is_new).map(row).collect();
    let insert = Insert {
        table: "identifiers",
        columns: &[
            ("host", Kind::Int),
            ("kind", Kind::Text),
            ("value", Kind::Text),
            ("source", Kind::Text),
            ("learned", Kind::Int),
        ],
        or_else: "ON CONFLICT (kind, value, host, learned) DO NOTHING",
    };
    tx.insert(&insert, &rows?)
}

/// All, in the order they are to be learned: by entry of the log, host and identifier.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<HostIdentifier>> {
    at(tx, u64::MAX)
}

/// All that were known at a place in the log, in the order they are to be learned.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn at(tx: &Tx<'_>, sequence: u64) -> Result<Vec<HostIdentifier>> {
    let mut all = Vec::new();
    let sql = format!("SELECT {COLUMNS} FROM identifiers WHERE learned <= $1");
    tx.each(&sql, &[sequence.into()], |row| {
        all.push(identifier(&row)?);
        Ok(())
    })?;
    sort(&mut all);
    Ok(all)
}

/// Those of one host, in the order we learned them.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn of_host(tx: &Tx<'_>, host: HostId) -> Result<Vec<HostIdentifier>> {
    let sql = format!("SELECT {COLUMNS} FROM identifiers WHERE host = $1");
    let rows = tx.query(&sql, &[host.0.into()])?;
    let mut found: Vec<HostIdentifier> = rows.iter().map(identifier).collect::<Result<_>>()?;
    sort(&mut found);
    Ok(found)
}

/// The hosts that were ever told by this one.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn find(tx: &Tx<'_>, identifier: &Identifier) -> Result<Vec<HostId>> {
    let sql = "SELECT DISTINCT host FROM identifiers WHERE kind = $1 AND value = $2 ORDER BY host";
    let values = [identifier.kind().as_str().into(), identifier.value().into()];
    let rows = tx.query(sql, &values)?;
    rows.iter().map(|row| row.id(0).map(HostId)).collect()
}

/// In the order of values and bytes; the databases' own orders of texts differ.
fn sort(identifiers: &mut [HostIdentifier]) {
    identifiers.sort_by(|a, b| {
        (a.learned, a.host, &a.identifier).cmp(&(b.learned, b.host, &b.identifier))
    });
}

const fn is_replaced(it: &HostIdentifier) -> bool {
    it.identifier.kind().is_replaced()
}

/// What is known of a host.
#[derive(Default)]
struct Known {
    lasting: BTreeSet<Identifier>,
    /// The last list of those that are replaced, and its entry.
    replaced: BTreeSet<Identifier>,
    since: u64,
}

fn known(tx: &Tx<'_>, identifiers: &[HostIdentifier]) -> Result<BTreeMap<HostId, Known>> {
    let hosts: BTreeSet<HostId> = identifiers.iter().map(|it| it.host).collect();
    let keys: Vec<Value> = hosts.into_iter().map(|host| host.0.into()).collect();
    let lookup = Lookup {
        table: "identifiers",
        columns: COLUMNS,
        key: "host",
        kind: Kind::Int,
    };
    let rows = tx.lookup(&lookup, &keys)?;
    let mut stored: Vec<HostIdentifier> = rows.iter().map(identifier).collect::<Result<_>>()?;
    sort(&mut stored);
    let mut known: BTreeMap<HostId, Known> = BTreeMap::new();
    for it in stored {
        let of_host = known.entry(it.host).or_default();
        if !is_replaced(&it) {
            of_host.lasting.insert(it.identifier);
            continue;
        }
        if of_host.since != it.learned {
            of_host.replaced.clear();
            of_host.since = it.learned;
        }
        of_host.replaced.insert(it.identifier);
    }
    Ok(known)
}

fn row(it: &HostIdentifier) -> Result<Vec<Value>> {
    Ok(vec![
        it.host.0.into(),
        it.identifier.kind().as_str().into(),
        bounded("an identifier", it.identifier.value(), KEY_BYTES)?.into(),
        bounded("the source of an identifier", &it.source, KEY_BYTES)?.into(),
        it.learned.into(),
    ])
}

fn identifier(row: &Row) -> Result<HostIdentifier> {
    let word = row.text(1)?;
    let kind = IdentifierKind::of_word(&word);
    let unknown = || StoreError::damaged("identifiers", format!("{word:?} is no kind of them"));
    Ok(HostIdentifier {
        host: HostId(row.id(0)?),
        identifier: Identifier::normal(kind.ok_or_else(unknown)?, row.text(2)?),
        source: row.text(3)?,
        learned: row.sequence(4)?,
    })
}
