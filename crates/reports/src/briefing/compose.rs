//! From [`Today`] to a [`Briefing`]: each part has its own file and is put together here.

use std::collections::{BTreeMap, BTreeSet};

use base::{CveId, Severity};
use drawing::escape::printable;
use fleet::finding::Finding;
use fleet::patch::Patch;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::hosts::{first_seen, host_names, owners};
use super::model::{
    Briefing, DayAhead, Ending, Exploited, Memory, NoFix, PatchLine, RememberedFinding, Scope,
    SetAside, Today,
};
use super::{changes, deadlines, exploited, headline, unknowns};
use crate::scan::{FeedAge, ScanReport};
use crate::vulnerability::{self, Vulnerability};
use crate::wording::{label, uncovered};

/// How many days the outlook shows, today included.
const DAYS_AHEAD: i64 = 14;
/// A suppression is told when it ends within this many seconds.
const ENDING_SOON: i64 = 7 * 86_400;

/// The briefing of a morning.
pub fn compose(today: &Today) -> Briefing {
    let report = &today.report;
    let scope = scope(report);
    let deadlines = deadlines::deadlines(today);
    let exploited = exploited::exploited(today);
    let memory = memory(today, &exploited);
    let changes = today
        .previous
        .as_ref()
        .map(|p| changes::changes(p, &memory));
    let patches: Vec<PatchLine> = today
        .patches
        .iter()
        .filter(|p| !closes_nothing_of_note(report, p))
        .filter_map(|p| patch_line(report, p))
        .collect();
    let (status, headline) = headline::headline(&scope, changes.as_ref(), &exploited);
    Briefing {
        now: report.now,
        status,
        headline,
        action: headline::action(&scope, &exploited, &deadlines, &patches, report.now),
        scope,
        deadlines,
        days_ahead: days_ahead(report),
        exploited,
        patches,
        no_fix: no_fix(today),
        changes,
        unknowns: unknowns::unknowns(today),
        set_aside: set_aside(today),
        catalog: report.catalog.clone(),
        stale_feeds: today.stale_feeds.clone(),
        memory,
    }
}

fn scope(report: &ScanReport) -> Scope {
    let count = |severity: Option<Severity>| {
        report
            .findings
            .iter()
            .filter(|f| f.severity == severity)
            .count()
    };
    let words = Severity::ALL.iter().rev().copied().map(Some).chain([None]);
    Scope {
        hosts: report.targets.len(),
        hosts_not_covered: report
            .targets
            .iter()
            .filter(|t| t.packages > 0 && uncovered(t) >= t.packages)
            .count(),
        packages: report.targets.iter().map(|t| t.packages).sum(),
        findings: report.findings.len(),
        by_severity: words.map(|s| (s, count(s))).collect(),
        known_exploited: report.findings.iter().filter(|f| f.kev.is_some()).count(),
        known_exploited_cves: exploited_cves(report),
        overdue: report
            .findings
            .iter()
            .filter(|f| is_overdue(f, report.now))
            .count(),
        unimportant: report
            .findings
            .iter()
            .filter(|f| f.is_unimportant())
            .count(),
    }
}

fn exploited_cves(report: &ScanReport) -> usize {
    let listed = report.findings.iter().filter_map(|f| f.kev.as_ref());
    let each: BTreeSet<CveId> = listed.map(|kev| kev.cve).collect();
    each.len()
}

/// Whether its earliest deadline has passed.
fn is_overdue(finding: &Finding, now: Timestamp) -> bool {
    finding.due().is_some_and(|by| by < now)
}

/// Whether everything it closes is called unimportant by the vendor: such a patch can wait for the next round.
fn closes_nothing_of_note(report: &ScanReport, patch: &Patch) -> bool {
    let mut findings = patch
        .findings
        .iter()
        .filter_map(|&i| report.findings.get(i));
    findings.all(Finding::is_unimportant)
}

fn patch_line(report: &ScanReport, patch: &Patch) -> Option<PatchLine> {
    Some(PatchLine {
        ecosystem: patch.ecosystem.clone(),
        package: patch.package.clone(),
        from: patch.from.clone(),
        to: patch.to.clone()?,
        hosts: host_names(report, patch.targets.iter().copied()),
        owners: owners(report, patch.targets.iter().copied()),
        findings: patch.findings.len(),
        vulnerabilities: patch.vulnerabilities,
        known_exploited: patch.kev,
        severity: patch.severity,
        epss: patch.epss,
        due: patch.due.clone(),
    })
}

fn no_fix(today: &Today) -> Vec<NoFix> {
    let without = today.patches.iter().filter(|p| p.to.is_none());
    let findings = without
        .flat_map(|p| &p.findings)
        .filter_map(|&i| today.report.findings.get(i));
    vulnerability::fold(findings.filter(|f| !f.is_unimportant()))
        .into_iter()
        .map(|v| without_fix(today, v))
        .collect()
}

fn without_fix(today: &Today, v: Vulnerability<'_>) -> NoFix {
    let feeds = v.findings.iter().filter_map(|f| feed_of(today, f));
    let oldest = feeds.min_by_key(|feed| feed.as_of);
    NoFix {
        packages: v.packages().into_iter().map(str::to_owned).collect(),
        hosts: host_names(&today.report, v.findings.iter().map(|f| f.target)),
        severity: v.worst.severity,
        known_exploited: v.worst.kev.is_some(),
        state: v.worst.fix_state,
        as_of: oldest.and_then(|feed| feed.as_of),
        is_stale: oldest.is_some_and(|feed| today.stale_feeds.contains(&feed.name)),
        id: v.label,
    }
}

/// The feed of a finding's ecosystem, where one is named for it: `osv/Debian` for `Debian:12`.
fn feed_of<'a>(today: &'a Today, finding: &Finding) -> Option<&'a FeedAge> {
    let family = finding.ecosystem.split(':').next()?;
    let feeds = today.report.catalog.feeds.iter();
    feeds
        .filter(|feed| {
            let name = feed.name.rsplit('/').next();
            name.is_some_and(|name| name.eq_ignore_ascii_case(family))
        })
        .max_by_key(|feed| feed.as_of)
}

fn days_ahead(report: &ScanReport) -> Vec<DayAhead> {
    let today = report.now.to_zoned(TimeZone::UTC).date();
    let due_days: Vec<_> = report
        .findings
        .iter()
        .filter_map(Finding::due)
        .filter(|by| *by >= report.now)
        .map(|by| by.to_zoned(TimeZone::UTC).date())
        .collect();
    (0..DAYS_AHEAD)
        .map(|n| today.saturating_add(jiff::Span::new().days(n)))
        .map(|day| DayAhead {
            day,
            findings: due_days.iter().filter(|d| **d == day).count(),
        })
        .collect()
}

fn set_aside(today: &Today) -> SetAside {
    let report = &today.report;
    let soon =
        |until: Timestamp| until.as_second() < report.now.as_second().saturating_add(ENDING_SOON);
    let mut covered: BTreeMap<(Timestamp, &str, &str), usize> = BTreeMap::new();
    for (_, s) in today.ended.iter().chain(&report.suppressed) {
        if let Some(until) = s.until.filter(|until| soon(*until)) {
            *covered.entry((until, &s.scope, &s.owner)).or_default() += 1;
        }
    }
    let ending = covered.into_iter();
    SetAside {
        findings: report.suppressed.len(),
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

fn memory(today: &Today, exploited: &Exploited) -> Memory {
    let report = &today.report;
    let told_before = today.previous.as_ref().map_or(&[][..], |p| &p.memory.told);
    let recent = |cve: &CveId| today.recent_kev.iter().any(|r| r.entry.cve == *cve);
    // Only what is still recent is kept, else the list would grow for ever.
    let told: BTreeSet<_> = told_before
        .iter()
        .copied()
        .filter(recent)
        .chain(exploited.new.iter().map(|e| e.cve))
        .collect();
    let open = report.findings.iter().map(|f| remembered(today, f, false));
    let aside = report.suppressed.iter();
    Memory {
        hosts: host_names(report, 0..report.targets.len())
            .iter()
            .map(|h| shown(h))
            .collect(),
        findings: open
            .chain(aside.map(|(f, _)| remembered(today, f, true)))
            .collect(),
        told: told.into_iter().collect(),
    }
}

fn remembered(today: &Today, finding: &Finding, suppressed: bool) -> RememberedFinding {
    RememberedFinding {
        first_seen: first_seen(today, finding),
        key: shown(&finding.key()),
        id: shown(&label(finding)),
        package: shown(&finding.package),
        host: shown(&finding.target_name),
        severity: finding.severity,
        known_exploited: finding.kev.is_some(),
        overdue: is_overdue(finding, today.report.now),
        suppressed,
    }
}

/// As it will stand in the JSON that the next briefing reads, so that the two compare.
fn shown(text: &str) -> String {
    printable(text).into_owned()
}
