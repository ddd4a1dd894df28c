//! A list for a terminal: columns of 80, wrapped and never cut, and under them what the list is complete for.

use drawing::escape::printable;
use drawing::style::Ink;
use drawing::table::{Cell as TableCell, Column as TableColumn, Table as TextTable};
use drawing::text::wrap;

use super::words::{self, Line};
use crate::listing::{Cell, Listing};
use crate::renderers::{ListingRenderer, Options, palette};

/// The format.
pub(in crate::renderers) struct Table;

impl ListingRenderer for Table {
    fn id(&self) -> &'static str {
        "table"
    }

    fn about(&self) -> &'static str {
        "for a terminal"
    }

    fn media_type(&self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn render(&self, listing: &Listing, options: &Options) -> String {
        let style = options.style();
        let mut out = match listing.next_step() {
            None => rows(listing).render(style, 0),
            Some(next) => lines(&format!("{next}."), style.columns()),
        };
        out.push('\n');
        for (heading, decided) in words::decisions(listing) {
            out.push_str(&lines(&heading, style.columns()));
            for line in decided {
                let (indent, text) = match &line {
                    Line::Decision(text) => ("  ", text),
                    Line::Fact(text) => ("      ", text),
                };
                for wrapped in wrap(&printable(text), style.columns() - indent.len()) {
                    out.push_str(&format!("{indent}{wrapped}\n"));
                }
            }
            out.push('\n');
        }
        for line in words::statement(listing) {
            for wrapped in wrap(&printable(&format!("{line}.")), style.columns()) {
                out.push_str(&style.paint(Ink::Faint, &wrapped));
                out.push('\n');
            }
        }
        out
    }
}

fn lines(text: &str, columns: usize) -> String {
    let wrapped = wrap(&printable(text), columns);
    wrapped.iter().map(|line| format!("{line}\n")).collect()
}

fn rows(listing: &Listing) -> TextTable {
    let shown = words::shown(listing);
    let is_number = |at: usize| {
        let mut cells = listing.rows.iter().filter_map(|row| row.get(at));
        cells.any(|c| matches!(c, Cell::Number(_)))
    };
    let column = |(at, column): &(usize, &crate::listing::Column)| match is_number(*at) {
        true => TableColumn::number(column.heading),
        false if column.wraps => TableColumn::wrapping(column.heading),
        false => TableColumn::fixed(column.heading),
    };
    let row = |row: &Vec<Cell>| {
        let cells = shown.iter().filter_map(|(at, c)| Some((c, row.get(*at)?)));
        cells
            .map(|(column, cell)| {
                let text = printable(&words::cell(column, cell)).into_owned();
                TableCell::new(ink(cell), text)
            })
            .collect()
    };
    TextTable {
        columns: shown.iter().map(column).collect(),
        rows: listing.rows.iter().map(row).collect(),
    }
}

const fn ink(cell: &Cell) -> Ink {
    match cell {
        Cell::Severity(rating) => palette::severity(Some(*rating)),
        Cell::Due {
            is_overdue: true, ..
        } => Ink::Alarm,
        Cell::Unknown => Ink::Faint,
        _ => Ink::Plain,
    }
}
