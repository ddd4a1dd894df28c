//! The figures as a page with charts, each with the same numbers as a table.

use drawing::chart::{Chart, Value};
use drawing::escape::html;
use fleet::metrics::{By, Curve, Part, Period};

use super::sentences as say;
use crate::metrics::Figures;
use crate::renderers::page::page;
use crate::renderers::{MetricsRenderer, Options};
use crate::wording::{day, instant};

/// Columns of a chart that stay readable on a phone.
const COLUMNS: usize = 12;
/// Ages at which the curve is drawn.
const AGES: u32 = 40;

/// The format.
pub(in crate::renderers) struct Html;

impl MetricsRenderer for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn about(&self) -> &'static str {
        "the figures as a page with charts, self-contained"
    }

    fn media_type(&self) -> &'static str {
        "text/html; charset=utf-8"
    }

    fn render(&self, figures: &Figures, _: &Options) -> String {
        let title = format!("Figures, {}", instant(figures.span.now));
        let mut body = format!("<h1>{}</h1>\n", html(&title));
        body.push_str(&paragraph(&say::basis(figures)));
        body.push_str(&section("Time to patch", &patching(figures)));
        body.push_str(&section("Dates held", &dates(figures)));
        body.push_str(&section("Arrivals and closures", &flow(figures)));
        if let Some(down) = &figures.burn_down {
            let text = paragraph(&say::backlog(down));
            let left = line("backlog", "What is left of the backlog", &down.backlog);
            let since = line("since", "Open of what came since", &down.since);
            body.push_str(&section("Backlog", &format!("{text}{left}{since}")));
        }
        if let Some(by) = figures.span.by {
            let title = format!("By {}", by.as_str());
            body.push_str(&section(&title, &parts(by, &figures.parts)));
        }
        page(&title, &body)
    }
}

fn parts(by: By, parts: &[Part]) -> String {
    let cells = |tag: &str, cells: &[String]| -> String {
        let cells = cells.iter().map(|c| format!("<{tag}>{}</{tag}>", html(c)));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let head: Vec<String> = std::iter::once(by.as_str())
        .chain(say::PART_HEADINGS)
        .map(str::to_owned)
        .collect();
    let rows = parts.iter().map(|part| {
        let name = std::iter::once(say::part_name(by, part));
        cells("td", &name.chain(say::part(part)).collect::<Vec<_>>())
    });
    format!(
        "<table>\n{}{}</table>\n",
        cells("th", &head),
        rows.collect::<String>()
    )
}

fn section(title: &str, body: &str) -> String {
    format!("<section>\n<h2>{}</h2>\n{body}</section>\n", html(title))
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", html(text))
}

fn patching(figures: &Figures) -> String {
    let all = &figures.time_to_patch;
    let exploited = &figures.exploited_time_to_patch;
    let mut out = paragraph(&say::time_to_patch("All findings", all));
    out.push_str(&paragraph(&say::time_to_patch(
        "Known exploited",
        exploited,
    )));
    out.push_str(&curve(
        "open-all",
        "Share still open by age, all findings",
        all,
    ));
    out + &curve(
        "open-kev",
        "Share still open by age, known exploited",
        exploited,
    )
}

fn dates(figures: &Figures) -> String {
    let mut out: String = figures
        .attainment
        .iter()
        .map(|a| paragraph(&say::attainment(a)))
        .collect();
    out.push_str(&paragraph(&say::overdue(&figures.overdue)));
    out + &paragraph(&say::exposure(&figures.exposure))
}

fn flow(figures: &Figures) -> String {
    let of = |id, title: &str, amount: fn(&Period) -> u64, class| {
        let skipped = figures.flow.len().saturating_sub(COLUMNS);
        let values = figures.flow[skipped..].iter().map(|p| Value {
            label: p.start.strftime("%d").to_string(),
            amount: amount(p),
            class,
        });
        let every = say::every(figures.span.every);
        let chart = chart(
            id,
            format!("{title} a {every}, the latest {COLUMNS}"),
            values.collect(),
        );
        figure(&chart, &chart.columns())
    };
    let mut out = paragraph(&say::flow(figures));
    out.push_str(&of("arrived", "Arrived", |p| p.arrived, "near"));
    out.push_str(&of("closed", "Closed", |p| p.closed, "later"));
    out + &line("open", "Open at the end", &figures.flow)
}

fn line(id: &'static str, title: &str, periods: &[Period]) -> String {
    let values = periods.iter().map(|p| Value {
        label: day(p.end),
        amount: p.open,
        class: "later",
    });
    let chart = chart(id, title.to_owned(), values.collect());
    figure(&chart, &chart.line())
}

/// The curve in whole per cent at evenly spaced ages; nothing is drawn beyond what is known.
fn curve(id: &'static str, title: &str, curve: &Curve) -> String {
    if curve.findings == 0 {
        return String::new();
    }
    let known = say::curve_steps(curve, AGES).into_iter();
    let values = known.map(|(age, open)| Value {
        label: format!("{age:.0} d"),
        amount: (open * 100.0).round() as u64,
        class: "later",
    });
    let chart = chart(id, format!("{title}, per cent"), values.collect());
    figure(&chart, &chart.line())
}

fn chart(id: &'static str, title: String, values: Vec<Value>) -> Chart {
    let about = match (values.first(), values.last()) {
        (Some(first), Some(last)) => format!(
            "{}: {} to {}: {}",
            first.label, first.amount, last.label, last.amount
        ),
        _ => "nothing to show".to_owned(),
    };
    Chart {
        id,
        title,
        about,
        values,
    }
}

fn figure(chart: &Chart, svg: &str) -> String {
    format!(
        "<figure>\n<figcaption>{}</figcaption>\n{svg}\n<details><summary>The same as a table</summary>{}</details>\n</figure>\n",
        html(&chart.title),
        chart.table()
    )
}
