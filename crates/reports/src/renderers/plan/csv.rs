//! One line a host and item for spreadsheets (RFC 4180 with line feeds); no field is taken for a formula.

use drawing::escape::csv;
use fleet::plan::{Item, Plan, Step, StepHost};

use crate::renderers::{Options, PlanRenderer};
use crate::wording::instant;

const HEADER: &str = "number,action,ecosystem,package,from,to,host,ring,owner,window,window_start,window_end,in_time,due,policy,\
hold,after,known_exploited,ids,item_key,ticket_key\n";

/// The format.
pub(in crate::renderers) struct Csv;

impl PlanRenderer for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> &'static str {
        "one line a host and item, safe to open in a spreadsheet"
    }

    fn media_type(&self) -> &'static str {
        "text/csv; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "csv"
    }

    fn render(&self, plan: &Plan, _: &Options) -> String {
        let mut out = HEADER.to_owned();
        for item in &plan.items {
            for step in &item.steps {
                let line = shared(item, step);
                for host in &step.hosts {
                    out.push_str(&line.of(plan, step, *host));
                }
            }
        }
        out
    }
}

/// A line in three parts, of which only the middle one is the host's.
struct Line {
    before: String,
    middle: String,
    after: String,
}

fn shared(item: &Item, step: &Step) -> Line {
    let patch = &item.patch;
    let time = |at: Option<jiff::Timestamp>| at.map_or_else(String::new, instant);
    let window = step.window.as_ref();
    let due = step.due.as_ref();
    let before = [
        item.number.to_string(),
        patch.work.as_str().to_owned(),
        csv(&patch.ecosystem),
        csv(&patch.package),
        csv(&patch.from.join(" ")),
        csv(patch.to.as_deref().unwrap_or_default()),
    ];
    let middle = [
        csv(step.owner.as_deref().unwrap_or_default()),
        csv(window.map_or("", |w| &w.name)),
        time(window.map(|w| w.start)),
        time(window.map(|w| w.end)),
        step.in_time.as_str().to_owned(),
        time(due.map(|(by, _)| *by)),
        csv(due.map_or("", |(_, policy)| policy)),
    ];
    let after = [
        patch.after.need.as_str().to_owned(),
        step.exploited.to_string(),
        csv(&item.ids.join(" ")),
        item.key.clone(),
        step.key.clone(),
    ];
    Line {
        before: before.join(","),
        middle: middle.join(","),
        after: after.join(","),
    }
}

impl Line {
    fn of(&self, plan: &Plan, step: &Step, host: StepHost) -> String {
        let hold = step.hold.as_ref();
        let held = hold.filter(|hold| hold.targets.binary_search(&host.target).is_ok());
        let fields = [
            &*self.before,
            &csv(plan.name(host)),
            &host.ring.to_string(),
            &*self.middle,
            &csv(held.map_or("", |hold| &hold.policy)),
            &*self.after,
        ];
        fields.join(",") + "\n"
    }
}
