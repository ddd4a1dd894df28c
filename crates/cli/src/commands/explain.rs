//! `daywatch explain`: why affected, or why not.

use std::path::PathBuf;

use app::error::Failure;
use app::explain::{explain, explain_on};
use app::fleet::view::{Moment, View};
use jiff::Timestamp;
use reports::explanation::Explanation;

use crate::commands::options::{Basis, Kept, parse_instant};
use crate::exit::Outcome;
use crate::output;

/// Why something is affected by an advisory, or why it is not
///
/// Shows the records, the ranges, who scored what, EPSS, KEV and SSVC; with a target, the verdict for each package a record
/// names, with the range and event that decided.
#[derive(clap::Args, Debug)]
pub(crate) struct ExplainArgs {
    /// Id of an advisory or a CVE
    advisory: String,
    /// An SBOM, a lockfile, a package database or a directory
    target: Option<PathBuf>,
    /// A host of the fleet instead: its number (h17) or its name
    #[arg(long, conflicts_with = "target")]
    host: Option<String>,
    /// Answer as of this moment: with what was known of the host then, and the catalog that held then
    #[arg(long, value_name = "T", value_parser = parse_instant, requires = "host")]
    as_of: Option<Timestamp>,
    #[command(flatten)]
    kept: Kept,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    basis: Basis,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Text,
    Json,
}

pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<Outcome> {
    let explanation = match &args.host {
        Some(host) => of_fleet(args, host)?,
        None => explain(
            &args.basis.open()?,
            &args.advisory,
            args.target.as_deref(),
            args.basis.clock.now(),
        )?,
    };
    output::print(&match args.format {
        Format::Text => explanation.to_text(output::stdout_style()),
        Format::Json => explanation.to_json(),
    })?;
    Ok(Outcome::FINE)
}

/// On a host of the fleet, by its last report that was known.
fn of_fleet(args: &ExplainArgs, host: &str) -> app::error::Result<Explanation> {
    let moment = Moment {
        at: args.as_of.unwrap_or_else(|| args.basis.clock.now()),
        is_as_of: args.as_of.is_some(),
        told_after: None,
    };
    let view = View::open(args.kept.place()?, args.basis.catalog.as_deref(), moment)?;
    let placed = view.hosts.find(host)?;
    let inventory = view.inventory(placed.host.id)?.ok_or_else(|| {
        Failure::input(format!("{} has not reported", placed.host.name))
            .hint("`daywatch hosts import PATH` takes in what it has")
    })?;
    let name = placed.host.name.as_str();
    explain_on(
        &view.catalog,
        &args.advisory,
        Some((name, std::slice::from_ref(&*inventory))),
        moment.at,
    )
}
