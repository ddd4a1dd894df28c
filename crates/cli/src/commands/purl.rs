//! `daywatch purl`: the canonical form of a package URL, or of lines of them.

use std::io;

use base::Purl;

use crate::commands::batch;
use crate::exit::Outcome;
use crate::output;

/// Print the canonical form of package URLs
///
/// Without a purl, reads one a line on stdin and answers each with its canonical form or `error: …`.
#[derive(clap::Args, Debug)]
pub(crate) struct PurlArgs {
    /// The package URL, such as `pkg:npm/%40angular/core@17.0.0`
    purl: Option<String>,
}

pub(crate) fn run(args: &PurlArgs) -> anyhow::Result<Outcome> {
    if let Some(purl) = &args.purl {
        let canonical = canonical(purl).map_err(app::error::Failure::usage)?;
        output::print(&format!("{canonical}\n"))?;
        return Ok(Outcome::FINE);
    }
    let answer = |line: &str| canonical(line).unwrap_or_else(batch::error);
    batch::answer_lines(io::stdin().lock(), io::stdout().lock(), answer)?;
    Ok(Outcome::FINE)
}

fn canonical(text: &str) -> Result<String, String> {
    text.parse::<Purl>()
        .map(|p| p.to_string())
        .map_err(|e| e.to_string())
}
