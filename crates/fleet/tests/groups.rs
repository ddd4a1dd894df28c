//! Groups of findings against the long way round: every host scanned by itself.
#![expect(clippy::unwrap_used, reason = "a test says where it fails")]

use std::collections::BTreeMap;

use advisories::catalog::{Builder, Catalog};
use advisories::feeds::{Document, recognise};
use base::HostId;
use fleet::asset::{Asset, Criticality, Pci, Scope};
use fleet::finding::Finding;
use fleet::group::{FindingGroup, HostName, Life};
use fleet::hit::Hit;
use fleet::judge::{Bench, FeedAges, Place, judge};
use fleet::life::{Member, Standing, Times, groups_of};
use fleet::release::{Release, ReleaseId};
use inventory::{Host, HostKind, Location, Os, Package, Source};
use jiff::Timestamp;
use matching::{FixState, Kernels, Options, Situation, match_package, match_release};
use proptest::prelude::*;
use roaring::RoaringBitmap;

const RECORDS: [&str; 4] = [
    r#"{"id":"DEBIAN-CVE-2026-0001","modified":"2026-01-01T00:00:00Z","upstream":["CVE-2026-0001"],"affected":[
        {"package":{"ecosystem":"Debian:10","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3"}]}]}]}"#,
    r#"{"id":"DEBIAN-CVE-2026-0002","modified":"2026-01-01T00:00:00Z","upstream":["CVE-2026-0002"],"affected":[
        {"package":{"ecosystem":"Debian:10","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}"#,
    r#"{"id":"DEBIAN-CVE-2026-0003","modified":"2026-01-01T00:00:00Z","upstream":["CVE-2026-0003"],"affected":[
        {"package":{"ecosystem":"Debian:10","name":"linux"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"6.1.76-1"}]}]}]}"#,
    r#"{"id":"GHSA-aaaa-bbbb-cccc","modified":"2026-01-01T00:00:00Z","aliases":["CVE-2026-0004"],"affected":[
        {"package":{"ecosystem":"npm","name":"left"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]}"#,
];

fn catalog(records: &[&str]) -> Catalog {
    let mut builder = Builder::new();
    for record in records {
        let document = Document {
            name: "record.json",
            bytes: record.as_bytes(),
        };
        let parsed = recognise(&document).unwrap().parse(&document);
        builder.add("osv/test", parsed.value);
    }
    Catalog::from_bytes(builder.finish()).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Times {
    Times {
        now: at("2026-11-24T08:00:00Z"),
        baseline: None,
        rises: fleet::rank::Rises::default(),
    }
}

fn package(ecosystem: &str, name: &str, version: &str, source: Option<&str>) -> Package {
    let mut package = Package::new(name, Some(version.to_owned()), Location::file("list"));
    package.ecosystem = Some(ecosystem.parse().unwrap());
    package.source = source.map(|name| Source {
        name: name.to_owned(),
        version: None,
    });
    package
}

/// What hosts of the tests may have.
fn shelf() -> Vec<Package> {
    let debian = |name, version, source| package("Debian:10", name, version, Some(source));
    vec![
        debian("zlib1g", "1", "zlib"),
        debian("zlib1g", "2", "zlib"),
        debian("zlib1g-dev", "2", "zlib"),
        debian(
            "linux-image-6.1.0-17-amd64",
            "6.1.69-1",
            "linux-signed-amd64",
        ),
        debian(
            "linux-image-6.1.0-18-amd64",
            "6.1.76-1",
            "linux-signed-amd64",
        ),
        package("npm", "left", "1.0.0", None),
    ]
}

fn host(number: usize, packages: &[usize], runs_old: bool, has_system: bool) -> Host {
    let release = if runs_old {
        "6.1.0-17-amd64"
    } else {
        "6.1.0-18-amd64"
    };
    let shelf = shelf();
    Host {
        kernel: Some(release.to_owned()),
        os: has_system.then(|| Os {
            id: "debian".to_owned(),
            version: Some("10".to_owned()),
            ..Os::default()
        }),
        packages: packages.iter().map(|at| shelf[*at].clone()).collect(),
        ..Host::new(format!("web-{number}"), HostKind::Machine)
    }
}

/// The findings of hosts scanned one by one. What a group does not tell (places) is left out.
fn one_by_one(bench: Bench<'_>, hosts: &[(Host, Asset)], since: Timestamp) -> Vec<Finding> {
    let mut all = Vec::new();
    for (target, (host, asset)) in hosts.iter().enumerate() {
        let kernels = Kernels::of(host);
        let options = Options::of(host, false);
        for package in &host.packages {
            let mut matches = match_package(bench.catalog, host, package, options).unwrap();
            let situation = Situation::of(package, options, &kernels, None);
            if situation.is_idle {
                matches.affected.clear();
            }
            for mut found in matches.affected {
                let is_debian = package
                    .ecosystem
                    .as_ref()
                    .is_some_and(|e| e.name() == "Debian");
                let is_over = is_debian && host.os.is_some();
                if is_over && matches!(found.fix_state, FixState::None | FixState::Unknown) {
                    found.fix_state = FixState::EndOfLife;
                }
                let place = Place {
                    target,
                    target_name: &host.name,
                    asset,
                    package,
                    today: "2026-11-24".parse().unwrap(),
                    detected: since,
                    detected_source: "the fleet's log",
                };
                let mut finding = judge(bench, place, found).unwrap();
                finding.locations.clear();
                all.push(finding);
            }
        }
    }
    all
}

/// One finding for each host of each group.
fn expanded(groups: &[FindingGroup], hosts: &[(Host, Asset)]) -> Vec<Finding> {
    let each = groups.iter().flat_map(|group| {
        group.targets.iter().map(|&target| Finding {
            target,
            target_name: hosts[target].0.name.clone(),
            ..group.finding.clone()
        })
    });
    each.collect()
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| (finding.target, finding.key()));
    findings
}

/// The groups of hosts whose numbers are 10, 20, …
fn grouped(bench: Bench<'_>, hosts: &[(Host, Asset)], since: Timestamp) -> Vec<FindingGroup> {
    let mut releases: Vec<(Release, RoaringBitmap)> = Vec::new();
    let number = |target: usize| 10 * (target as u32 + 1);
    for (target, (host, _)) in hosts.iter().enumerate() {
        for release in Release::of_host(host) {
            match releases.iter_mut().find(|(known, _)| *known == release) {
                Some((_, on)) => on.insert(number(target)),
                None => {
                    releases.push((release, RoaringBitmap::from([number(target)])));
                    true
                }
            };
        }
    }
    let hits: Vec<(ReleaseId, Vec<Hit>, &RoaringBitmap)> = releases
        .iter()
        .enumerate()
        .map(|(at, (release, on))| {
            let package = release.to_package();
            let matches = match_release(bench.catalog, &package, &release.situation).unwrap();
            let hits = matches.affected.iter().map(Hit::of).collect();
            (ReleaseId(at as u32), hits, on)
        })
        .collect();
    let standing: Vec<Standing<'_>> = hits
        .iter()
        .flat_map(|(release, hits, on)| {
            hits.iter().map(|hit| Standing {
                release: *release,
                hit,
                since,
                reopened: false,
                hosts: (*on).clone(),
            })
        })
        .collect();
    let members: Vec<Member> = hosts
        .iter()
        .enumerate()
        .map(|(target, (host, asset))| {
            let name = HostName {
                id: HostId(number(target)),
                name: host.name.clone(),
            };
            Member::of(name, asset.clone(), host)
        })
        .collect();
    let release = |id: ReleaseId| &releases[id.0 as usize].0;
    groups_of(bench, release, &standing, &members, &now()).unwrap()
}

prop_compose! {
    fn any_host()(
        packages in proptest::sample::subsequence((0..6).collect::<Vec<usize>>(), 0..=6),
        runs_old in any::<bool>(), has_system in any::<bool>(),
        exposed in proptest::option::of(any::<bool>()),
        is_vital in any::<bool>(), source in "[ab]",
    ) -> (Host, Asset) {
        let criticality = is_vital.then_some(Criticality::VeryHigh);
        let scopes = is_vital.then(|| Scope::always(Pci::Out)).into_iter().collect();
        let asset = Asset { exposed, criticality, source, scopes, ..Asset::default() };
        (host(0, &packages, runs_old, has_system), asset)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn groups_say_of_each_host_what_a_scan_of_it_says(hosts in proptest::collection::vec(any_host(), 0..9)) {
        let mut hosts = hosts;
        for (number, (host, _)) in hosts.iter_mut().enumerate() {
            host.name = format!("web-{number}");
        }
        let catalog = catalog(&RECORDS);
        let ages = FeedAges::of(&catalog);
        let policies = risk::policy::shipped();
        let bench = Bench { catalog: &catalog, policies: &policies, ages: &ages };
        let since = at("2026-11-20T07:00:00Z");
        let groups = grouped(bench, &hosts, since);
        prop_assert_eq!(
            sorted(expanded(&groups, &hosts)),
            sorted(one_by_one(bench, &hosts, since))
        );
        let mut words: BTreeMap<String, usize> = BTreeMap::new();
        for group in &groups {
            prop_assert!(group.targets.is_sorted() && !group.targets.is_empty());
            prop_assert_eq!(group.finding.target, group.targets[0]);
            let nameless = Finding { target: 0, target_name: String::new(), ..group.finding.clone() };
            *words.entry(format!("{nameless:?}")).or_default() += 1;
        }
        prop_assert!(words.values().all(|count| *count == 1), "two groups say the same");
    }
}

#[test]
fn what_the_catalog_at_hand_does_not_say_is_told_in_the_words_of_the_log() {
    let catalog = catalog(&RECORDS[..1]);
    let ages = FeedAges::of(&catalog);
    let policies = risk::policy::shipped();
    let bench = Bench {
        catalog: &catalog,
        policies: &policies,
        ages: &ages,
    };
    let release = Release::of_host(&host(0, &[0], false, true)).remove(0);
    let hit = Hit {
        id: "DSA-9999-1".to_owned(),
        aliases: Vec::new(),
        cves: vec!["CVE-2026-9999".parse().unwrap()],
        fixed: vec!["4".to_owned()],
        fix_state: FixState::Fixed,
        is_unimportant: false,
        is_notice: false,
    };
    let standing = Standing {
        release: ReleaseId(7),
        hit: &hit,
        since: at("2026-11-20T07:00:00Z"),
        reopened: true,
        hosts: RoaringBitmap::from([3, 4]),
    };
    let member = Member {
        name: HostName {
            id: HostId(4),
            name: "db-1".to_owned(),
        },
        asset: Asset::default(),
        support: None,
    };
    let groups = groups_of(bench, |_| &release, &[standing], &[member], &now());
    let [group] = &groups.unwrap()[..] else {
        panic!("one group");
    };
    assert_eq!(group.targets, [0]);
    assert_eq!(group.life, Life::Open { reopened: true });
    let Finding { id, fixed, why, .. } = &group.finding;
    assert_eq!((id.as_str(), fixed[0].as_str()), ("DSA-9999-1", "4"));
    assert_eq!(
        why,
        "zlib1g 1: known from the fleet's log; the catalog at hand does not say it"
    );
}
