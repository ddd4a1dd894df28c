//! The text of a ticket: one an item, owner and window, with a key by which a tracker finds it again.

use drawing::escape::printable;
use drawing::text::{count, thousands};
use fleet::plan::{Item, Plan, Step};

use super::words;
use crate::wording::day;

/// How many hosts a ticket names; the others are counted.
pub const TICKET_HOSTS: usize = 500;
/// How many vulnerabilities it names.
const TICKET_IDS: usize = 40;

/// A ticket. Every text is printable; the body has line feeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The same while item, owner and the window's name are: search for it, update, never open another.
    pub key: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// The ticket of a step.
pub fn ticket(plan: &Plan, item: &Item, step: &Step) -> Ticket {
    let lines = body(plan, item, step);
    let lines: Vec<String> = lines.iter().map(|l| printable(l).into_owned()).collect();
    Ticket {
        key: step.key.clone(),
        subject: printable(&subject(item, step)).into_owned(),
        body: lines.join("\n") + "\n",
    }
}

fn subject(item: &Item, step: &Step) -> String {
    let hold = step.hold.as_ref().map_or("", |_| "DO NOT PATCH YET: ");
    let due = step.due.as_ref();
    let due = due.map_or_else(String::new, |(by, _)| format!(", due {}", day(*by)));
    let hosts = count(step.hosts.len(), "host", "hosts");
    format!("{hold}{} on {hosts}{due}", words::short_action(&item.patch))
}

fn body(plan: &Plan, item: &Item, step: &Step) -> Vec<String> {
    let patch = &item.patch;
    let mut lines = Vec::new();
    lines.extend(words::hold(plan, step));
    lines.push(format!(
        "What: {} ({})",
        words::action(patch),
        patch.ecosystem
    ));
    if patch.packages != [patch.package.clone()] {
        lines.push(format!("Packages: {}", patch.packages.join(", ")));
    }
    lines.extend(words::after(patch).map(|after| format!("After: {after}")));
    lines.push(format!("Who: {}", words::owner(step)));
    lines.push(format!("When: {}", words::window(step)));
    lines.push(format!("Date: {}", words::step_due(step, plan.now)));
    if !item.deadlines.is_empty() {
        lines.push(format!("All policies, all hosts: {}", words::dates(item)));
    }
    lines.push(format!(
        "Why: {} in the whole plan; here {}",
        words::closes(item),
        here(step)
    ));
    lines.push(format!("Vulnerabilities: {}", some(&item.ids, TICKET_IDS)));
    lines.push("Hosts, in this order:".to_owned());
    for host in step.hosts.iter().take(TICKET_HOSTS) {
        lines.push(format!("  {} (ring {})", plan.name(*host), host.ring));
    }
    if let Some(rest) = step
        .hosts
        .len()
        .checked_sub(TICKET_HOSTS)
        .filter(|rest| *rest > 0)
    {
        lines.push(format!("  and {} more", thousands(rest)));
    }
    lines.push("Done when a report of the host shows it, not before.".to_owned());
    lines.push(format!("Key: {}", step.key));
    lines
}

fn here(step: &Step) -> String {
    let mut parts = vec![count(step.findings, "finding", "findings")];
    if step.exploited > 0 {
        parts.push(format!("{} known exploited", thousands(step.exploited)));
    }
    if step.overdue > 0 {
        parts.push(format!("{} overdue", thousands(step.overdue)));
    }
    parts.join(", ")
}

fn some(names: &[String], most: usize) -> String {
    match names.is_empty() {
        true => "none".to_owned(),
        false => crate::wording::first_names(names, most),
    }
}
