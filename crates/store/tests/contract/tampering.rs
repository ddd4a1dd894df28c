//! An intruder with the rights of the database: any edit, drop or reorder is found, on either store.

use store::log::{Verdict, verify};
use store::records::{NewRecord, RecordKind};
use store::{Head, Store, log, people, records};

use base::Digest;
use fleet::change::{Act, What};
use jiff::Timestamp;

use crate::backends::{Backend, on_shared};
use crate::refusals::execute;
use crate::sample::{append, short_history};

fn past_the_store(backend: &Backend, sql: &str) {
    match &backend.url {
        Some(url) => execute(
            url,
            &format!("SET session_replication_role = replica; {sql}"),
        ),
        None => {
            let path = backend.directory.path().join("store.db");
            let connection = rusqlite::Connection::open(path).unwrap();
            connection
                .execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}"))
                .unwrap();
        }
    }
}

/// Five entries, a suppression, somebody.
fn fill(store: &Store) -> Head {
    store.write(short_history).unwrap();
    store
        .write(|tx| {
            people::named(tx, "on-call engineer")?;
            let next = log::next(tx, Timestamp::UNIX_EPOCH)?;
            let new = NewRecord {
                kind: RecordKind::Suppression,
                number: None,
                learned: next.sequence,
                actor: "person:1",
                is_withdrawn: false,
                body: b"until January",
            };
            let record = records::put(tx, &new)?;
            let kind = "suppression".to_owned();
            let act = Act {
                kind,
                subject: record.number,
                hosts: vec![],
                record: record.digest,
            };
            append(tx, Timestamp::UNIX_EPOCH, &What::Act(act))
        })
        .unwrap();
    store.read(log::head).unwrap()
}

const BROKEN: &[(&str, u64)] = &[
    ("UPDATE log SET opened = 1 WHERE sequence = 2", 2),
    ("UPDATE log SET at = at + 1 WHERE sequence = 3", 3),
    ("UPDATE log SET actor = 'program:other' WHERE sequence = 1", 1),
    ("UPDATE log SET subject = 'h9' WHERE sequence = 5", 5),
    ("UPDATE log SET body = (SELECT body FROM log WHERE sequence = 4) WHERE sequence = 3", 3),
    ("UPDATE log SET hash = previous WHERE sequence = 6", 6),
    ("DELETE FROM log WHERE sequence = 3", 3),
    ("DELETE FROM log WHERE sequence = 1", 1),
    ("DELETE FROM log WHERE sequence = 6", 6),
    (
        "UPDATE log SET sequence = 103 WHERE sequence = 3; UPDATE log SET sequence = 3 WHERE sequence = 4;
         UPDATE log SET sequence = 4 WHERE sequence = 103",
        3,
    ),
    ("UPDATE reports SET seen_at = seen_at + 1 WHERE sequence = 2", 2),
    ("UPDATE reports SET source = 'other' WHERE sequence = 1", 1),
    ("DELETE FROM reports WHERE sequence = 1", 1),
    ("INSERT INTO removals (sequence, host) VALUES (3, 0)", 3),
    ("DELETE FROM removals", 5),
    ("DELETE FROM package_sets", 1),
    ("UPDATE records SET bytes = (SELECT body FROM log WHERE sequence = 1)", 6),
    ("DELETE FROM records", 6),
    ("UPDATE people SET name = 'somebody else'", 7),
];

#[test]
fn any_edit_drop_or_reorder_is_found_where_it_is() {
    on_shared(|backend| {
        let head = fill(&backend.store);
        let verdict = |known| backend.store.read(|tx| verify(tx, known)).unwrap();
        assert_eq!(verdict(Some(head)), Verdict::Verified(head));
        let original = backend.directory.path().join("original.db");
        store::backup::backup(&backend.store, &original).unwrap();
        for (change, place) in BROKEN {
            let victim = match &backend.url {
                Some(_) => Backend::postgres(),
                None => Backend::file(),
            };
            store::backup::restore(&original, &victim.store).unwrap();
            past_the_store(&victim, change);
            let found = victim.store.read(|tx| verify(tx, Some(head))).unwrap();
            let is_found = matches!(&found, Verdict::Broken { at, .. } if at == place);
            assert!(is_found, "{change}: {found:?}");
        }
    });
}

#[test]
fn a_chain_written_anew_is_found_by_a_head_that_was_noted() {
    on_shared(|backend| {
        fill(&backend.store);
        let forged = Head {
            sequence: 4,
            hash: Digest::of(b"what the briefing said"),
        };
        let found = backend.store.read(|tx| verify(tx, Some(forged))).unwrap();
        assert!(matches!(found, Verdict::Broken { at: 4, .. }), "{found:?}");
    });
}
