//! What a briefing says, in words, for every format that people read. Plain text: each format escapes it for its medium.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use base::Severity;
use drawing::text::{count, thousands};
use jiff::Timestamp;

use crate::briefing::{
    Briefing, ChangedFinding, Changes, Deadline, EcosystemFix, Ending, Exploited, ExploitedEntry,
    NoFix, PatchLine, Status, Task, Unknown, Urgency, Verdict,
};
use crate::wording::{
    day, distinct_cves, first_names, no_fix, overdue_for, probability, severity, short_digest,
    unimportant as unimportant_findings,
};

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
        "{}; {findings}, {} overdue, {} known exploited{}",
        looked_at(briefing),
        thousands(s.overdue),
        thousands(s.known_exploited),
        distinct_cves(s)
    )
}

/// A moment of today for people.
fn at(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%MZ").to_string()
}

/// A deadline as the page shows it.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) deadline: &'a Deadline,
    /// The upgrade has the same date, hosts and reasons as the triage before it, so one line asks for both.
    then_upgrade: bool,
}

impl<'a> Line<'a> {
    fn is_overdue(&self) -> bool {
        self.deadline.urgency == Urgency::Overdue
    }

    /// What a triage and the upgrade after it share when one line can stand for both.
    fn shared(d: &'a Deadline) -> impl Ord + use<'a> {
        (
            d.by,
            (&d.package, &d.to),
            (&d.hosts, &d.vulnerabilities),
            (&d.policy, &d.row),
        )
    }
}

/// Every deadline, a triage and its upgrade on one line where they share everything else.
fn lines(briefing: &Briefing) -> Vec<Line<'_>> {
    let of = |task: Task| {
        let all = briefing.deadlines.iter().filter(move |d| d.task == task);
        all.map(Line::shared).collect::<BTreeSet<_>>()
    };
    let (triages, upgrades) = (of(Task::Triage), of(Task::Patch));
    let all = briefing.deadlines.iter();
    all.filter(|d| d.task != Task::Patch || !triages.contains(&Line::shared(d)))
        .map(|deadline| Line {
            deadline,
            then_upgrade: deadline.task == Task::Triage
                && upgrades.contains(&Line::shared(deadline)),
        })
        .collect()
}

/// The deadlines the page shows: the overdue ones with known exploited first, then what is due, by date.
pub(super) fn deadlines(briefing: &Briefing) -> Vec<Line<'_>> {
    let (mut overdue, ahead): (Vec<Line<'_>>, Vec<Line<'_>>) =
        lines(briefing).into_iter().partition(Line::is_overdue);
    overdue.sort_by_key(|l| (l.deadline.exploited.is_empty(), l.deadline.by));
    overdue.truncate(OVERDUE.max(DEADLINES.saturating_sub(ahead.len())));
    let room = DEADLINES.saturating_sub(overdue.len());
    overdue
        .into_iter()
        .chain(ahead.into_iter().take(room))
        .collect()
}

/// What the page leaves out of them: `31 more overdue, 2 more due in 72 hours`.
pub(super) fn deadlines_rest(briefing: &Briefing) -> Option<String> {
    let (all, shown) = (lines(briefing), deadlines(briefing));
    let missing = |overdue: bool| {
        let of = |lines: &[Line<'_>]| lines.iter().filter(|l| l.is_overdue() == overdue).count();
        of(&all) - of(&shown)
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
pub(super) fn task(line: &Line<'_>) -> String {
    let deadline = line.deadline;
    match (deadline.task, &deadline.to) {
        (Task::Triage, Some(to)) if line.then_upgrade => format!(
            "look for compromise, then upgrade {} to {to}",
            deadline.package
        ),
        (Task::Triage, _) => format!("look for compromise before patching {}", deadline.package),
        (Task::Patch, Some(to)) => format!("upgrade {} to {to}", deadline.package),
        (Task::Patch | Task::Mitigate, _) => {
            format!("decide on {}: nothing to install", deadline.package)
        }
    }
}

/// The vulnerabilities behind a deadline, those known to be exploited first: `CVE-2024-38475 known exploited; CVE-2024-38476
/// and 7 more`.
pub(super) fn reasons(deadline: &Deadline) -> String {
    let exploited: Vec<String> = deadline.exploited.iter().map(ToString::to_string).collect();
    let is_other = |label: &&String| {
        let id = label.split(' ').next().unwrap_or_default();
        !exploited.iter().any(|cve| cve == id)
    };
    let all = deadline.vulnerabilities.iter();
    let others: Vec<String> = all.filter(is_other).cloned().collect();
    match (exploited.as_slice(), others.as_slice()) {
        ([], others) => first_names(others, NAMES),
        (exploited, []) => format!("{} known exploited", first_names(exploited, NAMES)),
        (exploited, others) => format!(
            "{} known exploited; {}",
            first_names(exploited, NAMES),
            first_names(others, NAMES - 1)
        ),
    }
}

/// Since when a briefing has seen it, which a deadline counted from a listing years ago does not say; nothing on the first
/// morning, when everything is new.
pub(super) fn seen_since(briefing: &Briefing, deadline: &Deadline) -> Option<String> {
    let seen = deadline.first_seen?;
    Some(if seen == briefing.now {
        "first seen today".to_owned()
    } else {
        format!("seen since {}", date_of(seen))
    })
}

/// A day of the past.
fn date_of(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
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
        return format!("Nothing added to CISA's KEV list{since}{}", told(exploited));
    }
    let of = |pick: fn(&Verdict) -> bool| exploited.new.iter().filter(|e| pick(&e.verdict)).count();
    let mut parts = vec![format!(
        "{} on our hosts",
        of(|v| matches!(v, Verdict::Ours { .. }))
    )];
    for (n, words) in [
        (
            of(|v| matches!(v, Verdict::Suppressed { .. })),
            "suppressed here",
        ),
        (
            of(|v| matches!(v, Verdict::CannotSay)),
            "that no package feed covers",
        ),
        (of(|v| matches!(v, Verdict::NotFound)), "not on our hosts"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {words}"));
        }
    }
    format!(
        "{} added to CISA's KEV list{since}: {}{}",
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
            fixes,
        } => format!(
            "OURS: {} on {}; {}",
            first_names(packages, NAMES),
            first_names(hosts, NAMES),
            fixed_in(fixes)
        ),
        Verdict::Suppressed { hosts } => format!(
            "SUPPRESSED on {}: check that the reason still holds",
            first_names(hosts, NAMES)
        ),
        Verdict::NotFound => "not on our hosts".to_owned(),
        Verdict::CannotSay => "cannot say: no package feed covers it".to_owned(),
    }
}

/// `fixed in 1:9.0.117-2.el9_8 (AlmaLinux:9), 1:9.0.87-2.el8_10 (AlmaLinux:8); nothing to install yet for Debian:12`.
fn fixed_in(fixes: &[EcosystemFix]) -> String {
    let known = fixes.iter().filter(|f| !f.versions.is_empty());
    let known: Vec<String> = match fixes {
        [only] => known.map(|_| only.versions.join(" or ")).collect(),
        _ => known
            .map(|f| format!("{} ({})", f.versions.join(" or "), f.ecosystem))
            .collect(),
    };
    let open = fixes.iter().filter(|f| f.is_partly_open);
    let open: Vec<String> = open
        .map(|f| match f.versions.as_slice() {
            [] => f.ecosystem.clone(),
            _ => format!("some of {}", f.ecosystem),
        })
        .collect();
    match (known.as_slice(), open.as_slice()) {
        ([], _) => "nothing to install yet".to_owned(),
        (known, []) => format!("fixed in {}", first_names(known, NAMES)),
        (known, open) => format!(
            "fixed in {}; nothing to install yet for {}",
            first_names(known, NAMES),
            first_names(open, NAMES)
        ),
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

/// `12 findings, 1 known exploited, high, EPSS 0.81`.
pub(super) fn patch_closes(patch: &PatchLine) -> String {
    let mut parts = vec![count(patch.findings, "finding", "findings")];
    if patch.known_exploited > 0 {
        parts.push(format!("{} known exploited", patch.known_exploited));
    }
    parts.push(rated(patch.severity).to_owned());
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
    // An old feed does not know of a newer fix.
    let as_of = match entry.as_of.filter(|_| entry.is_stale) {
        Some(at) => format!(", as of {}", date_of(at)),
        None => String::new(),
    };
    format!(
        "{} ({}{exploited}) in {} on {}: {}{as_of}",
        entry.id,
        rated(entry.severity),
        first_names(&entry.packages, NAMES),
        first_names(&entry.hosts, NAMES),
        no_fix(entry.state)
    )
}

/// The findings that stand in no list because the vendor calls them no security problem, or nothing when there are none.
pub(super) fn unimportant(briefing: &Briefing) -> Option<String> {
    unimportant_findings(briefing.scope.unimportant)
}

/// A severity inside a sentence.
pub(super) fn rated(rating: Option<Severity>) -> &'static str {
    rating.map_or("not rated", |s| severity(Some(s)))
}

/// What changed, a line each; one line when nothing did.
pub(super) fn changes(briefing: &Briefing) -> Vec<String> {
    let Some(c) = &briefing.changes else {
        return vec!["No earlier briefing to compare with.".to_owned()];
    };
    let mut lines = vec![totals(briefing, c)];
    // The label says it of all of them.
    let turned: Vec<ChangedFinding> = c
        .turned_exploited
        .iter()
        .map(|f| ChangedFinding {
            known_exploited: false,
            ..f.clone()
        })
        .collect();
    for (label, found) in [
        ("New", &c.new),
        ("Gone", &c.gone),
        ("Now known exploited", &turned),
        ("Open again, the suppression ended", &c.suppression_over),
        ("Newly suppressed", &c.newly_suppressed),
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

/// Findings folded over packages and hosts, known exploited and worst first: `CVE-2023-5363 (high) in openssl on 3 hosts`.
fn arrivals(found: &[ChangedFinding]) -> Vec<String> {
    type Places<'a> = (BTreeSet<&'a str>, BTreeSet<&'a str>);
    let mut rows: BTreeMap<_, Places<'_>> = BTreeMap::new();
    for f in found {
        let row = (Reverse(f.known_exploited), Reverse(f.severity), &f.id);
        let (packages, hosts) = rows.entry(row).or_default();
        packages.insert(&f.package);
        hosts.insert(&f.host);
    }
    rows.iter()
        .map(|((exploited, rating, id), (packages, hosts))| {
            let exploited = if exploited.0 { ", known exploited" } else { "" };
            let packages: Vec<String> = packages.iter().map(|p| (*p).to_owned()).collect();
            let place = match hosts.len() {
                1 => hosts.iter().copied().collect(),
                n => count(n, "host", "hosts"),
            };
            format!(
                "{id} ({}{exploited}) in {} on {place}",
                rated(rating.0),
                first_names(&packages, NAMES - 1)
            )
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
    let lists = [&c.new, &c.gone, &c.suppression_over, &c.newly_suppressed];
    if lists.iter().all(|list| list.is_empty()) {
        return "Nothing new and nothing gone.".to_owned();
    }
    let mut moved = format!(
        "{} new, {} gone",
        thousands(c.new.len()),
        thousands(c.gone.len())
    );
    for (n, words) in [
        (c.suppression_over.len(), "open again"),
        (c.newly_suppressed.len(), "newly suppressed"),
    ] {
        if n > 0 {
            moved.push_str(&format!(", {} {words}", thousands(n)));
        }
    }
    format!(
        "{moved} · {} · {} · {}",
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
    let mut lines = Vec::new();
    if aside.findings > 0 {
        lines.push(format!(
            "{} suppressed",
            count(aside.findings, "finding is", "findings are")
        ));
    }
    lines.extend(
        aside
            .ending
            .iter()
            .take(NAMES)
            .map(|e| ending(e, briefing.now)),
    );
    if aside.ending.len() > NAMES {
        lines.push(format!(
            "{} more end within a week",
            count(aside.ending.len() - NAMES, "suppression", "suppressions")
        ));
    }
    let notes = aside.notes.iter().take(NAMES);
    lines.extend(notes.cloned());
    if aside.notes.len() > NAMES {
        lines.push(format!(
            "{} more on suppressions",
            count(aside.notes.len() - NAMES, "note", "notes")
        ));
    }
    lines.extend(unimportant(briefing));
    lines
}

/// `Suppression ended 2026-08-04, 12 findings are open again: CVE-2026-1 on target web-03 (web operations)`.
fn ending(ending: &Ending, now: Timestamp) -> String {
    let (owner, day, scope) = (
        &ending.owner,
        date_of(ending.until),
        short_scope(&ending.scope),
    );
    if ending.until < now {
        let back = count(ending.findings, "finding is", "findings are");
        format!("Suppression ended {day}, {back} open again: {scope} ({owner})")
    } else {
        let covered = count(ending.findings, "finding", "findings");
        format!("Suppression ends {day} and covers {covered}: {scope} ({owner})")
    }
}

/// A scope with its first ids: an entry may name a hundred.
fn short_scope(scope: &str) -> String {
    let (ids, on) = match scope.split_once(" on ") {
        Some((ids, on)) => (ids, format!(" on {on}")),
        None => (scope, String::new()),
    };
    let ids: Vec<String> = ids.split(", ").map(str::to_owned).collect();
    format!("{}{on}", first_names(&ids, NAMES - 1))
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
