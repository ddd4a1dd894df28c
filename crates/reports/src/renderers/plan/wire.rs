//! The wire shape of `daywatch.plan/1`.

use std::borrow::Cow;

use drawing::escape::printable;
use fleet::plan::{Deadline, Item, Moved, Plan, Slot, Step};
use jiff::Timestamp;
use serde::Serialize;

use crate::plan::ticket;
use crate::wording::instant;

type Text<'a> = Cow<'a, str>;

#[derive(Serialize)]
pub(super) struct PlanJson<'a> {
    schema: &'static str,
    now: String,
    owner: Option<Text<'a>>,
    hosts: usize,
    totals: TotalsJson,
    items: Vec<ItemJson<'a>>,
    moved: Vec<MovedJson<'a>>,
    previous: Option<String>,
}

#[derive(Serialize)]
struct TotalsJson {
    items: usize,
    steps: usize,
    hosts: usize,
    findings: usize,
    known_exploited: usize,
    overdue: usize,
    late: usize,
    held: usize,
}

#[derive(Serialize)]
struct ItemJson<'a> {
    key: &'a str,
    number: usize,
    action: &'static str,
    ecosystem: Text<'a>,
    package: Text<'a>,
    from: Vec<Text<'a>>,
    to: Option<Text<'a>>,
    packages: Vec<Text<'a>>,
    after: AfterJson<'a>,
    findings: usize,
    vulnerabilities: usize,
    known_exploited: usize,
    overdue: usize,
    mitigated: usize,
    ids: Vec<Text<'a>>,
    severity: Option<&'static str>,
    epss: Option<f32>,
    due: Option<String>,
    deadlines: Vec<DeadlineJson<'a>>,
    steps: Vec<StepJson<'a>>,
}

#[derive(Serialize)]
struct AfterJson<'a> {
    need: &'static str,
    why: &'a str,
    source: &'a str,
}

#[derive(Serialize)]
struct DeadlineJson<'a> {
    policy: Text<'a>,
    row: Text<'a>,
    by: Option<String>,
    id: Text<'a>,
    facts: Vec<FactJson<'a>>,
}

#[derive(Serialize)]
struct FactJson<'a> {
    name: Text<'a>,
    value: Option<Text<'a>>,
    source: Text<'a>,
    assumed: Option<Text<'a>>,
}

#[derive(Serialize)]
struct StepJson<'a> {
    owner: Option<Text<'a>>,
    window: Option<WindowJson<'a>>,
    in_time: &'static str,
    due: Option<String>,
    policy: Option<Text<'a>>,
    hold: Option<HoldJson<'a>>,
    findings: usize,
    known_exploited: usize,
    overdue: usize,
    hosts: Vec<HostJson<'a>>,
    ticket: TicketJson,
}

#[derive(Serialize)]
struct WindowJson<'a> {
    name: Text<'a>,
    start: String,
    end: String,
}

#[derive(Serialize)]
struct HoldJson<'a> {
    by: Option<String>,
    policy: Text<'a>,
    hosts: Vec<Text<'a>>,
}

#[derive(Serialize)]
struct HostJson<'a> {
    name: Text<'a>,
    ring: u32,
}

#[derive(Serialize)]
struct TicketJson {
    key: String,
    subject: String,
    body: String,
}

#[derive(Serialize)]
struct MovedJson<'a> {
    key: &'a str,
    package: Text<'a>,
    policy: Text<'a>,
    before: Option<String>,
    after: Option<String>,
    id_before: Text<'a>,
    id_after: Text<'a>,
    facts: Vec<ChangedJson<'a>>,
}

#[derive(Serialize)]
struct ChangedJson<'a> {
    name: Text<'a>,
    before: Option<Text<'a>>,
    after: Option<Text<'a>>,
}

/// The whole document.
pub(super) fn plan(plan: &Plan) -> PlanJson<'_> {
    let t = plan.totals();
    let moved = plan.since.iter().flat_map(|(_, moved)| moved);
    PlanJson {
        schema: "daywatch.plan/1",
        now: instant(plan.now),
        owner: optional(plan.owner.as_deref()),
        hosts: plan.names.len(),
        totals: TotalsJson {
            items: t.items,
            steps: t.steps,
            hosts: t.hosts,
            findings: t.findings,
            known_exploited: t.exploited,
            overdue: t.overdue,
            late: t.late,
            held: t.held,
        },
        items: plan.items.iter().map(|i| item(plan, i)).collect(),
        moved: moved.map(moved_date).collect(),
        previous: time(plan.since.as_ref().map(|(at, _)| *at)),
    }
}

fn item<'a>(plan: &'a Plan, item: &'a Item) -> ItemJson<'a> {
    let patch = &item.patch;
    ItemJson {
        key: &item.key,
        number: item.number,
        action: patch.work.as_str(),
        ecosystem: printable(&patch.ecosystem),
        package: printable(&patch.package),
        from: texts(&patch.from),
        to: optional(patch.to.as_deref()),
        packages: texts(&patch.packages),
        after: AfterJson {
            need: patch.after.need.as_str(),
            why: &patch.after.why,
            source: &patch.after.source,
        },
        findings: item.findings,
        vulnerabilities: patch.vulnerabilities,
        known_exploited: patch.kev,
        overdue: item.overdue,
        mitigated: item.mitigated,
        ids: texts(&item.ids),
        severity: patch.severity.map(|s| s.as_str()),
        epss: patch.epss,
        due: time(item.due()),
        deadlines: item.deadlines.iter().map(deadline).collect(),
        steps: item.steps.iter().map(|s| step(plan, item, s)).collect(),
    }
}

fn deadline(d: &Deadline) -> DeadlineJson<'_> {
    let facts = d.facts.iter().map(|fact| FactJson {
        name: printable(&fact.name),
        value: optional(fact.value.as_deref()),
        source: printable(&fact.source),
        assumed: optional(fact.assumed.as_deref()),
    });
    DeadlineJson {
        policy: printable(&d.policy),
        row: printable(&d.row),
        by: time(d.by),
        id: printable(&d.id),
        facts: facts.collect(),
    }
}

fn step<'a>(plan: &'a Plan, item: &'a Item, step: &'a Step) -> StepJson<'a> {
    let ticket = ticket(plan, item, step);
    let named = |target: &usize| plan.names.get(*target).map(|name| printable(name));
    let hold = step.hold.as_ref().map(|hold| HoldJson {
        by: time(hold.by),
        policy: printable(&hold.policy),
        hosts: hold.targets.iter().filter_map(named).collect(),
    });
    let hosts = step.hosts.iter().map(|host| HostJson {
        name: printable(plan.name(*host)),
        ring: host.ring,
    });
    StepJson {
        owner: optional(step.owner.as_deref()),
        window: step.window.as_ref().map(window),
        in_time: step.in_time.as_str(),
        due: time(step.due.as_ref().map(|(by, _)| *by)),
        policy: optional(step.due.as_ref().map(|(_, policy)| policy.as_str())),
        hold,
        findings: step.findings,
        known_exploited: step.exploited,
        overdue: step.overdue,
        hosts: hosts.collect(),
        ticket: TicketJson {
            key: ticket.key,
            subject: ticket.subject,
            body: ticket.body,
        },
    }
}

fn window(slot: &Slot) -> WindowJson<'_> {
    WindowJson {
        name: printable(&slot.name),
        start: instant(slot.start),
        end: instant(slot.end),
    }
}

fn moved_date(moved: &Moved) -> MovedJson<'_> {
    let facts = moved.facts.iter().map(|fact| ChangedJson {
        name: printable(&fact.name),
        before: optional(fact.before.as_deref()),
        after: optional(fact.after.as_deref()),
    });
    MovedJson {
        key: &moved.key,
        package: printable(&moved.package),
        policy: printable(&moved.policy),
        before: time(moved.before),
        after: time(moved.after),
        id_before: printable(&moved.id_before),
        id_after: printable(&moved.id_after),
        facts: facts.collect(),
    }
}

fn texts(list: &[String]) -> Vec<Text<'_>> {
    list.iter().map(|text| printable(text)).collect()
}

fn optional(text: Option<&str>) -> Option<Text<'_>> {
    text.map(printable)
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(instant)
}
