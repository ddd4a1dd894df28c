//! `daywatch feeds`: fill the catalog and look at it.

mod delta;

use std::path::PathBuf;

use advisories::catalog::FeedInfo;
use app::catalog_file;
use app::feeds_import::{self, ImportOptions, Imported};
use app::feeds_status::{self, Status};
use app::feeds_sync::{self, SyncOptions};
use drawing::escape::printable;
use drawing::style::Ink;
use drawing::text::thousands;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::commands::options::Clock;
use crate::exit::Outcome;
use crate::output;
use crate::progress::Bars;

/// Fetch or import advisories into the catalog, and show how old they are
#[derive(clap::Args, Debug)]
pub(crate) struct FeedsArgs {
    #[command(subcommand)]
    verb: FeedsVerb,
}

#[derive(clap::Subcommand, Debug)]
enum FeedsVerb {
    Import(ImportArgs),
    Sync(SyncArgs),
    Status(StatusArgs),
    ExportDelta(delta::ExportArgs),
    ApplyDelta(delta::ApplyArgs),
    NewKey(delta::NewKeyArgs),
}

/// Read feeds from files, archives or directories into the catalog
///
/// Takes OSV records (the layout of the OSV bucket, single JSON, NDJSON; zip, gz, zst), CSAF advisories and VEX, the WES-NG
/// list of Microsoft's updates, Alpine's secdb, the KEV catalogue, EPSS csv, CVE 5 and NVD records, recognised by content. A feed that is read replaces its older copy in the catalog; other feeds stay.
#[derive(clap::Args, Debug)]
struct ImportArgs {
    /// Files, archives and directories
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    into: Into,
    /// Import everything named under this feed name
    #[arg(long, value_name = "NAME")]
    feed: Option<String>,
}

/// Fetch the public feeds and import what changed
///
/// Honours HTTPS_PROXY and NO_PROXY. Sends conditional requests, resumes broken downloads and retries with back-off.
#[derive(clap::Args, Debug)]
struct SyncArgs {
    /// Feeds to fetch, such as `kev` or `osv/Debian` [default: those in the catalog, or all for a new one]
    names: Vec<String>,
    #[command(flatten)]
    into: Into,
    /// Also trust the certificates in this PEM file
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Fetch from a mirror: replaces scheme and host of every public location
    #[arg(long, value_name = "URL", env = "DAYWATCH_FEED_MIRROR")]
    mirror: Option<String>,
    /// List the feeds that can be fetched, and from where
    #[arg(long)]
    list: bool,
}

/// Show how old each feed is
#[derive(clap::Args, Debug)]
struct StatusArgs {
    /// The catalog to look at [default: the user's own]
    #[arg(long, value_name = "FILE", env = "DAYWATCH_CATALOG")]
    catalog: Option<PathBuf>,
    /// Also recompute the digest of the whole file
    #[arg(long)]
    verify: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    clock: Clock,
}

#[derive(clap::Args, Debug)]
struct Into {
    /// The catalog to fill [default: the user's own]
    #[arg(long, value_name = "FILE", env = "DAYWATCH_CATALOG")]
    catalog: Option<PathBuf>,
    /// Refuse a feed that lost more than this share of its records against the last good one (0 to 1)
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = parse_share)]
    max_shrink: f64,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Table,
    Json,
}

impl Into {
    fn catalog(&self) -> app::error::Result<PathBuf> {
        self.catalog
            .clone()
            .map_or_else(catalog_file::default_path, Ok)
    }
}

fn parse_share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err(format!("expected a number from 0 to 1: {text}")),
    }
}

pub(crate) fn run(args: &FeedsArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        FeedsVerb::Import(args) => import(args),
        FeedsVerb::Sync(args) => sync(args),
        FeedsVerb::Status(args) => status(args),
        FeedsVerb::ExportDelta(args) => delta::export(args),
        FeedsVerb::ApplyDelta(args) => delta::apply(args),
        FeedsVerb::NewKey(args) => delta::new_key(args),
    }
}

fn import(args: &ImportArgs) -> anyhow::Result<Outcome> {
    let options = ImportOptions {
        paths: args.paths.clone(),
        catalog: args.into.catalog()?,
        feed: args.feed.clone(),
        max_shrink: args.into.max_shrink,
    };
    let imported = feeds_import::import(&options, &Bars::default())?;
    print_imported(
        &imported,
        &options.catalog.display().to_string(),
        args.into.format,
    )?;
    Ok(outcome_of(&imported))
}

fn sync(args: &SyncArgs) -> anyhow::Result<Outcome> {
    if args.list {
        let locations = feeds_sync::locations();
        let lines: Vec<String> = locations
            .iter()
            .map(|l| format!("{:<24} {}\n", l.feed, l.url))
            .collect();
        output::print(&lines.concat())?;
        return Ok(Outcome::FINE);
    }
    let options = SyncOptions {
        names: args.names.clone(),
        catalog: args.into.catalog()?,
        ca_file: args.ca_file.clone(),
        mirror: args.mirror.clone(),
        max_shrink: args.into.max_shrink,
    };
    let synced = feeds_sync::sync(&options, &Bars::default())?;
    if let Some(imported) = &synced.imported {
        print_imported(
            imported,
            &options.catalog.display().to_string(),
            args.into.format,
        )?;
    } else if args.into.format == Format::Table {
        output::print("nothing changed since the last sync\n")?;
    }
    for (feed, why) in &synced.failed {
        tracing_line(&format!("{feed}: {why}"));
    }
    let mut outcome = synced.imported.as_ref().map_or(Outcome::FINE, outcome_of);
    outcome.input_lost |= !synced.failed.is_empty();
    Ok(outcome)
}

fn outcome_of(imported: &Imported) -> Outcome {
    Outcome {
        gate_hit: false,
        input_lost: imported.feeds.iter().any(|f| f.refused.is_some()),
    }
}

fn status(args: &StatusArgs) -> anyhow::Result<Outcome> {
    let catalog = catalog_file::open(args.catalog.as_deref())?;
    let status = feeds_status::status(&catalog, args.clock.now(), args.verify)?;
    output::print(&match args.format {
        Format::Table => status_table(&status),
        Format::Json => status_json(&status),
    })?;
    Ok(Outcome::FINE)
}

fn status_table(status: &Status) -> String {
    let style = output::stdout_style();
    let mut out = format!(
        "{:<28} {:>12} {:>9} {:>9}\n",
        "feed", "as of", "age", "records"
    );
    for feed in &status.feeds {
        let as_of = feed.info.as_of.map_or_else(
            || "unknown".to_owned(),
            |at| at.to_zoned(TimeZone::UTC).date().to_string(),
        );
        let age = feed.age.map_or_else(|| "unknown".to_owned(), age_in_words);
        let line = format!(
            "{:<28} {as_of:>12} {age:>9} {:>9}",
            printable(&feed.info.name),
            thousands(feed.info.kept as usize)
        );
        let line = if feed.is_stale {
            format!("{}  stale", style.paint(Ink::Warn, &line))
        } else {
            line
        };
        out.push_str(&line);
        out.push('\n');
    }
    let verified = if status.verified { ", verified" } else { "" };
    out.push_str(&format!(
        "{} advisories, {}{verified}\n",
        thousands(status.advisories),
        status.digest
    ));
    out
}

fn age_in_words(age: SignedDuration) -> String {
    match age.as_hours() {
        hours if hours < 0 => "ahead".to_owned(),
        hours if hours < 48 => format!("{hours} h"),
        hours => format!("{} d", hours / 24),
    }
}

fn status_json(status: &Status) -> String {
    let feeds: Vec<_> = status
        .feeds
        .iter()
        .map(|f| {
            let mut value = info_json(&f.info);
            value["age_hours"] = json!(f.age.map(|a| a.as_hours()));
            value["stale"] = json!(f.is_stale);
            value
        })
        .collect();
    let value = json!({
        "schema": "daywatch.feeds/1",
        "digest": status.digest, "built": status.built, "advisories": status.advisories, "verified": status.verified,
        "feeds": feeds,
    });
    format!("{value:#}\n")
}

fn info_json(info: &FeedInfo) -> serde_json::Value {
    let skipped: Vec<_> = info
        .skipped
        .iter()
        .map(|(reason, count)| json!({"reason": reason, "count": count}))
        .collect();
    json!({"name": info.name, "as_of": info.as_of, "read": info.read, "kept": info.kept, "skipped": skipped})
}

fn print_imported(imported: &Imported, catalog: &str, format: Format) -> std::io::Result<()> {
    output::print(&match format {
        Format::Table => imported_table(imported, catalog),
        Format::Json => imported_json(imported, catalog),
    })
}

fn imported_table(imported: &Imported, catalog: &str) -> String {
    let style = output::stdout_style();
    let mut out = format!(
        "{:<28} {:>12} {:>9} {:>9} {:>9}\n",
        "feed", "as of", "read", "kept", "skipped"
    );
    for feed in &imported.feeds {
        let info = &feed.info;
        let as_of = info.as_of.map_or_else(
            || "unknown".to_owned(),
            |at| at.to_zoned(TimeZone::UTC).date().to_string(),
        );
        let skipped: u64 = info.skipped.iter().map(|(_, n)| n).sum();
        let counts = [info.read, info.kept, skipped].map(|n| thousands(n as usize));
        out.push_str(&format!(
            "{:<28} {as_of:>12} {:>9} {:>9} {:>9}\n",
            printable(&info.name),
            counts[0],
            counts[1],
            counts[2]
        ));
        for (reason, count) in &info.skipped {
            out.push_str(&format!(
                "    {} skipped: {}\n",
                thousands(*count as usize),
                printable(reason)
            ));
        }
        if let Some(why) = &feed.refused {
            out.push_str(&style.paint(Ink::Bad, &format!("    refused: {}", printable(why))));
            out.push('\n');
        }
    }
    for note in &imported.notes {
        out.push_str(&format!(
            "{}: {}\n",
            note.level.as_str(),
            printable(&note.to_string())
        ));
    }
    if imported.notes_dropped > 0 {
        out.push_str(&format!("and {} more notes\n", imported.notes_dropped));
    }
    match imported.catalog_bytes {
        Some(bytes) => out.push_str(&format!(
            "{} ({:.1} MiB)\n",
            printable(catalog),
            bytes as f64 / f64::from(1 << 20)
        )),
        None => out.push_str("the catalog was left as it was\n"),
    }
    out
}

fn imported_json(imported: &Imported, catalog: &str) -> String {
    let feeds: Vec<_> = imported
        .feeds
        .iter()
        .map(|f| {
            let mut value = info_json(&f.info);
            value["refused"] = json!(f.refused);
            value
        })
        .collect();
    let notes: Vec<_> = imported
        .notes
        .iter()
        .map(|n| json!({"file": n.file, "line": n.line, "what": n.what, "limit": n.limit.map(|l| l.to_string()), "level": n.level.as_str()}))
        .collect();
    let value = json!({
        "schema": "daywatch.import/1",
        "catalog": catalog, "bytes": imported.catalog_bytes, "feeds": feeds, "notes": notes, "notes_dropped": imported.notes_dropped,
    });
    format!("{value:#}\n")
}

#[expect(
    clippy::print_stderr,
    reason = "what could not be fetched is told while the result goes to stdout"
)]
fn tracing_line(text: &str) {
    eprintln!("warning: {}", printable(text));
}
