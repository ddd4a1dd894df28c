//! `daywatch plan`: what to install where, by whom, when, and what it closes.

use std::path::PathBuf;

use app::error::Failure;
use clap::builder::PossibleValuesParser;
use reports::renderers::{PLAN_RENDERERS, plan_renderer};

use crate::commands::fleet_view::Asked;
use crate::exit::Outcome;
use crate::output;

/// What to install where, by whom, in which window, by when, and what it closes
///
/// Playbooks and scripts are to be read before anyone runs them; nothing here does.
#[derive(clap::Args, Debug)]
pub(crate) struct PlanArgs {
    /// Only what this owner has to do
    #[arg(long)]
    owner: Option<String>,
    /// An earlier plan as JSON, to tell which deadlines moved
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// How to print it
    #[arg(long, default_value = "table", value_parser = PossibleValuesParser::new(PLAN_RENDERERS.iter().map(|r| r.id())))]
    format: String,
    #[command(flatten)]
    asked: Asked,
}

pub(crate) fn run(args: &PlanArgs) -> anyhow::Result<Outcome> {
    let previous = args.previous.as_deref().map(app::fleet::plan::previous);
    let previous = previous.transpose()?;
    let plan = app::fleet::plan::of_fleet(
        args.asked.place()?,
        args.asked.basis.catalog.as_deref(),
        &args.asked.policies()?,
        args.asked.moment(),
        args.owner.as_deref(),
        previous.as_ref(),
    )?;
    let renderer = plan_renderer(&args.format)
        .ok_or_else(|| Failure::usage(format!("unknown format: {}", args.format)))?;
    output::print(&renderer.render(&plan, &output::wishes()))?;
    Ok(Outcome::FINE)
}
