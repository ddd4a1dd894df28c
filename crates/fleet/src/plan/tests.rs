//! Plans by example, and what must hold of any.

use proptest::prelude::*;
use risk::policy::{Action, UsedFact};

use super::*;
use crate::finding::Finding;
use crate::patch::Work;
use crate::sample::{at, decided, decision, finding, kev, now};

fn place(name: &str, owner: Option<&str>, window: Option<&str>) -> Place {
    Place {
        name: name.to_owned(),
        owner: owner.map(str::to_owned),
        window: window.map(|start| Slot {
            name: "thu-2200".to_owned(),
            start: at(start),
            end: at(start) + jiff::SignedDuration::from_hours(4),
        }),
        ring: None,
    }
}

fn group(finding: Finding, targets: &[usize]) -> FindingGroup {
    FindingGroup {
        finding,
        targets: targets.to_vec(),
        first_seen: now(),
        life: Life::Open { reopened: false },
    }
}

fn openssl(id: &str, by: Option<&str>) -> Finding {
    let fixed = Finding {
        fixed: vec!["3.0.15-1".to_owned()],
        ..finding(id, "Debian:12", "openssl", "3.0.9-1")
    };
    decided(fixed, vec![decision("house", by.map(at))])
}

/// Owner, window known, in time, hosts with rings, findings, overdue.
type Expected<'a> = (
    Option<&'a str>,
    bool,
    InTime,
    &'a [(&'a str, u32)],
    usize,
    usize,
);

fn check(groups: &[FindingGroup], places: &[Place], expected: &[Expected<'_>]) {
    let plan = plan(groups, places, now());
    let steps = plan.items.iter().flat_map(|item| &item.steps);
    let seen: Vec<_> = steps
        .map(|s| {
            let hosts: Vec<(&str, u32)> = s.hosts.iter().map(|h| (plan.name(*h), h.ring)).collect();
            (
                s.owner.as_deref(),
                s.window.is_some(),
                s.in_time,
                hosts,
                s.findings,
                s.overdue,
            )
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(o, w, t, h, f, d)| (*o, *w, *t, h.to_vec(), *f, *d))
        .collect();
    assert_eq!(seen, expected);
}

#[test]
fn each_owner_has_a_step_in_each_window_and_the_date_is_held_against_it() {
    let soon = "2026-06-02T20:00:00Z";
    let places = [
        place("web-2", Some("linux"), Some(soon)),
        place("web-1", Some("linux"), Some(soon)),
        place("db-1", Some("data"), Some("2026-06-09T20:00:00Z")),
        place("lost", None, None),
    ];
    let groups = [
        group(
            openssl("CVE-2026-0001", Some("2026-06-03T00:00:00Z")),
            &[0, 1, 2, 3],
        ),
        group(openssl("CVE-2026-0002", Some("2026-05-20T00:00:00Z")), &[1]),
    ];
    check(
        &groups,
        &places,
        &[
            (
                Some("linux"),
                true,
                InTime::No,
                &[("web-1", 0), ("web-2", 1)],
                3,
                1,
            ),
            (Some("data"), true, InTime::No, &[("db-1", 1)], 1, 0),
            (None, false, InTime::NoWindow, &[("lost", 1)], 1, 0),
        ],
    );
    check(
        &groups[..1],
        &places[..1],
        &[
            (Some("linux"), true, InTime::Yes, &[("web-2", 0)], 1, 0),
            (
                None,
                false,
                InTime::NoWindow,
                &[("host 1", 1), ("host 2", 1), ("host 3", 1)],
                3,
                0,
            ),
        ],
    );
    check(
        &[group(
            openssl("CVE-2026-0001", Some("2026-06-03T00:00:00Z")),
            &[0],
        )],
        &places,
        &[(Some("linux"), true, InTime::Yes, &[("web-2", 0)], 1, 0)],
    );
    check(
        &[group(openssl("CVE-2026-0001", None), &[0])],
        &places,
        &[(Some("linux"), true, InTime::NoDate, &[("web-2", 0)], 1, 0)],
    );
}

#[test]
fn rings_that_somebody_gave_order_the_hosts() {
    let ringed = |name, ring| Place {
        ring,
        ..place(name, None, None)
    };
    let places = [
        ringed("a", None),
        ringed("b", Some(2)),
        ringed("c", Some(0)),
    ];
    check(
        &[group(openssl("CVE-2026-0001", None), &[0, 1, 2])],
        &places,
        &[(
            None,
            false,
            InTime::NoDate,
            &[("c", 0), ("a", 1), ("b", 2)],
            3,
            0,
        )],
    );
}

#[test]
fn a_place_is_what_the_team_says_of_a_host() {
    let check = |tags: &[&str], window: Option<&str>, ring: Option<u32>, slot: Option<&str>| {
        let asset = Asset {
            owner: Some("linux".to_owned()),
            window: window.map(|w| w.parse().unwrap()),
            tags: tags.iter().map(|t| (*t).to_owned()).collect(),
            ..Asset::default()
        };
        let place = Place::of("web-1", &asset, now());
        assert_eq!((place.owner.as_deref(), place.ring), (Some("linux"), ring));
        assert_eq!(place.window.map(|s| s.start), slot.map(at));
    };
    check(&[], None, None, None);
    check(&["ring-2", "pci"], None, Some(2), None);
    check(&["canary", "ring-2"], None, Some(0), None);
    check(
        &["ring-x"],
        Some("thu 22:00 4h UTC"),
        None,
        Some("2026-06-04T22:00:00Z"),
    );
}

#[test]
fn every_policy_keeps_its_strictest_date_and_the_earliest_counts() {
    let both = |id, house: &str, pci: Option<&str>| {
        decided(
            openssl(id, None),
            vec![
                decision("house", Some(at(house))),
                decision("pci", pci.map(at)),
            ],
        )
    };
    let groups = [
        group(
            both(
                "CVE-2026-0001",
                "2026-06-20T00:00:00Z",
                Some("2026-06-10T00:00:00Z"),
            ),
            &[0],
        ),
        group(both("CVE-2026-0002", "2026-06-12T00:00:00Z", None), &[0]),
    ];
    let plan = plan(&groups, &[place("a", None, None)], now());
    let item = &plan.items[0];
    let seen: Vec<_> = item
        .deadlines
        .iter()
        .map(|d| (d.policy.as_str(), d.by, d.id.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            ("pci", Some(at("2026-06-10T00:00:00Z")), "CVE-2026-0001"),
            ("house", Some(at("2026-06-12T00:00:00Z")), "CVE-2026-0002"),
        ]
    );
    assert_eq!(item.due(), Some(at("2026-06-10T00:00:00Z")));
}

#[test]
fn where_triage_is_asked_for_nobody_patches_yet() {
    let asked = |triage_by: Option<&str>| {
        let mut d = decision("bod", Some(at("2026-06-04T00:00:00Z")));
        d.actions.push(Action::ForensicTriage);
        d.triage_by = triage_by.map(at);
        d
    };
    let of = |id, by| decided(openssl(id, None), vec![asked(by)]);
    let groups = [
        group(of("CVE-2026-0001", None), &[0]),
        group(of("CVE-2026-0002", Some("2026-06-02T00:00:00Z")), &[1]),
        group(openssl("CVE-2026-0003", None), &[2]),
    ];
    let plan = plan(&groups, &[], now());
    let hold = plan.items[0].steps[0].hold.clone();
    let expected = Hold {
        by: Some(at("2026-06-02T00:00:00Z")),
        policy: "bod".to_owned(),
        targets: vec![0, 1],
    };
    assert_eq!(hold, Some(expected));
    assert_eq!(plan.totals().held, 1);
}

#[test]
fn what_holds_a_host_holds_back_everything_planned_for_it_but_a_mitigation() {
    let mut asked = decision("bod", Some(at("2026-06-04T00:00:00Z")));
    asked.actions.push(Action::ForensicTriage);
    let of = |package: &str, fixed: &[&str]| Finding {
        fixed: fixed.iter().map(|v| (*v).to_owned()).collect(),
        ..finding("CVE-2026-0009", "Debian:12", package, "1")
    };
    let groups = [
        group(decided(openssl("CVE-2026-0001", None), vec![asked]), &[0]),
        group(of("linux", &["2"]), &[0, 1]),
        group(of("zlib1g", &[]), &[0]),
    ];
    let plan = plan(&groups, &[], now());
    let held: Vec<_> = plan
        .items
        .iter()
        .map(|i| {
            (
                i.patch.package.as_str(),
                i.steps[0].hold.as_ref().map(|h| h.targets.clone()),
            )
        })
        .collect();
    assert_eq!(
        held,
        [
            ("openssl", Some(vec![0])),
            ("linux", Some(vec![0])),
            ("zlib1g", None)
        ]
    );
}

#[test]
fn known_exploited_ones_are_named_first_and_mitigated_ones_are_counted() {
    let listed = Finding {
        kev: Some(kev(None)),
        ..openssl("CVE-2026-0001", None)
    };
    let mut quiet = group(openssl("CVE-2025-0009", None), &[0]);
    quiet.life = Life::Mitigated {
        how: "port 443 closed".to_owned(),
        until: None,
    };
    let plan = plan(&[quiet, group(listed, &[0, 1])], &[], now());
    let item = &plan.items[0];
    assert_eq!(item.ids, ["CVE-2026-0001", "CVE-2025-0009"]);
    assert_eq!(
        (item.findings, item.mitigated, item.steps[0].exploited),
        (3, 1, 1)
    );
}

#[test]
fn a_plan_of_one_owner_keeps_numbers_and_keys() {
    let places = [place("a", Some("x"), None), place("b", Some("y"), None)];
    let zlib = Finding {
        fixed: Vec::new(),
        ..finding("CVE-2026-0004", "Debian:12", "zlib1g", "1")
    };
    let groups = [
        group(openssl("CVE-2026-0001", Some("2026-06-03T00:00:00Z")), &[0]),
        group(zlib, &[1]),
    ];
    let whole = plan(&groups, &places, now());
    let cut = whole.clone().of_owner("y");
    assert_eq!(cut.items.len(), 1);
    assert_eq!(
        (cut.items[0].number, cut.items[0].patch.work),
        (2, Work::Mitigate)
    );
    assert_eq!(cut.items[0].key, whole.items[1].key);
    assert_eq!(
        whole.owners().into_iter().collect::<Vec<_>>(),
        [Some("x"), Some("y")]
    );
}

#[test]
fn a_key_survives_another_version_and_a_step_another_date_of_its_window() {
    let key = |fixed: &str, start: &str| {
        let newer = Finding {
            fixed: vec![fixed.to_owned()],
            ..openssl("CVE-2026-0001", None)
        };
        let plan = plan(
            &[group(newer, &[0])],
            &[place("a", Some("x"), Some(start))],
            now(),
        );
        (
            plan.items[0].key.clone(),
            plan.items[0].steps[0].key.clone(),
        )
    };
    let first = key("3.0.15-1", "2026-06-04T20:00:00Z");
    assert_eq!(first, key("3.0.16-1", "2026-06-11T20:00:00Z"));
    assert!(first.0.len() == 16 && first.0 != first.1);
}

#[test]
fn a_deadline_that_moved_says_which_fact_moved_it() {
    let with = |by: &str, automatable: Option<&str>| {
        let mut d = decision("house", Some(at(by)));
        let fact = |name: &str, value: Option<&str>| UsedFact {
            name: name.to_owned(),
            value: value.map(str::to_owned),
            source: "test".to_owned(),
            assumed: value.is_none().then(|| "no".to_owned()),
        };
        d.facts = vec![fact("kev", Some("no")), fact("automatable", automatable)];
        let groups = [group(
            decided(openssl("CVE-2026-0001", None), vec![d]),
            &[0],
        )];
        plan(&groups, &[], now())
    };
    let before = with("2026-06-20T00:00:00Z", None);
    let previous = Previous {
        at: before.now,
        items: before
            .items
            .iter()
            .map(|i| PreviousItem {
                key: i.key.clone(),
                deadlines: i.deadlines.clone(),
            })
            .collect(),
    };
    let same = with("2026-06-20T00:00:00Z", None).compared_with(&previous);
    assert_eq!(same.since, Some((now(), Vec::new())));
    let (_, moved) = with("2026-06-06T00:00:00Z", Some("yes"))
        .compared_with(&previous)
        .since
        .unwrap();
    assert_eq!(
        (moved[0].before, moved[0].after),
        (
            Some(at("2026-06-20T00:00:00Z")),
            Some(at("2026-06-06T00:00:00Z"))
        )
    );
    let fact = ChangedFact {
        name: "automatable".to_owned(),
        before: Some("unknown, taken as no".to_owned()),
        after: Some("yes".to_owned()),
    };
    assert_eq!((moved.len(), moved[0].facts.clone()), (1, vec![fact]));
}

proptest! {
    /// Whoever the hosts belong to, nothing is lost and nothing is told twice.
    #[test]
    fn the_steps_share_out_every_finding_on_every_host(
        sets in proptest::collection::vec(proptest::collection::btree_set(0usize..8, 1..8), 1..8),
        owners in proptest::collection::vec(0u8..3, 8),
    ) {
        let places: Vec<Place> = owners.iter().enumerate().map(|(n, o)| {
            let owner = ["x", "y"].get(usize::from(*o)).copied();
            let window = (n % 2 == 0).then_some("2026-06-02T20:00:00Z");
            place(&format!("h{n}"), owner, window)
        }).collect();
        let groups: Vec<FindingGroup> = sets.iter().enumerate().map(|(n, hosts)| {
            let package = format!("p{}", n % 3);
            let f = Finding { fixed: vec!["2".to_owned()], ..finding(&format!("CVE-2026-{:04}", n + 1), "Debian:12", &package, "1") };
            group(f, &hosts.iter().copied().collect::<Vec<_>>())
        }).collect();
        let plan = plan(&groups, &places, now());
        let all: usize = sets.iter().map(|s| s.len()).sum();
        prop_assert_eq!(plan.totals().findings, all);
        for item in &plan.items {
            let mut seen: Vec<usize> = item.steps.iter().flat_map(|s| s.hosts.iter().map(|h| h.target)).collect();
            seen.sort_unstable();
            prop_assert_eq!(&seen, &item.patch.targets);
        }
        let keys: BTreeSet<&str> = plan.items.iter().flat_map(|i| &i.steps).map(|s| s.key.as_str()).collect();
        prop_assert_eq!(keys.len(), plan.totals().steps);
    }
}
