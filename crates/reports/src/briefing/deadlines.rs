//! What is overdue or due within 72 hours: one line a package, version to install and task, with the earliest date of its
//! findings and the policy that set it.

use std::collections::{BTreeMap, BTreeSet};

use base::CveId;
use fleet::finding::Finding;
use fleet::patch::Patch;
use jiff::Timestamp;
use risk::policy::{Action, Decision};

use super::hosts::{first_seen, host_names, owners};
use super::model::{Deadline, Task, Today, Urgency};
use crate::vulnerability;

/// Seconds of the nearer and the farther horizon.
const DAY: i64 = 86_400;
const THREE_DAYS: i64 = 3 * DAY;

/// The deadlines, earliest first; of one date, triage before the patch that would destroy the traces.
pub(super) fn deadlines(today: &Today) -> Vec<Deadline> {
    let mut lines: Vec<Deadline> = today
        .patches
        .iter()
        .flat_map(|p| of_patch(today, p))
        .collect();
    lines.sort_by(|a, b| {
        (a.by, a.task, &a.package, &a.policy).cmp(&(b.by, b.task, &b.package, &b.policy))
    });
    lines
}

/// A finding with one date it asks for.
struct Dated<'a> {
    by: Timestamp,
    decision: &'a Decision,
    finding: &'a Finding,
}

fn of_patch(today: &Today, patch: &Patch) -> Vec<Deadline> {
    let mut groups: BTreeMap<(Task, Urgency), Vec<Dated<'_>>> = BTreeMap::new();
    let task = if patch.to.is_some() {
        Task::Patch
    } else {
        Task::Mitigate
    };
    for finding in patch
        .findings
        .iter()
        .filter_map(|&i| today.report.findings.get(i))
    {
        let due = finding.decision().and_then(|d| Some((d.by?, task, d)));
        for (by, task, decision) in due.into_iter().chain(triage(finding)) {
            if let Some(urgency) = urgency(by, today.report.now) {
                groups.entry((task, urgency)).or_default().push(Dated {
                    by,
                    decision,
                    finding,
                });
            }
        }
    }
    let lines = groups.into_iter();
    lines
        .filter_map(|((task, urgency), dated)| deadline(today, patch, task, urgency, &dated))
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
    today: &Today,
    patch: &Patch,
    task: Task,
    urgency: Urgency,
    dated: &[Dated<'_>],
) -> Option<Deadline> {
    let first = dated.iter().min_by_key(|d| d.by)?;
    let targets = || dated.iter().map(|d| d.finding.target);
    let seen = dated.iter().map(|d| first_seen(today, d.finding));
    let vulnerabilities = vulnerability::fold(dated.iter().map(|d| d.finding));
    Some(Deadline {
        by: first.by,
        urgency,
        task,
        package: patch.package.clone(),
        to: patch.to.clone(),
        vulnerabilities: vulnerabilities.into_iter().map(|v| v.label).collect(),
        exploited: exploited(dated),
        first_seen: today.previous.as_ref().and_then(|_| seen.min()),
        hosts: host_names(&today.report, targets()),
        owners: owners(&today.report, targets()),
        policy: first.decision.policy.clone(),
        row: first.decision.row.clone(),
    })
}

/// The CVEs that are known exploited, each once.
fn exploited(dated: &[Dated<'_>]) -> Vec<CveId> {
    let listed = dated.iter().filter_map(|d| d.finding.kev.as_ref());
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
