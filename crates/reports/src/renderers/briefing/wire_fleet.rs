//! The JSON shapes of `daywatch.briefing/1` for what is told of a fleet: reach, restarts, mitigations, owners, the trend and the
//! record. Rules of writing as in [`wire`](super::wire).

use std::borrow::Cow;

use drawing::escape::printable;
use serde::Serialize;

use crate::briefing::{
    Backlog, Mitigated, OwnerPart, Reach, Record, Restart, Step, TrendDay, Voided,
};
use crate::wording::instant;

type Text<'a> = Cow<'a, str>;

#[derive(Serialize)]
pub(super) struct ReachJson<'a> {
    known: usize,
    reported: usize,
    within_hours: u32,
    silent: usize,
    never_seen: usize,
    lists: usize,
    only_in: Vec<OnlyInJson<'a>>,
    exposure_unknown: usize,
    asked: Option<AskedJson>,
}

#[derive(Serialize)]
struct AskedJson {
    at: String,
    asked: usize,
    answered: usize,
    oldest: Option<String>,
}

#[derive(Serialize)]
struct OnlyInJson<'a> {
    list: Text<'a>,
    hosts: usize,
}

#[derive(Serialize)]
pub(super) struct RestartJson<'a> {
    package: Option<Text<'a>>,
    programs: Vec<Text<'a>>,
    hosts: Vec<Text<'a>>,
    hosts_total: usize,
    owners: Vec<Text<'a>>,
    findings: usize,
    known_exploited: usize,
}

#[derive(Serialize)]
pub(super) struct MitigatedJson<'a> {
    how: Text<'a>,
    until: Option<String>,
    vulnerabilities: Vec<Text<'a>>,
    hosts: Vec<Text<'a>>,
    hosts_total: usize,
    findings: usize,
    known_exploited: usize,
}

#[derive(Serialize)]
pub(super) struct OwnerJson<'a> {
    owner: Option<Text<'a>>,
    hosts: Vec<Text<'a>>,
    hosts_total: usize,
    findings: usize,
    known_exploited: usize,
    overdue: usize,
    steps: Vec<StepJson<'a>>,
    more_steps: usize,
}

#[derive(Serialize)]
struct StepJson<'a> {
    task: &'static str,
    triage_by: Option<String>,
    package: Text<'a>,
    to: Option<Text<'a>>,
    hosts: Vec<Text<'a>>,
    hosts_total: usize,
    findings: usize,
    due: Option<String>,
    policy: Option<Text<'a>>,
    window: Option<String>,
    after_deadline: usize,
}

#[derive(Serialize)]
pub(super) struct VoidedJson<'a> {
    number: u64,
    scope: Text<'a>,
    owner: Text<'a>,
    was: Text<'a>,
    is: Text<'a>,
    at: String,
    findings: usize,
}

#[derive(Serialize)]
pub(super) struct BacklogJson {
    since: String,
    open: usize,
    before: Option<usize>,
}

#[derive(Serialize)]
pub(super) struct TrendJson {
    day: String,
    open: u64,
    known_exploited: u64,
    overdue: u64,
    arrived: u64,
    closed: u64,
}

#[derive(Serialize)]
pub(super) struct RecordJson<'a> {
    audit_head: Option<Text<'a>>,
    repeat: Option<Text<'a>>,
}

pub(super) fn reach(r: &Reach) -> ReachJson<'_> {
    let only_in = r.only_in.iter().map(|(list, hosts)| OnlyInJson {
        list: printable(list),
        hosts: *hosts,
    });
    ReachJson {
        known: r.known,
        reported: r.reported,
        within_hours: r.within_hours,
        silent: r.silent,
        never_seen: r.never_seen,
        lists: r.lists,
        only_in: only_in.collect(),
        exposure_unknown: r.exposure_unknown,
        asked: r.asked.map(|asked| AskedJson {
            at: instant(asked.at),
            asked: asked.asked,
            answered: asked.answered,
            oldest: asked.oldest.map(instant),
        }),
    }
}

pub(super) fn restart(r: &Restart) -> RestartJson<'_> {
    RestartJson {
        package: Some(&r.package)
            .filter(|p| !p.is_empty())
            .map(|p| printable(p)),
        programs: texts(&r.programs),
        hosts: texts(&r.hosts.names),
        hosts_total: r.hosts.total,
        owners: texts(&r.owners),
        findings: r.findings,
        known_exploited: r.known_exploited,
    }
}

pub(super) fn mitigated(m: &Mitigated) -> MitigatedJson<'_> {
    MitigatedJson {
        how: printable(&m.how),
        until: m.until.map(instant),
        vulnerabilities: texts(&m.vulnerabilities),
        hosts: texts(&m.hosts.names),
        hosts_total: m.hosts.total,
        findings: m.findings,
        known_exploited: m.known_exploited,
    }
}

pub(super) fn owner(o: &OwnerPart) -> OwnerJson<'_> {
    OwnerJson {
        owner: o.owner.as_deref().map(printable),
        hosts: texts(&o.hosts.names),
        hosts_total: o.hosts.total,
        findings: o.findings,
        known_exploited: o.known_exploited,
        overdue: o.overdue,
        steps: o.steps.iter().map(step).collect(),
        more_steps: o.more_steps,
    }
}

fn step(s: &Step) -> StepJson<'_> {
    StepJson {
        task: s.task.as_str(),
        triage_by: s.triage_by.map(instant),
        package: printable(&s.package),
        to: s.to.as_deref().map(printable),
        hosts: texts(&s.hosts.names),
        hosts_total: s.hosts.total,
        findings: s.findings,
        due: s.due.as_ref().map(|(by, _)| instant(*by)),
        policy: s.due.as_ref().map(|(_, policy)| printable(policy)),
        window: s.window.map(instant),
        after_deadline: s.late,
    }
}

pub(super) fn voided(v: &Voided) -> VoidedJson<'_> {
    VoidedJson {
        number: v.number,
        scope: printable(&v.scope),
        owner: printable(&v.owner),
        was: printable(&v.was),
        is: printable(&v.is),
        at: instant(v.at),
        findings: v.findings,
    }
}

pub(super) fn backlog(b: &Backlog) -> BacklogJson {
    BacklogJson {
        since: b.since.to_string(),
        open: b.open,
        before: b.before,
    }
}

pub(super) fn trend(d: &TrendDay) -> TrendJson {
    TrendJson {
        day: d.day.to_string(),
        open: d.open,
        known_exploited: d.known_exploited,
        overdue: d.overdue,
        arrived: d.arrived,
        closed: d.closed,
    }
}

pub(super) fn record(r: &Record) -> RecordJson<'_> {
    RecordJson {
        audit_head: r.audit_head.as_deref().map(printable),
        repeat: r.repeat.as_deref().map(printable),
    }
}

fn texts(texts: &[String]) -> Vec<Text<'_>> {
    texts.iter().map(|t| printable(t)).collect()
}
