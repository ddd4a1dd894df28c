//! `daywatch feeds export-delta`, `apply-delta`, `new-key`: updates carried over to a site without a network.

use std::path::PathBuf;

use app::catalog_file;
use app::error::Failure;
use app::feeds_delta::{self, Applied, ApplyOptions, ExportOptions, Exported};
use drawing::escape::printable;
use drawing::text::thousands;
use serde_json::json;

use super::Format;
use crate::exit::Outcome;
use crate::output;

/// Where the password of a secret key is taken from: never an argument, which other users of the machine could read.
const PASSWORD: &str = "DAYWATCH_KEY_PASSWORD";

/// Write what changed since an older catalog into a signed file, to carry over to a site without a network
///
/// Without --from the file holds the whole catalog, for a site that has none. A password of the key is taken from
/// DAYWATCH_KEY_PASSWORD.
#[derive(clap::Args, Debug)]
pub(super) struct ExportArgs {
    /// The catalog the other site has
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The catalog it is to have [default: the user's own]
    #[arg(long, value_name = "FILE", env = "DAYWATCH_CATALOG")]
    catalog: Option<PathBuf>,
    /// The directory to write into
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Sign with this secret key of minisign (`daywatch feeds new-key` makes one)
    #[arg(long, value_name = "FILE", required_unless_present = "unsigned")]
    secret_key: Option<PathBuf>,
    /// Do not sign
    #[arg(long, conflicts_with = "secret_key")]
    unsigned: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Bring a catalog up to date from files that `export-delta` wrote
///
/// Follows them in order as far as they lead. Each is checked before anything is written: the signature, where it starts, and the
/// digest of the result. A delta that leads back in time, or that starts elsewhere, is refused. Run it again after an
/// interruption.
#[derive(clap::Args, Debug)]
pub(super) struct ApplyArgs {
    /// Files, or directories of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The catalog to bring up to date [default: the user's own]
    #[arg(long, value_name = "FILE", env = "DAYWATCH_CATALOG")]
    catalog: Option<PathBuf>,
    /// The public key they must be signed with: the key itself, or its file
    #[arg(
        long,
        value_name = "KEY",
        env = "DAYWATCH_PUBLIC_KEY",
        required_unless_present = "unsigned"
    )]
    public_key: Option<String>,
    /// Take unsigned files, and do not look at signatures
    #[arg(long, conflicts_with = "public_key")]
    unsigned: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Make a key pair to sign with, in the form of minisign
///
/// With DAYWATCH_KEY_PASSWORD set the secret key is encrypted. Files that are there are never replaced.
#[derive(clap::Args, Debug)]
pub(super) struct NewKeyArgs {
    /// The directory to write daywatch.key and daywatch.pub into
    #[arg(default_value = ".")]
    directory: PathBuf,
}

fn password() -> Option<String> {
    std::env::var(PASSWORD).ok().filter(|p| !p.is_empty())
}

pub(super) fn export(args: &ExportArgs) -> anyhow::Result<Outcome> {
    let exported = feeds_delta::export(&ExportOptions {
        from: args.from.clone(),
        catalog: args
            .catalog
            .clone()
            .map_or_else(catalog_file::default_path, Ok)?,
        out: args.out.clone(),
        secret_key: args.secret_key.clone(),
        password: password(),
    })?;
    match args.format {
        Format::Table => output::print(&exported_in_words(&exported))?,
        Format::Json => output::print(&exported_as_json(&exported))?,
    }
    Ok(Outcome::FINE)
}

fn exported_in_words(exported: &Exported) -> String {
    let manifest = &exported.manifest;
    let from = manifest
        .from
        .as_deref()
        .unwrap_or("nothing (whole catalog)");
    let signed = match exported.signed {
        true => "and its signature beside it",
        false => "unsigned",
    };
    format!(
        "{}: {} bytes, {signed}\nfrom {from}\nto   {}\n",
        exported.path.display(),
        thousands(usize::try_from(exported.bytes).unwrap_or(usize::MAX)),
        manifest.to
    )
}

fn exported_as_json(exported: &Exported) -> String {
    let manifest = &exported.manifest;
    let document = json!({
        "schema": "daywatch.delta-export/1",
        "path": exported.path.display().to_string(),
        "bytes": exported.bytes,
        "from": manifest.from,
        "to": manifest.to,
        "built": manifest.built.map(|at| at.to_string()),
        "signed": exported.signed,
    });
    format!("{document}\n")
}

pub(super) fn apply(args: &ApplyArgs) -> anyhow::Result<Outcome> {
    let applied = feeds_delta::apply(&ApplyOptions {
        paths: args.paths.clone(),
        catalog: args
            .catalog
            .clone()
            .map_or_else(catalog_file::default_path, Ok)?,
        public_key: args.public_key.clone(),
    })?;
    match args.format {
        Format::Table => output::print(&applied_in_words(&applied))?,
        Format::Json => output::print(&applied_as_json(&applied))?,
    }
    Ok(Outcome::FINE)
}

fn applied_in_words(applied: &Applied) -> String {
    let mut text = String::new();
    for why in &applied.unread {
        text.push_str(&format!("left out {}\n", printable(why)));
    }
    if applied.steps.is_empty() {
        text.push_str(&format!("the catalog is up to date: {}\n", applied.after));
        return text;
    }
    for step in &applied.steps {
        let step = step.display().to_string();
        text.push_str(&format!("applied {}\n", printable(&step)));
    }
    if applied.unused > 0 {
        text.push_str(&format!("not needed: {}\n", applied.unused));
    }
    let before = applied.before.as_deref().unwrap_or("nothing");
    text.push_str(&format!("from {before}\nto   {}\n", applied.after));
    text
}

fn applied_as_json(applied: &Applied) -> String {
    let steps: Vec<String> = applied
        .steps
        .iter()
        .map(|s| s.display().to_string())
        .collect();
    let document = json!({
        "schema": "daywatch.delta-apply/1",
        "before": applied.before,
        "after": applied.after,
        "steps": steps,
        "unused": applied.unused,
        "unread": applied.unread,
    });
    format!("{document}\n")
}

pub(super) fn new_key(args: &NewKeyArgs) -> anyhow::Result<Outcome> {
    if !args.directory.is_dir() {
        let message = format!("{}: no such directory", args.directory.display());
        return Err(Failure::usage(message).hint("make it first").into());
    }
    let made = feeds_delta::new_key(&args.directory, password())?;
    output::print(&format!(
        "{}: keep this where updates are exported, and nowhere else\n{}: take this to where they are applied, or the key itself:\n{}\n",
        made.secret.display(),
        made.public.display(),
        made.key
    ))?;
    Ok(Outcome::FINE)
}
