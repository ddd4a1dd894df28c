//! `daywatch hosts`: which hosts there are, what is known of them, and by whom.

mod import;

use crate::exit::Outcome;

/// Tell the store of hosts, list them, search them
#[derive(clap::Args, Debug)]
pub(crate) struct HostsArgs {
    #[command(subcommand)]
    verb: HostsVerb,
}

#[derive(clap::Subcommand, Debug)]
enum HostsVerb {
    Import(import::ImportArgs),
}

pub(crate) fn run(args: &HostsArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        HostsVerb::Import(args) => import::run(args),
    }
}
