//! `daywatch admin`: the store itself: copies of it, and whether it is whole.

use std::path::PathBuf;

use app::fleet::admin::{self, Audited, Contents, Verdict};
use app::fleet::place::Place;
use base::Digest;
use drawing::escape::printable;
use serde_json::json;

use crate::commands::admin_accounts::{self, TokenVerb, UserVerb};
use crate::commands::options::Kept;
use crate::exit::Outcome;
use crate::output;

/// Copy the store, put a copy back, and check that nothing in it was altered
#[derive(clap::Args, Debug)]
pub(crate) struct AdminArgs {
    #[command(subcommand)]
    verb: AdminVerb,
}

#[derive(clap::Subcommand, Debug)]
enum AdminVerb {
    Backup(BackupArgs),
    Restore(RestoreArgs),
    Verify(VerifyArgs),
    #[command(subcommand)]
    Audit(AuditVerb),
    #[command(subcommand)]
    User(UserVerb),
    #[command(subcommand)]
    Token(TokenVerb),
}

/// Write the whole store, as it is at this moment, into one file
#[derive(clap::Args, Debug)]
struct BackupArgs {
    /// The file to write; one that is there is not touched
    file: PathBuf,
    #[command(flatten)]
    kept: Kept,
}

/// Put a copy back into a store that is empty or not there
#[derive(clap::Args, Debug)]
struct RestoreArgs {
    /// The file `backup` wrote
    file: PathBuf,
    /// Only check that the copy could be put back, and touch no store
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    kept: Kept,
}

/// Check the store: the chain of its log, and every blob against its digest
#[derive(clap::Args, Debug)]
struct VerifyArgs {
    #[command(flatten)]
    kept: Kept,
}

#[derive(clap::Subcommand, Debug)]
enum AuditVerb {
    Verify(AuditArgs),
    List(AuditListArgs),
}

/// Find any record of the log that was edited, dropped or moved
///
/// Exit code 1 says that something was. A head from an earlier briefing also finds a log that was cut short.
#[derive(clap::Args, Debug)]
struct AuditArgs {
    /// A head that a briefing stated: the log must still hold it
    #[arg(long, value_name = "SHA-256")]
    head: Vec<Digest>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    kept: Kept,
}

/// Print the records of the chain, a JSON object a line
#[derive(clap::Args, Debug)]
struct AuditListArgs {
    /// Begin after this number
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: u64,
    #[command(flatten)]
    kept: Kept,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Table,
    Json,
}

pub(crate) fn run(args: &AdminArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        AdminVerb::Backup(args) => {
            let contents = admin::backup(&args.kept.place()?, &args.file)?;
            output::print(&told("written", &contents))?;
        }
        AdminVerb::Restore(args) => {
            let (done, contents) = match args.verify {
                true => ("can be put back whole", admin::try_restore(&args.file)?),
                false => ("put back", admin::restore(&args.kept.place()?, &args.file)?),
            };
            output::print(&told(done, &contents))?;
        }
        AdminVerb::Verify(args) => {
            let contents = admin::verify(&args.kept.place()?)?;
            output::print(&told("whole", &contents))?;
        }
        AdminVerb::User(verb) => return admin_accounts::user(verb),
        AdminVerb::Token(verb) => return admin_accounts::tokens(verb),
        AdminVerb::Audit(AuditVerb::Verify(args)) => return audit(args),
        AdminVerb::Audit(AuditVerb::List(args)) => list(&args.kept.place()?, args.after)?,
    }
    Ok(Outcome::FINE)
}

/// What a store holds, in lines.
fn told(done: &str, contents: &Contents) -> String {
    let mut lines = vec![format!(
        "{done}: {} entries of the log, head {}",
        contents.head.sequence, contents.head.hash
    )];
    for table in &contents.tables {
        lines.push(format!("  {:<20} {:>12} rows", table.name, table.rows));
    }
    lines.join("\n") + "\n"
}

fn audit(args: &AuditArgs) -> anyhow::Result<Outcome> {
    let place = args.kept.place()?;
    let audited = admin::audit(&place, &args.head)?;
    output::print(&match args.format {
        Format::Table => audit_text(&audited),
        Format::Json => audit_json(&audited),
    })?;
    let is_whole = matches!(audited.verdict, Verdict::Verified(_)) && audited.missing.is_empty();
    Ok(Outcome {
        gate_hit: !is_whole,
        ..Outcome::FINE
    })
}

fn audit_text(audited: &Audited) -> String {
    let mut text = match &audited.verdict {
        Verdict::Verified(head) => format!(
            "verified: {} entries, each as it was written; head {}\n",
            head.sequence, head.hash
        ),
        Verdict::Broken { at, why } => format!("BROKEN at entry {at}: {}\n", printable(why)),
    };
    for head in &audited.missing {
        text.push_str(&format!(
            "MISSING: no entry has the hash {head}: the log was cut short or replaced\n"
        ));
    }
    text
}

fn audit_json(audited: &Audited) -> String {
    let (verdict, entries, head, at, why) = match &audited.verdict {
        Verdict::Verified(head) => (
            "verified",
            Some(head.sequence),
            Some(head.hash.to_string()),
            None,
            None,
        ),
        Verdict::Broken { at, why } => (
            "broken",
            None,
            None,
            Some(*at),
            Some(printable(why).into_owned()),
        ),
    };
    let missing: Vec<String> = audited.missing.iter().map(ToString::to_string).collect();
    let value = json!({
        "schema": "daywatch.audit/1",
        "verdict": verdict,
        "entries": entries,
        "head": head,
        "broken_at": at,
        "why": why,
        "missing_heads": missing,
    });
    format!("{value:#}\n")
}

fn list(place: &Place, after: u64) -> anyhow::Result<()> {
    let mut after = after;
    loop {
        let links = admin::links(place, after)?;
        let Some(last) = links.last() else {
            return Ok(());
        };
        after = last.sequence;
        for link in &links {
            let value = json!({
                "sequence": link.sequence,
                "at": link.at.to_string(),
                "kind": link.kind,
                "subject": link.subject,
                "opened": link.summary.opened,
                "closed": link.summary.closed,
                "reopened": link.summary.reopened,
                "transitions": link.summary.transitions.to_string(),
                "body": link.body.to_string(),
                "actor": link.actor,
                "previous": link.previous.to_string(),
                "hash": link.hash.to_string(),
            });
            output::print(&format!("{value}\n"))?;
        }
    }
}
