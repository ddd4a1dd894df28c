//! The first two sentences: better or worse and why, and the one thing to do today.
//!
//! WORSE: more is overdue, or a vulnerability we have became known as exploited, or a known exploited or critical one is new.
//! BETTER: none of that, and less is overdue, known exploited or open. SAME otherwise.

use drawing::text::{count, thousands};
use jiff::Timestamp;

use super::model::{Deadline, Exploited, PatchLine, Scope, Status, Task, Urgency, Verdict};
use super::since::{Moved, Since};
use crate::wording::{day, first_names, lower_first, overdue_for};

/// The status and the sentence that says why.
pub(super) fn headline(
    scope: &Scope,
    changes: Option<&Since>,
    exploited: &Exploited,
) -> (Status, String) {
    let Some(changes) = changes else {
        return (Status::First, standing(scope));
    };
    if let Some(why) = worse(scope, changes, exploited) {
        return (Status::Worse, why);
    }
    match better(scope, changes) {
        Some(why) => (Status::Better, why),
        None => (Status::Same, same(scope, changes)),
    }
}

fn same(scope: &Scope, changes: &Since) -> String {
    let moved: Vec<String> = [
        (changes.new.findings, "new finding", "new findings"),
        (changes.fixed.findings, "finding fixed", "findings fixed"),
        (changes.gone.findings, "finding gone", "findings gone"),
        (
            changes.suppression_over.findings + changes.reopened.findings,
            "finding open again",
            "findings open again",
        ),
        (
            changes.newly_suppressed.findings,
            "newly suppressed",
            "newly suppressed",
        ),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, one, many)| count(n, one, many))
    .collect();
    match moved.split_last() {
        None => format!("Nothing changed: {}", lower_first(&standing(scope))),
        Some((last, [])) => format!("{last}, nothing urgent"),
        Some((last, first)) => format!("{} and {last}, nothing of it urgent", first.join(", ")),
    }
}

fn worse(scope: &Scope, changes: &Since, exploited: &Exploited) -> Option<String> {
    if let Some(entry) = exploited
        .new
        .iter()
        .find(|e| matches!(e.verdict, Verdict::Ours { .. }))
    {
        let Verdict::Ours {
            hosts, packages, ..
        } = &entry.verdict
        else {
            return None;
        };
        let place = count(hosts.total, "host", "hosts");
        return Some(format!(
            "{} in {} on {place} is now known to be exploited{}",
            entry.cve,
            first_names(packages, 2),
            and_arrived(changes)
        ));
    }
    if let Some(first) = changes.turned_exploited.examples.first() {
        return Some(format!(
            "{} in {} is now known to be exploited{}",
            first.id,
            first.package,
            and_arrived(changes)
        ));
    }
    if scope.overdue > changes.overdue_before {
        let more = scope.overdue - changes.overdue_before;
        return Some(format!(
            "{}, {} in all",
            count(more, "more finding is overdue", "more findings are overdue"),
            scope.overdue
        ));
    }
    if scope.known_exploited > changes.known_exploited_before {
        let more = scope.known_exploited - changes.known_exploited_before;
        return Some(format!(
            "{} of vulnerabilities known to be exploited",
            count(more, "more finding is", "more findings are")
        ));
    }
    let critical: usize = came_up(changes).iter().map(|m| m.critical).sum();
    (critical > 0).then(|| {
        format!(
            "{} came up",
            count(critical, "critical finding", "critical findings")
        )
    })
}

/// What is open and was not.
const fn came_up(changes: &Since) -> [&Moved; 3] {
    [&changes.new, &changes.reopened, &changes.suppression_over]
}

/// That something long known to be exploited came up too, which a new listing must not hide.
fn and_arrived(changes: &Since) -> String {
    match came_up(changes).iter().map(|m| m.known_exploited).sum() {
        0 => String::new(),
        n => format!(
            "; {} came up",
            count(
                n,
                "more known exploited finding",
                "more known exploited findings"
            )
        ),
    }
}

/// What is less than before. Setting findings aside betters nothing, so as many as were suppressed since are left out.
fn better(scope: &Scope, changes: &Since) -> Option<String> {
    let hidden = changes.newly_suppressed.findings;
    let fewer = |now: usize, before: usize, words: &str| {
        (now + hidden < before).then(|| match now {
            0 => format!(
                "Nothing is {words} any more, after {} before",
                count(before, "finding", "findings")
            ),
            _ => format!(
                "{} {words}, {} before",
                count(now, "finding is", "findings are"),
                thousands(before)
            ),
        })
    };
    fewer(scope.overdue, changes.overdue_before, "overdue")
        .or_else(|| {
            fewer(
                scope.known_exploited,
                changes.known_exploited_before,
                "known exploited",
            )
        })
        .or_else(|| fewer(scope.findings, changes.findings_before, "open"))
}

/// How things stand, without a comparison.
fn standing(scope: &Scope) -> String {
    if scope.hosts == 0 {
        return "No hosts were read".to_owned();
    }
    let hosts = count(scope.hosts, "host", "hosts");
    match (scope.findings, scope.overdue, scope.known_exploited) {
        (0, ..) if scope.hosts_not_covered == scope.hosts => {
            format!("No feed covers any of {hosts}, so nothing can be said")
        }
        (0, ..) => format!("No known vulnerabilities on {hosts}"),
        (open, 0, 0) => format!(
            "{} on {hosts}, none overdue, none known exploited",
            count(open, "open finding", "open findings")
        ),
        (open, overdue, kev) => {
            format!(
                "{} on {hosts}, {overdue} overdue, {kev} known exploited{}",
                count(open, "open finding", "open findings"),
                scope.distinct_cves()
            )
        }
    }
}

/// The one thing to do today.
pub(super) fn action(
    scope: &Scope,
    exploited: &Exploited,
    deadlines: &[Deadline],
    patches: &[PatchLine],
    now: Timestamp,
) -> String {
    if let Some(first) = most_pressing(deadlines, exploited, now) {
        return pressing(first, now);
    }
    match patches.first() {
        Some(next) => {
            let when = next.due.as_ref().map_or_else(
                || "no deadline".to_owned(),
                |(by, policy)| format!("due {} ({policy})", day(*by)),
            );
            format!(
                "nothing is due in 72 hours. Next: upgrade {} to {} on {}, {when}",
                next.package,
                next.to,
                next.hosts.said(3)
            )
        }
        None if scope.findings > 0 => {
            "nothing can be installed today: no finding has a fix yet".to_owned()
        }
        None if scope.hosts > scope.hosts_not_covered => "nothing to patch".to_owned(),
        None => {
            "import hosts, or a feed that covers them: there is nothing to look at yet".to_owned()
        }
    }
}

/// The nearest deadline of what is news today (just listed as exploited, or exploited and seen for the first time), else of
/// what is known to be exploited, else the nearest of all.
/// One that asks for triage comes before its patch, because patching destroys traces.
fn most_pressing<'a>(
    deadlines: &'a [Deadline],
    exploited: &Exploited,
    now: Timestamp,
) -> Option<&'a Deadline> {
    let is_listed = |d: &Deadline| exploited.new.iter().any(|e| d.exploited.contains(&e.cve));
    let is_news = |d: &&Deadline| {
        is_listed(d) || (!d.exploited.is_empty() && d.first_seen.is_none_or(|at| at == now))
    };
    let nearest =
        |pick: &dyn Fn(&&Deadline) -> bool| deadlines.iter().filter(pick).min_by_key(|d| d.by);
    let first = nearest(&is_news)
        .or_else(|| nearest(&|d| !d.exploited.is_empty()))
        .or_else(|| deadlines.first())?;
    let traces = deadlines
        .iter()
        .find(|d| d.task == Task::Triage && d.package == first.package && d.to == first.to);
    Some(traces.unwrap_or(first))
}

fn pressing(deadline: &Deadline, now: Timestamp) -> String {
    let what = match deadline.task {
        Task::Triage => format!(
            "look for signs of compromise before patching {}",
            deadline.package
        ),
        Task::Patch => format!(
            "upgrade {} to {}",
            deadline.package,
            deadline.to.as_deref().unwrap_or("a fixed version")
        ),
        Task::Mitigate => format!("decide on {}: there is no fix to install", deadline.package),
    };
    let when = match deadline.urgency {
        Urgency::Overdue => overdue_for(deadline.by, now),
        Urgency::Day | Urgency::ThreeDays => format!("due {}", day(deadline.by)),
    };
    let exploited: Vec<String> = deadline.exploited.iter().map(ToString::to_string).collect();
    let ids = match exploited.as_slice() {
        [] => first_names(&deadline.vulnerabilities, 2),
        cves => format!("{} known exploited", first_names(cves, 2)),
    };
    // A deadline counted from a listing years ago does not say that the host came up today.
    let seen = match deadline.first_seen == Some(now) {
        true => ", first seen today",
        false => "",
    };
    format!(
        "{what} on {} ({ids}), {when} ({}){seen}",
        deadline.hosts.said(3),
        deadline.policy
    )
}

#[cfg(test)]
mod tests {
    use base::Severity;

    use super::*;
    use crate::briefing::{ChangedGroup, Hosts};

    fn check(scope: &Scope, changes: &Since, status: Status, sentence: &str) {
        assert_eq!(
            headline(scope, Some(changes), &Exploited::default()),
            (status, sentence.to_owned())
        );
    }

    fn scope(findings: usize, overdue: usize, known_exploited: usize) -> Scope {
        Scope {
            hosts: 2,
            findings,
            overdue,
            known_exploited,
            ..Scope::default()
        }
    }

    fn before(findings: usize, overdue: usize, known_exploited: usize) -> Since {
        Since {
            findings_before: findings,
            overdue_before: overdue,
            known_exploited_before: known_exploited,
            ..Since::default()
        }
    }

    fn arrival(severity: Severity) -> Moved {
        let group = ChangedGroup {
            key: String::new(),
            id: "CVE-2023-5363".to_owned(),
            package: "openssl".to_owned(),
            hosts: Hosts::named(["web-01".to_owned()]),
            severity: Some(severity),
            known_exploited: false,
        };
        Moved::of(vec![(group, 1)])
    }

    #[test]
    fn one_thing_worse_is_worse_whatever_is_better() {
        check(
            &scope(1, 2, 0),
            &before(9, 1, 0),
            Status::Worse,
            "1 more finding is overdue, 2 in all",
        );
        check(
            &scope(9, 0, 2),
            &before(9, 3, 0),
            Status::Worse,
            "2 more findings are of vulnerabilities known to be exploited",
        );
        let critical = Since {
            new: arrival(Severity::Critical),
            ..before(9, 0, 0)
        };
        check(
            &scope(9, 0, 0),
            &critical,
            Status::Worse,
            "1 critical finding came up",
        );
        let turned = Since {
            turned_exploited: arrival(Severity::Low),
            ..before(9, 0, 0)
        };
        check(
            &scope(9, 0, 0),
            &turned,
            Status::Worse,
            "CVE-2023-5363 in openssl is now known to be exploited",
        );
    }

    #[test]
    fn less_of_something_and_more_of_nothing_is_better() {
        check(
            &scope(9, 0, 0),
            &before(9, 3, 0),
            Status::Better,
            "Nothing is overdue any more, after 3 findings before",
        );
        check(
            &scope(9, 1, 1),
            &before(9, 1, 2),
            Status::Better,
            "1 finding is known exploited, 2 before",
        );
        check(
            &scope(7, 0, 0),
            &before(1_000, 0, 0),
            Status::Better,
            "7 findings are open, 1,000 before",
        );
    }

    #[test]
    fn coming_and_going_without_urgency_is_the_same() {
        let moved = Since {
            new: arrival(Severity::Low),
            gone: arrival(Severity::Low),
            ..before(9, 0, 0)
        };
        check(
            &scope(9, 0, 0),
            &moved,
            Status::Same,
            "1 new finding and 1 finding gone, nothing of it urgent",
        );
        check(
            &scope(0, 0, 0),
            &before(0, 0, 0),
            Status::Same,
            "Nothing changed: no known vulnerabilities on 2 hosts",
        );
    }

    #[test]
    fn suppressing_is_not_getting_better() {
        let hidden = Since {
            newly_suppressed: arrival(Severity::Critical),
            ..before(9, 1, 1)
        };
        check(
            &scope(8, 0, 0),
            &hidden,
            Status::Same,
            "1 newly suppressed, nothing urgent",
        );
        check(
            &scope(7, 1, 1),
            &hidden,
            Status::Better,
            "7 findings are open, 9 before",
        );
        let over = Since {
            suppression_over: arrival(Severity::Low),
            ..before(9, 0, 0)
        };
        check(
            &scope(10, 0, 0),
            &over,
            Status::Same,
            "1 finding open again, nothing urgent",
        );
    }

    #[test]
    fn nothing_to_look_at_is_not_nothing_found() {
        assert_eq!(standing(&Scope::default()), "No hosts were read");
        let uncovered = Scope {
            hosts_not_covered: 2,
            ..scope(0, 0, 0)
        };
        assert_eq!(
            standing(&uncovered),
            "No feed covers any of 2 hosts, so nothing can be said"
        );
    }
}
