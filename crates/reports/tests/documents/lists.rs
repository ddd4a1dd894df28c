//! The lists: what they say of themselves, in every format.

use fleet::asset::Criticality;
use reports::briefing::{Hosts, Since, compose};
use reports::listing::{
    ChangeRow, DecisionRow, FindingRow, FoundRow, Gap, GapKind, HostRow, KnownRow, Listing,
    PairRow, QuestionRow, Statement, changes, decisions, findings, hosts, hosts_found, known_hosts,
    questions, same_hosts,
};
use reports::renderers::{LISTING_RENDERERS, Options, listing_renderer};

use crate::fixture::{NOW, at, day_before, morning};

fn statement(query: &str, total: usize) -> Statement {
    Statement {
        query: query.to_owned(),
        parameters: vec![
            ("sort".to_owned(), "due".to_owned()),
            ("limit".to_owned(), "50".to_owned()),
        ],
        total,
        offset: 0,
        as_of: None,
        now: at(NOW),
        catalog: "blake3:7c1e0b8f42d5a96c3d1f0e8b7a6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b04"
            .to_owned(),
        hosts: 1_471,
        gaps: vec![
            gap(GapKind::NotReported, 22, "for more than 24 hours"),
            gap(GapKind::NeverSeen, 19, ""),
            gap(GapKind::NotCovered, 1, "Gentoo"),
        ],
    }
}

fn gap(kind: GapKind, total: usize, detail: &str) -> Gap {
    Gap {
        kind,
        hosts: Hosts::named((1..=total).map(|n| format!("app-{n:02}"))),
        detail: detail.to_owned(),
    }
}

fn finding_rows() -> Vec<FindingRow> {
    let today = morning(None);
    let groups = today.groups.iter().enumerate();
    groups
        .map(|(n, group)| {
            let hosts = Hosts::named((0..=n * 9).map(|h| format!("web-{h:02}")));
            let owners = vec!["linux-ops".to_owned()];
            FindingRow::of(group, hosts, owners, vec!["dmz".to_owned()])
        })
        .collect()
}

fn host_row() -> HostRow {
    HostRow {
        number: 7,
        name: "web-01".to_owned(),
        kind: "machine".to_owned(),
        os: Some("Debian GNU/Linux 12 (bookworm)".to_owned()),
        zone: Some("dmz".to_owned()),
        owner: Some("linux-ops".to_owned()),
        criticality: Some(Criticality::High),
        exposed: Some(true),
        seen_at: Some(at("2026-08-21T04:10:00Z")),
        packages: 412,
        findings: 15,
        known_exploited: 2,
        overdue: 1,
    }
}

fn found_row() -> FoundRow {
    FoundRow {
        number: 7,
        name: "web-01".to_owned(),
        zone: Some("dmz".to_owned()),
        owner: None,
        exposed: Some(true),
        what: "port",
        found: "tcp/443 nginx 1.22.1".to_owned(),
        seen_at: at("2026-08-21T04:10:00Z"),
    }
}

fn since() -> Since {
    compose(&morning(Some(day_before()))).changes.unwrap()
}

/// The lists of the golden files.
pub(crate) fn cases() -> Vec<(&'static str, Listing)> {
    let unknown = HostRow {
        number: 8,
        name: "old-03".to_owned(),
        kind: "machine".to_owned(),
        ..HostRow::default()
    };
    let mut none = statement("kev and zone=office", 0);
    none.as_of = Some(at("2026-08-19T05:30:00Z"));
    none.gaps.clear();
    let rows = finding_rows();
    vec![
        (
            "findings",
            findings(statement("severity>=medium", 812), rows),
        ),
        ("no-findings", findings(none, vec![])),
        ("hosts", hosts(statement("", 2), vec![host_row(), unknown])),
        (
            "hosts-found",
            hosts_found(statement("port 443", 1), vec![found_row()]),
        ),
        (
            "changes",
            changes(statement("", 8), ChangeRow::of(&since())),
        ),
        (
            "decisions",
            decisions(statement("", 2), decision_rows("linux-ops")),
        ),
        (
            "questions",
            questions(
                statement("", 1),
                vec![question_row("are lb-03..09 reachable from outside?")],
            ),
        ),
        (
            "same-hosts",
            same_hosts(statement("", 1), vec![pair_row("web-01")]),
        ),
        (
            "known-hosts",
            known_hosts(statement("", 2), known_rows("cmdb")),
        ),
    ]
}

fn decision_rows(owner: &str) -> Vec<DecisionRow> {
    let suppression = DecisionRow {
        kind: "suppression",
        number: 3,
        scope: "CVE-2024-1234 on package zlib1g".to_owned(),
        owner: owner.to_owned(),
        reason: "not reachable".to_owned(),
        until: None,
        void: vec!["since 2026-08-19T05:30:00Z: kev was not listed, is listed".to_owned()],
        states: vec![],
    };
    let mitigation = DecisionRow {
        kind: "mitigation",
        number: 1,
        scope: "CVE-2024-1234".to_owned(),
        owner: owner.to_owned(),
        reason: "port 443 closed".to_owned(),
        until: Some(at("2026-09-30T00:00:00Z")),
        void: vec![],
        states: vec!["verified on 3 hosts".to_owned()],
    };
    vec![suppression, mitigation]
}

fn question_row(text: &str) -> QuestionRow {
    QuestionRow {
        deadlines: 19,
        question: text.to_owned(),
        moves: vec!["yes 19".to_owned(), "no 0".to_owned()],
        answer: "daywatch hosts say exposed=yes|no lb-03 lb-04".to_owned(),
        vulnerability: None,
        hosts: Hosts::named(["lb-03".to_owned(), "lb-04".to_owned()]),
    }
}

fn pair_row(name: &str) -> PairRow {
    PairRow {
        one: 7,
        one_name: name.to_owned(),
        other: 9,
        other_name: "web-01.example.org".to_owned(),
        evidence: "agree: name web-01; differ: machine id".to_owned(),
    }
}

fn known_rows(list: &str) -> Vec<KnownRow> {
    let never = KnownRow {
        state: "never-reported",
        name: "old-99".to_owned(),
        lists: vec![list.to_owned()],
        number: None,
        is_off: true,
    };
    let unlisted = KnownRow {
        state: "unlisted",
        name: "web-01".to_owned(),
        number: Some(7),
        ..KnownRow::default()
    };
    vec![never, unlisted]
}

/// Lists of which every text is hostile.
pub(crate) fn hostile(text: &str) -> Vec<Listing> {
    let own = || text.to_owned();
    let statement = || {
        let mut statement = statement(text, 3);
        statement.parameters = vec![(own(), own())];
        statement.catalog = own();
        for gap in &mut statement.gaps {
            (gap.hosts, gap.detail) = (Hosts::named([own()]), own());
        }
        statement
    };
    let mut row = finding_rows().remove(0);
    (row.label, row.id, row.package, row.version) = (own(), own(), own(), own());
    (row.ecosystem, row.fix, row.policy) = (own(), Some(own()), Some(own()));
    (row.owners, row.zones) = (vec![own()], vec![own(), own()]);
    row.hosts = Hosts::named([own()]);
    let host = HostRow {
        name: own(),
        kind: own(),
        os: Some(own()),
        zone: Some(own()),
        owner: Some(own()),
        ..host_row()
    };
    let found = FoundRow {
        name: own(),
        zone: Some(own()),
        owner: Some(own()),
        found: own(),
        ..found_row()
    };
    let mut change = ChangeRow::of(&since()).remove(0);
    (change.id, change.package, change.hosts) = (own(), own(), Hosts::named([own()]));
    vec![
        findings(statement(), vec![row]),
        findings(statement(), vec![]),
        hosts(statement(), vec![host]),
        hosts_found(statement(), vec![found]),
        changes(statement(), vec![change]),
        decisions(statement(), decision_rows(text)),
        questions(statement(), vec![question_row(text)]),
        same_hosts(statement(), vec![pair_row(text)]),
        known_hosts(statement(), known_rows(text)),
    ]
}

fn check(format: &str, said: &[&str]) {
    let (_, listing) = cases().remove(0);
    let page = listing_renderer(format)
        .unwrap()
        .render(&listing, &Options::default());
    let joined = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for sentence in said {
        assert!(joined.contains(sentence), "{sentence} is missing:\n{page}");
    }
}

#[test]
fn a_list_says_what_it_is_complete_for() {
    let shown = finding_rows().len();
    check(
        "table",
        &[
            &format!("812 findings, of which 1 to {shown} are shown: --offset {shown} for more."),
            "Asked for: severity>=medium; sort due, limit 50.",
            "On 1,471 hosts, as of 2026-08-21T05:30:00Z, catalog 7c1e0b8f42d5.",
            "Cannot answer for 22 hosts: app-01, app-02 and 20 more: did not report (for more than 24 hours).",
            "Cannot answer for app-01: not covered by any feed (Gentoo).",
        ],
    );
}

#[test]
fn a_table_is_never_wider_than_the_page() {
    let table = listing_renderer("table").unwrap();
    for (case, listing) in cases() {
        for width in [40, 80, 120] {
            let options = Options {
                width,
                ..Options::default()
            };
            let page = table.render(&listing, &options);
            let widest = page.lines().map(drawing::text::width).max();
            assert!(
                widest.is_some_and(|w| w <= width),
                "{case} at {width}:\n{page}"
            );
        }
    }
}

#[test]
fn a_row_for_programs_has_every_key_of_its_contract() {
    let keys = [
        "severity label id cves known_exploited cvss epss ecosystem package version fix hosts hosts_total owners zones due policy overdue due_unmoved moved_by first_seen state ours_since ours_by",
        "",
        "number name kind os zone owner criticality exposed seen_at packages findings known_exploited overdue",
        "number name zone owner exposed what found seen_at",
        "at what severity id known_exploited package hosts hosts_total",
        "kind number scope owner reason until void states",
        "deadlines question moves answer vulnerability hosts hosts_total",
        "one one_name other other_name evidence",
        "state name lists number switched_off",
    ];
    for ((case, listing), keys) in cases().into_iter().zip(keys) {
        let text = listing_renderer("json")
            .unwrap()
            .render(&listing, &Options::default());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let rows = json[listing.noun.1].as_array().unwrap();
        assert_eq!(rows.len(), listing.rows.len(), "{case}");
        let mut expected: Vec<&str> = keys.split_whitespace().collect();
        expected.sort_unstable();
        for row in rows {
            let mut found: Vec<&str> = row
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{case}");
        }
        let statement = json["statement"].as_object().unwrap();
        for key in [
            "query",
            "parameters",
            "total",
            "offset",
            "shown",
            "as_of",
            "now",
            "catalog",
            "hosts",
            "cannot_answer",
        ] {
            assert!(statement.contains_key(key), "{case}: {key}");
        }
    }
}

#[test]
fn every_format_of_a_list_has_a_name_of_its_own() {
    let mut ids: Vec<&str> = LISTING_RENDERERS.iter().map(|r| r.id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), LISTING_RENDERERS.len());
}
