//! `daywatch completions` and `daywatch man`: generated from the command line itself, so they cannot be out of date.

use std::path::PathBuf;

use app::error::Failure;

use crate::exit::Outcome;
use crate::output;

/// Print a completion script for a shell
#[derive(clap::Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

/// Write the manual pages into a directory
#[derive(clap::Args, Debug)]
pub(crate) struct ManArgs {
    /// Where to; made if missing
    directory: PathBuf,
}

pub(crate) fn completions(args: &CompletionsArgs) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "daywatch", &mut script);
    output::print(&String::from_utf8(script)?)?;
    Ok(Outcome::FINE)
}

pub(crate) fn man(args: &ManArgs) -> anyhow::Result<Outcome> {
    let failed = |e: std::io::Error| {
        Failure::input(format!("cannot write to {}: {e}", args.directory.display()))
    };
    std::fs::create_dir_all(&args.directory).map_err(failed)?;
    clap_mangen::generate_to(super::command(), &args.directory).map_err(failed)?;
    Ok(Outcome::FINE)
}
