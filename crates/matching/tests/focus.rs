//! What a focus gives is what asking about every record gives, cut down to what the focus covers; and what it does not cover is the
//! same before and after the change.

#![expect(
    clippy::unwrap_used,
    reason = "test code: a failure here is a failed test"
)]

use advisories::catalog::{Builder, Catalog, diff};
use advisories::model::{Advisory, Affected, Batch, VendorState};
use inventory::{Location, Package, Source};
use matching::{Focus, Match, Situation, match_release, match_release_within};
use proptest::prelude::*;
use versions::{Event, EventKind, Range, RangeKind};

const CVES: [&str; 5] = [
    "CVE-2024-0001",
    "CVE-2024-0002",
    "CVE-2024-0003",
    "CVE-2024-0004",
    "CVE-2024-0005",
];

fn some_id() -> impl Strategy<Value = String> {
    let forms = prop::sample::select(vec!["DEBIAN-", "", "RHSA-2024:1/", "NVD-"]);
    let of_cve = (forms, prop::sample::select(CVES.to_vec()));
    prop_oneof![
        4 => of_cve.prop_map(|(form, cve)| format!("{form}{cve}")),
        3 => prop::sample::select(vec!["DSA-1-1", "DSA-2-1", "RHSA-2024:2", "RHSA-2024:3"]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["GHSA-1", "GHSA-2", "RHBA-2024:1"]).prop_map(str::to_owned),
    ]
}

fn some_cves() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(CVES.to_vec(), 0..4)
        .prop_map(|cves| cves.into_iter().map(str::to_owned).collect())
}

fn some_affected() -> impl Strategy<Value = Affected> {
    let release = prop::sample::select(vec![
        "Debian:12",
        "Red Hat:enterprise_linux:9::baseos",
        "Red Hat:rhel_eus:9.4::baseos",
        "npm",
    ]);
    let package = prop::sample::select(vec!["linux", "linux-libs"]);
    let fixed = prop::option::of(prop::sample::select(vec![
        "1-1.el9_4",
        "2-1.el9_4",
        "3-1.el9_4",
        "4.0.0",
    ]));
    let state = prop_oneof![
        3 => Just(None),
        1 => Just(Some(VendorState::NotAffected)),
        1 => Just(Some(VendorState::NoFixYet)),
    ];
    (release, package, fixed, state).prop_map(|(release, package, fixed, vendor_state)| {
        let event = |kind, version: &str| Event {
            kind,
            version: version.to_owned(),
        };
        let fixed = fixed.map(|version| event(EventKind::Fixed, version));
        let first = event(EventKind::Introduced, "0");
        Affected {
            ecosystem: release.parse().unwrap(),
            package: package.to_owned(),
            ranges: vec![Range {
                kind: RangeKind::Ecosystem,
                events: std::iter::once(first).chain(fixed).collect(),
            }],
            versions: Vec::new(),
            except: Vec::new(),
            scores: Vec::new(),
            component: None,
            updates: Vec::new(),
            vendor_state,
        }
    })
}

fn some_record() -> impl Strategy<Value = Advisory> {
    let aliases =
        prop::sample::subsequence([&CVES[..], &["GHSA-1", "GHSA-2", "DSA-1-1"]].concat(), 0..2);
    let affected = prop::collection::vec(some_affected(), 1..4);
    let withdrawn = prop::bool::weighted(0.1);
    (
        some_id(),
        aliases,
        some_cves(),
        some_cves(),
        affected,
        withdrawn,
    )
        .prop_map(
            |(id, aliases, related, upstream, affected, withdrawn)| Advisory {
                id,
                aliases: aliases.into_iter().map(str::to_owned).collect(),
                related,
                upstream,
                published: None,
                modified: None,
                withdrawn: withdrawn.then_some(jiff::Timestamp::UNIX_EPOCH),
                summary: String::new(),
                scores: Vec::new(),
                severity: None,
                informational: None,
                exploited: None,
                affected,
                references: Vec::new(),
            },
        )
}

fn catalog(advisories: &[Advisory]) -> Catalog {
    let mut builder = Builder::new();
    let advisories = advisories.to_vec();
    builder.add(
        "f",
        Batch {
            advisories,
            ..Batch::default()
        },
    );
    Catalog::from_bytes(builder.finish()).unwrap()
}

fn package(ecosystem: &str, name: &str, version: &str, source: Option<&str>) -> Package {
    let source = source.map(|name| Source {
        name: name.to_owned(),
        version: None,
    });
    Package {
        ecosystem: Some(ecosystem.parse().unwrap()),
        source,
        ..Package::new(name, Some(version.to_owned()), Location::file(""))
    }
}

fn packages() -> Vec<Package> {
    let mut all = Vec::new();
    for version in ["1-1.el9_4", "2-1.el9_4", "2-5.el9_3"] {
        all.push(package("Debian:12", "linux-image", version, Some("linux")));
        all.push(package(
            "Red Hat:enterprise_linux:9",
            "linux-libs",
            version,
            Some("linux"),
        ));
        all.push(package(
            "Red Hat:enterprise_linux:9",
            "linux",
            version,
            None,
        ));
    }
    all.push(package("npm", "linux", "1.0.0", None));
    all.push(package("PyPI", "linux", "1.0.0", None));
    all
}

/// A match without the numbers of its catalog.
fn words(found: &Match) -> String {
    let plain = Match {
        advisory: advisories::catalog::AdvisoryIx(0),
        advisories: Vec::new(),
        ..found.clone()
    };
    format!("{plain:?}")
}

fn check(old: &Catalog, new: &Catalog) {
    let changes = diff(old, new).unwrap();
    let ids: Vec<&str> = changes.ids().collect();
    let focus = Focus::between(old, new, &ids).unwrap();
    let situation = Situation::default();
    for package in packages() {
        let of = |catalog| {
            match_release(catalog, &package, &situation)
                .unwrap()
                .affected
        };
        let (before, after) = (of(old), of(new));
        let within = match_release_within(&focus, &package, &situation).unwrap();
        let scope = focus.scope(&package).unwrap();
        let covers = |found: &&Match| scope.as_ref().is_some_and(|scope| scope.covers(found));
        let expected: Vec<Match> = after.iter().filter(covers).cloned().collect();
        assert_eq!(within.affected, expected, "{package:?}");
        let rest = |all: &[Match]| -> Vec<String> {
            let kept = all.iter().filter(|found| !covers(found));
            kept.map(words).collect()
        };
        assert_eq!(rest(&before), rest(&after), "{package:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_focus_gives_what_all_records_give(records in prop::collection::vec(some_record(), 1..14), other in prop::option::of(some_record()), takes_out in any::<bool>()) {
        let mut next = records.clone();
        let first = next[0].id.clone();
        if takes_out {
            next.retain(|record| record.id != first);
        }
        next.extend(other);
        let (old, new) = (catalog(&records), catalog(&next));
        check(&old, &new);
        check(&new, &old);
    }
}

#[test]
fn an_erratum_whose_last_record_came_is_an_alias_of_all() {
    let entry = |package: &str| Affected {
        ecosystem: "Debian:12".parse().unwrap(),
        package: package.to_owned(),
        ranges: vec![Range {
            kind: RangeKind::Ecosystem,
            events: vec![Event {
                kind: EventKind::Introduced,
                version: "0".to_owned(),
            }],
        }],
        versions: Vec::new(),
        except: Vec::new(),
        scores: Vec::new(),
        component: None,
        updates: Vec::new(),
        vendor_state: None,
    };
    let record = |id: &str, related: &[&str]| Advisory {
        id: id.to_owned(),
        aliases: Vec::new(),
        related: related.iter().map(|&cve| cve.to_owned()).collect(),
        upstream: Vec::new(),
        published: None,
        modified: None,
        withdrawn: None,
        summary: String::new(),
        scores: Vec::new(),
        severity: None,
        informational: None,
        exploited: None,
        affected: vec![entry("linux")],
        references: Vec::new(),
    };
    let erratum = record("DSA-1-1", &CVES[..2]);
    let (one, other) = (
        record("DEBIAN-CVE-2024-0001", &[]),
        record("DEBIAN-CVE-2024-0002", &[]),
    );
    let far = record("DEBIAN-CVE-2024-0005", &[]);
    let old = catalog(&[erratum.clone(), one.clone(), far.clone()]);
    let new = catalog(&[erratum, one, other, far]);
    check(&old, &new);
    let focus = Focus::between(&old, &new, &["DEBIAN-CVE-2024-0002"]).unwrap();
    let package = package("Debian:12", "linux-image", "1-1", Some("linux"));
    let within = match_release_within(&focus, &package, &Situation::default()).unwrap();
    let ids: Vec<&str> = within
        .affected
        .iter()
        .map(|found| found.id.as_str())
        .collect();
    assert_eq!(ids, ["DEBIAN-CVE-2024-0001", "DEBIAN-CVE-2024-0002"]);
    assert!(
        focus
            .names()
            .contains(&("Debian".to_owned(), "linux".to_owned()))
    );
}
