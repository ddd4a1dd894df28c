//! What a briefing says on mornings that differ in one thing from the fixture's: what an on-call engineer must not misread.

use fleet::finding::{Finding, Kev};
use fleet::suppression::Suppression;
use jiff::Timestamp;
use reports::briefing::{Briefing, Today, compose};
use reports::renderers::{Options, briefing_renderer, scan_renderer};

use crate::fixture::{at, day_before, finding, morning, morning_of, reread, scan};

/// The fixture's morning with other findings, after the day before it.
fn with(change: impl FnOnce(&mut Vec<Finding>)) -> Today {
    let mut report = scan();
    change(&mut report.findings);
    morning_of(report, Some(day_before()))
}

/// The page as text, its lines joined, so that a sentence is found wherever it is wrapped.
fn page(briefing: &Briefing) -> String {
    let text = briefing_renderer("text")
        .unwrap()
        .render(briefing, &Options::default());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(today: &Today, said: &[&str]) -> Briefing {
    let briefing = compose(today);
    let page = page(&briefing);
    for sentence in said {
        assert!(page.contains(sentence), "{sentence} is missing:\n{page}");
    }
    briefing
}

fn suppression(until: Timestamp) -> Suppression {
    Suppression {
        owner: "linux-ops".to_owned(),
        reason: "not reachable".to_owned(),
        until: Some(until),
        scope: "CVE-2023-4911 on target web-*".to_owned(),
    }
}

/// The fixture's morning with its first finding (glibc) suppressed.
fn suppressed_until(until: &str) -> Today {
    let mut report = scan();
    let glibc = report.findings.remove(0);
    report.suppressed.push((glibc, suppression(at(until))));
    morning_of(report, Some(day_before()))
}

#[test]
fn what_was_suppressed_is_no_news_when_the_suppression_ends() {
    let hidden = suppressed_until("2026-08-21T23:59:59Z");
    let mut report = scan();
    report.now = at("2026-08-22T05:30:00Z");
    let mut next = morning_of(report, Some(reread(&hidden)));
    next.ended = vec![(suppression(at("2026-08-21T23:59:59Z")), 1)];
    let briefing = check(
        &next,
        &[
            "Open again, the suppression ended: CVE-2023-4911",
            "Suppression ended 2026-08-21, 1 finding is open again: CVE-2023-4911 on target web-* (linux-ops)",
        ],
    );
    let changes = briefing.changes.unwrap();
    assert_eq!(
        (changes.new.findings, changes.suppression_over.findings),
        (0, 1)
    );
    let glibc = |f: &&reports::briefing::RememberedGroup| f.id == "CVE-2023-4911";
    let remembered = briefing.memory.findings.iter().find(glibc).unwrap();
    // Seen before it was suppressed, and its clock went on.
    assert_eq!(remembered.first_seen, at("2026-08-20T05:30:00Z"));
}

#[test]
fn a_long_note_on_a_suppression_is_cut_at_a_word_and_the_rest_counted() {
    let mut today = with(|_| {});
    let ids = "CVE-2023-4911, ".repeat(30);
    today.suppression_notes = vec![base::Note::warning(format!("suppression void: {ids}")); 4];
    let briefing = check(
        &today,
        &["CVE-2023-4911, … ", "2 more notes on suppressions"],
    );
    assert_eq!(briefing.set_aside.notes.len(), 4);
}

#[test]
fn suppressing_is_told_and_is_not_a_fix() {
    let briefing = check(
        &suppressed_until("2026-08-27T23:59:59Z"),
        &[
            "Newly suppressed: CVE-2023-4911",
            "Suppression ends 2026-08-27 and covers 1 finding: CVE-2023-4911 on target web-* (linux-ops)",
        ],
    );
    let gone = briefing.changes.unwrap().gone;
    assert!(
        gone.examples.iter().all(|f| f.id != "CVE-2023-4911"),
        "{gone:?}"
    );
}

#[test]
fn a_finding_that_becomes_known_exploited_is_the_same_finding() {
    let today = with(|findings| {
        let openssl = findings
            .iter_mut()
            .find(|f| f.package == "openssl")
            .unwrap();
        openssl.cves = vec![
            "CVE-2023-0001".parse().unwrap(),
            "CVE-2023-0002".parse().unwrap(),
        ];
        openssl.kev = Some(Kev {
            cve: "CVE-2023-0002".parse().unwrap(),
            added: "2026-08-20".parse().unwrap(),
            due: None,
            ransomware: None,
        });
    });
    let changes = check(&today, &["Now known exploited: CVE-2023-44487"])
        .changes
        .unwrap();
    let turned = changes.turned_exploited.examples.iter();
    assert!(turned.map(|f| &f.id).any(|id| id == "CVE-2023-0002 +1"));
    assert!(changes.new.examples.iter().all(|f| f.package != "openssl"));
}

#[test]
fn known_exploited_stands_at_the_cve_that_is() {
    let today = with(|findings| {
        let mut other = findings[0].clone();
        (other.id, other.cves, other.kev) = (
            "CVE-2023-4912".to_owned(),
            vec!["CVE-2023-4912".parse().unwrap()],
            None,
        );
        findings.push(other);
    });
    check(
        &today,
        &["CVE-2023-4911 known exploited; CVE-2023-4912 · bod-26-04 row 11"],
    );
}

#[test]
fn a_triage_is_read_before_the_upgrade_that_destroys_its_traces() {
    // The upgrade is overdue, the triage is due tomorrow; one line asks for both, in their order.
    let briefing = check(
        &with(|_| {}),
        &[
            "OVERDUE 3 DAYS: look for compromise, then upgrade org.apache.logging.log4j:log4j-core to 2.17.1 on shop",
        ],
    );
    let page = page(&briefing);
    let (due, _) = page.split_once("PATCHES IN ORDER").unwrap();
    assert_eq!(due.matches("look for compromise").count(), 1);
    let tasks = briefing.deadlines.iter().map(|d| d.task.as_str());
    assert_eq!(tasks.filter(|task| *task == "triage").count(), 1);
}

#[test]
fn a_fix_is_told_for_each_release() {
    let today = with(|findings| {
        let mut other = findings
            .iter()
            .find(|f| f.package == "libnghttp2-14")
            .unwrap()
            .clone();
        other.ecosystem = "Debian:11".to_owned();
        other.decided.event = "fixed 1.43.0-1+deb11u1".to_owned();
        let mut open = finding(0, "CVE-2023-44487", "libnghttp2-14", "1.36.0-2", &[]);
        open.ecosystem = "Debian:10".to_owned();
        findings.extend([other, open]);
    });
    check(
        &today,
        &[
            "fixed in 1.43.0-1+deb11u1 (Debian:11), 1.52.0-1+deb12u1 (Debian:12); nothing to install yet for Debian:10",
        ],
    );
}

#[test]
fn findings_and_cves_are_not_mixed_up() {
    let today = with(|findings| {
        let again = Finding {
            package: "libc-bin".to_owned(),
            ..findings[0].clone()
        };
        findings.push(again);
    });
    let briefing = check(&today, &["5 known exploited (4 CVEs)"]);
    assert_eq!(briefing.scope.known_exploited, 5);
    assert_eq!(briefing.scope.known_exploited_cves, 4);
}

#[test]
fn no_fix_of_an_old_feed_has_its_date() {
    let mut today = with(|_| {});
    today.stale_feeds.push("osv/Debian".to_owned());
    today.catalog.feeds[2].as_of = Some(at("2025-02-12T16:46:00Z"));
    check(&today, &["vendor will not fix it, as of 2025-02-12"]);
}

#[test]
fn an_assumption_says_whose_it_is() {
    let today = with(|findings| {
        // Of two log4j findings one is decided by another policy, which assumes the opposite.
        let shop = findings
            .iter_mut()
            .filter(|f| f.target == 1 && f.kev.is_some());
        let decision = &mut shop.last().unwrap().decisions[0];
        decision.policy = "ssvc-deployer".to_owned();
        decision.facts[1].assumed = Some("no".to_owned());
    });
    check(
        &today,
        &[
            "Is shop reachable from public networks? bod-26-04 assumes yes; an answer may move 1 deadline",
            "Is shop reachable from public networks? ssvc-deployer assumes no; an answer may move 1 deadline",
        ],
    );
}

/// What the vendor calls unimportant: one that has a fix and one that has none.
fn unimportant() -> [Finding; 2] {
    [&["9.1-2"][..], &[]].map(|fixed| Finding {
        severity_source: Some("vendor: unimportant".to_owned()),
        ..finding(0, "CVE-2011-3374", "apt", "2.6.1", fixed)
    })
}

#[test]
fn what_the_vendor_calls_unimportant_is_a_number() {
    let today = with(|findings| findings.extend(unimportant()));
    let said = "2 findings that the vendor calls unimportant";
    let briefing = check(&today, &[said]);
    assert!(briefing.patches.iter().all(|p| p.package != "apt"));
    assert!(briefing.no_fix.iter().all(|n| n.id != "CVE-2011-3374"));
}

#[test]
fn a_scan_folds_what_nothing_fixes_and_nobody_minds() {
    let mut report = scan();
    let [_, open] = unimportant();
    report.findings.push(open);
    for format in ["table", "markdown", "html"] {
        let page = scan_renderer(format)
            .unwrap()
            .render(&report, &Options::default());
        assert!(
            page.contains("1 finding that the vendor calls unimportant"),
            "{page}"
        );
        assert!(!page.contains("CVE-2011-3374"), "{page}");
    }
}

#[test]
fn a_date_of_years_ago_says_since_when_we_know() {
    let briefing = check(
        &with(|_| {}),
        &[
            "first seen today",
            "seen since 2026-08-20",
            "overdue by 3 days",
        ],
    );
    let page = page(&compose(&morning(None)));
    assert!(
        !page.contains("seen"),
        "a first morning compares with nothing: {page}"
    );
    assert!(briefing.deadlines.iter().all(|d| d.first_seen.is_some()));
}
