//! What is not known. Facts that deadlines rest on come first, the one that moves most of them at the top.

use std::collections::{BTreeMap, BTreeSet};

use base::Level;
use drawing::text::{count, thousands};
use fleet::finding::Finding;

use super::model::{Today, Unknown, UnknownKind};
use crate::scan::{NOT_COVERED, SUPPORT, ScanReport};
use crate::wording::{ecosystems, first_names, uncovered};

/// Names shown of one unknown before the rest is counted.
const NAMES: usize = 4;

/// Everything that is not known, in the order of [`UnknownKind`], most moving first.
pub(super) fn unknowns(today: &Today) -> Vec<Unknown> {
    let report = &today.report;
    let mut all = facts(report);
    all.extend(hosts(report));
    all.extend(ending(report));
    all.extend(packages(report));
    all.extend(feeds(today));
    all.extend(inputs(report));
    all.extend(severities(report));
    all.sort_by_key(|u| (u.kind, std::cmp::Reverse(u.moves)));
    all
}

fn unknown(kind: UnknownKind, what: String) -> Unknown {
    Unknown {
        kind,
        what,
        moves: 0,
    }
}

/// Findings whose decision assumed one value for one fact, and the policies that did.
#[derive(Default)]
struct Assumption<'a> {
    findings: Vec<&'a Finding>,
    policies: BTreeSet<&'a str>,
}

/// Facts a decision had to assume, each with the hosts or vulnerabilities it is about. Policies may assume opposite values
/// of one fact, so each assumption says whose it is.
fn facts(report: &ScanReport) -> Vec<Unknown> {
    let mut assumptions: BTreeMap<(&str, &str), Assumption<'_>> = BTreeMap::new();
    for finding in &report.findings {
        let Some(decision) = finding.decision() else {
            continue;
        };
        for fact in decision.facts.iter().filter(|f| f.value.is_none()) {
            if let Some(assumed) = &fact.assumed {
                let entry = assumptions.entry((&fact.name, assumed)).or_default();
                entry.findings.push(finding);
                entry.policies.insert(&decision.policy);
            }
        }
    }
    assumptions
        .into_iter()
        .map(|((name, assumed), a)| fact(name, assumed, &a))
        .collect()
}

fn fact(name: &str, assumed: &str, assumption: &Assumption<'_>) -> Unknown {
    let findings = &assumption.findings;
    let policies: Vec<&str> = assumption.policies.iter().copied().collect();
    let about: BTreeSet<String> = if is_of_host(name) {
        findings.iter().map(|f| f.target_name.clone()).collect()
    } else {
        findings.iter().map(|f| crate::wording::label(f)).collect()
    };
    let about: Vec<String> = about.into_iter().collect();
    let names = match about.len() {
        n if n > NAMES && !is_of_host(name) => count(n, "vulnerability", "vulnerabilities"),
        _ => first_names(&about, NAMES),
    };
    let verb = if about.len() == 1 { "Is" } else { "Are" };
    let question = match name {
        "exposed" | "exposure" => format!("{verb} {names} reachable from public networks?"),
        "exploitation" => format!("Is there an exploit for {names}?"),
        "automatable" => format!("Can attacks through {names} be automated?"),
        other => format!("What is the {} of {names}?", other.replace('-', " ")),
    };
    Unknown {
        kind: UnknownKind::Fact,
        what: format!("{question} {} assumes {assumed}", policies.join(" and ")),
        moves: findings.len(),
    }
}

/// Whether a fact is about the host (the team answers it) rather than about the vulnerability.
fn is_of_host(name: &str) -> bool {
    matches!(
        name,
        "exposed" | "exposure" | "human-impact" | "criticality" | "zone" | "detected"
    )
}

fn hosts(report: &ScanReport) -> Vec<Unknown> {
    let uncovered = report
        .targets
        .iter()
        .filter(|t| t.packages > 0 && uncovered(t) >= t.packages);
    let mut all: Vec<Unknown> = uncovered
        .map(|t| {
            unknown(
                UnknownKind::Host,
                format!("{}: no feed knows {}", t.name, ecosystems(t)),
            )
        })
        .collect();
    let empty = report.targets.iter().filter(|t| t.packages == 0);
    all.extend(empty.map(|t| {
        unknown(
            UnknownKind::Host,
            format!("{}: no packages were found", t.name),
        )
    }));
    all
}

/// Systems whose security updates have ended or soon will, each with its hosts: what is not found there is not known.
fn ending(report: &ScanReport) -> Vec<Unknown> {
    let mut hosts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for target in &report.targets {
        for note in &target.notes {
            if let Some(sentence) = note.what.strip_prefix(SUPPORT) {
                hosts.entry(sentence).or_default().push(target.name.clone());
            }
        }
    }
    let line = |(sentence, hosts): (&str, Vec<String>)| {
        let what = format!("Ending: {sentence}: {}", first_names(&hosts, NAMES));
        unknown(UnknownKind::Host, what)
    };
    hosts.into_iter().map(line).collect()
}

fn packages(report: &ScanReport) -> Option<Unknown> {
    let partly: Vec<_> = report
        .targets
        .iter()
        .filter(|t| uncovered(t) > 0 && uncovered(t) < t.packages)
        .collect();
    let total: usize = partly.iter().map(|t| uncovered(t)).sum();
    let names: BTreeSet<&str> = partly
        .iter()
        .flat_map(|t| &t.not_covered)
        .map(|(ecosystem, _)| ecosystem.as_str())
        .collect();
    let names: Vec<String> = names
        .into_iter()
        .map(|n| {
            if n.is_empty() {
                "no known ecosystem".to_owned()
            } else {
                n.to_owned()
            }
        })
        .collect();
    (total > 0).then(|| {
        unknown(
            UnknownKind::Packages,
            format!(
                "{} on {}: no feed knows {}",
                count(total, "package", "packages"),
                count(partly.len(), "host", "hosts"),
                first_names(&names, NAMES)
            ),
        )
    })
}

/// The feeds that are stale, and those without a date, a line each.
fn feeds(today: &Today) -> Vec<Unknown> {
    let feeds = &today.report.catalog.feeds;
    let stale = today.stale_feeds.iter().map(|name| {
        let as_of = feeds.iter().find(|f| f.name == *name).and_then(|f| f.as_of);
        as_of.map_or_else(
            || format!("{name} (date unknown)"),
            |at| format!("{name} ({})", age(at, today.report.now)),
        )
    });
    let undated = feeds
        .iter()
        .filter(|f| f.as_of.is_none() && !today.stale_feeds.contains(&f.name));
    let lines = [
        (
            "stale, newer advisories are missing",
            stale.collect::<Vec<_>>(),
        ),
        (
            "of an unknown date",
            undated.map(|f| f.name.clone()).collect(),
        ),
    ];
    let told = lines.into_iter().filter(|(_, names)| !names.is_empty());
    told.map(|(words, names)| {
        let verb = if names.len() == 1 {
            "feed is"
        } else {
            "feeds are"
        };
        unknown(
            UnknownKind::Feed,
            format!(
                "{} {verb} {words}: {}",
                names.len(),
                first_names(&names, NAMES)
            ),
        )
    })
    .collect()
}

fn age(at: jiff::Timestamp, now: jiff::Timestamp) -> String {
    let hours = usize::try_from((now.as_second() - at.as_second()) / 3600).unwrap_or(0);
    match hours {
        0..72 => format!("{} old", count(hours, "hour", "hours")),
        _ => format!("{} old", count(hours / 24, "day", "days")),
    }
}

/// What could not be read, and what was noted: the worst in full, the others counted.
fn inputs(report: &ScanReport) -> Option<Unknown> {
    let notes: Vec<_> = report
        .all_notes()
        // What no feed covers is told of hosts and packages above.
        .filter(|n| !n.note.what.starts_with(NOT_COVERED) && !n.note.what.starts_with(SUPPORT))
        .collect();
    let worst = notes
        .iter()
        .min_by_key(|n| std::cmp::Reverse(n.note.level))?;
    let alike = notes
        .iter()
        .filter(|n| n.note.level == worst.note.level)
        .count();
    let what = match worst.note.level {
        Level::Error => format!("{} could not be read", count(alike, "input", "inputs")),
        Level::Warning => format!("{} while reading", count(alike, "warning", "warnings")),
        Level::Info => format!("{} while reading", count(alike, "note", "notes")),
    };
    let place = worst
        .target
        .as_ref()
        .map(|t| format!("{t}: "))
        .unwrap_or_default();
    let more = match notes.len() - 1 {
        0 => String::new(),
        n => format!("; {} more", thousands(n)),
    };
    Some(unknown(
        UnknownKind::Input,
        format!("{what}: {place}{}{more}", worst.note),
    ))
}

fn severities(report: &ScanReport) -> Option<Unknown> {
    let unrated = report
        .findings
        .iter()
        .filter(|f| f.severity.is_none())
        .count();
    let verb = if unrated == 1 {
        "finding has"
    } else {
        "findings have"
    };
    (unrated > 0).then(|| {
        unknown(
            UnknownKind::Severity,
            format!("{} {verb} no severity from any source", thousands(unrated)),
        )
    })
}
