//! `demo`: the main job, end to end, on a sample fleet that ships inside the binary. Nothing is fetched; the sample's feeds are
//! imported, its hosts report to a store of their own, and two mornings are briefed from it, so that the second tells from the log
//! what came, what was fixed and what came back.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fleet::suppression::Request;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use reports::briefing::Briefing;
use reports::renderers::{BRIEFING_RENDERERS, Options, briefing_renderer};

use crate::brief::{host_name, places};
use crate::error::{Failure, Result};
use crate::feeds_import;
use crate::fleet::brief::{brief, record};
use crate::fleet::hosts;
use crate::fleet::hosts_import;
use crate::fleet::place::Place;
use crate::fleet::suppress;
use crate::progress::Progress;

/// The sample fleet, as it stands in the repository.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../examples/today"]
struct Sample;

/// A briefing is written at this hour, UTC.
const MORNING: i8 = 6;
/// The store, below the directory: made anew each time.
const STORE: &str = "demo.sqlite";

/// What the demo made.
#[derive(Clone, Debug)]
pub struct Demonstration {
    /// The second morning's briefing.
    pub briefing: Briefing,
    /// The files it was written to, by format.
    pub files: Vec<(&'static str, PathBuf)>,
    /// Where all of it is.
    pub directory: PathBuf,
    /// The store of the fleet.
    pub store: PathBuf,
}

/// Lays the sample out below `directory` and briefs both of its mornings.
pub fn demonstrate(directory: &Path, progress: &dyn Progress) -> Result<Demonstration> {
    lay_out(directory)?;
    let days = days()?;
    let mut stage = Stage::new(directory)?;
    let mut last = None;
    for day in &days {
        last = Some(stage.morning(*day, progress)?);
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
        store: stage.store,
    })
}

/// Where the mornings are played.
struct Stage {
    directory: PathBuf,
    store: PathBuf,
    /// What the team decided; made on the first morning.
    decisions: Vec<Request>,
    /// The hosts of the morning before.
    hosts: BTreeSet<String>,
}

impl Stage {
    /// With an empty store.
    fn new(directory: &Path) -> Result<Self> {
        let store = directory.join(STORE);
        for ending in ["", "-wal", "-shm"] {
            let mut file = store.clone().into_os_string();
            file.push(ending);
            match fs::remove_file(&file) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(cannot_write(Path::new(&file), &e));
                }
                _ => {}
            }
        }
        let file = Sample::get("suppressions.toml")
            .ok_or_else(|| Failure::internal("the sample lost suppressions.toml"))?;
        let base::Parsed {
            value: decisions,
            notes,
        } = Request::of_file(&file.data);
        if let Some(note) = notes.first() {
            return Err(Failure::internal(format!(
                "the sample's suppressions: {note}"
            )));
        }
        Ok(Self {
            directory: directory.to_owned(),
            store,
            decisions,
            hosts: BTreeSet::new(),
        })
    }

    fn place(&self) -> Place {
        Place::File(self.store.clone())
    }

    /// Imports what the feeds knew that morning, takes what the hosts report, and briefs.
    fn morning(&mut self, day: Date, progress: &dyn Progress) -> Result<Briefing> {
        let of_day = self.directory.join(day.to_string());
        let catalog = of_day.join("catalog.dwcat");
        let feeds = feeds_import::ImportOptions {
            paths: vec![self.directory.join("feeds"), of_day.join("feeds")],
            catalog: catalog.clone(),
            feed: None,
            max_shrink: 1.0,
        };
        feeds_import::import(&feeds, progress)?;
        let now = morning_of(day)?;
        self.report(&of_day.join("hosts"), &catalog, now, progress)?;
        let policies = risk::policy::shipped();
        let decisions = std::mem::take(&mut self.decisions);
        if !decisions.is_empty() {
            hosts::set_rules(self.place(), &self.directory.join("hosts.toml"), now)?;
            suppress::suppress_all(self.place(), Some(&catalog), &policies, &decisions, now)?;
        }
        let briefing = brief(self.place(), Some(&catalog), &policies, now, false)?;
        let json = render("json", &briefing)?;
        record(self.place(), &briefing, &json, now)?;
        write(&of_day.join("briefing.json"), &json)?;
        Ok(briefing)
    }

    /// The hosts report; those that are not there any more are taken out of the fleet.
    fn report(
        &mut self,
        directory: &Path,
        catalog: &Path,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<()> {
        let options = hosts_import::ImportOptions {
            paths: vec![directory.to_owned()],
            ..hosts_import::ImportOptions::default()
        };
        hosts_import::import(self.place(), Some(catalog), &options, now, progress)?;
        let there = places(directory)?;
        let there: BTreeSet<String> = there.iter().map(|place| host_name(place)).collect();
        for gone in self.hosts.difference(&there) {
            hosts::remove(self.place(), gone, now)?;
        }
        self.hosts = there;
        Ok(())
    }
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
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|e| cannot_write(path, &e))?;
    }
    fs::write(path, bytes).map_err(|e| cannot_write(path, &e))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format!("cannot write {}: {error}", path.display()))
        .hint("name another directory with --out DIR")
}

fn render(format: &str, briefing: &Briefing) -> Result<Vec<u8>> {
    let renderer = briefing_renderer(format)
        .ok_or_else(|| Failure::internal(format!("no renderer for {format}")))?;
    Ok(renderer.render(briefing, &Options::default()).into_bytes())
}
