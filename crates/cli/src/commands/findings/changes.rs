//! `daywatch findings changes`: what came and went between two moments.

use app::error::Failure;
use app::fleet::changes::{self, ChangeQuery};
use app::fleet::view::Moment;
use jiff::{SignedDuration, Timestamp};

use crate::commands::fleet_view::{Asked, Shown};
use crate::commands::options::parse_instant;
use crate::exit::Outcome;

/// What opened, closed and came back between two moments, net, from the log
///
/// `fixed` is what a report showed gone, `gone` what the advisories take back.
#[derive(clap::Args, Debug)]
pub(super) struct ChangesArgs {
    /// After this moment [default: a day before the other one]
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    since: Option<Timestamp>,
    /// Up to this moment, with what was known then: the same as --as-of [default: now]
    #[arg(long, value_name = "T", value_parser = parse_instant, conflicts_with = "as_of")]
    until: Option<Timestamp>,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    asked: Asked,
}

pub(super) fn changes(args: &ChangesArgs) -> anyhow::Result<Outcome> {
    let asked = args.asked.moment();
    let at = args.until.unwrap_or(asked.at);
    let day_before = at.saturating_sub(SignedDuration::from_hours(24));
    let since = args.since.unwrap_or(day_before.unwrap_or(at));
    if since >= at {
        return Err(
            Failure::usage(format!("nothing lies between {since} and {at}"))
                .hint("--since has to be before --until, which is now unless it is given")
                .into(),
        );
    }
    let view = args.asked.view_at(Moment {
        at,
        is_as_of: asked.is_as_of || args.until.is_some(),
        told_after: Some(since),
    })?;
    let lives = view.lives(&args.asked.policies()?)?;
    let query = ChangeQuery {
        since,
        offset: args.shown.offset,
        limit: args.shown.limit,
    };
    args.shown
        .print(&changes::changes(&view, &lives.groups, query))
}
