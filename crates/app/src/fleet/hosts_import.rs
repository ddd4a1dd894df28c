//! `hosts import`: one host, or a stream of a million lines, into the store.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use advisories::catalog::Catalog;
use base::Note;
use fleet::identity::MergeRules;
use fleet::index::Counts;
use fleet::intake::{Incoming, Stream};
use inventory::{FORMATS, Input};
use jiff::Timestamp;

use crate::assets::Assets;
use crate::error::{Failure, Result};
use crate::fleet::catalog;
use crate::fleet::commit::Fleet;
use crate::fleet::members::rules_at;
use crate::fleet::merged::Merged;
use crate::fleet::place::Place;
use crate::fleet::report::{Taken, take};
use crate::progress::Progress;
use crate::scan::{ScanOptions, read_target};

/// Hosts that are written in one transaction.
const BATCH: usize = 256;
/// Bytes of a stream that are read at once.
const BLOCK_BYTES: usize = 1 << 20;
/// The format of a stream of hosts.
const LINES: &str = "daywatch-host";

/// What to import.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Files, directories, `-`.
    pub paths: Vec<PathBuf>,
    /// When they were so, where they do not say it.
    pub seen_at: Option<Timestamp>,
}

/// What became of it.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// The reports.
    pub taken: Taken,
    /// What the catalog at hand did, if another one held before.
    pub catalog: Option<Counts>,
    /// What was not understood, with its place.
    pub notes: Vec<Note>,
    /// Lines or files that gave no host.
    pub lost: u64,
    /// Hosts in the fleet now.
    pub hosts: u64,
    /// Open findings now.
    pub findings: u64,
}

/// Reads hosts and takes their reports.
pub fn import(
    place: Place,
    catalog_file: Option<&Path>,
    options: &ImportOptions,
    now: Timestamp,
    progress: &dyn Progress,
) -> Result<Imported> {
    let (catalog, file) = catalog::open(catalog_file)?;
    let mut fleet = Fleet::open(place)?;
    let mut imported = Imported {
        catalog: catalog::follow(&mut fleet, &catalog, &file, now)?,
        ..Imported::default()
    };
    let rules = rules_at(&fleet.store, fleet.state.index.sequence())?;
    let merge = rules.merge_rules();
    progress.begin("reading hosts", None);
    for path in &options.paths {
        let mut desk = Desk {
            fleet: &mut fleet,
            catalog: &catalog,
            merge,
            now,
            source: source_of(path),
            waiting: Vec::new(),
            imported: &mut imported,
            progress,
        };
        desk.path(path, options)?;
        desk.flush()?;
    }
    progress.end();
    fleet.state.keep(&fleet.store)?;
    let index = &fleet.state.index;
    // Hosts that are one count once.
    let merged = Merged::of(index, &fleet.state.directory);
    imported.hosts = merged.shown(index.hosts()).len();
    imported.findings = index.finding_count() - merged.hidden_findings(index);
    if imported.taken.reports + imported.taken.unchanged == 0 && imported.lost > 0 {
        let first = imported.notes.first();
        let why = first.map_or_else(String::new, |note| format!(": {note}"));
        return Err(Failure::input(format!("no host could be read{why}"))
            .hint("`daywatch scan PATH` shows what is read of a file"));
    }
    Ok(imported)
}

/// Where reports wait until there are enough for a transaction.
struct Desk<'a> {
    fleet: &'a mut Fleet,
    catalog: &'a Catalog,
    merge: &'a MergeRules,
    now: Timestamp,
    source: String,
    waiting: Vec<Incoming>,
    imported: &'a mut Imported,
    progress: &'a dyn Progress,
}

impl Desk<'_> {
    fn path(&mut self, path: &Path, options: &ImportOptions) -> Result<()> {
        if path.as_os_str() == "-" {
            return self.lines(&mut io::stdin().lock(), &path.display().to_string());
        }
        if path.is_file() && is_of_lines(path)? {
            let mut file =
                File::open(path).map_err(|e| Failure::input(format!("{}: {e}", path.display())))?;
            return self.lines(&mut file, &path.display().to_string());
        }
        for one in hosts_below(path)? {
            self.target(&one, options)?;
        }
        Ok(())
    }

    fn lines(&mut self, from: &mut dyn Read, name: &str) -> Result<()> {
        let mut stream = Stream::new(name, self.now);
        let mut block = vec![0; BLOCK_BYTES];
        loop {
            let read = match from.read(&mut block) {
                Ok(read) => read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(Failure::input(format!("{name}: {e}"))),
            };
            if read == 0 {
                break;
            }
            for incoming in stream.feed(&block[..read]) {
                self.take(told_by_the_stream(incoming))?;
            }
        }
        let (last, summary) = stream.finish();
        if let Some(incoming) = last {
            self.take(told_by_the_stream(incoming))?;
        }
        self.imported.lost += summary.lost;
        self.imported.notes.extend(summary.notes);
        Ok(())
    }

    /// What `scan` would read: each system in it is a host.
    fn target(&mut self, path: &Path, options: &ImportOptions) -> Result<()> {
        let how = ScanOptions {
            no_ignore: true,
            ..ScanOptions::default()
        };
        let subjects = match read_target(path, &how, &Assets::default()) {
            Ok(subjects) => subjects,
            Err(note) => {
                self.imported.notes.push(note);
                self.imported.lost += 1;
                return Ok(());
            }
        };
        let seen_at = options.seen_at.unwrap_or(self.now);
        for subject in subjects {
            let label = label_of(path, &subject.host.name);
            self.imported.notes.extend(subject.notes);
            match Incoming::of_host(&label, subject.host, seen_at) {
                Ok(incoming) => self.take(incoming)?,
                Err(why) => {
                    let note =
                        Note::error(format!("a host that cannot be told from others: {why}"));
                    self.imported
                        .notes
                        .push(note.in_file(path.display().to_string()));
                    self.imported.lost += 1;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, mut incoming: Incoming) -> Result<()> {
        self.imported.notes.append(&mut incoming.notes);
        self.waiting.push(incoming);
        match self.waiting.len() < BATCH {
            true => Ok(()),
            false => self.flush(),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let taken = take(
            self.fleet,
            self.catalog,
            self.merge,
            &waiting,
            &self.source,
            self.now,
        )?;
        self.imported.taken.add(&taken);
        let all = &self.imported.taken;
        self.progress.advance(all.reports + all.unchanged);
        Ok(())
    }
}

/// Whether the file is one of lines of hosts, by its first block.
fn is_of_lines(path: &Path) -> Result<bool> {
    let failed = |e: io::Error| Failure::input(format!("{}: {e}", path.display()));
    let mut head = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(64 << 10).read_to_end(&mut head).map_err(failed)?;
    let shown = path.display().to_string();
    let input = Input {
        path: &shown,
        bytes: &head,
    };
    let format = FORMATS.iter().find(|format| format.recognise(&input));
    Ok(format.is_some_and(|format| format.id() == LINES))
}

/// The notes of its lines are told by the stream, in their order and bounded.
fn told_by_the_stream(mut incoming: Incoming) -> Incoming {
    incoming.notes.clear();
    incoming
}

/// A file is a host; a directory holds one file or one directory for each.
fn hosts_below(path: &Path) -> Result<Vec<PathBuf>> {
    match path.is_dir() {
        true => crate::brief::places(path),
        false => Ok(vec![path.to_owned()]),
    }
}

/// What a host is called: as its file is, unless the file says better.
fn label_of(path: &Path, name: &str) -> String {
    let shown = path.display().to_string();
    match name.strip_prefix(&shown) {
        Some("") => crate::brief::host_name(path),
        Some(part) => format!("{}{part}", crate::brief::host_name(path)),
        None => name.to_owned(),
    }
}

/// Who brings it, in one word of the log.
fn source_of(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| path.display().to_string());
    let word: String = name
        .chars()
        .map(|c| {
            if c.is_control() || c.is_whitespace() {
                '_'
            } else {
                c
            }
        })
        .take(200)
        .collect();
    format!("import:{word}")
}
