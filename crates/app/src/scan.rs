//! `scan`: targets → one report. A target is read, assembled into a host, matched and judged; then VEX and suppressions set
//! findings aside.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use advisories::catalog::Catalog;
use base::{Level, Note};
use fleet::suppression::Rules;
use fleet::vex::Statements;
use host::Inspected;
use inventory::assemble;
use jiff::Timestamp;
use reports::scan::{NotAffected, ScanReport, TargetNote};
use risk::policy::Policy;

use crate::assess::{Basis, FirstSeen, NoMemory, Subject, assess};
use crate::assets::Assets;
use crate::error::{Failure, Result};
use crate::fingerprints::Loaded;
use crate::{baseline, results, trees};

/// The largest suppression or VEX file read.
const STATEMENT_BYTES: base::Limit = base::Limit::new("statement-bytes", 64 << 20);

/// The target that is no file: the machine this runs on.
const THIS_MACHINE: &str = "host";

/// What to scan and how.
#[derive(Clone, Debug, Default)]
pub struct ScanOptions {
    /// Files, directories, `-`, or `host`.
    pub targets: Vec<PathBuf>,
    /// Where the tree of files of `host` begins, if not at `/`.
    pub root: Option<PathBuf>,
    /// What banners are held against.
    pub fingerprints: Option<Arc<Loaded>>,
    /// Other tools' results on the same targets.
    pub results: Vec<PathBuf>,
    /// An earlier scan, to tell what is new.
    pub baseline: Option<PathBuf>,
    /// VEX documents.
    pub vex: Vec<PathBuf>,
    /// The suppressions file; when not named, `.daywatch.toml` of the working directory is used if it is there.
    pub suppressions: Option<PathBuf>,
    /// What the team says of its hosts.
    pub assets: Option<PathBuf>,
    /// Also read what `.gitignore` leaves out.
    pub no_ignore: bool,
    /// Of an image for several platforms the one to read; linux/amd64 when not said.
    pub platform: Option<host::Platform>,
    /// Explain negatives too.
    pub negatives: bool,
    /// Hand the hosts out too, to be taken into the fleet.
    pub keeps_hosts: bool,
}

/// A scan's report, and whether every target the user named could be read.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// The report.
    pub report: ScanReport,
    /// A target, or a statement file the user named, gave nothing at all.
    pub target_lost: bool,
    /// A target was read in part.
    pub partly_read: bool,
    /// The hosts as they were read, where that was asked for.
    pub hosts: Vec<inventory::Host>,
}

/// Reads the targets, matches them, and applies VEX and suppressions.
pub fn scan(
    catalog: &Catalog,
    policies: &[Policy],
    options: &ScanOptions,
    now: Timestamp,
) -> Result<Scanned> {
    let assets = Assets::load(options.assets.as_deref())?;
    let rules = load_suppressions(options.suppressions.as_deref())?;
    let statements = load_vex(&options.vex)?;
    let mut subjects = Vec::new();
    let mut lost = Vec::new();
    let mut reported = results::load(&options.results, &mut lost);
    for target in &options.targets {
        if let Some(read) = results::as_target(target) {
            match read {
                Ok(read) => reported.push(read),
                Err(note) => lost.push(note),
            }
            continue;
        }
        match read_target(target, options, &assets) {
            Ok(read) => subjects.extend(read),
            Err(note) => lost.push(TargetNote {
                target: Some(target.display().to_string()),
                note,
            }),
        }
    }
    let basis = Basis {
        catalog,
        policies,
        now,
        negatives: options.negatives,
        first_seen: &NoMemory as &dyn FirstSeen,
    };
    let baseline = options
        .baseline
        .as_deref()
        .map(baseline::load)
        .transpose()?;
    let hosts = match options.keeps_hosts {
        true => subjects.iter().map(|s| s.host.clone()).collect(),
        false => Vec::new(),
    };
    let mut report = assess(basis, subjects).map_err(damaged)?;
    results::add(basis, &assets, reported, &mut report).map_err(damaged)?;
    if let Some(baseline) = &baseline {
        baseline.mark(&mut report);
    }
    let unusable = |notes: &[Note]| notes.iter().any(|n| n.level == Level::Error);
    let target_lost = !lost.is_empty() || unusable(statements.notes()) || unusable(rules.notes());
    report.errors.extend(lost);
    let of_fingerprints = options.fingerprints.iter().flat_map(|f| f.notes.clone());
    report
        .errors
        .extend(of_fingerprints.map(|note| TargetNote { target: None, note }));
    set_aside(&mut report, rules, statements, now);
    report.since = baseline.map(|baseline| baseline.since(&report));
    let partly_read = report.errors.iter().any(|e| e.note.level > Level::Info);
    Ok(Scanned {
        report,
        target_lost,
        partly_read,
        hosts,
    })
}

/// The catalog turned out to be damaged while it was read.
pub(crate) fn damaged(error: advisories::catalog::CatalogError) -> Failure {
    Failure::input(format!("the catalog could not be read: {error}"))
        .hint("check it with `daywatch feeds status --verify`, rebuild it with `daywatch feeds sync` or `daywatch feeds import PATH…`")
}

/// Reads one target: one host, or, where a directory holds several system trees or an archive several images, one for each.
/// The note says why it gave nothing.
pub(crate) fn read_target(
    target: &Path,
    options: &ScanOptions,
    assets: &Assets,
) -> std::result::Result<Vec<Subject>, Note> {
    let how = inspect_options(options);
    if target.as_os_str() == THIS_MACHINE {
        let root = options.root.as_deref().unwrap_or(Path::new("/"));
        let machine = host::machine(root, &how.walk);
        let name = machine.name.unwrap_or_else(|| THIS_MACHINE.to_owned());
        let inspected = usable(target, machine.inspected, options)?;
        return Ok(subjects_of(&name, inspected, assets));
    }
    let inspected = host::inspect(target, &how).map_err(|e| e.to_note())?;
    all_subjects(target, inspected, options, assets)
}

/// The same for the bytes of a file that goes by a name.
pub(crate) fn read_bytes(
    name: &Path,
    bytes: Vec<u8>,
    options: &ScanOptions,
    assets: &Assets,
) -> std::result::Result<Vec<Subject>, Note> {
    let how = inspect_options(options);
    let inspected = host::inspect_bytes(name, bytes, &how).map_err(|e| e.to_note())?;
    all_subjects(name, inspected, options, assets)
}

fn inspect_options(options: &ScanOptions) -> host::InspectOptions {
    host::InspectOptions {
        walk: host::WalkOptions {
            honour_gitignore: !options.no_ignore,
            ..host::WalkOptions::default()
        },
        platform: options.platform.clone(),
    }
}

fn all_subjects(
    target: &Path,
    all: Vec<Inspected>,
    options: &ScanOptions,
    assets: &Assets,
) -> std::result::Result<Vec<Subject>, Note> {
    let name = target.display().to_string();
    let mut subjects = Vec::new();
    let mut lost = Vec::new();
    for inspected in all {
        match usable(target, inspected, options) {
            Ok(inspected) => subjects.extend(subjects_of(&name, inspected, assets)),
            Err(note) => lost.push(note),
        }
    }
    match subjects.first_mut() {
        Some(first) => first.notes.extend(lost),
        None => {
            return Err(lost
                .into_iter()
                .next()
                .unwrap_or_else(|| not_recognised(target)));
        }
    }
    Ok(subjects)
}

/// What was read, with the fingerprints applied, unless it is nothing at all.
fn usable(
    target: &Path,
    mut inspected: Inspected,
    options: &ScanOptions,
) -> std::result::Result<Inspected, Note> {
    if let Some(loaded) = &options.fingerprints {
        for reading in &mut inspected.readings {
            loaded.fingerprints.apply(&mut reading.listing);
        }
    }
    let error = inspected.notes.iter().find(|n| n.level == Level::Error);
    if !inspected.recognised() {
        return Err(error.cloned().unwrap_or_else(|| not_recognised(target)));
    }
    let nothing_listed = inspected
        .readings
        .iter()
        .all(|r| r.listing.packages.is_empty() && r.listing.os.is_none());
    match error {
        Some(error) if nothing_listed => Err(error.clone()),
        _ => Ok(inspected),
    }
}

/// The hosts in what was read. An image is named by its reference, anything else as the user named it.
fn subjects_of(target: &str, inspected: Inspected, assets: &Assets) -> Vec<Subject> {
    let image = inspected.image.as_ref();
    let name = image.and_then(|image| image.name.clone());
    let name = name.unwrap_or_else(|| target.to_owned());
    trees::split(inspected)
        .into_iter()
        .map(|part| subject(&name, part, assets))
        .collect()
}

fn subject(target: &str, part: trees::Tree, assets: &Assets) -> Subject {
    let name = if part.root.is_empty() {
        target.to_owned()
    } else {
        format!("{target}/{}", part.root)
    };
    let (listings, mut notes) = part.inspected.into_listings();
    let assembled = assemble(&name, listings);
    notes.extend(assembled.notes);
    Subject {
        asset: assets.of(&name, &assembled.value),
        host: assembled.value,
        notes,
    }
}

fn not_recognised(target: &Path) -> Note {
    let formats: Vec<&str> = inventory::FORMATS.iter().map(|f| f.id()).collect();
    let what = if target.is_dir() {
        "no file in it that lists packages"
    } else {
        "not a format that lists packages"
    };
    Note::error(format!("{what}; read are: {}", formats.join(", ")))
        .in_file(target.display().to_string())
}

/// Applies VEX first (what is not affected is no finding to suppress), then suppressions.
pub(crate) fn set_aside(
    report: &mut ScanReport,
    rules: Rules,
    statements: Statements,
    now: Timestamp,
) {
    let vexed = statements.apply(std::mem::take(&mut report.findings));
    report.findings = vexed.kept;
    report
        .not_affected
        .extend(
            vexed
                .not_affected
                .into_iter()
                .map(|(finding, verdict)| NotAffected {
                    id: finding.id,
                    cves: finding.cves,
                    target: finding.target,
                    package: finding.package,
                    version: finding.version,
                    reason: matching::Reason::Vex,
                    detail: verdict.detail,
                    source: verdict.source,
                }),
        );
    report.not_affected.sort_by(|a, b| {
        (a.target, &a.package, &a.id, &a.version).cmp(&(b.target, &b.package, &b.id, &b.version))
    });
    let suppressed = rules.apply(std::mem::take(&mut report.findings), now);
    report.findings = suppressed.kept;
    report.suppressed = suppressed.suppressed;
    let notes = vexed.notes.into_iter().chain(suppressed.notes);
    report
        .errors
        .extend(notes.map(|note| TargetNote { target: None, note }));
}

/// The suppressions of the file named, or of `.daywatch.toml` here, or none.
pub(crate) fn load_suppressions(named: Option<&Path>) -> Result<Rules> {
    const HERE: &str = ".daywatch.toml";
    let path = match named {
        Some(path) => path,
        None if Path::new(HERE).is_file() => Path::new(HERE),
        None => return Ok(Rules::default()),
    };
    let bytes = host::read(path, STATEMENT_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    Ok(Rules::parse(&path.display().to_string(), &bytes))
}

fn load_vex(paths: &[PathBuf]) -> Result<Statements> {
    let mut statements = Statements::default();
    for path in paths {
        let bytes = host::read(path, STATEMENT_BYTES).map_err(|e| Failure::input(e.to_string()))?;
        statements.add(&path.display().to_string(), &bytes);
    }
    Ok(statements)
}
