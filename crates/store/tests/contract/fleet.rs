//! Hosts, what they are told by, what is said of them, and what they reported.

use base::HostId;
use fleet::asset::{Attribute, AttributeKind, Authority, Said};
use fleet::change::What;
use fleet::identity::{Answer, Directory, Identifier, IdentifierKind};
use inventory::HostKind;
use jiff::Timestamp;
use store::answers::GivenAnswer;
use store::facts::{AsOf, HostFact};
use store::hosts::NewHost;
use store::identifiers::HostIdentifier;
use store::{StoreError, answers, facts, hosts, identifiers, log, reports};

use crate::backends::on_each;
use crate::sample::{add_host, append, host, moment, report};

#[test]
fn hosts_get_numbers_without_gaps_and_keep_them() {
    on_each(|backend| {
        let new = |name: &str| NewHost {
            name: name.to_owned(),
            kind: HostKind::Image,
        };
        let ids = backend
            .store
            .write(|tx| hosts::add(tx, &[new("a"), new("b")], 1))
            .unwrap();
        let more = backend
            .store
            .write(|tx| hosts::add(tx, &[new("a")], 2))
            .unwrap();
        assert_eq!((ids, more), (vec![HostId(0), HostId(1)], vec![HostId(2)]));
        backend
            .store
            .write(|tx| hosts::rename(tx, HostId(1), "c\0d"))
            .unwrap();
        let named = |name: &str| {
            let found = backend.store.read(|tx| hosts::named(tx, name)).unwrap();
            found
                .into_iter()
                .map(|host| host.id.0)
                .collect::<Vec<u32>>()
        };
        assert_eq!(
            (named("a"), named("b"), named("c\0d")),
            (vec![0, 2], vec![], vec![1])
        );
        let known_first = backend.store.read(|tx| hosts::at(tx, 1)).unwrap();
        assert_eq!(known_first.len(), 2);
        assert_eq!(known_first[1].kind, HostKind::Image);
    });
}

#[test]
fn a_merge_holds_from_its_entry_on_until_it_is_undone() {
    on_each(|backend| {
        let given = |learned, answer| GivenAnswer {
            one: HostId(0),
            other: HostId(1),
            answer,
            learned,
        };
        let all = [given(5, Answer::Same), given(9, Answer::TakenBack)];
        backend
            .store
            .write(|tx| {
                add_host(tx, "a")?;
                add_host(tx, "b")?;
                all.iter().try_for_each(|answer| answers::give(tx, answer))
            })
            .unwrap();
        let current = |sequence| {
            let mut directory = Directory::default();
            for given in backend.store.read(|tx| answers::at(tx, sequence)).unwrap() {
                directory.answer(given.one, given.other, given.answer);
            }
            directory.current(HostId(1)).0
        };
        assert_eq!((current(4), current(5), current(9)), (1, 0, 1));
        assert_eq!(backend.store.read(|tx| answers::at(tx, 100)).unwrap(), all);
        let itself = GivenAnswer {
            other: HostId(0),
            ..all[0]
        };
        assert!(
            backend
                .store
                .write(|tx| answers::give(tx, &itself))
                .is_err()
        );
        let nobody = GivenAnswer {
            other: HostId(7),
            ..all[0]
        };
        assert!(
            backend
                .store
                .write(|tx| answers::give(tx, &nobody))
                .is_err()
        );
    });
}

fn told(host: u32, kind: IdentifierKind, value: &str, learned: u64) -> HostIdentifier {
    HostIdentifier {
        host: HostId(host),
        identifier: Identifier::normal(kind, value),
        source: "agent".to_owned(),
        learned,
    }
}

#[test]
fn an_identifier_that_stays_is_learned_once_a_host() {
    on_each(|backend| {
        let of = |host, value, learned| told(host, IdentifierKind::FullName, value, learned);
        backend
            .store
            .write(|tx| {
                add_host(tx, "a")?;
                add_host(tx, "b")?;
                let all = [
                    of(0, "b.example", 1),
                    of(0, "a.example", 1),
                    of(1, "a.example", 1),
                ];
                assert_eq!(identifiers::learn(tx, &all)?, 3);
                assert_eq!(identifiers::learn(tx, &all)?, 0);
                assert_eq!(identifiers::learn(tx, &[of(0, "b.example", 2)])?, 0);
                Ok(())
            })
            .unwrap();
        backend
            .store
            .read(|tx| {
                let a = Identifier::normal(IdentifierKind::FullName, "a.example");
                assert_eq!(identifiers::find(tx, &a)?, [HostId(0), HostId(1)]);
                assert_eq!(
                    identifiers::of_host(tx, HostId(0))?,
                    [of(0, "a.example", 1), of(0, "b.example", 1)]
                );
                assert_eq!(identifiers::all(tx)?.len(), 3);
                assert_eq!(identifiers::at(tx, 0)?, []);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn addresses_are_those_of_the_last_report_even_when_one_comes_back() {
    on_each(|backend| {
        let of = |value, learned| told(0, IdentifierKind::Address, value, learned);
        let reports = [
            (vec![of("10.0.0.1", 1), of("10.0.0.2", 1)], 2),
            (vec![of("10.0.0.2", 2), of("10.0.0.1", 2)], 0),
            (vec![of("10.0.0.2", 3)], 1),
            (vec![of("10.0.0.1", 4), of("10.0.0.2", 4)], 2),
        ];
        backend.store.write(|tx| add_host(tx, "a")).unwrap();
        for (report, added) in &reports {
            assert_eq!(
                backend
                    .store
                    .write(|tx| identifiers::learn(tx, report))
                    .unwrap(),
                *added
            );
        }
        let check = |sequence, expected: &[&str]| {
            let all = backend
                .store
                .read(|tx| identifiers::at(tx, sequence))
                .unwrap();
            let last = all.iter().map(|it| it.learned).max();
            let values: Vec<&str> = all
                .iter()
                .filter(|it| Some(it.learned) == last)
                .map(|it| it.identifier.value())
                .collect();
            assert_eq!(values, expected);
        };
        check(2, &["10.0.0.1", "10.0.0.2"]);
        check(3, &["10.0.0.2"]);
        check(4, &["10.0.0.1", "10.0.0.2"]);
    });
}

#[test]
fn what_was_said_of_a_host_is_read_as_it_was_said() {
    on_each(|backend| {
        let said = |kind, text| Said {
            attribute: Attribute::parse(kind, text).unwrap(),
            authority: Authority::Rules,
            source: "fleet.toml:12".into(),
        };
        let all = [
            said(AttributeKind::Criticality, Some("very-high")),
            said(AttributeKind::Exposed, None),
            said(AttributeKind::Owner, Some("Linux team")),
            said(AttributeKind::Tag, Some("canary")),
            said(AttributeKind::Tag, Some("web")),
        ];
        let start = moment("2026-11-24T08:00:00Z");
        let stored: Vec<HostFact> = all
            .iter()
            .map(|said| HostFact::of(HostId(0), said, start, 1))
            .collect();
        backend
            .store
            .write(|tx| {
                add_host(tx, "a")?;
                facts::learn(tx, &stored)
            })
            .unwrap();
        let as_of = AsOf {
            sequence: 1,
            moment: start,
        };
        let read = backend.store.read(|tx| facts::at(tx, as_of)).unwrap();
        let said: Vec<Said> = read.iter().filter_map(HostFact::said).collect();
        assert_eq!(said, all);
        let gone = HostFact {
            value: None,
            learned: 2,
            ..stored[4].clone()
        };
        assert_eq!(gone.said(), None);
    });
}

fn zone(value: Option<&str>, valid_from: &str, learned: u64) -> HostFact {
    HostFact {
        host: HostId(0),
        fact: "zone".to_owned(),
        value: value.map(str::to_owned),
        authority: Authority::List,
        source: "cmdb".to_owned(),
        valid_from: moment(valid_from),
        learned,
    }
}

#[test]
fn facts_have_two_axes_of_time() {
    on_each(|backend| {
        let said = [
            zone(Some("dmz"), "2026-01-01T00:00:00Z", 1),
            // Learned in March that it moved in February.
            zone(Some("office"), "2026-02-01T00:00:00Z", 5),
            // And that it is not known any more.
            zone(None, "2026-04-01T00:00:00Z", 9),
        ];
        backend
            .store
            .write(|tx| {
                add_host(tx, "a")?;
                for fact in &said {
                    assert_eq!(facts::learn(tx, std::slice::from_ref(fact))?, 1);
                    assert_eq!(
                        facts::learn(tx, std::slice::from_ref(fact))?,
                        0,
                        "said twice"
                    );
                }
                Ok(())
            })
            .unwrap();
        let check = |sequence, at: &str, expected: &[&HostFact]| {
            let as_of = AsOf {
                sequence,
                moment: moment(at),
            };
            let got = backend.store.read(|tx| facts::at(tx, as_of)).unwrap();
            assert_eq!(got.iter().collect::<Vec<_>>(), expected);
            assert_eq!(
                backend
                    .store
                    .read(|tx| facts::of_host(tx, HostId(0), as_of))
                    .unwrap(),
                got
            );
        };
        check(9, "2025-12-31T00:00:00Z", &[]);
        check(9, "2026-01-15T00:00:00Z", &[&said[0]]);
        check(4, "2026-03-01T00:00:00Z", &[&said[0]]);
        check(5, "2026-03-01T00:00:00Z", &[&said[1]]);
        check(9, "2026-05-01T00:00:00Z", &[&said[2]]);
        assert_eq!(
            backend
                .store
                .read(|tx| facts::history(tx, HostId(0)))
                .unwrap(),
            said
        );
    });
}

#[test]
fn each_source_speaks_for_itself() {
    on_each(|backend| {
        let cmdb = zone(Some("dmz"), "2026-01-01T00:00:00Z", 1);
        let person = HostFact {
            source: "person".to_owned(),
            ..zone(Some("office"), "2026-01-01T00:00:00Z", 1)
        };
        let all = [cmdb, person];
        backend
            .store
            .write(|tx| {
                add_host(tx, "a")?;
                facts::learn(tx, &all)
            })
            .unwrap();
        let as_of = AsOf {
            sequence: 1,
            moment: Timestamp::MAX,
        };
        assert_eq!(backend.store.read(|tx| facts::at(tx, as_of)).unwrap(), all);
    });
}

#[test]
fn the_report_that_was_seen_last_counts_whenever_we_learned_it() {
    on_each(|backend| {
        let at = |hour: u32| moment(&format!("2026-11-24T{hour:02}:00:00Z"));
        backend
            .store
            .write(|tx| {
                let (a, b) = (add_host(tx, "a")?, add_host(tx, "b")?);
                for (id, version, seen) in [(a, "2", 12), (b, "1", 9), (a, "1", 8), (a, "3", 12)] {
                    let what = report(tx, id, &host("x", version), at(seen))?;
                    append(tx, at(13), &what)?;
                }
                Ok(())
            })
            .unwrap();
        let latest = |sequence| {
            let latest = backend
                .store
                .read(|tx| reports::latest_at(tx, sequence))
                .unwrap();
            latest
                .iter()
                .map(|report| (report.host.0, report.sequence))
                .collect::<Vec<_>>()
        };
        assert_eq!(latest(0), []);
        assert_eq!(latest(1), [(0, 1)]);
        assert_eq!(latest(3), [(0, 1), (1, 2)]);
        assert_eq!(latest(4), [(0, 4), (1, 2)]);
        assert_eq!(backend.store.read(reports::latest).unwrap().len(), 2);
        assert_eq!(
            backend
                .store
                .read(|tx| reports::history(tx, HostId(0)))
                .unwrap()
                .len(),
            3
        );
    });
}

#[test]
fn a_removed_host_is_there_again_when_it_reports() {
    on_each(|backend| {
        let now = moment("2026-11-24T08:00:00Z");
        backend
            .store
            .write(|tx| {
                let id = add_host(tx, "a")?;
                append(tx, now, &What::Removed(id))?;
                let what = report(tx, id, &host("a", "1"), now)?;
                append(tx, now, &what)
            })
            .unwrap();
        let removed =
            |sequence| backend.store.read(|tx| hosts::at(tx, sequence)).unwrap()[0].removed;
        assert_eq!((removed(1), removed(2)), (Some(1), None));
    });
}

#[test]
fn what_names_a_host_that_is_not_there_is_refused() {
    on_each(|backend| {
        let now = moment("2026-11-24T08:00:00Z");
        let removed = backend
            .store
            .write(|tx| append(tx, now, &What::Removed(HostId(3))));
        assert!(
            matches!(removed, Err(StoreError::Refused(_))),
            "{removed:?}"
        );
        let reported = backend.store.write(|tx| {
            let what = report(tx, HostId(3), &host("a", "1"), now)?;
            append(tx, now, &what)
        });
        assert!(
            matches!(reported, Err(StoreError::Refused(_))),
            "{reported:?}"
        );
        assert!(
            backend
                .store
                .write(|tx| hosts::rename(tx, HostId(3), "x"))
                .is_err()
        );
        assert_eq!(backend.store.read(log::head).unwrap().sequence, 0);
    });
}
