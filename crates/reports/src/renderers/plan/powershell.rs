//! A PowerShell script for review: run on a Windows host, it installs the updates planned for that host by the Windows Update Agent
//! that every Windows has. Without `-Apply` it only prints.
//!
//! An update reaches a command as `KB` and digits, a host's name only where `allowed` lets it through.

use fleet::patch::{Installer, Need, Work};
use fleet::plan::{Item, Plan};

use super::allowed;
use super::script::{Command, Dialect, script};
use crate::renderers::{Options, PlanRenderer};

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
        script::<Self>(plan)
    }
}

impl Dialect for PowerShell {
    const HEAD: &'static str = include_str!("head.ps1");
    const TAIL: &'static str = include_str!("tail.ps1");

    fn command(item: &Item) -> Result<Command, String> {
        Ok(Command {
            call: call(item)?,
            notes: Vec::new(),
        })
    }

    fn on(names: &[&str], is_held: bool, call: &str) -> String {
        let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        let test = if is_held { "Test-Held" } else { "Test-Here" };
        format!("if ({test} @({})) {{ {call} }}", names.join(", "))
    }
}

/// The call for an item, or why there is none.
fn call(item: &Item) -> Result<String, String> {
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
