//! The verbs: one file each, and the table of them.

mod admin;
mod admin_accounts;
mod advisory;
mod batch;
mod brief;
mod completions;
mod cvss;
mod demo;
mod explain;
mod feeds;
mod figures;
mod findings;
mod fleet_view;
mod hosts;
mod options;
mod plan;
mod purl;
mod scan;
mod serve;
mod versions;

use clap::{CommandFactory as _, Parser as _};

use crate::exit::Outcome;

/// Daily vulnerability and patch briefing for teams that run servers
///
/// Reads files and computes: it probes nothing, needs no account and sends no telemetry.
#[derive(clap::Parser, Debug)]
#[command(name = "daywatch", version, max_term_width = 100, help_template = HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

const HELP: &str = "\
{about-with-newline}
{usage-heading} {usage}

Every day:
  demo         The whole thing on a sample fleet: a briefing, here and as files
  scan         Match SBOMs, lockfiles, package databases and directories
  explain      Why something is affected by an advisory, or why it is not
  hosts        Remember hosts from day to day, list and search them
  brief        This morning's briefing, of the fleet or of inventories
  findings     List what stands on the fleet, set it aside, mitigate it
  advisory     Say what has a hole before any source does; see whom it hits
  plan         What to install where, by whom, by when; playbooks and tickets
  figures      How fast holes are closed, with what is open counted in
  feeds        Fetch or import advisories, and show how old they are
  serve        The pages and the API for a team, from one process

Building blocks (each also answers lines on stdin):
  versions     Compare versions the way an ecosystem does
  cvss         Score CVSS vectors
  purl         Print the canonical form of package URLs

Setting up:
  admin        Back up and check the store; accounts and tokens of the server
  completions  Print a completion script for a shell
  man          Write the manual pages into a directory

Options:
{options}

`daywatch VERB --help` explains each; `daywatch demo` shows it working.
Exit: 0 fine, 1 the gate you asked for was hit, 2 usage, 3 input could not be
read, 4 internal.
";

#[derive(clap::Subcommand, Debug)]
enum Verb {
    Demo(demo::DemoArgs),
    Scan(Box<scan::ScanArgs>),
    Explain(explain::ExplainArgs),
    Brief(Box<brief::BriefArgs>),
    Findings(findings::FindingsArgs),
    Advisory(advisory::AdvisoryArgs),
    Plan(plan::PlanArgs),
    Figures(figures::FiguresArgs),
    Serve(serve::ServeArgs),
    Feeds(feeds::FeedsArgs),
    Hosts(hosts::HostsArgs),
    Admin(admin::AdminArgs),
    Versions(versions::VersionsArgs),
    Cvss(cvss::CvssArgs),
    Purl(purl::PurlArgs),
    Completions(completions::CompletionsArgs),
    Man(completions::ManArgs),
}

/// Parses the command line and runs the verb. Usage errors end the process in clap, with exit code 2.
pub(crate) fn run() -> anyhow::Result<Outcome> {
    match Cli::parse().verb {
        Verb::Demo(args) => demo::run(&args),
        Verb::Scan(args) => scan::run(&args),
        Verb::Explain(args) => explain::run(&args),
        Verb::Brief(args) => brief::run(&args),
        Verb::Findings(args) => findings::run(&args),
        Verb::Advisory(args) => advisory::run(&args),
        Verb::Plan(args) => plan::run(&args),
        Verb::Figures(args) => figures::run(&args),
        Verb::Serve(args) => serve::run(&args),
        Verb::Feeds(args) => feeds::run(&args),
        Verb::Hosts(args) => hosts::run(&args),
        Verb::Admin(args) => admin::run(&args),
        Verb::Versions(args) => versions::run(&args),
        Verb::Cvss(args) => cvss::run(&args),
        Verb::Purl(args) => purl::run(&args),
        Verb::Completions(args) => completions::completions(&args),
        Verb::Man(args) => completions::man(&args),
    }
}

/// The command as clap knows it, for completions, manual pages and the generated reference.
pub(crate) fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn the_help_fits_a_terminal_of_eighty_columns() {
        for line in HELP.lines() {
            assert!(line.len() <= 80, "{line}");
        }
    }

    #[test]
    fn the_help_names_every_verb() {
        let help = command().render_long_help().to_string();
        for verb in command().get_subcommands() {
            assert!(
                help.contains(&format!("\n  {} ", verb.get_name())),
                "{} is missing",
                verb.get_name()
            );
        }
    }
}
