//! What is no store, a newer one, one that is locked, a disk that is full: refused, explained, with a hint, and left as it was.

use store::{Store, StoreError};

use crate::backends::{Backend, on_each};
use crate::sample::add_host;

fn check(error: Result<Store, StoreError>, expected: &str) {
    let error = error
        .err()
        .map(|error| format!("{error} | {}", error.hint().unwrap_or_default()));
    assert!(
        error.as_deref().is_some_and(|text| text.contains(expected)),
        "{error:?}, expected {expected}"
    );
}

#[test]
fn a_file_that_is_something_else_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().join("notes.txt");
    std::fs::write(&text, "not a database, and longer than sixteen bytes").unwrap();
    check(Store::open(&text), "no SQLite database");
    assert!(
        std::fs::read_to_string(&text)
            .unwrap()
            .starts_with("not a database")
    );

    let other = directory.path().join("other.db");
    let connection = rusqlite::Connection::open(&other).unwrap();
    connection
        .execute_batch("CREATE TABLE hosts (name TEXT)")
        .unwrap();
    drop(connection);
    check(Store::open(&other), "SQLite database of something else");
    check(
        Store::open(&directory.path().join("missing/store.db")),
        "check that the directory exists",
    );
    check(Store::open(directory.path()), "cannot be opened");
}

#[test]
fn a_database_that_holds_other_tables_is_left_alone() {
    let url = testkit::postgres_database();
    execute(&url, "CREATE TABLE invoices (number BIGINT)");
    check(Store::connect(&url), "it has other tables (invoices)");
}

#[test]
fn a_server_that_is_not_there_is_explained() {
    check(
        Store::connect("postgres://daywatch@127.0.0.1:1/x"),
        "check that the server runs",
    );
    check(Store::connect("mysql://x"), "postgres://USER@HOST/DATABASE");
    let missing = testkit::postgres_database().replace("/test", "/missing");
    check(Store::connect(&missing), "createdb daywatch");
}

#[test]
fn a_newer_store_is_refused_and_an_altered_migration_too() {
    let newer = "INSERT INTO migrations (number, name, checksum) VALUES (99, 'later', 'x')";
    let altered = "UPDATE migrations SET checksum = 'x'";
    for (change, expected) in [
        (newer, "at migration 99, this program knows"),
        (altered, "was another one"),
    ] {
        let file = Backend::file();
        let path = file.directory.path().join("store.db");
        drop(file.store);
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch(change)
            .unwrap();
        check(Store::open(&path), expected);

        let server = Backend::postgres();
        let url = server.url.unwrap();
        execute(&url, change);
        check(Store::connect(&url), expected);
    }
}

#[test]
#[cfg(unix)]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let file = Backend::file();
    file.store.write(|tx| add_host(tx, "a")).unwrap();
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let mode = std::fs::metadata(file.directory.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn texts_that_no_index_can_take_are_refused_alike() {
    on_each(|backend| {
        let name = "x".repeat(801);
        let refused = backend.store.write(|tx| add_host(tx, &name)).unwrap_err();
        assert!(
            refused.to_string().contains("stored-key-bytes=800"),
            "{refused}"
        );
        backend.store.write(|tx| add_host(tx, &name[1..])).unwrap();
        backend
            .store
            .write(|tx| add_host(tx, &"\0".repeat(266)))
            .unwrap();
        assert!(
            backend
                .store
                .write(|tx| add_host(tx, &"\0".repeat(268)))
                .is_err()
        );
    });
}

/// Past the store, as an intruder would.
pub(crate) fn execute(url: &str, sql: &str) {
    let (database, socket) = url
        .trim_start_matches("postgres://daywatch@/")
        .split_once("?host=")
        .unwrap();
    let mut psql = std::process::Command::new("psql");
    psql.args([
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-U",
        "daywatch",
        "-h",
        socket,
        "-d",
        database,
        "-c",
        sql,
    ]);
    let done = psql.output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}
