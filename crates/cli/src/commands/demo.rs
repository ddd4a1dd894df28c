//! `daywatch demo`: see it working.

use std::path::PathBuf;

use app::demo::{Demonstration, demonstrate};
use app::error::Failure;
use drawing::escape::printable;
use drawing::style::Ink;
use jiff::tz::TimeZone;
use reports::renderers::briefing_renderer;

use crate::exit::Outcome;
use crate::output;
use crate::progress::Bars;

/// The whole thing on a sample fleet: a briefing in the terminal and as files
///
/// Offline: the sample's hosts and feeds ship inside the program. Everything it reads and writes is left in DIR to look at.
#[derive(clap::Args, Debug)]
pub(crate) struct DemoArgs {
    /// Which sample
    #[arg(long, value_enum, default_value_t = Scene::Today)]
    scene: Scene,
    /// Where to put everything
    #[arg(long, value_name = "DIR", default_value = "daywatch-demo")]
    out: PathBuf,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Scene {
    /// Forty hosts of a small company, two mornings
    Today,
}

/// How much of the briefing the terminal shows.
const LINES_SHOWN: usize = 32;

pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<Outcome> {
    let Scene::Today = args.scene;
    let demonstration = demonstrate(&args.out, &Bars::default())?;
    output::print(&page(&demonstration)?)?;
    Ok(Outcome::FINE)
}

fn page(demonstration: &Demonstration) -> anyhow::Result<String> {
    let renderer =
        briefing_renderer("text").ok_or_else(|| Failure::internal("no text renderer"))?;
    let text = renderer.render(&demonstration.briefing, &output::wishes());
    let lines: Vec<&str> = text.lines().collect();
    let mut out = lines[..lines.len().min(LINES_SHOWN)].join("\n");
    out.push('\n');
    let rest = lines.len().saturating_sub(LINES_SHOWN);
    if rest > 0 {
        let style = output::stdout_style();
        out.push_str(&style.paint(Ink::Faint, &format!("… {rest} more lines in the files")));
        out.push('\n');
    }
    out.push('\n');
    for (format, file) in &demonstration.files {
        out.push_str(&format!(
            "{format:<9} {}\n",
            printable(&file.display().to_string())
        ));
    }
    let directory = demonstration.directory.display().to_string();
    out.push_str(&format!(
        "\nThe hosts, feeds and catalogs it was made from are in {}.\n",
        printable(&directory)
    ));
    out.push_str("The fleet that was briefed is there to be asked:\n");
    // The day after, so that all of it was known.
    let day = demonstration.briefing.now.to_zoned(TimeZone::UTC).date();
    let after = day.tomorrow().unwrap_or(day);
    let store = demonstration.store.display().to_string();
    for verb in ["hosts list", "findings list", "plan"] {
        out.push_str(&format!(
            "  daywatch {verb} --store {} --as-of {after}\n",
            printable(&store)
        ));
    }
    out.push_str("Next: `daywatch feeds sync`, then `daywatch scan .` on something of your own.\n");
    Ok(out)
}
