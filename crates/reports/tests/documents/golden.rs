//! Every format of the scan report and of the briefing against files a person has read. `UPDATE_EXPECT=1 cargo test -p reports` rewrites them.

use std::path::PathBuf;

use crate::fixture;
use reports::briefing::{Today, compose};
use reports::renderers::{BRIEFING_RENDERERS, LISTING_RENDERERS, Options, SCAN_RENDERERS};
use reports::scan::ScanReport;

fn options() -> Options {
    Options {
        tool_version: "0.0.0".to_owned(),
        ..Options::default()
    }
}

fn check(case: &str, report: &ScanReport) {
    for renderer in SCAN_RENDERERS {
        compare(
            &["scan", renderer.id(), case],
            &renderer.render(report, &options()),
        );
    }
}

fn check_briefing(case: &str, today: &Today) {
    let briefing = compose(today);
    for renderer in BRIEFING_RENDERERS {
        compare(
            &["briefing", renderer.id(), case],
            &renderer.render(&briefing, &options()),
        );
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a golden test reads and rewrites its expected files"
)]
fn compare(place: &[&str], actual: &str) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "testdata"]
        .iter()
        .chain(place)
        .collect();
    let path = path.with_extension("expected");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{} differs:\n{actual}", path.display());
}

#[test]
fn three_targets_with_all_that_was_found() {
    check("fleet", &fixture::scan());
}

#[test]
fn a_covered_host_without_findings() {
    check("clean", &fixture::clean());
}

#[test]
fn a_first_morning() {
    check_briefing("first", &fixture::morning(None));
}

#[test]
fn a_morning_of_a_fleet_that_is_remembered() {
    check_briefing("fleet", &crate::fleet_morning::fleet_morning());
}

#[test]
fn lists_with_and_without_rows() {
    for (case, listing) in crate::lists::cases() {
        for renderer in LISTING_RENDERERS {
            compare(
                &["listing", renderer.id(), case],
                &renderer.render(&listing, &options()),
            );
        }
    }
}

#[test]
fn a_morning_after_another() {
    check_briefing("worse", &fixture::morning(Some(fixture::day_before())));
}

#[test]
fn a_quiet_morning_is_eight_lines() {
    check_briefing("quiet", &fixture::quiet_morning());
    let text = BRIEFING_RENDERERS
        .iter()
        .find(|r| r.id() == "text")
        .unwrap();
    let page = text.render(&compose(&fixture::quiet_morning()), &options());
    assert!(page.lines().count() <= 12, "{page}");
}

#[test]
fn a_backlog_never_hides_what_is_due() {
    let mut report = fixture::scan();
    let late = report.findings[0].clone();
    for n in 0..40 {
        let mut finding = late.clone();
        finding.source_package = Some(format!("backlog-{n}"));
        finding.kev = None;
        finding.decisions[0].by = Some(fixture::at("2026-01-01T00:00:00Z"));
        report.findings.push(finding);
    }
    let today = fixture::morning_of(report, None);
    check_briefing("backlog", &today);
    let text = BRIEFING_RENDERERS
        .iter()
        .find(|r| r.id() == "text")
        .unwrap();
    let page = text.render(&compose(&today), &options());
    for expected in [
        "Mon 2026-08-24: upgrade glibc",
        "OVERDUE 3 DAYS: look for compromise, then upgrade",
        "31 more overdue",
    ] {
        assert!(page.contains(expected), "{expected} is missing:\n{page}");
    }
}
