//! Other tools' results and ignore files, `--baseline`, and CSAF: what a team that moves in does on its first day.

use serde_json::Value;
use testkit::{Run, Sandbox};

use crate::sample::sandbox;

fn scan(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let fixed = [
        "--catalog",
        "catalog.dwcat",
        "--now",
        "2026-08-22T06:00:00Z",
    ];
    sandbox.run(&[&["scan"], arguments, &fixed].concat())
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}", run.stderr))
}

/// Trivy's word on the lodash of `app`, and on another package.
const TRIVY: &str = r#"{"SchemaVersion":2,"Trivy":{"Version":"0.74.0"},"ArtifactName":"shop","Results":[{"Target":"package-lock.json","Vulnerabilities":[
  {"VulnerabilityID":"CVE-2021-23337","PkgName":"lodash","PkgIdentifier":{"PURL":"pkg:npm/lodash@4.17.20"},"InstalledVersion":"4.17.20","FixedVersion":"4.17.21","Status":"fixed","Severity":"HIGH"},
  {"VulnerabilityID":"CVE-2021-44228","PkgName":"log4j","InstalledVersion":"2.14.1","Severity":"LOW"}]}]}"#;

#[test]
fn results_are_a_target_with_our_facts_and_their_verdict() {
    let sandbox = sandbox();
    sandbox.write("trivy.json", TRIVY);
    let run = scan(
        &sandbox,
        &["trivy.json", "--format", "json", "--fail-on", "kev"],
    );
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let scan = json(&run);
    assert_eq!(scan["targets"][0]["target"], "shop");
    assert_eq!(scan["targets"][0]["kind"], "results");
    let log4j = &scan["findings"][1];
    assert_eq!(log4j["package"], "log4j");
    assert_eq!(log4j["source"], "trivy 0.74.0");
    assert_eq!(log4j["kev"]["due"], "2021-12-24T00:00:00Z");
    assert_eq!(log4j["severity"], "low");
    assert_eq!(log4j["decision"]["policy"], "bod-26-04");
}

#[test]
fn what_both_found_stays_once_as_ours() {
    let sandbox = sandbox();
    sandbox.write("trivy.json", TRIVY);
    for given in [
        &["app", "--results", "trivy.json"][..],
        &["app", "--results", "-"],
    ] {
        let arguments = [
            &["scan"],
            given,
            &["--format", "json", "--catalog", "catalog.dwcat"],
        ];
        let run = sandbox.run_with(&arguments.concat(), TRIVY.as_bytes());
        let scan = json(&run);
        assert_eq!(scan["targets"].as_array().unwrap().len(), 1, "{given:?}");
        let findings = scan["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 2);
        assert_eq!(findings[0]["id"], "GHSA-35jh-r3h4-6jhm");
        assert_eq!(findings[0]["source"], Value::Null);
        assert_eq!(findings[0]["also_reported_by"][0], "trivy 0.74.0");
        assert_eq!(findings[1]["source"], "trivy 0.74.0");
    }
    let alone = scan(&sandbox, &["--results", "trivy.json"]);
    assert_eq!(alone.code, Some(0), "{}", alone.stderr);
    assert!(
        alone.stdout.contains("says trivy 0.74.0"),
        "{}",
        alone.stdout
    );
}

#[test]
fn hosts_of_a_network_scanner_are_targets() {
    let sandbox = sandbox();
    sandbox.write(
        "weekly.nessus",
        r#"<NessusClientData_v2><Report><ReportHost name="web-01"><ReportItem port="8080" protocol="tcp" severity="4" pluginID="156860" pluginName="Apache Log4j RCE"><cve>CVE-2021-44228</cve></ReportItem></ReportHost><ReportHost name="db-01"/></Report></NessusClientData_v2>"#,
    );
    sandbox.write("hosts.toml", "[[host]]\nname = \"web-*\"\nzone = \"dmz\"\n");
    let run = scan(
        &sandbox,
        &["weekly.nessus", "--hosts", "hosts.toml", "--format", "json"],
    );
    let scan_json = json(&run);
    assert_eq!(scan_json["targets"][0]["asset"]["zone"], "dmz");
    assert_eq!(scan_json["targets"][1]["target"], "db-01");
    assert_eq!(scan_json["findings"][0]["id"], "nessus-156860");
    assert_eq!(scan_json["findings"][0]["locations"][0]["path"], "8080/tcp");
    assert_eq!(scan_json["findings"][0]["kev"]["ransomware"], true);
    for format in [
        "table",
        "sarif",
        "cyclonedx",
        "openvex",
        "csv",
        "junit",
        "markdown",
        "html",
    ] {
        let run = scan(&sandbox, &["weekly.nessus", "--format", format]);
        assert_eq!(run.code, Some(0), "{format}");
        assert!(run.stdout.contains("CVE-2021-44228"), "{format}");
    }
    sandbox.write(
        "broken.json",
        "{\"SchemaVersion\":2,\"ArtifactName\":\"x\",\"Results\":7}",
    );
    assert_eq!(scan(&sandbox, &["broken.json"]).code, Some(3));
    assert_eq!(
        scan(&sandbox, &["app", "--results", "hosts.toml"]).code,
        Some(3)
    );
}

#[test]
fn only_what_is_new_since_the_baseline_hits() {
    let sandbox = sandbox();
    let baseline = scan(&sandbox, &["app", "--format", "json"]).stdout;
    sandbox.write("old.json", baseline);
    let gate = |target: &str, gate: &str| {
        scan(
            &sandbox,
            &[target, "--baseline", "old.json", "--fail-on", gate],
        )
        .code
    };
    assert_eq!(gate("app", "new"), Some(0));
    assert_eq!(gate("app", "severity>=high"), Some(1));
    assert_eq!(gate("shop.cdx.json", "new and kev"), Some(1));
    let run = scan(
        &sandbox,
        &[
            "shop.cdx.json",
            "--baseline",
            "old.json",
            "--format",
            "json",
        ],
    );
    let changed = json(&run);
    assert_eq!(changed["baseline"]["new"], 1);
    assert_eq!(changed["baseline"]["gone"][0]["id"], "GHSA-35jh-r3h4-6jhm");
    assert_eq!(changed["findings"][0]["new"], true);
    let refused = scan(&sandbox, &["app", "--fail-on", "new"]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("--baseline OLD.json"),
        "{}",
        refused.stderr
    );
    let unread = scan(
        &sandbox,
        &["app", "--baseline", "shop.cdx.json", "--fail-on", "new"],
    );
    assert_eq!(unread.code, Some(3));
}

#[test]
fn an_ignore_file_sets_aside_what_it_set_aside_there() {
    let sandbox = sandbox();
    sandbox.write(
        ".trivyignore",
        "# no user input reaches it\nCVE-2021-23337 exp:2026-12-01\n",
    );
    let run = scan(
        &sandbox,
        &["app", "--suppressions", ".trivyignore", "--format", "json"],
    );
    let scan_json = json(&run);
    assert_eq!(scan_json["findings"].as_array().unwrap().len(), 0);
    let suppression = &scan_json["suppressed"][0]["suppression"];
    assert_eq!(suppression["owner"], "imported from .trivyignore");
    assert_eq!(suppression["reason"], "no user input reaches it");
    assert_eq!(suppression["until"], "2026-12-01T00:00:00Z");
}

#[test]
fn csaf_names_its_publisher() {
    let sandbox = sandbox();
    let nobody = scan(&sandbox, &["app", "--format", "csaf-vex"]);
    assert_eq!(nobody.code, Some(2));
    assert!(nobody.stderr.contains("--namespace"), "{}", nobody.stderr);
    let publisher = [
        "--author",
        "Example Ltd",
        "--namespace",
        "https://example.com",
    ];
    let arguments = [&["app", "--format", "csaf-vex"][..], &publisher].concat();
    let vex = json(&scan(&sandbox, &arguments));
    assert_eq!(vex["document"]["publisher"]["name"], "Example Ltd");
    assert_eq!(vex["vulnerabilities"][0]["cve"], "CVE-2021-23337");
    assert_eq!(
        vex["vulnerabilities"][0]["remediations"][0]["category"],
        "vendor_fix"
    );
}
