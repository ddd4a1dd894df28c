//! Deadlines in words: which of them the page shows, when they are, what they ask for and why.

use std::collections::BTreeMap;

use drawing::text::thousands;
use jiff::Timestamp;

use super::{NAMES, date_of};
use crate::briefing::{Briefing, Deadline, Hosts, OtherDate, Task, Urgency};
use crate::wording::{day, first_names, overdue_for};

/// How many deadlines the page shows.
const DEADLINES: usize = 12;
/// How many of those may be overdue, so that a backlog never hides what is due today.
const OVERDUE: usize = 6;

/// A deadline as the page shows it.
#[derive(Clone, Copy)]
pub(in crate::renderers) struct Line<'a> {
    /// The deadline; of an upgrade, where a triage stands with it.
    pub(in crate::renderers) deadline: &'a Deadline,
    /// The triage that must come before the upgrade, since an upgrade destroys traces.
    triage: Option<&'a Deadline>,
}

impl<'a> Line<'a> {
    /// The one with the earlier date.
    fn first(&self) -> &'a Deadline {
        let triage = self.triage.filter(|t| t.by < self.deadline.by);
        triage.unwrap_or(self.deadline)
    }

    /// How near its earlier date is.
    pub(in crate::renderers) fn urgency(&self) -> Urgency {
        self.first().urgency
    }

    fn is_overdue(&self) -> bool {
        self.urgency() == Urgency::Overdue
    }
}

/// What a triage and the upgrade after it share when one line can stand for both.
fn place(d: &Deadline) -> (&str, Option<&str>, &Hosts) {
    (&d.package, d.to.as_deref(), &d.hosts)
}

/// Every deadline; a triage stands on the line of its upgrade, or it would be read after it where its date is later.
fn lines(briefing: &Briefing) -> Vec<Line<'_>> {
    // Earliest last, so that it is the one the map keeps.
    let earliest = |task: Task| -> BTreeMap<_, &Deadline> {
        let all = briefing.deadlines.iter().rev();
        let of_task = all.filter(|d| d.task == task);
        of_task.map(|d| (place(d), d)).collect()
    };
    let (triages, upgrades) = (earliest(Task::Triage), earliest(Task::Patch));
    let upgrade = |d: &Deadline| upgrades.get(&place(d)).copied();
    let all = briefing.deadlines.iter();
    let mut lines: Vec<Line<'_>> = all
        .filter(|d| d.task != Task::Triage || upgrade(d).is_none())
        .map(|deadline| Line {
            deadline,
            triage: upgrade(deadline)
                .filter(|first| *first == deadline)
                .and_then(|first| triages.get(&place(first)).copied()),
        })
        .collect();
    lines.sort_by_key(|line| line.first().by);
    lines
}

/// The deadlines the page shows: the overdue ones with known exploited first, then what is due, by date.
pub(in crate::renderers) fn shown(briefing: &Briefing) -> Vec<Line<'_>> {
    let (mut overdue, ahead): (Vec<Line<'_>>, Vec<Line<'_>>) =
        lines(briefing).into_iter().partition(Line::is_overdue);
    overdue.sort_by_key(|l| (l.deadline.exploited.is_empty(), l.first().by));
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
pub(in crate::renderers) fn when(line: &Line<'_>, now: Timestamp) -> String {
    let by = line.first().by;
    match line.urgency() {
        Urgency::Overdue => overdue_for(by, now).to_uppercase().replacen(" BY ", " ", 1),
        Urgency::Day | Urgency::ThreeDays => format!("{} {}", by.strftime("%a"), day(by)),
    }
}

/// What a deadline asks for.
pub(in crate::renderers) fn task(line: &Line<'_>) -> String {
    let package = &line.deadline.package;
    match (line.deadline.task, &line.deadline.to) {
        (Task::Triage, _) => format!("look for compromise before patching {package}"),
        (Task::Patch, Some(to)) => match line.triage {
            Some(_) => format!("look for compromise, then upgrade {package} to {to}"),
            None => format!("upgrade {package} to {to}"),
        },
        (Task::Patch | Task::Mitigate, _) => format!("decide on {package}: nothing to install"),
    }
}

/// The vulnerabilities behind a deadline, those known to be exploited first: `CVE-2024-38475 known exploited; CVE-2024-38476
/// and 7 more`.
pub(in crate::renderers) fn reasons(line: &Line<'_>) -> String {
    let deadline = line.deadline;
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
pub(in crate::renderers) fn seen_since(briefing: &Briefing, line: &Line<'_>) -> Option<String> {
    let seen = line.deadline.first_seen?;
    Some(if seen == briefing.now {
        "first seen today".to_owned()
    } else {
        format!("seen since {}", date_of(seen))
    })
}

/// The policy rows that set its dates.
pub(in crate::renderers) fn rule(line: &Line<'_>) -> String {
    let row = |d: &Deadline| format!("{} row {}", d.policy, d.row);
    let upgrade = row(line.deadline);
    let rule = match line.triage.map(row) {
        Some(triage) if triage != upgrade => format!("{upgrade}, triage {triage}"),
        _ => upgrade,
    };
    match line.deadline.others.as_slice() {
        [] => rule,
        others => {
            let others: Vec<String> = others.iter().map(other).collect();
            format!("{rule}; later: {}", first_names(&others, NAMES - 1))
        }
    }
}

/// `pci-6.3.3 2026-05-14`: the day is enough where another date is the strictest.
fn other(date: &OtherDate) -> String {
    match date.by {
        Some(by) => format!("{} {}", date.policy, date_of(by)),
        None => format!("{} no date", date.policy),
    }
}
