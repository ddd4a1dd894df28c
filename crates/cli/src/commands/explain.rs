//! `daywatch explain`: why affected, or why not.

use std::path::PathBuf;

use crate::commands::options::Basis;
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
    let catalog = args.basis.open()?;
    let explanation = app::explain::explain(
        &catalog,
        &args.advisory,
        args.target.as_deref(),
        args.basis.clock.now(),
    )?;
    output::print(&match args.format {
        Format::Text => explanation.to_text(output::stdout_style()),
        Format::Json => explanation.to_json(),
    })?;
    Ok(Outcome::FINE)
}
