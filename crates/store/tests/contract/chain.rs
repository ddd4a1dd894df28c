//! The log and its chain: read back as it was written, and any change to it found.

use base::Digest;
use fleet::change::{Act, Change, What};
use jiff::Timestamp;
use store::log::{Actor, Entry, Verdict};
use store::records::{NewRecord, RecordKind};
use store::{Head, Store, StoreError, Summary, log, people, records};

use crate::backends::on_each;
use crate::sample::{append, moment, short_history};

#[test]
fn the_log_is_read_as_it_was_written() {
    on_each(|backend| {
        let written = backend.store.write(short_history).unwrap();
        let read = backend.store.read(|tx| log::read(tx, 0, 100)).unwrap();
        let whats: Vec<What> = read.iter().map(|change| change.what.clone()).collect();
        assert_eq!(whats, written);
        let sequences: Vec<u64> = read.iter().map(|change| change.sequence).collect();
        assert_eq!(sequences, [1, 2, 3, 4, 5]);
        let page: Vec<Change> = backend.store.read(|tx| log::read(tx, 2, 2)).unwrap();
        assert_eq!(page, read[2..4]);
        let at = |text: &str| {
            backend
                .store
                .read(|tx| log::sequence_at(tx, moment(text)))
                .unwrap()
        };
        assert_eq!(at("2026-11-24T07:59:59Z"), 0);
        assert_eq!(at("2026-11-24T08:00:00Z"), 1);
        assert_eq!(at("2027-01-01T00:00:00Z"), 5);
    });
}

#[test]
fn a_clock_that_goes_back_does_not_take_the_log_with_it() {
    on_each(|backend| {
        backend.store.write(short_history).unwrap();
        let early = moment("1999-01-01T00:00:00Z");
        let next = backend.store.read(|tx| log::next(tx, early)).unwrap();
        assert_eq!(
            (next.sequence, next.at),
            (6, moment("2026-11-24T09:00:00Z"))
        );
        let what = What::Catalog(fleet::change::CatalogChange {
            catalog: "c2".to_owned(),
            releases: vec![],
        });
        let entry = Entry {
            at: early,
            what: &what,
            summary: Summary::nothing(),
            actor: Actor::Program("test"),
        };
        let refused = backend.store.write(|tx| log::append(tx, &entry));
        assert!(matches!(refused, Err(StoreError::Refused(_))));
    });
}

#[test]
fn both_stores_have_the_same_chain_of_the_same_history() {
    let heads = std::sync::Mutex::new(Vec::new());
    on_each(|backend| {
        backend.store.write(short_history).unwrap();
        heads
            .lock()
            .unwrap()
            .push(backend.store.read(log::head).unwrap());
    });
    let heads = heads.into_inner().unwrap();
    assert!(heads.iter().all(|head| *head == heads[0]), "{heads:?}");
}

fn verdict(store: &Store, known: Option<Head>) -> Verdict {
    store.read(|tx| log::verify(tx, known)).unwrap()
}

#[test]
fn a_log_that_nobody_touched_is_verified() {
    on_each(|backend| {
        let empty = backend.store.read(log::head).unwrap();
        assert_eq!(verdict(&backend.store, None), Verdict::Verified(empty));
        backend.store.write(short_history).unwrap();
        let head = backend.store.read(log::head).unwrap();
        assert_eq!(verdict(&backend.store, Some(head)), Verdict::Verified(head));
        assert_eq!(
            verdict(&backend.store, Some(empty)),
            Verdict::Verified(head)
        );
        let further = Head {
            sequence: head.sequence + 1,
            ..head
        };
        assert!(matches!(
            verdict(&backend.store, Some(further)),
            Verdict::Broken { at: 6, .. }
        ));
        let other = Head {
            hash: Digest::of(b"other"),
            ..head
        };
        assert!(matches!(
            verdict(&backend.store, Some(other)),
            Verdict::Broken { at: 5, .. }
        ));
    });
}

/// What is known of a chain without this crate: a second reader, from docs/reference/audit.md alone.
fn check_lines(lines: &[String]) -> Result<(), String> {
    let mut previous = "0".repeat(64);
    for (at, line) in lines.iter().enumerate() {
        let (hashed, hash) = line.rsplit_once('\t').ok_or("no tab")?;
        let fields: Vec<&str> = hashed.split('\t').collect();
        if fields.len() != 12
            || fields[0] != "daywatch.audit/1"
            || fields[1] != (at + 1).to_string()
        {
            return Err(format!("line {at}: {hashed}"));
        }
        if fields[11] != previous || Digest::of(hashed.as_bytes()).to_string() != hash {
            return Err(format!("line {at}: hash"));
        }
        previous = hash.to_owned();
    }
    Ok(())
}

/// The script of docs/reference/audit.md, run by sh with sha256sum.
fn check_by_script(lines: &[String]) -> bool {
    let page = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/audit.md"
    ))
    .unwrap();
    let script = page
        .split("```sh\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("audit.tsv");
    std::fs::write(
        &file,
        lines
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>(),
    )
    .unwrap();
    let mut sh = std::process::Command::new("sh");
    let done = sh.args(["-c", script, "sh"]).arg(&file).output().unwrap();
    done.status.success()
}

#[test]
fn the_lines_that_are_handed_out_can_be_checked_without_us() {
    on_each(|backend| {
        backend.store.write(short_history).unwrap();
        let links = backend.store.read(|tx| log::links(tx, 0, 100)).unwrap();
        let lines: Vec<String> = links.iter().map(store::Link::line).collect();
        assert_eq!(check_lines(&lines), Ok(()));
        assert!(check_by_script(&lines));
        let mut edited = lines.clone();
        edited[2] = edited[2].replace("\tcatalog\t", "\tcatalogue\t");
        let mut swapped = lines.clone();
        swapped.swap(1, 2);
        let mut dropped = lines;
        dropped.remove(1);
        for wrong in [edited, swapped, dropped] {
            assert!(check_lines(&wrong).is_err());
            assert!(!check_by_script(&wrong));
        }
    });
}

/// A suppression and its act; the number of the person.
fn suppress(store: &Store) -> people::PersonId {
    store
        .write(|tx| {
            let person = people::named(tx, "patch owner, Linux")?;
            let now = moment("2026-11-24T10:00:00Z");
            let next = log::next(tx, now)?;
            let new = NewRecord {
                kind: RecordKind::Suppression,
                number: None,
                learned: next.sequence,
                actor: "person:1",
                is_withdrawn: false,
                body: b"until January",
            };
            let record = records::put(tx, &new)?;
            let act = Act {
                kind: "suppression".to_owned(),
                subject: record.number,
                hosts: vec![],
                record: record.digest,
            };
            let what = What::Act(act);
            let entry = Entry {
                at: next.at,
                what: &what,
                summary: Summary::nothing(),
                actor: Actor::Person(person),
            };
            log::append(tx, &entry)?;
            Ok(person)
        })
        .unwrap()
}

#[test]
fn a_name_that_is_erased_leaves_a_chain_that_holds() {
    on_each(|backend| {
        let person = suppress(&backend.store);
        let head = backend.store.read(log::head).unwrap();
        let lines = backend.store.read(|tx| log::links(tx, 0, 10)).unwrap();
        assert!(!lines[0].line().contains("patch owner"));
        assert!(lines[0].actor.starts_with("person:1:"));
        assert!(backend.store.write(|tx| people::erase(tx, person)).unwrap());
        assert!(!backend.store.write(|tx| people::erase(tx, person)).unwrap());
        assert_eq!(backend.store.read(people::all).unwrap()[0].name, None);
        assert_eq!(verdict(&backend.store, Some(head)), Verdict::Verified(head));
        let again = backend
            .store
            .write(|tx| people::named(tx, "patch owner, Linux"))
            .unwrap();
        assert_ne!(again, person);
    });
}

#[test]
fn words_that_would_break_a_line_of_the_chain_are_refused() {
    on_each(|backend| {
        let act = |kind: &str| {
            What::Act(Act {
                kind: kind.to_owned(),
                subject: 1,
                hosts: vec![],
                record: Digest::of(b""),
            })
        };
        for kind in ["", "a\tb", "a\nb", "report", "catalog", "\u{2028}"] {
            let refused = backend
                .store
                .write(|tx| append(tx, Timestamp::UNIX_EPOCH, &act(kind)));
            assert!(matches!(refused, Err(StoreError::Refused(_))), "{kind:?}");
        }
        let what = act("merge");
        let entry = Entry {
            at: Timestamp::UNIX_EPOCH,
            what: &what,
            summary: Summary::nothing(),
            actor: Actor::Program("a\tb"),
        };
        assert!(backend.store.write(|tx| log::append(tx, &entry)).is_err());
    });
}
