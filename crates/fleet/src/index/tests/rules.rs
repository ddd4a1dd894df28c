//! Each rule of docs/decisions/050-fleet.md by an example.

use base::{Digest, HostId};
use jiff::Timestamp;

use super::super::{Counts, Hour, Index, IndexError};
use super::{Fleet, hit, hour, release, report, turns};
use crate::change::{Act, CatalogChange, Change, HitsChange, What};
use crate::hit::Hit;
use crate::release::ReleaseId;

#[test]
fn a_finding_begins_when_the_host_got_it_or_when_it_was_learned() {
    let mut fleet = Fleet::new();
    fleet.report(7, hour(10), &[(1, vec![hit("A", &[])])]);
    // The hit was learned at 10: a host that had the package before is affected since 10, one that got it later since then.
    fleet.report_seen(8, hour(12), hour(5), &[(1, vec![])]);
    fleet.report_seen(9, hour(13), hour(11), &[(1, vec![])]);
    let turned = fleet.catalog(hour(20), &[(1, &[], vec![hit("B", &[])])]);
    assert_eq!(turns(&turned), ["opened r1 B 20 3"]);
    let expected = [
        "h7 r1 A 10",
        "h7 r1 B 20",
        "h8 r1 A 10",
        "h8 r1 B 20",
        "h9 r1 A 11",
        "h9 r1 B 20",
    ];
    assert_eq!(fleet.findings(), expected);
    assert_eq!(fleet.index.finding_count(), 6);
}

#[test]
fn an_upgrade_that_keeps_the_vulnerability_carries_its_date_on() {
    let mut fleet = Fleet::new();
    let (a, b, c) = (hit("A", &[]), hit("B", &[]), hit("C", &[]));
    fleet.report(7, hour(10), &[(1, vec![a.clone(), b])]);
    let turned = fleet.report(7, hour(30), &[(2, vec![a, c])]);
    assert_eq!(turns(&turned), ["fixed r1 B 10 1", "opened r2 C 30 1"]);
    assert_eq!(turned.carried, 1);
    assert_eq!(turned.hours_open(&turned.groups[0]), 20);
    assert_eq!(fleet.findings(), ["h7 r2 A 10", "h7 r2 C 30"]);
}

#[test]
fn another_package_of_the_same_source_carries_it_too() {
    let mut fleet = Fleet::new();
    let a = || vec![hit("A", &[])];
    fleet.report(7, hour(10), &[(1, a())]);
    let turned = fleet.report(7, hour(20), &[(1, vec![]), (4, a())]);
    assert_eq!((turns(&turned).len(), turned.carried), (0, 1));
    assert_eq!(fleet.findings(), ["h7 r1 A 10", "h7 r4 A 10"]);
    // While one of them has it, nothing is fixed.
    let turned = fleet.report(7, hour(30), &[(4, vec![])]);
    assert_eq!(turns(&turned).len(), 0);
    let turned = fleet.report(7, hour(40), &[]);
    assert_eq!(turns(&turned), ["fixed r4 A 10 1"]);
}

#[test]
fn a_vulnerability_that_was_seen_gone_and_is_there_again_is_reopened() {
    let mut fleet = Fleet::new();
    let a = || vec![hit("A", &[])];
    fleet.report(7, hour(10), &[(1, a())]);
    fleet.report(8, hour(10), &[(1, vec![])]);
    fleet.report(7, hour(20), &[(3, vec![])]);
    let turned = fleet.report(7, hour(30), &[(2, vec![hit("GHSA", &["a"])])]);
    assert_eq!(turns(&turned), ["reopened r2 GHSA 30 1"]);
    assert_eq!(fleet.findings(), ["h7 r2 GHSA 30 again", "h8 r1 A 10"]);
    // It is so through the next upgrade.
    fleet.report(7, hour(40), &[(1, vec![])]);
    assert_eq!(fleet.findings(), ["h7 r1 A 30 again", "h8 r1 A 10"]);
}

#[test]
fn what_an_advisory_brings_back_to_a_host_that_was_seen_without_it_is_reopened_there() {
    let mut fleet = Fleet::new();
    fleet.report(7, hour(10), &[(1, vec![hit("A", &[])])]);
    fleet.report(7, hour(20), &[(3, vec![])]);
    fleet.report(8, hour(20), &[(3, vec![])]);
    let turned = fleet.catalog(hour(30), &[(3, &[], vec![hit("A", &[])])]);
    assert_eq!(turns(&turned), ["opened r3 A 30 1", "reopened r3 A 30 1"]);
    assert_eq!(fleet.findings(), ["h7 r3 A 30 again", "h8 r3 A 30"]);
}

#[test]
fn what_was_only_said_to_be_gone_is_not_reopened() {
    let mut fleet = Fleet::new();
    fleet.report(7, hour(10), &[(1, vec![hit("A", &[])])]);
    let turned = fleet.catalog(hour(20), &[(1, &["A"], vec![])]);
    assert_eq!(turns(&turned), ["cleared r1 A 10 1"]);
    let turned = fleet.catalog(hour(30), &[(1, &[], vec![hit("A", &[])])]);
    assert_eq!(turns(&turned), ["opened r1 A 30 1"]);
    assert_eq!(fleet.findings(), ["h7 r1 A 30"]);
}

#[test]
fn a_vulnerability_keeps_its_life_when_it_changes_its_name() {
    let mut fleet = Fleet::new();
    let cve = "CVE-2026-0001";
    fleet.report(7, hour(10), &[(1, vec![hit(cve, &[]), hit("X", &[])])]);
    fleet.report(8, hour(15), &[(1, vec![])]);
    let now = vec![hit("DSA-1", &[cve]), hit("Y", &[])];
    let turned = fleet.catalog(hour(20), &[(1, &[cve, "X"], now)]);
    let expected = ["opened r1 Y 20 2", "cleared r1 X 10 1", "cleared r1 X 15 1"];
    assert_eq!(turns(&turned), expected);
    assert_eq!(turned.carried, 2);
    let expected = [
        "h7 r1 DSA-1 10",
        "h7 r1 Y 20",
        "h8 r1 DSA-1 15",
        "h8 r1 Y 20",
    ];
    assert_eq!(fleet.findings(), expected);
    let both: Vec<u32> = fleet.index.hosts_of("cve-2026-0001").iter().collect();
    assert_eq!(both, [7, 8]);
}

#[test]
fn two_records_that_become_one_go_on_with_the_earlier_date() {
    let mut fleet = Fleet::new();
    fleet.report(7, hour(10), &[(1, vec![hit("A", &[])])]);
    fleet.catalog(hour(20), &[(1, &[], vec![hit("B", &[])])]);
    fleet.report(8, hour(30), &[(1, vec![])]);
    let turned = fleet.catalog(hour(40), &[(1, &["A", "B"], vec![hit("C", &["A", "B"])])]);
    assert_eq!((turns(&turned).len(), turned.carried), (0, 2));
    assert_eq!(fleet.findings(), ["h7 r1 C 10", "h8 r1 C 30"]);
}

#[test]
fn the_same_inventory_twice_changes_nothing() {
    let mut fleet = Fleet::new();
    let has = [(1, vec![hit("A", &[])]), (9, vec![hit("B", &[])])];
    fleet.report(7, hour(10), &has);
    let before = fleet.findings();
    let turned = fleet.report(7, hour(20), &has);
    assert_eq!(
        (turned.groups.len(), turned.carried, turned.is_outdated),
        (0, 0, false)
    );
    assert_eq!(fleet.findings(), before);
    assert_eq!(fleet.index.last_seen(HostId(7)), Some(hour(20)));
}

#[test]
fn an_older_report_is_kept_and_changes_nothing() {
    let mut fleet = Fleet::new();
    fleet.report(7, hour(10), &[(1, vec![hit("A", &[])])]);
    let turned = fleet.report_seen(7, hour(20), hour(9), &[(9, vec![hit("B", &[])])]);
    assert!(turned.is_outdated && turned.groups.is_empty());
    assert_eq!(fleet.findings(), ["h7 r1 A 10"]);
    assert_eq!(fleet.index.hits_of(ReleaseId(9)), None);
}

#[test]
fn a_clock_that_ran_ahead_does_not_silence_a_host() {
    let mut fleet = Fleet::new();
    let far: Timestamp = "9000-01-01T00:00:00Z".parse().unwrap();
    fleet.report_seen(7, hour(10), far, &[(1, vec![hit("A", &[])])]);
    assert_eq!(fleet.findings(), ["h7 r1 A 10"]);
    let turned = fleet.report(7, hour(20), &[]);
    assert_eq!(turns(&turned), ["fixed r1 A 10 1"]);
}

#[test]
fn findings_of_a_removed_host_are_neither_open_nor_fixed() {
    let mut fleet = Fleet::new();
    let has = [(1, vec![hit("A", &[])])];
    fleet.report(7, hour(10), &has);
    fleet.report(7, hour(11), &[(3, vec![])]);
    fleet.report(7, hour(12), &has);
    let turned = fleet.take(hour(20), What::Removed(HostId(7))).unwrap();
    assert_eq!(turns(&turned), ["gone-with-host r1 A 12 1"]);
    let expected = Counts {
        gone_with_host: 1,
        ..Counts::default()
    };
    assert_eq!(turned.counts(), expected);
    assert_eq!(fleet.index.finding_count(), 0);
    assert!(fleet.index.hosts().is_empty());
    // Nothing is remembered of it.
    let turned = fleet.report(7, hour(30), &has);
    assert_eq!(turns(&turned), ["opened r1 A 30 1"]);
}

/// A fleet of one host that does not take what is said next.
fn refused(at: Timestamp, what: What, words: &str) {
    let mut fleet = Fleet::new();
    fleet.report(7, hour(10), &[(1, vec![hit("A", &[])])]);
    let before = fleet.index.to_bytes();
    let error = fleet.take(at, what).unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
    assert_eq!(fleet.index.to_bytes(), before, "{error}");
}

#[test]
fn a_report_that_cannot_be_taken_leaves_everything_as_it_was() {
    let check = |host, has: &[(u32, Vec<Hit>)], words| {
        refused(hour(20), What::Reported(report(host, hour(20), has)), words);
    };
    let two = || vec![hit("A", &[]), hit("A", &[])];
    check(u32::MAX, &[], "over the limit fleet-hosts=9999999");
    check(8, &[(5, vec![])], "release r5 was never learned");
    check(8, &[(1, vec![])], "other hits than it has");
    check(8, &[(9, two())], "the list of hits is not sorted");
    check(
        8,
        &[(9, vec![]), (9, vec![])],
        "has something twice (at r9)",
    );
    let early = What::Reported(report(8, hour(9), &[]));
    refused(hour(9), early, "before the one ahead of it");
    let mut unknown = report(8, hour(20), &[(9, vec![])]);
    unknown.evaluated.clear();
    refused(hour(20), What::Reported(unknown), "came without its hits");
    let stranger = What::Removed(HostId(8));
    refused(hour(20), stranger, "host h8 is not in the fleet");
}

#[test]
fn a_catalog_that_cannot_be_taken_leaves_everything_as_it_was() {
    let check = |release, ended: &[&str], now, words| {
        let change = HitsChange {
            release: ReleaseId(release),
            ended: ended.iter().map(|id| (*id).to_owned()).collect(),
            now,
        };
        let what = What::Catalog(CatalogChange {
            catalog: "next".to_owned(),
            releases: vec![change],
        });
        refused(hour(20), what, words);
    };
    let one = || vec![hit("A", &[])];
    let two = || vec![hit("A", &[]), hit("A", &[])];
    check(5, &[], vec![], "release r5 was never learned");
    check(1, &["A", "A"], vec![], "hits that ended is not sorted");
    check(1, &["A"], one(), "hits that ended is not sorted");
    check(1, &[], two(), "the list of hits is not sorted");
}

#[test]
fn an_act_has_its_place_and_a_gap_is_refused() {
    let mut fleet = Fleet::new();
    let act = Act {
        kind: "plan".to_owned(),
        subject: 1,
        hosts: Vec::new(),
        record: Digest::of(b""),
    };
    let turned = fleet.take(hour(1), What::Act(act.clone())).unwrap();
    assert_eq!((turned.sequence, turned.groups.len()), (1, 0));
    let change = Change {
        sequence: 3,
        at: hour(2),
        what: What::Act(act),
    };
    let error = fleet.index.apply(&change).unwrap_err();
    let expected = IndexError::Sequence {
        expected: 2,
        found: 3,
    };
    assert_eq!(error, expected);
}

#[test]
fn a_number_stands_for_one_release() {
    let mut index = Index::new();
    let one = release("a", "a", "1");
    assert_eq!(index.learn(ReleaseId(1), one.clone()), Ok(()));
    assert_eq!(index.learn(ReleaseId(1), one.clone()), Ok(()));
    let other = index.learn(ReleaseId(1), release("a", "a", "2"));
    assert_eq!(other, Err(IndexError::OtherRelease(ReleaseId(1))));
    let beyond = index.learn(ReleaseId(u32::MAX), one);
    assert_eq!(
        beyond,
        Err(IndexError::ReleaseOverLimit(ReleaseId(u32::MAX)))
    );
}

#[test]
fn releases_are_found_by_package_and_by_source_in_the_order_of_versions() {
    let mut index = Index::new();
    for (number, version) in [(1, "10-1"), (2, "9-1"), (3, "10~rc1-1")] {
        let release = release("linux-signed-amd64", "linux-image-amd64", version);
        index.learn(ReleaseId(number), release).unwrap();
    }
    for name in ["linux", "linux-image-amd64", "linux-signed-amd64"] {
        let found = index.releases_named("Debian", name);
        assert_eq!(found, [ReleaseId(2), ReleaseId(3), ReleaseId(1)], "{name}");
    }
    assert_eq!(index.releases_named("Ubuntu", "linux"), []);
}

#[test]
fn a_checkpoint_is_read_as_it_was_written_and_a_damaged_one_is_refused() {
    let mut fleet = Fleet::new();
    fleet.report(7, hour(10), &[(1, vec![hit("A", &[])]), (9, vec![])]);
    fleet.report(8, hour(12), &[(1, vec![])]);
    fleet.report(7, hour(13), &[(2, vec![hit("B", &["C"])])]);
    fleet.report(7, hour(14), &[(1, vec![])]);
    let bytes = fleet.index.to_bytes();
    let known = || {
        [1, 2, 3, 4, 9].map(|n| {
            (
                ReleaseId(n),
                fleet.index.release(ReleaseId(n)).unwrap().clone(),
            )
        })
    };
    let read = Index::from_bytes(&bytes, known()).unwrap();
    assert_eq!(read.to_bytes(), bytes);
    assert_eq!(read.size(), fleet.index.size());
    let findings = |index: &Index| index.groups().collect::<Vec<_>>();
    assert_eq!(findings(&read), findings(&fleet.index));
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(Index::from_bytes(&damaged, known()).is_err(), "byte {at}");
        assert!(
            Index::from_bytes(&bytes[..at], known()).is_err(),
            "cut at {at}"
        );
    }
    let error = Index::from_bytes(&bytes, []).unwrap_err().to_string();
    assert!(
        error.contains("names a release that was not given"),
        "{error}"
    );
}

#[test]
fn the_digest_tells_hosts_dates_and_turns_apart() {
    let digest = |host, at, id: &str| {
        let mut fleet = Fleet::new();
        fleet
            .report(host, hour(at), &[(1, vec![hit(id, &[])])])
            .digest()
    };
    let one = digest(7, 10, "A");
    assert_eq!(digest(7, 10, "A"), one);
    for other in [digest(8, 10, "A"), digest(7, 11, "A"), digest(7, 10, "B")] {
        assert_ne!(other, one);
    }
    let hosts = Digest::of(&7_u32.to_le_bytes());
    let line = format!("r1\topened\t{}\t\"A\"\t1\t{hosts}\n", Hour::of(hour(10)).0);
    assert_eq!(one, Digest::of(line.as_bytes()));
}
