//! The JSON contracts: every key is there, whatever is known.

use base::Severity;
use reports::briefing::compose;
use reports::renderers::{Options, briefing_renderer, scan_renderer};
use reports::scan::ScanReport;
use serde_json::Value;

use crate::fixture;

const FINDING: &str = "key id aliases cves ecosystem package version purl source_package locations fixed fix_state match why summary references conflicts informational published severity severity_source cvss epss kev ssvc due decision decisions target source also_reported_by new";

fn check_keys(value: &Value, expected: &str) {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("no object: {value}"));
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    let mut expected: Vec<&str> = expected.split_whitespace().collect();
    keys.sort_unstable();
    expected.sort_unstable();
    assert_eq!(keys, expected);
}

fn scan_json(report: &ScanReport) -> Value {
    let text = scan_renderer("json")
        .unwrap()
        .render(report, &Options::default());
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_scan_has_every_key_of_its_contract() {
    let json = scan_json(&fixture::scan());
    check_keys(
        &json,
        "schema now catalog summary targets findings not_affected suppressed errors baseline",
    );
    check_keys(&json["catalog"], "digest built feeds");
    check_keys(&json["catalog"]["feeds"][3], "name as_of");
    check_keys(
        &json["targets"][2],
        "target kind os packages not_covered asset notes kernel services restart",
    );
    let note = "target file line what limit level";
    check_keys(&json["targets"][0]["notes"][0], note);
    check_keys(&json["errors"][0], note);
    check_keys(
        &json["not_affected"][0],
        "id cves target package version reason detail source",
    );
    let finding = &json["findings"][0];
    check_keys(finding, FINDING);
    check_keys(&finding["locations"][0], "path line layer");
    check_keys(&finding["match"], "record range event");
    check_keys(&finding["cvss"][0], "version score severity vector source");
    check_keys(&finding["epss"], "score percentile model as_of");
    check_keys(&finding["kev"], "cve added due ransomware");
    check_keys(
        &finding["ssvc"],
        "exploitation automatable technical_impact source",
    );
    check_keys(
        &finding["decision"],
        "policy row outcome by triage_by actions facts",
    );
    check_keys(
        &finding["decision"]["facts"][0],
        "name value source assumed",
    );
    check_keys(&json["suppressed"][0], &format!("{FINDING} suppression"));
    check_keys(
        &json["suppressed"][0]["suppression"],
        "owner reason until scope",
    );
}

#[test]
fn what_is_not_known_is_null_and_a_list_is_never_null() {
    let mut report = fixture::clean();
    let mut bare = fixture::finding(0, "GHSA-0000", "p", "1", &[]);
    (bare.purl, bare.references, bare.locations) = (None, vec![], vec![]);
    report.findings = vec![bare];
    let json = scan_json(&report);
    let finding = &json["findings"][0];
    check_keys(finding, FINDING);
    for key in [
        "purl",
        "source_package",
        "summary",
        "informational",
        "published",
        "severity",
        "severity_source",
        "epss",
        "kev",
        "ssvc",
        "due",
        "decision",
    ] {
        assert!(finding[key].is_null(), "{key}: {}", finding[key]);
    }
    for key in [
        "aliases",
        "cves",
        "locations",
        "fixed",
        "references",
        "conflicts",
        "cvss",
        "decisions",
    ] {
        assert_eq!(finding[key], Value::Array(vec![]), "{key}");
    }
    assert_eq!(json["summary"]["by_severity"]["unknown"], 1);
}

#[test]
fn numbers_and_times_are_written_as_the_contract_says() {
    let text = scan_renderer("json")
        .unwrap()
        .render(&fixture::scan(), &Options::default());
    for expected in [
        "\"score\": 10.0",
        "\"score\": 0.81422",
        "\"percentile\": 0.99606",
        "\"added\": \"2023-11-21\"",
        "\"due\": \"2023-12-12T00:00:00Z\"",
        "\"now\": \"2026-08-21T05:30:00Z\"",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
}

#[test]
fn a_briefing_has_every_key_of_its_contract() {
    let briefing = compose(&fixture::morning(Some(fixture::day_before())));
    let text = briefing_renderer("json")
        .unwrap()
        .render(&briefing, &Options::default());
    let json: Value = serde_json::from_str(&text).unwrap();
    check_keys(
        &json,
        "schema now status headline action scope reach deadlines days_ahead exploited patches restarts no_fix owners changes voided backlog mitigated trend unknowns set_aside catalog record hosts findings told",
    );
    check_keys(
        &json["deadlines"][0],
        "by urgency task package to vulnerabilities known_exploited exploited first_seen hosts hosts_total owners policy row others",
    );
    check_keys(
        &json["exploited"]["new"][0],
        "cve product added due ransomware verdict why owners hosts hosts_total packages fixes",
    );
    check_keys(
        &json["changes"],
        "since counts new fixed gone reopened turned_exploited suppression_over newly_suppressed hosts_appeared hosts_appeared_total hosts_vanished hosts_vanished_total findings_before overdue_before known_exploited_before",
    );
    check_keys(
        &json["findings"][0],
        "key id package host on severity known_exploited overdue suppressed first_seen",
    );
    assert_eq!(
        json["scope"]["by_severity"][0]["severity"],
        Severity::Critical.as_str()
    );
    assert_eq!(json["scope"]["by_severity"][5]["severity"], Value::Null);
}

#[test]
fn the_first_day_of_a_finding_is_kept_from_briefing_to_briefing() {
    let briefing = compose(&fixture::morning(Some(fixture::day_before())));
    let seen = |id: &str| {
        briefing
            .memory
            .findings
            .iter()
            .find(|f| f.id == id)
            .unwrap()
            .first_seen
    };
    assert_eq!(seen("CVE-2023-4911"), fixture::at("2026-08-20T05:30:00Z"));
    assert_eq!(seen("CVE-2021-44228"), fixture::at(fixture::NOW));
    // Its version changed between the two days, and it is still there.
    assert!(
        briefing
            .memory
            .findings
            .iter()
            .filter(|f| f.id == "CVE-2023-3446")
            .all(|f| f.first_seen == fixture::at("2026-08-20T05:30:00Z"))
    );
}
