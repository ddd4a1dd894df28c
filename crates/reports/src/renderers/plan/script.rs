//! What the scripts of a plan have in common, in whatever language: an item is a section, of its hosts those on hold come first,
//! and nothing from outside reaches a command but what `allowed` lets through; the rest is a comment that says why.

use fleet::plan::{Item, Plan, Step, StepHost};

use super::allowed;
use crate::plan::words;

/// A language of scripts.
pub(super) trait Dialect {
    /// Everything before the first item.
    const HEAD: &'static str;
    /// Everything after the last.
    const TAIL: &'static str;

    /// What is run for an item, or why nothing is.
    fn command(item: &Item) -> Result<Command, String>;

    /// The lines that run a call on hosts of these names, which may stand in quotes; `is_held`: on hold, so only told.
    fn on(names: &[&str], is_held: bool, call: &str) -> String;
}

/// A call of one of the functions of the head.
pub(super) struct Command {
    /// The call.
    pub(super) call: String,
    /// Comments about it.
    pub(super) notes: Vec<String>,
}

/// The script of a plan.
pub(super) fn script<D: Dialect>(plan: &Plan) -> String {
    let mut out = D::HEAD.to_owned();
    out.push_str(&super::about(plan));
    for item in &plan.items {
        out.push_str(&section::<D>(plan, item));
    }
    out + D::TAIL
}

fn section<D: Dialect>(plan: &Plan, item: &Item) -> String {
    let mut lines = vec![String::new(), super::heading(item)];
    match D::command(item) {
        Ok(command) => {
            lines.extend(command.notes);
            for step in &item.steps {
                lines.extend(on_hosts::<D>(plan, step, &command.call));
            }
        }
        Err(why) => lines.push(allowed::comment(&why)),
    }
    lines.join("\n") + "\n"
}

/// The call for the hosts of a step that are on hold, and for the others.
fn on_hosts<D: Dialect>(plan: &Plan, step: &Step, call: &str) -> Vec<String> {
    let held = |host: &&StepHost| {
        let hold = step.hold.as_ref();
        hold.is_some_and(|hold| hold.targets.binary_search(&host.target).is_ok())
    };
    let (on_hold, free): (Vec<&StepHost>, Vec<&StepHost>) = step.hosts.iter().partition(held);
    let mut lines = vec![allowed::comment(&format!(
        "{}: {}",
        words::owner(step),
        words::window(step)
    ))];
    for (hosts, is_held) in [(on_hold, true), (free, false)] {
        let mut names = Vec::new();
        for host in hosts {
            let name = plan.name(*host);
            match allowed::host(name) {
                Some(name) => names.push(name),
                None => lines.push(allowed::refused("host", name)),
            }
        }
        if !names.is_empty() {
            lines.push(D::on(&names, is_held, call));
        }
    }
    lines
}
