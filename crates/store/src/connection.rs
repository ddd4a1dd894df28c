//! A connection to either database, and a transaction on it.

use std::cell::Cell;

use crate::error::{Result, StoreError};
use crate::postgres::Remote;
use crate::sql::{Insert, Lookup};
use crate::sqlite::Local;
use crate::value::{Row, Value};

/// A connection.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(Local),
    Postgres(Remote),
}

/// What a transaction may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
}

impl Connection {
    /// Waits for another writer, or for none; from here on a reader sees what is committed now and nothing later.
    pub(crate) fn begin(&self, mode: Mode) -> Result<()> {
        match (self, mode) {
            (Self::Sqlite(local), Mode::Write) => local.batch("BEGIN IMMEDIATE"),
            // SQLite takes its snapshot at the first look.
            (Self::Sqlite(local), Mode::Read) => local.batch("BEGIN; SELECT COUNT(*) FROM sqlite_schema"),
            (Self::Postgres(remote), Mode::Write) => remote.batch(
                // The row is the lock: who updates it is the one writer until the end, and sees all that came before.
                "BEGIN ISOLATION LEVEL READ COMMITTED; UPDATE writer SET turn = turn + 1 WHERE one = 1",
            ),
            (Self::Postgres(remote), Mode::Read) => {
                remote.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            }
        }
    }

    pub(crate) fn commit(&self) -> Result<()> {
        match self {
            Self::Sqlite(local) => local.batch("COMMIT"),
            Self::Postgres(remote) => remote.commit(),
        }
    }

    /// Whatever goes wrong here, closing the connection does the same.
    pub(crate) fn rollback(&self) {
        let _ = self.batch("ROLLBACK");
    }

    pub(crate) fn batch(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(local) => local.batch(sql),
            Self::Postgres(remote) => remote.batch(sql),
        }
    }

    /// Whether it can be used again.
    pub(crate) fn is_alive(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(remote) => remote.is_alive(),
        }
    }

    /// Whether the last failure was that others wrote at the same time, so that trying again helps.
    pub(crate) fn met_a_conflict(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(remote) => remote.met_a_conflict(),
        }
    }
}

/// A transaction: what every noun's functions take. Reading, it is a snapshot; writing, it is all or nothing.
#[derive(Debug)]
pub struct Tx<'c> {
    connection: &'c Connection,
    mode: Mode,
    is_open: Cell<bool>,
}

impl<'c> Tx<'c> {
    pub(crate) fn begin(connection: &'c Connection, mode: Mode) -> Result<Self> {
        let is_open = Cell::new(true);
        let tx = Self {
            connection,
            mode,
            is_open,
        };
        connection.begin(mode)?;
        Ok(tx)
    }

    /// Writing without waiting for other writers.
    pub(crate) fn begin_unlocked(connection: &'c Connection) -> Result<Self> {
        let is_open = Cell::new(true);
        let tx = Self {
            connection,
            mode: Mode::Write,
            is_open,
        };
        connection.batch("BEGIN")?;
        Ok(tx)
    }

    pub(crate) fn commit(self) -> Result<()> {
        self.connection.commit()?;
        self.is_open.set(false);
        Ok(())
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.connection, Connection::Sqlite(_))
    }

    pub(crate) fn batch(&self, sql: &str) -> Result<()> {
        self.may_write()?;
        self.connection.batch(sql)
    }

    pub(crate) fn execute(&self, sql: &str, values: &[Value]) -> Result<u64> {
        self.may_write()?;
        match self.connection {
            Connection::Sqlite(local) => local.execute(sql, values),
            Connection::Postgres(remote) => remote.execute(sql, values),
        }
    }

    pub(crate) fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        match self.connection {
            Connection::Sqlite(local) => local.query(sql, values),
            Connection::Postgres(remote) => remote.query(sql, values),
        }
    }

    /// The first row of an answer that has at most one.
    pub(crate) fn first(&self, sql: &str, values: &[Value]) -> Result<Option<Row>> {
        Ok(self.query(sql, values)?.into_iter().next())
    }

    /// A number that is always there, such as a count.
    pub(crate) fn number(&self, sql: &str, values: &[Value]) -> Result<i64> {
        let row = self.first(sql, values)?;
        row.ok_or_else(|| StoreError::damaged("an answer", "it has no row"))?
            .int(0)
    }

    /// Row by row, never all at once. The visitor must not use the transaction.
    pub(crate) fn each(
        &self,
        sql: &str,
        values: &[Value],
        mut take: impl FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        match self.connection {
            Connection::Sqlite(local) => local.each(sql, values, &mut take),
            Connection::Postgres(remote) => remote.each(sql, values, &mut take),
        }
    }

    /// Adds rows; how many were not there yet.
    pub(crate) fn insert(&self, insert: &Insert<'_>, rows: &[Vec<Value>]) -> Result<u64> {
        self.may_write()?;
        match self.connection {
            Connection::Sqlite(local) => local.insert(insert, rows),
            Connection::Postgres(remote) => remote.insert(insert, rows),
        }
    }

    /// The rows of many keys, in no order.
    pub(crate) fn lookup(&self, lookup: &Lookup<'_>, keys: &[Value]) -> Result<Vec<Row>> {
        match self.connection {
            Connection::Sqlite(local) => local.lookup(lookup, keys),
            Connection::Postgres(remote) => remote.lookup(lookup, keys),
        }
    }

    fn may_write(&self) -> Result<()> {
        match self.mode {
            Mode::Write => Ok(()),
            Mode::Read => Err(StoreError::refused("a snapshot is read, not written to")),
        }
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if self.is_open.get() {
            self.connection.rollback();
        }
    }
}
