//! The figures for a terminal.

use drawing::escape::printable;
use drawing::style::Ink;
use drawing::table::{Cell, Column, Table};
use drawing::text::paragraph;

use super::sentences as say;
use crate::metrics::Figures;
use crate::renderers::{MetricsRenderer, Options};
use crate::wording::{day, instant};

/// Periods shown, the latest.
const PERIODS: usize = 14;

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
        out.push('\n');
        out + &periods(figures).render(style, 0)
    }
}

fn periods(figures: &Figures) -> Table {
    let skipped = figures.flow.len().saturating_sub(PERIODS);
    let rows = figures.flow[skipped..].iter().map(|p| {
        let numbers = [p.arrived, p.closed, p.open].map(|n| Cell::plain(n.to_string()));
        std::iter::once(Cell::plain(day(p.start)))
            .chain(numbers)
            .collect()
    });
    Table {
        columns: vec![
            Column::fixed(say::every(figures.span.every)),
            Column::number("arrived"),
            Column::number("closed"),
            Column::number("open"),
        ],
        rows: rows.collect(),
    }
}
