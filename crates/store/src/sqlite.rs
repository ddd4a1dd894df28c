//! The local store: one SQLite file (<https://www.sqlite.org>), in WAL mode, every commit on the disk before it is acknowledged
//! (`synchronous=FULL`), readable by its owner alone.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql};
use std::path::Path;
use std::time::Duration;

use crate::error::{Result, StoreError};
use crate::sql::{self, Insert, Lookup};
use crate::value::{Row, Value};

/// How long one process waits for another to finish writing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// "Dayw": what `file` and we know our files by.
const APPLICATION_ID: i64 = 0x4461_7977;

/// How a connection is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Reads and writes.
    Write,
    /// Reads beside a writer.
    Read,
    /// Writes a file of its own, which nobody else has open: a backup.
    Fill,
    /// Reads a file that nobody writes to: a backup.
    Backup,
}

/// A connection to a file.
#[derive(Debug)]
pub(crate) struct Local {
    connection: Connection,
    place: String,
}

impl Local {
    pub(crate) fn memory() -> Result<Self> {
        let place = "the store in memory".to_owned();
        let connection = Connection::open_in_memory().map_err(|error| explained(&place, error))?;
        let local = Self { connection, place };
        local.batch("PRAGMA foreign_keys = ON;")?;
        Ok(local)
    }

    pub(crate) fn open(path: &Path, how: Use) -> Result<Self> {
        let place = path.display().to_string();
        check_header(path, &place)?;
        if matches!(how, Use::Write | Use::Fill) {
            create_private(path, &place)?;
        }
        let access = match how {
            Use::Backup => OpenFlags::SQLITE_OPEN_READ_ONLY,
            _ => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags);
        let connection = opened.map_err(|error| explained(&place, error))?;
        connection.set_prepared_statement_cache_capacity(128);
        let local = Self { connection, place };
        local.configure(how)?;
        Ok(local)
    }

    fn configure(&self, how: Use) -> Result<()> {
        let set = |pragma: &str| self.batch(pragma);
        let busy = self.connection.busy_timeout(PATIENCE);
        busy.map_err(|error| explained(&self.place, error))?;
        // What a file brings along (views, triggers) may not call functions; we have none of them.
        set(
            "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;",
        )?;
        self.check_owner()?;
        match how {
            Use::Write => {
                self.ask_for_wal()?;
                set("PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536;")
            }
            Use::Read => set("PRAGMA query_only = ON; PRAGMA cache_size = -16384;"),
            Use::Fill => set("PRAGMA journal_mode = DELETE; PRAGMA cache_size = -65536;"),
            Use::Backup => set("PRAGMA query_only = ON;"),
        }
    }

    fn ask_for_wal(&self) -> Result<()> {
        let mode = self.query("PRAGMA journal_mode = WAL", &[])?;
        match mode.first().map(|row| row.text(0)).transpose()?.as_deref() {
            Some("wal") => Ok(()),
            _ => Err(StoreError::Unreachable {
                place: self.place.clone(),
                why: "its file system cannot keep a write-ahead log".to_owned(),
                hint: "put the store on a local disk, not on a network file system",
            }),
        }
    }

    /// Ours is marked; an empty file becomes ours; anything else is not touched.
    fn check_owner(&self) -> Result<()> {
        let number = |sql: &str| {
            self.query(sql, &[])?
                .first()
                .map_or(Ok(0), |row| row.int(0))
        };
        let id = number("PRAGMA application_id")?;
        if id == APPLICATION_ID {
            return Ok(());
        }
        if id != 0 || number("SELECT COUNT(*) FROM sqlite_schema")? != 0 {
            return Err(StoreError::NotAStore {
                place: self.place.clone(),
                why: "it is a SQLite database of something else".to_owned(),
            });
        }
        Ok(())
    }

    pub(crate) fn batch(&self, sql: &str) -> Result<()> {
        self.connection
            .execute_batch(sql)
            .map_err(|error| explained(&self.place, error))
    }

    pub(crate) fn execute(&self, sql: &str, values: &[Value]) -> Result<u64> {
        let mut statement = self.prepared(&sql::for_sqlite(sql))?;
        let changed = statement.execute(rusqlite::params_from_iter(values));
        changed
            .map(|rows| rows as u64)
            .map_err(|error| explained(&self.place, error))
    }

    pub(crate) fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let mut all = Vec::new();
        self.each(sql, values, &mut |row| {
            all.push(row);
            Ok(())
        })?;
        Ok(all)
    }

    pub(crate) fn each(
        &self,
        sql: &str,
        values: &[Value],
        take: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.prepared(&sql::for_sqlite(sql))?;
        let width = statement.column_count();
        let mut rows = statement
            .query(rusqlite::params_from_iter(values))
            .map_err(|error| explained(&self.place, error))?;
        while let Some(row) = rows.next().map_err(|error| explained(&self.place, error))? {
            let value = |at| {
                row.get_ref(at)
                    .map(owned)
                    .map_err(|error| explained(&self.place, error))
            };
            let values: Result<Vec<Value>> = (0..width).map(value).collect();
            take(Row(values?))?;
        }
        Ok(())
    }

    pub(crate) fn insert(&self, insert: &Insert<'_>, rows: &[Vec<Value>]) -> Result<u64> {
        let mut statement = self.prepared(&insert.one_row())?;
        let mut changed = 0;
        for row in rows {
            let added = statement.execute(rusqlite::params_from_iter(row));
            changed += added.map_err(|error| explained(&self.place, error))? as u64;
        }
        Ok(changed)
    }

    pub(crate) fn lookup(&self, lookup: &Lookup<'_>, keys: &[Value]) -> Result<Vec<Row>> {
        let sql = lookup.one_key();
        let mut all = Vec::with_capacity(keys.len());
        for key in keys {
            self.each(&sql, std::slice::from_ref(key), &mut |row| {
                all.push(row);
                Ok(())
            })?;
        }
        Ok(all)
    }

    fn prepared(&self, sql: &str) -> Result<rusqlite::CachedStatement<'_>> {
        self.connection
            .prepare_cached(sql)
            .map_err(|error| explained(&self.place, error))
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Reals do not occur; a text that is not UTF-8 is told as bytes, which no reader of texts takes.
fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null | ValueRef::Real(_) => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Blob(text.to_vec()),
        },
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

/// A file that is there and not empty begins as SQLite files do (<https://www.sqlite.org/fileformat2.html#magic_header_string>).
fn check_header(path: &Path, place: &str) -> Result<()> {
    use std::io::Read as _;
    let Ok(file) = std::fs::File::open(path) else {
        return Ok(());
    };
    let mut header = Vec::new();
    let read = file.take(16).read_to_end(&mut header);
    // What cannot be read, SQLite explains.
    if read.is_err() || (header.is_empty() || header == b"SQLite format 3\0") {
        return Ok(());
    }
    Err(StoreError::NotAStore {
        place: place.to_owned(),
        why: "it is no SQLite database".to_owned(),
    })
}

/// SQLite gives its side files the rights of the file itself.
fn create_private(path: &Path, place: &str) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unreachable {
            place: place.to_owned(),
            why: error.to_string(),
            hint: "check that the directory exists and that you may write to it",
        }),
    }
}

fn explained(place: &str, error: rusqlite::Error) -> StoreError {
    let place = place.to_owned();
    let code = error.sqlite_error_code();
    let why = match error {
        rusqlite::Error::SqliteFailure(_, Some(words)) => words,
        other => other.to_string(),
    };
    match code {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked {
            place,
            waited_seconds: PATIENCE.as_secs(),
        },
        Some(ErrorCode::DiskFull) => StoreError::Full { place },
        Some(ErrorCode::NotADatabase) => StoreError::NotAStore { place, why },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { place, what: why },
        Some(ErrorCode::ConstraintViolation) => {
            StoreError::Refused(format!("the store does not allow this: {why}"))
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            StoreError::Unreachable {
                place,
                why,
                hint: "check that the file and its directory exist and that you may write to them",
            }
        }
        _ => StoreError::Database { place, why },
    }
}
