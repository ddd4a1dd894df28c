//! What a briefing says, in words, for every format that people read. Plain text: each format escapes it for its medium.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use drawing::text::{count, thousands};
use jiff::Timestamp;

use crate::briefing::{
    Briefing, ChangedFinding, Changes, Deadline, Exploited, ExploitedEntry, NoFix, PatchLine,
    Status, Task, Unknown, Urgency, Verdict,
};
use crate::wording::{day, first_names, no_fix, overdue_for, probability, severity, short_digest};

/// How many patches the page shows.
pub(super) const PATCHES: usize = 10;
/// How many deadlines the page shows.
const DEADLINES: usize = 12;
/// How many of those may be overdue, so that a backlog never hides what is due today.
const OVERDUE: usize = 6;
/// How many new KEV entries the page shows.
pub(super) const EXPLOITED: usize = 8;
/// How many vulnerabilities without a fix the page shows.
pub(super) const NO_FIX: usize = 6;
/// How many unknowns the page shows.
pub(super) const UNKNOWNS: usize = 8;
/// How many names stand in one cell.
const NAMES: usize = 3;

/// `Friday 2026-08-21, 05:30 UTC`.
pub(super) fn date(briefing: &Briefing) -> String {
    briefing.now.strftime("%A %Y-%m-%d, %H:%M UTC").to_string()
}

/// The status as a word that stands out without colour.
pub(super) const fn status(status: Status) -> &'static str {
    match status {
        Status::Worse => "WORSE",
        Status::Same => "SAME",
        Status::Better => "BETTER",
        Status::First => "FIRST BRIEFING",
    }
}

/// What comes before the action.
pub(super) const fn action_label(briefing: &Briefing) -> &'static str {
    if briefing.deadlines.is_empty() {
        "Today"
    } else {
        "Do today"
    }
}

/// The action as a sentence.
pub(super) fn action(briefing: &Briefing) -> String {
    format!("{}.", briefing.action)
}

/// What was looked at: `As of 2026-08-21 05:30Z: 3 hosts (1 not covered by any feed), 1,712 packages`.
pub(super) fn looked_at(briefing: &Briefing) -> String {
    let s = &briefing.scope;
    let uncovered = match s.hosts_not_covered {
        0 => String::new(),
        n => format!(" ({} not covered by any feed)", thousands(n)),
    };
    let hosts = count(s.hosts, "host", "hosts");
    format!(
        "As of {}: {hosts}{uncovered}, {}",
        at(briefing.now),
        count(s.packages, "package", "packages")
    )
}

/// The same with what it comes to.
pub(super) fn scope(briefing: &Briefing) -> String {
    let s = &briefing.scope;
    let findings = count(s.findings, "open finding", "open findings");
    format!(
        "{}; {findings}, {} overdue, {} known exploited",
        looked_at(briefing),
        thousands(s.overdue),
        thousands(s.known_exploited)
    )
}

/// A moment of today for people.
fn at(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%MZ").to_string()
}

/// The deadlines the page shows: the overdue ones with known exploited first, then what is due, by date.
pub(super) fn deadlines(briefing: &Briefing) -> Vec<&Deadline> {
    let all = briefing.deadlines.iter();
    let (mut overdue, ahead): (Vec<&Deadline>, Vec<&Deadline>) =
        all.partition(|d| d.urgency == Urgency::Overdue);
    overdue.sort_by_key(|d| (!d.known_exploited, d.by));
    overdue.truncate(OVERDUE.max(DEADLINES.saturating_sub(ahead.len())));
    let room = DEADLINES.saturating_sub(overdue.len());
    overdue
        .into_iter()
        .chain(ahead.into_iter().take(room))
        .collect()
}

/// What the page leaves out of them: `31 more overdue, 2 more due in 72 hours`.
pub(super) fn deadlines_rest(briefing: &Briefing) -> Option<String> {
    let shown = deadlines(briefing);
    let missing = |overdue: bool| {
        let of = |d: &Deadline| (d.urgency == Urgency::Overdue) == overdue;
        briefing.deadlines.iter().filter(|d| of(d)).count() - shown.iter().filter(|d| of(d)).count()
    };
    let parts = [
        (missing(true), "overdue"),
        (missing(false), "due in 72 hours"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, words)| format!("{} more {words}", thousands(*n)))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// When a deadline is, in a few words.
pub(super) fn when(deadline: &Deadline, now: Timestamp) -> String {
    match deadline.urgency {
        Urgency::Overdue => overdue_for(deadline.by, now)
            .to_uppercase()
            .replacen(" BY ", " ", 1),
        Urgency::Day | Urgency::ThreeDays => {
            format!("{} {}", deadline.by.strftime("%a"), day(deadline.by))
        }
    }
}

/// What a deadline asks for.
pub(super) fn task(deadline: &Deadline) -> String {
    match (deadline.task, &deadline.to) {
        (Task::Triage, _) => format!("look for compromise, before patching {}", deadline.package),
        (Task::Patch, Some(to)) => format!("upgrade {} to {to}", deadline.package),
        (Task::Patch | Task::Mitigate, _) => {
            format!("decide on {}: nothing to install", deadline.package)
        }
    }
}

/// The vulnerabilities behind a deadline.
pub(super) fn reasons(deadline: &Deadline) -> String {
    let exploited = if deadline.known_exploited {
        ", known exploited"
    } else {
        ""
    };
    format!(
        "{}{exploited}",
        first_names(&deadline.vulnerabilities, NAMES)
    )
}

/// Hosts, and who owns them.
pub(super) fn places(hosts: &[String], owners: &[String]) -> String {
    let names = first_names(hosts, NAMES);
    if owners.is_empty() {
        names
    } else {
        format!("{names} ({})", owners.join(", "))
    }
}

/// The policy row that set a date.
pub(super) fn rule(deadline: &Deadline) -> String {
    format!("{} row {}", deadline.policy, deadline.row)
}

/// How many new entries are ours and how many are not.
pub(super) fn exploited_summary(exploited: &Exploited) -> String {
    let since = exploited
        .since
        .map_or_else(String::new, |d| format!(" since {d}"));
    if exploited.new.is_empty() {
        return format!("Nothing added to KEV{since}{}", told(exploited));
    }
    let of = |pick: fn(&Verdict) -> bool| exploited.new.iter().filter(|e| pick(&e.verdict)).count();
    let mut parts = vec![format!(
        "{} matched",
        of(|v| matches!(v, Verdict::Ours { .. }))
    )];
    for (n, words) in [
        (
            of(|v| matches!(v, Verdict::Suppressed { .. })),
            "suppressed here",
        ),
        (of(|v| matches!(v, Verdict::CannotSay)), "we cannot say"),
        (of(|v| matches!(v, Verdict::NotFound)), "not on our hosts"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {words}"));
        }
    }
    format!(
        "{} added to KEV{since}: {}{}",
        exploited.new.len(),
        parts.join(", "),
        told(exploited)
    )
}

fn told(exploited: &Exploited) -> String {
    match exploited.told_before {
        0 => String::new(),
        n => format!(" ({n} more told in earlier briefings)"),
    }
}

/// `Apache Tomcat, added 2026-08-04, CISA due 2026-08-07`.
pub(super) fn exploited_about(entry: &ExploitedEntry) -> String {
    let due = entry
        .due
        .map_or_else(String::new, |d| format!(", CISA due {d}"));
    let ransomware = if entry.ransomware == Some(true) {
        ", used in ransomware"
    } else {
        ""
    };
    format!("{}, added {}{due}{ransomware}", entry.product, entry.added)
}

/// What an entry means here.
pub(super) fn exploited_verdict(entry: &ExploitedEntry) -> String {
    match &entry.verdict {
        Verdict::Ours {
            hosts,
            packages,
            fixed,
        } => {
            let fix = fixed.as_ref().map_or_else(
                || "nothing to install yet".to_owned(),
                |v| format!("fixed in {v}"),
            );
            format!(
                "OURS: {} on {}, {fix}",
                first_names(packages, NAMES),
                first_names(hosts, NAMES)
            )
        }
        Verdict::Suppressed { hosts } => format!(
            "SUPPRESSED on {}: check that the reason still holds",
            first_names(hosts, NAMES)
        ),
        Verdict::NotFound => "not on our hosts".to_owned(),
        Verdict::CannotSay => "cannot say: no package feed covers it".to_owned(),
    }
}

/// `upgrade openssl 3.0.9-1 → 3.0.14-1~deb12u2`.
pub(super) fn upgrade(patch: &PatchLine) -> String {
    let from = match patch.from.as_slice() {
        [] => String::new(),
        [one] => format!(" {one}"),
        [first, .., last] => format!(" {first} … {last}"),
    };
    format!("{}{from} → {}", patch.package, patch.to)
}

/// `12 findings, 1 KEV, high, EPSS 0.81`.
pub(super) fn patch_closes(patch: &PatchLine) -> String {
    let mut parts = vec![count(patch.findings, "finding", "findings")];
    if patch.known_exploited > 0 {
        parts.push(format!("{} KEV", patch.known_exploited));
    }
    parts.push(severity(patch.severity).to_owned());
    parts.extend(patch.epss.map(|e| format!("EPSS {}", probability(e))));
    parts.join(", ")
}

/// Where, what it closes and by when, in a line under the patch.
pub(super) fn patch_about(patch: &PatchLine, now: Timestamp) -> String {
    let due = patch_due(patch, now);
    format!(
        "{} · {} · {due}",
        places(&patch.hosts, &patch.owners),
        patch_closes(patch)
    )
}

/// When a patch is due: `2026-08-24 (bod-26-04)`.
pub(super) fn patch_due(patch: &PatchLine, now: Timestamp) -> String {
    match &patch.due {
        Some((by, policy)) if *by < now => format!("{} ({policy})", overdue_for(*by, now)),
        Some((by, policy)) => format!("due {} ({policy})", day(*by)),
        None => "no deadline".to_owned(),
    }
}

/// What the page leaves out: `3 more patches close 18 findings`.
pub(super) fn patches_rest(patches: &[PatchLine]) -> Option<String> {
    let rest = patches.get(PATCHES..).filter(|r| !r.is_empty())?;
    let findings: usize = rest.iter().map(|p| p.findings).sum();
    let verb = if rest.len() == 1 { "closes" } else { "close" };
    Some(format!(
        "{} {verb} {}",
        count(rest.len(), "more patch", "more patches"),
        count(findings, "finding", "findings")
    ))
}

/// A vulnerability nothing fixes: `CVE-2023-45853 critical in zlib1g on web-01: vendor will not fix it`.
pub(super) fn without_fix(entry: &NoFix) -> String {
    let exploited = if entry.known_exploited {
        ", known exploited"
    } else {
        ""
    };
    format!(
        "{} ({}{exploited}) in {} on {}: {}",
        entry.id,
        severity(entry.severity),
        first_names(&entry.packages, NAMES),
        first_names(&entry.hosts, NAMES),
        no_fix(entry.state)
    )
}

/// What changed, a line each; one line when nothing did.
pub(super) fn changes(briefing: &Briefing) -> Vec<String> {
    let Some(c) = &briefing.changes else {
        return vec!["No earlier briefing to compare with.".to_owned()];
    };
    let mut lines = vec![totals(briefing, c)];
    for (label, found) in [
        ("New", &c.new),
        ("Gone", &c.gone),
        ("Now exploited", &c.turned_exploited),
    ] {
        if !found.is_empty() {
            lines.push(format!("{label}: {}", first_names(&arrivals(found), NAMES)));
        }
    }
    if !c.hosts_appeared.is_empty() {
        lines.push(format!(
            "{} appeared: {}",
            count(c.hosts_appeared.len(), "host", "hosts"),
            first_names(&c.hosts_appeared, NAMES)
        ));
    }
    if !c.hosts_vanished.is_empty() {
        let hosts = count(c.hosts_vanished.len(), "host", "hosts");
        let names = first_names(&c.hosts_vanished, NAMES);
        lines.push(format!(
            "{hosts} vanished: {names}; what was found there counts neither as fixed nor as open"
        ));
    }
    lines
}

/// Findings folded over hosts, worst first: `CVE-2023-5363 (high) in openssl on 3 hosts`.
fn arrivals(found: &[ChangedFinding]) -> Vec<String> {
    let mut hosts: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for f in found {
        hosts
            .entry((Reverse(f.severity), &f.id, &f.package))
            .or_default()
            .push(&f.host);
    }
    let place = |hosts: &[&str]| match hosts {
        [one] => (*one).to_owned(),
        many => count(many.len(), "host", "hosts"),
    };
    hosts
        .iter()
        .map(|((s, id, package), hosts)| {
            format!("{id} ({}) in {package} on {}", severity(s.0), place(hosts))
        })
        .collect()
}

fn totals(briefing: &Briefing, c: &Changes) -> String {
    let was = |now: usize, before: usize, words: &str| {
        if now == before {
            format!("{} {words}", thousands(now))
        } else {
            format!("{} {words} (was {})", thousands(now), thousands(before))
        }
    };
    let s = &briefing.scope;
    if c.new.is_empty() && c.gone.is_empty() {
        return "Nothing new and nothing gone.".to_owned();
    }
    format!(
        "{} new, {} gone · {} · {} · {}",
        thousands(c.new.len()),
        thousands(c.gone.len()),
        was(s.findings, c.findings_before, "open"),
        was(s.overdue, c.overdue_before, "overdue"),
        was(
            s.known_exploited,
            c.known_exploited_before,
            "known exploited"
        )
    )
}

/// The heading over the changes.
pub(super) fn changes_heading(briefing: &Briefing) -> String {
    briefing.changes.as_ref().map_or_else(
        || "What changed".to_owned(),
        |c| format!("Since {}", at(c.since)),
    )
}

/// An unknown, with how many deadlines an answer may move.
pub(super) fn unknown(unknown: &Unknown) -> String {
    match unknown.moves {
        0 => unknown.what.clone(),
        n => format!(
            "{}; an answer may move {}",
            unknown.what,
            count(n, "deadline", "deadlines")
        ),
    }
}

/// Suppressions, or nothing when there are none.
pub(super) fn set_aside(briefing: &Briefing) -> Vec<String> {
    let aside = &briefing.set_aside;
    if aside.findings == 0 && aside.ending.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "{} suppressed",
        count(aside.findings, "finding is", "findings are")
    )];
    for (scope, until) in aside.ending.iter().take(NAMES) {
        let word = if *until < briefing.now {
            "ended"
        } else {
            "ends"
        };
        lines.push(format!("{scope}: the suppression {word} {}", day(*until)));
    }
    if aside.ending.len() > NAMES {
        lines.push(format!(
            "{} more end within a week",
            aside.ending.len() - NAMES
        ));
    }
    lines
}

/// Every feed with the day it is good for.
pub(super) fn sources(briefing: &Briefing) -> String {
    let feeds = briefing.catalog.feeds.iter().map(|f| {
        let as_of = f.as_of.map_or_else(|| "date unknown".to_owned(), day);
        let stale = if briefing.stale_feeds.contains(&f.name) {
            ", stale"
        } else {
            ""
        };
        format!("{} ({as_of}{stale})", f.name)
    });
    let feeds: Vec<String> = feeds.collect();
    let feeds = if feeds.is_empty() {
        "no feeds".to_owned()
    } else {
        feeds.join(", ")
    };
    format!(
        "Catalog {}: {feeds}",
        short_digest(&briefing.catalog.digest)
    )
}

/// The rest of a list that the page does not show: `4 more`.
pub(super) fn rest(total: usize, shown: usize) -> Option<String> {
    (total > shown).then(|| format!("{} more", thousands(total - shown)))
}
