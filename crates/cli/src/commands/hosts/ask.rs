//! `daywatch hosts ask`: ask hosts to report again, now.

use app::error::Failure;
use app::fleet::asked::{self, AskRequest, Asked};
use drawing::escape::printable;
use drawing::text::thousands;
use inventory::HostKind;
use serde_json::json;

use crate::commands::options::{Clock, Kept};
use crate::exit::Outcome;
use crate::output;

/// Ask hosts to report again, now, and see who has not
///
/// The moment and the hosts are recorded. `hosts list --unanswered` shows who has not reported since, and the briefing tells how
/// many. Nothing is sent: have their reports imported.
#[derive(clap::Args, Debug)]
pub(crate) struct AskArgs {
    /// Only these: numbers (h17) or names, in which `*` stands for any characters [default: every host]
    #[arg(value_name = "HOST")]
    hosts: Vec<String>,
    /// Only hosts in this zone
    #[arg(long, value_name = "GLOB")]
    zone: Option<String>,
    /// Only hosts of this owner
    #[arg(long, value_name = "GLOB")]
    owner: Option<String>,
    /// Only machines, images or applications
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Who asks: a role or a team
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    clock: Clock,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Table,
    Json,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Machine,
    Image,
    Application,
}

impl Kind {
    const fn of_host(self) -> HostKind {
        match self {
            Self::Machine => HostKind::Machine,
            Self::Image => HostKind::Image,
            Self::Application => HostKind::Application,
        }
    }
}

pub(crate) fn run(args: &AskArgs) -> anyhow::Result<Outcome> {
    if args.by.as_ref().is_some_and(|by| by.trim().is_empty()) {
        return Err(Failure::usage("--by names nobody").into());
    }
    let request = AskRequest {
        hosts: args.hosts.clone(),
        zone: args.zone.clone(),
        owner: args.owner.clone(),
        kind: args.kind.map(Kind::of_host),
        reason: args.reason.clone(),
        by: args.by.clone(),
    };
    let asked = asked::ask(args.kept.place()?, &request, args.clock.now())?;
    output::print(&match args.format {
        Format::Table => text(&asked),
        Format::Json => json(&asked),
    })?;
    Ok(Outcome::FINE)
}

fn text(asked: &Asked) -> String {
    let hosts = usize::try_from(asked.answers.asked).unwrap_or(usize::MAX);
    format!(
        "question {}: {} asked at {} to report again\n`daywatch hosts list --unanswered` shows who has not; `daywatch hosts import PATH` takes their reports\n",
        asked.number,
        match hosts {
            1 => "1 host is".to_owned(),
            n => format!("{} hosts are", thousands(n)),
        },
        asked.ask.at
    )
}

fn json(asked: &Asked) -> String {
    let (ask, answers) = (&asked.ask, &asked.answers);
    let value = json!({
        "schema": "daywatch.ask/1",
        "number": asked.number,
        "at": ask.at.to_string(),
        "reason": ask.reason.as_deref().map(printable),
        "select": printable(&ask.select),
        "asked": answers.asked,
        "answered": answers.answered(),
        "oldest": answers.oldest.map(|at| at.to_string()),
    });
    format!("{value:#}\n")
}
