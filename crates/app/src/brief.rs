//! `brief`: a directory of inventories → this morning's briefing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use advisories::catalog::Catalog;
use base::{Level, Limit, Note};
use fleet::finding::Finding;
use fleet::group::{FindingGroup, Folding, fold};
use fleet::suppression::{Rules, Suppression};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use reports::briefing::{Briefing, FleetFacts, PreviousBriefing, RecentKev, Today, compose};
use reports::scan::{ScanReport, TargetNote};
use risk::policy::Policy;

use crate::assess::{Basis, FirstSeen, NoMemory, Subject, assess};
use crate::assets::{Assets, RULES_FILES, rules_in};
use crate::error::{Failure, Result};
use crate::feeds_status::STALE_AFTER;
use crate::kev_here;
use crate::progress::Progress;
use crate::scan::{ScanOptions, damaged, load_suppressions, read_target};

/// The largest earlier briefing read.
const PREVIOUS_BYTES: Limit = Limit::new("briefing-bytes", 256 << 20);
/// Endings that say what a file is, not which host it is of.
const ENDINGS: &[&str] = &[
    ".cdx.json",
    ".cdx.xml",
    ".spdx.json",
    ".spdx",
    ".syft.json",
    ".json",
    ".xml",
    ".status",
    ".sqlite",
    ".lock",
    ".csv",
    ".tsv",
    ".txt",
];
/// How far back "newly exploited" looks when there is no earlier briefing.
const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What to brief about.
#[derive(Clone, Debug, Default)]
pub struct BriefOptions {
    /// A directory with one file or one directory a host, and the file of rules.
    pub inventory: PathBuf,
    /// The JSON of the briefing before.
    pub previous: Option<PathBuf>,
    /// The team's facts about its hosts [default: `fleet.toml` or `hosts.toml` in the inventory].
    pub hosts: Option<PathBuf>,
    /// Suppressions [default: `.daywatch.toml` here].
    pub suppressions: Option<PathBuf>,
}

/// Reads every host and composes the briefing.
pub fn brief(
    catalog: &Catalog,
    policies: &[Policy],
    options: &BriefOptions,
    now: Timestamp,
    progress: &dyn Progress,
) -> Result<Briefing> {
    let previous = options.previous.as_deref().map(read_previous).transpose()?;
    let (previous, previous_notes) =
        previous.map_or((None, Vec::new()), |(p, notes)| (Some(p), notes));
    let read = read_hosts(options, progress)?;
    let recent_kev = recent_kev(catalog, &read.subjects, previous.as_ref(), now)?;
    let rules = load_suppressions(options.suppressions.as_deref())?;
    let mut found = find(catalog, policies, read, &rules, previous.as_ref(), now)?;
    let since = previous
        .as_ref()
        .map_or(now, |p| p.now)
        .min(week_before(now));
    let aside = set_aside(&mut found, &rules, previous.as_ref(), since);
    let report = found.report;
    let mut errors = report.errors;
    let noted = previous_notes.into_iter().chain(aside.unread);
    errors.extend(noted.map(|note| TargetNote { target: None, note }));
    Ok(compose(&Today {
        now,
        catalog: report.catalog,
        hosts: report.targets,
        groups: found.groups,
        suppressed: aside.suppressed,
        errors,
        recent_kev,
        stale_feeds: stale_feeds(catalog, now),
        ended: aside.ended,
        suppression_notes: aside.notes,
        fleet: FleetFacts::default(),
        previous,
    }))
}

/// What was found on the hosts of a directory.
struct Found {
    /// The hosts and what was noted; its findings are in `groups` and `named`.
    report: ScanReport,
    /// Findings that no suppression names.
    groups: Vec<FindingGroup>,
    /// Findings that a suppression names, with the places it may be about.
    named: Vec<Finding>,
}

/// Looks at host after host, so that the findings of one are grouped before those of the next are made.
fn find(
    catalog: &Catalog,
    policies: &[Policy],
    read: Read,
    rules: &Rules,
    previous: Option<&PreviousBriefing>,
    now: Timestamp,
) -> Result<Found> {
    let memory = previous.map(Memory::of);
    let basis = Basis {
        catalog,
        policies,
        now,
        negatives: false,
        first_seen: memory.as_ref().map_or(&NoMemory as &dyn FirstSeen, |m| m),
    };
    let mut report = assess(basis, Vec::new()).map_err(damaged)?;
    let mut folding = Folding::default();
    let mut named = Vec::new();
    for (target, subject) in read.subjects.into_iter().enumerate() {
        let one = assess(basis, vec![subject]).map_err(damaged)?;
        report.targets.extend(one.targets);
        report.errors.extend(one.errors);
        for finding in one.findings {
            let finding = Finding { target, ..finding };
            if rules.names(&finding) {
                named.push(finding);
            } else {
                let since = first_seen(previous, &finding, now);
                folding.add(finding, since);
            }
        }
    }
    report.errors.extend(read.lost);
    Ok(Found {
        report,
        groups: folding.finish(),
        named,
    })
}

/// When a briefing first saw a finding; now, when none before has.
fn first_seen(previous: Option<&PreviousBriefing>, finding: &Finding, now: Timestamp) -> Timestamp {
    let before = previous.and_then(|p| p.first_seen(&finding.key()));
    before.unwrap_or(now)
}

/// What suppressions did.
struct Aside {
    /// What they set aside.
    suppressed: Vec<(FindingGroup, Suppression)>,
    /// Those that have ended since some days ago, with how many findings they would have set aside.
    ended: Vec<(Suppression, usize)>,
    /// What is to be said of entries, without those that `ended` tells.
    notes: Vec<Note>,
    /// What could not be read of them.
    unread: Vec<Note>,
}

/// Takes out what the rules set aside; what they name and leave open joins the groups.
fn set_aside(
    found: &mut Found,
    rules: &Rules,
    previous: Option<&PreviousBriefing>,
    since: Timestamp,
) -> Aside {
    let now = found.report.now;
    let seen = |finding: &Finding| first_seen(previous, finding, now);
    let applied = rules.apply(std::mem::take(&mut found.named), now);
    let ended = by_suppression(ended(&applied.kept, rules, since, now));
    found.groups.extend(fold(applied.kept, seen));
    let (unread, said) = applied.notes.split_at(rules.notes().len());
    let is_told = |note: &Note| {
        ended
            .iter()
            .any(|(s, _)| note.what.contains(&format!(": {} (owner: ", s.scope)))
    };
    let notes = said.iter().filter(|n| !is_told(n)).cloned().collect();
    let suppressed = by_suppression(applied.suppressed);
    let groups = suppressed.into_iter().flat_map(|(suppression, findings)| {
        let groups = fold(findings, seen).into_iter();
        groups.map(move |group| (group, suppression.clone()))
    });
    Aside {
        suppressed: groups.collect(),
        ended: ended.into_iter().map(|(s, f)| (s, f.len())).collect(),
        notes,
        unread: unread.to_vec(),
    }
}

/// The open findings that the rules would have set aside at `since`, by suppressions that have ended.
fn ended(
    open: &[Finding],
    rules: &Rules,
    since: Timestamp,
    now: Timestamp,
) -> Vec<(Finding, Suppression)> {
    let mut then = rules.apply(open.to_vec(), since).suppressed;
    then.retain(|(_, s)| s.until.is_some_and(|until| until < now));
    then
}

/// Findings by what set them aside.
fn by_suppression(findings: Vec<(Finding, Suppression)>) -> Vec<(Suppression, Vec<Finding>)> {
    let mut by: BTreeMap<_, (Suppression, Vec<Finding>)> = BTreeMap::new();
    for (finding, s) in findings {
        let key = (s.until, s.scope.clone(), s.owner.clone(), s.reason.clone());
        let entry = by.entry(key).or_insert_with(|| (s, Vec::new()));
        entry.1.push(finding);
    }
    by.into_values().collect()
}

fn week_before(now: Timestamp) -> Timestamp {
    now.saturating_sub(RECENT).unwrap_or(now)
}

/// What the inventory directory holds.
struct Read {
    subjects: Vec<Subject>,
    /// Hosts that could not be read.
    lost: Vec<TargetNote>,
}

fn read_hosts(options: &BriefOptions, progress: &dyn Progress) -> Result<Read> {
    let rules = match &options.hosts {
        Some(file) => Some(file.clone()),
        None => rules_in(&options.inventory)?,
    };
    let assets = Assets::load(rules.as_deref())?;
    let places = places(&options.inventory)?;
    let mut subjects = Vec::new();
    let mut lost = Vec::new();
    progress.begin("reading inventories", Some(places.len() as u64));
    for (done, place) in places.iter().enumerate() {
        let name = host_name(place);
        match read_target(
            place,
            &ScanOptions {
                no_ignore: true,
                ..ScanOptions::default()
            },
            &assets,
        ) {
            Ok(read) => subjects.extend(
                read.into_iter()
                    .map(|subject| named(subject, place, &name, &assets)),
            ),
            Err(note) => lost.push(TargetNote {
                target: Some(name),
                note,
            }),
        }
        progress.advance(done as u64 + 1);
    }
    progress.end();
    if let (true, Some(first)) = (subjects.is_empty(), lost.first()) {
        let place = options.inventory.display();
        return Err(Failure::input(format!(
            "{place}: no host in it could be read: {}",
            first.note
        )));
    }
    Ok(Read { subjects, lost })
}

/// The subject under the host's name instead of its path; a second system tree of the same place keeps its own part.
fn named(mut subject: Subject, place: &Path, name: &str, assets: &Assets) -> Subject {
    let path = place.display().to_string();
    let part = subject
        .host
        .name
        .strip_prefix(&path)
        .unwrap_or_default()
        .to_owned();
    subject.host.name = format!("{name}{part}");
    subject.asset = assets.of(&subject.host.name, &subject.host);
    subject
}

/// The entries of the inventory directory, each a host, by name.
pub(crate) fn places(inventory: &Path) -> Result<Vec<PathBuf>> {
    let hint = "give --inventory a directory with one file or one directory for each host";
    let failed =
        |e: std::io::Error| Failure::input(format!("{}: {e}", inventory.display())).hint(hint);
    let mut places = Vec::new();
    for entry in fs::read_dir(inventory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        if !name.starts_with('.') && !RULES_FILES.contains(&name.as_str()) {
            places.push(path);
        }
    }
    if places.is_empty() {
        return Err(Failure::input(format!("{}: no host in it", inventory.display())).hint(hint));
    }
    places.sort();
    Ok(places)
}

/// `web-01.cdx.json` and the directory `web-01` are both the host `web-01`; `web-01.corp.example` stays whole.
pub(crate) fn host_name(place: &Path) -> String {
    let name = place
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    if place.is_dir() {
        return name;
    }
    ENDINGS
        .iter()
        .find_map(|e| name.strip_suffix(e))
        .unwrap_or(&name)
        .to_owned()
}

fn read_previous(path: &Path) -> Result<(PreviousBriefing, Vec<Note>)> {
    let bytes = host::read(path, PREVIOUS_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let parsed = PreviousBriefing::parse(&bytes);
    let shown = path.display().to_string();
    let Some(previous) = parsed.value else {
        let why = parsed
            .notes
            .iter()
            .find(|n| n.level == Level::Error)
            .map_or_else(String::new, |n| n.what.clone());
        return Err(Failure::input(format!("{shown}: {why}")).hint(
            "--previous takes the JSON form of an earlier briefing (`brief --format json`)",
        ));
    };
    Ok((
        previous,
        parsed
            .notes
            .into_iter()
            .map(|n| n.in_file(shown.clone()))
            .collect(),
    ))
}

/// The previous briefing as a memory of when findings were first seen.
#[derive(Debug)]
struct Memory<'p> {
    previous: &'p PreviousBriefing,
    source: String,
}

impl<'p> Memory<'p> {
    fn of(previous: &'p PreviousBriefing) -> Self {
        Self {
            source: format!("briefing {}", previous.now.to_zoned(TimeZone::UTC).date()),
            previous,
        }
    }
}

impl FirstSeen for Memory<'_> {
    fn first_seen(&self, key: &str) -> Option<(Timestamp, &str)> {
        self.previous
            .first_seen(key)
            .map(|at| (at, self.source.as_str()))
    }
}

/// KEV entries since the previous briefing, at least of the last seven days, that were listed by now.
fn recent_kev(
    catalog: &Catalog,
    subjects: &[Subject],
    previous: Option<&PreviousBriefing>,
    now: Timestamp,
) -> Result<Vec<RecentKev>> {
    let week_ago = week_before(now);
    let since = previous
        .map_or(week_ago, |p| p.now.min(week_ago))
        .to_zoned(TimeZone::UTC)
        .date();
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut recent = Vec::new();
    for entry in catalog.kev_entries().map_err(damaged)? {
        if entry.added >= since && entry.added <= today {
            let otherwise =
                kev_here::otherwise(catalog, subjects, &entry, today).map_err(damaged)?;
            recent.push(RecentKev { entry, otherwise });
        }
    }
    Ok(recent)
}

pub(crate) fn stale_feeds(catalog: &Catalog, now: Timestamp) -> Vec<String> {
    let feeds = catalog.feeds().into_iter();
    feeds
        .filter(|f| f.name != advisories::model::LOCAL)
        .filter(|f| {
            f.as_of
                .is_none_or(|at| now.duration_since(at) > STALE_AFTER)
        })
        .map(|f| f.name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_for_its_host() {
        let check = |file: &str, name: &str| assert_eq!(host_name(Path::new(file)), name);
        check("shop.cdx.json", "shop");
        check("web-01.status", "web-01");
        check("web07.corp.example", "web07.corp.example");
    }

    #[test]
    fn an_exception_that_ended_overnight_is_told_with_its_findings() {
        let directory = tempfile::tempdir().unwrap();
        let made = crate::demo::demonstrate(directory.path(), &crate::progress::Silent).unwrap();
        let briefing = made.briefing;
        let [web] = briefing.set_aside.ending.as_slice() else {
            panic!("{:?}", briefing.set_aside)
        };
        assert!(web.scope.ends_with("on host web-03"), "{web:?}");
        assert_eq!(web.owner, "web operations");
        assert_eq!(briefing.set_aside.notes, [""; 0]);
        let changes = briefing.changes.unwrap();
        assert_eq!(web.findings, changes.suppression_over.findings);
        let new = changes.new.examples.iter();
        assert!(new.flat_map(|g| &g.hosts.names).all(|h| h != "web-03"));
    }
}
