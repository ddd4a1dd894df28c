//! Forward-only migrations: numbered SQL files, one list for each database, each applied once in the transaction that records its
//! checksum. A store never goes back; a program that finds a newer one refuses it.

use base::Digest;

use crate::connection::{Connection, Mode, Tx};
use crate::error::{Result, StoreError};
use crate::value::Value;

/// One step, as each database spells it.
struct Migration {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// In order, numbered from 1. What was released is never changed: its checksum is in every store.
const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "fleet",
        sqlite: include_str!("../migrations/sqlite/001-fleet.sql"),
        postgres: include_str!("../migrations/postgres/001-fleet.sql"),
    },
    Migration {
        number: 2,
        name: "accounts",
        sqlite: include_str!("../migrations/sqlite/002-accounts.sql"),
        postgres: include_str!("../migrations/postgres/002-accounts.sql"),
    },
];

/// Every table that holds something, so that what a table refers to is ahead of it: not `writer`, `migrations`, checkpoints, which are
/// a cache, and sessions and links, which end with the store they were made in.
pub(crate) const TABLES: &[&str] = &[
    "situations",
    "releases",
    "inventories",
    "package_sets",
    "blobs",
    "people",
    "hosts",
    "answers",
    "identifiers",
    "facts",
    "log",
    "reports",
    "removals",
    "records",
    "catalogs",
    "feeds",
    "accounts",
    "earlier_passwords",
    "passkeys",
    "tokens",
];

/// Brings a store up to this program, or says why not. Two processes may do so at once.
pub(crate) fn migrate(connection: &Connection, place: &str) -> Result<()> {
    if applied(connection, place)? == newest() {
        return Ok(());
    }
    let brought = bring_up(connection, place);
    match brought {
        // The other process was faster, and what we were about to create is there.
        Err(_) if matches!(applied(connection, place), Ok(number) if number == newest()) => Ok(()),
        other => other,
    }
}

/// For reading alone: it must be up to date as it is.
pub(crate) fn check(connection: &Connection, place: &str) -> Result<()> {
    match applied(connection, place)? {
        0 => Err(not_a_store(place, "it is empty")),
        number if number == newest() => Ok(()),
        number => Err(StoreError::NotAStore {
            place: place.to_owned(),
            why: format!(
                "it is at migration {number} and cannot be brought to {} by reading it",
                newest()
            ),
        }),
    }
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

/// The number of the newest that is applied, all of them known and unchanged; 0 for a store that is empty.
fn applied(connection: &Connection, place: &str) -> Result<i64> {
    let tx = Tx::begin(connection, Mode::Read)?;
    let names = table_names(&tx)?;
    if !names.iter().any(|name| name == "migrations") {
        return match names.is_empty() {
            true => Ok(0),
            false => Err(not_a_store(
                place,
                &format!("it has other tables ({})", shortened(&names)),
            )),
        };
    }
    let rows = tx.query(
        "SELECT number, name, checksum FROM migrations ORDER BY number",
        &[],
    )?;
    let mut newest_applied = 0;
    for row in &rows {
        newest_applied = row.int(0)?;
        let known = MIGRATIONS
            .iter()
            .find(|migration| migration.number == newest_applied);
        let checksum = row.text(2)?;
        let known = known
            .ok_or(newest_applied)
            .or_else(|_| newer(&rows, place))?;
        if checksum != checksum_of(known, &tx) {
            return Err(not_a_store(
                place,
                &format!("migration {newest_applied} was another one there"),
            ));
        }
    }
    Ok(newest_applied)
}

fn newer(rows: &[crate::value::Row], place: &str) -> Result<&'static Migration> {
    let found = rows.last().map_or(Ok(0), |row| row.int(0))?;
    Err(StoreError::Newer {
        place: place.to_owned(),
        found,
        known: newest(),
    })
}

fn bring_up(connection: &Connection, place: &str) -> Result<()> {
    let done = applied(connection, place)?;
    let tx = match connection {
        Connection::Sqlite(_) => Tx::begin(connection, Mode::Write)?,
        // The row that writers lock is not there yet; creating the tables twice fails, which is lock enough.
        Connection::Postgres(_) => Tx::begin_unlocked(connection)?,
    };
    for migration in MIGRATIONS
        .iter()
        .filter(|migration| migration.number > done)
    {
        tx.batch(text(migration, &tx))?;
        tx.execute(
            "INSERT INTO migrations (number, name, checksum) VALUES ($1, $2, $3)",
            &[
                migration.number.into(),
                migration.name.into(),
                checksum_of(migration, &tx).into(),
            ],
        )?;
    }
    tx.commit()
}

fn text(migration: &Migration, tx: &Tx<'_>) -> &'static str {
    match tx.is_sqlite() {
        true => migration.sqlite,
        false => migration.postgres,
    }
}

fn checksum_of(migration: &Migration, tx: &Tx<'_>) -> String {
    Digest::of(text(migration, tx).as_bytes()).to_string()
}

fn table_names(tx: &Tx<'_>) -> Result<Vec<String>> {
    let sql = match tx.is_sqlite() {
        true => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
        false => {
            "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1"
        }
    };
    let none: &[Value] = &[];
    tx.query(sql, none)?.iter().map(|row| row.text(0)).collect()
}

fn shortened(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = if names.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn not_a_store(place: &str, why: &str) -> StoreError {
    StoreError::NotAStore {
        place: place.to_owned(),
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHERS: [&str; 6] = [
        "writer",
        "migrations",
        "checkpoints",
        "checkpoint_parts",
        "sessions",
        "links",
    ];

    #[test]
    fn both_databases_have_the_same_tables_and_each_is_listed() {
        let created = |sql: &str| -> Vec<String> {
            let rest = sql
                .lines()
                .filter_map(|line| line.strip_prefix("CREATE TABLE "));
            let names = rest.filter_map(|rest| rest.split_whitespace().next());
            names
                .map(str::to_owned)
                .filter(|name| !OTHERS.contains(&name.as_str()))
                .collect()
        };
        let all = |of: fn(&Migration) -> &'static str| -> Vec<String> {
            MIGRATIONS
                .iter()
                .flat_map(|migration| created(of(migration)))
                .collect()
        };
        assert_eq!(all(|m| m.sqlite), TABLES);
        assert_eq!(all(|m| m.postgres), TABLES);
    }

    #[test]
    fn migrations_are_numbered_without_gaps() {
        let numbers: Vec<i64> = MIGRATIONS
            .iter()
            .map(|migration| migration.number)
            .collect();
        assert_eq!(numbers, (1..=newest()).collect::<Vec<i64>>());
    }
}
