//! `daywatch hosts import`: hosts report.

use std::path::PathBuf;

use app::fleet::hosts_import::{self, ImportOptions, Imported, ListTaken};
use drawing::escape::printable;
use drawing::text::{count, thousands};
use serde_json::json;

use super::identity;
use crate::commands::options::{Basis, Kept};
use crate::exit::Outcome;
use crate::output;
use crate::progress::Bars;

/// Take in what hosts have, and lists of the hosts there are: one host or a stream of a million lines
///
/// PATH is a file of `daywatch.host/1` lines, any file, image or tree that `scan` reads, a list of hosts kept elsewhere (Active
/// Directory, RVTools, NetBox, GLPI, any CSV), or a directory with one file or one directory for each host; what each is, is
/// recognised. A host that is known is recognised by its identifiers; a report that says the same as the last one changes nothing.
/// Hosts of a list that never reported are the gap that briefings tell.
#[derive(clap::Args, Debug)]
pub(crate) struct ImportArgs {
    /// Files and directories; `-` is standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// When they were so, where they do not say it themselves [default: now]
    #[arg(long, value_name = "T", value_parser = crate::commands::options::parse_instant)]
    seen_at: Option<jiff::Timestamp>,
    /// What the team calls the list, if PATH is one: ad, vcenter, cmdb [default: as its file]
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// Which column of a list is what [default: that of the list of this name before, else guessed from the headings]
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Only show what each PATH is taken for, and how the columns of a list are read; nothing is taken in
    #[arg(long)]
    preview: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    basis: Basis,
}

/// Notes that the table shows.
const NOTES_SHOWN: usize = 50;

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Table,
    Json,
}

pub(crate) fn run(args: &ImportArgs) -> anyhow::Result<Outcome> {
    let options = ImportOptions {
        paths: args.paths.clone(),
        seen_at: args.seen_at,
        list: args.list.clone(),
        map: args.map.clone(),
    };
    if args.preview {
        return preview(&options);
    }
    let imported = hosts_import::import(
        args.kept.place()?,
        args.basis.catalog.as_deref(),
        &options,
        args.basis.clock.now(),
        &Bars::default(),
    )?;
    output::print(&match args.format {
        Format::Table => text(&imported),
        Format::Json => json(&imported),
    })?;
    Ok(Outcome {
        input_lost: !imported.paths_lost.is_empty(),
        ..Outcome::FINE
    })
}

fn preview(options: &ImportOptions) -> anyhow::Result<Outcome> {
    let mut text = String::new();
    for one in hosts_import::preview(options)? {
        text.push_str(&format!("{}: {}\n", printable(&one.file), one.kind.words()));
        if let Some(columns) = &one.columns {
            text.push_str(&identity::previewed(columns));
        }
        for note in &one.notes {
            text.push_str(&format!("{}\n", printable(&note.to_string())));
        }
    }
    output::print(&text)?;
    Ok(Outcome::FINE)
}

fn text(imported: &Imported) -> String {
    let mut lines: Vec<String> = imported.lists.iter().map(list).collect();
    let taken = &imported.taken;
    if imported.lists.is_empty() || taken.reports + taken.unchanged + imported.lost > 0 {
        lines.extend(reports(imported));
    }
    if !imported.lists.is_empty() {
        lines.push("`daywatch hosts known` names those that never reported".to_owned());
    }
    let shown = imported.notes.iter().take(NOTES_SHOWN);
    lines.extend(shown.map(|note| printable(&note.to_string()).into_owned()));
    let more = imported.notes.len().saturating_sub(NOTES_SHOWN);
    if more > 0 {
        let more = thousands(more);
        lines.push(format!("… {more} more notes; `--format json` has them all"));
    }
    lines.join("\n") + "\n"
}

/// What became of a list.
fn list(list: &ListTaken) -> String {
    let known = match list.is_changed {
        true => "",
        false => ", known so before",
    };
    format!(
        "{}: the list {} ({}{known}): {}, of which {} never reported",
        printable(&list.file),
        printable(&list.name),
        list.format,
        count(list.hosts, "host", "hosts"),
        thousands(list.never_reported)
    )
}

/// What became of the reports.
fn reports(imported: &Imported) -> Vec<String> {
    let taken = &imported.taken;
    let mut lines = vec![format!(
        "{} reports of hosts taken, {} of hosts that are new",
        shown(taken.reports),
        shown(taken.new_hosts)
    )];
    let mut tell = |count: u64, what: &str| {
        if count > 0 {
            lines.push(format!("{} {what}", shown(count)));
        }
    };
    tell(taken.unchanged, "say what was known already");
    tell(
        taken.outdated,
        "are older than what is known of their host, and change nothing",
    );
    tell(
        taken.doubts,
        "may be of a host that is known: `daywatch hosts same` asks",
    );
    tell(imported.lost, "lines or files gave no host");
    let counts = taken.findings;
    lines.push(format!(
        "findings: {} new, {} reopened, {} fixed; open now {} on {} hosts",
        shown(counts.opened),
        shown(counts.reopened),
        shown(counts.fixed),
        shown(imported.findings),
        shown(imported.hosts)
    ));
    lines
}

fn json(imported: &Imported) -> String {
    let taken = &imported.taken;
    let counts = taken.findings;
    let notes: Vec<String> = imported
        .notes
        .iter()
        .map(|note| printable(&note.to_string()).into_owned())
        .collect();
    let lists: Vec<_> = imported.lists.iter().map(list_json).collect();
    let paths_lost = imported.paths_lost.iter().map(|path| path.display());
    let paths_lost: Vec<String> = paths_lost
        .map(|path| printable(&path.to_string()).into_owned())
        .collect();
    let value = json!({
        "schema": "daywatch.hosts-import/1",
        "reports": taken.reports,
        "new_hosts": taken.new_hosts,
        "unchanged": taken.unchanged,
        "outdated": taken.outdated,
        "doubts": taken.doubts,
        "lost": imported.lost,
        "findings": {
            "opened": counts.opened,
            "reopened": counts.reopened,
            "fixed": counts.fixed,
            "open": imported.findings,
        },
        "hosts": imported.hosts,
        "lists": lists,
        "paths_lost": paths_lost,
        "notes": notes,
    });
    format!("{value:#}\n")
}

fn list_json(list: &ListTaken) -> serde_json::Value {
    json!({
        "name": printable(&list.name),
        "file": printable(&list.file),
        "format": list.format,
        "hosts": list.hosts,
        "never_reported": list.never_reported,
        "changed": list.is_changed,
    })
}

fn shown(count: u64) -> String {
    thousands(usize::try_from(count).unwrap_or(usize::MAX))
}
