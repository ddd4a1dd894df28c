//! A scan beside an earlier one: what is new, known and gone.

use fleet::finding::Finding;
use reports::baseline::Baseline;
use reports::renderers::{Options, scan_renderer};
use reports::scan::{ScanReport, Target};

use crate::fixture;

fn saved(report: &ScanReport) -> Baseline {
    let json = scan_renderer("json")
        .unwrap()
        .render(report, &Options::default());
    let parsed = Baseline::parse(json.as_bytes());
    assert_eq!(parsed.notes, []);
    parsed.value.unwrap()
}

fn report(targets: &[&str], findings: Vec<Finding>) -> ScanReport {
    let mut report = fixture::clean();
    report.targets = targets
        .iter()
        .map(|name| Target {
            name: (*name).to_owned(),
            ..fixture::clean().targets.remove(0)
        })
        .collect();
    report.findings = findings;
    report
}

/// Which of the findings of the second scan are new, and the ids that are gone.
fn check(before: &ScanReport, mut after: ScanReport, new: &[bool], gone: &[&str]) {
    let baseline = saved(before);
    baseline.mark(&mut after);
    let marks: Vec<bool> = after.findings.iter().map(|f| f.is_new.unwrap()).collect();
    assert_eq!(marks, new);
    let since = baseline.since(&after);
    let ids: Vec<&str> = since.gone.iter().map(|g| g.id.as_str()).collect();
    assert_eq!(ids, gone);
    assert_eq!(since.new + since.known, after.findings.len());
}

fn found(target: usize, id: &str, package: &str, version: &str) -> Finding {
    fixture::finding(target, id, package, version, &[])
}

#[test]
fn the_same_scan_brings_nothing_new() {
    let report = fixture::scan();
    let known = vec![false; report.findings.len()];
    check(&report, report.clone(), &known, &[]);
}

#[test]
fn an_upgrade_that_leaves_the_hole_brings_nothing_new() {
    let before = report(&["app"], vec![found(0, "CVE-2026-0001", "a", "1.0")]);
    let after = report(
        &["app"],
        vec![
            found(0, "CVE-2026-0001", "a", "1.1"),
            found(0, "CVE-2026-0002", "a", "1.1"),
            found(0, "CVE-2026-0001", "b", "1.0"),
        ],
    );
    check(&before, after, &[false, true, true], &[]);
}

#[test]
fn a_record_of_another_name_is_known_by_its_cves_and_one_more_cve_is_news() {
    let with = |id: &str, cves: &[&str]| Finding {
        cves: cves.iter().map(|c| c.parse().unwrap()).collect(),
        ..found(0, id, "a", "1.0")
    };
    let before = report(&["app"], vec![with("GHSA-1", &["CVE-2026-0001"])]);
    let after = report(
        &["app"],
        vec![
            with("DSA-1", &["CVE-2026-0001"]),
            with("DSA-2", &["CVE-2026-0001", "CVE-2026-0002"]),
            with("GHSA-1", &["CVE-2026-0003"]),
        ],
    );
    check(&before, after, &[false, true, false], &[]);
}

#[test]
fn targets_are_told_by_name_by_last_part_or_by_being_alone() {
    let one = |name: &str| report(&[name], vec![found(0, "CVE-2026-0001", "a", "1")]);
    check(&one("/builds/7f3/app"), one("."), &[false], &[]);
    let two = |a: &str, b: &str| {
        report(
            &[a, b],
            vec![
                found(0, "CVE-2026-0001", "a", "1"),
                found(1, "CVE-2026-0002", "a", "1"),
            ],
        )
    };
    check(
        &two("/builds/1/web", "/builds/1/api"),
        two("/builds/2/api", "/builds/2/web"),
        &[true, true],
        &["CVE-2026-0002", "CVE-2026-0001"],
    );
    check(
        &two("/builds/1/web", "/builds/1/api"),
        two("/builds/2/web", "/builds/2/api"),
        &[false, false],
        &[],
    );
    check(
        &two("x/app", "y/app"),
        two("z/app", "y/app"),
        &[true, false],
        &["CVE-2026-0001"],
    );
}

#[test]
fn what_was_suppressed_is_known_and_what_is_suppressed_now_is_not_gone() {
    let mut before = fixture::scan();
    let open = before.findings.len();
    let mut after = before.clone();
    let set_aside: Vec<Finding> = after.suppressed.drain(..).map(|(f, _)| f).collect();
    after.findings.extend(set_aside);
    let known = vec![false; after.findings.len()];
    check(&before, after.clone(), &known, &[]);
    std::mem::swap(&mut before, &mut after);
    check(&before, after, &vec![false; open], &[]);
}

#[test]
fn what_is_no_scan_is_refused_with_the_reason() {
    let check = |text: &str, why: &str| {
        let parsed = Baseline::parse(text.as_bytes());
        assert!(parsed.value.is_none());
        assert!(parsed.notes[0].what.starts_with(why), "{}", parsed.notes[0]);
    };
    check("", "not an earlier scan: not JSON");
    check("{}", "not an earlier scan: its \"schema\"");
    check(
        "{\"schema\":\"daywatch.briefing/1\"}",
        "not an earlier scan: its \"schema\"",
    );
    let broken = "{\"schema\":\"daywatch.scan/1\",\"findings\":[{\"id\":7},3,{\"id\":\"x\"}]}";
    let parsed = Baseline::parse(broken.as_bytes());
    assert!(parsed.value.is_some());
    assert!(parsed.notes[0].what.ends_with("count as new: 3"));
}
