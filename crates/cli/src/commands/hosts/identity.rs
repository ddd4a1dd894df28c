//! `daywatch hosts same` and `known`: who is who, and who should report.

use std::path::PathBuf;

use app::fleet::same_host::MayBeOne;
use app::fleet::{known, same_host, who};
use drawing::escape::printable;
use fleet::identity::Answer;
use fleet::lists::Preview;

use crate::commands::fleet_view::{Asked, Worded};
use crate::commands::options::{Clock, Kept};
use crate::exit::Outcome;
use crate::output;

/// Which hosts may be one and the same, and the answer
///
/// Without a host it lists the pairs nobody has answered for, with what speaks for and against.
#[derive(clap::Args, Debug)]
pub(crate) struct SameArgs {
    /// Two hosts, by number or name; of two that are one the first goes on
    #[arg(num_args = 2, value_name = "HOST")]
    hosts: Vec<String>,
    /// They are one host
    #[arg(long, requires = "hosts", group = "answer")]
    yes: bool,
    /// They are two
    #[arg(long, requires = "hosts", group = "answer")]
    no: bool,
    /// Take back what was said of them
    #[arg(long, requires = "hosts", group = "answer")]
    undo: bool,
    #[command(flatten)]
    worded: Worded,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    clock: Clock,
}

/// Lists of hosts kept elsewhere (AD, vCenter, CMDB), and which of them never reported
#[derive(clap::Args, Debug)]
pub(crate) struct KnownArgs {
    /// Take in a list: a CSV or JSON export, or plain names
    #[arg(
        long,
        value_name = "FILE",
        requires = "name",
        conflicts_with = "format"
    )]
    add: Option<PathBuf>,
    /// What the team calls the list: ad, vcenter, cmdb
    #[arg(long)]
    name: Option<String>,
    /// Which column is what [default: guessed from the headings]
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Show how a table would be read, and the map that reads it so
    #[arg(long, value_name = "FILE", conflicts_with_all = ["add", "format"])]
    preview: Option<PathBuf>,
    #[command(flatten)]
    worded: Worded,
    #[command(flatten)]
    asked: Asked,
}

pub(crate) fn same(args: &SameArgs) -> anyhow::Result<Outcome> {
    let now = args.clock.now();
    let place = args.kept.place()?;
    let answer = match (args.yes, args.no, args.undo) {
        (true, ..) => Answer::Same,
        (_, true, _) => Answer::Different,
        (_, _, true) => Answer::TakenBack,
        _ => {
            let pairs = same_host::queue(place.clone(), now)?;
            return args
                .worded
                .print(|| queued(&pairs), || who::pairs(place, now));
        }
    };
    let (one, other) = (&args.hosts[0], &args.hosts[1]);
    let (one, other) = same_host::answer(place, one, other, answer, now)?;
    output::print(&match answer {
        Answer::Same => format!("{other} is {one} from now on; --undo takes it back\n"),
        Answer::Different => format!("{one} and {other} are two hosts\n"),
        Answer::TakenBack => format!("what was said of {one} and {other} no longer holds\n"),
    })?;
    Ok(Outcome::FINE)
}

fn queued(pairs: &[MayBeOne]) -> String {
    let mut text = String::new();
    for pair in pairs {
        text.push_str(&format!(
            "{} {} and {} {}\n  {}\n",
            pair.one,
            printable(&pair.one_name),
            pair.other,
            printable(&pair.other_name),
            printable(&pair.evidence)
        ));
    }
    text.push_str(match pairs.is_empty() {
        true => "no two hosts may be one\n",
        false => "answer with `daywatch hosts same --yes|--no HOST HOST`\n",
    });
    text
}

pub(crate) fn known(args: &KnownArgs) -> anyhow::Result<Outcome> {
    let clock: &Clock = &args.asked.basis.clock;
    if let Some(file) = &args.preview {
        let (preview, notes) = known::show(file, args.map.as_deref())?;
        output::print(&previewed(&preview))?;
        for note in notes {
            output::print(&format!("{}\n", printable(&note.to_string())))?;
        }
        return Ok(Outcome::FINE);
    }
    if let (Some(file), Some(name)) = (&args.add, &args.name) {
        let place = args.asked.place()?;
        let kept = known::add(place, name, file, args.map.as_deref(), clock.now())?;
        output::print(&format!(
            "{name}: {} hosts, read as {}{}\n",
            kept.list.entries.len(),
            kept.list.format,
            match kept.is_changed {
                true => "",
                false => "; known so before, nothing changed",
            }
        ))?;
        for note in kept.notes {
            output::print(&format!("{}\n", printable(&note.to_string())))?;
        }
    }
    let view = args.asked.view()?;
    args.worded.print(
        || compared(&view.hosts.known, &view),
        || Ok(who::known(&view)),
    )
}

/// A table as it would be read.
pub(super) fn previewed(preview: &Preview) -> String {
    let mut text = String::new();
    for heading in &preview.headings {
        let column = heading.column.as_ref();
        let column = column.map_or_else(|| "not read".to_owned(), |c| c.to_string());
        text.push_str(&format!(
            "{:<24} {:<14} {}\n",
            printable(&heading.text),
            column,
            printable(&heading.values.join(" | "))
        ));
    }
    text.push_str(&format!("\nas a map:\n{}", preview.map.to_toml()));
    text
}

fn compared(known: &known::Known, view: &app::fleet::view::View) -> String {
    let comparison = &known.comparison;
    if known.lists.is_empty() {
        return "no list is known; `daywatch hosts known --add FILE --name NAME` takes one in\n"
            .to_owned();
    }
    let mut text = format!(
        "{} listed hosts report, {} never reported, {} may be one that reports, {} report and are in no list\n",
        comparison.seen.len(),
        comparison.never.len(),
        comparison.doubts.len(),
        comparison.unlisted.len()
    );
    let label = |entries: &[(usize, usize)]| {
        let (list, entry) = *entries.first()?;
        let list = known.lists.get(list)?;
        Some((list.entries.get(entry)?.label.clone(), list.name.clone()))
    };
    for unseen in &comparison.never {
        if let Some((name, list)) = label(&unseen.entries) {
            let off = if unseen.is_off { ", switched off" } else { "" };
            text.push_str(&format!(
                "never reported: {} ({list}{off})\n",
                printable(&name)
            ));
        }
    }
    for host in &comparison.unlisted {
        let name = view
            .state
            .host(*host)
            .map_or_else(String::new, |h| h.name.clone());
        text.push_str(&format!("in no list: {host} {}\n", printable(&name)));
    }
    text
}
