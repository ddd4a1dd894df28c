//! `daywatch brief`: this morning's briefing.

use std::path::{Path, PathBuf};

use app::brief::BriefOptions;
use app::error::Failure;
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use reports::briefing::Briefing;
use reports::renderers::{BRIEFING_RENDERERS, briefing_renderer};

use crate::commands::options::{Basis, Kept, parse_instant};
use crate::exit::Outcome;
use crate::output;
use crate::progress::Bars;

/// This morning's briefing, of the fleet in the store or of a directory of inventories
///
/// With --inventory, DIR holds one file or one directory for each host, in any format `scan` reads, and `fleet.toml` (or `hosts.toml`, its
/// older name) with what the team says of its hosts; nothing is remembered. Without it the store is asked, and what changed since the briefing before is
/// told from its log.
#[derive(clap::Args, Debug)]
pub(crate) struct BriefArgs {
    /// Where the inventories are [default: the store]
    #[arg(long, value_name = "DIR")]
    inventory: Option<PathBuf>,
    /// The JSON of the briefing before, to compare with
    #[arg(long, value_name = "FILE", requires = "inventory")]
    previous: Option<PathBuf>,
    /// How to print it
    #[arg(long, default_value = "text", value_parser = PossibleValuesParser::new(BRIEFING_RENDERERS.iter().map(|r| r.id())))]
    format: String,
    /// What the team says of its hosts [default: fleet.toml or hosts.toml in DIR]
    #[arg(long, value_name = "FILE", requires = "inventory")]
    hosts: Option<PathBuf>,
    /// Suppressions [default: .daywatch.toml here, if there is one]
    #[arg(long, value_name = "FILE", requires = "inventory")]
    suppressions: Option<PathBuf>,
    /// Decide by this policy instead of the ones that ship
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The briefing of this moment, with what was known then and the catalog that held then; the same bytes whenever it is asked
    #[arg(long, value_name = "T", value_parser = parse_instant, conflicts_with = "inventory", visible_alias = "date")]
    as_of: Option<Timestamp>,
    /// Do not record that it went out, so that the next one compares itself with the one before
    #[arg(long, conflicts_with = "inventory")]
    draft: bool,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    basis: Basis,
}

pub(crate) fn run(args: &BriefArgs) -> anyhow::Result<Outcome> {
    let policies = app::policies::load(args.policy.as_deref())?;
    let now = args.basis.clock.now();
    let briefing = match &args.inventory {
        Some(inventory) => {
            let catalog = args.basis.open()?;
            let options = options(args, inventory);
            app::brief::brief(&catalog, &policies, &options, now, &Bars::default())?
        }
        None => {
            let (place, file) = (args.kept.place()?, args.basis.catalog.as_deref());
            let at = args.as_of.unwrap_or(now);
            app::fleet::brief::brief(place, file, &policies, at, args.as_of.is_some())?
        }
    };
    let text = rendered(&args.format, &briefing)?;
    if args.inventory.is_none() && args.as_of.is_none() && !args.draft {
        let json = rendered("json", &briefing)?;
        app::fleet::brief::record(args.kept.place()?, &briefing, json.as_bytes(), now)?;
    }
    output::print(&text)?;
    Ok(Outcome::FINE)
}

fn options(args: &BriefArgs, inventory: &Path) -> BriefOptions {
    BriefOptions {
        inventory: inventory.to_owned(),
        previous: args.previous.clone(),
        hosts: args.hosts.clone(),
        suppressions: args.suppressions.clone(),
    }
}

fn rendered(format: &str, briefing: &Briefing) -> anyhow::Result<String> {
    let renderer = briefing_renderer(format)
        .ok_or_else(|| Failure::usage(format!("unknown format: {format}")))?;
    Ok(renderer.render(briefing, &output::wishes()))
}
