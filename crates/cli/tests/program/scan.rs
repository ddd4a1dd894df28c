//! `scan` and `explain`: the contract of the JSON, the gate, and the exit codes.

use testkit::Sandbox;

use crate::sample::sandbox;

const NOW: &str = "2026-08-22T06:00:00Z";

fn scan(sandbox: &Sandbox, arguments: &[&str]) -> testkit::Run {
    let fixed = ["--catalog", "catalog.dwcat", "--now", NOW];
    sandbox.run(&[&["scan"], arguments, &fixed].concat())
}

#[test]
fn a_target_with_a_hole_is_found_in_every_format() {
    let sandbox = sandbox();
    for format in [
        "table",
        "json",
        "sarif",
        "cyclonedx",
        "openvex",
        "csv",
        "junit",
        "markdown",
        "html",
    ] {
        let run = scan(&sandbox, &["app", "shop.cdx.json", "--format", format]);
        assert_eq!(run.code, Some(0), "{format}: {}", run.stderr);
        for what in ["lodash", "log4j-core", "CVE-2021-44228"] {
            assert!(run.stdout.contains(what), "{format} does not name {what}");
        }
    }
}

#[test]
fn the_json_has_every_key_of_the_contract() {
    let sandbox = sandbox();
    let run = scan(&sandbox, &["shop.cdx.json", "--format", "json"]);
    let scan: Json = parse(&run.stdout);
    for key in [
        "schema",
        "catalog",
        "targets",
        "findings",
        "not_affected",
        "suppressed",
        "errors",
    ] {
        assert!(scan.has(key), "{key}");
    }
    assert_eq!(scan.at("schema").text(), "daywatch.scan/1");
    let finding = scan.at("findings").item(0);
    for key in [
        "key",
        "id",
        "aliases",
        "cves",
        "ecosystem",
        "package",
        "version",
        "purl",
        "source_package",
        "locations",
        "fixed",
        "fix_state",
        "match",
        "why",
        "severity",
        "cvss",
        "epss",
        "kev",
        "ssvc",
        "due",
        "decision",
        "decisions",
        "target",
    ] {
        assert!(finding.has(key), "{key}");
    }
    assert_eq!(finding.at("id").text(), "GHSA-jfh8-c2jp-5v3q");
    assert_eq!(finding.at("fixed").item(0).text(), "2.15.0");
    assert_eq!(finding.at("severity").text(), "critical");
    assert_eq!(
        finding.at("match").at("range").text(),
        ">= 2.13.0, < 2.15.0"
    );
    assert_eq!(finding.at("kev").at("due").text(), "2021-12-24T00:00:00Z");
    assert_eq!(finding.at("decision").at("policy").text(), "bod-26-04");
    // Listed on 2021-12-10, exposure unknown and taken as exposed, impact unknown and taken as total: three days.
    assert_eq!(finding.at("due").text(), "2021-12-13T00:00:00Z");
}

#[test]
fn the_gate_decides_the_exit_code() {
    let sandbox = sandbox();
    let check = |target: &str, gate: &str, code: i32| {
        assert_eq!(
            scan(&sandbox, &[target, "--fail-on", gate]).code,
            Some(code),
            "{target} {gate}"
        );
    };
    check("shop.cdx.json", "kev", 1);
    check("app", "kev", 0);
    check("app", "severity>=high", 1);
    check("app", "severity>=critical", 0);
    check("clean", "any", 0);
    check("app", "severity>=", 2);
}

#[test]
fn an_unscored_advisory_fails_closed_and_says_so() {
    let sandbox = sandbox();
    sandbox.write("debian/var/lib/dpkg/status", "Package: libssl3\nStatus: install ok installed\nVersion: 3.0.7-1\nSource: openssl\nArchitecture: amd64\n");
    sandbox.write("debian/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    let run = scan(&sandbox, &["debian", "--fail-on", "severity>=critical"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("unknown") || run.stderr.contains("no severity"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_cannot_be_read_is_exit_three_and_a_clean_target_is_zero() {
    let sandbox = sandbox();
    sandbox.write("junk.bin", [0_u8, 159, 146, 150]);
    assert_eq!(scan(&sandbox, &["junk.bin"]).code, Some(3));
    assert_eq!(scan(&sandbox, &["nosuch"]).code, Some(3));
    assert_eq!(scan(&sandbox, &["clean", "nosuch"]).code, Some(3));
    assert_eq!(scan(&sandbox, &["clean"]).code, Some(0));
    assert_eq!(
        sandbox
            .run(&["scan", "app", "--catalog", "none.dwcat"])
            .code,
        Some(3)
    );
    let old = sandbox.run(&[
        "scan",
        "app",
        "--catalog",
        "catalog.dwcat",
        "--max-catalog-age",
        "1d",
        "--now",
        "2027-01-01",
    ]);
    assert_eq!(old.code, Some(3));
}

#[test]
fn standard_input_is_read_under_each_of_its_names() {
    let sandbox = sandbox();
    let document = sandbox.read("shop.cdx.json");
    for name in ["-", "/dev/stdin"] {
        let arguments = [
            "scan",
            name,
            "--catalog",
            "catalog.dwcat",
            "--fail-on",
            "kev",
        ];
        let run = sandbox.run_with(&arguments, document.as_bytes());
        assert_eq!(run.code, Some(1), "{name}: {}", run.stderr);
    }
}

#[test]
fn a_release_no_feed_covers_is_said_and_not_counted_as_clean() {
    let sandbox = sandbox();
    sandbox.write(
        "old/var/lib/dpkg/status",
        "Package: bash\nStatus: install ok installed\nVersion: 4.4-5\nArchitecture: amd64\n",
    );
    sandbox.write("old/etc/os-release", "ID=debian\nVERSION_ID=\"9\"\n");
    let run = scan(&sandbox, &["old"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.contains("not covered"), "{}", run.stdout);
}

#[test]
fn a_folder_of_system_trees_is_a_host_for_each() {
    let sandbox = sandbox();
    for (host, release, version) in [("old", "9", "1.1.0l-1"), ("new", "12", "3.0.7-1")] {
        let status = format!(
            "Package: openssl\nStatus: install ok installed\nVersion: {version}\nArchitecture: amd64\n"
        );
        sandbox.write(&format!("fleet/{host}/var/lib/dpkg/status"), status);
        sandbox.write(
            &format!("fleet/{host}/etc/os-release"),
            format!("ID=debian\nVERSION_ID=\"{release}\"\n"),
        );
    }
    let json = parse(&scan(&sandbox, &["fleet", "--format", "json"]).stdout);
    assert_eq!(json.at("targets").len(), 2);
    assert_eq!(json.at("findings").len(), 1);
    assert_eq!(
        json.at("findings").item(0).at("ecosystem").text(),
        "Debian:12"
    );
    let explained = sandbox.run(&[
        "explain",
        "CVE-2023-0286",
        "fleet/old",
        "--catalog",
        "catalog.dwcat",
    ]);
    assert!(
        explained.stdout.contains("not known"),
        "{}",
        explained.stdout
    );
}

#[test]
fn suppressions_and_vex_set_findings_aside_with_a_name() {
    let sandbox = sandbox();
    sandbox.write(
        ".daywatch.toml",
        "[[suppress]]\nid = \"CVE-2021-23337\"\nowner = \"web team\"\nreason = \"template() is not used\"\nuntil = 2026-12-31\n",
    );
    let run = scan(&sandbox, &["app", "--format", "json", "--fail-on", "any"]);
    assert_eq!(run.code, Some(0));
    let json = parse(&run.stdout);
    assert_eq!(
        json.at("suppressed")
            .item(0)
            .at("suppression")
            .at("owner")
            .text(),
        "web team"
    );
    sandbox.write(
        "vex.json",
        r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.org/vex/1","author":"platform team","timestamp":"2026-08-01T00:00:00Z","version":1,
          "statements":[{"vulnerability":{"name":"CVE-2021-44228"},"products":[{"@id":"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}],
          "status":"not_affected","justification":"vulnerable_code_not_in_execute_path"}]}"#,
    );
    let run = scan(
        &sandbox,
        &["shop.cdx.json", "--vex", "vex.json", "--format", "json"],
    );
    let json = parse(&run.stdout);
    assert_eq!(json.at("findings").len(), 0);
    assert_eq!(json.at("not_affected").item(0).at("reason").text(), "vex");
}

#[test]
fn hostile_names_never_reach_the_terminal() {
    let sandbox = sandbox();
    sandbox.write(
        "evil.cdx.json",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":[{"type":"library","name":"lodash\u001b[31m","version":"1\u0007","purl":"pkg:npm/lodash@4.17.20"}]}"#,
    );
    for format in ["table", "markdown", "csv", "html", "junit"] {
        let run = scan(&sandbox, &["evil.cdx.json", "--format", format]);
        assert!(!run.stdout.contains(['\u{1b}', '\u{7}']), "{format}");
    }
}

#[test]
fn explain_says_why_and_why_not() {
    let sandbox = sandbox();
    let explain = |arguments: &[&str]| {
        sandbox.run(
            &[
                &["explain"],
                arguments,
                &["--catalog", "catalog.dwcat", "--now", NOW],
            ]
            .concat(),
        )
    };
    let yes = explain(&["CVE-2021-44228", "shop.cdx.json"]);
    assert!(
        yes.stdout.contains("is affected by") && yes.stdout.contains("2.15.0"),
        "{}",
        yes.stdout
    );
    sandbox.write("fixed/package-lock.json", r#"{"name":"x","lockfileVersion":3,"packages":{"node_modules/lodash":{"version":"4.17.21"}}}"#);
    let no = explain(&["CVE-2021-23337", "fixed"]);
    assert!(
        no.stdout.contains("is not affected") && no.stdout.contains("at or above 4.17.21"),
        "{}",
        no.stdout
    );
    assert_eq!(explain(&["CVE-1999-0001"]).code, Some(3));
}

#[test]
fn a_comparison_gives_every_difference_a_reason() {
    let sandbox = sandbox();
    sandbox.write(
        "grype.json",
        r#"{"matches":[{"vulnerability":{"id":"GHSA-35jh-r3h4-6jhm"},"artifact":{"name":"lodash","version":"4.17.20"}},
          {"vulnerability":{"id":"GHSA-0000-0000-0000"},"artifact":{"name":"lodash","version":"4.17.20"}}]}"#,
    );
    let run = scan(
        &sandbox,
        &[
            "app",
            "shop.cdx.json",
            "--compare",
            "grype.json",
            "--format",
            "json",
        ],
    );
    let json = parse(&run.stdout);
    assert_eq!(json.at("same").len(), 1);
    assert_eq!(
        json.at("only_them").item(0).at("reason").text(),
        "no-record"
    );
    assert_eq!(
        json.at("only_us").item(0).at("id").text(),
        "GHSA-jfh8-c2jp-5v3q"
    );
}

/// Just enough of a JSON reader for assertions that name what is missing.
struct Json(serde_json::Value);

fn parse(text: &str) -> Json {
    Json(serde_json::from_str(text).unwrap())
}

impl Json {
    fn has(&self, key: &str) -> bool {
        self.0.get(key).is_some()
    }

    fn at(&self, key: &str) -> Self {
        Self(
            self.0
                .get(key)
                .unwrap_or_else(|| panic!("no {key} in {}", self.0))
                .clone(),
        )
    }

    fn item(&self, index: usize) -> Self {
        Self(
            self.0
                .get(index)
                .unwrap_or_else(|| panic!("no item {index} in {}", self.0))
                .clone(),
        )
    }

    fn text(&self) -> &str {
        self.0
            .as_str()
            .unwrap_or_else(|| panic!("not text: {}", self.0))
    }

    fn len(&self) -> usize {
        self.0.as_array().map_or(0, Vec::len)
    }
}
