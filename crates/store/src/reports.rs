//! Reports: which inventory a host had, by its own word when, and with which entry of the log we learned it. They are written by
//! [`log::append`](crate::log::append), from the entry itself. Of two the one that was seen later counts; of two seen at once, the one
//! learned later.

use base::{Digest, HostId};
use jiff::Timestamp;

use crate::connection::Tx;
use crate::error::Result;
use crate::sql::Insert;
use crate::value::{Kind, Row, Value};

/// A report without its inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReport {
    /// Whose.
    pub host: HostId,
    /// The entry of the log.
    pub sequence: u64,
    /// When it was so, by the host's own word; whole microseconds.
    pub seen_at: Timestamp,
    /// When we learned it.
    pub at: Timestamp,
    /// Who brought it.
    pub source: String,
    /// The inventory, to be had from [`inventories::get`](crate::inventories::get).
    pub inventory: Digest,
    /// Its releases, to be had from [`package_sets::get`](crate::package_sets::get).
    pub package_set: Digest,
}

const COLUMNS: &str = "host, sequence, seen_at, at, source, inventory, package_set";

/// The latest report of each host, by host.
///
/// # Errors
/// What the database says.
pub fn latest(tx: &Tx<'_>) -> Result<Vec<StoredReport>> {
    latest_at(tx, u64::MAX)
}

/// The latest report of each host that was known at a place in the log, by host.
///
/// # Errors
/// What the database says.
pub fn latest_at(tx: &Tx<'_>, sequence: u64) -> Result<Vec<StoredReport>> {
    // One look into the index a host, however many reports it has sent.
    let sql = format!(
        "SELECT {COLUMNS} FROM reports WHERE sequence IN (SELECT
           (SELECT r.sequence FROM reports r WHERE r.host = h.id AND r.sequence <= $1
            ORDER BY r.seen_at DESC, r.sequence DESC LIMIT 1)
         FROM hosts h) ORDER BY host"
    );
    let mut reports = Vec::new();
    tx.each(&sql, &[sequence.into()], |row| {
        reports.push(report(&row, 0)?);
        Ok(())
    })?;
    Ok(reports)
}

/// All reports of a host, in the order we learned them.
///
/// # Errors
/// What the database says.
pub fn history(tx: &Tx<'_>, host: HostId) -> Result<Vec<StoredReport>> {
    let sql = format!("SELECT {COLUMNS} FROM reports WHERE host = $1 ORDER BY sequence");
    tx.query(&sql, &[host.0.into()])?
        .iter()
        .map(|row| report(row, 0))
        .collect()
}

/// Whether a host has reported this inventory for this moment.
///
/// # Errors
/// What the database says.
pub fn is_known(tx: &Tx<'_>, host: HostId, seen_at: Timestamp, inventory: Digest) -> Result<bool> {
    let sql =
        "SELECT sequence FROM reports WHERE host = $1 AND seen_at = $2 AND inventory = $3 LIMIT 1";
    let values = [host.0.into(), seen_at.into(), inventory.into()];
    Ok(tx.first(sql, &values)?.is_some())
}

pub(crate) fn add(tx: &Tx<'_>, reports: &[StoredReport]) -> Result<()> {
    let row = |report: &StoredReport| -> Vec<Value> {
        vec![
            report.host.0.into(),
            report.sequence.into(),
            report.seen_at.into(),
            report.at.into(),
            report.source.as_str().into(),
            report.inventory.into(),
            report.package_set.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = reports.iter().map(row).collect();
    let insert = Insert {
        table: "reports",
        columns: &[
            ("host", Kind::Int),
            ("sequence", Kind::Int),
            ("seen_at", Kind::Int),
            ("at", Kind::Int),
            ("source", Kind::Text),
            ("inventory", Kind::Blob),
            ("package_set", Kind::Blob),
        ],
        or_else: "",
    };
    tx.insert(&insert, &rows)?;
    Ok(())
}

/// From seven columns, the first of which is `first`.
pub(crate) fn report(row: &Row, first: usize) -> Result<StoredReport> {
    Ok(StoredReport {
        host: HostId(row.id(first)?),
        sequence: row.sequence(first + 1)?,
        seen_at: row.moment(first + 2)?,
        at: row.moment(first + 3)?,
        source: row.text(first + 4)?,
        inventory: row.digest(first + 5)?,
        package_set: row.digest(first + 6)?,
    })
}
