//! The briefing as a web page: one self-contained file for the screen, the phone and the printer.

use base::Severity;
use drawing::chart::{Chart, Value};
use drawing::escape::html;
use jiff::tz::TimeZone;

use super::sentences as say;
use crate::briefing::{Briefing, Deadline, ExploitedEntry, PatchLine, Status, Urgency, Verdict};
use crate::renderers::page::{page, table};
use crate::renderers::{BriefingRenderer, Options};
use crate::wording::{probability, severity};

/// The format.
pub(in crate::renderers) struct Html;

impl BriefingRenderer for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn about(&self) -> &'static str {
        "one self-contained page: light and dark, phone and print"
    }

    fn media_type(&self) -> &'static str {
        "text/html; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "html"
    }

    fn render(&self, briefing: &Briefing, _: &Options) -> String {
        let title = format!(
            "{}: briefing of {}",
            say::status(briefing.status),
            say::date(briefing)
        );
        let body = [
            head(briefing),
            deadlines(briefing),
            exploited(briefing),
            patches(briefing),
            no_fix(briefing),
            list(&say::changes_heading(briefing), &say::changes(briefing)),
            unknowns(briefing),
            figures(briefing),
            format!("<footer>{}.</footer>\n", html(&say::sources(briefing))),
        ];
        page(&title, &body.concat())
    }
}

fn head(b: &Briefing) -> String {
    let urgent = if b.deadlines.is_empty() {
        ""
    } else {
        " urgent"
    };
    format!(
        "<header>\n<p class=\"kicker\">Daywatch briefing · {}</p>\n<p class=\"status {}\">{} {}</p>\n<h1>{}.</h1>\n\
         <p class=\"action{urgent}\"><b>{}:</b> {}</p>\n<p class=\"soft small\">{}.</p>\n</header>\n",
        html(&say::date(b)),
        b.status.as_str(),
        sign(b.status),
        say::status(b.status),
        html(&b.headline),
        say::action_label(b),
        html(&say::action(b)),
        html(&say::scope(b)),
    )
}

/// A sign for those who do not see the colour.
const fn sign(status: Status) -> &'static str {
    match status {
        Status::Worse => "▲",
        Status::Better => "▼",
        Status::Same => "=",
        Status::First => "●",
    }
}

fn deadlines(b: &Briefing) -> String {
    if b.deadlines.is_empty() {
        return "<h2>Due in 72 hours</h2>\n<p>Nothing.</p>\n".to_owned();
    }
    let rows: Vec<Vec<String>> = b
        .deadlines
        .iter()
        .take(say::DEADLINES)
        .map(|d| deadline(b, d))
        .collect();
    heading("Overdue, and due in 72 hours")
        + &table("wide", &["When", "What", "Hosts", "Rule"], &rows)
        + &rest(b.deadlines.len(), say::DEADLINES)
}

fn deadline(b: &Briefing, d: &Deadline) -> Vec<String> {
    let class = match d.urgency {
        Urgency::Overdue => "alarm",
        Urgency::Day => "warn",
        Urgency::ThreeDays => "calm",
    };
    vec![
        format!(
            "<span class=\"flag {class}\">{}</span>",
            html(&say::when(d, b.now))
        ),
        format!(
            "{}<br><span class=\"soft small\">{}</span>",
            html(&say::task(d)),
            html(&say::reasons(d))
        ),
        html(&say::places(&d.hosts, &d.owners)).into_owned(),
        format!("<span class=\"soft\">{}</span>", html(&say::rule(d))),
    ]
}

fn exploited(b: &Briefing) -> String {
    let summary = format!("<p>{}.</p>\n", html(&say::exploited_summary(&b.exploited)));
    let items: String = b
        .exploited
        .new
        .iter()
        .take(say::EXPLOITED)
        .map(exploited_item)
        .collect();
    let items = if items.is_empty() {
        items
    } else {
        format!("<ul>\n{items}</ul>\n")
    };
    heading("Newly exploited") + &summary + &items + &rest(b.exploited.new.len(), say::EXPLOITED)
}

fn exploited_item(e: &ExploitedEntry) -> String {
    let verdict = html(&say::exploited_verdict(e)).into_owned();
    let verdict = match e.verdict {
        Verdict::Ours { .. } | Verdict::Suppressed { .. } => format!("<b>{verdict}</b>"),
        Verdict::NotFound | Verdict::CannotSay => verdict,
    };
    format!(
        "<li><span class=\"id\">{}</span> <span class=\"soft\">{}.</span> {verdict}</li>\n",
        e.cve,
        html(&say::exploited_about(e))
    )
}

fn patches(b: &Briefing) -> String {
    if b.patches.is_empty() {
        return "<h2>Patches in order</h2>\n<p>None to install.</p>\n".to_owned();
    }
    let rows: Vec<Vec<String>> = b
        .patches
        .iter()
        .take(say::PATCHES)
        .enumerate()
        .map(|(n, p)| patch(b, n + 1, p))
        .collect();
    let more = say::patches_rest(&b.patches)
        .map(|r| format!("<p class=\"rest\">{}.</p>\n", html(&r)))
        .unwrap_or_default();
    heading("Patches in order")
        + &table("wide", &["#", "Patch", "Hosts", "Closes", "Due"], &rows)
        + &more
}

fn patch(b: &Briefing, rank: usize, p: &PatchLine) -> Vec<String> {
    let exploited = match p.known_exploited {
        0 => String::new(),
        n => format!(" <span class=\"flag alarm\">{n} KEV</span>"),
    };
    let epss = p.epss.map_or_else(String::new, |e| {
        format!(" <span class=\"soft small\">EPSS {}</span>", probability(e))
    });
    vec![
        format!("<span class=\"soft\">{rank}</span>"),
        format!(
            "<b>{}</b> <span class=\"id\">{}</span>",
            html(&p.package),
            html(
                say::upgrade(p)
                    .strip_prefix(p.package.as_str())
                    .unwrap_or_default()
            )
        ),
        html(&say::places(&p.hosts, &p.owners)).into_owned(),
        format!(
            "{}{exploited} <span class=\"flag sev-{word}\">{word}</span>{epss}",
            p.findings,
            word = severity(p.severity)
        ),
        html(&say::patch_due(p, b.now)).into_owned(),
    ]
}

fn no_fix(b: &Briefing) -> String {
    if b.no_fix.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = b
        .no_fix
        .iter()
        .take(say::NO_FIX)
        .map(say::without_fix)
        .collect();
    list("Nothing to install for", &lines) + &rest(b.no_fix.len(), say::NO_FIX)
}

fn unknowns(b: &Briefing) -> String {
    let mut lines: Vec<String> = b
        .unknowns
        .iter()
        .take(say::UNKNOWNS)
        .map(say::unknown)
        .collect();
    lines.extend(say::rest(b.unknowns.len(), say::UNKNOWNS));
    lines.extend(say::set_aside(b));
    if lines.is_empty() {
        lines.push("Nothing that could be told from here.".to_owned());
    }
    list("Not known, and set aside", &lines)
}

/// The two pictures; none on a day without findings.
fn figures(b: &Briefing) -> String {
    if b.scope.findings == 0 {
        return String::new();
    }
    let (severities, days) = (severity_chart(b), days_chart(b));
    format!(
        "{}<div class=\"figures\">\n{}{}</div>\n",
        heading("In pictures"),
        figure(&severities, &severities.bars()),
        figure(&days, &days.columns())
    )
}

fn figure(chart: &Chart, svg: &str) -> String {
    format!(
        "<figure>\n<figcaption>{}</figcaption>\n{svg}\n<details><summary>The same as a table</summary>{}</details>\n</figure>\n",
        html(&chart.title),
        chart.table()
    )
}

fn severity_chart(b: &Briefing) -> Chart {
    let values: Vec<Value> = b
        .scope
        .by_severity
        .iter()
        .map(|(s, n)| Value {
            label: severity(*s).to_owned(),
            amount: *n as u64,
            class: severity_class(*s),
        })
        .collect();
    Chart {
        id: "severities",
        title: "Open findings by severity".to_owned(),
        about: about(&values),
        values,
    }
}

fn days_chart(b: &Briefing) -> Chart {
    let today = b.now.to_zoned(TimeZone::UTC).date();
    let near = today.saturating_add(jiff::Span::new().days(3));
    let values: Vec<Value> = b
        .days_ahead
        .iter()
        .map(|d| Value {
            label: d.day.strftime("%d").to_string(),
            amount: d.findings as u64,
            class: if d.day <= near { "near" } else { "later" },
        })
        .collect();
    let title = match (b.days_ahead.first(), b.days_ahead.last()) {
        (Some(first), Some(last)) => {
            format!("Findings falling due a day, {} to {}", first.day, last.day)
        }
        _ => "Findings falling due a day".to_owned(),
    };
    Chart {
        id: "days",
        title,
        about: about(&values),
        values,
    }
}

fn about(values: &[Value]) -> String {
    values
        .iter()
        .filter(|v| v.amount > 0)
        .map(|v| format!("{}: {}", v.label, v.amount))
        .collect::<Vec<_>>()
        .join(", ")
}

const fn severity_class(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "sev-critical",
        Some(Severity::High) => "sev-high",
        Some(Severity::Medium) => "sev-medium",
        Some(Severity::Low) => "sev-low",
        Some(Severity::None) => "sev-none",
        None => "sev-unknown",
    }
}

fn heading(text: &str) -> String {
    format!("<h2>{}</h2>\n", html(text))
}

fn list(title: &str, lines: &[String]) -> String {
    let items: String = lines
        .iter()
        .map(|l| format!("<li>{}</li>\n", html(l)))
        .collect();
    format!("{}<ul>\n{items}</ul>\n", heading(title))
}

fn rest(total: usize, shown: usize) -> String {
    say::rest(total, shown)
        .map(|r| format!("<p class=\"rest\">{r}; the JSON has all.</p>\n"))
        .unwrap_or_default()
}
