//! `daywatch findings`: what stands on the fleet, and what people decide about it.

mod changes;
mod decide;

use app::error::Failure;
use app::fleet::decided::open_questions;
use app::fleet::finding::{self, ShowQuery};
use app::fleet::lists::{self, FindingOrder, FindingQuery};
use base::Severity;
use clap::builder::PossibleValuesParser;
use drawing::escape::printable;
use fleet::questions::{Question, questions};
use jiff::Timestamp;
use reports::listing::State;

use crate::commands::fleet_view::{Asked, Shown, Worded};
use crate::commands::options::parse_instant;
use crate::exit::Outcome;
use crate::output;

/// List what stands on the fleet, set it aside, keep it from being used
#[derive(clap::Args, Debug)]
pub(crate) struct FindingsArgs {
    #[command(subcommand)]
    verb: FindingsVerb,
}

#[derive(clap::Subcommand, Debug)]
enum FindingsVerb {
    List(Box<ListArgs>),
    Show(ShowArgs),
    Changes(changes::ChangesArgs),
    Suppress(Box<decide::SuppressArgs>),
    Mitigate(Box<decide::MitigateArgs>),
    Decisions(decide::DecisionsArgs),
    Questions(QuestionsArgs),
}

/// Findings, one row for all hosts on which one is the same
#[derive(clap::Args, Debug)]
struct ListArgs {
    /// Only on this host: its number, or a name; `*` stands for any characters
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Only on hosts in this zone; `none` for those of which nobody says
    #[arg(long)]
    zone: Option<String>,
    /// Only on hosts of this owner; `none` as above
    #[arg(long)]
    owner: Option<String>,
    /// Only this CVE or id
    #[arg(long)]
    id: Option<String>,
    /// Only of this package or source package
    #[arg(long, value_name = "GLOB")]
    package: Option<String>,
    /// Only from this severity up
    #[arg(long, value_name = "SEVERITY", value_parser = parse_severity)]
    severity: Option<Severity>,
    /// Only known exploited ones
    #[arg(long)]
    kev: bool,
    /// Only those due by then, overdue ones included
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    due_by: Option<Timestamp>,
    /// Only those that stand so [default: open, reopened, awaits-restart]
    #[arg(long, value_name = "STATE", value_parser = parse_state)]
    state: Vec<State>,
    /// Which first
    #[arg(long, default_value = "due", value_parser = PossibleValuesParser::new(FindingOrder::ALL.map(|(word, _)| word)))]
    sort: String,
    /// The other way round
    #[arg(long)]
    reverse: bool,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    asked: Asked,
}

/// One vulnerability on every host, set aside and mitigated ones too, and what each policy decides from which facts
#[derive(clap::Args, Debug)]
struct ShowArgs {
    /// A CVE or any id
    id: String,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    asked: Asked,
}

/// What nobody says, sorted by how many deadlines an answer would move
#[derive(clap::Args, Debug)]
struct QuestionsArgs {
    /// Questions to show
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    worded: Worded,
    #[command(flatten)]
    asked: Asked,
}

fn ask(args: &QuestionsArgs) -> anyhow::Result<Outcome> {
    let view = args.asked.view()?;
    let policies = args.asked.policies()?;
    let lives = view.lives(&policies)?;
    let asked = questions(&policies, &lives.groups, &view.hosts.members(), args.limit);
    args.worded
        .print(|| in_words(&asked), || Ok(open_questions(&view, &asked)))
}

fn in_words(asked: &[Question]) -> String {
    if asked.is_empty() {
        return "no answer would move a deadline\n".to_owned();
    }
    let lines = asked.iter().map(|question| {
        format!(
            "{:>6} deadlines  {}\n                  {}\n",
            question.deadlines,
            printable(&question.text),
            printable(&question.command)
        )
    });
    lines.collect()
}

fn parse_severity(text: &str) -> Result<Severity, String> {
    let found = Severity::ALL.into_iter().find(|s| s.as_str() == text);
    found.ok_or_else(|| "expected none, low, medium, high or critical".to_owned())
}

const STATES: [State; 5] = [
    State::Open,
    State::Reopened,
    State::Mitigated,
    State::Suppressed,
    State::AwaitsRestart,
];

fn parse_state(text: &str) -> Result<State, String> {
    let found = STATES.into_iter().find(|state| state.as_str() == text);
    found.ok_or_else(|| {
        let words: Vec<&str> = STATES.iter().map(|state| state.as_str()).collect();
        format!("expected one of {}", words.join(", "))
    })
}

pub(crate) fn run(args: &FindingsArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        FindingsVerb::List(args) => list(args),
        FindingsVerb::Show(args) => show(args),
        FindingsVerb::Changes(args) => changes::changes(args),
        FindingsVerb::Suppress(args) => decide::suppress(args),
        FindingsVerb::Mitigate(args) => decide::mitigate(args),
        FindingsVerb::Decisions(args) => decide::decisions(args),
        FindingsVerb::Questions(args) => ask(args),
    }
}

fn list(args: &ListArgs) -> anyhow::Result<Outcome> {
    let order = FindingOrder::ALL
        .into_iter()
        .find(|(word, _)| *word == args.sort);
    let (_, sort) = order.ok_or_else(|| Failure::usage(format!("unknown order: {}", args.sort)))?;
    let view = args.asked.view()?;
    let lives = view.lives(&args.asked.policies()?)?;
    let query = FindingQuery {
        host: args.host.clone(),
        zone: args.zone.clone(),
        owner: args.owner.clone(),
        id: args.id.clone(),
        package: args.package.clone(),
        severity: args.severity,
        kev: args.kev,
        due_by: args.due_by,
        states: args.state.clone(),
        sort,
        is_reversed: args.reverse,
        offset: args.shown.offset,
        limit: args.shown.limit,
    };
    args.shown
        .print(&lists::findings(&view, &lives.groups, &query)?)?;
    mark(&args.shown, &lists::marks(&view, &lives.groups, &query)?)
}

fn show(args: &ShowArgs) -> anyhow::Result<Outcome> {
    let view = args.asked.view()?;
    let lives = view.lives(&args.asked.policies()?)?;
    let query = ShowQuery {
        id: args.id.clone(),
        offset: args.shown.offset,
        limit: args.shown.limit,
    };
    args.shown
        .print(&finding::show(&view, &lives.groups, &query))?;
    let asked = FindingQuery {
        id: Some(args.id.clone()),
        states: STATES.to_vec(),
        offset: args.shown.offset,
        limit: args.shown.limit,
        ..FindingQuery::default()
    };
    mark(&args.shown, &lists::marks(&view, &lives.groups, &asked)?)
}

/// Tells people which findings are of our own advisories.
fn mark(shown: &Shown, marks: &[String]) -> anyhow::Result<Outcome> {
    if shown.is_table() {
        for mark in marks {
            output::print(&format!("{}\n", printable(mark)))?;
        }
    }
    Ok(Outcome::FINE)
}
