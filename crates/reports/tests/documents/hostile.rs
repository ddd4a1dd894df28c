//! Every text of every document set to something hostile, through every renderer: nothing may act, nothing may break.

use fleet::finding::Finding;
use fleet::group::{FindingGroup, Life};
use proptest::prelude::*;
use reports::briefing::{Briefing, Hosts, PreviousBriefing, Today, compose};
use reports::renderers::{BRIEFING_RENDERERS, LISTING_RENDERERS, Options, SCAN_RENDERERS};
use reports::scan::ScanReport;

use crate::fixture;
use crate::fleet_morning::fleet_morning;

/// What a package name, a path or a reason may hold when somebody wants it to.
const HOSTILE: &[&str] = &[
    "\u{1b}]0;title\u{7}\u{1b}[31mred\u{1b}[0m",
    "\u{9b}2J\u{85}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>' style='x",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "line\none\r\ntwo\ttab",
    "\u{202e}gnp.exe\u{2066}",
    "nul\0nul\u{ffff}\u{feff}",
    "`a` **b** [c](javascript:alert(1)) | d | <!-- e --> ]]> &amp; http://f.example @g #1",
    "javascript:alert(1)",
    "",
    " ",
    "|",
    "\\x1b\\",
];

fn report_with(text: &str) -> ScanReport {
    let mut report = fixture::scan();
    let own = || text.to_owned();
    report.catalog.digest = own();
    report.catalog.feeds.iter_mut().for_each(|f| f.name = own());
    for target in &mut report.targets {
        target.name = own();
        target.os = Some(own());
        target.runs.kernel = Some(own());
        for service in &mut target.runs.services {
            (service.address, service.program) = (Some(own()), Some(own()));
            service.package = Some(own());
        }
        for process in &mut target.runs.restart {
            (process.program, process.file) = (own(), Some(own()));
            process.package = Some(own());
        }
        target.asset.zone = Some(own());
        target.asset.owner = Some(own());
        target
            .not_covered
            .iter_mut()
            .for_each(|(name, _)| *name = own());
        target
            .notes
            .iter_mut()
            .for_each(|n| (n.file, n.what) = (Some(own()), own()));
    }
    let found = report.findings.iter_mut();
    found.for_each(|f| set_finding(f, text));
    for (finding, _) in &mut report.suppressed {
        set_finding(finding, text);
    }
    for (_, suppression) in &mut report.suppressed {
        (suppression.owner, suppression.reason, suppression.scope) = (own(), own(), own());
    }
    for negative in &mut report.not_affected {
        (
            negative.id,
            negative.package,
            negative.version,
            negative.detail,
            negative.source,
        ) = (own(), own(), own(), own(), own());
    }
    for error in &mut report.errors {
        (error.target, error.note.what, error.note.file) = (Some(own()), own(), Some(own()));
    }
    report
}

fn set_finding(finding: &mut Finding, text: &str) {
    let own = || text.to_owned();
    let texts = [
        &mut finding.target_name,
        &mut finding.id,
        &mut finding.package,
        &mut finding.version,
        &mut finding.why,
        &mut finding.summary,
        &mut finding.ecosystem,
    ];
    for field in texts {
        *field = own();
    }
    finding.aliases = vec![own()];
    finding.cves.retain(|c| c.number() % 2 == 0);
    finding.purl = Some(own());
    finding.source_package = Some(own());
    finding.fixed = if finding.fixed.is_empty() {
        vec![]
    } else {
        vec![own()]
    };
    finding.references = vec![own(), format!("https://h.example/{text}")];
    finding.informational = Some(own());
    finding.severity_source = Some(own());
    finding.decided.event = format!("fixed {text}");
    finding.decided.range = own();
    finding.decided.record = own();
    finding
        .locations
        .iter_mut()
        .for_each(|l| (l.path, l.layer) = (own(), Some(own())));
    finding
        .conflicts
        .iter_mut()
        .for_each(|c| (c.record, c.says) = (own(), own()));
    finding
        .cvss
        .iter_mut()
        .for_each(|s| (s.vector, s.source) = (own(), own()));
    finding.epss.iter_mut().for_each(|e| e.model = Some(own()));
    finding.ssvc.iter_mut().for_each(|s| s.source = own());
    for decision in &mut finding.decisions {
        (decision.policy, decision.row, decision.outcome) = (own(), own(), own());
        decision.facts.iter_mut().for_each(|f| {
            (f.name, f.source, f.value, f.assumed) = (own(), own(), None, Some(own()))
        });
    }
}

fn today_with(text: &str) -> Today {
    let mut today = fixture::morning_of(report_with(text), Some(fixture::day_before()));
    today
        .recent_kev
        .iter_mut()
        .for_each(|r| (r.entry.vendor, r.entry.product) = (text.to_owned(), text.to_owned()));
    today.stale_feeds = vec![text.to_owned()];
    hold_off(&mut today, text);
    today
}

/// The first groups mitigated and waiting for a restart.
fn hold_off(today: &mut Today, text: &str) {
    let lives = [
        Life::Mitigated {
            how: text.to_owned(),
            until: None,
        },
        Life::AwaitsRestart,
    ];
    let groups = today.groups.clone().into_iter();
    let held = groups
        .zip(lives)
        .map(|(group, life)| FindingGroup { life, ..group });
    today.groups.extend(held.collect::<Vec<_>>());
}

/// The same with everything a store says, all of it hostile.
fn remembered_with(text: &str) -> Today {
    let own = || text.to_owned();
    let mut fleet = fleet_morning().fleet;
    for list in &mut fleet.reach.as_mut().unwrap().only_in {
        list.0 = own();
    }
    for v in &mut fleet.voided {
        (v.scope, v.owner, v.was, v.is) = (own(), own(), own(), own());
    }
    for question in fleet.questions.iter_mut().flatten() {
        (question.text, question.answer) = (own(), Some(own()));
    }
    let record = fleet.record.as_mut().unwrap();
    (record.audit_head, record.repeat) = (Some(own()), Some(own()));
    let since = fleet.since.as_mut().unwrap();
    for moved in [&mut since.new, &mut since.fixed, &mut since.reopened] {
        for group in &mut moved.examples {
            (group.key, group.id, group.package) = (own(), own(), own());
            group.hosts = Hosts::named([own()]);
        }
    }
    since.hosts_appeared = Hosts::named([own()]);
    since.hosts_vanished = Hosts::named([own()]);
    Today {
        fleet,
        ..today_with(text)
    }
}

fn options_with(text: &str, width: usize) -> Options {
    Options {
        width,
        author: Some(text.to_owned()),
        namespace: Some(text.to_owned()),
        tool_version: text.to_owned(),
        ..Options::default()
    }
}

fn all_outputs(text: &str, width: usize) -> Vec<(&'static str, String)> {
    let (report, options) = (report_with(text), options_with(text, width));
    let briefings: [Briefing; 2] = [today_with(text), remembered_with(text)].map(|t| compose(&t));
    let listings = crate::lists::hostile(text);
    let scans = SCAN_RENDERERS
        .iter()
        .map(|r| (r.id(), r.render(&report, &options)));
    scans
        .chain(briefings.iter().flat_map(|briefing| {
            let all = BRIEFING_RENDERERS.iter();
            all.map(|r| (r.id(), r.render(briefing, &options)))
        }))
        .chain(listings.iter().flat_map(|listing| {
            let all = LISTING_RENDERERS.iter();
            all.map(|r| (r.id(), r.render(listing, &options)))
        }))
        .collect()
}

fn check(format: &str, output: &str) {
    let acting = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ffff}')
    };
    if let Some(at) = output.find(acting) {
        let context: String = output[..at]
            .chars()
            .rev()
            .take(60)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        panic!(
            "{format} lets {:?} through after {context:?}",
            output[at..].chars().next()
        );
    }
    assert!(
        output.ends_with('\n'),
        "{format} does not end its last line"
    );
    match format {
        "html" => check_html(output),
        "markdown" => check_markdown(output),
        "csv" => check_csv(output),
        "junit" => check_xml(output),
        "json" | "sarif" | "cyclonedx" | "openvex" => {
            serde_json::from_str::<serde_json::Value>(output).unwrap();
        }
        _ => {}
    }
}

/// Every tag is one of ours, without script, style or handler; every link goes to the web.
fn check_html(output: &str) {
    let page = output.split_once("</style>").unwrap().1;
    for tag in page
        .split('<')
        .skip(1)
        .map(|t| t.split_once('>').unwrap().0)
    {
        let name = tag.split([' ', '/']).find(|n| !n.is_empty()).unwrap();
        assert!(
            !["script", "img", "iframe", "object", "link", "base", "form"].contains(&name),
            "<{tag}>"
        );
        assert!(!tag.contains(" style=") && !tag.contains(" on"), "<{tag}>");
        assert!(
            !tag.contains("href=")
                || tag.contains("href=\"https://")
                || tag.contains("href=\"http://"),
            "<{tag}>"
        );
    }
}

/// Outside code spans, nothing that is not escaped makes a link, a tag or an address.
fn check_markdown(output: &str) {
    let mut bare = String::new();
    let mut chars = output.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            chars.next();
        } else {
            bare.push(c)
        }
    }
    let outside_code: String = bare.split('`').step_by(2).collect();
    for forbidden in ["<", "](", "http://"] {
        assert!(
            !outside_code.contains(forbidden),
            "{forbidden} in markdown:\n{output}"
        );
    }
}

/// No field starts like a formula, and every line has as many fields as the header.
fn check_csv(output: &str) {
    let fields = output.lines().next().unwrap().split(',').count();
    output.lines().for_each(|line| check_csv_line(line, fields));
}

fn check_csv_line(line: &str, expected: usize) {
    let (mut fields, mut quoted, mut start) = (1, false, true);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => (fields, start) = (fields + 1, true),
            _ => {
                assert!(!(start && "=+-@".contains(c)), "{line}");
                start = false;
            }
        }
    }
    assert_eq!((fields, quoted), (expected, false), "{line}");
}

fn check_xml(text: &str) {
    let opened = text.matches("<testcase ").count();
    let closed = text.matches("</testcase>").count() + text.matches("\"/>\n").count();
    assert_eq!(opened, closed, "{text}");
    assert!(!text.contains("<script") && !text.contains("]]>"), "{text}");
}

#[test]
fn hostile_text_acts_in_no_format() {
    for text in HOSTILE {
        for (format, output) in all_outputs(text, 80) {
            check(format, &output);
        }
    }
}

#[test]
fn ten_thousand_characters_lose_nothing_and_break_nothing() {
    let long = "x".repeat(10_000);
    for (format, output) in all_outputs(&long, 80) {
        check(format, &output);
        if format == "table" || format == "text" {
            assert!(
                output.lines().all(|l| drawing::text::width(l) <= 80),
                "{format} is wider than the page"
            );
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for renderer in SCAN_RENDERERS {
        let report = fixture::scan();
        let plain = renderer.render(&report, &Options::default());
        let colour = renderer.render(
            &report,
            &Options {
                colour: true,
                ..Options::default()
            },
        );
        assert_eq!(without_colour(&colour), plain, "{}", renderer.id());
    }
}

fn without_colour(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split("\u{1b}[");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(part.split_once('m').unwrap().1);
    }
    out
}

#[test]
fn a_hostile_briefing_reads_back_as_itself() {
    for text in HOSTILE {
        let briefing = compose(&today_with(text));
        let json = BRIEFING_RENDERERS
            .iter()
            .find(|r| r.id() == "json")
            .unwrap()
            .render(&briefing, &Options::default());
        let parsed = PreviousBriefing::parse(json.as_bytes());
        assert_eq!(parsed.notes, []);
        let previous = parsed.value.unwrap();
        assert_eq!(previous.memory.hosts, briefing.memory.hosts);
        assert_eq!(previous.memory.told, briefing.memory.told);
        let again = compose(&Today {
            previous: Some(previous),
            ..today_with(text)
        });
        let changes = again.changes.unwrap();
        assert!(
            changes.new.is_empty() && changes.gone.is_empty(),
            "{text:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_text_at_any_width_acts_in_no_format(text in any::<String>(), width in 0usize..200) {
        for (format, output) in all_outputs(&text, width) {
            check(format, &output);
        }
    }
}
