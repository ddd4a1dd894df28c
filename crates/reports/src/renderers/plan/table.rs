//! The plan for a terminal: 80 columns, nothing cut.

use drawing::escape::printable;
use drawing::style::Ink;
use drawing::text::paragraph;
use fleet::plan::{InTime, Item, Plan, Step};

use crate::plan::words;
use crate::renderers::{Options, PlanRenderer};
use crate::wording::instant;

/// Hosts named in a step.
const HOSTS: usize = 8;
/// Vulnerabilities named in an item.
const IDS: usize = 6;

/// The format.
pub(in crate::renderers) struct Table;

impl PlanRenderer for Table {
    fn id(&self) -> &'static str {
        "table"
    }

    fn about(&self) -> &'static str {
        "the plan for a terminal, most urgent first"
    }

    fn media_type(&self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "txt"
    }

    fn render(&self, plan: &Plan, options: &Options) -> String {
        let page = Page { plan, options };
        let mut out = page.line(Ink::Strong, "", &head(plan));
        out.push_str(&page.line(Ink::Plain, "", &words::totals(plan)));
        for item in &plan.items {
            out.push_str(&page.item(item));
        }
        if plan.items.is_empty() {
            out.push_str(&page.line(
                Ink::Good,
                "",
                "nothing to do: no open finding is known on these hosts",
            ));
        }
        out.push_str(&page.moved());
        out
    }
}

fn head(plan: &Plan) -> String {
    let of = plan.owner.as_ref();
    let of = of.map_or_else(String::new, |owner| format!(" for {owner}"));
    format!("Plan{of} as of {}", instant(plan.now))
}

struct Page<'a> {
    plan: &'a Plan,
    options: &'a Options,
}

impl Page<'_> {
    fn line(&self, ink: Ink, indent: &str, text: &str) -> String {
        let style = self.options.style();
        let text = printable(text);
        let plain = paragraph(indent, indent, &text, style.columns());
        let inked = plain.lines().map(|line| style.paint(ink, line) + "\n");
        inked.collect()
    }

    fn item(&self, item: &Item) -> String {
        let patch = &item.patch;
        let head = format!(
            "{}. {} ({})",
            item.number,
            words::action(patch),
            patch.ecosystem
        );
        let is_overdue = item.due().is_some_and(|by| by < self.plan.now);
        let ink = match (is_overdue, patch.kev > 0) {
            (true, _) => Ink::Alarm,
            (_, true) => Ink::Bad,
            _ => Ink::Name,
        };
        let mut out = "\n".to_owned();
        out.push_str(&self.line(ink, "", &head));
        out.push_str(&self.line(Ink::Plain, "   ", &words::closes(item)));
        let ids = crate::wording::first_names(&item.ids, IDS);
        out.push_str(&self.line(Ink::Faint, "   ", &ids));
        if !item.deadlines.is_empty() {
            out.push_str(&self.line(Ink::Plain, "   ", &format!("dates: {}", words::dates(item))));
        }
        if let Some(after) = words::after(patch) {
            out.push_str(&self.line(Ink::Faint, "   ", &after));
        }
        for step in &item.steps {
            out.push_str(&self.step(step));
        }
        out
    }

    fn step(&self, step: &Step) -> String {
        let ink = match step.in_time {
            InTime::No => Ink::Warn,
            _ => Ink::Plain,
        };
        let when = words::window(step);
        let due = words::step_due(step, self.plan.now);
        let head = format!("- {}, {when}; {due}", words::owner(step));
        let mut out = self.line(ink, "   ", &head);
        if let Some(hold) = words::hold(self.plan, step) {
            out.push_str(&self.line(Ink::Alarm, "     ", &hold));
        }
        let hosts = words::hosts(self.plan, step, HOSTS);
        out.push_str(&self.line(Ink::Plain, "     ", &hosts));
        out
    }

    fn moved(&self) -> String {
        let Some((at, moved)) = &self.plan.since else {
            return String::new();
        };
        let mut out = "\n".to_owned();
        let head = format!("Deadlines that moved since {}", instant(*at));
        out.push_str(&self.line(Ink::Strong, "", &head));
        for one in moved {
            out.push_str(&self.line(Ink::Warn, "   ", &words::moved(one)));
        }
        if moved.is_empty() {
            out.push_str(&self.line(Ink::Plain, "   ", "none"));
        }
        out
    }
}
