//! From [`Today`] to a [`Briefing`]: each part has its own file and is put together here.

use std::collections::{BTreeMap, BTreeSet};

use base::{CveId, Severity};
use drawing::escape::printable;
use fleet::finding::Finding;
use fleet::group::{FindingGroup, Life};
use fleet::patch::Patch;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::changes::changes;
use super::model::{Briefing, DayAhead, Ending, Exploited, NoFix, PatchLine, Scope, SetAside};
use super::previous::{Memory, RememberedGroup};
use super::scene::{Closed, Scene, findings};
use super::today::Today;
use super::{deadlines, exploited, headline, owners, standing, unknowns};
use crate::scan::FeedAge;
use crate::vulnerability::{self, Vulnerability};
use crate::wording::{label, uncovered};

/// How many days the outlook shows, today included.
const DAYS_AHEAD: i64 = 14;
/// A suppression is told when it ends within this many seconds.
const ENDING_SOON: i64 = 7 * 86_400;

/// The briefing of a morning.
pub fn compose(today: &Today) -> Briefing {
    let scene = Scene::of(today);
    let scope = scope(&scene);
    let deadlines = deadlines::deadlines(&scene);
    let exploited = exploited::exploited(&scene);
    let memory = memory(&scene, &exploited);
    let by_file = || today.previous.as_ref().map(|p| changes(p, &memory));
    let changes = today.fleet.since.clone().or_else(by_file);
    let patches: Vec<PatchLine> = scene
        .patches
        .iter()
        .filter(|p| !closes_nothing_of_note(&scene, p))
        .filter_map(|p| patch_line(&scene, p))
        .collect();
    let (status, headline) = headline::headline(&scope, changes.as_ref(), &exploited);
    Briefing {
        now: today.now,
        status,
        headline,
        action: headline::action(&scope, &exploited, &deadlines, &patches, today.now),
        scope,
        reach: today.fleet.reach.clone(),
        deadlines,
        days_ahead: days_ahead(&scene),
        exploited,
        patches,
        restarts: standing::restarts(&scene),
        no_fix: no_fix(&scene),
        owners: owners::owners(&scene),
        changes,
        voided: today.fleet.voided.clone(),
        backlog: today.fleet.backlog,
        mitigated: standing::mitigated(&scene),
        trend: today.fleet.trend.clone(),
        unknowns: unknowns::unknowns(&scene),
        set_aside: set_aside(today),
        catalog: today.catalog.clone(),
        stale_feeds: today.stale_feeds.clone(),
        record: today.fleet.record.clone(),
        memory,
    }
}

fn scope(scene: &Scene<'_>) -> Scope {
    let hosts = &scene.today.hosts;
    let open = |pick: &dyn Fn(&Finding) -> bool| {
        findings(scene.open.iter().copied().filter(|g| pick(&g.finding)))
    };
    let stands =
        |pick: fn(&Life) -> bool| findings(scene.today.groups.iter().filter(|g| pick(&g.life)));
    let words = Severity::ALL.iter().rev().copied().map(Some).chain([None]);
    Scope {
        hosts: hosts.len(),
        hosts_not_covered: hosts
            .iter()
            .filter(|t| t.packages > 0 && uncovered(t) >= t.packages)
            .count(),
        packages: hosts.iter().map(|t| t.packages).sum(),
        findings: open(&|_| true),
        by_severity: words.map(|s| (s, open(&|f| f.severity == s))).collect(),
        known_exploited: open(&|f| f.kev.is_some()),
        known_exploited_cves: exploited_cves(scene),
        overdue: open(&|f| f.due().is_some_and(|by| by < scene.now())),
        unimportant: open(&Finding::is_unimportant),
        mitigated: stands(|life| matches!(life, Life::Mitigated { .. })),
        await_restart: stands(|life| *life == Life::AwaitsRestart),
    }
}

fn exploited_cves(scene: &Scene<'_>) -> usize {
    let listed = scene.open.iter().filter_map(|g| g.finding.kev.as_ref());
    let each: BTreeSet<CveId> = listed.map(|kev| kev.cve).collect();
    each.len()
}

/// Whether everything it closes is called unimportant by the vendor: such a patch can wait for the next round.
fn closes_nothing_of_note(scene: &Scene<'_>, patch: &Patch) -> bool {
    scene
        .closed_by(patch)
        .all(|closed| closed.group.finding.is_unimportant())
}

fn patch_line(scene: &Scene<'_>, patch: &Patch) -> Option<PatchLine> {
    Some(PatchLine {
        ecosystem: patch.ecosystem.clone(),
        package: patch.package.clone(),
        from: patch.from.clone(),
        to: patch.to.clone()?,
        hosts: scene.roster.hosts(patch.targets.iter().copied()),
        owners: scene.roster.owners(patch.targets.iter().copied()),
        findings: scene.closed_by(patch).map(|c| c.targets.len()).sum(),
        vulnerabilities: patch.vulnerabilities,
        known_exploited: patch.kev,
        severity: patch.severity,
        epss: patch.epss,
        due: patch.due.clone(),
    })
}

fn no_fix(scene: &Scene<'_>) -> Vec<NoFix> {
    let without = scene.patches.iter().filter(|p| p.to.is_none());
    let closed = without.flat_map(|p| scene.closed_by(p));
    let closed: Vec<Closed<'_>> = closed
        .filter(|c| !c.group.finding.is_unimportant())
        .collect();
    let mut by_label: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for one in &closed {
        let targets = by_label.entry(label(&one.group.finding)).or_default();
        targets.extend(&one.targets);
    }
    vulnerability::fold(closed.iter().map(|c| &c.group.finding))
        .into_iter()
        .map(|v| without_fix(scene, by_label.remove(&v.label).unwrap_or_default(), v))
        .collect()
}

fn without_fix(scene: &Scene<'_>, targets: Vec<usize>, v: Vulnerability<'_>) -> NoFix {
    let feeds = v.findings.iter().filter_map(|f| feed_of(scene.today, f));
    let oldest = feeds.min_by_key(|feed| feed.as_of);
    NoFix {
        packages: v.packages().into_iter().map(str::to_owned).collect(),
        hosts: scene.roster.hosts(targets),
        severity: v.worst.severity,
        known_exploited: v.worst.kev.is_some(),
        state: v.worst.fix_state,
        as_of: oldest.and_then(|feed| feed.as_of),
        is_stale: oldest.is_some_and(|feed| scene.today.stale_feeds.contains(&feed.name)),
        id: v.label,
    }
}

/// The feed of a finding's ecosystem, where one is named for it: `osv/Debian` for `Debian:12`.
fn feed_of<'a>(today: &'a Today, finding: &Finding) -> Option<&'a FeedAge> {
    let family = finding.ecosystem.split(':').next()?;
    let feeds = today.catalog.feeds.iter();
    feeds
        .filter(|feed| {
            let name = feed.name.rsplit('/').next();
            name.is_some_and(|name| name.eq_ignore_ascii_case(family))
        })
        .max_by_key(|feed| feed.as_of)
}

fn days_ahead(scene: &Scene<'_>) -> Vec<DayAhead> {
    let today = scene.now().to_zoned(TimeZone::UTC).date();
    let mut by_day: BTreeMap<jiff::civil::Date, usize> = BTreeMap::new();
    for group in &scene.open {
        if let Some(by) = group.finding.due().filter(|by| *by >= scene.now()) {
            *by_day.entry(by.to_zoned(TimeZone::UTC).date()).or_default() += group.targets.len();
        }
    }
    (0..DAYS_AHEAD)
        .map(|n| today.saturating_add(jiff::Span::new().days(n)))
        .map(|day| DayAhead {
            day,
            findings: by_day.get(&day).copied().unwrap_or_default(),
        })
        .collect()
}

fn set_aside(today: &Today) -> SetAside {
    let soon =
        |until: Timestamp| until.as_second() < today.now.as_second().saturating_add(ENDING_SOON);
    let mut covered: BTreeMap<(Timestamp, &str, &str), usize> = BTreeMap::new();
    let aside = today.suppressed.iter().map(|(g, s)| (s, g.targets.len()));
    let ended = today.ended.iter().map(|(s, findings)| (s, *findings));
    for (s, findings) in ended.chain(aside) {
        if let Some(until) = s.until.filter(|until| soon(*until)) {
            *covered.entry((until, &s.scope, &s.owner)).or_default() += findings;
        }
    }
    let ending = covered.into_iter();
    let by_number = today.groups.iter();
    let by_number = by_number.filter(|g| matches!(g.life, Life::Suppressed(_)));
    SetAside {
        findings: findings(today.suppressed.iter().map(|(g, _)| g)) + findings(by_number),
        ending: ending
            .map(|((until, scope, owner), findings)| Ending {
                until,
                scope: scope.to_owned(),
                owner: owner.to_owned(),
                findings,
            })
            .collect(),
        notes: today
            .suppression_notes
            .iter()
            .map(ToString::to_string)
            .collect(),
    }
}

fn memory(scene: &Scene<'_>, exploited: &Exploited) -> Memory {
    let today = scene.today;
    let recent = |cve: &CveId| today.recent_kev.iter().any(|r| r.entry.cve == *cve);
    // Only what is still recent is kept, else the list would grow for ever.
    let told: BTreeSet<CveId> = today
        .told()
        .filter(recent)
        .chain(exploited.new.iter().map(|e| e.cve))
        .collect();
    Memory {
        hosts: scene.roster.names().iter().map(|h| shown(h)).collect(),
        findings: if today.fleet.since.is_some() {
            // The log remembers.
            Vec::new()
        } else {
            let open = today.groups.iter().map(|g| remembered(scene, g, false));
            let aside = today.suppressed.iter();
            open.chain(aside.map(|(g, _)| remembered(scene, g, true)))
                .collect()
        },
        told: told.into_iter().collect(),
    }
}

fn remembered(scene: &Scene<'_>, group: &FindingGroup, suppressed: bool) -> RememberedGroup {
    let finding = &group.finding;
    let key = finding.key();
    let host = format!("|{}", finding.target_name);
    let places = scene.roster.ranks(group.targets.iter().copied());
    RememberedGroup {
        first_seen: group.first_seen,
        stem: shown(key.strip_suffix(&host).unwrap_or(&key)),
        id: shown(&label(finding)),
        package: shown(&finding.package),
        // A place above what a u32 counts is a host that no list can hold.
        hosts: places
            .into_iter()
            .filter_map(|p| u32::try_from(p).ok())
            .collect(),
        severity: finding.severity,
        known_exploited: finding.kev.is_some(),
        overdue: scene.is_overdue(group),
        suppressed,
    }
}

/// As it will stand in the JSON that the next briefing reads, so that the two compare.
fn shown(text: &str) -> String {
    printable(text).into_owned()
}
