//! Deadlines in words: which of them the page shows, when they are, what they ask for and why.

use std::collections::BTreeSet;

use drawing::text::thousands;
use jiff::Timestamp;

use super::{NAMES, date_of};
use crate::briefing::{Briefing, Deadline, Task, Urgency};
use crate::wording::{day, first_names, overdue_for};

/// How many deadlines the page shows.
const DEADLINES: usize = 12;
/// How many of those may be overdue, so that a backlog never hides what is due today.
const OVERDUE: usize = 6;

/// A deadline as the page shows it.
#[derive(Clone, Copy)]
pub(in crate::renderers) struct Line<'a> {
    pub(in crate::renderers) deadline: &'a Deadline,
    /// The upgrade has the same date, hosts and reasons as the triage before it, so one line asks for both.
    then_upgrade: bool,
}

impl<'a> Line<'a> {
    fn is_overdue(&self) -> bool {
        self.deadline.urgency == Urgency::Overdue
    }

    /// What a triage and the upgrade after it share when one line can stand for both.
    fn shared(d: &'a Deadline) -> impl Ord + use<'a> {
        (
            d.by,
            (&d.package, &d.to),
            (&d.hosts, &d.vulnerabilities),
            (&d.policy, &d.row),
        )
    }
}

/// Every deadline, a triage and its upgrade on one line where they share everything else.
fn lines(briefing: &Briefing) -> Vec<Line<'_>> {
    let of = |task: Task| {
        let all = briefing.deadlines.iter().filter(move |d| d.task == task);
        all.map(Line::shared).collect::<BTreeSet<_>>()
    };
    let (triages, upgrades) = (of(Task::Triage), of(Task::Patch));
    let all = briefing.deadlines.iter();
    all.filter(|d| d.task != Task::Patch || !triages.contains(&Line::shared(d)))
        .map(|deadline| Line {
            deadline,
            then_upgrade: deadline.task == Task::Triage
                && upgrades.contains(&Line::shared(deadline)),
        })
        .collect()
}

/// The deadlines the page shows: the overdue ones with known exploited first, then what is due, by date.
pub(in crate::renderers) fn shown(briefing: &Briefing) -> Vec<Line<'_>> {
    let (mut overdue, ahead): (Vec<Line<'_>>, Vec<Line<'_>>) =
        lines(briefing).into_iter().partition(Line::is_overdue);
    overdue.sort_by_key(|l| (l.deadline.exploited.is_empty(), l.deadline.by));
    overdue.truncate(OVERDUE.max(DEADLINES.saturating_sub(ahead.len())));
    let room = DEADLINES.saturating_sub(overdue.len());
    overdue
        .into_iter()
        .chain(ahead.into_iter().take(room))
        .collect()
}

/// What the page leaves out of them: `31 more overdue, 2 more due in 72 hours`.
pub(in crate::renderers) fn rest(briefing: &Briefing) -> Option<String> {
    let (all, page) = (lines(briefing), shown(briefing));
    let missing = |overdue: bool| {
        let of = |lines: &[Line<'_>]| lines.iter().filter(|l| l.is_overdue() == overdue).count();
        of(&all) - of(&page)
    };
    let parts = [
        (missing(true), "overdue"),
        (missing(false), "due in 72 hours"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, words)| format!("{} more {words}", thousands(*n)))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// When a deadline is, in a few words.
pub(in crate::renderers) fn when(deadline: &Deadline, now: Timestamp) -> String {
    match deadline.urgency {
        Urgency::Overdue => overdue_for(deadline.by, now)
            .to_uppercase()
            .replacen(" BY ", " ", 1),
        Urgency::Day | Urgency::ThreeDays => {
            format!("{} {}", deadline.by.strftime("%a"), day(deadline.by))
        }
    }
}

/// What a deadline asks for.
pub(in crate::renderers) fn task(line: &Line<'_>) -> String {
    let deadline = line.deadline;
    match (deadline.task, &deadline.to) {
        (Task::Triage, Some(to)) if line.then_upgrade => format!(
            "look for compromise, then upgrade {} to {to}",
            deadline.package
        ),
        (Task::Triage, _) => format!("look for compromise before patching {}", deadline.package),
        (Task::Patch, Some(to)) => format!("upgrade {} to {to}", deadline.package),
        (Task::Patch | Task::Mitigate, _) => {
            format!("decide on {}: nothing to install", deadline.package)
        }
    }
}

/// The vulnerabilities behind a deadline, those known to be exploited first: `CVE-2024-38475 known exploited; CVE-2024-38476
/// and 7 more`.
pub(in crate::renderers) fn reasons(deadline: &Deadline) -> String {
    let exploited: Vec<String> = deadline.exploited.iter().map(ToString::to_string).collect();
    let is_other = |label: &&String| {
        let id = label.split(' ').next().unwrap_or_default();
        !exploited.iter().any(|cve| cve == id)
    };
    let all = deadline.vulnerabilities.iter();
    let others: Vec<String> = all.filter(is_other).cloned().collect();
    match (exploited.as_slice(), others.as_slice()) {
        ([], others) => first_names(others, NAMES),
        (exploited, []) => format!("{} known exploited", first_names(exploited, NAMES)),
        (exploited, others) => format!(
            "{} known exploited; {}",
            first_names(exploited, NAMES),
            first_names(others, NAMES - 1)
        ),
    }
}

/// Since when a briefing has seen it, which a deadline counted from a listing years ago does not say; nothing on the first
/// morning, when everything is new.
pub(in crate::renderers) fn seen_since(briefing: &Briefing, deadline: &Deadline) -> Option<String> {
    let seen = deadline.first_seen?;
    Some(if seen == briefing.now {
        "first seen today".to_owned()
    } else {
        format!("seen since {}", date_of(seen))
    })
}

/// The policy row that set a date.
pub(in crate::renderers) fn rule(deadline: &Deadline) -> String {
    format!("{} row {}", deadline.policy, deadline.row)
}
