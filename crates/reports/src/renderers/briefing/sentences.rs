//! What a briefing says, in words, for every format that people read. Plain text: each format escapes it for its medium.

pub(super) mod changes;
pub(super) mod deadlines;
pub(super) mod exploited;
pub(super) mod fleet;
pub(super) mod owners;
pub(super) mod set_aside;
pub(super) mod standing;

use base::Severity;
use drawing::text::{count, thousands};
use jiff::Timestamp;

use crate::briefing::{Briefing, Hosts, NoFix, PatchLine, Status, Unknown};
use crate::wording::{
    day, first_names, no_fix, overdue_for, probability, severity, short_digest,
    unimportant as unimportant_findings,
};

/// How many patches the page shows.
pub(super) const PATCHES: usize = 10;
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
    let reach = briefing.reach.as_ref().map(fleet::reach);
    let hosts = format!("{}{hosts}", reach.unwrap_or_default());
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
    let beside = standing::beside(s)
        .map(|b| format!("; {b}"))
        .unwrap_or_default();
    format!(
        "{}; {findings}, {} overdue, {} known exploited{}{beside}",
        looked_at(briefing),
        thousands(s.overdue),
        thousands(s.known_exploited),
        s.distinct_cves()
    )
}

/// A moment of today for people.
fn at(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%MZ").to_string()
}

/// A day of the past.
fn date_of(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// Hosts, and who owns them.
pub(super) fn places(hosts: &Hosts, owners: &[String]) -> String {
    let names = hosts.said(NAMES);
    if owners.is_empty() {
        names
    } else {
        format!("{names} ({})", first_names(owners, NAMES))
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
        entry.hosts.said(NAMES),
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

/// An unknown, with how many deadlines an answer may move.
pub(super) fn unknown(unknown: &Unknown) -> String {
    match unknown.moves {
        0 => unknown.what.clone(),
        n => {
            let answer = match &unknown.answer {
                Some(command) => format!(": {command}"),
                None => String::new(),
            };
            format!(
                "{}; an answer may move {}{answer}",
                unknown.what,
                count(n, "deadline", "deadlines")
            )
        }
    }
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
    let catalog = short_digest(&briefing.catalog.digest);
    let record = fleet::record(briefing)
        .map(|r| format!(" · {r}"))
        .unwrap_or_default();
    format!("Catalog {catalog}: {feeds}{record}")
}

/// The rest of a list that the page does not show: `4 more`.
pub(super) fn rest(total: usize, shown: usize) -> Option<String> {
    (total > shown).then(|| format!("{} more", thousands(total - shown)))
}
