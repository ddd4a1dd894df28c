//! What is overdue or due within 72 hours: one line a package, version to install, policy and date.

use std::collections::BTreeMap;

use fleet::finding::Finding;
use fleet::patch::Patch;
use jiff::Timestamp;
use risk::policy::{Action, Decision};

use super::hosts::{host_names, owners};
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

type Group<'a> = (Timestamp, Task, &'a str, &'a str);

fn of_patch<'a>(today: &'a Today, patch: &'a Patch) -> Vec<Deadline> {
    let mut groups: BTreeMap<Group<'a>, Vec<&'a Finding>> = BTreeMap::new();
    for finding in patch
        .findings
        .iter()
        .filter_map(|&i| today.report.findings.get(i))
    {
        let task = if patch.to.is_some() {
            Task::Patch
        } else {
            Task::Mitigate
        };
        let due = finding.decision().and_then(|d| Some((d.by?, task, d)));
        for (by, task, decision) in due.into_iter().chain(triage(finding)) {
            groups
                .entry((by, task, &decision.policy, &decision.row))
                .or_default()
                .push(finding);
        }
    }
    groups
        .into_iter()
        .filter_map(|(group, findings)| deadline(today, patch, group, &findings))
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
    (by, task, policy, row): Group<'_>,
    findings: &[&Finding],
) -> Option<Deadline> {
    let urgency = urgency(by, today.report.now)?;
    let targets = || findings.iter().map(|f| f.target);
    Some(Deadline {
        by,
        urgency,
        task,
        package: patch.package.clone(),
        to: patch.to.clone(),
        vulnerabilities: vulnerability::fold(findings.iter().copied())
            .into_iter()
            .map(|v| v.label)
            .collect(),
        known_exploited: findings.iter().any(|f| f.kev.is_some()),
        hosts: host_names(&today.report, targets()),
        owners: owners(&today.report, targets()),
        policy: policy.to_owned(),
        row: row.to_owned(),
    })
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
