//! The pictures of the HTML pages: each a figure with its drawing and, folded away, the same as a table.

use base::Severity;
use drawing::chart::{Chart, Value};
use drawing::escape::html;
use drawing::trend::{Line, Trend};
use jiff::civil::Date;

use crate::briefing::{DayAhead, TrendDay};
use crate::wording::severity as word;

/// Open findings by severity, as bars; a severity that is not counted has none.
pub(super) fn severities(counts: &[(Option<Severity>, usize)]) -> String {
    let amount = |severity| {
        let of = counts.iter().filter(|(s, _)| *s == severity);
        of.map(|(_, n)| *n as u64).sum()
    };
    let order = Severity::ALL.iter().rev().copied().map(Some).chain([None]);
    let values: Vec<Value> = order
        .map(|s| Value {
            label: word(s).to_owned(),
            amount: amount(s),
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
    figure(&chart.title, &chart.bars(), &chart.table())
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
    figure(&chart.title, &chart.columns(), &chart.table())
}

/// The figures of the last days as lines; nothing without two days.
pub(super) fn trends(days: &[TrendDay]) -> String {
    if days.len() < 2 {
        return String::new();
    }
    let line = |label, class, pick: fn(&TrendDay) -> u64| Line {
        label,
        class,
        amounts: days.iter().map(pick).collect(),
    };
    let pictures = [
        (
            "trend-open",
            "Open and overdue findings",
            vec![
                line("open", "line-a", |d| d.open),
                line("overdue", "line-b", |d| d.overdue),
            ],
        ),
        (
            "trend-kev",
            "Known exploited findings",
            vec![line("known exploited", "line-b", |d| d.known_exploited)],
        ),
        (
            "trend-flow",
            "Findings that came up and were closed each day",
            vec![
                line("came up", "line-b", |d| d.arrived),
                line("closed", "line-c", |d| d.closed),
            ],
        ),
    ];
    pictures
        .into_iter()
        .map(|(id, title, lines)| trend(id, title, days, lines))
        .collect()
}

fn trend(id: &'static str, title: &str, days: &[TrendDay], lines: Vec<Line>) -> String {
    let from_to = |l: &Line| {
        let end = |amount: Option<&u64>| amount.copied().unwrap_or_default();
        format!(
            "{}: {} to {}",
            l.label,
            end(l.amounts.first()),
            end(l.amounts.last())
        )
    };
    let about: Vec<String> = lines.iter().map(from_to).collect();
    let trend = Trend {
        id,
        title: title.to_owned(),
        about: about.join(", "),
        days: days.iter().map(|d| d.day.to_string()).collect(),
        lines,
    };
    figure(&trend.title, &trend.lines(), &trend.table())
}

fn figure(title: &str, svg: &str, table: &str) -> String {
    format!(
        "<figure>\n<figcaption>{}</figcaption>\n{svg}\n<details><summary>The same as a table</summary>{table}</details>\n</figure>\n",
        html(title)
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
