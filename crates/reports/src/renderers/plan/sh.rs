//! A shell script (POSIX sh) for review: run on a host, it does what is planned for that host. Without `--apply` it only prints.
//!
//! Nothing from outside reaches a command but what `allowed` lets through; the rest is a comment that says why.

use fleet::patch::{Installer, Need, Work};
use fleet::plan::{Item, Plan};

use super::script::{Command, Dialect, script};
use crate::renderers::{Options, PlanRenderer};

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
        script::<Self>(plan)
    }
}

impl Dialect for Sh {
    const HEAD: &'static str = include_str!("head.sh");
    const TAIL: &'static str = include_str!("tail.sh");

    fn command(item: &Item) -> Result<Command, String> {
        command(item)
    }

    /// A `case` over the name of the host the script runs on.
    fn on(names: &[&str], is_held: bool, call: &str) -> String {
        let patterns = names.iter().map(|name| format!("'{name}' | '{name}'.*"));
        let patterns: Vec<String> = patterns.collect();
        let patterns = patterns.join(" | \\\n    ");
        let held = if is_held { "held " } else { "" };
        format!("case $this in\n    {patterns})\n        {held}{call}\n        ;;\nesac")
    }
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
            call: "need_reboot".to_owned(),
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
        call: format!("{function} {reboot} {}", quoted(&names)),
        notes,
    })
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    quoted.join(" ")
}
