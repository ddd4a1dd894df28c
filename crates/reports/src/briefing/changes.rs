//! Today against the previous briefing, finding by finding.
//!
//! A finding is the same one when its key is the same, or its key without the version: an upgrade that did not close it leaves
//! it there. What it is called plays no part, because a name changes on the day it becomes known as exploited.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{ChangedFinding, Changes, Memory, PreviousBriefing, RememberedFinding};
use super::previous::around_version;

/// A finding then and now; one side is missing when it came or went.
type Pair<'a> = (Option<&'a RememberedFinding>, Option<&'a RememberedFinding>);

/// What is new, gone, turned exploited, and moved into or out of suppression; findings of a host that vanished are not
/// counted as gone.
pub(super) fn changes(previous: &PreviousBriefing, now: &Memory) -> Changes {
    let hosts_before: BTreeSet<&String> = previous.memory.hosts.iter().collect();
    let hosts_after: BTreeSet<&String> = now.hosts.iter().collect();
    let mut changes = totals_before(previous);
    for pair in pairs(&previous.memory.findings, &now.findings) {
        match pair {
            (None, Some(f)) if !f.suppressed => changes.new.push(changed(f)),
            (Some(f), None) if !f.suppressed && hosts_after.contains(&f.host) => {
                changes.gone.push(changed(f));
            }
            (Some(before), Some(after)) => compare(before, after, &mut changes),
            _ => {}
        }
    }
    changes.hosts_appeared = names(hosts_after.difference(&hosts_before));
    changes.hosts_vanished = names(hosts_before.difference(&hosts_after));
    changes
}

fn compare(before: &RememberedFinding, after: &RememberedFinding, changes: &mut Changes) {
    match (before.suppressed, after.suppressed) {
        (true, false) => changes.suppression_over.push(changed(after)),
        (false, true) => changes.newly_suppressed.push(changed(after)),
        _ => {}
    }
    if after.known_exploited && !before.known_exploited && !after.suppressed {
        changes.turned_exploited.push(changed(after));
    }
}

fn totals_before(previous: &PreviousBriefing) -> Changes {
    let open = || previous.memory.findings.iter().filter(|f| !f.suppressed);
    Changes {
        since: previous.now,
        findings_before: open().count(),
        overdue_before: open().filter(|f| f.overdue).count(),
        known_exploited_before: open().filter(|f| f.known_exploited).count(),
        ..Changes::default()
    }
}

/// Findings of both days side by side: by key, and what is left by key without the version. Two of one identity (two
/// versions of a library on one host) stay two.
fn pairs<'a>(before: &'a [RememberedFinding], after: &'a [RememberedFinding]) -> Vec<Pair<'a>> {
    let by_key = sides(before.iter(), after.iter(), |f| f.key.as_str());
    let (mut pairs, left): (Vec<Pair<'_>>, Vec<Pair<'_>>) = by_key
        .into_iter()
        .partition(|(then, now)| then.is_some() && now.is_some());
    let then = left.iter().filter_map(|(then, _)| *then);
    let now = left.iter().filter_map(|(_, now)| *now);
    pairs.extend(sides(then, now, |f| {
        around_version(&f.key).unwrap_or((&f.key, ""))
    }));
    pairs
}

/// The findings of two lists side by side; those of one name in their order.
fn sides<'a, K: Ord>(
    before: impl Iterator<Item = &'a RememberedFinding>,
    after: impl Iterator<Item = &'a RememberedFinding>,
    name: impl Fn(&'a RememberedFinding) -> K,
) -> Vec<Pair<'a>> {
    let mut rows: BTreeMap<K, (Vec<_>, Vec<_>)> = BTreeMap::new();
    for f in before {
        rows.entry(name(f)).or_default().0.push(f);
    }
    for f in after {
        rows.entry(name(f)).or_default().1.push(f);
    }
    rows.into_values()
        .flat_map(|(then, now)| {
            let most = then.len().max(now.len());
            (0..most).map(move |n| (then.get(n).copied(), now.get(n).copied()))
        })
        .collect()
}

fn names<'a>(names: impl Iterator<Item = &'a &'a String>) -> Vec<String> {
    names.map(|name| (*name).clone()).collect()
}

fn changed(finding: &RememberedFinding) -> ChangedFinding {
    ChangedFinding {
        key: finding.key.clone(),
        id: finding.id.clone(),
        package: finding.package.clone(),
        host: finding.host.clone(),
        severity: finding.severity,
        known_exploited: finding.known_exploited,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    /// `id version [label] [kev] [suppressed]` of a kernel on one host.
    fn finding(text: &str) -> RememberedFinding {
        let mut words = text.split(' ');
        let (id, version) = (words.next().unwrap(), words.next().unwrap());
        let marks: Vec<&str> = words.collect();
        RememberedFinding {
            key: format!("{id}|AlmaLinux:9|kernel|{version}|build-02"),
            id: marks
                .iter()
                .find(|m| m.starts_with("CVE"))
                .map_or_else(|| id.to_owned(), |m| (*m).to_owned()),
            package: "kernel".to_owned(),
            host: "build-02".to_owned(),
            severity: None,
            known_exploited: marks.contains(&"kev"),
            overdue: false,
            suppressed: marks.contains(&"suppressed"),
            first_seen: Timestamp::UNIX_EPOCH,
        }
    }

    fn memory(findings: &[&str]) -> Memory {
        Memory {
            hosts: vec!["build-02".to_owned()],
            findings: findings.iter().map(|f| finding(f)).collect(),
            told: vec![],
        }
    }

    /// What changes between two days: `new`, `gone`, `exploited`, `over` and `suppressed`, each with its ids.
    fn check(before: &[&str], after: &[&str], expected: &[&str]) {
        let previous = PreviousBriefing {
            now: Timestamp::UNIX_EPOCH,
            memory: memory(before),
        };
        let c = changes(&previous, &memory(after));
        let lists = [
            ("new", &c.new),
            ("gone", &c.gone),
            ("exploited", &c.turned_exploited),
            ("over", &c.suppression_over),
            ("suppressed", &c.newly_suppressed),
        ];
        let said: Vec<String> = lists
            .into_iter()
            .flat_map(|(word, list)| list.iter().map(move |f| format!("{word} {}", f.id)))
            .collect();
        assert_eq!(said, expected, "{before:?} -> {after:?}");
    }

    #[test]
    fn another_name_is_not_another_finding() {
        check(
            &["ALSA-1 5.14-1 CVE-2026-1"],
            &["ALSA-1 5.14-1 CVE-2026-2 kev"],
            &["exploited CVE-2026-2"],
        );
    }

    #[test]
    fn two_errata_with_one_name_are_two() {
        let two = ["ALSA-1 5.14-1 CVE-2026-1", "ALSA-2 5.14-1 CVE-2026-1"];
        check(&[], &two, &["new CVE-2026-1", "new CVE-2026-1"]);
        check(&two, &two[..1], &["gone CVE-2026-1"]);
        check(&two[1..], &two, &["new CVE-2026-1"]);
    }

    #[test]
    fn an_upgrade_that_closes_nothing_changes_nothing() {
        check(&["ALSA-1 5.14-1"], &["ALSA-1 5.14-2"], &[]);
        // Two versions side by side, of which one is removed and the other upgraded.
        check(
            &["ALSA-1 5.14-1", "ALSA-1 5.14-2"],
            &["ALSA-1 5.14-3"],
            &["gone ALSA-1"],
        );
        check(
            &["ALSA-1 5.14-1", "ALSA-1 5.14-2"],
            &["ALSA-1 5.14-2"],
            &["gone ALSA-1"],
        );
    }

    #[test]
    fn what_a_suppression_hides_is_neither_gone_nor_new_when_it_ends() {
        let (open, aside) = (["ALSA-1 5.14-1"], ["ALSA-1 5.14-1 suppressed"]);
        check(&open, &aside, &["suppressed ALSA-1"]);
        check(&aside, &open, &["over ALSA-1"]);
        check(&aside, &[], &[]);
        check(&[], &aside, &[]);
        check(
            &aside,
            &["ALSA-1 5.14-1 kev"],
            &["exploited ALSA-1", "over ALSA-1"],
        );
    }

    #[test]
    fn only_open_findings_are_counted() {
        let previous = PreviousBriefing {
            now: Timestamp::UNIX_EPOCH,
            memory: memory(&["ALSA-1 5.14-1 kev suppressed", "ALSA-2 5.14-1 kev"]),
        };
        let c = changes(&previous, &memory(&[]));
        assert_eq!((c.findings_before, c.known_exploited_before), (1, 1));
    }
}
