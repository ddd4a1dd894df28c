//! `daywatch hosts import`: hosts report.

use std::path::PathBuf;

use app::fleet::hosts_import::{self, ImportOptions, Imported};
use drawing::escape::printable;
use drawing::text::thousands;
use serde_json::json;

use crate::commands::options::{Basis, Kept};
use crate::exit::Outcome;
use crate::output;
use crate::progress::Bars;

/// Take in what hosts have: one host or a stream of a million lines
///
/// PATH is a file of `daywatch.host/1` lines, any file, image or tree that `scan` reads, or a directory with one file or one
/// directory for each host. A host that is known is recognised by its identifiers; a report that says the same as the last
/// one changes nothing.
#[derive(clap::Args, Debug)]
pub(crate) struct ImportArgs {
    /// Files and directories; `-` is standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// When they were so, where they do not say it themselves [default: now]
    #[arg(long, value_name = "T", value_parser = crate::commands::options::parse_instant)]
    seen_at: Option<jiff::Timestamp>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    basis: Basis,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Table,
    Json,
}

pub(crate) fn run(args: &ImportArgs) -> anyhow::Result<Outcome> {
    let options = ImportOptions {
        paths: args.paths.clone(),
        seen_at: args.seen_at,
    };
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
        input_lost: imported.lost > 0 && imported.taken.reports + imported.taken.unchanged == 0,
        ..Outcome::FINE
    })
}

fn text(imported: &Imported) -> String {
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
    for note in &imported.notes {
        lines.push(printable(&note.to_string()).into_owned());
    }
    lines.join("\n") + "\n"
}

fn json(imported: &Imported) -> String {
    let taken = &imported.taken;
    let counts = taken.findings;
    let notes: Vec<String> = imported
        .notes
        .iter()
        .map(|note| printable(&note.to_string()).into_owned())
        .collect();
    let value = json!({
        "schema": "daywatch.import/1",
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
        "notes": notes,
    });
    format!("{value:#}\n")
}

fn shown(count: u64) -> String {
    thousands(usize::try_from(count).unwrap_or(usize::MAX))
}
