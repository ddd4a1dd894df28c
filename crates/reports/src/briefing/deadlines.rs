//! What is overdue or due within 72 hours: one line a package, version to install and task, with the earliest date of its
//! findings and the policy that set it.

use std::collections::{BTreeMap, BTreeSet};

use base::CveId;
use fleet::finding::Finding;
use fleet::patch::Patch;
use jiff::Timestamp;
use risk::policy::{Action, Decision};

use super::model::{Deadline, OtherDate, Task, Urgency};
use super::scene::{Closed, Scene};
use crate::vulnerability;

/// Seconds of the nearer and the farther horizon.
const DAY: i64 = 86_400;
const THREE_DAYS: i64 = 3 * DAY;

/// The deadlines, earliest first; of one date, triage before the patch that would destroy the traces.
pub(super) fn deadlines(scene: &Scene<'_>) -> Vec<Deadline> {
    let patches = scene.patches.iter();
    let mut lines: Vec<Deadline> = patches.flat_map(|p| of_patch(scene, p)).collect();
    lines.sort_by(|a, b| {
        (a.by, a.task, &a.package, &a.policy).cmp(&(b.by, b.task, &b.package, &b.policy))
    });
    lines
}

/// A group with one date it asks for.
struct Dated<'a> {
    by: Timestamp,
    decision: &'a Decision,
    closed: &'a Closed<'a>,
}

fn of_patch<'a>(scene: &Scene<'a>, patch: &Patch) -> Vec<Deadline> {
    let mut dated: BTreeMap<(Task, Urgency), Vec<Dated<'_>>> = BTreeMap::new();
    let task = if patch.to.is_some() {
        Task::Patch
    } else {
        Task::Mitigate
    };
    let all: Vec<Closed<'_>> = scene.closed_by(patch).collect();
    for closed in &all {
        let finding = &closed.group.finding;
        let due = finding.decision().and_then(|d| Some((d.by?, task, d)));
        for (by, task, decision) in due.into_iter().chain(triage(finding)) {
            if let Some(urgency) = urgency(by, scene.now()) {
                dated.entry((task, urgency)).or_default().push(Dated {
                    by,
                    decision,
                    closed,
                });
            }
        }
    }
    let lines = dated.into_iter();
    lines
        .filter_map(|((task, urgency), dated)| deadline(scene, patch, task, urgency, &dated))
        .collect()
}

/// The earliest triage any policy asks for.
fn triage(finding: &Finding) -> Option<(Timestamp, Task, &Decision)> {
    let asked = finding
        .decisions
        .iter()
        .filter(|d| d.actions.contains(&Action::ForensicTriage));
    asked
        .filter_map(|d| Some((d.triage_by?, Task::Triage, d)))
        .min_by_key(|(by, ..)| *by)
}

fn deadline(
    scene: &Scene<'_>,
    patch: &Patch,
    task: Task,
    urgency: Urgency,
    dated: &[Dated<'_>],
) -> Option<Deadline> {
    let first = dated.iter().min_by_key(|d| d.by)?;
    let groups = || dated.iter().map(|d| d.closed.group);
    let targets = || dated.iter().flat_map(|d| d.closed.targets.iter().copied());
    let vulnerabilities = vulnerability::fold(groups().map(|g| &g.finding));
    let seen = groups().map(|g| g.first_seen).min();
    Some(Deadline {
        by: first.by,
        urgency,
        task,
        package: patch.package.clone(),
        to: patch.to.clone(),
        vulnerabilities: vulnerabilities.into_iter().map(|v| v.label).collect(),
        exploited: exploited(dated),
        first_seen: seen.filter(|_| scene.today.compares()),
        hosts: scene.roster.hosts(targets()),
        owners: scene.roster.owners(targets()),
        policy: first.decision.policy.clone(),
        row: first.decision.row.clone(),
        others: others(task, first),
    })
}

/// What other policies say of the finding that sets the date, where it is another date. A triage has no other.
fn others(task: Task, first: &Dated<'_>) -> Vec<OtherDate> {
    if task == Task::Triage {
        return Vec::new();
    }
    let decisions = first.closed.group.finding.decisions.iter();
    let other: BTreeSet<(Timestamp, OtherDate)> = decisions
        .filter(|d| d.by != Some(first.by))
        .map(|d| {
            let date = OtherDate {
                by: d.by,
                policy: d.policy.clone(),
                row: d.row.clone(),
            };
            (d.by.unwrap_or(Timestamp::MAX), date)
        })
        .collect();
    other.into_iter().map(|(_, date)| date).collect()
}

/// The CVEs that are known exploited, each once.
fn exploited(dated: &[Dated<'_>]) -> Vec<CveId> {
    let listed = dated
        .iter()
        .filter_map(|d| d.closed.group.finding.kev.as_ref());
    let each: BTreeSet<CveId> = listed.map(|kev| kev.cve).collect();
    each.into_iter().collect()
}

fn urgency(by: Timestamp, now: Timestamp) -> Option<Urgency> {
    match by.as_second() - now.as_second() {
        left if left < 0 => Some(Urgency::Overdue),
        left if left <= DAY => Some(Urgency::Day),
        left if left <= THREE_DAYS => Some(Urgency::ThreeDays),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn horizons_end_where_they_say() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let check = |seconds: i64, expected: Option<Urgency>| {
            let by = Timestamp::from_second(1_000_000 + seconds).unwrap();
            assert_eq!(urgency(by, now), expected, "{seconds}");
        };
        check(-1, Some(Urgency::Overdue));
        check(0, Some(Urgency::Day));
        check(DAY, Some(Urgency::Day));
        check(DAY + 1, Some(Urgency::ThreeDays));
        check(THREE_DAYS, Some(Urgency::ThreeDays));
        check(THREE_DAYS + 1, None);
    }
}
