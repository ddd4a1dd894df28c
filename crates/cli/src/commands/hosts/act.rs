//! `daywatch hosts rules`, `say` and `remove`.

use std::path::PathBuf;

use app::error::Failure;
use app::fleet::hosts;
use fleet::asset::{Attribute, AttributeKind};

use crate::commands::options::{Clock, Kept};
use crate::exit::Outcome;
use crate::output;

/// Make a file of rules the one that says who owns which host, what is exposed, in scope, and when it may be patched
#[derive(clap::Args, Debug)]
pub(crate) struct RulesArgs {
    /// The file; docs/guide/fleet.md shows every key
    file: PathBuf,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    clock: Clock,
}

/// Say something of hosts; it counts more than rules, lists and the host's own word
#[derive(clap::Args, Debug)]
pub(crate) struct SayArgs {
    /// What: zone, owner, criticality, exposed, scope, window or tag, as NAME=VALUE
    #[arg(value_name = "NAME=VALUE", value_parser = parse_attribute)]
    said: Attribute,
    /// Of which hosts: their numbers (h17) or their names
    #[arg(required = true, value_name = "HOST")]
    hosts: Vec<String>,
    /// Who says so: a role or a team
    #[arg(long, value_name = "WHO")]
    by: String,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    clock: Clock,
}

/// Take a host out of the fleet; its findings are then neither open nor fixed
#[derive(clap::Args, Debug)]
pub(crate) struct RemoveArgs {
    /// Its number (h17) or its name
    host: String,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    clock: Clock,
}

fn parse_attribute(text: &str) -> Result<Attribute, String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| "expected NAME=VALUE, such as exposed=no".to_owned())?;
    let kinds = AttributeKind::ALL;
    let kind = kinds.into_iter().find(|kind| kind.as_str() == name);
    let kind = kind.ok_or_else(|| {
        let names: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        format!("{name} is none of {}", names.join(", "))
    })?;
    Attribute::parse(kind, Some(value)).map_err(|e| e.to_string())
}

pub(crate) fn rules(args: &RulesArgs) -> anyhow::Result<Outcome> {
    let rules = hosts::set_rules(args.kept.place()?, &args.file, args.clock.now())?;
    output::print(&format!(
        "{}: {} rules hold from now on; `daywatch hosts list --unruled` shows the hosts none is about\n",
        args.file.display(),
        rules.lines().count()
    ))?;
    Ok(Outcome::FINE)
}

pub(crate) fn say(args: &SayArgs) -> anyhow::Result<Outcome> {
    if args.by.trim().is_empty() {
        return Err(Failure::usage("--by names nobody").into());
    }
    let now = args.clock.now();
    let kind = args.said.kind().as_str();
    let value = args.said.text().unwrap_or_else(|| "unknown".to_owned());
    for host in &args.hosts {
        let host = hosts::say(args.kept.place()?, host, &args.said, &args.by, now)?;
        output::print(&format!("{host}: {kind} is {value}, says {}\n", args.by))?;
    }
    Ok(Outcome::FINE)
}

pub(crate) fn remove(args: &RemoveArgs) -> anyhow::Result<Outcome> {
    let host = hosts::remove(args.kept.place()?, &args.host, args.clock.now())?;
    output::print(&format!(
        "{host} is out of the fleet; a later report brings it back\n"
    ))?;
    Ok(Outcome::FINE)
}
