//! Suppressions of the fleet: what they take out of groups, when they void themselves, and that they come back from text.

use base::HostId;
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::{Evaluated, Fact, Record, Request, evaluate};
use crate::asset::Asset;
use crate::finding::{Finding, Kev};
use crate::group::{FindingGroup, HostName, Life};
use crate::life::Member;
use crate::life::cover::HostCover;
use crate::sample::{at, finding, now};

/// Hosts web-0, web-1, … with the numbers 100, 101, …
fn members(exposed: &[Option<bool>]) -> Vec<Member> {
    let member = |(place, exposed): (usize, &Option<bool>)| Member {
        name: HostName {
            id: HostId(100 + place as u32),
            name: format!("web-{place}"),
        },
        asset: Asset {
            exposed: *exposed,
            zone: Some(if place < 2 { "dmz" } else { "lan" }.to_owned()),
            tags: vec![format!("ring-{}", place % 2)],
            ..Asset::default()
        },
        support: None,
    };
    exposed.iter().enumerate().map(member).collect()
}

fn on(finding: Finding, targets: &[usize]) -> FindingGroup {
    FindingGroup {
        finding,
        targets: targets.to_vec(),
        first_seen: at("2026-05-01T00:00:00Z"),
        life: Life::Open { reopened: false },
    }
}

fn zlib(version: &str) -> Finding {
    finding("CVE-2026-0001", "Debian:12", "zlib1g", version)
}

fn listed(finding: Finding) -> Finding {
    let kev = Kev {
        cve: finding.cves[0],
        added: date(2026, 6, 10),
        due: None,
        ransomware: None,
    };
    Finding {
        kev: Some(kev),
        ..finding
    }
}

fn request(hosts: HostCover) -> Request {
    Request {
        ids: vec!["CVE-2026-0001".to_owned()],
        hosts,
        owner: "platform team".to_owned(),
        reason: "not reachable".to_owned(),
        until: "2026-12-31".to_owned(),
        ..Request::default()
    }
}

fn names(names: &[&str]) -> HostCover {
    HostCover {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        ..HostCover::default()
    }
}

const LAN: [Option<bool>; 4] = [Some(false), Some(false), Some(false), Some(false)];

fn made(request: &Request, groups: &[FindingGroup], members: &[Member]) -> Record {
    Record::make(7, request, groups, members, now()).expect("a test makes whole requests")
}

/// The places on which a finding is set aside.
fn aside(evaluated: &Evaluated) -> Vec<usize> {
    let groups = evaluated.groups.iter();
    let aside = groups.filter(|group| matches!(group.life, Life::Suppressed(_)));
    let mut places: Vec<usize> = aside.flat_map(|group| group.targets.clone()).collect();
    places.sort_unstable();
    places
}

/// `fact: was > is on 100,101` of each void.
fn voids(evaluated: &Evaluated) -> Vec<String> {
    let voided = evaluated.voided.iter().map(|(number, void)| {
        assert_eq!(*number, 7);
        let hosts = void.hosts.as_ref().map(crate::life::hosts_text::write);
        let hosts = hosts.unwrap_or_else(|| "all".to_owned());
        format!(
            "{}: {} > {} on {hosts}",
            void.fact.as_str(),
            void.was,
            void.is
        )
    });
    voided.collect()
}

/// Which places the record sets aside, and what voids itself; what is void is kept, as the store does.
fn check(
    record: &mut Record,
    groups: Vec<FindingGroup>,
    members: &[Member],
    places: &[usize],
    said: &[&str],
) {
    let evaluated = evaluate(std::slice::from_ref(record), groups, members, now());
    assert_eq!(aside(&evaluated), places);
    assert_eq!(voids(&evaluated), said);
    let kept = evaluated.voided.into_iter().map(|(_, void)| void);
    record.voids.extend(kept);
}

#[test]
fn a_group_is_split_where_only_some_of_its_hosts_are_covered() {
    let members = members(&LAN);
    let group = || on(zlib("1"), &[0, 1, 2, 3]);
    let covered = |hosts: HostCover, places: &[usize]| {
        let mut record = made(&request(hosts), &[group()], &members);
        check(&mut record, vec![group()], &members, places, &[]);
    };
    covered(HostCover::default(), &[0, 1, 2, 3]);
    covered(names(&["WEB-1", "web-3"]), &[1, 3]);
    let hosts = HostCover {
        zones: vec!["dm*".to_owned()],
        tags: vec!["ring-1".to_owned()],
        ..HostCover::default()
    };
    covered(hosts, &[1]);
    let hosts = HostCover {
        hosts: [102].into_iter().collect(),
        ..names(&["web-0"])
    };
    covered(hosts, &[0, 2]);
    let record = made(&request(names(&["web-1"])), &[group()], &members);
    let evaluated = evaluate(&[record], vec![group()], &members, now());
    let [left, taken] = &evaluated.groups[..] else {
        panic!("two groups");
    };
    assert_eq!(
        (&left.targets[..], &taken.targets[..]),
        (&[0, 2, 3][..], &[1][..])
    );
    assert_eq!(taken.life, Life::Suppressed(7));
    assert_eq!(taken.finding.target_name, "web-1");
}

#[test]
fn a_listing_voids_it_everywhere_and_it_stays_void_until_it_is_renewed() {
    let members = members(&LAN);
    let mut record = made(
        &request(names(&["web-*"])),
        &[on(zlib("1"), &[0, 1])],
        &members,
    );
    let void = "kev: not listed > CVE-2026-0001 listed 2026-06-10 on all";
    let late = at("2026-06-12T00:00:00Z");
    let groups = vec![on(listed(zlib("1")), &[0, 1])];
    let evaluated = evaluate(
        std::slice::from_ref(&record),
        groups.clone(),
        &members,
        late,
    );
    assert_eq!(evaluated.voided[0].1.since, at("2026-06-10T00:00:00Z"));
    check(&mut record, groups.clone(), &members, &[], &[void]);
    check(&mut record, groups.clone(), &members, &[], &[]);
    check(
        &mut record,
        vec![on(zlib("1"), &[0, 1])],
        &members,
        &[],
        &[],
    );
    record.renew(&groups, &members, now());
    check(&mut record, groups, &members, &[0, 1], &[]);
}

#[test]
fn a_host_that_becomes_reachable_voids_it_there_and_one_that_stops_to_be_does_not() {
    let group = || on(zlib("1"), &[0, 1, 2]);
    let before = members(&[Some(false), None, Some(true)]);
    let mut record = made(&request(HostCover::default()), &[group()], &before);
    let check =
        |record: &mut Record, exposed: [Option<bool>; 3], places: &[usize], said: &[&str]| {
            check(record, vec![group()], &members(&exposed), places, said);
        };
    check(
        &mut record,
        [Some(false), None, Some(true)],
        &[0, 1, 2],
        &[],
    );
    check(
        &mut record,
        [Some(false), Some(false), Some(false)],
        &[0, 1, 2],
        &[],
    );
    let lost = "exposed: no > unknown on 100";
    check(&mut record, [None, None, None], &[1, 2], &[lost]);
    let open = "exposed: unknown > yes on 101";
    check(
        &mut record,
        [Some(true), Some(true), Some(true)],
        &[2],
        &[open],
    );
    check(
        &mut record,
        [Some(false), Some(false), Some(false)],
        &[2],
        &[],
    );
}

#[test]
fn another_version_voids_it_there_even_if_another_host_had_that_version() {
    let members = members(&LAN);
    let groups = [on(zlib("1"), &[0, 1]), on(zlib("2"), &[2])];
    let mut record = made(&request(HostCover::default()), &groups, &members);
    check(&mut record, groups.to_vec(), &members, &[0, 1, 2], &[]);
    let upgraded = vec![on(zlib("1"), &[0]), on(zlib("2"), &[1, 2])];
    let void = "version: 1 > zlib1g 2 on 101";
    check(&mut record, upgraded, &members, &[0, 2], &[void]);
    let back = vec![on(zlib("1"), &[0, 1])];
    check(&mut record, back, &members, &[0], &[]);
    // A binary package of the same unit is no other version of it.
    let dev = Finding {
        package: "zlib1g-dev".to_owned(),
        source_package: Some("zlib1g".to_owned()),
        ..zlib("1")
    };
    check(&mut record, vec![on(dev, &[0])], &members, &[0], &[]);
}

#[test]
fn a_host_that_came_later_is_covered_by_what_others_were_and_not_beyond() {
    let groups = [on(zlib("1"), &[0])];
    let mut record = made(&request(HostCover::default()), &groups, &members(&LAN[..1]));
    let exposed = [Some(false), Some(false), Some(true), Some(false)];
    let groups = vec![on(zlib("1"), &[0, 1, 2]), on(zlib("3"), &[3])];
    let voids = ["exposed: no > yes on 102", "version: 1 > zlib1g 3 on 103"];
    check(&mut record, groups, &members(&exposed), &[0, 1], &voids);
}

#[test]
fn its_condition_and_its_end_bring_findings_back() {
    let members = members(&LAN);
    let groups = || vec![on(zlib("1"), &[0, 1])];
    let with = Request {
        unless: Some("kev".to_owned()),
        ..request(HostCover::default())
    };
    let mut record = made(&with, &groups(), &members);
    check(&mut record, groups(), &members, &[0, 1], &[]);
    let record = made(&request(HostCover::default()), &groups(), &members);
    let at_time =
        |time: &str| evaluate(std::slice::from_ref(&record), groups(), &members, at(time));
    assert_eq!(at_time("2026-12-16T23:59:59Z").ending, []);
    let ends: Timestamp = at("2027-01-01T00:00:00Z");
    assert_eq!(at_time("2026-12-18T00:00:00Z").ending, [(7, ends)]);
    let ended = at_time("2027-01-01T00:00:00Z");
    assert_eq!((aside(&ended), ended.expired), (vec![], vec![(7, 2)]));
    let none = evaluate(std::slice::from_ref(&record), Vec::new(), &members, now());
    assert_eq!(none.unused, [7]);
    let likely = Request {
        unless: Some("epss >= 50%".to_owned()),
        ..request(HostCover::default())
    };
    let mut record = made(&likely, &groups(), &members);
    let void = "unless: not epss>=0.5 > not known whether epss>=0.5 on 100-101";
    check(&mut record, groups(), &members, &[], &[void]);
}

#[test]
fn what_lacks_something_is_refused_with_what_to_add() {
    let refused = |request: Request, what: &str| {
        let made = Record::make(7, &request, &[], &[], now());
        let what_said = made.expect_err("it lacks something");
        assert!(what_said.contains(what), "{what_said}");
    };
    let whole = || request(HostCover::default());
    refused(
        Request {
            ids: vec![],
            ..whole()
        },
        "no id",
    );
    refused(
        Request {
            owner: String::new(),
            ..whole()
        },
        "no owner",
    );
    refused(
        Request {
            until: String::new(),
            ..whole()
        },
        "no end",
    );
    refused(
        Request {
            until: "soon".to_owned(),
            ..whole()
        },
        "until is not a date: soon",
    );
    refused(
        Request {
            unless: Some("kev or".to_owned()),
            ..whole()
        },
        "unless, character 7",
    );
    // Text from outside stays text: it cannot add keys to the entry.
    let hostile = Request {
        reason: "\"\nid = [\"CVE-1\"]\n[[suppress]]".to_owned(),
        ..whole()
    };
    let record = Record::make(7, &hostile, &[], &[], now()).expect("it is whole");
    assert_eq!(record.suppression().reason, hostile.reason);
    assert_eq!(record.suppression().scope, "CVE-2026-0001");
}

#[test]
fn text_that_is_not_understood_whole_is_refused() {
    let members = members(&LAN);
    let record = made(
        &request(names(&["web-*"])),
        &[on(zlib("1"), &[0, 1])],
        &members,
    );
    let text = record.to_text();
    let refused = |from: &str, to: &str, what: &str| {
        assert!(text.contains(from), "{text}");
        let error = Record::from_text(&text.replacen(from, to, 1)).expect_err(to);
        assert!(error.contains(what), "{error}");
    };
    refused(
        "suppression/1",
        "suppression/2",
        "this program reads daywatch.suppression/1",
    );
    refused(
        "\"number\"",
        "\"colour\":1,\"number\"",
        "unknown field `colour`",
    );
    refused("\"100-101\"", "\"0-4294967295\"", "limit cover-hosts");
    refused("\"no\"", "\"perhaps\"", "unknown exposure: perhaps");
    refused("reason", "raison", "unknown key: raison");
}

fn any_groups() -> impl Strategy<Value = Vec<FindingGroup>> {
    let version = proptest::sample::select(vec!["1", "2"]);
    let targets = proptest::sample::subsequence(vec![0_usize, 1, 2, 3], 1..=4);
    let group = (version, targets, any::<bool>()).prop_map(|(version, targets, is_listed)| {
        let finding = if is_listed {
            listed(zlib(version))
        } else {
            zlib(version)
        };
        on(finding, &targets)
    });
    proptest::collection::vec(group, 0..4)
}

fn any_exposed() -> impl Strategy<Value = Vec<Option<bool>>> {
    proptest::collection::vec(proptest::option::of(any::<bool>()), 4)
}

/// Every finding on every host, and its version.
fn pairs(groups: &[FindingGroup]) -> Vec<(String, usize)> {
    let pairs = groups.iter().flat_map(|group| {
        let version = group.finding.version.clone();
        group
            .targets
            .iter()
            .map(move |target| (version.clone(), *target))
    });
    let mut pairs: Vec<(String, usize)> = pairs.collect();
    pairs.sort();
    pairs
}

proptest! {
    #[test]
    fn nothing_is_lost_and_what_is_void_never_comes_back(
        made_for in any_groups(), before in any_exposed(), days in proptest::collection::vec((any_groups(), any_exposed()), 1..5),
    ) {
        let mut record = made(&request(names(&["web-*"])), &made_for, &members(&before));
        let mut void: Vec<(String, usize)> = Vec::new();
        for (groups, exposed) in days {
            let members = members(&exposed);
            let evaluated = evaluate(std::slice::from_ref(&record), groups.clone(), &members, now());
            prop_assert_eq!(pairs(&evaluated.groups), pairs(&groups));
            let is_aside = |group: &&FindingGroup| matches!(group.life, Life::Suppressed(_));
            let aside: Vec<FindingGroup> = evaluated.groups.iter().filter(is_aside).cloned().collect();
            prop_assert!(pairs(&aside).iter().all(|pair| !void.contains(pair)), "{:?} {:?}", aside, void);
            let open: Vec<FindingGroup> = evaluated.groups.iter().filter(|g| !is_aside(g)).cloned().collect();
            let still = pairs(&open).into_iter().filter(|pair| pairs(&aside).iter().all(|other| other != pair));
            void.extend(still);
            record.voids.extend(evaluated.voided.into_iter().map(|(_, void)| void));
            let again = Record::from_text(&record.to_text());
            prop_assert_eq!(again.as_ref(), Ok(&record));
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}", cut in 0_usize..400) {
        let _ = Record::from_text(&text);
        let whole = made(&request(names(&["web-*"])), &[on(zlib("1"), &[0])], &members(&LAN)).to_text();
        let mut cut = cut.min(whole.len());
        while !whole.is_char_boundary(cut) {
            cut -= 1;
        }
        let _ = Record::from_text(&format!("{}{text}{}", &whole[..cut], &whole[cut..]));
    }
}

#[test]
fn facts_have_their_words() {
    let words = Fact::ALL.map(Fact::as_str);
    assert_eq!(words, ["kev", "exposed", "version", "unless"]);
}
