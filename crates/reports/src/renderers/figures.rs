//! The pictures of the HTML pages: each a figure with its drawing and, folded away, the same as a table.

use base::Severity;
use drawing::chart::{Chart, Value};
use drawing::escape::html;
use jiff::civil::Date;

use crate::briefing::DayAhead;
use crate::wording::severity as word;

/// Open findings by severity, as bars.
pub(super) fn severities(findings: impl Iterator<Item = Option<Severity>>) -> String {
    let all: Vec<Option<Severity>> = findings.collect();
    let order = Severity::ALL.iter().rev().copied().map(Some).chain([None]);
    let values: Vec<Value> = order
        .map(|s| Value {
            label: word(s).to_owned(),
            amount: all.iter().filter(|f| **f == s).count() as u64,
            class: class(s),
        })
        // "none" is rare enough to be shown only when it happens.
        .filter(|v| v.amount > 0 || v.label != "none")
        .collect();
    let chart = Chart {
        id: "severities",
        title: "Open findings by severity".to_owned(),
        about: about(&values),
        values,
    };
    figure(&chart, &chart.bars())
}

/// Findings falling due on each of the next days, as columns; those until `near` stand out.
pub(super) fn days(ahead: &[DayAhead], near: Date) -> String {
    let values: Vec<Value> = ahead
        .iter()
        .map(|d| Value {
            label: d.day.strftime("%d").to_string(),
            amount: d.findings as u64,
            class: if d.day <= near { "near" } else { "later" },
        })
        .collect();
    let title = match (ahead.first(), ahead.last()) {
        (Some(first), Some(last)) => {
            format!(
                "Findings falling due each day, {} to {}",
                first.day, last.day
            )
        }
        _ => "Findings falling due each day".to_owned(),
    };
    let chart = Chart {
        id: "days",
        title,
        about: about(&values),
        values,
    };
    figure(&chart, &chart.columns())
}

fn figure(chart: &Chart, svg: &str) -> String {
    format!(
        "<figure>\n<figcaption>{}</figcaption>\n{svg}\n<details><summary>The same as a table</summary>{}</details>\n</figure>\n",
        html(&chart.title),
        chart.table()
    )
}

fn about(values: &[Value]) -> String {
    let said: Vec<String> = values
        .iter()
        .filter(|v| v.amount > 0)
        .map(|v| format!("{}: {}", v.label, v.amount))
        .collect();
    if said.is_empty() {
        "none".to_owned()
    } else {
        said.join(", ")
    }
}

const fn class(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "sev-critical",
        Some(Severity::High) => "sev-high",
        Some(Severity::Medium) => "sev-medium",
        Some(Severity::Low) => "sev-low",
        Some(Severity::None) => "sev-none",
        None => "sev-unknown",
    }
}
