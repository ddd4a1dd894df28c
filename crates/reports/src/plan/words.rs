//! The words of a plan. Text from outside goes through them as it is; a renderer escapes what it gets.

use drawing::text::{count, thousands};
use fleet::patch::{Need, Patch, Work};
use fleet::plan::{InTime, Item, Plan, Slot, Step};
use jiff::Timestamp;

use crate::wording::{day, due, upgrade};

/// What is to be done: `upgrade openssl 3.0.9-1 → 3.0.15-1`.
pub(crate) fn action(patch: &Patch) -> String {
    match patch.work {
        Work::Upgrade => upgrade(patch),
        Work::Update => {
            let update = patch.to.as_deref().unwrap_or_default();
            format!("install {update} on {}", patch.package)
        }
        Work::Restart if patch.after.need == Need::Reboot => {
            format!(
                "reboot: {} is fixed on disk and the old one runs",
                patch.package
            )
        }
        Work::Restart => format!(
            "restart what uses {}: it is fixed on disk and the old one runs",
            patch.package
        ),
        Work::Mitigate => format!("decide on {}: nothing to install", upgrade(patch)),
    }
}

/// The same in a few words, for a subject.
pub(crate) fn short_action(patch: &Patch) -> String {
    match (patch.work, &patch.to) {
        (Work::Upgrade, Some(to)) => format!("{} → {to}", patch.package),
        (Work::Update, Some(to)) => format!("{to} on {}", patch.package),
        (Work::Restart, _) if patch.after.need == Need::Reboot => {
            format!("reboot for {}", patch.package)
        }
        (Work::Restart, _) => format!("restart what uses {}", patch.package),
        _ => format!("mitigate {}", patch.package),
    }
}

/// `closes 7 findings (5 vulnerabilities, 2 known exploited)`; a finding counts once a host.
pub(crate) fn closes(item: &Item) -> String {
    let mut inner = Vec::new();
    if item.patch.vulnerabilities != item.findings {
        inner.push(count(
            item.patch.vulnerabilities,
            "vulnerability",
            "vulnerabilities",
        ));
    }
    if item.patch.kev > 0 {
        inner.push(format!("{} known exploited", thousands(item.patch.kev)));
    }
    if item.mitigated > 0 {
        inner.push(format!("{} mitigated meanwhile", thousands(item.mitigated)));
    }
    let verb = match item.patch.work {
        Work::Mitigate => "leaves open",
        _ => "closes",
    };
    let findings = count(item.findings, "finding", "findings");
    match inner.is_empty() {
        true => format!("{verb} {findings}"),
        false => format!("{verb} {findings} ({})", inner.join(", ")),
    }
}

/// What comes after; `None` where nothing does.
pub(crate) fn after(patch: &Patch) -> Option<String> {
    let why = &patch.after.why;
    match (patch.work, patch.after.need) {
        (Work::Mitigate, _) | (_, Need::None) => None,
        (Work::Restart, _) => Some(why.clone()),
        (_, Need::Reboot) => Some(format!("then reboot: {why}")),
        (_, Need::Restart) => Some(format!("then restart what uses it: {why}")),
        (_, Need::Unknown) => Some(format!("whether it needs a restart is not known: {why}")),
    }
}

/// Every policy's date in a line: `pci 2026-06-10 (row critical, CVE-2026-0001); house …`.
pub(crate) fn dates(item: &Item) -> String {
    let one = |d: &fleet::plan::Deadline| {
        let by = d.by.map_or_else(|| "no date".to_owned(), day);
        format!("{} {by} (row {}, {})", d.policy, d.row, d.id)
    };
    let all: Vec<String> = item.deadlines.iter().map(one).collect();
    all.join("; ")
}

/// `due 2026-06-10 (pci)`, `OVERDUE by 3 days, was due 2026-05-29 (house)` or `no deadline`.
pub(crate) fn step_due(step: &Step, now: Timestamp) -> String {
    step.due.as_ref().map_or_else(
        || "no deadline".to_owned(),
        |(by, policy)| format!("{} ({policy})", due(*by, now)),
    )
}

/// `thu-2200, 2026-06-02 20:00Z to 2026-06-03`.
pub(crate) fn slot(slot: &Slot) -> String {
    format!("{}, {} to {}", slot.name, day(slot.start), day(slot.end))
}

/// The window and whether it is in time.
pub(crate) fn window(step: &Step) -> String {
    let window = step.window.as_ref().map(slot);
    match (window, step.in_time) {
        (Some(window), InTime::No) => format!("{window}: no window before the due date"),
        (Some(window), _) => window,
        (None, _) => "no window known".to_owned(),
    }
}

/// Who: the owner, or that there is none.
pub(crate) fn owner(step: &Step) -> &str {
    step.owner.as_deref().unwrap_or("no owner")
}

/// The hosts in order, the canary marked, the first few of them.
pub(crate) fn hosts(plan: &Plan, step: &Step, most: usize) -> String {
    let alone = step.hosts.len() == 1;
    let named = step.hosts.iter().take(most).map(|host| {
        let canary = if host.ring == 0 && !alone {
            " (canary)"
        } else {
            ""
        };
        format!("{}{canary}", plan.name(*host))
    });
    let named: Vec<String> = named.collect();
    match step.hosts.len().saturating_sub(most) {
        0 => named.join(", "),
        rest => format!("{} and {} more", named.join(", "), thousands(rest)),
    }
}

/// The warning where evidence comes first; `None` where it does not.
pub(crate) fn hold(plan: &Plan, step: &Step) -> Option<String> {
    let hold = step.hold.as_ref()?;
    let by = hold
        .by
        .map_or_else(String::new, |by| format!(" by {}", day(by)));
    let names = hold.targets.iter().filter_map(|&t| plan.names.get(t));
    let names: Vec<String> = names.cloned().collect();
    let whom = match hold.targets.len() == step.hosts.len() {
        true => "every host here".to_owned(),
        false => crate::wording::first_names(&names, 5),
    };
    Some(format!(
        "DO NOT PATCH YET: take forensic evidence{by} first ({}) on {whom}",
        hold.policy
    ))
}

/// The plan in a line.
pub(crate) fn totals(plan: &Plan) -> String {
    let t = plan.totals();
    let mut parts = vec![
        count(t.items, "action", "actions"),
        format!(
            "{} on {}",
            count(t.findings, "finding", "findings"),
            count(t.hosts, "host", "hosts")
        ),
    ];
    let mut also = |n: usize, words: &str| {
        if n > 0 {
            parts.push(format!("{} {words}", thousands(n)));
        }
    };
    also(t.exploited, "known exploited");
    also(t.overdue, "overdue");
    also(t.late, "without a window before the due date");
    also(t.held, "where evidence comes first");
    parts.join(" · ")
}

/// A deadline that moved, in a sentence.
pub(crate) fn moved(moved: &fleet::plan::Moved) -> String {
    let date = |by: Option<Timestamp>| by.map_or_else(|| "no date".to_owned(), day);
    let why = if moved.id_before != moved.id_after {
        format!(
            "{} sets it now, {} did before",
            moved.id_after, moved.id_before
        )
    } else if moved.facts.is_empty() {
        "no fact of it changed: the policy did".to_owned()
    } else {
        let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "not asked".to_owned());
        let facts = moved.facts.iter();
        let facts =
            facts.map(|f| format!("{} was {}, is {}", f.name, word(&f.before), word(&f.after)));
        facts.collect::<Vec<_>>().join("; ")
    };
    format!(
        "{} ({}): {} → {}, because {why}",
        moved.package,
        moved.policy,
        date(moved.before),
        date(moved.after)
    )
}
