//! The formats of the plan. Those that a machine could run are for review: `allowed` lets through what may stand in a command.

mod allowed;
pub(super) mod ansible;
pub(super) mod csv;
pub(super) mod ics;
pub(super) mod json;
pub(super) mod markdown;
pub(super) mod powershell;
mod script;
pub(super) mod sh;
pub(super) mod table;
pub(super) mod tickets;
mod wire;

use fleet::patch::{Installer, Patch, Work};
use fleet::plan::{Item, Plan};

use crate::plan::words;
use crate::wording::instant;

/// What a script is, in comments.
fn about(plan: &Plan) -> String {
    let of = plan.owner.as_ref();
    let of = of.map_or_else(String::new, |owner| format!(" for {owner}"));
    let lines = [
        format!("Plan{of} as of {}: {}", instant(plan.now), words::totals(plan)),
        "An upgrade takes what the host's own sources offer; a report of the host says whether that closed it.".to_owned(),
    ];
    let lines = lines.iter().map(|line| allowed::comment(line) + "\n");
    lines.collect()
}

/// The heading of an item, as a comment.
fn heading(item: &Item) -> String {
    let action = words::action(&item.patch);
    allowed::comment(&format!(
        "{}. {action} ({})",
        item.number, item.patch.ecosystem
    ))
}

/// Which tool does it, or why no command can.
fn by_command(item: &Item) -> Result<Installer, String> {
    let patch = &item.patch;
    match (patch.work, Installer::of(&patch.ecosystem)) {
        (Work::Upgrade, Some(Installer::WindowsUpdate)) => Err(by_hand(item)),
        (Work::Upgrade | Work::Update, Some(by)) => Ok(by),
        _ => Err(by_hand(item)),
    }
}

/// What to do where no command does it.
fn by_hand(item: &Item) -> String {
    let patch = &item.patch;
    match patch.work {
        Work::Mitigate => {
            "nothing to install: stop it, close its port, or decide to live with it".to_owned()
        }
        Work::Restart => {
            "restart what uses it: needrestart or needs-restarting names it".to_owned()
        }
        _ if Installer::of(&patch.ecosystem) == Some(Installer::WindowsUpdate) => {
            "not an update with a number: its own installer or Windows Update brings it".to_owned()
        }
        _ => format!(
            "no package manager of a system installs it: raise it where {} is declared",
            patch.package
        ),
    }
}

/// The packages that may stand in a command, and a comment for each that may not.
fn packages(patch: &Patch) -> (Vec<&str>, Vec<String>) {
    let (mut names, mut refused) = (Vec::new(), Vec::new());
    for package in &patch.packages {
        match allowed::package(package) {
            Some(name) => names.push(name),
            None => refused.push(allowed::refused("package", package)),
        }
    }
    (names, refused)
}
