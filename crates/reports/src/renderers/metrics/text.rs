//! The figures for a terminal.

use drawing::escape::printable;
use drawing::style::Ink;
use drawing::table::{Cell, Column, Table};
use drawing::text::paragraph;
use fleet::metrics::{By, Curve, Part};

use super::sentences as say;
use crate::metrics::Figures;
use crate::renderers::{MetricsRenderer, Options};
use crate::wording::{day, instant};

/// Periods shown, the latest.
const PERIODS: usize = 14;
/// Ages at which the curve is told.
const AGES: u32 = 8;
/// Marks of a bar for all.
const BAR: f64 = 40.0;

/// The format.
pub(in crate::renderers) struct Text;

impl MetricsRenderer for Text {
    fn id(&self) -> &'static str {
        "text"
    }

    fn about(&self) -> &'static str {
        "the figures for a terminal"
    }

    fn media_type(&self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn render(&self, figures: &Figures, options: &Options) -> String {
        let style = options.style();
        let say_it = |text: &str| paragraph("", "  ", &printable(text), style.columns());
        let head = format!("Figures as of {}\n", instant(figures.span.now));
        let mut out = style.paint(Ink::Strong, head.trim_end()) + "\n";
        out.push_str(&say_it(&say::basis(figures)));
        out.push('\n');
        out.push_str(&say_it(&say::time_to_patch(
            "time to patch",
            &figures.time_to_patch,
        )));
        let exploited = &figures.exploited_time_to_patch;
        out.push_str(&say_it(&say::time_to_patch("known exploited", exploited)));
        for attainment in &figures.attainment {
            out.push_str(&say_it(&say::attainment(attainment)));
        }
        out.push_str(&say_it(&say::overdue(&figures.overdue)));
        out.push_str(&say_it(&say::exposure(&figures.exposure)));
        out.push_str(&say_it(&say::flow(figures)));
        if let Some(down) = &figures.burn_down {
            out.push_str(&say_it(&say::backlog(down)));
        }
        for table in tables(figures) {
            out.push('\n');
            out.push_str(&table.render(style, 0));
        }
        out
    }
}

fn tables(figures: &Figures) -> Vec<Table> {
    let mut tables = vec![curve(&figures.time_to_patch), periods(figures)];
    if let Some(by) = figures.span.by {
        tables.push(parts(by, &figures.parts));
    }
    tables.retain(|table| !table.rows.is_empty());
    tables
}

/// The share still open by age, drawn.
fn curve(curve: &Curve) -> Table {
    let steps = match curve.findings {
        0 => Vec::new(),
        _ => say::curve_steps(curve, AGES),
    };
    let rows = steps.into_iter().map(|(age, open)| {
        let bar = "#".repeat((open * BAR).round() as usize);
        vec![
            Cell::plain(format!("{age:.1}")),
            Cell::plain(format!("{:.0} %", open * 100.0)),
            Cell::plain(bar),
        ]
    });
    Table {
        columns: vec![
            Column::number("age, days"),
            Column::number("open"),
            Column::fixed("all findings"),
        ],
        rows: rows.collect(),
    }
}

fn parts(by: By, parts: &[Part]) -> Table {
    let numbers = say::PART_HEADINGS.map(Column::number);
    let rows = parts.iter().map(|part| {
        let name = say::part_name(by, part);
        let figures = say::part(part).into_iter().map(Cell::plain);
        std::iter::once(Cell::plain(printable(&name)))
            .chain(figures)
            .collect()
    });
    Table {
        columns: std::iter::once(Column::wrapping(by.as_str()))
            .chain(numbers)
            .collect(),
        rows: rows.collect(),
    }
}

fn periods(figures: &Figures) -> Table {
    let skipped = figures.flow.len().saturating_sub(PERIODS);
    let rows = figures.flow[skipped..].iter().map(|p| {
        let numbers = [p.arrived, p.closed, p.gone, p.open].map(|n| Cell::plain(n.to_string()));
        std::iter::once(Cell::plain(day(p.start)))
            .chain(numbers)
            .collect()
    });
    Table {
        columns: vec![
            Column::fixed(say::every(figures.span.every)),
            Column::number("arrived"),
            Column::number("fixed"),
            Column::number("gone"),
            Column::number("open"),
        ],
        rows: rows.collect(),
    }
}
