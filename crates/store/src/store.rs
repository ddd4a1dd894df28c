//! The store: where it is, its connections, and the two ways to use it.

use std::ops::Deref as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::connection::{Connection, Mode, Tx};
use crate::error::Result;
use crate::migrate;
use crate::postgres::Server;
use crate::sqlite::{Local, Use};

/// How often a transaction that met another one is tried.
const TRIES: u32 = 8;
/// Readers kept for the next question.
const IDLE_READERS_MAX: usize = 4;

/// What the fleet is and was. Shared between threads; every call waits for its answer, so an asynchronous caller hands it to a
/// thread that may wait.
#[derive(Debug)]
pub struct Store {
    origin: Origin,
    writer: Mutex<Option<Connection>>,
    readers: Mutex<Vec<Connection>>,
}

#[derive(Debug)]
enum Origin {
    File(PathBuf),
    /// One connection that reads and writes; it lives as long as the store.
    Memory,
    Server(Box<Server>),
    /// A file that nobody else has open, being filled.
    NewBackup(PathBuf),
    /// A file that nobody writes to.
    Backup(PathBuf),
}

impl Store {
    /// The store in this file, which is made if it is not there; its directory must be.
    ///
    /// # Errors
    /// When it cannot be opened, is something else, or was written by a newer program.
    pub fn open(path: &Path) -> Result<Self> {
        Self::start(Origin::File(path.to_owned()))
    }

    /// The store in this database, `postgres://USER@HOST/DATABASE`; its tables are made if it is empty.
    ///
    /// # Errors
    /// When it cannot be reached, holds other tables, or was written by a newer program.
    pub fn connect(url: &str) -> Result<Self> {
        Self::start(Origin::Server(Box::new(Server::parse(url)?)))
    }

    /// A store that ends with the program. A snapshot of it must not be asked for inside a transaction: it has one
    /// connection.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn memory() -> Result<Self> {
        Self::start(Origin::Memory)
    }

    /// A file of its own for a backup.
    pub(crate) fn new_backup(path: &Path) -> Result<Self> {
        Self::start(Origin::NewBackup(path.to_owned()))
    }

    /// A backup, to be read.
    pub(crate) fn backup(path: &Path) -> Result<Self> {
        Self::start(Origin::Backup(path.to_owned()))
    }

    /// Where it is, as messages name it: a file, or server and database without the password.
    pub fn place(&self) -> String {
        match &self.origin {
            Origin::File(path) | Origin::NewBackup(path) | Origin::Backup(path) => {
                path.display().to_string()
            }
            Origin::Memory => "the store in memory".to_owned(),
            Origin::Server(server) => server.place().to_owned(),
        }
    }

    /// A transaction that writes: all of it, or on an error nothing. One at a time; another process's is waited for. Where others
    /// wrote at the same time it may be run again, so what it does besides the store must bear that.
    ///
    /// # Errors
    /// Those of `act`, and what the database says; [`StoreError::Locked`](crate::StoreError::Locked) when the other one does not end.
    pub fn write<T>(&self, mut act: impl FnMut(&Tx<'_>) -> Result<T>) -> Result<T> {
        let mut writer = locked(&self.writer);
        let mut tries = 0;
        loop {
            let connection = self.usable(&mut writer)?;
            let done = transact(connection, Mode::Write, &mut act);
            tries += 1;
            if done.is_ok() || tries == TRIES || !connection.met_a_conflict() {
                return done;
            }
        }
    }

    /// A snapshot: all that is read in it was so at one moment, and no writer waits for it.
    ///
    /// # Errors
    /// Those of `ask`, and what the database says.
    pub fn read<T>(&self, mut ask: impl FnMut(&Tx<'_>) -> Result<T>) -> Result<T> {
        if matches!(self.origin, Origin::Memory) {
            let mut only = locked(&self.writer);
            return transact(self.usable(&mut only)?, Mode::Read, &mut ask);
        }
        let idle = locked(&self.readers).pop();
        let connection = match idle.filter(Connection::is_alive) {
            Some(connection) => connection,
            None => self.connection(Mode::Read)?,
        };
        let answer = transact(&connection, Mode::Read, &mut ask);
        let mut readers = locked(&self.readers);
        if readers.len() < IDLE_READERS_MAX {
            readers.push(connection);
        }
        answer
    }

    fn start(origin: Origin) -> Result<Self> {
        let store = Self {
            origin,
            writer: Mutex::default(),
            readers: Mutex::default(),
        };
        let mut writer = locked(&store.writer);
        let place = store.place();
        let connection = store.usable(&mut writer)?;
        match store.origin {
            Origin::Backup(_) => migrate::check(connection, &place)?,
            _ => migrate::migrate(connection, &place)?,
        }
        drop(writer);
        Ok(store)
    }

    /// The connection in its place, renewed if it broke.
    fn usable<'g>(
        &self,
        place: &'g mut MutexGuard<'_, Option<Connection>>,
    ) -> Result<&'g Connection> {
        if !place.deref().as_ref().is_some_and(Connection::is_alive) {
            **place = None;
        }
        match &mut **place {
            Some(connection) => Ok(connection),
            empty => Ok(empty.insert(self.connection(Mode::Write)?)),
        }
    }

    fn connection(&self, mode: Mode) -> Result<Connection> {
        let how = |mode| match mode {
            Mode::Read => Use::Read,
            Mode::Write => Use::Write,
        };
        Ok(match &self.origin {
            Origin::File(path) => Connection::Sqlite(Local::open(path, how(mode))?),
            Origin::Memory => Connection::Sqlite(Local::memory()?),
            Origin::Server(server) => Connection::Postgres(server.connect()?),
            Origin::NewBackup(path) => Connection::Sqlite(Local::open(path, Use::Fill)?),
            Origin::Backup(path) => Connection::Sqlite(Local::open(path, Use::Backup)?),
        })
    }
}

/// A panic in a transaction rolls it back, so what another thread left behind is whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn transact<T>(
    connection: &Connection,
    mode: Mode,
    act: &mut impl FnMut(&Tx<'_>) -> Result<T>,
) -> Result<T> {
    let tx = Tx::begin(connection, mode)?;
    let value = act(&tx)?;
    tx.commit()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::StoreError;
    use crate::people;

    #[test]
    fn a_full_disk_loses_nothing_that_was_written() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("store.db")).unwrap();
        store.write(|tx| people::named(tx, "kept")).unwrap();
        let many = |tx: &Tx<'_>| {
            (0..2000).try_for_each(|n| people::named(tx, &format!("lost {n}")).map(|_| ()))
        };
        let full = store.write(|tx| {
            // SQLite's own stand-in for a disk without room; a real one gives the same code.
            tx.batch("PRAGMA max_page_count = 70")?;
            many(tx)
        });
        assert!(matches!(full, Err(StoreError::Full { .. })), "{full:?}");
        assert_eq!(store.read(people::all).unwrap().len(), 1);
        store
            .write(|tx| {
                tx.batch("PRAGMA max_page_count = 100000")?;
                many(tx)
            })
            .unwrap();
        assert_eq!(store.read(people::all).unwrap().len(), 2001);
    }
}
