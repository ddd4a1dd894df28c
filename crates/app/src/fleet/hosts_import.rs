//! `hosts import`: one host, a stream of a million lines, or a list of hosts that are known elsewhere, into the store. `scan --save`
//! takes the same way.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use advisories::catalog::Catalog;
use base::{Limit, Note};
use fleet::index::Counts;
use fleet::intake::{Incoming, Stream};
use fleet::lists::{ColumnMap, LIST_BYTES, Preview};
use fleet::rules::Rules;
use inventory::Host;
use jiff::Timestamp;

use crate::assets::Assets;
use crate::error::{Failure, Result};
use crate::fleet::catalog;
use crate::fleet::commit::Fleet;
use crate::fleet::hosts_input::{HostsInput, Kind, inputs};
use crate::fleet::known::{self, Offered};
use crate::fleet::members::rules_at;
use crate::fleet::merged::Merged;
use crate::fleet::place::Place;
use crate::fleet::report::{Taken, take};
use crate::progress::Progress;
use crate::scan::{ScanOptions, read_bytes, read_target};

/// Hosts that are written in one transaction.
const BATCH: usize = 256;
/// Packages that are written in one transaction: few hosts of very many packages take as much memory as many of few.
const BATCH_PACKAGES: usize = 200_000;
/// Bytes of a stream that are read at once.
const BLOCK_BYTES: usize = 1 << 20;
/// The largest inventory read from standard input.
const INPUT_BYTES: Limit = Limit::new("import-input-bytes", 1 << 30);
/// Notes of one import that are kept; the rest are counted.
const IMPORT_NOTES: Limit = Limit::new("import-notes", 10_000);

/// What to import.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Files, directories, `-`.
    pub paths: Vec<PathBuf>,
    /// When they were so, where they do not say it.
    pub seen_at: Option<Timestamp>,
    /// What the team calls the list, where an input is one; else it is called as its file is.
    pub list: Option<String>,
    /// Which column of a list is what.
    pub map: Option<PathBuf>,
}

/// What became of it.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// The reports.
    pub taken: Taken,
    /// The lists.
    pub lists: Vec<ListTaken>,
    /// What the catalog at hand did, if another one held before.
    pub catalog: Option<Counts>,
    /// What was not understood, with its place.
    pub notes: Vec<Note>,
    /// Lines or files that gave no host.
    pub lost: u64,
    /// Paths the user named that gave neither a host nor a list.
    pub paths_lost: Vec<PathBuf>,
    /// Hosts in the fleet now.
    pub hosts: u64,
    /// Open findings now.
    pub findings: u64,
    notes_left_out: u64,
}

/// A list of hosts that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListTaken {
    /// What the team calls it.
    pub name: String,
    /// Its file.
    pub file: String,
    /// The form it was read by.
    pub format: &'static str,
    /// Hosts in it.
    pub hosts: usize,
    /// Of those, hosts that never reported.
    pub never_reported: usize,
    /// It says something else than what was known of it.
    pub is_changed: bool,
}

/// How an input would be read.
#[derive(Clone, Debug)]
pub struct Previewed {
    /// Where it is.
    pub file: String,
    /// What it is.
    pub kind: Kind,
    /// Of a list with columns, which is what.
    pub columns: Option<Preview>,
    /// What was not understood.
    pub notes: Vec<Note>,
}

/// Reads hosts and takes their reports, and lists of hosts that are known elsewhere.
pub fn import(
    place: Place,
    catalog_file: Option<&Path>,
    options: &ImportOptions,
    now: Timestamp,
    progress: &dyn Progress,
) -> Result<Imported> {
    let all = inputs(&options.paths, options.map.is_some())?;
    let is_list = |input: &&HostsInput| matches!(input.kind, Kind::List(_));
    let (lists, hosts): (Vec<&HostsInput>, Vec<&HostsInput>) = all.iter().partition(is_list);
    let names = list_names(&lists, options)?;
    let mut fleet = Fleet::open(place)?;
    let mut imported = Imported::default();
    let mut useful = BTreeSet::new();
    let map = known::read_map(options.map.as_deref())?;
    for (input, name) in lists.iter().zip(names) {
        if take_list(&mut fleet, input, name, map.clone(), now, &mut imported)? {
            useful.insert(input.of);
        }
    }
    if !hosts.is_empty() {
        let mut desk = Desk::open(fleet, catalog_file, now, progress, imported)?;
        progress.begin("reading hosts", None);
        for input in hosts {
            if desk.input(input, options)? {
                useful.insert(input.of);
            }
        }
        progress.end();
        (fleet, imported) = desk.close()?;
    }
    count_never(&fleet, &mut imported)?;
    let paths = options.paths.iter().enumerate();
    let lost = paths.filter(|(of, _)| !useful.contains(of));
    imported.paths_lost = lost.map(|(_, path)| path.clone()).collect();
    imported.finish(&fleet, useful.is_empty())
}

/// Takes what was scanned into the fleet: one host of that name, or, where a target is several, one for each.
pub fn save(
    place: Place,
    catalog_file: Option<&Path>,
    name: &str,
    hosts: Vec<Host>,
    now: Timestamp,
) -> Result<Imported> {
    let mut desk = Desk::open(
        Fleet::open(place)?,
        catalog_file,
        now,
        &crate::progress::Silent,
        Imported::default(),
    )?;
    desk.source = source_of("scan", name);
    let is_one = hosts.len() == 1;
    for host in hosts {
        let label = match is_one {
            true => name.to_owned(),
            false => format!("{name}/{}", last_part(&host.name)),
        };
        let incoming = Incoming::of_host(&label, host, now).map_err(|why| {
            Failure::usage(format!("--save {label}: {why}"))
                .hint("give it a name that only it has, such as web-01 or shop/checkout")
        })?;
        desk.take(incoming)?;
    }
    desk.flush()?;
    let (fleet, imported) = desk.close()?;
    imported.finish(&fleet, false)
}

/// How the inputs would be read; nothing is taken.
pub fn preview(options: &ImportOptions) -> Result<Vec<Previewed>> {
    let map = known::read_map(options.map.as_deref())?;
    let mut all = Vec::new();
    for input in inputs(&options.paths, options.map.is_some())? {
        let has_columns = matches!(
            input.kind,
            Kind::List("table" | "rvtools" | "active-directory")
        );
        let (columns, notes) = match has_columns {
            true => {
                let bytes = bytes_of(&input, LIST_BYTES)?;
                let (shown, notes) = known::shown(&input.shown(), &bytes, map.as_ref());
                (Some(shown), notes)
            }
            false => (None, Vec::new()),
        };
        all.push(Previewed {
            file: input.shown(),
            kind: input.kind,
            columns,
            notes,
        });
    }
    Ok(all)
}

impl Imported {
    fn note(&mut self, note: Note) {
        match IMPORT_NOTES.is_exceeded_by(self.notes.len() as u64 + 1) {
            true => self.notes_left_out += 1,
            false => self.notes.push(note),
        }
    }

    fn finish(mut self, fleet: &Fleet, is_nothing: bool) -> Result<Self> {
        if self.notes_left_out > 0 {
            let note = Note::info(format!("more notes: {}", self.notes_left_out));
            self.notes.push(note.because_of(IMPORT_NOTES));
        }
        let index = &fleet.state.index;
        // Hosts that are one count once.
        let merged = Merged::of(index, &fleet.state.directory);
        self.hosts = merged.shown(index.hosts()).len();
        self.findings = index.finding_count() - merged.hidden_findings(index);
        if is_nothing {
            let first = self.notes.first();
            let why = first.map_or_else(|| ": nothing is in it".to_owned(), |n| format!(": {n}"));
            return Err(Failure::input(format!("no host could be read{why}")).hint(
                "`daywatch hosts import --preview PATH` shows what it is taken for, `daywatch scan PATH` what is in it",
            ));
        }
        Ok(self)
    }
}

/// What each list is called. Two of one name would take each other's place.
fn list_names(lists: &[&HostsInput], options: &ImportOptions) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for input in lists {
        let name = options.list.clone().unwrap_or_else(|| input.list_name());
        if names.contains(&name) {
            return Err(Failure::usage(format!(
                "{}: another list of this import is called {name} too",
                input.shown()
            ))
            .hint("import them one by one, each with --list NAME"));
        }
        names.push(name);
    }
    Ok(names)
}

/// Takes a list; whether it gave hosts.
fn take_list(
    fleet: &mut Fleet,
    input: &HostsInput,
    name: String,
    map: Option<ColumnMap>,
    now: Timestamp,
    imported: &mut Imported,
) -> Result<bool> {
    let offered = Offered {
        name: name.clone(),
        file: input.shown(),
        bytes: bytes_of(input, LIST_BYTES)?,
        map,
    };
    let kept = match known::keep(fleet, offered, now) {
        Ok(kept) => kept,
        Err(failure) if failure.kind == crate::error::Kind::Input => {
            imported.note(Note::error(failure.message));
            imported.lost += 1;
            return Ok(false);
        }
        Err(failure) => return Err(failure),
    };
    for note in kept.notes {
        imported.note(note);
    }
    imported.lists.push(ListTaken {
        name,
        file: input.shown(),
        format: kept.list.format,
        hosts: kept.list.entries.len(),
        never_reported: 0,
        is_changed: kept.is_changed,
    });
    Ok(true)
}

/// Of each list, how many of its hosts never reported, once all reports of this import are taken.
fn count_never(fleet: &Fleet, imported: &mut Imported) -> Result<()> {
    if imported.lists.is_empty() {
        return Ok(());
    }
    let rules = rules_at(&fleet.store, fleet.state.index.sequence())?;
    let known = known::compared(&fleet.store, &fleet.state, rules.merge_rules())?;
    for taken in &mut imported.lists {
        let is_it = |list: &usize| {
            known
                .lists
                .get(*list)
                .is_some_and(|l| *l.name == taken.name)
        };
        let never = known.comparison.never.iter();
        let of_list = never.filter(|unseen| unseen.entries.iter().any(|(list, _)| is_it(list)));
        taken.never_reported = of_list.count();
    }
    Ok(())
}

/// All bytes of an input, as many as are read.
fn bytes_of(input: &HostsInput, limit: Limit) -> Result<Vec<u8>> {
    if !input.is_stdin() {
        return host::read(&input.path, limit).map_err(|e| Failure::input(e.to_string()));
    }
    let mut bytes = Vec::new();
    let read = input.open()?.take(limit.max + 1).read_to_end(&mut bytes);
    read.map_err(|e| Failure::input(format!("{}: {e}", input.shown())))?;
    if limit.is_exceeded_by(bytes.len() as u64) {
        let what = format!("{}: too large (limit {limit})", input.shown());
        return Err(Failure::input(what));
    }
    Ok(bytes)
}

/// Where reports wait until there are enough for a transaction.
struct Desk<'a> {
    fleet: Fleet,
    catalog: Catalog,
    rules: Rules,
    now: Timestamp,
    source: String,
    waiting: Vec<Incoming>,
    packages: usize,
    imported: Imported,
    progress: &'a dyn Progress,
}

impl<'a> Desk<'a> {
    /// With the catalog at hand as the one that holds.
    fn open(
        mut fleet: Fleet,
        catalog_file: Option<&Path>,
        now: Timestamp,
        progress: &'a dyn Progress,
        imported: Imported,
    ) -> Result<Self> {
        let (catalog, file) = catalog::open(catalog_file)?;
        let (catalog, turned) = catalog::follow(&mut fleet, &catalog, &file, now)?;
        let imported = Imported {
            catalog: turned,
            ..imported
        };
        let rules = rules_at(&fleet.store, fleet.state.index.sequence())?;
        Ok(Self {
            fleet,
            catalog,
            rules,
            now,
            source: String::new(),
            waiting: Vec::new(),
            packages: 0,
            imported,
            progress,
        })
    }

    fn close(self) -> Result<(Fleet, Imported)> {
        self.fleet.state.keep(&self.fleet.store)?;
        Ok((self.fleet, self.imported))
    }

    /// Takes the hosts of an input; whether there were any.
    fn input(&mut self, input: &HostsInput, options: &ImportOptions) -> Result<bool> {
        let path = &input.path;
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        self.source = source_of("import", &name.unwrap_or_else(|| input.shown()));
        let before = self.reports();
        match input.kind {
            Kind::Lines => self.lines(&mut *input.open()?, &input.shown())?,
            _ => self.target(input, options)?,
        }
        self.flush()?;
        Ok(self.reports() > before)
    }

    const fn reports(&self) -> u64 {
        self.imported.taken.reports + self.imported.taken.unchanged
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
        for note in summary.notes {
            self.imported.note(note);
        }
        Ok(())
    }

    /// What `scan` would read: each system in it is a host.
    fn target(&mut self, input: &HostsInput, options: &ImportOptions) -> Result<()> {
        let how = ScanOptions {
            no_ignore: true,
            ..ScanOptions::default()
        };
        let path = &input.path;
        let read = match input.is_stdin() {
            true => read_bytes(
                path,
                bytes_of(input, INPUT_BYTES)?,
                &how,
                &Assets::default(),
            ),
            false => read_target(path, &how, &Assets::default()),
        };
        let subjects = match (read, input.kind) {
            (Ok(subjects), _) => subjects,
            (Err(note), kind) => {
                let is_no_format = kind == Kind::Unknown && !path.is_dir();
                self.imported.note(match is_no_format {
                    true => not_recognised(input),
                    false => note,
                });
                self.imported.lost += 1;
                return Ok(());
            }
        };
        let seen_at = options.seen_at.unwrap_or(self.now);
        for subject in subjects {
            let label = label_of(path, &subject.host.name);
            for note in subject.notes {
                self.imported.note(note);
            }
            match Incoming::of_host(&label, subject.host, seen_at) {
                Ok(incoming) => self.take(incoming)?,
                Err(why) => {
                    let note =
                        Note::error(format!("a host that cannot be told from others: {why}"));
                    self.imported.note(note.in_file(input.shown()));
                    self.imported.lost += 1;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, mut incoming: Incoming) -> Result<()> {
        for note in std::mem::take(&mut incoming.notes) {
            self.imported.note(note);
        }
        self.packages += incoming.host.packages.len();
        self.waiting.push(incoming);
        match self.waiting.len() < BATCH && self.packages < BATCH_PACKAGES {
            true => Ok(()),
            false => self.flush(),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        self.packages = 0;
        if waiting.is_empty() {
            return Ok(());
        }
        let taken = take(
            &mut self.fleet,
            &self.catalog,
            self.rules.merge_rules(),
            &waiting,
            &self.source,
            self.now,
        )?;
        self.imported.taken.add(&taken);
        self.progress.advance(self.reports());
        Ok(())
    }
}

/// The notes of its lines are told by the stream, in their order and bounded.
fn told_by_the_stream(mut incoming: Incoming) -> Incoming {
    incoming.notes.clear();
    incoming
}

fn not_recognised(input: &HostsInput) -> Note {
    let what = format!(
        "neither hosts nor a list of hosts; read are: {}",
        Kind::readable()
    );
    Note::error(what).in_file(input.shown())
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

fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Who brings it, in one word of the log.
fn source_of(verb: &str, name: &str) -> String {
    let plain = |c: char| match c.is_control() || c.is_whitespace() {
        true => '_',
        false => c,
    };
    let word: String = name.chars().map(plain).take(200).collect();
    format!("{verb}:{word}")
}
