//! The plan as Markdown (GitHub Flavored), for a wiki or a merge request.

use drawing::escape::{markdown, markdown_code};
use fleet::plan::{Item, Plan, Step};

use crate::plan::words;
use crate::renderers::{Options, PlanRenderer};
use crate::wording::instant;

/// Hosts named in a row.
const HOSTS: usize = 20;
/// Vulnerabilities named in an item.
const IDS: usize = 20;

/// The format.
pub(in crate::renderers) struct Markdown;

impl PlanRenderer for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }

    fn about(&self) -> &'static str {
        "the plan for a wiki or a ticket"
    }

    fn media_type(&self) -> &'static str {
        "text/markdown; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "md"
    }

    fn render(&self, plan: &Plan, _: &Options) -> String {
        let of = plan.owner.as_ref();
        let of = of.map_or_else(String::new, |owner| format!(" for {}", markdown(owner)));
        let mut out = format!(
            "# Plan{of}, {}\n\n{}\n",
            instant(plan.now),
            words::totals(plan)
        );
        for item in &plan.items {
            out.push_str(&section(plan, item));
        }
        if let Some((at, moved)) = &plan.since {
            out.push_str(&format!(
                "\n## Deadlines that moved since {}\n\n",
                instant(*at)
            ));
            for one in moved {
                out.push_str(&format!("- {}\n", markdown(&words::moved(one))));
            }
            if moved.is_empty() {
                out.push_str("None.\n");
            }
        }
        out
    }
}

fn section(plan: &Plan, item: &Item) -> String {
    let patch = &item.patch;
    let mut out = format!(
        "\n## {}\\. {}\n\n",
        item.number,
        markdown(&words::action(patch))
    );
    let mut point = |text: &str| out.push_str(&format!("- {}\n", markdown(text)));
    point(&format!("{} in {}", words::closes(item), patch.ecosystem));
    point(&crate::wording::first_names(&item.ids, IDS));
    if !item.deadlines.is_empty() {
        point(&format!("dates: {}", words::dates(item)));
    }
    if let Some(after) = words::after(patch) {
        point(&after);
    }
    out.push_str(&format!("- key {}\n", markdown_code(&item.key)));
    out.push_str("\n| Owner | Window | Date | Hosts | First |\n| --- | --- | --- | --- | --- |\n");
    for step in &item.steps {
        out.push_str(&row(plan, step));
    }
    out
}

fn row(plan: &Plan, step: &Step) -> String {
    let hold = words::hold(plan, step).unwrap_or_default();
    let cells = [
        words::owner(step).to_owned(),
        words::window(step),
        words::step_due(step, plan.now),
        words::hosts(plan, step, HOSTS),
        hold,
    ];
    let cells: Vec<String> = cells.iter().map(|cell| markdown(cell)).collect();
    format!("| {} |\n", cells.join(" | "))
}
