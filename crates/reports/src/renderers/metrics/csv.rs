//! One figure a line for spreadsheets (RFC 4180 with line feeds): which figure, of what, in which time, its value; no field is taken
//! for a formula.

use drawing::escape::csv;
use fleet::metrics::{Attainment, Curve, Estimate, Exposure, Part, Period};
use jiff::Timestamp;

use crate::metrics::Figures;
use crate::renderers::{MetricsRenderer, Options};
use crate::wording::instant;

const HEADER: &str = "figure,of,from,to,value\n";

/// The format.
pub(in crate::renderers) struct Csv;

impl MetricsRenderer for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> &'static str {
        "one figure a line, safe to open in a spreadsheet"
    }

    fn media_type(&self) -> &'static str {
        "text/csv; charset=utf-8"
    }

    fn render(&self, figures: &Figures, _: &Options) -> String {
        let span = (figures.span.from, figures.span.now);
        let mut lines = Lines {
            out: HEADER.to_owned(),
            span,
        };
        for attainment in &figures.attainment {
            lines.held(&attainment.policy, attainment);
        }
        lines.exposure("all", figures.exposure);
        lines.curve("all", &figures.time_to_patch);
        lines.curve("known exploited", &figures.exploited_time_to_patch);
        lines.add("overdue", "all", figures.overdue.findings);
        lines.add("overdue", "known exploited", figures.overdue.exploited);
        for (owner, findings) in &figures.overdue.owners {
            let owner = owner.as_deref().unwrap_or("no owner");
            lines.add("overdue", owner, findings);
        }
        lines.periods("all", &figures.flow);
        if let Some(down) = &figures.burn_down {
            lines.periods("backlog", &down.backlog);
            lines.periods("since the baseline", &down.since);
        }
        if let Some(by) = figures.span.by {
            for part in &figures.parts {
                lines.part(by.as_str(), part);
            }
        }
        lines.out
    }
}

/// The document as it grows.
struct Lines {
    out: String,
    span: (Timestamp, Timestamp),
}

impl Lines {
    fn add(&mut self, figure: &str, of: &str, value: impl ToString) {
        self.within(figure, of, self.span, value);
    }

    fn within(
        &mut self,
        figure: &str,
        of: &str,
        (from, to): (Timestamp, Timestamp),
        value: impl ToString,
    ) {
        let fields = [
            csv(figure),
            csv(of),
            instant(from),
            instant(to),
            value.to_string(),
        ];
        self.out.push_str(&fields.join(","));
        self.out.push('\n');
    }

    /// A field is empty where nothing is decided.
    fn held(&mut self, of: &str, held: &Attainment) {
        self.add("met", of, held.met);
        self.add("missed", of, held.missed);
        self.add("open past its date", of, held.overdue);
        self.add("date to come", of, held.pending);
        let share = held.share();
        self.add(
            "share held",
            of,
            share.map_or_else(String::new, |s| s.to_string()),
        );
    }

    fn exposure(&mut self, of: &str, exposure: Exposure) {
        self.add("exposure days", of, exposure.days);
        self.add("known exploited exposure days", of, exposure.exploited_days);
    }

    /// A field is empty where it is not reached.
    fn curve(&mut self, of: &str, curve: &Curve) {
        self.add("findings", of, curve.findings);
        self.add("fixed", of, curve.closed);
        let Estimate { days, low, high } = curve.median();
        let ends = [
            ("median days to patch", days),
            ("median, lower end of 95 %", low),
            ("median, upper end of 95 %", high),
        ];
        for (figure, days) in ends {
            self.add(figure, of, days.map_or_else(String::new, |d| d.to_string()));
        }
    }

    fn periods(&mut self, of: &str, periods: &[Period]) {
        for period in periods {
            let span = (period.start, period.end);
            self.within("arrived", of, span, period.arrived);
            self.within("fixed in it", of, span, period.closed);
            self.within("gone otherwise", of, span, period.gone);
            self.within("open at its end", of, span, period.open);
        }
    }

    fn part(&mut self, by: &str, part: &Part) {
        let of = format!("{by}: {}", part.name.as_deref().unwrap_or("none"));
        self.add("open", &of, part.open);
        self.add("overdue", &of, part.overdue);
        self.held(&of, &part.attainment);
        self.exposure(&of, part.exposure);
        self.curve(&of, &part.time_to_patch);
    }
}
