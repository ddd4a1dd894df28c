//! The scan as GitHub Flavored Markdown, for a pull request, a ticket or a chat.

use drawing::escape::{markdown as md, markdown_code as code};
use drawing::text::{count, thousands};
use fleet::finding::Finding;
use fleet::patch::{Patch, patches};

use crate::renderers::{Options, ScanRenderer};
use crate::scan::{ScanReport, Target};
use crate::vulnerability::{Vulnerability, fold};
use crate::wording;

/// Rows shown under one patch before the rest is only counted.
const ROWS_A_PATCH: usize = 10;
/// Notes shown before the rest is only counted.
const NOTES: usize = 20;

/// The format.
pub(in crate::renderers) struct Markdown;

impl ScanRenderer for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }

    fn about(&self) -> &'static str {
        "for a pull request, a ticket or a chat"
    }

    fn media_type(&self) -> &'static str {
        "text/markdown; charset=utf-8"
    }

    fn render(&self, report: &ScanReport, _: &Options) -> String {
        let patches = patches(&report.findings);
        let (fixable, open): (Vec<&Patch>, Vec<&Patch>) =
            patches.iter().partition(|p| p.to.is_some());
        let mut out = format!(
            "# Daywatch scan\n\n{}\n",
            md(&wording::totals(report, &patches))
        );
        out.push_str(&targets(report));
        out.extend(fixable.iter().map(|p| patch(report, p)));
        out.push_str(&no_fix(report, &open));
        out.push_str(&suppressed(report));
        out.push_str(&notes(report));
        out
    }
}

fn targets(report: &ScanReport) -> String {
    let lines: String = report
        .targets
        .iter()
        .zip(report.found())
        .map(|(t, found)| target(report, t, found))
        .collect();
    if lines.is_empty() {
        lines
    } else {
        format!("\n{lines}")
    }
}

fn target(report: &ScanReport, target: &Target, found: usize) -> String {
    let verdict = match (found, wording::uncovered(target)) {
        (0, _) => wording::nothing_found(target, &report.catalog),
        (n, 0) => count(n, "finding", "findings"),
        (n, _) => format!(
            "{}; not covered: {}",
            count(n, "finding", "findings"),
            wording::ecosystems(target)
        ),
    };
    let what = target.os.as_deref().unwrap_or(target.kind);
    format!(
        "- {} ({}, {}): {}\n",
        code(&target.name),
        md(what),
        count(target.packages, "package", "packages"),
        md(&verdict)
    )
}

fn findings<'a>(report: &'a ScanReport, patch: &'a Patch) -> impl Iterator<Item = &'a Finding> {
    patch
        .findings
        .iter()
        .filter_map(|&i| report.findings.get(i))
}

fn patch(report: &ScanReport, patch: &Patch) -> String {
    let due = match &patch.due {
        Some((by, policy)) => format!("{} ({policy})", wording::due(*by, report.now)),
        None => "no deadline".to_owned(),
    };
    let hosts: Vec<String> = patch
        .targets
        .iter()
        .filter_map(|&t| report.targets.get(t))
        .map(|t| code(&t.name))
        .collect();
    let (hosts, more) = hosts.split_at(hosts.len().min(10));
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(" and {} more", more.len())
    };
    // With one target the page has named it already.
    let place = match report.targets.len() {
        1 => String::new(),
        _ => format!(" · on {}{more}", hosts.join(", ")),
    };
    format!(
        "\n## {}\n\n**{}** · {}{place}\n\n{}",
        md(&wording::upgrade(patch).replacen("upgrade", "Upgrade", 1)),
        md(&wording::closes(patch)),
        md(&due),
        rows(&fold(findings(report, patch)), |_| String::new())
    )
}

fn rows(rows: &[Vulnerability<'_>], state: impl Fn(&Vulnerability<'_>) -> String) -> String {
    let mut out = "| Vulnerability | Severity | CVSS | EPSS | KEV | Package |\n| --- | --- | ---: | ---: | --- | --- |\n".to_owned();
    for v in rows.iter().take(ROWS_A_PATCH) {
        out.push_str(&row(v, &state(v)));
    }
    if rows.len() > ROWS_A_PATCH {
        out.push_str(&format!(
            "\n{} more; the JSON format has all.\n",
            thousands(rows.len() - ROWS_A_PATCH)
        ));
    }
    out
}

fn row(v: &Vulnerability<'_>, state: &str) -> String {
    let packages: Vec<String> = v.packages().iter().map(|p| code(p)).collect();
    let kev = v
        .worst
        .kev
        .as_ref()
        .map_or_else(String::new, |k| format!("since {}", k.added));
    let disagree = if v.conflicts().is_empty() {
        ""
    } else {
        "; sources disagree"
    };
    format!(
        "| {} | {} | {} | {} | {kev} | {}{}{disagree} |\n",
        md(&v.label),
        md(v.rating()),
        v.score()
            .map_or_else(String::new, |s| format!("{:.1}", s.scored.score())),
        v.worst
            .epss
            .as_ref()
            .map_or_else(String::new, |e| md(&wording::probability(e.score))),
        packages.join(", "),
        if state.is_empty() {
            String::new()
        } else {
            format!(": {}", md(state))
        }
    )
}

fn no_fix(report: &ScanReport, patches: &[&Patch]) -> String {
    let all = patches.iter().flat_map(|p| findings(report, p));
    let (unimportant, all): (Vec<&Finding>, Vec<&Finding>) = all.partition(|f| f.is_unimportant());
    let folded = wording::unimportant(unimportant.len())
        .map(|line| format!("\n{line}.\n"))
        .unwrap_or_default();
    let all = fold(all);
    if all.is_empty() {
        return folded;
    }
    let state = |v: &Vulnerability<'_>| wording::no_fix(v.worst.fix_state).to_owned();
    format!("\n## Nothing to install\n\n{}{folded}", rows(&all, state))
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
                "- {}: {} ({}, {until})\n",
                md(&s.scope),
                md(&s.reason),
                md(&s.owner)
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
            let target = n
                .place()
                .map(|t| format!("{}: ", code(t)))
                .unwrap_or_default();
            format!(
                "- {}: {target}{}\n",
                n.note.level.as_str(),
                md(&n.note.to_string())
            )
        })
        .collect();
    if all.len() > NOTES {
        lines.push(format!(
            "- {} more; the JSON format has all\n",
            thousands(all.len() - NOTES)
        ));
    }
    section("Notes", &lines)
}

fn section(heading: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        String::new()
    } else {
        format!("\n## {heading}\n\n{}", lines.concat())
    }
}
