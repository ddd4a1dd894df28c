//! The briefing as GitHub Flavored Markdown, for a chat, a ticket or a wiki.

use drawing::escape::markdown as md;

use super::sentences as say;
use crate::briefing::Briefing;
use crate::renderers::{BriefingRenderer, Options};

/// The format.
pub(in crate::renderers) struct Markdown;

impl BriefingRenderer for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }

    fn about(&self) -> &'static str {
        "for a chat, a ticket or a wiki"
    }

    fn media_type(&self) -> &'static str {
        "text/markdown; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "md"
    }

    fn render(&self, briefing: &Briefing, _: &Options) -> String {
        [
            head(briefing),
            deadlines(briefing),
            exploited(briefing),
            patches(briefing),
            listed("Installed, not running", &say::standing::restarts(briefing)),
            no_fix(briefing),
            owners(briefing),
            section(
                &say::changes::heading(briefing),
                &say::changes::lines(briefing),
            ),
            say::fleet::trend(briefing)
                .map(|trend| format!("\nTrend, {}.\n", md(&trend)))
                .unwrap_or_default(),
            listed(
                "Mitigated, seen by report",
                &say::standing::mitigated(briefing),
            ),
            unknowns(briefing),
            format!("\n---\n\n{}.\n", md(&say::sources(briefing))),
        ]
        .concat()
    }
}

fn head(b: &Briefing) -> String {
    format!(
        "# Briefing, {}: {}\n\n**{}.**\n\n**{}:** {}\n\n{}.\n",
        md(&say::date(b)),
        say::status(b.status),
        md(&b.headline),
        say::action_label(b),
        md(&say::action(b)),
        md(&say::scope(b))
    )
}

fn deadlines(b: &Briefing) -> String {
    if b.deadlines.is_empty() {
        return section("Due in 72 hours", &["Nothing.".to_owned()]);
    }
    let mut out = "\n## Overdue, and due in 72 hours\n\n| When | What | Hosts | Why | Rule |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for line in say::deadlines::shown(b) {
        let d = line.deadline;
        let cells = [
            say::deadlines::when(&line, b.now),
            say::deadlines::task(&line),
            say::places(&d.hosts, &d.owners),
            say::deadlines::reasons(&line),
            match say::deadlines::seen_since(b, &line) {
                Some(seen) => format!("{}; {seen}", say::deadlines::rule(&line)),
                None => say::deadlines::rule(&line),
            },
        ];
        out.push_str(&row(&cells));
    }
    let rest = say::deadlines::rest(b).map(|r| format!("\n{r}.\n"));
    out + &rest.unwrap_or_default()
}

fn exploited(b: &Briefing) -> String {
    let mut lines = vec![format!("{}.", say::exploited::summary(&b.exploited))];
    let shown = b.exploited.new.iter().take(say::EXPLOITED);
    lines.extend(shown.map(|e| {
        format!(
            "{} {}: {}",
            e.cve,
            say::exploited::about(e),
            say::exploited::verdict(e)
        )
    }));
    section("Newly exploited", &lines) + &rest(b.exploited.new.len(), say::EXPLOITED)
}

fn patches(b: &Briefing) -> String {
    if b.patches.is_empty() {
        return section("Patches in order", &["None to install.".to_owned()]);
    }
    let mut out = "\n## Patches in order\n\n| # | Patch | Hosts | Closes | Due |\n| ---: | --- | --- | --- | --- |\n".to_owned();
    for (n, p) in b.patches.iter().take(say::PATCHES).enumerate() {
        let cells = [
            (n + 1).to_string(),
            say::upgrade(p),
            say::places(&p.hosts, &p.owners),
            say::patch_closes(p),
            say::patch_due(p, b.now),
        ];
        out.push_str(&row(&cells));
    }
    let more = say::patches_rest(&b.patches)
        .map(|r| format!("\n{}.\n", md(&r)))
        .unwrap_or_default();
    out + &more
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
    section("Nothing to install for", &lines) + &rest(b.no_fix.len(), say::NO_FIX)
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
        lines.push("Nothing that could be told from here.".to_owned());
    }
    section("Not known, and set aside", &lines)
}

fn owners(b: &Briefing) -> String {
    let parts = say::owners::parts(b);
    if parts.is_empty() {
        return String::new();
    }
    let mut out = "\n## By owner\n\n".to_owned();
    for part in &parts {
        out.push_str(&format!("- **{}**\n", md(&part.head)));
        for step in &part.steps {
            out.push_str(&format!("  - {}\n", md(step)));
        }
    }
    let rest = say::owners::rest(b).map(|r| format!("\n{r}.\n"));
    out + &rest.unwrap_or_default()
}

/// A section that is left out when nothing is in it.
fn listed(heading: &str, lines: &[String]) -> String {
    match lines {
        [] => String::new(),
        lines => section(heading, lines),
    }
}

/// A heading with a list under it.
fn section(heading: &str, lines: &[String]) -> String {
    let items: String = lines.iter().map(|l| format!("- {}\n", md(l))).collect();
    format!("\n## {}\n\n{items}", md(heading))
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|c| md(c)).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn rest(total: usize, shown: usize) -> String {
    say::rest(total, shown)
        .map(|r| format!("\n{r}.\n"))
        .unwrap_or_default()
}
