//! The figures as Markdown (GitHub Flavored), for a wiki or a report.

use drawing::escape::markdown;
use fleet::metrics::Period;

use super::sentences as say;
use crate::metrics::Figures;
use crate::renderers::{MetricsRenderer, Options};
use crate::wording::{day, instant};

/// Periods shown, the latest.
const PERIODS: usize = 26;
/// Ages at which the curve is told.
const AGES: u32 = 10;

/// The format.
pub(in crate::renderers) struct Markdown;

impl MetricsRenderer for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }

    fn about(&self) -> &'static str {
        "the figures for a wiki or a report"
    }

    fn media_type(&self) -> &'static str {
        "text/markdown; charset=utf-8"
    }

    fn render(&self, figures: &Figures, _: &Options) -> String {
        let mut out = format!("# Figures, {}\n\n", instant(figures.span.now));
        let mut say_it = |text: &str| out.push_str(&format!("- {}\n", markdown(text)));
        say_it(&say::basis(figures));
        say_it(&say::time_to_patch("time to patch", &figures.time_to_patch));
        let exploited = &figures.exploited_time_to_patch;
        say_it(&say::time_to_patch("known exploited", exploited));
        for attainment in &figures.attainment {
            say_it(&say::attainment(attainment));
        }
        say_it(&say::overdue(&figures.overdue));
        say_it(&say::exposure(&figures.exposure));
        say_it(&say::flow(figures));
        if let Some(down) = &figures.burn_down {
            say_it(&say::backlog(down));
        }
        out.push_str(&curve(figures));
        out.push_str(&periods("Arrivals and closures", figures, &figures.flow));
        if let Some(down) = &figures.burn_down {
            out.push_str(&periods(
                "What is left of the backlog",
                figures,
                &down.backlog,
            ));
            out.push_str(&periods("What came since", figures, &down.since));
        }
        out + &parts(figures)
    }
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    let cells = cells.into_iter().map(|cell| markdown(&cell));
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

fn table(title: &str, headings: &[&str], rows: impl Iterator<Item = String>) -> String {
    let rows: String = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    let head = row(headings.iter().map(|h| (*h).to_owned()));
    let rule = "|---".repeat(headings.len());
    format!("\n## {}\n\n{head}{rule}|\n{rows}", markdown(title))
}

fn curve(figures: &Figures) -> String {
    let curve = &figures.time_to_patch;
    let steps = match curve.findings {
        0 => Vec::new(),
        _ => say::curve_steps(curve, AGES),
    };
    let rows = steps
        .into_iter()
        .map(|(age, open)| row([format!("{age:.1}"), format!("{:.0} %", open * 100.0)]));
    table("Share still open by age", &["age, days", "open"], rows)
}

fn periods(title: &str, figures: &Figures, periods: &[Period]) -> String {
    let skipped = periods.len().saturating_sub(PERIODS);
    let rows = periods[skipped..].iter().map(|p| {
        let numbers = [p.arrived, p.closed, p.gone, p.open].map(|n| n.to_string());
        row(std::iter::once(day(p.start)).chain(numbers))
    });
    let every = say::every(figures.span.every);
    table(title, &[every, "arrived", "fixed", "gone", "open"], rows)
}

fn parts(figures: &Figures) -> String {
    let Some(by) = figures.span.by else {
        return String::new();
    };
    let rows = figures.parts.iter().map(|part| {
        let name = std::iter::once(say::part_name(by, part));
        row(name.chain(say::part(part)))
    });
    let headings: Vec<&str> = std::iter::once(by.as_str())
        .chain(say::PART_HEADINGS)
        .collect();
    table(&format!("By {}", by.as_str()), &headings, rows)
}
