//! Backups: a store as one file, in the form of a local store whatever database it came from, with a manifest: rows and digest of
//! each table. A backup is of one moment. It goes back into an empty store of either kind, and can be tried: restored into a
//! scratch store, with every table and the chain compared.

use std::fs::File;
use std::path::{Path, PathBuf};

use base::Digest;

use crate::chain::Head;
use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::log::{self, Verdict};
use crate::migrate::TABLES;
use crate::sql::Insert;
use crate::store::Store;
use crate::value::{Kind, Row, Value};

/// What a store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The head of its log.
    pub head: Head,
    /// Every table, in the order in which they refer to each other.
    pub tables: Vec<Table>,
}

/// A table in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Over its rows, in whatever order; the same on either database.
    pub digest: Digest,
}

const MANIFEST: &str = "CREATE TABLE manifest (place INTEGER PRIMARY KEY, name TEXT NOT NULL, rows INTEGER NOT NULL, digest BLOB NOT NULL) STRICT";
/// Rows carried at a time, and what they may weigh.
const PORTION_ROWS: usize = 1000;
const PORTION_BYTES: usize = 32 << 20;

/// Writes a store, as it is at this moment, to a new file; others may go on using it. The file is whole or not there.
///
/// # Errors
/// When the file is there already, cannot be written, or the store cannot be read.
pub fn backup(from: &Store, to: &Path) -> Result<Contents> {
    if to.exists() {
        return Err(StoreError::refused(format!(
            "{} is there already; name another file",
            to.display()
        )));
    }
    let part = beside(to, "part");
    // What a backup that broke off left behind is of no use.
    let _ = std::fs::remove_file(&part);
    let written = fill(from, &part).and_then(|contents| {
        finish(&part, to).map_err(|error| explained(to, &error))?;
        Ok(contents)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written
}

/// Fills an empty store from a backup, all of it or nothing.
///
/// # Errors
/// When the file is no backup or is damaged, or the store is not empty.
pub fn restore(from: &Path, to: &Store) -> Result<Contents> {
    let backup = Store::backup(from)?;
    backup.read(|source| {
        let noted = noted(source, from)?;
        to.write(|target| {
            refuse_if_filled(target, to)?;
            let contents = copy(source, target)?;
            compare(from, &noted, &contents)?;
            Ok(contents)
        })
    })
}

/// Tries a backup: restores it into a scratch store beside `scratch`, compares every table with the manifest, and checks the
/// chain, against a head that was noted elsewhere if there is one.
///
/// # Errors
/// When the file is no backup, or anything differs.
pub fn verify(from: &Path, scratch: &Path, known: Option<Head>) -> Result<Contents> {
    let place = beside(scratch, "scratch");
    remove_store(&place);
    let tried = try_in(from, &place, known);
    remove_store(&place);
    tried
}

/// What a store holds now.
///
/// # Errors
/// What the database says.
pub fn contents(tx: &Tx<'_>) -> Result<Contents> {
    let mut tables = Vec::new();
    for name in TABLES {
        tables.push(walk(tx, name, |_| Ok(()))?);
    }
    Ok(Contents {
        head: log::head(tx)?,
        tables,
    })
}

fn try_in(from: &Path, place: &Path, known: Option<Head>) -> Result<Contents> {
    let store = Store::open(place)?;
    let restored = restore(from, &store)?;
    let (contents, verdict) = store.read(|tx| Ok((contents(tx)?, log::verify(tx, known)?)))?;
    compare(from, &restored, &contents)?;
    match verdict {
        Verdict::Verified(_) => Ok(contents),
        Verdict::Broken { at, why } => Err(damaged(from, format!("entry {at} of its log: {why}"))),
    }
}

fn fill(from: &Store, part: &Path) -> Result<Contents> {
    let file = Store::new_backup(part)?;
    from.read(|source| {
        file.write(|target| {
            let contents = copy(source, target)?;
            note(target, &contents)?;
            Ok(contents)
        })
    })
}

/// Every table from one store to the other.
fn copy(source: &Tx<'_>, target: &Tx<'_>) -> Result<Contents> {
    let mut tables = Vec::new();
    for name in TABLES {
        let columns = columns(source, name)?;
        let named: Vec<(&str, Kind)> = columns
            .iter()
            .map(|(name, kind)| (name.as_str(), *kind))
            .collect();
        let insert = Insert {
            table: name,
            columns: &named,
            or_else: "",
        };
        let mut portion: Vec<Vec<Value>> = Vec::new();
        let mut bytes = 0;
        let table = walk(source, name, |row| {
            bytes += weight(&row);
            portion.push(row.0);
            if portion.len() == PORTION_ROWS || bytes > PORTION_BYTES {
                target.insert(&insert, &portion)?;
                portion.clear();
                bytes = 0;
            }
            Ok(())
        })?;
        target.insert(&insert, &portion)?;
        tables.push(table);
    }
    Ok(Contents {
        head: log::head(source)?,
        tables,
    })
}

/// Visits the rows of a table.
fn walk(tx: &Tx<'_>, name: &str, mut visit: impl FnMut(Row) -> Result<()>) -> Result<Table> {
    let columns = columns(tx, name)?;
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let sql = format!("SELECT {} FROM {name}", names.join(", "));
    let mut sum = Sum::default();
    tx.each(&sql, &[], |row| {
        sum.add(&row);
        visit(row)
    })?;
    Ok(Table {
        name: name.to_owned(),
        rows: sum.rows,
        digest: sum.digest(),
    })
}

/// The sum of the digests of rows. The databases give rows in orders of their own, and sorting millions of them to have one would
/// cost more than all the rest; the sum does not depend on it.
#[derive(Default)]
struct Sum {
    rows: u64,
    lanes: [u64; 4],
}

impl Sum {
    fn add(&mut self, row: &Row) {
        self.rows += 1;
        let digest = Digest::of(&spelt(row)).0;
        for (lane, bytes) in self.lanes.iter_mut().zip(digest.chunks_exact(8)) {
            let number = bytes
                .iter()
                .fold(0, |number, byte| number << 8 | u64::from(*byte));
            *lane = lane.wrapping_add(number);
        }
    }

    fn digest(&self) -> Digest {
        let lanes = self.lanes.iter().flat_map(|lane| lane.to_be_bytes());
        Digest::of(&lanes.collect::<Vec<u8>>())
    }
}

/// A row in bytes: of each value its type, its length and itself.
fn spelt(row: &Row) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in &row.0 {
        let (kind, content): (u8, &[u8]) = match value {
            Value::Null => (0, &[]),
            Value::Int(number) => (1, &number.to_be_bytes()),
            Value::Text(text) => (2, text.as_bytes()),
            Value::Blob(blob) => (3, blob),
        };
        bytes.push(kind);
        bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
        bytes.extend_from_slice(content);
    }
    bytes
}

fn weight(row: &Row) -> usize {
    let weight = |value: &Value| match value {
        Value::Null | Value::Int(_) => 8,
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
    };
    row.0.iter().map(weight).sum()
}

/// Columns by name, so that their order in a table does not matter.
fn columns(tx: &Tx<'_>, table: &str) -> Result<Vec<(String, Kind)>> {
    let sql = match tx.is_sqlite() {
        true => "SELECT name, type FROM pragma_table_info($1)",
        false => {
            "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM information_schema.columns
             WHERE table_schema = current_schema() AND CAST(table_name AS TEXT) = $1"
        }
    };
    let column = |row: &Row| {
        let kind = match row.text(1)?.to_lowercase().as_str() {
            "integer" | "bigint" => Kind::Int,
            "text" => Kind::Text,
            "blob" | "bytea" => Kind::Blob,
            other => {
                return Err(StoreError::damaged(
                    table,
                    format!("a column is of type {other}"),
                ));
            }
        };
        Ok((row.text(0)?, kind))
    };
    let mut columns: Vec<(String, Kind)> = tx
        .query(sql, &[table.into()])?
        .iter()
        .map(column)
        .collect::<Result<_>>()?;
    columns.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(columns)
}

fn refuse_if_filled(tx: &Tx<'_>, store: &Store) -> Result<()> {
    for name in TABLES {
        if tx.number(
            &format!("SELECT COUNT(*) FROM (SELECT 1 FROM {name} LIMIT 1) AS found"),
            &[],
        )? > 0
        {
            return Err(StoreError::refused(format!(
                "{} is not empty ({name}); a backup goes into a new store",
                store.place()
            )));
        }
    }
    Ok(())
}

fn note(target: &Tx<'_>, contents: &Contents) -> Result<()> {
    target.batch(MANIFEST)?;
    let head = Table {
        name: "head".to_owned(),
        rows: contents.head.sequence,
        digest: contents.head.hash,
    };
    for (place, table) in (0_u64..).zip(std::iter::once(&head).chain(&contents.tables)) {
        target.execute(
            "INSERT INTO manifest (place, name, rows, digest) VALUES ($1, $2, $3, $4)",
            &[
                place.into(),
                table.name.as_str().into(),
                table.rows.into(),
                table.digest.into(),
            ],
        )?;
    }
    Ok(())
}

/// What the backup held when it was made.
fn noted(tx: &Tx<'_>, from: &Path) -> Result<Contents> {
    let has = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'manifest'";
    if tx.number(has, &[])? == 0 {
        return Err(StoreError::NotAStore {
            place: from.display().to_string(),
            why: "it is a store in use and no backup: it has no manifest".to_owned(),
        });
    }
    let rows = tx.query(
        "SELECT name, rows, digest FROM manifest ORDER BY place",
        &[],
    )?;
    let table = |row: &Row| {
        Ok(Table {
            name: row.text(0)?,
            rows: row.sequence(1)?,
            digest: row.digest(2)?,
        })
    };
    let mut tables: Vec<Table> = rows.iter().map(table).collect::<Result<_>>()?;
    if tables.is_empty() {
        return Err(damaged(from, "its manifest is empty".to_owned()));
    }
    let head = tables.remove(0);
    Ok(Contents {
        head: Head {
            sequence: head.rows,
            hash: head.digest,
        },
        tables,
    })
}

fn compare(from: &Path, noted: &Contents, found: &Contents) -> Result<()> {
    for (noted, found) in noted.tables.iter().zip(&found.tables) {
        if noted != found {
            let (table, rows, now) = (&noted.name, noted.rows, found.rows);
            return Err(damaged(
                from,
                format!(
                    "the table {table} had {rows} rows and has {now}, not all of them the same"
                ),
            ));
        }
    }
    match noted == found {
        true => Ok(()),
        false => Err(damaged(
            from,
            "its manifest is about other tables or another head".to_owned(),
        )),
    }
}

fn damaged(from: &Path, what: String) -> StoreError {
    StoreError::damaged(from.display().to_string(), what)
}

/// A file beside another, under its name and a word.
fn beside(path: &Path, word: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{word}"));
    path.with_file_name(name)
}

/// On the disk, and then under its name.
fn finish(part: &Path, to: &Path) -> std::io::Result<()> {
    File::open(part)?.sync_all()?;
    std::fs::rename(part, to)?;
    let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    match directory {
        // Where a directory cannot be opened as a file, renaming is all there is.
        Some(directory) => File::open(directory).map_or(Ok(()), |directory| directory.sync_all()),
        None => Ok(()),
    }
}

fn remove_store(path: &Path) {
    let side = |word: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(word);
        PathBuf::from(name)
    };
    for file in [path.to_owned(), side("-wal"), side("-shm")] {
        let _ = std::fs::remove_file(file);
    }
}

fn explained(place: &Path, error: &std::io::Error) -> StoreError {
    let place = place.display().to_string();
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full { place },
        _ => StoreError::Unreachable {
            place,
            why: error.to_string(),
            hint: "check that the directory exists and that you may write to it",
        },
    }
}
