//! What changed since the previous briefing, in words.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use drawing::text::{count, thousands};

use super::{NAMES, at, rated};
use crate::briefing::{Briefing, ChangedFinding, Changes};
use crate::wording::first_names;

/// What changed, a line each; one line when nothing did.
pub(in crate::renderers) fn lines(briefing: &Briefing) -> Vec<String> {
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
pub(in crate::renderers) fn heading(briefing: &Briefing) -> String {
    briefing.changes.as_ref().map_or_else(
        || "What changed".to_owned(),
        |c| format!("Since {}", at(c.since)),
    )
}
