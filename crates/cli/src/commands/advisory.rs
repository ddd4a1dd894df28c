//! `daywatch advisory`: a hole that no source knows yet, told by ourselves.

use std::path::PathBuf;

use advisories::local::{Form, Part};
use app::error::Failure;
use app::fleet::advisory::{self, Act};
use base::Kb;
use clap::builder::PossibleValuesParser;
use reports::local_advisory::{LocalAdvisory, list_json};

use crate::commands::fleet_view::Asked;
use crate::commands::options::{Kept, parse_instant};
use crate::exit::Outcome;
use crate::output;

/// Say what has a hole before any source does; see whom it hits
///
/// Every command then answers with it, until a source has a record and ours is withdrawn.
#[derive(clap::Args, Debug)]
pub(crate) struct AdvisoryArgs {
    #[command(subcommand)]
    verb: AdvisoryVerb,
}

#[derive(clap::Subcommand, Debug)]
enum AdvisoryVerb {
    Add(Box<AddArgs>),
    List(ListArgs),
    Show(ShowArgs),
    Alias(AliasArgs),
    Withdraw(WithdrawArgs),
}

/// Say that a product or a package has a hole; or name a port, a file or an update to find hosts by
///
/// With the --id of one that is known, its form is replaced.
#[derive(clap::Args, Debug)]
struct AddArgs {
    /// What it is, in one line
    name: Option<String>,
    /// Who says so: a role or a team
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Read the form from a file of TOML; options count before it
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    affected: AffectedArgs,
    #[command(flatten)]
    facts: FactArgs,
    /// Show which hosts it would hit, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// How to print it
    #[arg(long, default_value = "text", value_parser = PossibleValuesParser::new(FORMATS))]
    format: String,
    #[command(flatten)]
    asked: Asked,
}

/// What has it.
#[derive(clap::Args, Debug)]
struct AffectedArgs {
    /// The product, as vendor/product, where no package manager installs it
    #[arg(long, value_name = "VENDOR/PRODUCT", conflicts_with_all = ["package", "ecosystem"])]
    product: Option<String>,
    /// The package; of Debian, Ubuntu and Alpine the source package
    #[arg(long, value_name = "NAME", requires = "ecosystem")]
    package: Option<String>,
    /// Its ecosystem: Debian:12, npm, PyPI
    #[arg(long, requires = "package")]
    ecosystem: Option<String>,
    /// The first version that has it [default: every version]
    #[arg(long, value_name = "VERSION")]
    introduced: Option<String>,
    /// The first version that has it no more
    #[arg(long, value_name = "VERSION")]
    fixed: Option<String>,
    /// The last version that has it, where no fix is known
    #[arg(long, value_name = "VERSION", conflicts_with = "fixed")]
    last_affected: Option<String>,
    /// A single version that has it
    #[arg(long, value_name = "VERSION")]
    version: Vec<String>,
    /// A port it is reached through, to find hosts by
    #[arg(long, value_name = "N")]
    port: Vec<u16>,
    /// A file of what has it, to find hosts by; `*` stands for any characters
    #[arg(long, value_name = "GLOB")]
    has_file: Vec<String>,
    /// An update of Windows that brings it, to find hosts by
    #[arg(long, value_name = "KB")]
    kb: Vec<Kb>,
}

/// What else is known.
#[derive(clap::Args, Debug)]
struct FactArgs {
    /// Its id [default: the next of the year, as LOCAL-2026-1]
    #[arg(long)]
    id: Option<String>,
    /// A sentence more
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,
    /// Another id of it: a CVE, the vendor's
    #[arg(long, value_name = "ID")]
    alias: Vec<String>,
    /// critical, high, medium or low
    #[arg(long)]
    severity: Option<String>,
    /// A CVSS vector
    #[arg(long, value_name = "VECTOR")]
    cvss: Option<String>,
    /// It is exploited: who says so
    #[arg(long, value_name = "WHO")]
    exploited: Option<String>,
    /// Since which day it is exploited
    #[arg(long, value_name = "DATE", requires = "exploited")]
    since: Option<String>,
    /// Where a person reads more
    #[arg(long, value_name = "URL")]
    link: Option<String>,
}

/// The advisories of our own that stand
#[derive(clap::Args, Debug)]
struct ListArgs {
    /// Withdrawn ones too
    #[arg(long)]
    all: bool,
    /// Those that stood at this moment
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    as_of: Option<jiff::Timestamp>,
    /// How to print it
    #[arg(long, default_value = "text", value_parser = PossibleValuesParser::new(FORMATS))]
    format: String,
    #[command(flatten)]
    kept: Kept,
}

/// One of them: whom it hits, and where others say something else of the same hole
#[derive(clap::Args, Debug)]
struct ShowArgs {
    /// Its id
    id: String,
    /// How to print it
    #[arg(long, default_value = "text", value_parser = PossibleValuesParser::new(FORMATS))]
    format: String,
    #[command(flatten)]
    asked: Asked,
}

/// Name other ids of one, so that the records of others are one vulnerability with it
#[derive(clap::Args, Debug)]
struct AliasArgs {
    /// Its id
    id: String,
    /// The CVE, the vendor's id
    #[arg(required = true)]
    aliases: Vec<String>,
    /// Who says so: a role or a team
    #[arg(long, value_name = "WHO")]
    by: String,
    #[command(flatten)]
    asked: Asked,
}

/// Take one back; what it was is kept, and told as of then
#[derive(clap::Args, Debug)]
struct WithdrawArgs {
    /// Its id
    id: String,
    /// Who says so: a role or a team
    #[arg(long, value_name = "WHO")]
    by: String,
    #[command(flatten)]
    asked: Asked,
}

const FORMATS: [&str; 2] = ["text", "json"];

pub(crate) fn run(args: &AdvisoryArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        AdvisoryVerb::Add(args) => add(args),
        AdvisoryVerb::List(args) => list(args),
        AdvisoryVerb::Show(args) => {
            let view = args.asked.view()?;
            let lives = view.lives(&args.asked.policies()?)?;
            print(
                &args.format,
                &advisory::show(&view, &lives.groups, &args.id)?,
            )
        }
        AdvisoryVerb::Alias(args) => {
            let (act, catalog) = acting(&args.asked, &args.by)?;
            let place = args.asked.place()?;
            let id = advisory::alias(place, catalog, &args.id, &args.aliases, act)?;
            shown("text", &args.asked, &id)
        }
        AdvisoryVerb::Withdraw(args) => {
            let (act, catalog) = acting(&args.asked, &args.by)?;
            let id = advisory::withdraw(args.asked.place()?, catalog, &args.id, act)?;
            output::print(&format!(
                "{id} is withdrawn; its findings are cleared, unless a record of others says the same\n"
            ))?;
            Ok(Outcome::FINE)
        }
    }
}

/// Who acts, when, and with which catalog.
fn acting<'a>(
    asked: &'a Asked,
    by: &'a str,
) -> app::error::Result<(Act<'a>, Option<&'a std::path::Path>)> {
    if asked.as_of.is_some() {
        return Err(
            Failure::usage("nothing can be said as of an earlier moment").hint("leave --as-of out"),
        );
    }
    let now = asked.basis.clock.now();
    Ok((Act { by, now }, asked.basis.catalog.as_deref()))
}

fn add(args: &AddArgs) -> anyhow::Result<Outcome> {
    let form = args.form()?;
    let (act, catalog) = acting(&args.asked, &args.by)?;
    if args.dry_run {
        let mut view = args.asked.view()?;
        let ours = advisory::imagine(&mut view, &form, act)?;
        let lives = view.lives(&args.asked.policies()?)?;
        let told = advisory::told(&view, &lives.groups, &ours)?;
        print(&args.format, &told)?;
        if args.format == "text" {
            output::print("nothing was written: leave --dry-run out to say it\n")?;
        }
        return Ok(Outcome::FINE);
    }
    let id = advisory::add(args.asked.place()?, catalog, &form, act)?;
    shown(&args.format, &args.asked, &id)
}

/// Prints one as it stands now; where no host has reported yet, that.
fn shown(format: &str, asked: &Asked, id: &str) -> anyhow::Result<Outcome> {
    let view = asked.view()?;
    let lives = view.lives(&asked.policies()?)?;
    print(format, &advisory::show(&view, &lives.groups, id)?)
}

fn print(format: &str, told: &LocalAdvisory) -> anyhow::Result<Outcome> {
    output::print(&match format {
        "json" => told.to_json(),
        _ => told.to_text(output::stdout_style()),
    })?;
    Ok(Outcome::FINE)
}

fn list(args: &ListArgs) -> anyhow::Result<Outcome> {
    let all = advisory::list(&args.kept.place()?, args.as_of, args.all)?;
    if args.format == "json" {
        output::print(&list_json(&all, args.as_of))?;
        return Ok(Outcome::FINE);
    }
    let lines: String = all.iter().map(LocalAdvisory::to_line).collect();
    output::print(match all.is_empty() {
        true => {
            "no advisory of our own stands; `daywatch advisory add --help` shows how to say one\n"
        }
        false => &lines,
    })?;
    Ok(Outcome::FINE)
}

impl AddArgs {
    /// The form of the file, with what the options say.
    fn form(&self) -> app::error::Result<Form> {
        let mut form = match &self.file {
            Some(file) => advisory::read(file)?,
            None => Form::default(),
        };
        let facts = &self.facts;
        let texts = [
            (&mut form.id, &facts.id),
            (&mut form.name, &self.name),
            (&mut form.summary, &facts.summary),
        ];
        for (field, said) in texts {
            if let Some(said) = said {
                field.clone_from(said);
            }
        }
        let options = [
            (&mut form.severity, &facts.severity),
            (&mut form.cvss, &facts.cvss),
            (&mut form.exploited, &facts.exploited),
            (&mut form.since, &facts.since),
            (&mut form.link, &facts.link),
        ];
        for (field, said) in options {
            if said.is_some() {
                field.clone_from(said);
            }
        }
        form.aliases.extend(facts.alias.iter().cloned());
        form.ports.extend(&self.affected.port);
        form.files.extend(self.affected.has_file.iter().cloned());
        form.kbs.extend(self.affected.kb.iter().map(Kb::to_string));
        form.affected.extend(self.affected.part());
        Ok(form)
    }
}

impl AffectedArgs {
    /// What the options say is affected; a range without a package is told by the check of the form.
    fn part(&self) -> Option<Part> {
        let part = Part {
            ecosystem: self.ecosystem.clone(),
            package: self.package.clone(),
            product: self.product.clone(),
            introduced: self.introduced.clone(),
            fixed: self.fixed.clone(),
            last_affected: self.last_affected.clone(),
            versions: self.version.clone(),
        };
        (part != Part::default()).then_some(part)
    }
}
