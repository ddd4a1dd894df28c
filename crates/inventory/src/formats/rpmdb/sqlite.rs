//! The `Packages` table of `rpmdb.sqlite`, opened on bytes in memory: nothing is written, locked or read beside it.

use std::io::Read as _;

use base::{Limit, Note};
use rusqlite::{Connection, MAIN_DB, OptionalExtension as _};

use super::Blobs;

/// The file begins with it.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// Offsets of the write and read format version in the file header (<https://sqlite.org/fileformat.html#file_format_version_numbers>).
/// rpm leaves the file in WAL mode (2), which a database in memory cannot have; 1 is the rollback journal. What is still in
/// the `-wal` file beside it is not seen.
const FORMAT_VERSIONS: std::ops::Range<usize> = 18..20;

/// Whether the database has the table, for a file of another name.
pub(super) fn has_packages(bytes: &[u8]) -> bool {
    open(bytes).is_ok_and(|db| definition(&db).is_ok_and(|sql| sql.is_some()))
}

/// Hands each header blob over with its number, in order, until the limit or a broken page.
pub(super) fn each_blob(
    bytes: &[u8],
    limit: Limit,
    take: impl FnMut(i64, &[u8]),
) -> Result<(), Note> {
    let broken = |error: rusqlite::Error| Note::error(format!("not readable as SQLite: {error}"));
    let db = open(bytes).map_err(broken)?;
    match definition(&db).map_err(broken)? {
        None => return Err(Note::error("no table Packages: not an rpm database")),
        Some(sql) if !is_plain_table(&sql) => {
            return Err(Note::error("the table Packages is not rpm's"));
        }
        Some(_) => {}
    }
    // No ORDER BY: rowid order is the order of the tree, and a sort would first gather what a hostile tree seems to hold.
    let mut query = db
        .prepare("SELECT rowid, blob FROM Packages")
        .map_err(broken)?;
    let mut rows = query.query([]).map_err(broken)?;
    let mut blobs = Blobs::new(bytes.len(), limit, take);
    while let Some(row) = rows.next().map_err(broken)? {
        let number = row.get(0).map_err(broken)?;
        if let Ok(blob) = row.get_ref(1).map_err(broken)?.as_blob() {
            blobs.take(number, blob)?;
        }
    }
    Ok(())
}

fn open(bytes: &[u8]) -> rusqlite::Result<Connection> {
    let mut db = Connection::open_in_memory()?;
    let (head, rest) = bytes
        .split_at_checked(FORMAT_VERSIONS.end)
        .ok_or(rusqlite::Error::InvalidQuery)?;
    let mut head = head.to_vec();
    head[FORMAT_VERSIONS].fill(1);
    db.deserialize_read_exact(MAIN_DB, head.as_slice().chain(rest), bytes.len(), true)?;
    // Nothing in the schema of a hostile file may run.
    db.pragma_update(None, "trusted_schema", false)?;
    Ok(db)
}

/// The statement that made the table.
fn definition(db: &Connection) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'Packages'";
    db.query_row(sql, [], |row| row.get(0)).optional()
}

/// rpm's is an ordinary table; a virtual one or a generated column would compute what we read.
fn is_plain_table(sql: &str) -> bool {
    let words = sql.split(|c: char| !c.is_ascii_alphanumeric());
    !words
        .map(str::to_ascii_lowercase)
        .any(|w| matches!(w.as_str(), "virtual" | "generated" | "as"))
}
