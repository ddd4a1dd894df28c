//! Ignore files of other scanners: what is set aside, until when, and what is noted. The files are in the shape of each tool's manual.

use inventory::Location;

use super::*;
use crate::sample::{at, finding, now};

fn found() -> Vec<Finding> {
    let purl = |f: Finding, purl: &str, path: &str| Finding {
        purl: Some(purl.to_owned()),
        locations: vec![Location::file(path)],
        ..f
    };
    vec![
        purl(
            finding("CVE-2026-0001", "Debian:12", "zlib1g", "1.2-1"),
            "pkg:deb/debian/zlib1g@1.2-1?arch=amd64",
            "var/lib/dpkg/status",
        ),
        purl(
            finding("CVE-2026-0002", "npm", "lodash", "4.17.20"),
            "pkg:npm/lodash@4.17.20",
            "app/web/package-lock.json",
        ),
        finding("GHSA-aaaa-bbbb-cccc", "PyPI", "requests", "2.0"),
    ]
}

/// The packages set aside, each with its end, and the notes.
fn check(file: &str, text: &str, expected: &[(&str, Option<&str>)], notes: &[&str]) {
    let applied = Rules::parse(file, text.as_bytes()).apply(found(), now());
    let aside: Vec<(&str, Option<Timestamp>)> = applied
        .suppressed
        .iter()
        .map(|(f, s)| (f.package.as_str(), s.until))
        .collect();
    let expected: Vec<(&str, Option<Timestamp>)> =
        expected.iter().map(|(p, t)| (*p, t.map(at))).collect();
    assert_eq!(aside, expected, "{text}");
    let said: Vec<String> = applied.notes.iter().map(ToString::to_string).collect();
    assert_eq!(said, notes, "{text}");
}

const ENDLESS: &str = "suppressions without an end: 1; write them as [[suppress]] in .daywatch.toml with an owner and a day";

#[test]
fn trivyignore_names_ids_with_days_and_comments() {
    check(
        "ci/.trivyignore",
        "# not reachable\nCVE-2026-0001 exp:2026-07-01\n\nGHSA-aaaa-bbbb-cccc # later\nCVE-2026-0002 exp:2026-05-01\nCVE-2026-0002 exp:soon\n",
        &[("zlib1g", Some("2026-07-01T00:00:00Z")), ("requests", None)],
        &[
            "ci/.trivyignore:6: suppression refused: exp: is not a date: soon",
            &format!("ci/.trivyignore: {ENDLESS}"),
            "ci/.trivyignore:5: suppression expired 2026-05-01: CVE-2026-0002 (owner: imported from .trivyignore, reason: no reason given); 1 finding is back",
        ],
    );
    let applied =
        Rules::parse(".trivyignore", b"# not reachable\nCVE-2026-0001\n").apply(found(), now());
    let suppression = &applied.suppressed[0].1;
    assert_eq!(suppression.reason, "not reachable");
    assert_eq!(suppression.owner, "imported from .trivyignore");
}

#[test]
fn trivyignore_yaml_narrows_by_path_and_purl() {
    let yaml = "vulnerabilities:\n  - id: CVE-2026-0001\n    purls: [\"pkg:deb/debian/zlib1g\"]\n    statement: accepted\n    expired_at: 2026-07-01\n  - id: CVE-2026-0002\n    paths:\n      - \"app/*/package-lock.json\"\n    expired_at: 2026-08-01\n  - id: GHSA-aaaa-bbbb-cccc\n    path: misspelt\nsecrets:\n  - id: aws\n";
    check(
        ".trivyignore.yaml",
        yaml,
        &[
            ("zlib1g", Some("2026-07-01T00:00:00Z")),
            ("lodash", Some("2026-08-01T00:00:00Z")),
        ],
        &[
            ".trivyignore.yaml: secrets are not looked for here, so their entries are left out: 1",
            ".trivyignore.yaml:10: suppression refused: GHSA-aaaa-bbbb-cccc: unknown key path",
        ],
    );
    let elsewhere = yaml
        .replace("app/*/", "app/*/*/")
        .replace("zlib1g\"", "zlib1g@9\"");
    let applied = Rules::parse(".trivyignore.yaml", elsewhere.as_bytes()).apply(found(), now());
    assert_eq!(applied.suppressed.len(), 0);
}

#[test]
fn grype_rules_need_a_vulnerability() {
    check(
        ".grype.yaml",
        "fail-on-severity: high\nignore:\n  - vulnerability: CVE-2026-0001\n    package:\n      name: zlib.*\n      type: deb\n    reason: accepted\n  - package:\n      type: gem\n  - vulnerability: CVE-2026-0002\n    vex-status: not_affected\n  - vulnerability: CVE-2026-0002\n    fix-state: fixed\n  - vulnerability: GHSA-aaaa-bbbb-cccc\n    package:\n      name: \"(a|b)\"\n",
        &[("zlib1g", None)],
        &[
            ".grype.yaml:1: suppression refused: no vulnerability: a rule about a package or a fix state alone would hide tomorrow's advisories (see `fixable` of --fail-on)",
            ".grype.yaml:10: suppression refused: CVE-2026-0002: vex-status has no equal here (give the document with --vex)",
            ".grype.yaml:14: suppression refused: GHSA-aaaa-bbbb-cccc: the pattern of package.name has no equal here: (a|b)",
            ".grype.yaml: suppressions without an end: 2; write them as [[suppress]] in .daywatch.toml with an owner and a day",
            ".grype.yaml:10: suppression unused, it names no finding: CVE-2026-0002 on fix state fixed (owner: imported from .grype.yaml, reason: no reason given)",
        ],
    );
}

#[test]
fn osv_scanner_toml_names_ids_until_a_day() {
    check(
        "osv-scanner.toml",
        "[[IgnoredVulns]]\nid = \"CVE-2026-0001\"\nignoreUntil = 2026-07-01\nreason = \"accepted\"\n\n[[IgnoredVulns]]\nid = \"GHSA-aaaa-bbbb-cccc\"\nignoreUntil = 2026-07-01T10:00:00Z\n\n[[IgnoredVulns]]\nid = \"CVE-2026-0002\"\n\n[[PackageOverrides]]\nname = \"lib\"\nignore = true\n",
        &[
            ("zlib1g", Some("2026-07-01T00:00:00Z")),
            ("lodash", None),
            ("requests", Some("2026-07-01T10:00:00Z")),
        ],
        &[
            "osv-scanner.toml:14: suppression refused: the override of lib names no vulnerability, so it would hide tomorrow's advisories",
            &format!("osv-scanner.toml: {ENDLESS}"),
        ],
    );
}

#[test]
fn a_broken_or_hostile_file_sets_nothing_aside() {
    let laughs = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nvulnerabilities: [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n";
    let deep = "[".repeat(100_000);
    for (file, text) in [
        (".trivyignore.yaml", laughs),
        (".trivyignore.yaml", deep.as_str()),
        (".trivyignore.yaml", "vulnerabilities: {"),
        (".grype.yaml", "ignore: 3"),
        (".grype.yaml", ""),
        ("osv-scanner.toml", "[[IgnoredVulns]]\nid = "),
    ] {
        let rules = Rules::parse(file, text.as_bytes());
        assert!(rules.is_empty(), "{file}");
        assert!(!rules.notes().is_empty(), "{file}: {text:.40}");
    }
}
