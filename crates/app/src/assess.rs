//! Hosts against a catalog: the part of a scan that touches no file.

use std::collections::{BTreeSet, HashMap, HashSet};

use advisories::catalog::{Catalog, CatalogError};
use base::{Ecosystem, Note};
use fleet::asset::Asset;
use fleet::finding::Finding;
use fleet::judge::{Bench, FeedAges, Place, judge};
use inventory::{Host, Kept, Package, StaleProcess};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use matching::{
    Coverage, FixState, Kernels, Match, Matches, Negative, Support, coverage, match_package,
};
use rayon::prelude::*;
use reports::scan::{
    CatalogInfo, FeedAge, NOT_COVERED, NotAffected, Runs, SUPPORT, ScanReport, Target, TargetNote,
};
use risk::policy::Policy;

/// A host that was read, with what the team says of it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The host; its name is the target's name.
    pub host: Host,
    /// What was noted while reading it.
    pub notes: Vec<Note>,
    /// What the team says of it.
    pub asset: Asset,
}

/// What a scan is made with.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    /// The advisories.
    pub catalog: &'a Catalog,
    /// The policies.
    pub policies: &'a [Policy],
    /// The clock.
    pub now: Timestamp,
    /// Explain negatives too.
    pub negatives: bool,
    /// When findings were first seen, by key; what is not in it is first seen now.
    pub first_seen: &'a dyn FirstSeen,
}

/// Memory of when a finding was first seen.
pub trait FirstSeen: std::fmt::Debug + Sync {
    /// When and by whom, for a finding's key.
    fn first_seen(&self, key: &str) -> Option<(Timestamp, &str)>;
}

/// No memory: everything is seen now for the first time.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMemory;

impl FirstSeen for NoMemory {
    fn first_seen(&self, _key: &str) -> Option<(Timestamp, &str)> {
        None
    }
}

/// Matches and judges every package of every subject.
pub fn assess(basis: Basis<'_>, subjects: Vec<Subject>) -> Result<ScanReport, CatalogError> {
    let ages = FeedAges::of(basis.catalog);
    let bench = Bench {
        catalog: basis.catalog,
        policies: basis.policies,
        ages: &ages,
    };
    let mut report = ScanReport {
        now: basis.now,
        catalog: catalog_info(basis.catalog),
        targets: Vec::with_capacity(subjects.len()),
        findings: Vec::new(),
        not_affected: Vec::new(),
        suppressed: Vec::new(),
        errors: Vec::new(),
        since: None,
    };
    for (index, subject) in subjects.into_iter().enumerate() {
        assess_one(basis, bench, index, subject, &mut report)?;
    }
    sort(&mut report);
    Ok(report)
}

fn assess_one(
    basis: Basis<'_>,
    bench: Bench<'_>,
    index: usize,
    subject: Subject,
    report: &mut ScanReport,
) -> Result<(), CatalogError> {
    let Subject {
        host,
        mut notes,
        asset,
    } = subject;
    let options = matching::Options::of(&host, basis.negatives);
    let kernels = Kernels::of(&host);
    notes.extend(kernels.note().map(Note::info));
    let today = basis.now.to_zoned(TimeZone::UTC).date();
    let support = Support::of(&host);
    notes.extend(told(&host, support.as_ref(), today));
    let is_over = support.is_some_and(|s| s.is_over(today));
    // Each package is matched by itself, so on every core; judging follows in the packages' order.
    let matched: Vec<Matches> = host
        .packages
        .par_iter()
        .map(|package| {
            let mut matches = match_package(basis.catalog, &host, package, options)?;
            kernels.settle(basis.catalog, package, options, &mut matches)?;
            if is_over && is_of_system(package, &host) {
                matches.affected.iter_mut().for_each(no_fix_will_come);
            }
            Ok(matches)
        })
        .collect::<Result<_, _>>()?;
    let mut known = Known::default();
    for (package, matches) in host.packages.iter().zip(matched) {
        notes.extend(matches.notes.into_iter().map(Note::warning));
        let place = Place {
            target: index,
            target_name: &host.name,
            asset: &asset,
            package,
            today,
            detected: basis.now,
            detected_source: "this scan",
        };
        add_findings(basis, bench, place, matches.affected, &mut known, report)?;
        add_negatives(index, package, matches.not_affected, &mut known, report);
    }
    let not_covered = not_covered(basis.catalog, &host);
    notes.extend(not_covered.iter().map(uncovered_note));
    report.errors.extend(notes.iter().map(|note| TargetNote {
        target: Some(host.name.clone()),
        note: note.clone(),
    }));
    report.targets.push(Target {
        kind: host.kind.as_str(),
        os: host.os.as_ref().map(os_in_words),
        asset,
        packages: host.packages.len(),
        not_covered,
        notes,
        runs: Runs {
            kernel: host.kernel,
            services: host.services,
            restart: host.stale,
        },
        name: host.name,
    });
    Ok(())
}

/// Which programs run code that was replaced, in a sentence; the whole list is in the report.
fn restart_needed(stale: &[StaleProcess]) -> Option<Note> {
    const NAMED: usize = 5;
    let programs: BTreeSet<&str> = stale.iter().map(|s| s.program.as_str()).collect();
    if programs.is_empty() {
        return None;
    }
    let packages: BTreeSet<&str> = stale.iter().filter_map(|s| s.package.as_deref()).collect();
    let some_of = |all: &BTreeSet<&str>| {
        let named: Vec<&str> = all.iter().copied().take(NAMED).collect();
        match all.len().saturating_sub(NAMED) {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    };
    let of = match packages.is_empty() {
        true => String::new(),
        false => format!(", of {}", some_of(&packages)),
    };
    Some(Note::info(format!(
        "restart needed: {} still run replaced code{of}",
        some_of(&programs)
    )))
}

fn uncovered_note((what, count): &(String, usize)) -> Note {
    Note::warning(format!(
        "{NOT_COVERED}no feed covers {what} ({count} packages)"
    ))
}

/// What is to be said of the host itself on that day.
fn told(host: &Host, support: Option<&Support>, today: Date) -> impl Iterator<Item = Note> {
    let notes = [
        restart_needed(&host.stale),
        confirmed_long_ago(host, today),
        support.and_then(|s| support_note(s, today)),
    ];
    notes.into_iter().flatten()
}

fn support_note(support: &Support, today: Date) -> Option<Note> {
    let what = format!("{SUPPORT}{}", support.sentence(today)?);
    Some(match support.has_ended(today) {
        true => Note::warning(what),
        false => Note::info(what),
    })
}

/// Whether the vendor of the host's system mends the package.
fn is_of_system(package: &Package, host: &Host) -> bool {
    let system = host.os.as_ref().and_then(inventory::Os::ecosystem);
    let name = |e: &Option<Ecosystem>| e.as_ref().map(|e| e.name().to_owned());
    system.is_some() && name(&system) == name(&package.ecosystem)
}

/// A hole without a fix in a system that gets none any more.
fn no_fix_will_come(matched: &mut Match) {
    if matches!(matched.fix_state, FixState::None | FixState::Unknown) {
        matched.fix_state = FixState::EndOfLife;
    }
}

/// How many entries of a product register nobody has looked at for long, and the oldest of them.
fn confirmed_long_ago(host: &Host, today: Date) -> Option<Note> {
    let kept = host.packages.iter().filter_map(|p| p.kept.as_ref());
    let ages: Vec<i32> = kept
        .filter_map(|kept| kept.age(today))
        .filter(|days| *days > Kept::CONFIRMED_DAYS)
        .collect();
    let oldest = ages.iter().max()?;
    Some(Note::info(format!(
        "products whose version was confirmed more than {} days ago: {} (the oldest {oldest} days ago)",
        Kept::CONFIRMED_DAYS,
        ages.len()
    )))
}

/// What one host's packages have already given: the same package@version for another architecture is the same finding.
#[derive(Default)]
struct Known {
    /// Index into the report's findings, by key.
    findings: HashMap<String, usize>,
    /// Record, package and version of every negative.
    negatives: HashSet<(String, String, String)>,
}

fn add_findings<'a>(
    basis: Basis<'a>,
    bench: Bench<'_>,
    mut place: Place<'a>,
    affected: Vec<Match>,
    known: &mut Known,
    report: &mut ScanReport,
) -> Result<(), CatalogError> {
    for matched in affected {
        let key = Finding::key_of(&matched.id, place.package, place.target_name);
        if let Some(&index) = known.findings.get(&key) {
            add_locations(&mut report.findings[index], place.package);
            continue;
        }
        let remembered = basis.first_seen.first_seen(&key);
        (place.detected, place.detected_source) = remembered.unwrap_or((basis.now, "this scan"));
        known.findings.insert(key, report.findings.len());
        report.findings.push(judge(bench, place, matched)?);
    }
    Ok(())
}

fn add_negatives(
    target: usize,
    package: &Package,
    negatives: Vec<Negative>,
    known: &mut Known,
    report: &mut ScanReport,
) {
    let version = package.version.clone().unwrap_or_default();
    for negative in negatives {
        let key = (negative.id.clone(), package.name.clone(), version.clone());
        if !known.negatives.insert(key) {
            continue;
        }
        report.not_affected.push(NotAffected {
            id: negative.id,
            cves: negative.cves,
            target,
            package: package.name.clone(),
            version: version.clone(),
            reason: negative.reason,
            detail: negative.detail,
            source: negative.source,
        });
    }
}

fn add_locations(finding: &mut Finding, package: &Package) {
    finding.locations.extend(package.locations.iter().cloned());
    finding.locations.sort();
    finding.locations.dedup();
}

/// Packages whose ecosystem or release is in no feed, counted by ecosystem: "0 findings" would be a lie about them.
pub(crate) fn not_covered(catalog: &Catalog, host: &Host) -> Vec<(String, usize)> {
    let mut counts: Vec<(Option<&Ecosystem>, usize)> = Vec::new();
    for package in &host.packages {
        let ecosystem = package.ecosystem.as_ref();
        match counts.iter_mut().find(|(e, _)| *e == ecosystem) {
            Some((_, count)) => *count += 1,
            None => counts.push((ecosystem, 1)),
        }
    }
    let mut uncovered: Vec<(String, usize)> = counts
        .into_iter()
        .filter_map(|(ecosystem, count)| match ecosystem {
            Some(e) if coverage(catalog, e) == Coverage::Covered => None,
            Some(e) => Some((e.to_string(), count)),
            None => Some(("packages of an unknown ecosystem".to_owned(), count)),
        })
        .collect();
    uncovered.sort();
    uncovered
}

fn os_in_words(os: &inventory::Os) -> String {
    os.pretty.clone().unwrap_or_else(|| match &os.version {
        Some(version) => format!("{} {version}", os.id),
        None => os.id.clone(),
    })
}

/// Which catalog answered, for every document that leaves.
pub fn catalog_info(catalog: &Catalog) -> CatalogInfo {
    CatalogInfo {
        digest: catalog.digest(),
        built: catalog.built(),
        feeds: catalog
            .feeds()
            .into_iter()
            .map(|f| FeedAge {
                name: f.name,
                as_of: f.as_of,
            })
            .collect(),
    }
}

/// The order of the contract: by target, package, id.
pub(crate) fn sort(report: &mut ScanReport) {
    report.findings.sort_by(|a, b| {
        (a.target, &a.package, &a.id, &a.version).cmp(&(b.target, &b.package, &b.id, &b.version))
    });
    report.not_affected.sort_by(|a, b| {
        (a.target, &a.package, &a.id, &a.version).cmp(&(b.target, &b.package, &b.id, &b.version))
    });
}
