//! `daywatch hosts list`, `show` and `find`.

use app::error::Failure;
use app::fleet::asked::{self, Asked as Question};
use app::fleet::find::{self, FindQuery};
use app::fleet::lists::{self, FindingQuery, HostQuery};
use app::fleet::members::Placed;
use app::fleet::view::View;
use drawing::escape::printable;
use jiff::SignedDuration;
use reports::listing::State;

use crate::commands::fleet_view::{Asked, Shown};
use crate::commands::options::parse_age;
use crate::exit::Outcome;
use crate::output;

/// Which hosts there are, and what stands on each
#[derive(clap::Args, Debug)]
pub(crate) struct ListArgs {
    /// Only hosts of this name; `*` stands for any characters
    #[arg(long, value_name = "GLOB")]
    name: Option<String>,
    /// Only hosts in this zone; `none` for those of which nobody says
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Only hosts of this owner; `none` as above
    #[arg(long, value_name = "OWNER")]
    owner: Option<String>,
    /// Only hosts that did not report for so long: `24h`, `7d`
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    silent_for: Option<SignedDuration>,
    /// Only hosts that no rule is about, but those about every host
    #[arg(long)]
    unruled: bool,
    /// Only hosts that were asked to report again (`hosts ask`) and have not since
    #[arg(long)]
    unanswered: bool,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    asked: Asked,
}

/// All that is known of one host, and its findings
#[derive(clap::Args, Debug)]
pub(crate) struct ShowArgs {
    /// Its number (h17) or its name
    host: String,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    asked: Asked,
}

/// Which hosts have a package, an update, a port, a service or a file, without any advisory
///
/// For the day on which there is no CVE yet. Several conditions must all hold.
#[derive(clap::Args, Debug)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true)))]
pub(crate) struct FindArgs {
    /// A package, its source package or a product; `*` stands for any characters
    #[arg(long, value_name = "GLOB", group = "what")]
    package: Option<String>,
    /// Only in versions below this one
    #[arg(long, value_name = "VERSION", requires = "package")]
    below: Option<String>,
    /// An update of Windows that is installed: KB5082123
    #[arg(long, value_name = "KB", group = "what")]
    kb: Option<base::Kb>,
    /// A port something listens on
    #[arg(long, value_name = "N", group = "what")]
    port: Option<u16>,
    /// A program or package that listens
    #[arg(long, value_name = "GLOB", group = "what")]
    service: Option<String>,
    /// A file in which a package was found
    #[arg(long, value_name = "GLOB", group = "what")]
    file: Option<String>,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    asked: Asked,
}

pub(crate) fn list(args: &ListArgs) -> anyhow::Result<Outcome> {
    let view = args.asked.view()?;
    let lives = view.lives(&args.asked.policies()?)?;
    let query = HostQuery {
        name: args.name.clone(),
        zone: args.zone.clone(),
        owner: args.owner.clone(),
        silent_for: args.silent_for,
        is_unruled: args.unruled,
        unanswered: unanswered(args, &view)?,
        offset: args.shown.offset,
        limit: args.shown.limit,
    };
    args.shown
        .print(&lists::hosts(&view, &lives.groups, &query))
}

/// The newest question to hosts, where those are wanted that have not answered it.
fn unanswered(args: &ListArgs, view: &View) -> anyhow::Result<Option<Question>> {
    if !args.unanswered {
        return Ok(None);
    }
    match asked::latest(view)? {
        Some(asked) => Ok(Some(asked)),
        None => Err(Failure::usage("--unanswered: no host was asked yet")
            .hint("`daywatch hosts ask` asks all of them, and records when")
            .into()),
    }
}

pub(crate) fn show(args: &ShowArgs) -> anyhow::Result<Outcome> {
    let view = args.asked.view()?;
    let lives = view.lives(&args.asked.policies()?)?;
    let placed = view.hosts.find(&args.host)?;
    output::print(&told(placed))?;
    let query = FindingQuery {
        host: Some(placed.host.id.to_string()),
        states: vec![
            State::Open,
            State::Reopened,
            State::Mitigated,
            State::Suppressed,
            State::AwaitsRestart,
        ],
        offset: args.shown.offset,
        limit: args.shown.limit,
        ..FindingQuery::default()
    };
    args.shown
        .print(&lists::findings(&view, &lives.groups, &query)?)
}

/// What is said of a host, and by whom.
fn told(placed: &Placed) -> String {
    let mut lines = vec![format!("{} {}", placed.host.id, placed.host.name)];
    let mut say = |name: &str, value: String| {
        lines.push(format!("  {name:<12} {}", printable(&value)));
    };
    say("kind", placed.host.kind.as_str().to_owned());
    let unknown = || "unknown".to_owned();
    say(
        "system",
        placed.os.as_ref().map_or_else(unknown, |os| os.label()),
    );
    match &placed.report {
        Some(report) => say(
            "reported",
            format!(
                "{} (learned {}, {})",
                report.seen_at, report.at, report.source
            ),
        ),
        None => say("reported", "never".to_owned()),
    }
    for said in &placed.member.asset.said {
        let value = said.attribute.text().unwrap_or_else(unknown);
        let whom = format!("{}, {}", said.source, said.authority.as_str());
        say(said.attribute.kind().as_str(), format!("{value} ({whom})"));
    }
    for id in &placed.identifiers {
        say("id", id.to_string());
    }
    lines.join("\n") + "\n\n"
}

pub(crate) fn find(args: &FindArgs) -> anyhow::Result<Outcome> {
    let view = args.asked.view()?;
    let query = FindQuery {
        package: args.package.clone(),
        below: args.below.clone(),
        kb: args.kb,
        port: args.port,
        service: args.service.clone(),
        file: args.file.clone(),
    };
    args.shown.print(&find::found(&view, &query)?)
}
