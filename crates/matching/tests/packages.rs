//! Packages against small catalogs of real shapes: what is affected and by which event, what is not and why.
#![expect(clippy::unwrap_used, reason = "a test says where it fails")]

use advisories::catalog::{Builder, Catalog};
use advisories::feeds::{Document, recognise};
use base::Ecosystem;
use inventory::{Host, HostKind, Location, Package, Source};
use matching::{Coverage, FixState, Match, Options, Reason, coverage, match_package};

fn catalog(records: &[&str]) -> Catalog {
    let mut builder = Builder::new();
    for record in records {
        let document = Document {
            name: "record.json",
            bytes: record.as_bytes(),
        };
        let parsed = recognise(&document)
            .expect("an OSV record")
            .parse(&document);
        assert_eq!(parsed.notes, [], "{record}");
        builder.add("osv/test", parsed.value);
    }
    Catalog::from_bytes(builder.finish()).expect("a fresh catalog")
}

fn package(ecosystem: &str, name: &str, version: &str) -> Package {
    let mut package = Package::new(name, Some(version.to_owned()), Location::file("list"));
    package.ecosystem = Some(ecosystem.parse::<Ecosystem>().unwrap());
    package
}

fn built_from(source: &str, version: Option<&str>, mut package: Package) -> Package {
    package.source = Some(Source {
        name: source.to_owned(),
        version: version.map(str::to_owned),
    });
    package
}

fn host() -> Host {
    Host::new("web-01", HostKind::Machine)
}

fn affected(catalog: &Catalog, package: &Package) -> Vec<Match> {
    match_package(catalog, &host(), package, Options::default())
        .unwrap()
        .affected
}

fn ids(catalog: &Catalog, package: &Package) -> Vec<String> {
    affected(catalog, package)
        .into_iter()
        .map(|m| m.id)
        .collect()
}

fn negatives(catalog: &Catalog, package: &Package) -> Vec<(String, Reason)> {
    let matches = match_package(catalog, &host(), package, Options::of(&host(), true)).unwrap();
    matches
        .not_affected
        .into_iter()
        .map(|n| (n.id, n.reason))
        .collect()
}

/// CVE-2023-0286 as Debian's tracker exports it: another fix in each release.
const DEBIAN_CVE: &str = r#"{"id":"CVE-2023-0286","modified":"2024-01-01T00:00:00Z","affected":[
  {"package":{"ecosystem":"Debian:11","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.1.1n-0+deb11u4"}]}]},
  {"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.8-1"}]}]},
  {"package":{"ecosystem":"Alpine:v3.17","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.8-r0"}]}]}]}"#;

/// The erratum that carried the fix to Debian 11.
const DEBIAN_DSA: &str = r#"{"id":"DSA-5343-1","modified":"2024-01-01T00:00:00Z","related":["CVE-2023-0286"],"affected":[
  {"package":{"ecosystem":"Debian:11","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.1.1n-0+deb11u4"}]}]}]}"#;

#[test]
fn a_binary_package_is_matched_by_its_source_in_its_release() {
    let catalog = catalog(&[DEBIAN_CVE]);
    let old = built_from(
        "openssl",
        None,
        package("Debian:11", "libssl1.1", "1.1.1n-0+deb11u3"),
    );
    let found = &affected(&catalog, &old)[0];
    assert_eq!(found.id, "CVE-2023-0286");
    assert_eq!(found.fixed, ["1.1.1n-0+deb11u4"]);
    assert_eq!(
        (found.decided.range.as_str(), found.decided.event.as_str()),
        ("< 1.1.1n-0+deb11u4", "fixed 1.1.1n-0+deb11u4")
    );
    assert!(found.why.contains("from source openssl"), "{}", found.why);
}

#[test]
fn a_backported_fix_is_an_explained_negative() {
    let catalog = catalog(&[DEBIAN_CVE]);
    let fixed = built_from(
        "openssl",
        None,
        package("Debian:11", "libssl1.1", "1.1.1n-0+deb11u4"),
    );
    assert_eq!(
        negatives(&catalog, &fixed),
        [("CVE-2023-0286".to_owned(), Reason::FixedByBackport)]
    );
    let newer = built_from("openssl", None, package("Debian:12", "libssl3", "3.0.9-1"));
    assert_eq!(
        negatives(&catalog, &newer),
        [("CVE-2023-0286".to_owned(), Reason::NotInRange)]
    );
}

#[test]
fn a_release_no_record_names_is_another_release_and_not_covered() {
    let catalog = catalog(&[DEBIAN_CVE]);
    let stretch = built_from(
        "openssl",
        None,
        package("Debian:9", "libssl1.1", "1.1.0l-1"),
    );
    assert_eq!(ids(&catalog, &stretch), [""; 0]);
    assert_eq!(
        negatives(&catalog, &stretch),
        [("CVE-2023-0286".to_owned(), Reason::OtherRelease)]
    );
    let check = |ecosystem: &str, expected| {
        assert_eq!(coverage(&catalog, &ecosystem.parse().unwrap()), expected)
    };
    check("Debian:9", Coverage::NoSuchRelease);
    check("Debian:12", Coverage::Covered);
    check("npm", Coverage::NoSuchEcosystem);
}

#[test]
fn a_distribution_package_without_its_release_matches_nothing() {
    let catalog = catalog(&[DEBIAN_CVE]);
    assert_eq!(
        ids(&catalog, &package("Debian", "openssl", "1.0.0")),
        [""; 0]
    );
}

#[test]
fn an_erratum_is_an_alias_where_its_cve_has_a_record() {
    let catalog = catalog(&[DEBIAN_CVE, DEBIAN_DSA]);
    let old = package("Debian:11", "openssl", "1.1.1n-0+deb11u3");
    let found = affected(&catalog, &old);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].id.as_str(), &found[0].aliases[..]),
        ("CVE-2023-0286", &["DSA-5343-1".to_owned()][..])
    );
    assert_eq!(found[0].advisories.len(), 2);
}

#[test]
fn an_erratum_alone_is_a_finding_with_its_cves() {
    let catalog = catalog(&[DEBIAN_DSA]);
    let found = affected(
        &catalog,
        &package("Debian:11", "openssl", "1.1.1n-0+deb11u3"),
    );
    assert_eq!(found[0].id, "DSA-5343-1");
    assert_eq!(
        found[0]
            .cves
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["CVE-2023-0286"]
    );
}

#[test]
fn a_hole_without_a_fix_says_what_the_vendor_says() {
    let record = |urgency: &str| {
        format!(
            r#"{{"id":"CVE-2011-3374","modified":"2024-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"Debian:12","name":"apt"}},
            "ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}}]}}],"ecosystem_specific":{{"urgency":"{urgency}"}}}}]}}"#
        )
    };
    let check = |urgency: &str, state: FixState| {
        let found = affected(
            &catalog(&[&record(urgency)]),
            &package("Debian:12", "apt", "2.6.1"),
        );
        assert_eq!(found[0].fix_state, state, "{urgency}");
    };
    check("unimportant", FixState::None);
    check("not yet assigned", FixState::None);
    check("end-of-life", FixState::EndOfLife);
}

const GHSA: &str = r#"{"id":"GHSA-35jh-r3h4-6jhm","aliases":["CVE-2021-23337"],"modified":"2024-01-01T00:00:00Z","affected":[
  {"package":{"ecosystem":"npm","name":"lodash"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"4.17.21"}]}]}]}"#;

#[test]
fn records_of_one_vulnerability_are_one_match_and_conflicts_are_shown() {
    let other = r#"{"id":"OTHER-1","aliases":["CVE-2021-23337"],"modified":"2024-01-01T00:00:00Z","affected":[
      {"package":{"ecosystem":"npm","name":"lodash"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"4.17.19"}]}]}]}"#;
    let catalog = catalog(&[GHSA, other]);
    let both = affected(&catalog, &package("npm", "lodash", "4.17.10"));
    assert_eq!(
        (both.len(), both[0].id.as_str(), both[0].conflicts.len()),
        (1, "GHSA-35jh-r3h4-6jhm", 0)
    );
    assert_eq!(both[0].fixed, ["4.17.21"]);
    let disputed = affected(&catalog, &package("npm", "lodash", "4.17.20"));
    assert_eq!(disputed[0].conflicts[0].record, "OTHER-1");
    assert!(disputed[0].conflicts[0].says.contains("4.17.19"));
}

#[test]
fn several_stretches_name_the_fix_of_their_own_line() {
    let record = r#"{"id":"GHSA-jfh8-c2jp-5v3q","aliases":["CVE-2021-44228"],"modified":"2024-01-01T00:00:00Z","affected":[
      {"package":{"ecosystem":"Maven","name":"org.apache.logging.log4j:log4j-core"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"2.13.0"},{"fixed":"2.15.0"}]}]},
      {"package":{"ecosystem":"Maven","name":"org.apache.logging.log4j:log4j-core"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"2.0-beta9"},{"fixed":"2.3.1"}]}]}]}"#;
    let catalog = catalog(&[record]);
    let check = |version: &str, fixed: Option<&str>| {
        let found = affected(
            &catalog,
            &package("Maven", "org.apache.logging.log4j:log4j-core", version),
        );
        assert_eq!(
            found
                .first()
                .and_then(|m| m.fixed.first().map(String::as_str)),
            fixed,
            "{version}"
        );
    };
    check("2.14.1", Some("2.15.0"));
    check("2.1", Some("2.3.1"));
    check("2.0-beta9", Some("2.3.1"));
    check("2.3.1", None);
    check("2.15.0", None);
    check("2.0-alpha1", None);
}

#[test]
fn last_affected_is_included_and_names_no_fix() {
    let record = r#"{"id":"GHSA-xxxx-xxxx-0001","modified":"2024-01-01T00:00:00Z","affected":[
      {"package":{"ecosystem":"PyPI","name":"Some_Package"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"1.0"},{"last_affected":"1.5"}]}]}]}"#;
    let catalog = catalog(&[record]);
    let found = affected(&catalog, &package("PyPI", "some-package", "1.5"));
    assert_eq!(
        (found[0].fix_state, found[0].decided.range.as_str()),
        (FixState::Unknown, ">= 1.0, <= 1.5")
    );
    assert_eq!(
        ids(&catalog, &package("PyPI", "some.package", "1.5.post1")),
        [""; 0]
    );
}

#[test]
fn a_listed_version_counts_besides_the_ranges() {
    let record = r#"{"id":"GHSA-xxxx-xxxx-0002","modified":"2024-01-01T00:00:00Z","affected":[
      {"package":{"ecosystem":"PyPI","name":"p"},"versions":["2.0","3.0"],"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"1.0"},{"fixed":"2.1"}]}]}]}"#;
    let catalog = catalog(&[record]);
    let found = affected(&catalog, &package("PyPI", "p", "3.0.0"));
    assert_eq!(found[0].decided.range, "= 3.0.0");
    assert_eq!(ids(&catalog, &package("PyPI", "p", "2.5")), [""; 0]);
}

#[test]
fn a_withdrawn_record_matches_nothing() {
    let record = GHSA.replacen(
        "\"aliases\"",
        "\"withdrawn\":\"2024-02-01T00:00:00Z\",\"aliases\"",
        1,
    );
    assert_eq!(
        ids(&catalog(&[&record]), &package("npm", "lodash", "4.17.10")),
        [""; 0]
    );
}

#[test]
fn what_cannot_be_compared_is_said() {
    let catalog = catalog(&[GHSA]);
    let mut unversioned = package("npm", "lodash", "1");
    unversioned.version = None;
    assert_eq!(
        match_package(&catalog, &host(), &unversioned, Options::default())
            .unwrap()
            .notes
            .len(),
        1
    );
    let odd = package("npm", "lodash", "not a version");
    let matches = match_package(&catalog, &host(), &odd, Options::default()).unwrap();
    assert!(
        matches.notes[0].contains("GHSA-35jh-r3h4-6jhm"),
        "{:?}",
        matches.notes
    );
}

#[test]
fn red_hat_repositories_are_one_product_and_streams_are_kept_apart() {
    let record = r#"{"id":"RHSA-2021:0001","summary":"Red Hat Security Advisory: nodejs:12 security update","related":["CVE-2021-22883"],"modified":"2024-01-01T00:00:00Z","affected":[
      {"package":{"ecosystem":"Red Hat:enterprise_linux:8::appstream","name":"nodejs"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1:12.21.0-1.module+el8.3.0+10191+34fb5a07"}]}]}]}"#;
    let catalog = catalog(&[record]);
    let installed = |version: &str, module: &str| {
        let mut p = package("Red Hat:enterprise_linux:8", "nodejs", version);
        p.module = Some(module.to_owned());
        p
    };
    let twelve = installed(
        "1:12.20.1-1.module+el8.3.0+9503+19cb079c",
        "nodejs:12:8030020210130:229f0a1c",
    );
    let ten = installed(
        "1:10.23.1-1.module+el8.3.0+9502+012d8a97",
        "nodejs:10:8030020210118:229f0a1c",
    );
    assert_eq!(ids(&catalog, &twelve), ["RHSA-2021:0001"]);
    assert_eq!(
        negatives(&catalog, &ten),
        [("RHSA-2021:0001".to_owned(), Reason::ModuleStream)]
    );
    assert_eq!(
        ids(
            &catalog,
            &package("Red Hat:enterprise_linux:9", "nodejs", "1:12.20.1-1")
        ),
        [""; 0]
    );
}

#[test]
fn a_bug_fix_without_a_cve_is_no_vulnerability() {
    let record = |related: &str| {
        format!(
            r#"{{"id":"ALBA-2026:39332","related":[{related}],"modified":"2026-08-04T00:00:00Z","affected":[{{"package":{{"ecosystem":"AlmaLinux:9","name":"tzdata"}},
            "ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"2026b-1.el9"}}]}}]}}]}}"#
        )
    };
    let installed = package("AlmaLinux:9", "tzdata", "2026a-1.el9");
    assert_eq!(ids(&catalog(&[&record("")]), &installed), [""; 0]);
    assert_eq!(
        ids(&catalog(&[&record("\"CVE-2026-0001\"")]), &installed),
        ["ALBA-2026:39332"]
    );
}

#[test]
fn a_signed_kernel_is_matched_as_the_kernel() {
    let record = r#"{"id":"CVE-2024-1086","modified":"2024-01-01T00:00:00Z","affected":[
      {"package":{"ecosystem":"Debian:12","name":"linux"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"6.1.76-1"}]}]}]}"#;
    let catalog = catalog(&[record]);
    let image = |version: &str, source: &str| {
        built_from(
            "linux-signed-amd64",
            Some(source),
            package("Debian:12", "linux-image-6.1.0-17-amd64", version),
        )
    };
    assert_eq!(
        ids(&catalog, &image("6.1.69-1", "6.1.69+1")),
        ["CVE-2024-1086"]
    );
    assert_eq!(ids(&catalog, &image("6.1.76-1", "6.1.76+1")), [""; 0]);
}

#[test]
fn an_rpm_listed_without_its_epoch_is_compared_as_if_with_it() {
    let catalog = catalog(&[
        r#"{"id":"RHSA-2022:6224","modified":"2024-01-01T00:00:00Z","related":["CVE-2022-1292"],"affected":[
        {"package":{"ecosystem":"Red Hat:enterprise_linux:9::baseos","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1:3.0.1-41.el9_0"}]}]}]}"#,
    ]);
    let check = |version, expected: &[&str]| {
        let openssl = package("Red Hat:enterprise_linux:9", "openssl", version);
        assert_eq!(ids(&catalog, &openssl), expected, "{version}");
    };
    check("1:3.0.7-18.el9_2", &[]);
    check("3.0.7-18.el9_2", &[]);
    check("3.0.1-20.el9_0", &["RHSA-2022:6224"]);
    check("1:3.0.1-20.el9_0", &["RHSA-2022:6224"]);
    check("0:3.0.7-18.el9_2", &["RHSA-2022:6224"]);
    check("3.0.7-18.local", &["RHSA-2022:6224"]);
}
