//! A plan with one of everything.

use base::{CveId, Severity};
use fleet::finding::{Finding, Kev};
use fleet::group::{FindingGroup, Life};
use fleet::plan::{Place, Plan, Slot, plan};
use jiff::Timestamp;
use jiff::civil::date;
use matching::{Decided, FixState};
use reports::renderers::{Options, plan_renderer};
use risk::policy::{Action, Decision, UsedFact};

/// An instant from its RFC 3339 text.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// 1 June 2026, noon.
pub(crate) fn now() -> Timestamp {
    at("2026-06-01T12:00:00Z")
}

/// A document in a format.
pub(crate) fn render(plan: &Plan, format: &str) -> String {
    plan_renderer(format).unwrap().render(plan, &options())
}

/// A version that no release changes.
pub(crate) fn options() -> Options {
    Options {
        tool_version: "0.0.0".to_owned(),
        ..Options::default()
    }
}

/// A finding of which nothing else is known.
pub(crate) fn finding(id: &str, ecosystem: &str, package: &str, fixed: &[&str]) -> Finding {
    Finding {
        target: 0,
        target_name: String::new(),
        id: id.to_owned(),
        aliases: Vec::new(),
        cves: CveId::find(id).into_iter().collect(),
        ecosystem: ecosystem.to_owned(),
        package: package.to_owned(),
        version: "1.0-1".to_owned(),
        purl: None,
        source_package: None,
        locations: Vec::new(),
        fixed: fixed.iter().map(|v| (*v).to_owned()).collect(),
        fix_state: FixState::Unknown,
        decided: Decided {
            record: id.to_owned(),
            range: String::new(),
            event: String::new(),
        },
        why: String::new(),
        conflicts: Vec::new(),
        summary: String::new(),
        references: Vec::new(),
        informational: None,
        severity: Some(Severity::High),
        severity_source: None,
        cvss: Vec::new(),
        epss: None,
        kev: None,
        ssvc: None,
        published: None,
        decisions: Vec::new(),
        earliest: None,
        source: None,
        also_reported_by: Vec::new(),
        is_new: None,
    }
}

/// The finding with a date of a policy; the actions besides patching are given.
pub(crate) fn due(mut finding: Finding, policy: &str, by: &str, also: &[Action]) -> Finding {
    finding.decisions.push(Decision {
        policy: policy.to_owned(),
        row: "row-1".to_owned(),
        outcome: "soon".to_owned(),
        by: Some(at(by)),
        triage_by: None,
        actions: [&[Action::Patch], also].concat(),
        facts: vec![UsedFact {
            name: "kev".to_owned(),
            value: Some("yes".to_owned()),
            source: "kev 2026-05-30".to_owned(),
            assumed: None,
        }],
        is_backlog: false,
        moved: Vec::new(),
    });
    finding.earliest = Some(0);
    finding
}

/// The group of a finding on some hosts.
pub(crate) fn group(finding: Finding, targets: &[usize]) -> FindingGroup {
    FindingGroup {
        finding,
        targets: targets.to_vec(),
        first_seen: now(),
        life: Life::Open { reopened: false },
    }
}

/// A host.
pub(crate) fn place(name: &str, owner: &str, window: Option<&str>) -> Place {
    Place {
        name: name.to_owned(),
        owner: Some(owner.to_owned()),
        window: window.map(|start| Slot {
            name: "thu 22:00".to_owned(),
            start: at(start),
            end: at(start) + jiff::SignedDuration::from_hours(4),
        }),
        ring: None,
    }
}

/// Known exploited, and evidence is asked for before it is patched.
fn exploited() -> Finding {
    let openssl = Finding {
        source_package: Some("openssl".to_owned()),
        kev: Some(Kev {
            cve: CveId::new(2026, 1),
            added: date(2026, 5, 30),
            due: None,
            ransomware: None,
        }),
        ..finding("CVE-2026-0001", "Debian:12", "libssl3", &["3.0.15-1"])
    };
    due(
        openssl,
        "bod-26-04",
        "2026-06-02T00:00:00Z",
        &[Action::ForensicTriage],
    )
}

/// One of everything: apt, dnf, apk, zypper, Windows, a language, nothing to install, a restart, a hold.
pub(crate) fn rich() -> Plan {
    let soon = Some("2026-06-04T20:00:00Z");
    let places = [
        place("web-1", "Linux Ops", soon),
        place("web-2", "Linux Ops", soon),
        place(
            "db-1.corp.example",
            "Linux Ops",
            Some("2026-06-30T20:00:00Z"),
        ),
        place("WIN01", "Win Ops", None),
    ];
    let mut restart = group(
        finding(
            "CVE-2026-0007",
            "Debian:12",
            "linux-image-amd64",
            &["6.1.9-1"],
        ),
        &[1],
    );
    restart.life = Life::AwaitsRestart;
    let house = |f| due(f, "house", "2026-06-20T00:00:00Z", &[]);
    let groups = [
        group(exploited(), &[0, 1]),
        group(
            house(finding(
                "CVE-2026-0002",
                "AlmaLinux:9",
                "kernel-core",
                &["5.14.0-503.el9"],
            )),
            &[0, 2],
        ),
        group(
            house(finding(
                "CVE-2026-0003",
                "Microsoft",
                "Windows Server 2019",
                &["KB5094123"],
            )),
            &[3],
        ),
        group(finding("CVE-2026-0004", "npm", "tar", &["6.1.9"]), &[0]),
        group(finding("CVE-2026-0005", "Debian:12", "zlib1g", &[]), &[0]),
        group(
            finding("CVE-2026-0006", "Alpine:v3.20", "busybox", &["1.36.1-r30"]),
            &[0],
        ),
        group(
            finding("CVE-2026-0008", "openSUSE:Leap 15.6", "vim", &["9.1-1"]),
            &[1],
        ),
        restart,
    ];
    plan(&groups, &places, now())
}

/// What acts in a shell, a playbook, a spreadsheet, a terminal, a page or a calendar.
pub(crate) const HOSTILE: [&str; 9] = [
    "a'; touch pwned; echo '",
    "$(touch pwned)`touch pwned`",
    "x\ntouch pwned\r\ntouch pwned",
    "{{ lookup('pipe','touch pwned') }}",
    "=cmd|' /C calc'!A0,\"",
    "\u{1b}[31m\u{202e}\u{2028}touch pwned",
    "<script>alert(1)</script>|*_[x](javascript:1)",
    "--purge\\",
    "*) touch pwned ;; esac #",
];

/// A plan in which every text is hostile.
pub(crate) fn hostile(text: &str) -> Plan {
    let places = [
        place(text, text, Some("2026-06-04T20:00:00Z")),
        place("web-1", text, None),
    ];
    let systems = ["Debian:12", "AlmaLinux:9", "Microsoft", "npm", text];
    let groups = systems.iter().enumerate().flat_map(|(n, ecosystem)| {
        let of = |fixed: &[&str]| {
            let found = finding(&format!("{text}{n}"), ecosystem, text, fixed);
            let found = Finding {
                version: text.to_owned(),
                source_package: Some(text.to_owned()),
                ..found
            };
            group(
                due(
                    found,
                    text,
                    "2026-06-02T00:00:00Z",
                    &[Action::ForensicTriage],
                ),
                &[0, 1],
            )
        };
        [of(&[text]), of(&[])]
    });
    let mut list: Vec<FindingGroup> = groups.collect();
    list.push(group(
        finding("CVE-2026-0001", "Debian:12", "openssl", &["2"]),
        &[0, 1],
    ));
    list.push(group(
        finding("CVE-2026-0002", "Microsoft", text, &["KB5094123"]),
        &[0, 1],
    ));
    let mut plan = plan(&list, &places, now());
    for place in &mut plan.items {
        for step in &mut place.steps {
            if let Some(window) = &mut step.window {
                window.name = text.to_owned();
            }
        }
    }
    plan.owner = Some(text.to_owned());
    plan
}
