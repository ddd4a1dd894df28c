//! `daywatch brief`: this morning's briefing.

use std::path::PathBuf;

use app::brief::BriefOptions;
use app::error::Failure;
use clap::builder::PossibleValuesParser;
use reports::renderers::{BRIEFING_RENDERERS, Options, briefing_renderer};

use crate::commands::options::Basis;
use crate::exit::Outcome;
use crate::output;
use crate::progress::Bars;

/// This morning's briefing from a directory of inventories
///
/// DIR holds one file or one directory for each host, in any format `scan` reads, and `hosts.toml` with what the team says of
/// its hosts (zone, owner, criticality, exposure).
#[derive(clap::Args, Debug)]
pub(crate) struct BriefArgs {
    /// Where the inventories are
    #[arg(long, value_name = "DIR")]
    inventory: PathBuf,
    /// The JSON of the briefing before, to compare with
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// How to print it
    #[arg(long, default_value = "text", value_parser = PossibleValuesParser::new(BRIEFING_RENDERERS.iter().map(|r| r.id())))]
    format: String,
    /// What the team says of its hosts [default: hosts.toml in DIR]
    #[arg(long, value_name = "FILE")]
    hosts: Option<PathBuf>,
    /// Suppressions [default: .daywatch.toml here, if there is one]
    #[arg(long, value_name = "FILE")]
    suppressions: Option<PathBuf>,
    /// Decide by this policy instead of the ones that ship
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    basis: Basis,
}

pub(crate) fn run(args: &BriefArgs) -> anyhow::Result<Outcome> {
    let policies = app::policies::load(args.policy.as_deref())?;
    let catalog = args.basis.open()?;
    let options = BriefOptions {
        inventory: args.inventory.clone(),
        previous: args.previous.clone(),
        hosts: args.hosts.clone(),
        suppressions: args.suppressions.clone(),
    };
    let briefing = app::brief::brief(
        &catalog,
        &policies,
        &options,
        args.basis.clock.now(),
        &Bars::default(),
    )?;
    let renderer = briefing_renderer(&args.format)
        .ok_or_else(|| Failure::usage(format!("unknown format: {}", args.format)))?;
    let style = output::stdout_style();
    let wishes = Options {
        colour: style.colour,
        width: style.width,
        ..Options::default()
    };
    output::print(&renderer.render(&briefing, &wishes))?;
    Ok(Outcome::FINE)
}
