//! `kill -9` while a store is written to: what was acknowledged is there, what was not is whole or not there, and the chain holds.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base::HostId;
use jiff::Timestamp;
use store::log::Verdict;
use store::{Store, hosts, log, reports};

use crate::backends::{Backend, on_shared};
use crate::sample::{add_host, append, host, report};

/// One transaction of the writer: a host, its report, its entry.
fn write_one(store: &Store, number: u64) {
    store
        .write(|tx| {
            let id = add_host(tx, &format!("host-{number}"))?;
            let what = report(
                tx,
                id,
                &host("x", &number.to_string()),
                Timestamp::UNIX_EPOCH,
            )?;
            append(tx, Timestamp::UNIX_EPOCH, &what)
        })
        .unwrap();
}

/// A store that was killed has the entries that were acknowledged, perhaps the one under way, and nothing by halves.
fn check(store: &Store, acknowledged: u64) {
    // A server may still be ending what the killed one asked of it; the next writer comes after that.
    store.write(|_| Ok(())).unwrap();
    let head = store.read(log::head).unwrap();
    assert!(
        head.sequence == acknowledged || head.sequence == acknowledged + 1,
        "{acknowledged} were acknowledged, {} are there",
        head.sequence
    );
    assert_eq!(
        store.read(|tx| log::verify(tx, Some(head))).unwrap(),
        Verdict::Verified(head)
    );
    let ids: Vec<u32> = store
        .read(hosts::all)
        .unwrap()
        .iter()
        .map(|host| host.id.0)
        .collect();
    assert_eq!(
        ids,
        (0..u32::try_from(head.sequence).unwrap()).collect::<Vec<u32>>()
    );
    assert_eq!(
        store.read(reports::latest).unwrap().len() as u64,
        head.sequence
    );
}

/// This test program again, as the writer.
fn writer(target: &str, first: u64) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([
        "--exact",
        "kill::writes_until_it_is_killed",
        "--ignored",
        "--nocapture",
    ]);
    child
        .env("STORE_TARGET", target)
        .env("STORE_FIRST", first.to_string());
    child
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "the writer of the test below, which kills it"]
fn writes_until_it_is_killed() {
    let target = std::env::var("STORE_TARGET").unwrap();
    let store = match target.starts_with("postgres:") {
        true => Store::connect(&target).unwrap(),
        false => Store::open(Path::new(&target)).unwrap(),
    };
    for number in std::env::var("STORE_FIRST")
        .unwrap()
        .parse::<u64>()
        .unwrap()..
    {
        write_one(&store, number);
        println!("ACK {number}");
    }
}

/// Kills after some acknowledgements and a while that differs each time, so that every step of a commit is met sooner or later.
fn killed(child: &mut Child, acknowledgements: u64, delay: Duration) -> u64 {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut last = 0;
    let mut acknowledged = |line: std::io::Result<String>| {
        let line = line.unwrap_or_default();
        let number = line
            .rsplit_once("ACK ")
            .and_then(|(_, number)| number.parse().ok());
        last = number.unwrap_or(last);
        number.is_some()
    };
    let mut seen = 0;
    while seen < acknowledgements {
        seen += u64::from(acknowledged(lines.next().unwrap()));
    }
    std::thread::sleep(delay);
    child.kill().unwrap();
    // What was written before the kill counts as acknowledged too.
    for line in lines {
        acknowledged(line);
    }
    child.wait().unwrap();
    last
}

#[test]
fn a_writer_that_is_killed_loses_nothing_that_was_acknowledged() {
    const KILLS: u32 = 25;
    on_shared(|backend| {
        let path = backend.directory.path().join("store.db");
        let target = backend
            .url
            .clone()
            .unwrap_or_else(|| path.display().to_string());
        let mut next = 1;
        for kill in 0..KILLS {
            let mut child = writer(&target, next);
            let last = killed(
                &mut child,
                1 + u64::from(kill % 3),
                Duration::from_micros(u64::from(kill) * 211),
            );
            let store = backend.again();
            check(&store, last);
            next = store.read(log::head).unwrap().sequence + 1;
        }
    });
}

/// Every state the disk can be in while SQLite writes its log: the write-ahead log cut off anywhere.
#[test]
fn a_write_ahead_log_that_is_cut_off_anywhere_gives_a_whole_prefix() {
    const ENTRIES: u64 = 6;
    let backend = Backend::file();
    let path = backend.directory.path().join("store.db");
    let sizes: Vec<u64> = (1..=ENTRIES)
        .map(|number| {
            write_one(&backend.store, number);
            std::fs::metadata(path.with_extension("db-wal"))
                .unwrap()
                .len()
        })
        .collect();
    let (main, side) = (
        std::fs::read(&path).unwrap(),
        std::fs::read(path.with_extension("db-wal")).unwrap(),
    );
    let scratch = tempfile::tempdir().unwrap();
    let cut = scratch.path().join("store.db");
    // Ends of frames, and within them; the first pages are the migration.
    let from = usize::try_from(sizes[0]).unwrap();
    for length in (from..=side.len()).step_by(1030).chain([side.len()]) {
        let _ = std::fs::remove_file(cut.with_extension("db-shm"));
        std::fs::write(&cut, &main).unwrap();
        std::fs::write(cut.with_extension("db-wal"), &side[..length]).unwrap();
        let whole = sizes.iter().filter(|size| **size <= length as u64).count() as u64;
        let store = Store::open(&cut).unwrap();
        assert_eq!(
            store.read(log::head).unwrap().sequence,
            whole,
            "cut at {length}"
        );
        check(&store, whole);
        assert_eq!(
            store
                .read(|tx| reports::history(tx, HostId(0)))
                .unwrap()
                .len(),
            1
        );
    }
}
