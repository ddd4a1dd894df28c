//! `daywatch cvss`: score a CVSS vector, or lines of them.

use std::io;

use crate::commands::batch;
use crate::exit::Outcome;
use crate::output;

/// Score CVSS vectors (2.0, 3.0, 3.1, 4.0)
///
/// Prints `version<TAB>score<TAB>severity`: the base score for v2 and v3, the score of the vector as given for v4. Without a
/// vector, reads one a line on stdin and answers each, with `error: …` where it is none.
#[derive(clap::Args, Debug)]
pub(crate) struct CvssArgs {
    /// The vector, such as `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H`
    vector: Option<String>,
}

pub(crate) fn run(args: &CvssArgs) -> anyhow::Result<Outcome> {
    if let Some(vector) = &args.vector {
        let scored = score(vector).map_err(app::error::Failure::usage)?;
        output::print(&format!("{scored}\n"))?;
        return Ok(Outcome::FINE);
    }
    let answer = |line: &str| score(line).unwrap_or_else(batch::error);
    batch::answer_lines(io::stdin().lock(), io::stdout().lock(), answer)?;
    Ok(Outcome::FINE)
}

fn score(vector: &str) -> Result<String, String> {
    let scored = risk::cvss::score(vector).map_err(|e| e.to_string())?;
    Ok(format!(
        "{}\t{:.1}\t{}",
        scored.version.as_str(),
        scored.score(),
        scored.severity
    ))
}
