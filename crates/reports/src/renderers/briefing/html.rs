//! The briefing as a web page: one self-contained file for the screen, the phone and the printer.

use drawing::escape::html;
use drawing::text::thousands;
use jiff::tz::TimeZone;

use super::sentences as say;
use crate::briefing::{Briefing, ExploitedEntry, PatchLine, Status, Urgency, Verdict};
use crate::renderers::figures;
use crate::renderers::page::{page, phrase, table};
use crate::renderers::{BriefingRenderer, Options};
use crate::wording::{lower_first, probability, severity};

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
        page(&title, &body(briefing))
    }
}

/// What stands between the head and the foot of the page, for who has a page around it already.
pub fn body(briefing: &Briefing) -> String {
    let parts = [
        head(briefing),
        deadlines(briefing),
        exploited(briefing),
        patches(briefing),
        listed("Installed, not running", &say::standing::restarts(briefing)),
        no_fix(briefing),
        owners(briefing),
        changes(briefing),
        listed(
            "Mitigated, seen by report",
            &say::standing::mitigated(briefing),
        ),
        unknowns(briefing),
        figures(briefing),
        format!("<footer>{}.</footer>\n", html(&say::sources(briefing))),
    ];
    parts.concat()
}

fn head(b: &Briefing) -> String {
    let urgent = if b.deadlines.is_empty() {
        ""
    } else {
        " urgent"
    };
    format!(
        "<header>\n<p class=\"kicker\">Daywatch briefing · {}</p>\n<p class=\"status {}\">{} {}</p>\n<h1>{}.</h1>\n\
         <p class=\"action{urgent}\"><b>{}:</b> {}</p>\n{}<p class=\"soft small\">{}.</p>\n</header>\n",
        html(&say::date(b)),
        b.status.as_str(),
        sign(b.status),
        say::status(b.status),
        phrase(&b.headline),
        say::action_label(b),
        phrase(&say::action(b)),
        totals(b),
        html(&say::looked_at(b)),
    )
}

/// The figures of the day, each with what it was.
fn totals(b: &Briefing) -> String {
    let (s, c) = (&b.scope, b.changes.as_ref());
    let cells = [
        total(
            "open findings",
            s.findings,
            c.map(|c| c.findings_before),
            false,
        ),
        total(
            "overdue",
            s.overdue,
            c.map(|c| c.overdue_before),
            s.overdue > 0,
        ),
        total(
            &format!("known exploited{}", s.distinct_cves()),
            s.known_exploited,
            c.map(|c| c.known_exploited_before),
            s.known_exploited > 0,
        ),
        total("patches to install", b.patches.len(), None, false),
        standing("mitigated", s.mitigated),
        standing("await a restart", s.await_restart),
    ];
    format!("<dl class=\"totals\">\n{}</dl>\n", cells.concat())
}

fn total(name: &str, now: usize, before: Option<usize>, bad: bool) -> String {
    let was = before.filter(|b| *b != now).map_or_else(String::new, |b| {
        format!("<span class=\"was\">was {}</span>", thousands(b))
    });
    let class = if bad { " class=\"bad\"" } else { "" };
    format!(
        "<div><dt>{name}</dt><dd{class}>{}{was}</dd></div>\n",
        thousands(now)
    )
}

/// A figure that stands beside the open ones, where there is any.
fn standing(name: &str, now: usize) -> String {
    match now {
        0 => String::new(),
        _ => total(name, now, None, false),
    }
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
        return quiet("Due in 72 hours", "nothing");
    }
    let rows: Vec<Vec<String>> = say::deadlines::shown(b)
        .into_iter()
        .map(|line| deadline(b, &line))
        .collect();
    heading("Overdue, and due in 72 hours")
        + &table("wide second", &["When", "What", "Hosts", "Rule"], &rows)
        + &say::deadlines::rest(b)
            .map(|r| format!("<p class=\"rest\">{r}; the JSON has all.</p>\n"))
            .unwrap_or_default()
}

fn deadline(b: &Briefing, line: &say::deadlines::Line<'_>) -> Vec<String> {
    let d = line.deadline;
    let class = match line.urgency() {
        Urgency::Overdue => "alarm",
        Urgency::Day => "warn",
        Urgency::ThreeDays => "calm",
    };
    let seen = say::deadlines::seen_since(b, line).map_or_else(String::new, |seen| {
        format!("<br><span class=\"soft small\">{}</span>", phrase(&seen))
    });
    vec![
        format!(
            "<span class=\"flag {class}\">{}</span>{seen}",
            html(&say::deadlines::when(line, b.now))
        ),
        format!(
            "{}<br><span class=\"soft small\">{}</span>",
            phrase(&say::deadlines::task(line)),
            phrase(&say::deadlines::reasons(line))
        ),
        phrase(&say::places(&d.hosts, &d.owners)),
        format!(
            "<span class=\"soft\">{}</span>",
            phrase(&say::deadlines::rule(line))
        ),
    ]
}

fn exploited(b: &Briefing) -> String {
    let summary = say::exploited::summary(&b.exploited);
    if b.exploited.new.is_empty() {
        return quiet("Newly exploited", &lower_first(&summary));
    }
    let summary = format!("<p>{}.</p>\n", html(&summary));
    let items: String = b
        .exploited
        .new
        .iter()
        .take(say::EXPLOITED)
        .map(exploited_item)
        .collect();
    let items = format!("<ul>\n{items}</ul>\n");
    heading("Newly exploited") + &summary + &items + &rest(b.exploited.new.len(), say::EXPLOITED)
}

fn exploited_item(e: &ExploitedEntry) -> String {
    let verdict = phrase(&say::exploited::verdict(e));
    let verdict = match e.verdict {
        Verdict::Ours { .. }
        | Verdict::Suppressed { .. }
        | Verdict::Held { .. }
        | Verdict::Check { .. } => {
            format!("<b>{verdict}</b>")
        }
        Verdict::NotFound { .. } | Verdict::CannotSay { .. } => verdict,
    };
    format!(
        "<li><span class=\"id\">{}</span> <span class=\"soft\">{}.</span> {verdict}</li>\n",
        e.cve,
        html(&say::exploited::about(e))
    )
}

fn patches(b: &Briefing) -> String {
    if b.patches.is_empty() {
        return quiet("Patches", "none to install");
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
        + &table(
            "wide ranked second",
            &["#", "Patch", "Hosts", "Findings", "Due"],
            &rows,
        )
        + &more
}

fn patch(b: &Briefing, rank: usize, p: &PatchLine) -> Vec<String> {
    let exploited = match p.known_exploited {
        0 => String::new(),
        n => format!(" <span class=\"flag alarm\">{n} KEV</span>"),
    };
    let epss = p.epss.map_or_else(String::new, |e| {
        format!(
            " <span class=\"soft small nb\">EPSS {}</span>",
            probability(e)
        )
    });
    vec![
        format!("<span class=\"soft nb\">{rank}</span>"),
        format!(
            "<b>{}</b> <span class=\"id\">{}</span>",
            html(&p.package),
            html(
                say::upgrade(p)
                    .strip_prefix(p.package.as_str())
                    .unwrap_or_default()
            )
        ),
        phrase(&say::places(&p.hosts, &p.owners)),
        format!(
            "{}{exploited} <span class=\"flag sev-{}\">{}</span>{epss}",
            p.findings,
            severity(p.severity),
            say::rated(p.severity)
        ),
        patch_due(b, p),
    ]
}

fn patch_due(b: &Briefing, p: &PatchLine) -> String {
    let words = phrase(&say::patch_due(p, b.now));
    if p.due.as_ref().is_some_and(|(by, _)| *by < b.now) {
        format!("<b class=\"late\">{words}</b>")
    } else {
        words
    }
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

fn owners(b: &Briefing) -> String {
    let parts = say::owners::parts(b);
    if parts.is_empty() {
        return String::new();
    }
    let rest = say::owners::rest(b)
        .map(|r| format!("<p class=\"rest\">{r}; the JSON has all.</p>\n"))
        .unwrap_or_default();
    let parts: String = parts.iter().map(owner).collect();
    heading("By owner") + "<ul class=\"owners\">\n" + &parts + "</ul>\n" + &rest
}

fn owner(part: &say::owners::Part) -> String {
    let steps: String = part
        .steps
        .iter()
        .map(|s| format!("<li>{}</li>\n", phrase(s)))
        .collect();
    format!(
        "<li><b>{}</b>\n<ul class=\"steps\">\n{steps}</ul>\n</li>\n",
        phrase(&part.head)
    )
}

fn changes(b: &Briefing) -> String {
    let (title, lines) = (say::changes::heading(b), say::changes::lines(b));
    match lines.as_slice() {
        [only] => quiet(&title, lower_first(only).trim_end_matches('.')),
        _ => list(&title, &lines),
    }
}

fn unknowns(b: &Briefing) -> String {
    let mut lines: Vec<String> = b
        .unknowns
        .iter()
        .take(say::UNKNOWNS)
        .map(say::unknown)
        .collect();
    lines.extend(say::rest(b.unknowns.len(), say::UNKNOWNS));
    lines.extend(say::set_aside::lines(b));
    if lines.is_empty() {
        return quiet("Not known", "nothing that could be told from here");
    }
    list("Not known, and set aside", &lines)
}

/// A section that is left out when nothing is in it.
fn listed(title: &str, lines: &[String]) -> String {
    match lines {
        [] => String::new(),
        lines => list(title, lines),
    }
}

/// The pictures; none on a day without findings or a past to show.
fn figures(b: &Briefing) -> String {
    let trends = figures::trends(&b.trend);
    if b.scope.findings == 0 && trends.is_empty() {
        return String::new();
    }
    format!(
        "{}<div class=\"figures\">\n{}{trends}</div>\n",
        heading("In pictures"),
        today_in_pictures(b)
    )
}

fn today_in_pictures(b: &Briefing) -> String {
    if b.scope.findings == 0 {
        return String::new();
    }
    let near = b
        .now
        .to_zoned(TimeZone::UTC)
        .date()
        .saturating_add(jiff::Span::new().days(3));
    figures::severities(&b.scope.by_severity) + &figures::days(&b.days_ahead, near)
}

fn heading(text: &str) -> String {
    format!("<h2>{}</h2>\n", html(text))
}

/// A section without anything in it: a line, so that a quiet day is a short page.
fn quiet(title: &str, words: &str) -> String {
    format!(
        "<p class=\"quiet\"><b>{}:</b> {}.</p>\n",
        html(title),
        html(words)
    )
}

fn list(title: &str, lines: &[String]) -> String {
    let items: String = lines
        .iter()
        .map(|l| format!("<li>{}</li>\n", phrase(l)))
        .collect();
    format!("{}<ul>\n{items}</ul>\n", heading(title))
}

fn rest(total: usize, shown: usize) -> String {
    say::rest(total, shown)
        .map(|r| format!("<p class=\"rest\">{r}; the JSON has all.</p>\n"))
        .unwrap_or_default()
}
