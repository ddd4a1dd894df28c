//! Small charts as SVG 1.1 with the same figures as a table: every picture has a `<title>` and a `<desc>`
//! (<https://www.w3.org/TR/graphics-aam-1.0/>), labels its own marks, and takes every colour from a class, so a page may
//! forbid inline styles (CSP `style-src`).
//!
//! The drawing is 360 units wide: on a phone a unit is about a pixel and the labels stay readable.

use std::fmt::Write as _;

use crate::escape::html;

/// Width of every drawing.
const WIDTH: f64 = 360.0;
/// Height of a line of text with its air.
const LINE: f64 = 22.0;

/// A row of values to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Unique on the page; a letter, then letters, digits, `-`.
    pub id: &'static str,
    /// What it shows.
    pub title: String,
    /// The same in a sentence, for those who do not see it.
    pub about: String,
    /// The values, in order.
    pub values: Vec<Value>,
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Its name.
    pub label: String,
    /// How much.
    pub amount: u64,
    /// CSS class of its mark: letters, digits, `-`.
    pub class: &'static str,
}

impl Chart {
    /// Horizontal bars, one a value, each labelled left and counted right.
    pub fn bars(&self) -> String {
        let label_width = 84.0;
        let room = WIDTH - label_width - 44.0;
        let most = self.most();
        let mut body = String::new();
        for (n, value) in self.values.iter().enumerate() {
            let y = LINE * n as f64;
            let length = room * share(value.amount, most);
            text(
                &mut body,
                "chart-label",
                label_width - 8.0,
                y + 15.0,
                "end",
                &value.label,
            );
            mark(
                &mut body,
                value,
                [
                    label_width,
                    y + 4.0,
                    length.max(if value.amount > 0 { 2.0 } else { 0.0 }),
                    LINE - 8.0,
                ],
            );
            text(
                &mut body,
                "chart-count",
                label_width + length + 6.0,
                y + 15.0,
                "start",
                &value.amount.to_string(),
            );
        }
        self.svg(LINE * self.values.len() as f64, &body)
    }

    /// One horizontal bar cut in parts, with the counts under it in words.
    pub fn stack(&self) -> String {
        let total: u64 = self
            .values
            .iter()
            .map(|v| v.amount)
            .fold(0, u64::saturating_add);
        let mut body = String::new();
        let mut x = 0.0;
        for value in self.values.iter().filter(|v| v.amount > 0) {
            let length = WIDTH * share(value.amount, total);
            mark(&mut body, value, [x, 0.0, (length - 1.0).max(1.0), 16.0]);
            x += length;
        }
        self.svg(16.0, &body)
    }

    /// Upright bars for a few days or steps, counted on top and labelled below.
    pub fn columns(&self) -> String {
        let (top, height) = (18.0, 70.0);
        let step = WIDTH / self.values.len().max(1) as f64;
        let most = self.most();
        let mut body = String::new();
        for (n, value) in self.values.iter().enumerate() {
            let (x, tall) = (step * n as f64, height * share(value.amount, most));
            mark(
                &mut body,
                value,
                [
                    x + step * 0.14,
                    top + height - tall,
                    step * 0.72,
                    tall.max(1.0),
                ],
            );
            if value.amount > 0 {
                text(
                    &mut body,
                    "chart-count",
                    x + step / 2.0,
                    top + height - tall - 4.0,
                    "middle",
                    &value.amount.to_string(),
                );
            }
            text(
                &mut body,
                "chart-label",
                x + step / 2.0,
                top + height + 15.0,
                "middle",
                &value.label,
            );
        }
        self.svg(top + height + LINE, &body)
    }

    /// A line through the values, with the last one named.
    pub fn line(&self) -> String {
        let (height, room) = (48.0, WIDTH - 60.0);
        let most = self.most();
        let step = room / self.values.len().saturating_sub(1).max(1) as f64;
        let mut points = String::new();
        let mut end = (0.0, height);
        for (n, value) in self.values.iter().enumerate() {
            end = (
                step * n as f64 + 2.0,
                4.0 + (height - 8.0) * (1.0 - share(value.amount, most)),
            );
            let _ = write!(
                points,
                "{}{:.1},{:.1}",
                if n == 0 { "" } else { " " },
                end.0,
                end.1
            );
        }
        let mut body = format!("<polyline class=\"chart-line\" points=\"{points}\"/>");
        if let Some(last) = self.values.last() {
            let _ = write!(
                body,
                "<circle class=\"chart-dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/>",
                end.0, end.1
            );
            text(
                &mut body,
                "chart-count",
                end.0 + 8.0,
                end.1 + 4.0,
                "start",
                &last.amount.to_string(),
            );
        }
        self.svg(height, &body)
    }

    /// The same figures as an HTML table.
    pub fn table(&self) -> String {
        let mut out = format!(
            "<table class=\"chart-table\"><caption>{}</caption><tbody>",
            html(&self.title)
        );
        for value in &self.values {
            let _ = write!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
                html(&value.label),
                value.amount
            );
        }
        out.push_str("</tbody></table>");
        out
    }

    fn most(&self) -> u64 {
        self.values.iter().map(|v| v.amount).max().unwrap_or(0)
    }

    fn svg(&self, height: f64, body: &str) -> String {
        format!(
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
             <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>{body}</svg>",
            html(&self.title),
            html(&self.about),
            id = self.id,
        )
    }
}

/// A share of the largest; 0 where there is none.
fn share(amount: u64, most: u64) -> f64 {
    if most == 0 {
        0.0
    } else {
        amount as f64 / most as f64
    }
}

fn mark(out: &mut String, value: &Value, [x, y, width, height]: [f64; 4]) {
    let _ = write!(
        out,
        "<rect class=\"chart-mark {}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"1.5\"/>",
        value.class
    );
}

fn text(out: &mut String, class: &str, x: f64, y: f64, anchor: &str, words: &str) {
    let _ = write!(
        out,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        html(words)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(amounts: &[u64]) -> Chart {
        Chart {
            id: "c",
            title: "Findings <by> severity".to_owned(),
            about: "critical 3".to_owned(),
            values: amounts
                .iter()
                .map(|&amount| Value {
                    label: "a&b".to_owned(),
                    amount,
                    class: "sev-high",
                })
                .collect(),
        }
    }

    #[test]
    fn every_drawing_names_and_describes_itself_and_styles_nothing() {
        for amounts in [&[][..], &[0], &[1, 2, 3], &[u64::MAX, 1]] {
            let c = chart(amounts);
            for svg in [c.bars(), c.stack(), c.columns(), c.line()] {
                assert!(svg.contains("<title id=\"c-t\">Findings &lt;by&gt; severity</title><desc id=\"c-d\">critical 3</desc>"));
                assert!(
                    !svg.contains("style=") && !svg.contains("NaN") && !svg.contains("inf"),
                    "{svg}"
                );
            }
        }
    }

    #[test]
    fn the_longest_bar_fills_the_room() {
        let svg = chart(&[5, 10]).bars();
        assert!(
            svg.contains("width=\"116.0\"") && svg.contains("width=\"232.0\""),
            "{svg}"
        );
    }

    #[test]
    fn the_table_holds_the_same_figures() {
        assert_eq!(
            chart(&[7]).table(),
            "<table class=\"chart-table\"><caption>Findings &lt;by&gt; severity</caption><tbody>\
             <tr><th scope=\"row\">a&amp;b</th><td>7</td></tr></tbody></table>"
        );
    }
}
