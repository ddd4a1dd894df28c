//! The scan as a web page: one self-contained file, patches first, with a picture of the severities.

use std::collections::BTreeMap;

use base::{Level, Severity};
use drawing::escape::{html, web_link};
use drawing::text::{count, thousands};
use fleet::finding::Finding;
use fleet::patch::{Patch, patches};

use crate::renderers::figures::severities;
use crate::renderers::page::{page, phrase, table};
use crate::renderers::{Options, ScanRenderer};
use crate::scan::{ScanReport, Target};
use crate::vulnerability::{Vulnerability, fold};
use crate::wording;

/// Rows shown under one patch before the rest is only counted.
const ROWS_A_PATCH: usize = 40;
/// Names listed in one line before the rest is only counted.
const NAMES: usize = 8;
/// Notes shown before the rest is only counted.
const NOTES: usize = 40;

/// The format.
pub(in crate::renderers) struct Html;

impl ScanRenderer for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn about(&self) -> &'static str {
        "one self-contained page: light and dark, phone and print"
    }

    fn media_type(&self) -> &'static str {
        "text/html; charset=utf-8"
    }

    fn render(&self, report: &ScanReport, _: &Options) -> String {
        let patches = patches(&report.findings);
        let (fixable, open): (Vec<&Patch>, Vec<&Patch>) =
            patches.iter().partition(|p| p.to.is_some());
        let mut body = head(report, fixable.len());
        body.push_str(&targets(report));
        body.extend(fixable.iter().map(|p| patch(report, p)));
        body.push_str(&no_fix(report, &open));
        body.push_str(&suppressed(report));
        body.push_str(&notes(report));
        body.push_str(&format!(
            "<footer>{}.</footer>\n",
            html(&wording::totals(report, &patches))
        ));
        page(&title(report), &body)
    }
}

/// How many findings have each severity.
fn counts(report: &ScanReport) -> Vec<(Option<Severity>, usize)> {
    let mut counts: BTreeMap<Option<Severity>, usize> = BTreeMap::new();
    for finding in &report.findings {
        *counts.entry(finding.severity).or_default() += 1;
    }
    counts.into_iter().collect()
}

fn title(report: &ScanReport) -> String {
    match report.findings.len() {
        0 => "Daywatch scan: no findings".to_owned(),
        n => format!("Daywatch scan: {}", count(n, "finding", "findings")),
    }
}

fn head(report: &ScanReport, patches: usize) -> String {
    let kev = report.findings.iter().filter(|f| f.kev.is_some()).count();
    let overdue = report
        .findings
        .iter()
        .filter(|f| f.due().is_some_and(|by| by < report.now))
        .count();
    let figures = [
        total("open findings", report.findings.len(), false),
        total("overdue", overdue, overdue > 0),
        total("known exploited", kev, kev > 0),
        total("patches to install", patches, false),
        total("suppressed", report.suppressed.len(), false),
    ];
    let chart = if report.findings.is_empty() {
        String::new()
    } else {
        severities(&counts(report))
    };
    format!(
        "<header>\n<p class=\"kicker\">Daywatch scan · {}</p>\n<h1>{}</h1>\n<dl class=\"totals\">\n{}</dl>\n\
         <p class=\"soft small\">{}.</p>\n</header>\n{chart}",
        wording::day(report.now),
        html(&title(report).replacen("Daywatch scan: ", "", 1)),
        figures.concat(),
        html(&wording::catalog(&report.catalog).replacen("catalog", "Catalog", 1)),
    )
}

fn total(name: &str, number: usize, bad: bool) -> String {
    let class = if bad { " class=\"bad\"" } else { "" };
    format!(
        "<div><dt>{name}</dt><dd{class}>{}</dd></div>\n",
        thousands(number)
    )
}

fn targets(report: &ScanReport) -> String {
    let rows: Vec<Vec<String>> = report
        .targets
        .iter()
        .zip(report.found())
        .map(|(t, found)| target(report, t, found))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<h2>Targets</h2>\n{}",
        table("wide", &["Target", "What", "Packages", "Found"], &rows)
    )
}

fn target(report: &ScanReport, target: &Target, found: usize) -> Vec<String> {
    let uncovered = wording::uncovered(target);
    let verdict = match (found, uncovered) {
        (0, n) if n >= target.packages => format!(
            "<span class=\"flag warn\">{}</span>",
            html(&wording::nothing_found(target, &report.catalog))
        ),
        (0, _) => "<span class=\"flag good\">no known vulnerabilities</span>".to_owned(),
        (n, _) => count(n, "finding", "findings"),
    };
    let rest = if uncovered > 0 && uncovered < target.packages {
        format!(
            "<br><span class=\"soft small\">not covered: {}</span>",
            html(&wording::ecosystems(target))
        )
    } else {
        String::new()
    };
    vec![
        format!("<b>{}</b>", phrase(&target.name)),
        html(target.os.as_deref().unwrap_or(target.kind)).into_owned(),
        thousands(target.packages),
        format!("{verdict}{rest}"),
    ]
}

fn findings<'a>(report: &'a ScanReport, patch: &'a Patch) -> impl Iterator<Item = &'a Finding> {
    patch
        .findings
        .iter()
        .filter_map(|&i| report.findings.get(i))
}

fn patch(report: &ScanReport, patch: &Patch) -> String {
    let (class, due) = match &patch.due {
        Some((by, policy)) => (
            if *by < report.now { "late" } else { "" },
            format!("{} ({policy})", wording::due(*by, report.now)),
        ),
        None => ("soft", "no deadline".to_owned()),
    };
    let names: Vec<String> = patch
        .targets
        .iter()
        .filter_map(|&t| report.targets.get(t))
        .map(|t| t.name.clone())
        .collect();
    // With one target the page has named it already.
    let place = match report.targets.len() {
        1 => String::new(),
        _ => format!(" · on {}", phrase(&wording::first_names(&names, NAMES))),
    };
    format!(
        "<h2>{}</h2>\n<p>{} · <span class=\"{class}\">{}</span>{place}</p>\n{}",
        phrase(&wording::upgrade(patch).replacen("upgrade", "Upgrade", 1)),
        html(&wording::closes(patch)),
        phrase(&due),
        vulnerabilities(&fold(findings(report, patch)), &patch.package)
    )
}

fn no_fix(report: &ScanReport, patches: &[&Patch]) -> String {
    let all = patches.iter().flat_map(|p| findings(report, p));
    let (unimportant, all): (Vec<&Finding>, Vec<&Finding>) = all.partition(|f| f.is_unimportant());
    let folded = wording::unimportant(unimportant.len())
        .map(|line| format!("<p class=\"rest\">{line}.</p>\n"))
        .unwrap_or_default();
    match fold(all) {
        all if all.is_empty() => folded,
        all => format!(
            "<h2>Nothing to install</h2>\n{}{folded}",
            vulnerabilities(&all, "")
        ),
    }
}

/// A table of vulnerabilities; packages are named where they are not the patch's own name.
fn vulnerabilities(all: &[Vulnerability<'_>], patch: &str) -> String {
    let shown = all.iter().take(ROWS_A_PATCH);
    let rows: Vec<Vec<String>> = shown.map(|v| vulnerability(v, patch)).collect();
    let rest = match all.len() {
        n if n > ROWS_A_PATCH => format!(
            "<p class=\"rest\">{} more; the JSON format has all.</p>\n",
            thousands(n - ROWS_A_PATCH)
        ),
        _ => String::new(),
    };
    table(
        "wide last",
        &["Vulnerability", "Severity", "EPSS", "Why"],
        &rows,
    ) + &rest
}

fn vulnerability(v: &Vulnerability<'_>, patch: &str) -> Vec<String> {
    let word = wording::severity(v.worst.severity);
    let score = v
        .score()
        .map_or_else(String::new, |s| format!(" {:.1}", s.scored.score()));
    let kev = v.worst.kev.as_ref().map_or_else(String::new, |k| {
        format!(" <span class=\"flag alarm\">KEV since {}</span>", k.added)
    });
    let epss = v
        .worst
        .epss
        .as_ref()
        .map_or_else(String::new, |e| wording::probability(e.score));
    vec![
        link(v),
        format!(
            "<span class=\"flag sev-{word}\">{}{score}</span>{kev}",
            html(v.rating())
        ),
        html(&epss).into_owned(),
        why(v, patch),
    ]
}

fn why(v: &Vulnerability<'_>, patch: &str) -> String {
    let names: Vec<String> = v.packages().into_iter().map(str::to_owned).collect();
    let names = if names == [patch] {
        String::new()
    } else {
        format!("{}: ", phrase(&wording::first_names(&names, NAMES)))
    };
    let state = match wording::fix(v.worst) {
        Some(_) => String::new(),
        None => format!("{}; ", wording::no_fix(v.worst.fix_state)),
    };
    let conflicts: String = v
        .conflicts()
        .iter()
        .map(|c| format!("<br>Sources disagree: {}", phrase(c)))
        .collect();
    format!(
        "{names}<span class=\"soft small\">{}{}{conflicts}</span>",
        html(&state),
        phrase(&v.worst.why)
    )
}

/// The id, linked to its best reference; the link says nothing of where it came from.
fn link(v: &Vulnerability<'_>) -> String {
    let id = format!("<span class=\"id nb\">{}</span>", html(&v.label));
    match v.worst.references.iter().find_map(|r| web_link(r)) {
        Some(address) => format!(
            "<a href=\"{}\" rel=\"noreferrer noopener nofollow\">{id}</a>",
            html(&address)
        ),
        None => id,
    }
}

fn suppressed(report: &ScanReport) -> String {
    let mut lines: Vec<String> = report
        .suppressed
        .iter()
        .map(|(_, s)| {
            let until = s.until.map_or_else(
                || "no end date".to_owned(),
                |u| format!("until {}", wording::day(u)),
            );
            format!(
                "<li>{}: {} <span class=\"soft\">({}, {until})</span></li>\n",
                phrase(&s.scope),
                phrase(&s.reason),
                phrase(&s.owner)
            )
        })
        .collect();
    lines.dedup();
    section("Suppressed", &lines)
}

fn notes(report: &ScanReport) -> String {
    let all: Vec<_> = report.all_notes().collect();
    let mut lines: Vec<String> = all
        .iter()
        .take(NOTES)
        .map(|n| {
            let class = match n.note.level {
                Level::Error => "alarm",
                Level::Warning => "warn",
                Level::Info => "calm",
            };
            format!(
                "<li><span class=\"flag {class}\">{}</span> {}</li>\n",
                n.note.level.as_str(),
                phrase(&n.to_string())
            )
        })
        .collect();
    if all.len() > NOTES {
        lines.push(format!(
            "<li>{} more; the JSON format has all</li>\n",
            thousands(all.len() - NOTES)
        ));
    }
    section("Notes", &lines)
}

fn section(heading: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        String::new()
    } else {
        format!("<h2>{heading}</h2>\n<ul>\n{}</ul>\n", lines.concat())
    }
}
