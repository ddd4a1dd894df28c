//! Today against the file of an earlier briefing, finding by finding and host by host.
//!
//! A finding is the same one when its key is the same, or its key without the version: an upgrade that did not close it leaves
//! it there. What it is called plays no part, because a name changes on the day it becomes known as exploited.

use std::collections::{BTreeMap, BTreeSet};

use super::hosts::Hosts;
use super::previous::{Memory, PreviousBriefing, RememberedGroup};
use super::since::{ChangedGroup, Moved, Since};

/// What is new, gone, turned exploited, and moved into or out of suppression; findings of a host that vanished are not
/// counted as gone.
pub(super) fn changes(previous: &PreviousBriefing, now: &Memory) -> Since {
    let before: BTreeSet<&str> = previous.memory.hosts.iter().map(String::as_str).collect();
    let after: BTreeSet<&str> = now.hosts.iter().map(String::as_str).collect();
    let mut found = Found::default();
    for (then, today) in rows(&previous.memory, now) {
        compare(then, today, &after, &mut found);
    }
    let moved = |what: What| Moved::of(found.take(what));
    Since {
        at: previous.now,
        new: moved(What::New),
        gone: moved(What::Gone),
        turned_exploited: moved(What::TurnedExploited),
        suppression_over: moved(What::SuppressionOver),
        newly_suppressed: moved(What::NewlySuppressed),
        hosts_appeared: Hosts::named(after.difference(&before).map(|h| (*h).to_owned())),
        hosts_vanished: Hosts::named(before.difference(&after).map(|h| (*h).to_owned())),
        ..totals_before(previous)
    }
}

fn totals_before(previous: &PreviousBriefing) -> Since {
    let open = |pick: fn(&RememberedGroup) -> bool| {
        let open = previous.memory.findings.iter().filter(|g| !g.suppressed);
        open.filter(|g| pick(g)).map(|g| g.hosts.len()).sum()
    };
    Since {
        findings_before: open(|_| true),
        overdue_before: open(|g| g.overdue),
        known_exploited_before: open(|g| g.known_exploited),
        ..Since::default()
    }
}

/// A finding on one host.
#[derive(Clone, Copy)]
struct One<'a> {
    host: &'a str,
    group: &'a RememberedGroup,
}

/// The findings of both days by what stays the same when an upgrade does not close them.
fn rows<'a>(
    then: &'a Memory,
    now: &'a Memory,
) -> impl Iterator<Item = (Vec<One<'a>>, Vec<One<'a>>)> {
    type Sides<'a> = (Vec<&'a RememberedGroup>, Vec<&'a RememberedGroup>);
    let mut by_identity: BTreeMap<&str, Sides<'_>> = BTreeMap::new();
    for group in &then.findings {
        by_identity
            .entry(group.identity())
            .or_default()
            .0
            .push(group);
    }
    for group in &now.findings {
        by_identity
            .entry(group.identity())
            .or_default()
            .1
            .push(group);
    }
    let each = |groups: Vec<&'a RememberedGroup>, memory: &'a Memory| -> Vec<One<'a>> {
        let of_group = |group: &'a RememberedGroup| {
            let names = group
                .hosts
                .iter()
                .filter_map(|&p| memory.hosts.get(p as usize));
            names.map(move |host| One { host, group })
        };
        groups.into_iter().flat_map(of_group).collect()
    };
    by_identity
        .into_values()
        .map(move |(before, after)| (each(before, then), each(after, now)))
}

/// Pairs the findings of one identity: on each host by version, and what is left in its order. Two of one identity (two
/// versions of a library on one host) stay two.
fn compare<'a>(
    then: Vec<One<'a>>,
    now: Vec<One<'a>>,
    hosts: &BTreeSet<&str>,
    found: &mut Found<'a>,
) {
    let exact = join(then, now, |one| (one.host, one.group.version()));
    let left = join(exact.only_then, exact.only_now, |one| (one.host, ""));
    for (before, after) in exact.both.into_iter().chain(left.both) {
        found.compare(before, after);
    }
    for after in left.only_now.into_iter().filter(|o| !o.group.suppressed) {
        found.add(What::New, after);
    }
    for before in left.only_then.into_iter().filter(|o| !o.group.suppressed) {
        if hosts.contains(before.host) {
            found.add(What::Gone, before);
        }
    }
}

/// Two lists side by side.
struct Joined<'a> {
    both: Vec<(One<'a>, One<'a>)>,
    only_then: Vec<One<'a>>,
    only_now: Vec<One<'a>>,
}

fn join<'a, K: Ord>(
    mut then: Vec<One<'a>>,
    mut now: Vec<One<'a>>,
    key: impl Fn(&One<'a>) -> K,
) -> Joined<'a> {
    then.sort_by_key(&key);
    now.sort_by_key(&key);
    let mut joined = Joined {
        both: Vec::new(),
        only_then: Vec::new(),
        only_now: Vec::new(),
    };
    let (mut then, mut now) = (then.into_iter().peekable(), now.into_iter().peekable());
    while let (Some(a), Some(b)) = (then.peek(), now.peek()) {
        match key(a).cmp(&key(b)) {
            std::cmp::Ordering::Less => joined.only_then.extend(then.next()),
            std::cmp::Ordering::Greater => joined.only_now.extend(now.next()),
            std::cmp::Ordering::Equal => joined.both.extend(then.next().zip(now.next())),
        }
    }
    joined.only_then.extend(then);
    joined.only_now.extend(now);
    joined
}

/// What became of a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    New,
    Gone,
    TurnedExploited,
    SuppressionOver,
    NewlySuppressed,
}

/// What a change is told under: the id, the package, and how urgent it is.
type Told<'a> = (&'a str, &'a str, Option<base::Severity>, bool);

/// What became of all findings.
#[derive(Default)]
struct Found<'a> {
    by: BTreeMap<(What, Told<'a>), Vec<One<'a>>>,
}

impl<'a> Found<'a> {
    fn add(&mut self, what: What, one: One<'a>) {
        let g = one.group;
        let told = (&*g.id, &*g.package, g.severity, g.known_exploited);
        self.by.entry((what, told)).or_default().push(one);
    }

    fn compare(&mut self, before: One<'a>, after: One<'a>) {
        match (before.group.suppressed, after.group.suppressed) {
            (true, false) => self.add(What::SuppressionOver, after),
            (false, true) => self.add(What::NewlySuppressed, after),
            _ => {}
        }
        let turned = after.group.known_exploited && !before.group.known_exploited;
        if turned && !after.group.suppressed {
            self.add(What::TurnedExploited, after);
        }
    }

    fn take(&self, what: What) -> Vec<(ChangedGroup, usize)> {
        let of_kind = self.by.iter().filter(|((kind, _), _)| *kind == what);
        of_kind
            .map(|((_, told), ones)| changed(told, ones))
            .collect()
    }
}

fn changed(told: &Told<'_>, ones: &[One<'_>]) -> (ChangedGroup, usize) {
    let (id, package, severity, known_exploited) = *told;
    let key = |one: &One<'_>| format!("{}|{}", one.group.stem, one.host);
    let first = ones.iter().min_by_key(|one| (one.host, &one.group.stem));
    let group = ChangedGroup {
        key: first.map_or_else(String::new, key),
        id: id.to_owned(),
        package: package.to_owned(),
        hosts: Hosts::named(ones.iter().map(|one| one.host.to_owned())),
        severity,
        known_exploited,
    };
    (group, ones.len())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    /// `id version [label] [kev] [suppressed]` of a kernel on one host.
    fn finding(text: &str) -> RememberedGroup {
        let mut words = text.split(' ');
        let (id, version) = (words.next().unwrap(), words.next().unwrap());
        let marks: Vec<&str> = words.collect();
        RememberedGroup {
            stem: format!("{id}|AlmaLinux:9|kernel|{version}"),
            id: marks
                .iter()
                .find(|m| m.starts_with("CVE"))
                .map_or_else(|| id.to_owned(), |m| (*m).to_owned()),
            package: "kernel".to_owned(),
            hosts: vec![0],
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

    /// What changes between two days: `new`, `gone`, `exploited`, `over` and `suppressed`, each with its ids, one a finding.
    fn check(before: &[&str], after: &[&str], expected: &[&str]) {
        let previous = PreviousBriefing::new(Timestamp::UNIX_EPOCH, memory(before));
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
            .flat_map(|(word, moved)| {
                let ids = moved.examples.iter().map(|g| g.id.as_str());
                let ids: Vec<&str> = ids.collect();
                (moved.findings > 0).then(|| format!("{word} {} {}", moved.findings, ids.join(" ")))
            })
            .collect();
        assert_eq!(said, expected, "{before:?} -> {after:?}");
    }

    #[test]
    fn another_name_is_not_another_finding() {
        check(
            &["ALSA-1 5.14-1 CVE-2026-1"],
            &["ALSA-1 5.14-1 CVE-2026-2 kev"],
            &["exploited 1 CVE-2026-2"],
        );
    }

    #[test]
    fn two_errata_with_one_name_are_two() {
        let two = ["ALSA-1 5.14-1 CVE-2026-1", "ALSA-2 5.14-1 CVE-2026-1"];
        check(&[], &two, &["new 2 CVE-2026-1"]);
        check(&two, &two[..1], &["gone 1 CVE-2026-1"]);
        check(&two[1..], &two, &["new 1 CVE-2026-1"]);
    }

    #[test]
    fn an_upgrade_that_closes_nothing_changes_nothing() {
        check(&["ALSA-1 5.14-1"], &["ALSA-1 5.14-2"], &[]);
        // Two versions side by side, of which one is removed and the other upgraded.
        check(
            &["ALSA-1 5.14-1", "ALSA-1 5.14-2"],
            &["ALSA-1 5.14-3"],
            &["gone 1 ALSA-1"],
        );
        check(
            &["ALSA-1 5.14-1", "ALSA-1 5.14-2"],
            &["ALSA-1 5.14-2"],
            &["gone 1 ALSA-1"],
        );
    }

    #[test]
    fn what_a_suppression_hides_is_neither_gone_nor_new_when_it_ends() {
        let (open, aside) = (["ALSA-1 5.14-1"], ["ALSA-1 5.14-1 suppressed"]);
        check(&open, &aside, &["suppressed 1 ALSA-1"]);
        check(&aside, &open, &["over 1 ALSA-1"]);
        check(&aside, &[], &[]);
        check(&[], &aside, &[]);
        check(
            &aside,
            &["ALSA-1 5.14-1 kev"],
            &["exploited 1 ALSA-1", "over 1 ALSA-1"],
        );
    }

    #[test]
    fn only_open_findings_are_counted() {
        let memory_of = memory(&["ALSA-1 5.14-1 kev suppressed", "ALSA-2 5.14-1 kev"]);
        let previous = PreviousBriefing::new(Timestamp::UNIX_EPOCH, memory_of);
        let c = changes(&previous, &memory(&[]));
        assert_eq!((c.findings_before, c.known_exploited_before), (1, 1));
    }
}
