//! `daywatch hosts`: which hosts there are, what is known of them, and by whom.

mod act;
mod ask;
mod identity;
mod import;
mod list;

use crate::exit::Outcome;

/// Remember hosts from day to day, list and search them
#[derive(clap::Args, Debug)]
pub(crate) struct HostsArgs {
    #[command(subcommand)]
    verb: HostsVerb,
}

#[derive(clap::Subcommand, Debug)]
enum HostsVerb {
    Import(import::ImportArgs),
    List(list::ListArgs),
    Show(list::ShowArgs),
    Find(list::FindArgs),
    Rules(act::RulesArgs),
    Say(act::SayArgs),
    Remove(act::RemoveArgs),
    Ask(ask::AskArgs),
    Known(identity::KnownArgs),
    Same(identity::SameArgs),
}

pub(crate) fn run(args: &HostsArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        HostsVerb::Import(args) => import::run(args),
        HostsVerb::List(args) => list::list(args),
        HostsVerb::Show(args) => list::show(args),
        HostsVerb::Find(args) => list::find(args),
        HostsVerb::Rules(args) => act::rules(args),
        HostsVerb::Say(args) => act::say(args),
        HostsVerb::Remove(args) => act::remove(args),
        HostsVerb::Ask(args) => ask::run(args),
        HostsVerb::Known(args) => identity::known(args),
        HostsVerb::Same(args) => identity::same(args),
    }
}
