//! `daywatch versions`: compare two versions, or lines of them.

use std::cmp::Ordering;
use std::io;

use crate::commands::batch;
use crate::exit::Outcome;
use crate::output;

/// Compare versions the way an ecosystem does
///
/// With --ecosystem, compares two versions and prints `<`, `=` or `>`. Without, reads lines
/// `ecosystem<TAB>a<TAB>b` on stdin and answers each with `<`, `=`, `>` or `error: …`.
#[derive(clap::Args, Debug)]
pub(crate) struct VersionsArgs {
    /// OSV ecosystem name (`Debian:12`, `npm`) or scheme (`deb`, `rpm`, `semver`…), in any case
    #[arg(long, short, value_name = "NAME", requires = "b")]
    ecosystem: Option<String>,
    /// The first version
    #[arg(requires = "ecosystem", allow_hyphen_values = true)]
    a: Option<String>,
    /// The second version
    #[arg(requires = "ecosystem", allow_hyphen_values = true)]
    b: Option<String>,
    /// List the schemes and the ecosystems that use them
    #[arg(long, conflicts_with = "ecosystem")]
    list: bool,
}

pub(crate) fn run(args: &VersionsArgs) -> anyhow::Result<Outcome> {
    if args.list {
        output::print(&list())?;
        return Ok(Outcome::FINE);
    }
    if let (Some(ecosystem), Some(a), Some(b)) = (&args.ecosystem, &args.a, &args.b) {
        let order = compare(ecosystem, a, b).map_err(app::error::Failure::usage)?;
        output::print(&format!("{order}\n"))?;
        return Ok(Outcome::FINE);
    }
    batch::answer_lines(io::stdin().lock(), io::stdout().lock(), answer)?;
    Ok(Outcome::FINE)
}

fn answer(line: &str) -> String {
    let mut parts = line.split('\t');
    let (Some(ecosystem), Some(a), Some(b), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return batch::error("expected ecosystem<TAB>a<TAB>b");
    };
    match compare(ecosystem, a, b) {
        Ok(order) => order.to_owned(),
        Err(what) => batch::error(what),
    }
}

fn compare(ecosystem: &str, a: &str, b: &str) -> Result<&'static str, String> {
    let scheme =
        versions::scheme_for(ecosystem).ok_or_else(|| format!("unknown ecosystem: {ecosystem}"))?;
    match scheme.compare(a, b) {
        Ok(Ordering::Less) => Ok("<"),
        Ok(Ordering::Equal) => Ok("="),
        Ok(Ordering::Greater) => Ok(">"),
        Err(e) => Err(e.to_string()),
    }
}

fn list() -> String {
    versions::SCHEMES
        .iter()
        .map(|s| {
            format!(
                "{:<10} {}\n{:<10} {}\n",
                s.id(),
                s.about(),
                "",
                s.ecosystems().join(", ")
            )
        })
        .collect()
}
