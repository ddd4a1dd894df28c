//! A shell script (POSIX sh) for review: run on a host, it does what is planned for that host. Without `--apply` it only prints.
//!
//! Nothing from outside reaches a command but what `allowed` lets through; the rest is a comment that says why.

use fleet::patch::{Installer, Need, Work};
use fleet::plan::{Item, Plan, Step, StepHost};

use super::allowed;
use crate::plan::words;
use crate::renderers::{Options, PlanRenderer};

/// Everything before the first item.
const HEAD: &str = include_str!("head.sh");
/// Everything after the last.
const TAIL: &str = include_str!("tail.sh");

/// The format.
pub(in crate::renderers) struct Sh;

impl PlanRenderer for Sh {
    fn id(&self) -> &'static str {
        "sh"
    }

    fn about(&self) -> &'static str {
        "a shell script for review, which does what is planned for the host it runs on (--apply)"
    }

    fn media_type(&self) -> &'static str {
        "text/x-shellscript; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "sh"
    }

    fn render(&self, plan: &Plan, _: &Options) -> String {
        let mut out = HEAD.to_owned();
        out.push_str(&super::about(plan));
        for item in &plan.items {
            out.push_str(&section(plan, item));
        }
        out + TAIL
    }
}

fn section(plan: &Plan, item: &Item) -> String {
    let mut lines = vec![String::new(), super::heading(item)];
    match command(item) {
        Ok(command) => {
            lines.extend(command.notes);
            for step in &item.steps {
                lines.extend(arms(plan, step, &command.line));
            }
        }
        Err(why) => lines.push(allowed::comment(&why)),
    }
    lines.join("\n") + "\n"
}

/// A call of one of the functions of the head.
struct Command {
    line: String,
    notes: Vec<String>,
}

/// What is run for an item, or why nothing is.
fn command(item: &Item) -> Result<Command, String> {
    let patch = &item.patch;
    let reboots = patch.after.need == Need::Reboot;
    if patch.work == Work::Restart
        && reboots
        && Installer::of(&patch.ecosystem) != Some(Installer::WindowsUpdate)
    {
        return Ok(Command {
            line: "need_reboot".to_owned(),
            notes: Vec::new(),
        });
    }
    let by = super::by_command(item)?;
    let function = match by {
        Installer::Apt => "upgrade_apt",
        Installer::Dnf => "upgrade_dnf",
        Installer::Zypper => "upgrade_zypper",
        Installer::Apk => "upgrade_apk",
        Installer::WindowsUpdate => return Err("for Windows: see the format powershell".to_owned()),
    };
    let (names, notes) = super::packages(patch);
    if names.is_empty() {
        return Err("nothing is left to put in a command".to_owned());
    }
    let reboot = if reboots { "reboot" } else { "-" };
    Ok(Command {
        line: format!("{function} {reboot} {}", quoted(&names)),
        notes,
    })
}

/// A `case` for the hosts of a step, and one for those on hold.
fn arms(plan: &Plan, step: &Step, line: &str) -> Vec<String> {
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
    for (hosts, call) in [(on_hold, format!("held {line}")), (free, line.to_owned())] {
        let mut patterns = Vec::new();
        for host in hosts {
            let name = plan.name(*host);
            match allowed::host(name) {
                Some(name) => patterns.push(format!("'{name}' | '{name}'.*")),
                None => lines.push(allowed::refused("host", name)),
            }
        }
        if !patterns.is_empty() {
            let patterns = patterns.join(" | \\\n    ");
            lines.push(format!(
                "case $this in\n    {patterns})\n        {call}\n        ;;\nesac"
            ));
        }
    }
    lines
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    quoted.join(" ")
}
