//! Several sources on one package: whose word counts, what a vendor clears, and fixes in channels beside the release.
#![expect(clippy::unwrap_used, reason = "a test says where it fails")]

use advisories::catalog::{Builder, Catalog};
use advisories::feeds::{Document, recognise};
use base::Ecosystem;
use inventory::{Host, HostKind, Location, Package, Source};
use matching::{FixState, Matches, Options, Reason, match_package};

fn catalog(documents: &[&str]) -> Catalog {
    let mut builder = Builder::new();
    for document in documents {
        let document = Document {
            name: "record.json",
            bytes: document.as_bytes(),
        };
        let feed = recognise(&document).expect("a known feed");
        builder.add(feed.id(), feed.parse(&document).value);
    }
    Catalog::from_bytes(builder.finish()).expect("a fresh catalog")
}

fn package(ecosystem: &str, name: &str, version: &str) -> Package {
    let mut package = Package::new(name, Some(version.to_owned()), Location::file("list"));
    package.ecosystem = Some(ecosystem.parse::<Ecosystem>().unwrap());
    package
}

fn host(packages: &[Package]) -> Host {
    let mut host = Host::new("h", HostKind::Machine);
    host.packages = packages.to_vec();
    host
}

fn matched(catalog: &Catalog, package: &Package) -> Matches {
    let host = host(std::slice::from_ref(package));
    match_package(catalog, &host, package, Options::of(&host, true)).unwrap()
}

/// Affected ids, then negatives with their reason.
fn check(catalog: &Catalog, package: &Package, affected: &[&str], not: &[(&str, Reason)]) {
    let matches = matched(catalog, package);
    let ids: Vec<&str> = matches.affected.iter().map(|m| m.id.as_str()).collect();
    let negatives: Vec<(&str, Reason)> = matches
        .not_affected
        .iter()
        .map(|n| (n.id.as_str(), n.reason))
        .collect();
    assert_eq!(
        (ids.as_slice(), negatives.as_slice()),
        (affected, not),
        "{package:?}"
    );
}

const RHEL9: &str = "Red Hat:enterprise_linux:9";

/// An erratum as OSV exports it: two CVEs, two packages, all with all.
const ERRATUM: &str = r#"{"id":"RHSA-2024:1","modified":"2024-01-01T00:00:00Z","upstream":["CVE-2024-0001","CVE-2024-0002"],"affected":[
  {"package":{"ecosystem":"Red Hat:enterprise_linux:9::baseos","name":"tool"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0:2.0-3.el9_5"}]}]},
  {"package":{"ecosystem":"Red Hat:enterprise_linux:9::baseos","name":"tool-doc"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0:2.0-3.el9_5"}]}]}]}"#;

/// The fix for the minor release 9.4.
const EXTENDED: &str = r#"{"id":"RHSA-2024:2","modified":"2024-01-01T00:00:00Z","upstream":["CVE-2024-0001","CVE-2024-0002"],"affected":[
  {"package":{"ecosystem":"Red Hat:rhel_eus:9.4::baseos","name":"tool"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0:2.0-1.el9_4.2"}]}]}]}"#;

/// A vendor's VEX of one CVE: statuses by product id, and what is done about the affected ones.
fn vex(cve: &str, status: &str, remediation: &str) -> String {
    let leaf = |id: &str, helper: &str| {
        format!(
            r#"{{"category":"product_version","name":"{id}","product":{{"product_id":"{id}","name":"{id}","product_identification_helper":{{{helper}}}}}}}"#
        )
    };
    let relation = |part: &str| {
        format!(
            r#"{{"category":"default_component_of","product_reference":"{part}","relates_to_product_reference":"9","full_product_name":{{"product_id":"9:{part}","name":"x"}}}}"#
        )
    };
    let parts = ["tool", "doc", "mod16"];
    let leaves = [
        leaf("9", r#""cpe":"cpe:/o:redhat:enterprise_linux:9""#),
        leaf("tool", r#""purl":"pkg:rpm/redhat/tool?arch=src""#),
        leaf(
            "doc",
            r#""purl":"pkg:rpm/redhat/tool-doc@2.0-3.el9_5?arch=noarch""#,
        ),
        leaf(
            "mod16",
            r#""purl":"pkg:rpm/redhat/tool?arch=src&rpmmod=tool:16""#,
        ),
    ];
    format!(
        r#"{{"document":{{"category":"csaf_vex","csaf_version":"2.0","publisher":{{"name":"Red Hat Product Security"}},"tracking":{{"id":"{cve}","current_release_date":"2024-05-01T00:00:00Z"}}}},
        "product_tree":{{"branches":[{}],"relationships":[{}]}},"vulnerabilities":[{{"cve":"{cve}","product_status":{status},"remediations":{remediation}}}]}}"#,
        leaves.join(","),
        parts.map(relation).join(",")
    )
}

#[test]
fn a_vendors_not_affected_clears_the_erratum_that_bundles_the_cve() {
    let both = ["CVE-2024-0001", "CVE-2024-0002"]
        .map(|cve| vex(cve, r#"{"known_not_affected":["9:doc"]}"#, "[]"));
    let doc = package(RHEL9, "tool-doc", "0:2.0-1.el9");
    let one = catalog(&[ERRATUM, &both[0]]);
    let found = &matched(&one, &doc).affected[0];
    let cves: Vec<String> = found.cves.iter().map(ToString::to_string).collect();
    assert_eq!(cves, ["CVE-2024-0002"]);
    assert!(
        found
            .why
            .contains("not affected by CVE-2024-0001 of it, says REDHAT-CVE-2024-0001"),
        "{}",
        found.why
    );
    let all = catalog(&[ERRATUM, &both[0], &both[1]]);
    check(
        &all,
        &doc,
        &[],
        &[
            ("REDHAT-CVE-2024-0001", Reason::Vex),
            ("REDHAT-CVE-2024-0002", Reason::Vex),
            ("RHSA-2024:1", Reason::Vex),
        ],
    );
    check(
        &all,
        &package(RHEL9, "tool", "0:2.0-1.el9"),
        &["RHSA-2024:1"],
        &[],
    );
    let plain = match_package(&all, &host(&[]), &doc, Options::default()).unwrap();
    assert_eq!(
        plain.affected,
        [],
        "nobody asked for negatives, and it is cleared all the same"
    );
}

#[test]
fn what_a_vendor_says_of_a_source_package_is_about_its_binaries() {
    let status = r#"{"known_affected":["9:tool"]}"#;
    let remediation =
        r#"[{"category":"no_fix_planned","details":"Will not fix","product_ids":["9:tool"]}]"#;
    let catalog = catalog(&[&vex("CVE-2024-0003", status, remediation)]);
    let mut library = package(RHEL9, "tool-libs", "0:2.0-1.el9");
    check(&catalog, &library, &[], &[]);
    library.source = Some(Source {
        name: "tool".to_owned(),
        version: None,
    });
    let found = &matched(&catalog, &library).affected[0];
    assert_eq!(
        (found.id.as_str(), found.fix_state),
        ("REDHAT-CVE-2024-0003", FixState::WontFix)
    );
}

#[test]
fn what_is_under_investigation_is_unknown_and_not_nothing() {
    let catalog = catalog(&[&vex(
        "CVE-2024-0004",
        r#"{"under_investigation":["9:tool"]}"#,
        "[]",
    )]);
    let found = &matched(&catalog, &package(RHEL9, "tool", "0:2.0-1.el9")).affected[0];
    assert_eq!(found.fix_state, FixState::Unknown);
    assert!(
        found
            .why
            .contains("has not said yet whether it is affected"),
        "{}",
        found.why
    );
}

#[test]
fn a_statement_about_a_module_stream_is_about_no_other() {
    let catalog = catalog(&[&vex(
        "CVE-2024-0005",
        r#"{"known_affected":["9:mod16"]}"#,
        "[]",
    )]);
    let other = [("REDHAT-CVE-2024-0005", Reason::ModuleStream)];
    let mut tool = package(RHEL9, "tool", "0:16.1-1.module+el9.2.0+1+aa");
    check(&catalog, &tool, &[], &other);
    tool.module = Some("tool:18:9020020240101:cc".to_owned());
    check(&catalog, &tool, &[], &other);
    tool.module = Some("tool:16:9020020240101:cc".to_owned());
    check(&catalog, &tool, &["REDHAT-CVE-2024-0005"], &[]);
}

#[test]
fn extended_support_of_the_builds_own_minor_release_counts() {
    let catalog = catalog(&[ERRATUM, EXTENDED]);
    check(
        &catalog,
        &package(RHEL9, "tool", "0:2.0-1.el9_4.2"),
        &[],
        &[("RHSA-2024:1", Reason::FixedByBackport)],
    );
    let old = matched(&catalog, &package(RHEL9, "tool", "0:2.0-1.el9_4.1"));
    let why = &old.affected[0].why;
    assert!(
        why.contains("RHEL 9.4 EUS has it fixed in 0:2.0-1.el9_4.2"),
        "{why}"
    );
    // A build for another minor release is not helped by it.
    let newer = matched(&catalog, &package(RHEL9, "tool", "0:2.0-2.el9"));
    assert_eq!(newer.affected.len(), 1);
    assert!(!newer.affected[0].why.contains("EUS"));
}

/// One CVE as Ubuntu's tracker has it: no fix in the release, one with Pro.
const UBUNTU: &str = r#"{"id":"UBUNTU-CVE-2024-0006","modified":"2024-01-01T00:00:00Z","upstream":["CVE-2024-0006"],"affected":[
  {"package":{"ecosystem":"Ubuntu:22.04:LTS","name":"tool"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]},
  {"package":{"ecosystem":"Ubuntu:Pro:22.04:LTS","name":"tool"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.0-1ubuntu2+esm1"}]}]},
  {"package":{"ecosystem":"Ubuntu:Pro:18.04:LTS","name":"tool"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0.9-1ubuntu2+esm1"}]}]}]}"#;

#[test]
fn a_fix_that_only_ubuntu_pro_has_is_said_in_words() {
    let catalog = catalog(&[UBUNTU]);
    for (release, version) in [
        ("Ubuntu:22.04:LTS", "1.0-1ubuntu2"),
        ("Ubuntu:18.04:LTS", "0.9-1ubuntu2"),
    ] {
        let found = &matched(&catalog, &package(release, "tool", version)).affected[0];
        assert_eq!((found.fix_state, found.fixed.len()), (FixState::None, 0));
        assert!(found.why.contains("only with Ubuntu Pro"), "{}", found.why);
        let cves: Vec<String> = found.cves.iter().map(ToString::to_string).collect();
        assert_eq!(cves, ["CVE-2024-0006"]);
    }
    check(
        &catalog,
        &package("Ubuntu:24.04:LTS", "tool", "1.0"),
        &[],
        &[("UBUNTU-CVE-2024-0006", Reason::OtherRelease)],
    );
}

#[test]
fn a_host_with_ubuntu_pro_is_matched_against_it() {
    let catalog = catalog(&[UBUNTU]);
    let fixed = package("Ubuntu:22.04:LTS", "tool", "1.0-1ubuntu2+esm1");
    check(
        &catalog,
        &fixed,
        &[],
        &[("UBUNTU-CVE-2024-0006", Reason::FixedByBackport)],
    );
    let old = package("Ubuntu:22.04:LTS", "tool", "1.0-1ubuntu2");
    let other = package("Ubuntu:22.04:LTS", "other", "3.0-1ubuntu0.1~esm2");
    let host = host(&[old.clone(), other]);
    let found = match_package(&catalog, &host, &old, Options::of(&host, false)).unwrap();
    assert_eq!(found.affected[0].fixed, ["1.0-1ubuntu2+esm1"]);
}

#[test]
fn the_cve_and_the_trackers_record_of_it_are_one_vulnerability() {
    let plain = UBUNTU.replace("UBUNTU-CVE-2024-0006", "CVE-2024-0006");
    let notice = r#"{"id":"USN-6000-1","modified":"2024-01-01T00:00:00Z","related":["UBUNTU-CVE-2024-0006"],"affected":[
      {"package":{"ecosystem":"Ubuntu:22.04:LTS","name":"tool"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.0-1ubuntu3"}]}]}]}"#;
    let catalog = catalog(&[UBUNTU, &plain, notice]);
    let found = matched(
        &catalog,
        &package("Ubuntu:22.04:LTS", "tool", "1.0-1ubuntu2"),
    )
    .affected;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].id, "UBUNTU-CVE-2024-0006");
    assert_eq!(found[0].aliases, ["CVE-2024-0006", "USN-6000-1"]);
}

/// A product of which the CVE list, NVD and its vendor speak.
const NVD: &str = r#"{"resultsPerPage":1,"vulnerabilities":[{"cve":{"id":"CVE-2024-0007","vulnStatus":"Analyzed","configurations":[{"operator":"AND","nodes":[
  {"operator":"OR","cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:example:gateway:*:*:*:*:*:*:*:*","versionEndExcluding":"3.0"}]},
  {"operator":"OR","cpeMatch":[{"vulnerable":false,"criteria":"cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*"}]}]}]}}]}"#;
const CNA: &str = r#"{"cveMetadata":{"cveId":"CVE-2024-0007"},"containers":{"cna":{"affected":[{"vendor":"Example","product":"Gateway","versions":[{"version":"1.0","lessThan":"2.0","status":"affected"}]}]}}}"#;
const VENDOR: &str = r#"{"document":{"csaf_version":"2.0","publisher":{"name":"Example"},"tracking":{"id":"EX-1"}},"product_tree":{"branches":[{"category":"vendor","name":"Example","branches":[
  {"category":"product_name","name":"Gateway","branches":[{"category":"product_version_range","name":"vers:generic/>=1.0|<1.5","product":{"product_id":"P","name":"p"}}]}]}]},
  "vulnerabilities":[{"cve":"CVE-2024-0007","product_status":{"known_affected":["P"]}}]}"#;

#[test]
fn a_weaker_source_counts_only_where_nobody_nearer_speaks() {
    let gateway = package("product", "example/gateway", "1.8");
    let weak = catalog(&[NVD, CNA]);
    let found = &matched(&weak, &gateway).affected[0];
    assert_eq!(
        (found.id.as_str(), found.fixed.as_slice()),
        ("CNA-CVE-2024-0007", ["3.0".to_owned()].as_slice())
    );
    assert!(found.why.contains("a weaker source"), "{}", found.why);
    let nvd = catalog(&[NVD]);
    let why = &matched(&nvd, &gateway).affected[0].why;
    assert!(why.contains("only with microsoft/windows"), "{why}");
    let vendor = catalog(&[NVD, CNA, VENDOR]);
    check(
        &vendor,
        &gateway,
        &[],
        &[("EX-1/CVE-2024-0007", Reason::NotInRange)],
    );
    check(
        &vendor,
        &package("product", "example/gateway", "1.2"),
        &["EX-1/CVE-2024-0007"],
        &[],
    );
}

#[test]
fn a_package_that_no_feed_covers_is_looked_up_by_its_cpe_name() {
    let catalog = catalog(&[NVD, CNA]);
    let mut gateway = Package::new("gw", None, Location::file("sbom"));
    gateway.cpe = "cpe:2.3:a:example:gateway:1.8:*:*:*:*:*:*:*".parse().ok();
    check(&catalog, &gateway, &["CNA-CVE-2024-0007"], &[]);
    gateway.cpe = "cpe:2.3:a:example:gateway:3.0:*:*:*:*:*:*:*".parse().ok();
    let negatives = matched(&catalog, &gateway).not_affected;
    assert!(negatives.iter().all(|n| n.reason == Reason::NotInRange) && negatives.len() == 2);
    gateway.ecosystem = Some("npm".parse().unwrap());
    gateway.version = Some("1.8".to_owned());
    check(&catalog, &gateway, &["CNA-CVE-2024-0007"], &[]);
}

#[test]
fn a_third_partys_build_is_said_to_be_one() {
    let catalog = catalog(&[&UBUNTU.replace("Ubuntu:22.04:LTS", "Debian:12")]);
    let rebuilt = matched(&catalog, &package("Debian:12", "tool", "2.0-1.pgdg120+1"));
    assert_eq!(rebuilt.affected.len(), 1);
    assert!(
        rebuilt.notes[0].contains("was built by the PostgreSQL project"),
        "{:?}",
        rebuilt.notes
    );
    assert!(
        matched(&catalog, &package("Debian:12", "tool", "2.0-1"))
            .notes
            .is_empty()
    );
}

#[test]
fn alpines_version_zero_is_never_affected() {
    let secdb = r#"{"distroversion":"v3.17","reponame":"main","packages":[{"pkg":{"name":"tool","secfixes":{"0":["CVE-2024-0008"],"1.2-r1":["CVE-2024-0009"]}}}]}"#;
    let catalog = catalog(&[secdb]);
    check(
        &catalog,
        &package("Alpine:v3.17", "tool", "1.2-r0"),
        &["ALPINE-CVE-2024-0009"],
        &[("ALPINE-CVE-2024-0008", Reason::Vex)],
    );
}
