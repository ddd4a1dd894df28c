//! The JSON shapes of `daywatch.briefing/1`: every key present, unknown is null, a list is never null, keys in this order.

use std::borrow::Cow;

use base::Severity;
use drawing::escape::printable;
use serde::Serialize;

use super::sentences as say;
use crate::briefing::{
    Briefing, ChangedFinding, Changes, Deadline, EcosystemFix, Ending, Exploited, ExploitedEntry,
    NoFix, PatchLine, RememberedFinding, Scope, Unknown, Verdict,
};
use crate::wording::instant;

/// Text from outside; what is not printable is written as `\xNN`.
type Text<'a> = Cow<'a, str>;

#[derive(Serialize)]
pub(super) struct BriefingJson<'a> {
    schema: &'static str,
    now: String,
    status: &'static str,
    headline: Text<'a>,
    action: Text<'a>,
    scope: ScopeJson,
    deadlines: Vec<DeadlineJson<'a>>,
    days_ahead: Vec<DayJson>,
    exploited: ExploitedJson<'a>,
    patches: Vec<PatchJson<'a>>,
    no_fix: Vec<NoFixJson<'a>>,
    changes: Option<ChangesJson<'a>>,
    unknowns: Vec<UnknownJson<'a>>,
    set_aside: SetAsideJson<'a>,
    catalog: CatalogJson<'a>,
    hosts: Vec<Text<'a>>,
    findings: Vec<RememberedJson<'a>>,
    told: Vec<String>,
}

#[derive(Serialize)]
struct ScopeJson {
    hosts: usize,
    hosts_not_covered: usize,
    packages: usize,
    findings: usize,
    by_severity: Vec<SeverityCountJson>,
    known_exploited: usize,
    known_exploited_cves: usize,
    overdue: usize,
    unimportant: usize,
}

#[derive(Serialize)]
struct SeverityCountJson {
    severity: Option<&'static str>,
    findings: usize,
}

#[derive(Serialize)]
struct DeadlineJson<'a> {
    by: String,
    urgency: &'static str,
    task: &'static str,
    package: Text<'a>,
    to: Option<Text<'a>>,
    vulnerabilities: Vec<Text<'a>>,
    known_exploited: bool,
    exploited: Vec<String>,
    first_seen: Option<String>,
    hosts: Vec<Text<'a>>,
    owners: Vec<Text<'a>>,
    policy: Text<'a>,
    row: Text<'a>,
}

#[derive(Serialize)]
struct DayJson {
    day: String,
    findings: usize,
}

#[derive(Serialize)]
struct ExploitedJson<'a> {
    since: Option<String>,
    new: Vec<EntryJson<'a>>,
    told_before: usize,
}

#[derive(Serialize)]
struct EntryJson<'a> {
    cve: String,
    product: Text<'a>,
    added: String,
    due: Option<String>,
    ransomware: Option<bool>,
    verdict: &'static str,
    why: String,
    owners: Vec<Text<'a>>,
    hosts: Vec<Text<'a>>,
    packages: Vec<Text<'a>>,
    fixes: Vec<FixJson<'a>>,
}

#[derive(Serialize)]
struct FixJson<'a> {
    ecosystem: Text<'a>,
    versions: Vec<Text<'a>>,
    partly_open: bool,
}

#[derive(Serialize)]
struct PatchJson<'a> {
    ecosystem: Text<'a>,
    package: Text<'a>,
    from: Vec<Text<'a>>,
    to: Text<'a>,
    hosts: Vec<Text<'a>>,
    owners: Vec<Text<'a>>,
    findings: usize,
    vulnerabilities: usize,
    known_exploited: usize,
    severity: Option<&'static str>,
    epss: Option<f32>,
    due: Option<String>,
    policy: Option<Text<'a>>,
}

#[derive(Serialize)]
struct NoFixJson<'a> {
    id: Text<'a>,
    packages: Vec<Text<'a>>,
    hosts: Vec<Text<'a>>,
    severity: Option<&'static str>,
    known_exploited: bool,
    fix_state: &'static str,
    as_of: Option<String>,
    stale: bool,
}

#[derive(Serialize)]
struct ChangesJson<'a> {
    since: String,
    new: Vec<ChangedJson<'a>>,
    gone: Vec<ChangedJson<'a>>,
    turned_exploited: Vec<ChangedJson<'a>>,
    suppression_over: Vec<ChangedJson<'a>>,
    newly_suppressed: Vec<ChangedJson<'a>>,
    hosts_appeared: Vec<Text<'a>>,
    hosts_vanished: Vec<Text<'a>>,
    findings_before: usize,
    overdue_before: usize,
    known_exploited_before: usize,
}

#[derive(Serialize)]
struct ChangedJson<'a> {
    key: Text<'a>,
    id: Text<'a>,
    package: Text<'a>,
    host: Text<'a>,
    severity: Option<&'static str>,
    known_exploited: bool,
}

#[derive(Serialize)]
struct UnknownJson<'a> {
    kind: &'static str,
    what: Text<'a>,
    moves: usize,
}

#[derive(Serialize)]
struct SetAsideJson<'a> {
    findings: usize,
    ending: Vec<EndingJson<'a>>,
    notes: Vec<Text<'a>>,
}

#[derive(Serialize)]
struct EndingJson<'a> {
    scope: Text<'a>,
    owner: Text<'a>,
    until: String,
    ended: bool,
    findings: usize,
}

#[derive(Serialize)]
struct CatalogJson<'a> {
    digest: Text<'a>,
    built: Option<String>,
    feeds: Vec<FeedJson<'a>>,
}

#[derive(Serialize)]
struct FeedJson<'a> {
    name: Text<'a>,
    as_of: Option<String>,
    stale: bool,
}

#[derive(Serialize)]
struct RememberedJson<'a> {
    key: Text<'a>,
    id: Text<'a>,
    package: Text<'a>,
    host: Text<'a>,
    severity: Option<&'static str>,
    known_exploited: bool,
    overdue: bool,
    suppressed: bool,
    first_seen: String,
}

/// The briefing in the contract's shape.
pub(super) fn briefing(b: &Briefing) -> BriefingJson<'_> {
    BriefingJson {
        schema: "daywatch.briefing/1",
        now: instant(b.now),
        status: b.status.as_str(),
        headline: printable(&b.headline),
        action: printable(&b.action),
        scope: scope(&b.scope),
        deadlines: b.deadlines.iter().map(deadline).collect(),
        days_ahead: b
            .days_ahead
            .iter()
            .map(|d| DayJson {
                day: d.day.to_string(),
                findings: d.findings,
            })
            .collect(),
        exploited: exploited(&b.exploited),
        patches: b.patches.iter().map(patch).collect(),
        no_fix: b.no_fix.iter().map(no_fix).collect(),
        changes: b.changes.as_ref().map(changes),
        unknowns: b.unknowns.iter().map(unknown).collect(),
        set_aside: set_aside(b),
        catalog: catalog(b),
        hosts: texts(&b.memory.hosts),
        findings: b.memory.findings.iter().map(remembered).collect(),
        told: b.memory.told.iter().map(ToString::to_string).collect(),
    }
}

fn scope(scope: &Scope) -> ScopeJson {
    ScopeJson {
        hosts: scope.hosts,
        hosts_not_covered: scope.hosts_not_covered,
        packages: scope.packages,
        findings: scope.findings,
        by_severity: scope
            .by_severity
            .iter()
            .map(|(s, n)| SeverityCountJson {
                severity: word(*s),
                findings: *n,
            })
            .collect(),
        known_exploited: scope.known_exploited,
        known_exploited_cves: scope.known_exploited_cves,
        overdue: scope.overdue,
        unimportant: scope.unimportant,
    }
}

fn deadline(d: &Deadline) -> DeadlineJson<'_> {
    DeadlineJson {
        by: instant(d.by),
        urgency: d.urgency.as_str(),
        task: d.task.as_str(),
        package: printable(&d.package),
        to: d.to.as_deref().map(printable),
        vulnerabilities: texts(&d.vulnerabilities),
        known_exploited: !d.exploited.is_empty(),
        exploited: d.exploited.iter().map(ToString::to_string).collect(),
        first_seen: d.first_seen.map(instant),
        hosts: texts(&d.hosts),
        owners: texts(&d.owners),
        policy: printable(&d.policy),
        row: printable(&d.row),
    }
}

fn exploited(e: &Exploited) -> ExploitedJson<'_> {
    ExploitedJson {
        since: e.since.map(|d| d.to_string()),
        new: e.new.iter().map(entry).collect(),
        told_before: e.told_before,
    }
}

fn entry(e: &ExploitedEntry) -> EntryJson<'_> {
    let (hosts, packages, fixes) = match &e.verdict {
        Verdict::Ours {
            hosts,
            packages,
            fixes,
        } => (
            texts(hosts),
            texts(packages),
            fixes.iter().map(fix).collect(),
        ),
        Verdict::Suppressed { hosts } => (texts(hosts), Vec::new(), Vec::new()),
        Verdict::Check {
            hosts, packages, ..
        } => (texts(hosts), texts(packages), Vec::new()),
        Verdict::NotFound { .. } | Verdict::CannotSay { .. } => {
            (Vec::new(), Vec::new(), Vec::new())
        }
    };
    EntryJson {
        cve: e.cve.to_string(),
        product: printable(&e.product),
        added: e.added.to_string(),
        // A deadline is an instant: CISA names a day, which starts at midnight UTC.
        due: e.due.map(|d| format!("{d}T00:00:00Z")),
        ransomware: e.ransomware,
        verdict: e.verdict.as_str(),
        why: say::exploited::verdict(e),
        owners: match &e.verdict {
            Verdict::Check { owners, .. } => texts(owners),
            _ => Vec::new(),
        },
        hosts,
        packages,
        fixes,
    }
}

fn fix(f: &EcosystemFix) -> FixJson<'_> {
    FixJson {
        ecosystem: printable(&f.ecosystem),
        versions: texts(&f.versions),
        partly_open: f.is_partly_open,
    }
}

fn patch(p: &PatchLine) -> PatchJson<'_> {
    PatchJson {
        ecosystem: printable(&p.ecosystem),
        package: printable(&p.package),
        from: texts(&p.from),
        to: printable(&p.to),
        hosts: texts(&p.hosts),
        owners: texts(&p.owners),
        findings: p.findings,
        vulnerabilities: p.vulnerabilities,
        known_exploited: p.known_exploited,
        severity: word(p.severity),
        epss: p.epss,
        due: p.due.as_ref().map(|(by, _)| instant(*by)),
        policy: p.due.as_ref().map(|(_, policy)| printable(policy)),
    }
}

fn no_fix(n: &NoFix) -> NoFixJson<'_> {
    NoFixJson {
        id: printable(&n.id),
        packages: texts(&n.packages),
        hosts: texts(&n.hosts),
        severity: word(n.severity),
        known_exploited: n.known_exploited,
        fix_state: n.state.as_str(),
        as_of: n.as_of.map(instant),
        stale: n.is_stale,
    }
}

fn changes(c: &Changes) -> ChangesJson<'_> {
    ChangesJson {
        since: instant(c.since),
        new: c.new.iter().map(changed).collect(),
        gone: c.gone.iter().map(changed).collect(),
        turned_exploited: c.turned_exploited.iter().map(changed).collect(),
        suppression_over: c.suppression_over.iter().map(changed).collect(),
        newly_suppressed: c.newly_suppressed.iter().map(changed).collect(),
        hosts_appeared: texts(&c.hosts_appeared),
        hosts_vanished: texts(&c.hosts_vanished),
        findings_before: c.findings_before,
        overdue_before: c.overdue_before,
        known_exploited_before: c.known_exploited_before,
    }
}

fn changed(f: &ChangedFinding) -> ChangedJson<'_> {
    ChangedJson {
        key: printable(&f.key),
        id: printable(&f.id),
        package: printable(&f.package),
        host: printable(&f.host),
        severity: word(f.severity),
        known_exploited: f.known_exploited,
    }
}

fn unknown(u: &Unknown) -> UnknownJson<'_> {
    UnknownJson {
        kind: u.kind.as_str(),
        what: printable(&u.what),
        moves: u.moves,
    }
}

fn set_aside(b: &Briefing) -> SetAsideJson<'_> {
    SetAsideJson {
        findings: b.set_aside.findings,
        ending: b.set_aside.ending.iter().map(|e| ending(b, e)).collect(),
        notes: texts(&b.set_aside.notes),
    }
}

fn ending<'a>(b: &Briefing, e: &'a Ending) -> EndingJson<'a> {
    EndingJson {
        scope: printable(&e.scope),
        owner: printable(&e.owner),
        until: instant(e.until),
        ended: e.until < b.now,
        findings: e.findings,
    }
}

fn catalog(b: &Briefing) -> CatalogJson<'_> {
    CatalogJson {
        digest: printable(&b.catalog.digest),
        built: b.catalog.built.map(instant),
        feeds: b
            .catalog
            .feeds
            .iter()
            .map(|f| FeedJson {
                name: printable(&f.name),
                as_of: f.as_of.map(instant),
                stale: b.stale_feeds.contains(&f.name),
            })
            .collect(),
    }
}

fn remembered(f: &RememberedFinding) -> RememberedJson<'_> {
    RememberedJson {
        key: printable(&f.key),
        id: printable(&f.id),
        package: printable(&f.package),
        host: printable(&f.host),
        severity: word(f.severity),
        known_exploited: f.known_exploited,
        overdue: f.overdue,
        suppressed: f.suppressed,
        first_seen: instant(f.first_seen),
    }
}

fn word(severity: Option<Severity>) -> Option<&'static str> {
    severity.map(Severity::as_str)
}

fn texts(texts: &[String]) -> Vec<Text<'_>> {
    texts.iter().map(|t| printable(t)).collect()
}
