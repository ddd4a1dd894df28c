//! All or nothing, one writer, snapshots.

use std::sync::mpsc;
use std::time::Duration;

use store::{Store, StoreError, hosts, people};

use crate::backends::{on_each, on_shared};
use crate::sample::add_host;

fn names(store: &Store) -> Vec<String> {
    let all = store.read(hosts::all).unwrap();
    all.into_iter().map(|host| host.name).collect()
}

#[test]
fn a_transaction_that_fails_leaves_nothing() {
    on_each(|backend| {
        backend.store.write(|tx| add_host(tx, "kept")).unwrap();
        let failed = backend.store.write(|tx| {
            add_host(tx, "lost")?;
            Err::<(), _>(StoreError::Refused("the caller gave up".to_owned()))
        });
        assert!(matches!(failed, Err(StoreError::Refused(_))));
        assert_eq!(names(&backend.store), ["kept"]);
    });
}

#[test]
fn a_panic_in_a_transaction_leaves_nothing_and_a_store_that_works() {
    on_each(|backend| {
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = backend.store.write(|tx| -> store::Result<()> {
                add_host(tx, "lost")?;
                panic!("on purpose");
            });
        }));
        assert!(panicked.is_err());
        backend.store.write(|tx| add_host(tx, "kept")).unwrap();
        assert_eq!(names(&backend.store), ["kept"]);
    });
}

#[test]
fn a_snapshot_is_not_written_to() {
    on_each(|backend| {
        let refused = backend.store.read(|tx| add_host(tx, "no"));
        assert!(
            matches!(refused, Err(StoreError::Refused(_))),
            "{refused:?}"
        );
        assert_eq!(names(&backend.store), [""; 0]);
    });
}

#[test]
fn a_snapshot_sees_one_moment_while_others_write() {
    on_shared(|backend| {
        backend.store.write(|tx| add_host(tx, "before")).unwrap();
        let other = backend.again();
        let counts = backend.store.read(|tx| {
            let before = hosts::all(tx)?.len();
            other.write(|tx| add_host(tx, "meanwhile"))?;
            Ok((before, hosts::all(tx)?.len()))
        });
        assert_eq!(counts.unwrap(), (1, 1));
        assert_eq!(names(&backend.store), ["before", "meanwhile"]);
    });
}

#[test]
fn a_second_writer_waits_for_the_first() {
    on_shared(|backend| {
        let other = backend.again();
        let (started, on_start) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                on_start.recv().unwrap();
                other.write(|tx| add_host(tx, "second")).unwrap();
            });
            backend
                .store
                .write(|tx| {
                    started.send(()).unwrap();
                    std::thread::sleep(Duration::from_millis(300));
                    add_host(tx, "first")
                })
                .unwrap();
        });
        assert_eq!(names(&backend.store), ["first", "second"]);
    });
}

#[test]
fn many_writers_lose_nothing() {
    on_shared(|backend| {
        const WRITERS: usize = 4;
        const EACH: usize = 25;
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let store = backend.again();
                scope.spawn(move || {
                    for n in 0..EACH {
                        store
                            .write(|tx| add_host(tx, &format!("{writer}-{n}")))
                            .unwrap();
                    }
                });
            }
        });
        let all = backend.store.read(hosts::all).unwrap();
        let ids: Vec<u32> = all.iter().map(|host| host.id.0).collect();
        assert_eq!(ids, (0..(WRITERS * EACH) as u32).collect::<Vec<u32>>());
    });
}

#[test]
fn what_was_written_is_there_for_another_process() {
    on_shared(|backend| {
        backend
            .store
            .write(|tx| people::named(tx, "on-call engineer"))
            .unwrap();
        let other = backend.again();
        assert_eq!(
            other.read(people::all).unwrap(),
            backend.store.read(people::all).unwrap()
        );
    });
}
