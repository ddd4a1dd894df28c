//! Text tables for a terminal: columns as wide as they must be, wrapped (never cut) where they do not fit, and a list of
//! `heading: value` records where even that is too wide.

use crate::style::{Ink, Style};
use crate::text::{pad, pad_left, width, wrap};

/// Blanks between two columns.
const GAP: usize = 2;
/// A column is not wrapped to less than this.
const NARROWEST_COLUMN: usize = 8;

/// A table; every row has as many cells as there are columns.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// What stands over it; empty for none.
    pub heading: &'static str,
    /// Numbers stand right.
    pub right: bool,
    /// Whether it may be wrapped when the table is too wide.
    pub wraps: bool,
}

impl Column {
    /// A column of words that stays in one line.
    pub const fn fixed(heading: &'static str) -> Self {
        Self {
            heading,
            right: false,
            wraps: false,
        }
    }

    /// A column of words that may be wrapped.
    pub const fn wrapping(heading: &'static str) -> Self {
        Self {
            heading,
            right: false,
            wraps: true,
        }
    }

    /// A column of numbers.
    pub const fn number(heading: &'static str) -> Self {
        Self {
            heading,
            right: true,
            wraps: false,
        }
    }
}

/// A cell: text that is already printable, and its ink.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// What it means.
    pub ink: Ink,
}

impl Cell {
    /// A cell in an ink.
    pub fn new(ink: Ink, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ink,
        }
    }

    /// A cell in plain ink.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(Ink::Plain, text)
    }
}

impl Table {
    /// The table, each line after an indent and ended by a line feed.
    pub fn render(&self, style: Style, indent: usize) -> String {
        let room = style.columns().saturating_sub(indent);
        match self.fit(room) {
            Some(widths) => self.grid(style, indent, &widths),
            None => self.records(style, indent, room),
        }
    }

    /// Column widths that fit the room, or `None`.
    fn fit(&self, room: usize) -> Option<Vec<usize>> {
        let mut widths: Vec<usize> = (0..self.columns.len())
            .map(|c| self.natural_width(c))
            .collect();
        let gaps = GAP * self.columns.len().saturating_sub(1);
        loop {
            let excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(room);
            if excess == 0 {
                return Some(widths);
            }
            let widest = (0..widths.len())
                .filter(|&c| self.columns[c].wraps && widths[c] > NARROWEST_COLUMN)
                .max_by_key(|&c| widths[c])?;
            let second = (0..widths.len())
                .filter(|&c| c != widest && self.columns[c].wraps)
                .map(|c| widths[c])
                .max()
                .unwrap_or(NARROWEST_COLUMN);
            // Down to the next widest at once, then column by column: the same result for any order of columns.
            let floor = second.min(widths[widest] - 1).max(NARROWEST_COLUMN);
            widths[widest] = widths[widest].saturating_sub(excess).max(floor);
        }
    }

    fn natural_width(&self, column: usize) -> usize {
        self.rows
            .iter()
            .map(|row| row.get(column).map_or(0, |c| width(&c.text)))
            .chain([width(self.columns[column].heading)])
            .max()
            .unwrap_or(0)
    }

    fn grid(&self, style: Style, indent: usize, widths: &[usize]) -> String {
        let mut out = String::new();
        if self.columns.iter().any(|c| !c.heading.is_empty()) {
            let heading: Vec<Cell> = self
                .columns
                .iter()
                .map(|c| Cell::new(Ink::Faint, c.heading))
                .collect();
            self.grid_row(&mut out, style, indent, widths, &heading);
        }
        for row in &self.rows {
            self.grid_row(&mut out, style, indent, widths, row);
        }
        out
    }

    fn grid_row(
        &self,
        out: &mut String,
        style: Style,
        indent: usize,
        widths: &[usize],
        row: &[Cell],
    ) {
        let cells: Vec<Vec<String>> = row
            .iter()
            .zip(widths)
            .map(|(cell, &w)| wrap(&cell.text, w.max(1)))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for n in 0..height {
            let mut line = " ".repeat(indent);
            let mut blanks = 0;
            for (c, cell) in cells.iter().enumerate() {
                let text = cell.get(n).map_or("", String::as_str);
                let padded = if self.columns[c].right {
                    pad_left(text, widths[c])
                } else {
                    pad(text, widths[c])
                };
                let visible = padded.trim_end();
                if !visible.is_empty() {
                    line.push_str(&" ".repeat(blanks));
                    line.push_str(&style.paint(row[c].ink, visible));
                    blanks = 0;
                }
                blanks += width(&padded) - width(visible) + GAP;
            }
            out.push_str(line.trim_end_matches(' '));
            out.push('\n');
        }
    }

    fn records(&self, style: Style, indent: usize, room: usize) -> String {
        let lead = " ".repeat(indent);
        let mut out = String::new();
        for row in &self.rows {
            for (n, (column, cell)) in self.columns.iter().zip(row).enumerate() {
                let hang = if n == 0 { "" } else { "  " };
                let label = if column.heading.is_empty() {
                    String::new()
                } else {
                    format!("{}: ", column.heading)
                };
                for line in wrap(
                    &format!("{label}{}", cell.text),
                    room.saturating_sub(hang.len()),
                ) {
                    out.push_str(&format!("{lead}{hang}{}\n", style.paint(cell.ink, &line)));
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            columns: vec![
                Column::fixed("id"),
                Column::number("score"),
                Column::wrapping("package"),
            ],
            rows: vec![
                vec![
                    Cell::plain("CVE-2023-0286"),
                    Cell::plain("7.4"),
                    Cell::plain("libssl3 3.0.11-1~deb12u2 from openssl"),
                ],
                vec![
                    Cell::plain("CVE-2024-5535"),
                    Cell::plain("10.0"),
                    Cell::plain("openssl"),
                ],
            ],
        }
    }

    fn check(width: usize, expected: &str) {
        assert_eq!(
            table().render(
                Style {
                    colour: false,
                    width
                },
                2
            ),
            expected
        );
    }

    #[test]
    fn a_wide_page_has_one_line_a_row() {
        check(
            80,
            "  id             score  package\n  CVE-2023-0286    7.4  libssl3 3.0.11-1~deb12u2 from openssl\n  CVE-2024-5535   10.0  openssl\n",
        );
    }

    #[test]
    fn a_narrower_page_wraps_the_column_that_may() {
        check(
            44,
            "  id             score  package\n  CVE-2023-0286    7.4  libssl3\n                        3.0.11-1~deb12u2\n                        from openssl\n  CVE-2024-5535   10.0  openssl\n",
        );
    }

    #[test]
    fn a_page_too_narrow_becomes_records() {
        check(
            24,
            "  id: CVE-2023-0286\n    score: 7.4\n    package: libssl3\n    3.0.11-1~deb12u2\n    from openssl\n  id: CVE-2024-5535\n    score: 10.0\n    package: openssl\n",
        );
    }

    #[test]
    fn colour_does_not_move_the_columns() {
        let mut t = table();
        t.rows[0][0].ink = Ink::Bad;
        let plain = t.render(
            Style {
                colour: false,
                width: 80,
            },
            0,
        );
        let colour = t.render(
            Style {
                colour: true,
                width: 80,
            },
            0,
        );
        let stripped = colour
            .replace("\u{1b}[31m", "")
            .replace("\u{1b}[2m", "")
            .replace("\u{1b}[0m", "");
        assert_eq!(stripped, plain);
    }
}
