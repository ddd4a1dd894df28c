//! What is not known. Facts that deadlines rest on come first, the one that moves most of them at the top.

use std::collections::{BTreeMap, BTreeSet};

use base::Level;
use drawing::text::{count, thousands};
use fleet::group::FindingGroup;
use jiff::Timestamp;

use super::hosts::Hosts;
use super::model::{Unknown, UnknownKind};
use super::scene::{Scene, findings};
use super::today::{AskedAgain, Question, Today};
use crate::scan::{NOT_COVERED, SUPPORT, Target, TargetNote, all_notes};
use crate::wording::{ecosystems, first_names, label, uncovered};

/// Names shown of one unknown before the rest is counted.
const NAMES: usize = 4;

/// Everything that is not known, in the order of [`UnknownKind`], most moving first.
pub(super) fn unknowns(scene: &Scene<'_>) -> Vec<Unknown> {
    let today = scene.today;
    let mut all = match &today.fleet.questions {
        Some(questions) => questions.iter().map(question).collect(),
        None => facts(scene),
    };
    all.extend(silence(today));
    all.extend(not_covered(&today.hosts));
    all.extend(ending(&today.hosts));
    all.extend(packages(&today.hosts));
    all.extend(feeds(today));
    all.extend(inputs(today));
    all.extend(severities(scene));
    all.sort_by_key(|u| (u.kind, std::cmp::Reverse(u.moves)));
    all
}

fn unknown(kind: UnknownKind, what: String) -> Unknown {
    Unknown {
        kind,
        what,
        moves: 0,
        answer: None,
    }
}

fn question(question: &Question) -> Unknown {
    Unknown {
        moves: question.moves,
        answer: question.answer.clone(),
        ..unknown(UnknownKind::Fact, question.text.clone())
    }
}

/// Hosts of which nothing was heard.
fn silence(today: &Today) -> Vec<Unknown> {
    let Some(reach) = &today.fleet.reach else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let missing = reach.silent + reach.never_seen;
    if missing > 0 {
        let only_in: Vec<String> = reach
            .only_in
            .iter()
            .map(|(list, n)| format!("{} only in {list}", thousands(*n)))
            .collect();
        let only_in = match only_in.as_slice() {
            [] => String::new(),
            lists => format!(" ({})", first_names(lists, NAMES)),
        };
        all.push(unknown(
            UnknownKind::Silence,
            format!(
                "{} did not report: {} for more than {}, {} never seen{only_in}",
                count(missing, "host", "hosts"),
                thousands(reach.silent),
                count(reach.within_hours as usize, "hour", "hours"),
                thousands(reach.never_seen),
            ),
        ));
    }
    let asked = reach.asked.filter(|asked| asked.answered < asked.asked);
    all.extend(asked.map(|asked| unanswered(&asked, today.now)));
    if reach.exposure_unknown > 0 {
        let hosts = count(reach.exposure_unknown, "host", "hosts");
        all.push(unknown(
            UnknownKind::Silence,
            format!("{hosts}: nobody says whether they are exposed"),
        ));
    }
    all
}

/// `asked 14:05 on 2026-08-18: 812 of 1,471 hosts have answered; oldest unanswered fact 22 hours old`.
fn unanswered(asked: &AskedAgain, now: Timestamp) -> Unknown {
    let oldest = asked.oldest.map_or_else(
        || "of the others nothing is known".to_owned(),
        |at| format!("the oldest fact of the others is {}", age(at, now)),
    );
    Unknown {
        answer: Some("daywatch hosts list --unanswered".to_owned()),
        ..unknown(
            UnknownKind::Silence,
            format!(
                "asked to report again on {}: {} of {} have answered; {oldest}",
                asked.at.strftime("%Y-%m-%d at %H:%MZ"),
                thousands(asked.answered),
                count(asked.asked, "host", "hosts"),
            ),
        )
    }
}

/// Findings whose decision assumed one value for one fact, and the policies that did.
#[derive(Default)]
struct Assumption<'a> {
    groups: Vec<&'a FindingGroup>,
    policies: BTreeSet<&'a str>,
}

/// Facts a decision had to assume, each with the hosts or vulnerabilities it is about. Policies may assume opposite values
/// of one fact, so each assumption says whose it is.
fn facts(scene: &Scene<'_>) -> Vec<Unknown> {
    let mut assumptions: BTreeMap<(&str, &str), Assumption<'_>> = BTreeMap::new();
    for &group in &scene.open {
        let Some(decision) = group.finding.decision() else {
            continue;
        };
        for fact in decision.facts.iter().filter(|f| f.value.is_none()) {
            if let Some(assumed) = &fact.assumed {
                let entry = assumptions.entry((&fact.name, assumed)).or_default();
                entry.groups.push(group);
                entry.policies.insert(&decision.policy);
            }
        }
    }
    assumptions
        .into_iter()
        .map(|((name, assumed), a)| fact(scene, name, assumed, &a))
        .collect()
}

fn fact(scene: &Scene<'_>, name: &str, assumed: &str, assumption: &Assumption<'_>) -> Unknown {
    let groups = || assumption.groups.iter().copied();
    let policies: Vec<&str> = assumption.policies.iter().copied().collect();
    let (about, names) = if is_of_host(name) {
        let hosts = scene.roster.of_groups(groups());
        (hosts.total, hosts.said(NAMES))
    } else {
        let labels: BTreeSet<String> = groups().map(|g| label(&g.finding)).collect();
        let labels: Vec<String> = labels.into_iter().collect();
        let names = match labels.len() {
            n if n > NAMES => count(n, "vulnerability", "vulnerabilities"),
            _ => first_names(&labels, NAMES),
        };
        (labels.len(), names)
    };
    let verb = if about == 1 { "Is" } else { "Are" };
    let question = match name {
        "exposed" | "exposure" => format!("{verb} {names} reachable from public networks?"),
        "exploitation" => format!("Is there an exploit for {names}?"),
        "automatable" => format!("Can attacks through {names} be automated?"),
        other => format!("What is the {} of {names}?", other.replace('-', " ")),
    };
    Unknown {
        moves: findings(groups()),
        ..unknown(
            UnknownKind::Fact,
            format!("{question} {} assumes {assumed}", policies.join(" and ")),
        )
    }
}

/// Whether a fact is about the host (the team answers it) rather than about the vulnerability.
fn is_of_host(name: &str) -> bool {
    matches!(
        name,
        "exposed" | "exposure" | "human-impact" | "criticality" | "zone" | "detected"
    )
}

/// Hosts no feed covers and hosts without packages; several of one kind are one line.
fn not_covered(targets: &[Target]) -> Vec<Unknown> {
    let mut by_ecosystems: BTreeMap<Vec<&str>, Vec<&Target>> = BTreeMap::new();
    for target in targets {
        if target.packages == 0 || uncovered(target) >= target.packages {
            let names = target.not_covered.iter().map(|(name, _)| name.as_str());
            by_ecosystems
                .entry(names.collect())
                .or_default()
                .push(target);
        }
    }
    let line = |(names, targets): (Vec<&str>, Vec<&Target>)| {
        let hosts = Hosts::named(targets.iter().map(|t| t.name.clone())).said(NAMES);
        let what = match (names.as_slice(), targets.as_slice()) {
            ([], _) => format!("{hosts}: no packages were found"),
            (_, [only]) => format!("{hosts}: no feed knows {}", ecosystems(only)),
            (names, _) => format!("{hosts}: no feed knows {}", named(names)),
        };
        unknown(UnknownKind::Host, what)
    };
    by_ecosystems.into_iter().map(line).collect()
}

/// Ecosystems by name; those without one are told as such.
fn named(ecosystems: &[&str]) -> String {
    let name = |n: &&str| match *n {
        "" => "packages of no known ecosystem".to_owned(),
        name => name.to_owned(),
    };
    first_names(&ecosystems.iter().map(name).collect::<Vec<_>>(), NAMES)
}

/// Systems whose security updates have ended or soon will, each with its hosts: what is not found there is not known.
fn ending(targets: &[Target]) -> Vec<Unknown> {
    let mut hosts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for target in targets {
        for note in &target.notes {
            if let Some(sentence) = note.what.strip_prefix(SUPPORT) {
                hosts.entry(sentence).or_default().push(target.name.clone());
            }
        }
    }
    let line = |(sentence, hosts): (&str, Vec<String>)| {
        let what = format!("Ending: {sentence}: {}", Hosts::named(hosts).said(NAMES));
        unknown(UnknownKind::Host, what)
    };
    hosts.into_iter().map(line).collect()
}

fn packages(targets: &[Target]) -> Option<Unknown> {
    let partly: Vec<_> = targets
        .iter()
        .filter(|t| uncovered(t) > 0 && uncovered(t) < t.packages)
        .collect();
    let total: usize = partly.iter().map(|t| uncovered(t)).sum();
    let names: BTreeSet<&str> = partly
        .iter()
        .flat_map(|t| &t.not_covered)
        .map(|(ecosystem, _)| ecosystem.as_str())
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    (total > 0).then(|| {
        unknown(
            UnknownKind::Packages,
            format!(
                "{} on {}: no feed knows {}",
                count(total, "package", "packages"),
                count(partly.len(), "host", "hosts"),
                named(&names)
            ),
        )
    })
}

/// The feeds that are stale, and those without a date, a line each.
fn feeds(today: &Today) -> Vec<Unknown> {
    let feeds = &today.catalog.feeds;
    let stale = today.stale_feeds.iter().map(|name| {
        let as_of = feeds.iter().find(|f| f.name == *name).and_then(|f| f.as_of);
        as_of.map_or_else(
            || format!("{name} (date unknown)"),
            |at| format!("{name} ({})", age(at, today.now)),
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

fn age(at: Timestamp, now: Timestamp) -> String {
    let hours = usize::try_from((now.as_second() - at.as_second()) / 3600).unwrap_or(0);
    match hours {
        0..72 => format!("{} old", count(hours, "hour", "hours")),
        _ => format!("{} old", count(hours / 24, "day", "days")),
    }
}

/// What could not be read, and what was noted: the worst in full, the others counted.
fn inputs(today: &Today) -> Option<Unknown> {
    let notes: Vec<TargetNote> = all_notes(&today.errors, &today.hosts)
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

fn severities(scene: &Scene<'_>) -> Option<Unknown> {
    let open = scene.open.iter().copied();
    let unrated = findings(open.filter(|g| g.finding.severity.is_none()));
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
