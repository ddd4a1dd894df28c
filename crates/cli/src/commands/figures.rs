//! `daywatch figures`: how fast holes are closed.

use app::error::Failure;
use app::fleet::figures::{FigureQuery, of_fleet};
use clap::builder::PossibleValuesParser;
use fleet::metrics::By;
use jiff::Timestamp;
use reports::renderers::{METRICS_RENDERERS, metrics_renderer};

use crate::commands::fleet_view::Asked;
use crate::commands::options::parse_instant;
use crate::exit::Outcome;
use crate::output;

/// How fast holes are closed: dates held, days of exposure, time to patch with what is open counted in
///
/// From the log of the fleet, a finding once a host. There is no mean time to remediate: it leaves out what is still open. What is
/// set aside or mitigated counts as open, without a date to be held.
#[derive(clap::Args, Debug)]
pub(crate) struct FiguresArgs {
    /// From this moment on [default: the first finding]
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    since: Option<Timestamp>,
    /// Also of each owner, zone, severity or policy
    #[arg(long, value_parser = PossibleValuesParser::new(By::ALL.map(By::as_str)))]
    by: Option<String>,
    /// How to print it
    #[arg(long, default_value = "text", value_parser = PossibleValuesParser::new(METRICS_RENDERERS.iter().map(|r| r.id())))]
    format: String,
    #[command(flatten)]
    asked: Asked,
}

pub(crate) fn run(args: &FiguresArgs) -> anyhow::Result<Outcome> {
    let moment = args.asked.moment();
    if let Some(since) = args.since.filter(|since| *since >= moment.at) {
        return Err(
            Failure::usage(format!("nothing lies between {since} and {}", moment.at))
                .hint("--since has to be before --as-of, which is now unless it is given")
                .into(),
        );
    }
    let by = args.by.as_deref();
    let query = FigureQuery {
        at: moment.at,
        is_as_of: moment.is_as_of,
        since: args.since,
        by: by.and_then(|word| By::ALL.into_iter().find(|by| by.as_str() == word)),
    };
    let figures = of_fleet(
        args.asked.place()?,
        args.asked.basis.catalog.as_deref(),
        &args.asked.policies()?,
        query,
    )?;
    let renderer = metrics_renderer(&args.format)
        .ok_or_else(|| Failure::usage(format!("unknown format: {}", args.format)))?;
    output::print(&renderer.render(&figures, &output::wishes()))?;
    Ok(Outcome::FINE)
}
