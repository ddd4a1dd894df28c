//! `demo`: the main job, end to end, on a sample fleet that ships inside the binary. Nothing is fetched; the sample's feeds
//! are imported, its hosts read, two mornings briefed, so that the second has something to compare itself with.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use reports::briefing::Briefing;
use reports::renderers::{BRIEFING_RENDERERS, Options, briefing_renderer};

use crate::brief::{BriefOptions, brief};
use crate::catalog_file;
use crate::error::{Failure, Result};
use crate::feeds_import::{ImportOptions, import};
use crate::progress::Progress;

/// The sample fleet, as it stands in the repository.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../examples/today"]
struct Sample;

/// A briefing is written at this hour, UTC.
const MORNING: i8 = 6;

/// What the demo made.
#[derive(Clone, Debug)]
pub struct Demonstration {
    /// The second morning's briefing.
    pub briefing: Briefing,
    /// The files it was written to, by format.
    pub files: Vec<(&'static str, PathBuf)>,
    /// Where all of it is.
    pub directory: PathBuf,
}

/// Lays the sample out below `directory` and briefs both of its mornings.
pub fn demonstrate(directory: &Path, progress: &dyn Progress) -> Result<Demonstration> {
    lay_out(directory)?;
    let mut previous: Option<PathBuf> = None;
    let mut last = None;
    for day in days()? {
        let briefing = morning(directory, day, previous.as_deref(), progress)?;
        let file = directory.join(day.to_string()).join("briefing.json");
        write(&file, &render("json", &briefing)?)?;
        previous = Some(file);
        last = Some(briefing);
    }
    let briefing = last.ok_or_else(|| Failure::internal("the sample has no day"))?;
    let mut files = Vec::new();
    for renderer in BRIEFING_RENDERERS {
        let file = directory.join(format!("briefing.{}", renderer.extension()));
        write(&file, &render(renderer.id(), &briefing)?)?;
        files.push((renderer.id(), file));
    }
    Ok(Demonstration {
        briefing,
        files,
        directory: directory.to_owned(),
    })
}

/// Imports what the feeds knew that morning, reads the hosts as they were, and briefs.
fn morning(
    directory: &Path,
    day: Date,
    previous: Option<&Path>,
    progress: &dyn Progress,
) -> Result<Briefing> {
    let of_day = directory.join(day.to_string());
    let catalog = of_day.join("catalog.dwcat");
    let options = ImportOptions {
        paths: vec![directory.join("feeds"), of_day.join("feeds")],
        catalog: catalog.clone(),
        feed: None,
        max_shrink: 1.0,
    };
    import(&options, progress)?;
    let options = BriefOptions {
        inventory: of_day.join("hosts"),
        previous: previous.map(Path::to_owned),
        hosts: Some(directory.join("hosts.toml")),
        suppressions: Some(directory.join("suppressions.toml")),
    };
    let now = morning_of(day)?;
    brief(
        &catalog_file::open(Some(&catalog))?,
        &risk::policy::shipped(),
        &options,
        now,
        progress,
    )
}

/// The days of the sample: its folders named by a date.
fn days() -> Result<Vec<Date>> {
    let mut days: Vec<Date> = Sample::iter()
        .filter_map(|path| path.split('/').next()?.parse().ok())
        .collect();
    days.sort_unstable();
    days.dedup();
    if days.is_empty() {
        return Err(Failure::internal("the sample has no day"));
    }
    Ok(days)
}

fn morning_of(day: Date) -> Result<Timestamp> {
    let at = day.at(MORNING, 0, 0, 0).to_zoned(TimeZone::UTC);
    at.map(|z| z.timestamp())
        .map_err(|e| Failure::internal(format!("the sample's day: {e}")))
}

fn lay_out(directory: &Path) -> Result<()> {
    for path in Sample::iter() {
        let file = Sample::get(&path)
            .ok_or_else(|| Failure::internal(format!("the sample lost {path}")))?;
        write(&directory.join(path.as_ref()), &file.data)?;
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |e: std::io::Error| {
        Failure::input(format!("cannot write {}: {e}", path.display()))
            .hint("name another directory with --out DIR")
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(path, bytes).map_err(failed)
}

fn render(format: &str, briefing: &Briefing) -> Result<Vec<u8>> {
    let renderer = briefing_renderer(format)
        .ok_or_else(|| Failure::internal(format!("no renderer for {format}")))?;
    Ok(renderer.render(briefing, &Options::default()).into_bytes())
}
