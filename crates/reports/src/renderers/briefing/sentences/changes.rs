//! What changed since the previous briefing, in words.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use drawing::text::{count, thousands};

use super::{NAMES, at, fleet, rated};
use crate::briefing::{Briefing, ChangedGroup, EXAMPLES, Hosts, Moved, Since};
use crate::wording::first_names;

/// What changed, a line each; one line when nothing did.
pub(in crate::renderers) fn lines(briefing: &Briefing) -> Vec<String> {
    let Some(c) = &briefing.changes else {
        let mut lines = vec!["No earlier briefing to compare with.".to_owned()];
        lines.extend(briefing.backlog.as_ref().map(fleet::backlog));
        return lines;
    };
    let mut lines = vec![totals(briefing, c)];
    lines.extend(briefing.voided.iter().take(NAMES).map(fleet::voided));
    if briefing.voided.len() > NAMES {
        let more = briefing.voided.len() - NAMES;
        lines.push(format!(
            "{} voided themselves",
            count(more, "more suppression", "more suppressions")
        ));
    }
    for (label, moved) in [
        ("New", &c.new),
        ("Reopened", &c.reopened),
        ("Fixed, seen by report", &c.fixed),
        ("Gone", &c.gone),
        ("Now known exploited", &c.turned_exploited),
        ("Open again, the suppression ended", &c.suppression_over),
        ("Newly suppressed", &c.newly_suppressed),
    ] {
        if !moved.is_empty() {
            // The label says it of all of them.
            let is_said = std::ptr::eq(moved, &c.turned_exploited);
            lines.push(format!("{label}: {}", arrivals(moved, is_said)));
        }
    }
    lines.extend(hosts(c));
    lines.extend(briefing.backlog.as_ref().map(fleet::backlog));
    lines
}

fn hosts(c: &Since) -> Vec<String> {
    let mut lines = Vec::new();
    let names = |hosts: &Hosts| match hosts.total > hosts.names.len() {
        true => format!("{} and others", hosts.names[..NAMES].join(", ")),
        false => first_names(&hosts.names, NAMES),
    };
    if !c.hosts_appeared.is_empty() {
        lines.push(format!(
            "{} appeared: {}",
            count(c.hosts_appeared.total, "host", "hosts"),
            names(&c.hosts_appeared)
        ));
    }
    if !c.hosts_vanished.is_empty() {
        let hosts = count(c.hosts_vanished.total, "host", "hosts");
        let names = names(&c.hosts_vanished);
        lines.push(format!(
            "{hosts} vanished: {names}; what was found there counts neither as fixed nor as open"
        ));
    }
    lines
}

/// Findings folded over packages and hosts, known exploited and worst first: `CVE-2023-5363 (high) in openssl on 3 hosts`.
fn arrivals(moved: &Moved, is_exploited_said: bool) -> String {
    type Row<'a> = (Reverse<bool>, Reverse<Option<base::Severity>>, &'a str);
    let mut rows: BTreeMap<Row<'_>, Vec<&ChangedGroup>> = BTreeMap::new();
    for group in &moved.examples {
        let is_exploited = group.known_exploited && !is_exploited_said;
        let row = (Reverse(is_exploited), Reverse(group.severity), &*group.id);
        rows.entry(row).or_default().push(group);
    }
    let said: Vec<String> = rows
        .iter()
        .map(|((exploited, rating, id), groups)| {
            let exploited = if exploited.0 { ", known exploited" } else { "" };
            let packages: BTreeSet<&String> = groups.iter().map(|g| &g.package).collect();
            let packages: Vec<String> = packages.into_iter().cloned().collect();
            format!(
                "{id} ({}{exploited}) in {} on {}",
                rated(rating.0),
                first_names(&packages, NAMES - 1),
                place(groups)
            )
        })
        .collect();
    match moved.examples.len() == EXAMPLES {
        true => format!("{} and others", said[..said.len().min(NAMES)].join(", ")),
        false => first_names(&said, NAMES),
    }
}

/// One host by its name, several by their number; where not all names are kept, at least so many.
fn place(groups: &[&ChangedGroup]) -> String {
    let is_whole = groups.iter().all(|g| g.hosts.names.len() == g.hosts.total);
    let names: BTreeSet<&String> = groups.iter().flat_map(|g| &g.hosts.names).collect();
    match (groups, names.len()) {
        ([only], _) if only.hosts.total > 1 => count(only.hosts.total, "host", "hosts"),
        (_, 1) => names.into_iter().cloned().collect(),
        (_, n) if is_whole => count(n, "host", "hosts"),
        _ => {
            let most = groups.iter().map(|g| g.hosts.total).max().unwrap_or(0);
            format!("{} or more", count(most, "host", "hosts"))
        }
    }
}

fn totals(briefing: &Briefing, c: &Since) -> String {
    let was = |now: usize, before: usize, words: &str| {
        if now == before {
            format!("{} {words}", thousands(now))
        } else {
            format!("{} {words} (was {})", thousands(now), thousands(before))
        }
    };
    let s = &briefing.scope;
    let moved = [
        (&c.new, "new"),
        (&c.fixed, "fixed (seen by report)"),
        (&c.gone, "gone"),
        (&c.reopened, "reopened"),
        (&c.suppression_over, "open again"),
        (&c.newly_suppressed, "newly suppressed"),
    ];
    if moved.iter().all(|(moved, _)| moved.is_empty()) {
        return "Nothing new and nothing gone.".to_owned();
    }
    let is_told_at_zero = |words: &str| match words {
        "new" => true,
        "gone" => c.fixed.is_empty(),
        _ => false,
    };
    let moved: Vec<String> = moved
        .iter()
        .filter(|(moved, words)| !moved.is_empty() || is_told_at_zero(words))
        .map(|(moved, words)| format!("{} {words}", thousands(moved.findings)))
        .collect();
    format!(
        "{} · {} · {} · {}",
        moved.join(", "),
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
pub(in crate::renderers) fn heading(briefing: &Briefing) -> String {
    briefing.changes.as_ref().map_or_else(
        || "What changed".to_owned(),
        |c| format!("Since {}", at(c.at)),
    )
}
