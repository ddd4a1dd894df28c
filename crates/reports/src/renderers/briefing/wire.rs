//! The JSON shapes of `daywatch.briefing/1`: every key present, unknown is null, a list is never null, keys in this order.

use std::borrow::Cow;

use base::Severity;
use drawing::escape::printable;
use serde::Serialize;

use super::sentences as say;
use super::wire_fleet::{
    self, BacklogJson, MitigatedJson, OwnerJson, ReachJson, RecordJson, RestartJson, TrendJson,
    VoidedJson,
};
use crate::briefing::{
    Briefing, ChangedGroup, Deadline, EcosystemFix, Ending, Exploited, ExploitedEntry, Hosts,
    Memory, Moved, NoFix, OtherDate, PatchLine, RememberedGroup, Scope, Since, Unknown, Verdict,
    ranges,
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
    reach: Option<ReachJson<'a>>,
    deadlines: Vec<DeadlineJson<'a>>,
    days_ahead: Vec<DayJson>,
    exploited: ExploitedJson<'a>,
    patches: Vec<PatchJson<'a>>,
    restarts: Vec<RestartJson<'a>>,
    no_fix: Vec<NoFixJson<'a>>,
    owners: Vec<OwnerJson<'a>>,
    changes: Option<ChangesJson<'a>>,
    voided: Vec<VoidedJson<'a>>,
    backlog: Option<BacklogJson>,
    mitigated: Vec<MitigatedJson<'a>>,
    trend: Vec<TrendJson>,
    unknowns: Vec<UnknownJson<'a>>,
    set_aside: SetAsideJson<'a>,
    catalog: CatalogJson<'a>,
    record: Option<RecordJson<'a>>,
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
    mitigated: usize,
    await_restart: usize,
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
    hosts_total: usize,
    owners: Vec<Text<'a>>,
    policy: Text<'a>,
    row: Text<'a>,
    others: Vec<OtherJson<'a>>,
}

#[derive(Serialize)]
struct OtherJson<'a> {
    policy: Text<'a>,
    row: Text<'a>,
    by: Option<String>,
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
    hosts_total: usize,
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
    hosts_total: usize,
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
    hosts_total: usize,
    severity: Option<&'static str>,
    known_exploited: bool,
    fix_state: &'static str,
    as_of: Option<String>,
    stale: bool,
}

#[derive(Serialize)]
struct ChangesJson<'a> {
    since: String,
    counts: CountsJson,
    new: Vec<ChangedJson<'a>>,
    fixed: Vec<ChangedJson<'a>>,
    gone: Vec<ChangedJson<'a>>,
    reopened: Vec<ChangedJson<'a>>,
    turned_exploited: Vec<ChangedJson<'a>>,
    suppression_over: Vec<ChangedJson<'a>>,
    newly_suppressed: Vec<ChangedJson<'a>>,
    hosts_appeared: Vec<Text<'a>>,
    hosts_appeared_total: usize,
    hosts_vanished: Vec<Text<'a>>,
    hosts_vanished_total: usize,
    findings_before: usize,
    overdue_before: usize,
    known_exploited_before: usize,
}

/// How many findings, where the lists hold examples.
#[derive(Serialize)]
struct CountsJson {
    new: usize,
    fixed: usize,
    gone: usize,
    reopened: usize,
    turned_exploited: usize,
    suppression_over: usize,
    newly_suppressed: usize,
}

#[derive(Serialize)]
struct ChangedJson<'a> {
    key: Text<'a>,
    id: Text<'a>,
    package: Text<'a>,
    host: Option<Text<'a>>,
    hosts: Vec<Text<'a>>,
    hosts_total: usize,
    severity: Option<&'static str>,
    known_exploited: bool,
}

#[derive(Serialize)]
struct UnknownJson<'a> {
    kind: &'static str,
    what: Text<'a>,
    moves: usize,
    answer: Option<Text<'a>>,
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
    key: String,
    id: Text<'a>,
    package: Text<'a>,
    host: Text<'a>,
    on: String,
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
        reach: b.reach.as_ref().map(wire_fleet::reach),
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
        restarts: b.restarts.iter().map(wire_fleet::restart).collect(),
        no_fix: b.no_fix.iter().map(no_fix).collect(),
        owners: b.owners.iter().map(wire_fleet::owner).collect(),
        changes: b.changes.as_ref().map(changes),
        voided: b.voided.iter().map(wire_fleet::voided).collect(),
        backlog: b.backlog.as_ref().map(wire_fleet::backlog),
        mitigated: b.mitigated.iter().map(wire_fleet::mitigated).collect(),
        trend: b.trend.iter().map(wire_fleet::trend).collect(),
        unknowns: b.unknowns.iter().map(unknown).collect(),
        set_aside: set_aside(b),
        catalog: catalog(b),
        record: b.record.as_ref().map(wire_fleet::record),
        hosts: texts(&b.memory.hosts),
        findings: b
            .memory
            .findings
            .iter()
            .map(|f| remembered(&b.memory, f))
            .collect(),
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
        mitigated: scope.mitigated,
        await_restart: scope.await_restart,
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
        hosts: texts(&d.hosts.names),
        hosts_total: d.hosts.total,
        owners: texts(&d.owners),
        policy: printable(&d.policy),
        row: printable(&d.row),
        others: d.others.iter().map(other).collect(),
    }
}

fn other(date: &OtherDate) -> OtherJson<'_> {
    OtherJson {
        policy: printable(&date.policy),
        row: printable(&date.row),
        by: date.by.map(instant),
    }
}

fn exploited(e: &Exploited) -> ExploitedJson<'_> {
    ExploitedJson {
        since: e.since.map(|d| d.to_string()),
        new: e.new.iter().map(entry).collect(),
        told_before: e.told_before,
    }
}

/// No host at all.
static NOBODY: Hosts = Hosts {
    total: 0,
    names: Vec::new(),
};

fn entry(e: &ExploitedEntry) -> EntryJson<'_> {
    let (hosts, packages, fixes): (&Hosts, &[String], &[EcosystemFix]) = match &e.verdict {
        Verdict::Ours {
            hosts,
            packages,
            fixes,
        } => (hosts, packages, fixes),
        Verdict::Suppressed { hosts } => (hosts, &[], &[]),
        Verdict::Held { hosts, packages }
        | Verdict::Check {
            hosts, packages, ..
        } => (hosts, packages, &[]),
        Verdict::NotFound { .. } | Verdict::CannotSay { .. } => (&NOBODY, &[], &[]),
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
        hosts_total: hosts.total,
        hosts: hosts.names.iter().map(|h| printable(h)).collect(),
        packages: texts(packages),
        fixes: fixes.iter().map(fix).collect(),
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
        hosts: texts(&p.hosts.names),
        hosts_total: p.hosts.total,
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
        hosts: texts(&n.hosts.names),
        hosts_total: n.hosts.total,
        severity: word(n.severity),
        known_exploited: n.known_exploited,
        fix_state: n.state.as_str(),
        as_of: n.as_of.map(instant),
        stale: n.is_stale,
    }
}

fn changes(c: &Since) -> ChangesJson<'_> {
    ChangesJson {
        since: instant(c.at),
        counts: CountsJson {
            new: c.new.findings,
            fixed: c.fixed.findings,
            gone: c.gone.findings,
            reopened: c.reopened.findings,
            turned_exploited: c.turned_exploited.findings,
            suppression_over: c.suppression_over.findings,
            newly_suppressed: c.newly_suppressed.findings,
        },
        new: examples(&c.new),
        fixed: examples(&c.fixed),
        gone: examples(&c.gone),
        reopened: examples(&c.reopened),
        turned_exploited: examples(&c.turned_exploited),
        suppression_over: examples(&c.suppression_over),
        newly_suppressed: examples(&c.newly_suppressed),
        hosts_appeared: texts(&c.hosts_appeared.names),
        hosts_appeared_total: c.hosts_appeared.total,
        hosts_vanished: texts(&c.hosts_vanished.names),
        hosts_vanished_total: c.hosts_vanished.total,
        findings_before: c.findings_before,
        overdue_before: c.overdue_before,
        known_exploited_before: c.known_exploited_before,
    }
}

fn examples(moved: &Moved) -> Vec<ChangedJson<'_>> {
    moved.examples.iter().map(changed).collect()
}

fn changed(g: &ChangedGroup) -> ChangedJson<'_> {
    ChangedJson {
        key: printable(&g.key),
        id: printable(&g.id),
        package: printable(&g.package),
        host: g.hosts.names.first().map(|h| printable(h)),
        hosts: texts(&g.hosts.names),
        hosts_total: g.hosts.total,
        severity: word(g.severity),
        known_exploited: g.known_exploited,
    }
}

fn unknown(u: &Unknown) -> UnknownJson<'_> {
    UnknownJson {
        kind: u.kind.as_str(),
        what: printable(&u.what),
        moves: u.moves,
        answer: u.answer.as_deref().map(printable),
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

fn remembered<'a>(memory: &'a Memory, f: &'a RememberedGroup) -> RememberedJson<'a> {
    let first = f
        .hosts
        .first()
        .and_then(|&at| memory.hosts.get(at as usize));
    let host = first.map_or("", String::as_str);
    RememberedJson {
        key: printable(&format!("{}|{host}", f.stem)).into_owned(),
        id: printable(&f.id),
        package: printable(&f.package),
        host: printable(host),
        on: ranges(&f.hosts),
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
