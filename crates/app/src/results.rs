//! Other tools' results in a scan: as a target of its own (`scan trivy.json`), or on the targets of the scan (`--results FILE`).

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use advisories::catalog::CatalogError;
use base::{Level, Note};
use fleet::asset::Asset;
use fleet::finding::Finding;
use fleet::imported::{self, HEAD_BYTES, IMPORTED_BYTES, Imported, Merge, Subject};
use fleet::judge::{Bench, FeedAges, Place};
use inventory::assemble;
use jiff::tz::TimeZone;
use reports::scan::{IMPORTED, Runs, ScanReport, Target, TargetNote};

use crate::assess::{Basis, sort};
use crate::assets::Assets;

/// A report of another tool that was read.
pub(crate) struct Reported {
    file: String,
    imported: Imported,
    notes: Vec<Note>,
    /// It speaks of the targets of the scan.
    joins: bool,
}

/// The report a target is, if its beginning says that it is one.
pub(crate) fn as_target(target: &Path) -> Option<Result<Reported, TargetNote>> {
    // A pipe cannot be read twice: `--results -` takes one.
    if !target.is_file() {
        return None;
    }
    let mut head = Vec::new();
    let limit = HEAD_BYTES as u64;
    File::open(target)
        .ok()?
        .take(limit)
        .read_to_end(&mut head)
        .ok()?;
    imported::recognise(&head)?;
    Some(read(target))
}

/// The reports of `--results`; what gave nothing is added to what was lost.
pub(crate) fn load(paths: &[PathBuf], lost: &mut Vec<TargetNote>) -> Vec<Reported> {
    let mut all = Vec::new();
    for path in paths {
        match read(path) {
            Ok(reported) => all.push(Reported {
                joins: true,
                ..reported
            }),
            Err(note) => lost.push(note),
        }
    }
    all
}

fn read(path: &Path) -> Result<Reported, TargetNote> {
    let file = path.display().to_string();
    let lost = |note: Note| TargetNote {
        target: Some(file.clone()),
        note,
    };
    let bytes = host::read(path, IMPORTED_BYTES).map_err(|e| lost(e.to_note()))?;
    let parsed = imported::read(&bytes);
    let notes: Vec<Note> = parsed
        .notes
        .into_iter()
        .map(|note| note.in_file(&file))
        .collect();
    match parsed.value {
        Some(imported) => Ok(Reported {
            imported,
            notes,
            joins: false,
            file,
        }),
        None => {
            let why = notes.into_iter().find(|n| n.level == Level::Error);
            Err(lost(why.unwrap_or_else(|| Note::error("nothing read"))))
        }
    }
}

/// Judges what other tools found and puts it beside our own.
pub(crate) fn add(
    basis: Basis<'_>,
    assets: &Assets,
    reported: Vec<Reported>,
    report: &mut ScanReport,
) -> Result<(), CatalogError> {
    if reported.is_empty() {
        return Ok(());
    }
    let ages = FeedAges::of(basis.catalog);
    let bench = Bench {
        catalog: basis.catalog,
        policies: basis.policies,
        ages: &ages,
    };
    let ours = report.targets.len();
    let mut names = Names::of(&report.targets);
    let mut merge = Merge::new(std::mem::take(&mut report.findings));
    for one in reported {
        report
            .errors
            .extend(one.notes.iter().map(|note| TargetNote {
                target: None,
                note: note.clone(),
            }));
        let is_alone = one.imported.subjects.len() == 1 && ours == 1;
        for subject in one.imported.subjects {
            let tool = subject.tool.as_ref().unwrap_or(&one.imported.tool);
            let name = subject.name.as_deref().unwrap_or(&one.file);
            let joined = (one.joins && is_alone).then_some(0);
            let known = joined.or_else(|| names.find(name));
            let index = known.unwrap_or_else(|| {
                names.add(report.targets.len(), name);
                report.targets.push(target(name, assets));
                report.targets.len() - 1
            });
            let target = &mut report.targets[index];
            if target.kind == IMPORTED {
                target.packages = target.packages.max(packages(&subject));
            }
            let found = judged(basis, bench, index, &report.targets[index], tool, &subject)?;
            merge.add(found);
        }
    }
    report.findings = merge.finish();
    sort(report);
    Ok(())
}

/// The targets by their names; case and folders are no difference, as for the team's rules on hosts.
#[derive(Default)]
struct Names {
    whole: HashMap<String, usize>,
    /// By the last part of the path; `None` where several have it.
    last: HashMap<String, Option<usize>>,
}

impl Names {
    fn of(targets: &[Target]) -> Self {
        let mut names = Self::default();
        for (at, target) in targets.iter().enumerate() {
            names.add(at, &target.name);
        }
        names
    }

    fn add(&mut self, at: usize, name: &str) {
        let name = name.to_ascii_lowercase();
        let last = name.rsplit('/').next().unwrap_or_default().to_owned();
        let of_last = self.last.entry(last);
        of_last
            .and_modify(|known| *known = None)
            .or_insert(Some(at));
        self.whole.entry(name).or_insert(at);
    }

    fn find(&self, name: &str) -> Option<usize> {
        let name = name.to_ascii_lowercase();
        let exact = self.whole.get(&name).copied();
        exact.or_else(|| self.last.get(&name).copied().flatten())
    }
}

fn target(name: &str, assets: &Assets) -> Target {
    let host = assemble(name, Vec::new()).value;
    Target {
        name: name.to_owned(),
        kind: IMPORTED,
        os: None,
        asset: assets.of(name, &host),
        packages: 0,
        not_covered: Vec::new(),
        notes: Vec::new(),
        runs: Runs::default(),
    }
}

/// Distinct packages a tool names.
fn packages(subject: &Subject) -> usize {
    let found = subject.findings.iter().map(|f| f.package.name.as_str());
    let seen = subject.packages.iter().map(String::as_str);
    found.chain(seen).collect::<BTreeSet<_>>().len()
}

fn judged(
    basis: Basis<'_>,
    bench: Bench<'_>,
    index: usize,
    target: &Target,
    tool: &str,
    subject: &Subject,
) -> Result<Vec<Finding>, CatalogError> {
    let asset: &Asset = &target.asset;
    let of = |theirs: &imported::ImportedFinding| {
        let key = Finding::key_of(&theirs.id, &theirs.package, &target.name);
        let remembered = basis.first_seen.first_seen(&key);
        let (detected, detected_source) = remembered.unwrap_or((basis.now, "this scan"));
        let place = Place {
            target: index,
            target_name: &target.name,
            asset,
            package: &theirs.package,
            today: basis.now.to_zoned(TimeZone::UTC).date(),
            detected,
            detected_source,
        };
        imported::judge(bench, place, tool, theirs)
    };
    subject.findings.iter().map(of).collect()
}
