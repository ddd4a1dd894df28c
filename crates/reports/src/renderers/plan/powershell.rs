//! A PowerShell script for review: run on a Windows host, it installs the updates planned for that host by the Windows Update Agent
//! that every Windows has. Without `-Apply` it only prints.
//!
//! An update reaches a command as `KB` and digits, a host's name only where `allowed` lets it through.

use fleet::patch::{Installer, Need, Work};
use fleet::plan::{Item, Plan, Step, StepHost};

use super::allowed;
use crate::plan::words;
use crate::renderers::{Options, PlanRenderer};

/// Everything before the first item.
const HEAD: &str = include_str!("head.ps1");
/// Everything after the last.
const TAIL: &str = include_str!("tail.ps1");

/// The format.
pub(in crate::renderers) struct PowerShell;

impl PlanRenderer for PowerShell {
    fn id(&self) -> &'static str {
        "powershell"
    }

    fn about(&self) -> &'static str {
        "a PowerShell script for review, which installs what is planned for the host it runs on (-Apply)"
    }

    fn media_type(&self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "ps1"
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
            for step in &item.steps {
                lines.extend(conditions(plan, step, &command));
            }
        }
        Err(why) => lines.push(allowed::comment(&why)),
    }
    lines.join("\n") + "\n"
}

/// The call for an item, or why there is none.
fn command(item: &Item) -> Result<String, String> {
    let patch = &item.patch;
    let is_windows = Installer::of(&patch.ecosystem) == Some(Installer::WindowsUpdate);
    match (patch.work, is_windows) {
        (_, false) => Err("not for Windows: see the format sh".to_owned()),
        (Work::Restart, true) if patch.after.need == Need::Reboot => {
            Ok("Request-Restart".to_owned())
        }
        (Work::Update, true) => {
            let kb = patch.to.as_deref().and_then(allowed::update);
            let kb = kb.ok_or_else(|| "not the number of an update".to_owned())?;
            Ok(format!("Install-Planned '{kb}'"))
        }
        _ => Err(super::by_hand(item)),
    }
}

fn conditions(plan: &Plan, step: &Step, call: &str) -> Vec<String> {
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
    for (hosts, test) in [(on_hold, "Test-Held"), (free, "Test-Here")] {
        let mut names = Vec::new();
        for host in hosts {
            let name = plan.name(*host);
            match allowed::host(name) {
                Some(name) => names.push(format!("'{name}'")),
                None => lines.push(allowed::refused("host", name)),
            }
        }
        if !names.is_empty() {
            lines.push(format!("if ({test} @({})) {{ {call} }}", names.join(", ")));
        }
    }
    lines
}
