//! From [`Today`] to a [`Briefing`]: each part has its own file and is put together here.

use std::collections::BTreeSet;

use base::Severity;
use drawing::escape::printable;
use fleet::finding::Finding;
use fleet::patch::Patch;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::hosts::{host_names, owners};
use super::model::{
    Briefing, DayAhead, Exploited, Memory, NoFix, PatchLine, RememberedFinding, Scope, SetAside,
    Today,
};
use super::{changes, deadlines, exploited, headline, unknowns};
use crate::scan::ScanReport;
use crate::vulnerability;
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
        set_aside: set_aside(report),
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
        overdue: report
            .findings
            .iter()
            .filter(|f| is_overdue(f, report.now))
            .count(),
    }
}

/// Whether its earliest deadline has passed.
fn is_overdue(finding: &Finding, now: Timestamp) -> bool {
    finding.due().is_some_and(|by| by < now)
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
    vulnerability::fold(findings)
        .into_iter()
        .map(|v| NoFix {
            packages: v.packages().into_iter().map(str::to_owned).collect(),
            hosts: host_names(&today.report, v.findings.iter().map(|f| f.target)),
            severity: v.worst.severity,
            known_exploited: v.worst.kev.is_some(),
            state: v.worst.fix_state,
            id: v.label,
        })
        .collect()
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

fn set_aside(report: &ScanReport) -> SetAside {
    let soon =
        |until: Timestamp| until.as_second() < report.now.as_second().saturating_add(ENDING_SOON);
    let ending: BTreeSet<(Timestamp, &str)> = report
        .suppressed
        .iter()
        .filter_map(|(_, s)| Some((s.until.filter(|u| soon(*u))?, s.scope.as_str())))
        .collect();
    SetAside {
        findings: report.suppressed.len(),
        ending: ending
            .into_iter()
            .map(|(until, scope)| (scope.to_owned(), until))
            .collect(),
    }
}

fn memory(today: &Today, exploited: &Exploited) -> Memory {
    let report = &today.report;
    let previous = today.previous.as_ref();
    let told_before = previous.map_or(&[][..], |p| &p.memory.told);
    let recent = |cve: &base::CveId| today.recent_kev.iter().any(|r| r.entry.cve == *cve);
    // Only what is still recent is kept, else the list would grow for ever.
    let told: BTreeSet<_> = told_before
        .iter()
        .copied()
        .filter(recent)
        .chain(exploited.new.iter().map(|e| e.cve))
        .collect();
    Memory {
        hosts: host_names(report, 0..report.targets.len())
            .iter()
            .map(|h| shown(h))
            .collect(),
        findings: report
            .findings
            .iter()
            .map(|f| RememberedFinding {
                first_seen: previous
                    .and_then(|p| p.first_seen(&f.key()))
                    .unwrap_or(report.now),
                key: shown(&f.key()),
                id: shown(&label(f)),
                package: shown(&f.package),
                host: shown(&f.target_name),
                severity: f.severity,
                known_exploited: f.kev.is_some(),
                overdue: is_overdue(f, report.now),
            })
            .collect(),
        told: told.into_iter().collect(),
    }
}

/// As it will stand in the JSON that the next briefing reads, so that the two compare.
fn shown(text: &str) -> String {
    printable(text).into_owned()
}
