//! A backup of either store goes back into either store, the same; a damaged one is found.

use std::path::PathBuf;

use store::backup::{Contents, backup, contents, restore, verify};
use store::{Store, StoreError, log, people};

use crate::backends::{Backend, on_each};
use crate::sample::short_history;

fn filled(backend: &Backend) -> PathBuf {
    backend.store.write(short_history).unwrap();
    backend
        .store
        .write(|tx| people::named(tx, "on-call engineer \0 \u{202e}"))
        .unwrap();
    backend.directory.path().join("backup.db")
}

fn holds(store: &Store) -> Contents {
    store.read(contents).unwrap()
}

#[test]
fn a_backup_holds_what_the_store_holds_and_goes_back_into_either() {
    on_each(|backend| {
        let file = filled(backend);
        let written = backup(&backend.store, &file).unwrap();
        assert_eq!(written, holds(&backend.store));
        assert_eq!(verify(&file, &file, Some(written.head)).unwrap(), written);
        for target in [Backend::file(), Backend::postgres()] {
            assert_eq!(restore(&file, &target.store).unwrap(), written);
            assert_eq!(holds(&target.store), written);
            let read = |store: &Store| store.read(|tx| log::read(tx, 0, 100)).unwrap();
            assert_eq!(read(&target.store), read(&backend.store));
            let again = restore(&file, &target.store);
            assert!(matches!(again, Err(StoreError::Refused(_))), "{again:?}");
        }
        let left: Vec<String> = std::fs::read_dir(backend.directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with("store.db"))
            .collect();
        assert_eq!(left, ["backup.db"]);
    });
}

#[test]
fn a_backup_never_overwrites_a_file() {
    let backend = Backend::memory();
    let file = filled(&backend);
    std::fs::write(&file, "precious").unwrap();
    assert!(backup(&backend.store, &file).is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
}

#[test]
fn what_was_changed_in_a_backup_is_found_and_nothing_of_it_restored() {
    let backend = Backend::memory();
    let file = filled(&backend);
    backup(&backend.store, &file).unwrap();
    let changes = [
        "UPDATE hosts SET name = 'other'",
        "DELETE FROM package_sets WHERE rowid = 1",
        "UPDATE log SET opened = 7 WHERE sequence = 2",
        "UPDATE manifest SET rows = rows + 1 WHERE name = 'head'",
        "DELETE FROM manifest",
        "DROP TABLE manifest",
    ];
    for change in changes {
        let copy = backend.directory.path().join("copy.db");
        std::fs::copy(&file, &copy).unwrap();
        let connection = rusqlite::Connection::open(&copy).unwrap();
        connection
            .execute_batch(&format!("PRAGMA foreign_keys = OFF; {change}"))
            .unwrap();
        drop(connection);
        let target = Backend::memory();
        let restored = restore(&copy, &target.store);
        assert!(restored.is_err(), "{change}");
        assert_eq!(holds(&target.store).head.sequence, 0, "{change}");
        assert!(verify(&copy, &copy, None).is_err(), "{change}");
    }
}

#[test]
fn a_backup_that_breaks_off_is_damaged() {
    let backend = Backend::memory();
    let file = filled(&backend);
    backup(&backend.store, &file).unwrap();
    let whole = std::fs::read(&file).unwrap();
    for part in [10, 100, whole.len() / 2, whole.len() - 4096] {
        std::fs::write(&file, &whole[..part]).unwrap();
        let error = verify(&file, &file, None).unwrap_err();
        assert!(error.hint().is_some(), "{error}");
    }
}
