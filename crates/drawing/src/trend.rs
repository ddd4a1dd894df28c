//! Amounts over days as lines, SVG 1.1, with the same figures as a table. As in [`chart`](crate::chart) every picture names and
//! describes itself and takes every colour from a class; lines differ in their dashes too, so that they can be told apart in
//! black and white.

use std::fmt::Write as _;

use crate::escape::html;
use crate::text::thousands;

/// Width of every drawing.
const WIDTH: f64 = 360.0;
/// Width of the lines; right of it stand their last amounts.
const ROOM: f64 = WIDTH - 64.0;
/// Height of the lines, and where they begin.
const HEIGHT: f64 = 88.0;
const TOP: f64 = 10.0;
/// Two labels are at least so far apart.
const LABEL: f64 = 14.0;

/// Lines over the same days.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// Unique on the page; a letter, then letters, digits, `-`.
    pub id: &'static str,
    /// What it shows.
    pub title: String,
    /// The same in a sentence, for those who do not see it.
    pub about: String,
    /// The days, in order.
    pub days: Vec<String>,
    /// The lines, at most one a class.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it counts.
    pub label: &'static str,
    /// CSS class of the line: letters, digits, `-`.
    pub class: &'static str,
    /// An amount a day.
    pub amounts: Vec<u64>,
}

impl Trend {
    /// The drawing: from nothing to the largest amount, the last amount of each line at its end.
    pub fn lines(&self) -> String {
        let most = self.most();
        let mut body = format!(
            "<line class=\"chart-axis\" x1=\"0\" y1=\"{y:.1}\" x2=\"{ROOM:.1}\" y2=\"{y:.1}\"/>",
            y = TOP + HEIGHT
        );
        for line in &self.lines {
            self.line(&mut body, line, most);
        }
        for (y, line) in self.labels(most) {
            let last = line.amounts.last().copied().unwrap_or(0);
            let last = thousands(usize::try_from(last).unwrap_or(usize::MAX));
            text(
                &mut body,
                "chart-count",
                ROOM + 8.0,
                y + 4.0,
                "start",
                &last,
            );
        }
        let ends = [
            (self.days.first(), 0.0, "start"),
            (self.days.last(), ROOM, "end"),
        ];
        for (day, x, anchor) in ends {
            let day = day.map_or("", String::as_str);
            text(
                &mut body,
                "chart-label",
                x,
                TOP + HEIGHT + 16.0,
                anchor,
                day,
            );
        }
        self.legend(&mut body);
        let (id, title, about) = (self.id, html(&self.title), html(&self.about));
        let height = TOP + HEIGHT + 44.0;
        format!(
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
             <title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{about}</desc>{body}</svg>"
        )
    }

    /// The same figures as an HTML table, a row a day.
    pub fn table(&self) -> String {
        let heads: String = self
            .lines
            .iter()
            .map(|l| format!("<th scope=\"col\">{}</th>", html(l.label)))
            .collect();
        let mut out = format!(
            "<table class=\"chart-table\"><caption>{}</caption><thead><tr><td></td>{heads}</tr></thead><tbody>",
            html(&self.title)
        );
        for (n, day) in self.days.iter().enumerate() {
            let _ = write!(out, "<tr><th scope=\"row\">{}</th>", html(day));
            for line in &self.lines {
                let amount = line.amounts.get(n).map(u64::to_string);
                let _ = write!(out, "<td>{}</td>", amount.unwrap_or_default());
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table>");
        out
    }

    fn line(&self, out: &mut String, line: &Line, most: u64) {
        let step = ROOM / line.amounts.len().saturating_sub(1).max(1) as f64;
        let points: Vec<String> = line
            .amounts
            .iter()
            .enumerate()
            .map(|(n, &amount)| format!("{:.1},{:.1}", step * n as f64, height(amount, most)))
            .collect();
        let _ = write!(
            out,
            "<polyline class=\"chart-line {}\" points=\"{}\"/>",
            line.class,
            points.join(" ")
        );
    }

    /// Where the last amounts stand, from the top, none on another.
    fn labels(&self, most: u64) -> Vec<(f64, &Line)> {
        let end = |l: &Line| height(l.amounts.last().copied().unwrap_or(0), most);
        let mut labels: Vec<(f64, &Line)> = self.lines.iter().map(|l| (end(l), l)).collect();
        labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut free = 0.0;
        for (y, _) in &mut labels {
            *y = f64::max(*y, free);
            free = *y + LABEL;
        }
        labels
    }

    fn legend(&self, out: &mut String) {
        let step = WIDTH / self.lines.len().max(1) as f64;
        let y = TOP + HEIGHT + 36.0;
        for (n, line) in self.lines.iter().enumerate() {
            let x = step * n as f64;
            let _ = write!(
                out,
                "<polyline class=\"chart-line {}\" points=\"{x:.1},{mid:.1} {:.1},{mid:.1}\"/>",
                line.class,
                x + 22.0,
                mid = y - 4.0
            );
            text(out, "chart-label", x + 28.0, y, "start", line.label);
        }
    }

    fn most(&self) -> u64 {
        let all = self.lines.iter().flat_map(|l| &l.amounts);
        all.copied().max().unwrap_or(0)
    }
}

fn height(amount: u64, most: u64) -> f64 {
    let share = if most == 0 {
        0.0
    } else {
        amount as f64 / most as f64
    };
    TOP + HEIGHT * (1.0 - share)
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

    fn trend(lines: &[&[u64]]) -> Trend {
        let labels = ["open", "overdue"];
        Trend {
            id: "t",
            title: "Open <findings>".to_owned(),
            about: "open 3".to_owned(),
            days: vec!["1 Aug".to_owned(), "2 & 3 Aug".to_owned()],
            lines: lines
                .iter()
                .zip(labels)
                .map(|(amounts, label)| Line {
                    label,
                    class: "line-a",
                    amounts: amounts.to_vec(),
                })
                .collect(),
        }
    }

    #[test]
    fn every_drawing_names_and_describes_itself_and_styles_nothing() {
        let cases: [&[&[u64]]; 5] = [&[], &[&[]], &[&[0]], &[&[1, 2], &[2, 1]], &[&[u64::MAX, 0]]];
        for lines in cases {
            let svg = trend(lines).lines();
            assert!(svg.contains(
                "<title id=\"t-t\">Open &lt;findings&gt;</title><desc id=\"t-d\">open 3</desc>"
            ));
            let breaks = ["style=", "NaN", "inf", "2 & 3"];
            assert!(breaks.iter().all(|b| !svg.contains(b)), "{svg}");
        }
    }

    #[test]
    fn the_largest_amount_is_at_the_top_and_nothing_at_the_axis() {
        let svg = trend(&[&[0, 10]]).lines();
        assert!(svg.contains("points=\"0.0,98.0 296.0,10.0\""), "{svg}");
    }

    #[test]
    fn labels_of_equal_ends_stand_apart() {
        let trend = trend(&[&[1, 5], &[2, 5]]);
        let labels = trend.labels(5);
        assert!(labels[1].0 - labels[0].0 >= LABEL);
    }

    #[test]
    fn the_table_holds_the_same_figures() {
        let table = trend(&[&[1, 2], &[3]]).table();
        assert!(
            table.contains("<tr><th scope=\"row\">1 Aug</th><td>1</td><td>3</td></tr>"),
            "{table}"
        );
        assert!(
            table.contains("<tr><th scope=\"row\">2 &amp; 3 Aug</th><td>2</td><td></td></tr>"),
            "{table}"
        );
    }
}
