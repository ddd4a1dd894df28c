//! A board that follows the index against `judge`, which looks every finding up by itself: the same scores, the same deadlines.

use advisories::catalog::{Builder, Catalog};
use advisories::feeds::{Document, recognise};
use base::{Digest, HostId};
use inventory::{Location, Package};
use jiff::Timestamp;
use matching::{Match, Situation, match_release};
use risk::policy::shipped;

use super::*;
use crate::asset::{Asset, Criticality, Pci, Scope};
use crate::change::{CatalogChange, Change, Report, What};
use crate::evaluate::evaluate;
use crate::finding::Finding;
use crate::index::Index;
use crate::judge::{Bench, Clocks, FeedAges, Place, known};
use crate::release::{Release, ReleaseId};

const RECORDS: [(&str, &str); 4] = [
    (
        "osv/debian",
        r#"{"id":"DEBIAN-CVE-2026-0001","modified":"2026-01-01T00:00:00Z","published":"2026-01-01T00:00:00Z","upstream":["CVE-2026-0001"],
        "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[
        {"package":{"ecosystem":"Debian:12","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3"}]}]}]}"#,
    ),
    (
        "osv/debian",
        r#"{"id":"DEBIAN-CVE-2026-0002","modified":"2026-01-01T00:00:00Z","upstream":["CVE-2026-0002"],"affected":[
        {"package":{"ecosystem":"Debian:12","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}],
         "ecosystem_specific":{"urgency":"unimportant"}}]}"#,
    ),
    (
        "osv/npm",
        r#"{"id":"GHSA-aaaa-bbbb-cccc","modified":"2026-01-01T00:00:00Z","aliases":["CVE-2026-0004"],
        "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],
        "database_specific":{"severity":"MODERATE"},"affected":[
        {"package":{"ecosystem":"npm","name":"left"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]}"#,
    ),
    (
        "epss",
        "#model_version:v2025.03.14,score_date:2026-08-16T00:00:00+0000\ncve,epss,percentile\nCVE-2026-0001,0.93,0.99\nCVE-2026-0004,0.01,0.2\n",
    ),
];

/// The catalog, with these CVEs listed as known exploited.
fn catalog(listed: &[&str]) -> Catalog {
    let row = |cve: &&str| {
        format!(
            r#"{{"cveID":"{cve}","vendorProject":"v","product":"p","vulnerabilityName":"n","dateAdded":"2026-08-18",
            "shortDescription":"d","requiredAction":"a","dueDate":"2026-08-21","knownRansomwareCampaignUse":"Known","notes":""}}"#
        )
    };
    let rows: Vec<String> = listed.iter().map(row).collect();
    let kev = format!(
        r#"{{"title":"k","catalogVersion":"1","dateReleased":"2026-08-21T10:00:00.0Z","count":{},"vulnerabilities":[{}]}}"#,
        rows.len(),
        rows.join(",")
    );
    let mut builder = Builder::new();
    let all = RECORDS.iter().copied().chain([("kev", kev.as_str())]);
    for (feed, text) in all {
        let name = if feed == "epss" {
            "epss.csv"
        } else {
            "record.json"
        };
        let document = Document {
            name,
            bytes: text.as_bytes(),
        };
        let parsed = recognise(&document).unwrap().parse(&document);
        builder.add(feed, parsed.value);
    }
    Catalog::from_bytes(builder.finish()).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What the one host has.
fn releases() -> [Release; 2] {
    [("Debian:12", "zlib", "1"), ("npm", "left", "1.0.0")].map(|(ecosystem, name, version)| {
        Release {
            ecosystem: ecosystem.parse().ok(),
            name: name.to_owned(),
            version: Some(version.to_owned()),
            source: None,
            module: None,
            cpe: None,
            situation: Situation::default(),
        }
    })
}

/// The index of one host that reported at a moment.
fn index(catalog: &Catalog, seen: Timestamp) -> Index {
    let mut index = Index::new();
    let numbered = || (0..).map(ReleaseId).zip(releases());
    for (id, release) in numbered() {
        index.learn(id, release).unwrap();
    }
    let evaluated = numbered().map(|(id, release)| (id, evaluate(catalog, &release).unwrap()));
    let report = Report {
        host: HostId(0),
        seen_at: seen,
        source: "test".to_owned(),
        inventory: Digest::of(b"1"),
        releases: numbered().map(|(id, _)| id).collect(),
        evaluated: evaluated.collect(),
    };
    let first = What::Catalog(CatalogChange {
        catalog: catalog.digest(),
        releases: Vec::new(),
    });
    for (sequence, what) in (1..).zip([first, What::Reported(report)]) {
        let change = Change {
            sequence,
            at: seen,
            what,
        };
        index.apply(&change).unwrap();
    }
    index
}

/// What the one host is: exposure, criticality, scope.
fn assets() -> [Asset; 3] {
    let asset = |exposed, criticality, pci: Option<Pci>| Asset {
        exposed,
        criticality,
        scopes: pci.map(Scope::always).into_iter().collect(),
        ..Asset::default()
    };
    [
        asset(Some(true), Some(Criticality::VeryHigh), Some(Pci::In)),
        asset(Some(false), Some(Criticality::Low), Some(Pci::Out)),
        asset(None, None, None),
    ]
}

/// Every finding of the host by `judge`, by its id.
fn judged(
    catalog: &Catalog,
    asset: &Asset,
    detected: Timestamp,
    clocks: impl Fn(&str) -> Clocks<'static>,
) -> Vec<Finding> {
    let policies = shipped();
    let ages = FeedAges::of(catalog);
    let bench = Bench {
        catalog,
        policies: &policies,
        ages: &ages,
    };
    let judge = |package: &Package, found: Match| {
        let place = Place {
            target: 0,
            target_name: "",
            asset,
            package,
            today: "2026-09-01".parse().unwrap(),
            detected,
            detected_source: "",
        };
        let clocks = clocks(&found.id);
        known(bench, package, found)
            .unwrap()
            .on(bench, place, clocks)
    };
    let mut findings = Vec::new();
    for release in releases() {
        let package = Package {
            locations: vec![Location::file("")],
            ..release.to_package()
        };
        let matches = match_release(catalog, &package, &release.situation).unwrap();
        findings.extend(
            matches
                .affected
                .into_iter()
                .map(|found| judge(&package, found)),
        );
    }
    findings.sort_by(|a, b| a.cves.cmp(&b.cves));
    findings
}

/// A page of everything says of each finding what `judge` says.
fn check(
    follower: &Follower,
    catalog: &Catalog,
    seen: Timestamp,
    reranked: Option<&'static (Timestamp, String)>,
) {
    for asset in assets() {
        let findings = judged(catalog, &asset, seen, |id| Clocks {
            reranked: reranked.filter(|_| id == "DEBIAN-CVE-2026-0001"),
            baseline: None,
        });
        let hosts = HostColumns::new(vec![HostFacts {
            exposed: asset.exposed,
            criticality: asset.criticality,
            scope: asset.pci_on("2026-09-01".parse().unwrap()),
            ..HostFacts::default()
        }]);
        let by = DatedBy {
            is_kev_known: true,
            baseline: None,
        };
        let board = follower.board();
        let dues = Dues::new(board, &hosts, &shipped(), by);
        let query = Query {
            filter: Filter::default(),
            sort: Column::Cve,
            descending: false,
            offset: 0,
            limit: 10,
        };
        let desk = Desk {
            board,
            hosts: &hosts,
            dues: &dues,
        };
        let page = page(desk, &query);
        assert_eq!((page.total, findings.len()), (3, 3));
        for (row, finding) in page.rows.iter().zip(&findings) {
            let Rating { name, scores, .. } = &board.ratings()[row.rating as usize];
            assert_eq!(*name, finding.cves[0].to_string());
            assert_eq!(scores.severity, finding.severity, "{name}");
            assert_eq!(
                scores.cvss_tenths,
                finding.cvss.iter().map(|c| c.scored.tenths).max()
            );
            assert_eq!(
                scores.epss,
                finding.epss.as_ref().map(|epss| epss.score),
                "{name}"
            );
            assert_eq!(
                scores.kev.map(|k| k.0),
                finding.kev.as_ref().map(|kev| kev.added)
            );
            assert_eq!(row.due, finding.due(), "{name} {asset:?}");
            assert_eq!(row.fix.as_ref(), finding.fixed.first(), "{name}");
        }
    }
}

#[test]
fn a_followed_finding_is_scored_and_dated_as_judge_has_it() {
    let seen = at("2026-08-01T06:00:00Z");
    for listed in [
        &[][..],
        &["CVE-2026-0001"],
        &["CVE-2026-0002", "CVE-2026-0004"],
    ] {
        let catalog = catalog(listed);
        let follower = Follower::of(&index(&catalog, seen), &catalog).unwrap();
        check(&follower, &catalog, seen, None);
    }
}

#[test]
fn a_rank_that_rose_is_dated_from_when_it_rose_and_one_that_fell_is_not() {
    let seen = at("2026-08-01T06:00:00Z");
    let rose: &'static (Timestamp, String) =
        Box::leak(Box::new((at("2026-08-25T00:00:00Z"), String::new())));
    let (before, after) = (catalog(&[]), catalog(&["CVE-2026-0001"]));
    let mut follower = Follower::of(&index(&before, seen), &before).unwrap();
    let ranks = |follower: &Follower| -> Vec<Option<Timestamp>> {
        let ratings = follower.board().ratings().iter();
        let named = ratings.filter(|rating| rating.name == "CVE-2026-0001");
        named.map(|rating| rating.scores.reranked).collect()
    };
    assert_eq!(ranks(&follower), [None]);
    follower.rerate(&after, &["cve-2026-0001"], rose.0).unwrap();
    assert_eq!(ranks(&follower), [Some(rose.0)]);
    check(&follower, &after, seen, Some(rose));
    let later = at("2026-08-26T00:00:00Z");
    follower.rerate(&before, &["cve-2026-0001"], later).unwrap();
    assert_eq!(ranks(&follower), [None]);
    check(&follower, &before, seen, None);
}
