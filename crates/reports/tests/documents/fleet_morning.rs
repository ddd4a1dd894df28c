//! A morning of a fleet that is remembered: what a store knows beside the findings, and how long the page of 1,500 hosts is.

use std::fmt::Write as _;

use fleet::finding::Finding;
use fleet::group::{FindingGroup, Life, fold};
use jiff::ToSpan as _;
use jiff::civil::date;
use reports::briefing::{
    AskedAgain, Backlog, ChangedGroup, FleetFacts, Hosts, Moved, Question, Reach, Record, Since,
    Today, TrendDay, Voided, compose,
};
use reports::renderers::{BRIEFING_RENDERERS, Options, briefing_renderer};
use reports::scan::Target;

use crate::fixture::{at, finding, morning, scan};

/// The fixture's morning on fourteen hosts more, with everything a store knows.
pub(crate) fn fleet_morning() -> Today {
    let mut today = morning(None);
    let web = today.hosts[0].clone();
    today.hosts.extend((2..=15).map(|n| Target {
        name: format!("web-{n:02}"),
        ..web.clone()
    }));
    for group in &mut today.groups {
        if group.finding.package == "libnghttp2-14" {
            group.targets = (3..17).collect();
        }
    }
    let held = |id: &str, life: Life, targets: Vec<usize>| FindingGroup {
        finding: finding(0, id, "openssh-server", "1:9.2p1-2", &["1:9.2p1-2+deb12u3"]),
        targets,
        first_seen: at("2026-07-02T00:00:00Z"),
        life,
    };
    let closed = Life::Mitigated {
        how: "port 22 closed".to_owned(),
        until: Some(at("2026-09-01T00:00:00Z")),
    };
    today
        .groups
        .push(held("CVE-2024-6387", closed, vec![0, 3, 4, 5, 6]));
    today
        .groups
        .push(held("CVE-2023-51385", Life::AwaitsRestart, vec![7, 8]));
    today.fleet = facts(today.hosts.len());
    today
}

fn facts(hosts: usize) -> FleetFacts {
    let group = |id: &str, package: &str, hosts: usize| ChangedGroup {
        key: format!("{id}|Debian:12|{package}|1|web-01"),
        id: id.to_owned(),
        package: package.to_owned(),
        hosts: Hosts::named((1..=hosts).map(|n| format!("web-{n:02}"))),
        severity: Some(base::Severity::High),
        known_exploited: false,
    };
    FleetFacts {
        since: Some(Since {
            at: at("2026-08-20T05:30:00Z"),
            new: Moved::of(vec![(group("CVE-2023-3446", "openssl", 14), 14)]),
            fixed: Moved::of(vec![(group("CVE-2024-2961", "glibc", 200), 212)]),
            reopened: Moved::of(vec![(group("CVE-2023-4911", "glibc", 3), 3)]),
            findings_before: 230,
            overdue_before: 4,
            known_exploited_before: 4,
            ..Since::default()
        }),
        told: vec![],
        reach: Some(Reach {
            known: 1_512,
            reported: 1_471,
            within_hours: 24,
            silent: 22,
            never_seen: 19,
            lists: 3,
            only_in: vec![("ad.csv".to_owned(), 12)],
            exposure_unknown: 37,
            asked: Some(AskedAgain {
                at: at("2026-08-20T14:05:00Z"),
                asked: 1_471,
                answered: 812,
                oldest: Some(at("2026-08-20T07:30:00Z")),
            }),
        }),
        windows: vec![Some(at("2026-08-26T22:00:00Z")); hosts],
        voided: vec![Voided {
            number: 77,
            scope: "CVE-2023-44487 on target web-*".to_owned(),
            owner: "web operations".to_owned(),
            was: "not known exploited".to_owned(),
            is: "known exploited".to_owned(),
            at: at("2026-08-20T12:00:00Z"),
            findings: 14,
        }],
        questions: Some(vec![Question {
            text: "Are lb-03 to lb-09 reachable from public networks? bod-26-04 assumes yes"
                .to_owned(),
            moves: 19,
            answer: Some("daywatch hosts set 'lb-0?' exposed=no".to_owned()),
        }]),
        trend: (0..14).map(trend_day).collect(),
        backlog: Some(Backlog {
            since: date(2026, 7, 1),
            open: 3_110,
            before: Some(3_260),
        }),
        record: Some(Record {
            audit_head: Some("91ab03c4e7d0".to_owned()),
            repeat: Some("daywatch brief --as-of 2026-08-21T05:30:00Z".to_owned()),
        }),
    }
}

fn trend_day(n: i64) -> TrendDay {
    let day = date(2026, 8, 8).checked_add(n.days()).unwrap();
    let n = n.unsigned_abs();
    TrendDay {
        day,
        open: 3_400 - 20 * n - (n % 3) * 15,
        known_exploited: 3 + n / 5,
        overdue: 60 - n,
        arrived: 40 + (n * 7) % 31,
        closed: 60 + (n * 11) % 29,
    }
}

fn page(format: &str, today: &Today) -> String {
    let renderer = briefing_renderer(format).unwrap();
    renderer.render(&compose(today), &Options::default())
}

fn check(said: &[&str]) {
    let text = page("text", &fleet_morning());
    let page = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for sentence in said {
        assert!(page.contains(sentence), "{sentence} is missing:\n{text}");
    }
}

#[test]
fn the_denominator_stands_at_the_top_and_those_missing_from_it_below() {
    check(&[
        "1,471 of 1,512 known hosts reported within 24 hours (compared with 3 lists of hosts; asked again at 2026-08-20 14:05Z: 812 of 1,471 have answered); with an inventory 17 hosts (1 not covered by any feed)",
        "41 hosts did not report: 22 for more than 24 hours, 19 never seen (12 only in ad.csv)",
        "37 hosts: nobody says whether they are exposed",
    ]);
}

#[test]
fn what_the_log_says_is_told_as_seen_by_a_report() {
    check(&[
        "SINCE 2026-08-20 05:30Z 14 new, 212 fixed (seen by report), 3 reopened ·",
        "Fixed, seen by report: CVE-2024-2961 (high) in glibc on 200 hosts",
        "Suppression 77 voided itself: not known exploited then, known exploited since 2026-08-20; 14 findings are open again: CVE-2023-44487 on target web-* (web operations)",
        "Backlog of 2026-07-01: 3,110, was 3,260",
        "Trend, 2026-08-08 to 2026-08-21: open 3,400 to 3,125, known exploited 3 to 5, overdue 60 to 47; ",
    ]);
}

#[test]
fn what_is_held_off_and_what_does_not_run_are_lines_of_their_own_and_not_open() {
    check(&[
        "; 5 mitigated, 2 installed and not running",
        "MITIGATED, SEEN BY REPORT port 22 closed, until 2026-09-01: CVE-2024-6387 on 5 hosts: web-01, web-02 and 3 more; 5 findings",
        "openssh-server on web-06, web-07 (linux-ops): restart; closes 2 findings",
    ]);
    let briefing = compose(&fleet_morning());
    assert!(
        briefing
            .patches
            .iter()
            .all(|p| p.package != "openssh-server")
    );
}

#[test]
fn an_owner_reads_hosts_dates_and_whether_the_window_comes_in_time() {
    check(&[
        "linux-ops: 27 findings on 15 hosts: web-01, web-02 and 13 more",
        "upgrade nghttp2 to 1.52.0-1+deb12u1 on 14 hosts: web-02, web-03 and 12 more, due 2026-08-24 (bod-26-04), window Wed 2026-08-26 22:00Z, after the deadline",
    ]);
}

#[test]
fn a_question_names_the_command_that_answers_it_and_the_footer_the_one_that_repeats() {
    check(&[
        "bod-26-04 assumes yes; an answer may move 19 deadlines: daywatch hosts set 'lb-0?' exposed=no",
        "audit head 91ab03c4e7d0 · repeat: daywatch brief --as-of 2026-08-21T05:30:00Z",
    ]);
}

#[test]
fn a_store_remembers_so_that_the_page_need_not() {
    let briefing = compose(&fleet_morning());
    assert_eq!(briefing.memory.findings, []);
    assert!(briefing.deadlines.iter().all(|d| d.first_seen.is_some()));
}

/// 1,500 hosts with 900 findings each: 1.35 million in 900 groups.
fn large_fleet() -> Today {
    let mut today = morning(None);
    let web = today.hosts[0].clone();
    today.hosts = (0..1_500)
        .map(|n| Target {
            name: format!("host-{n:04}"),
            ..web.clone()
        })
        .collect();
    let like = scan().findings[0].clone();
    let of = |n: usize| Finding {
        id: format!("CVE-2026-{n:04}"),
        cves: vec![base::CveId::new(2026, u32::try_from(n).unwrap())],
        source_package: Some(format!("package-{}", n / 3)),
        ..like.clone()
    };
    let mut groups = fold((0..900).map(of).collect(), |_| today.now);
    for group in &mut groups {
        group.targets = (0..1_500).collect();
    }
    today.groups = groups;
    today.suppressed.clear();
    today
}

#[test]
fn a_page_of_fifteen_hundred_hosts_is_as_long_as_one_of_fifteen() {
    let large = large_fleet();
    let briefing = compose(&large);
    assert_eq!(briefing.scope.findings, 1_350_000);
    let mut sizes = String::new();
    for renderer in BRIEFING_RENDERERS {
        let bytes = renderer.render(&briefing, &Options::default()).len();
        let most = match renderer.id() {
            // Names of hosts once, a patch and a finding an entry, and none of them a host.
            "json" => 2_500_000,
            _ => 60_000,
        };
        let _ = write!(sizes, "{} {bytes} of {most}; ", renderer.id());
        assert!(bytes < most, "{sizes}");
    }
    let json = page("json", &large);
    assert!(json.contains("\"on\": \"0-1499\""));
    assert_eq!(json, page("json", &large));
}
