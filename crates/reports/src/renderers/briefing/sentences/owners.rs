//! What each owner has to do, in words.

use drawing::text::{count, thousands};
use jiff::Timestamp;

use super::NAMES;
use crate::briefing::{Briefing, OwnerPart, Step, Task};
use crate::wording::{day, overdue_for};

/// How many owners the page shows.
const OWNERS: usize = 8;
/// How many steps of an owner the page shows.
const STEPS: usize = 3;

/// An owner and the first steps, in words.
pub(in crate::renderers) struct Part {
    /// `linux-ops: 41 findings on 14 hosts: …, 3 overdue, 2 known exploited`.
    pub(in crate::renderers) head: String,
    /// What to do, in order, and the rest as a number.
    pub(in crate::renderers) steps: Vec<String>,
}

/// The owners; none where all work is one owner's, which the list of patches tells already.
pub(in crate::renderers) fn parts(briefing: &Briefing) -> Vec<Part> {
    if briefing.owners.len() < 2 {
        return Vec::new();
    }
    let shown = briefing.owners.iter().take(OWNERS);
    shown.map(|owner| part(owner, briefing.now)).collect()
}

/// The owners the page leaves out.
pub(in crate::renderers) fn rest(briefing: &Briefing) -> Option<String> {
    let more = briefing.owners.len().saturating_sub(OWNERS);
    (more > 0).then(|| count(more, "more owner", "more owners"))
}

fn part(owner: &OwnerPart, now: Timestamp) -> Part {
    let mut head = format!(
        "{}: {} on {}",
        owner.owner.as_deref().unwrap_or("no owner named"),
        count(owner.findings, "finding", "findings"),
        owner.hosts.said(NAMES)
    );
    for (n, words) in [
        (owner.overdue, "overdue"),
        (owner.known_exploited, "known exploited"),
    ] {
        if n > 0 {
            head.push_str(&format!(", {} {words}", thousands(n)));
        }
    }
    let mut steps: Vec<String> = owner
        .steps
        .iter()
        .take(STEPS)
        .enumerate()
        .map(|(n, s)| format!("{}. {}", n + 1, step(s, now)))
        .collect();
    let more = owner.steps.len().saturating_sub(STEPS) + owner.more_steps;
    if more > 0 {
        steps.push(count(more, "more step", "more steps"));
    }
    Part { head, steps }
}

/// `look for compromise by 2026-08-22 05:30Z, then upgrade glibc to 2.36 on web-01, due 2026-08-24 (bod-26-04), window Sat
/// 2026-08-22 22:00Z`.
fn step(step: &Step, now: Timestamp) -> String {
    let look = match step.triage_by {
        Some(by) => format!("look for compromise by {}, then ", day(by)),
        None => String::new(),
    };
    let what = match (step.task, &step.to) {
        (Task::Patch | Task::Triage, Some(to)) => format!("upgrade {} to {to}", step.package),
        _ => format!("decide on {}, nothing to install,", step.package),
    };
    let due = match &step.due {
        Some((by, policy)) if *by < now => format!("{} ({policy})", overdue_for(*by, now)),
        Some((by, policy)) => format!("due {} ({policy})", day(*by)),
        None => "no deadline".to_owned(),
    };
    format!(
        "{look}{what} on {}, {due}{}",
        step.hosts.said(NAMES),
        window(step, now)
    )
}

fn window(step: &Step, now: Timestamp) -> String {
    let Some(at) = step.window else {
        return String::new();
    };
    let opens = format!(", window {} {}", at.strftime("%a"), day(at));
    let is_overdue = step.due.as_ref().is_some_and(|(by, _)| *by < now);
    match step.late {
        0 => opens,
        _ if is_overdue => opens,
        n if n >= step.hosts.total => format!("{opens}, after the deadline"),
        n => format!(
            "{opens}, for {} after the deadline",
            count(n, "host", "hosts")
        ),
    }
}
