//! The scan for a terminal: patches first (what to do), the findings under each, then what has no fix and what is not known.

use drawing::escape::printable;
use drawing::style::{Ink, Style};
use drawing::table::{Cell, Column, Table as Grid};
use drawing::text::{count, thousands, wrap};
use fleet::finding::Finding;
use fleet::patch::{Patch, patches};
use fleet::suppression::Suppression;
use jiff::Timestamp;

use crate::renderers::{Options, ScanRenderer, palette};
use crate::scan::{ScanReport, Target, TargetNote};
use crate::vulnerability::{Vulnerability, fold};
use crate::wording;

/// Rows shown under one patch before the rest is only counted.
const ROWS_A_PATCH: usize = 8;
/// Targets listed one by one before they are only counted.
const TARGETS: usize = 12;
/// Names listed in one line before the rest is only counted.
const NAMES_A_LINE: usize = 6;
/// Notes shown before the rest is only counted.
const NOTES: usize = 12;

/// The format.
pub(in crate::renderers) struct Table;

impl ScanRenderer for Table {
    fn id(&self) -> &'static str {
        "table"
    }

    fn about(&self) -> &'static str {
        "for people at a terminal: what to upgrade, by when, and why"
    }

    fn media_type(&self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn render(&self, report: &ScanReport, options: &Options) -> String {
        let page = Page {
            style: options.style(),
            report,
        };
        let patches = patches(&report.findings);
        let (fixable, open): (Vec<&Patch>, Vec<&Patch>) =
            patches.iter().partition(|p| p.to.is_some());
        let mut out = page.targets();
        for patch in fixable {
            out.push_str(&page.patch(patch));
        }
        out.push_str(&page.no_fix(&open));
        out.push_str(&page.not_covered());
        out.push_str(&page.suppressed());
        out.push_str(&page.notes());
        out.push_str(&page.paragraph(Ink::Strong, "", &wording::totals(report, &patches)));
        out
    }
}

/// The report on a page of a width.
#[derive(Clone, Copy)]
struct Page<'a> {
    style: Style,
    report: &'a ScanReport,
}

impl<'a> Page<'a> {
    /// Text from anywhere, made printable, wrapped and painted; lines after the first hang by two.
    fn paragraph(self, ink: Ink, indent: &str, text: &str) -> String {
        let hang = if indent.is_empty() {
            String::new()
        } else {
            format!("{indent}  ")
        };
        let lines = wrap(
            &printable(text),
            self.style.columns().saturating_sub(hang.len()),
        );
        let lead = |n: usize| if n == 0 { indent } else { hang.as_str() };
        lines
            .iter()
            .enumerate()
            .map(|(n, line)| format!("{}{}\n", lead(n), self.style.paint(ink, line)))
            .collect()
    }

    fn heading(self, text: &str) -> String {
        self.paragraph(Ink::Strong, "", text)
    }

    /// What each target is, and what can be said of it when nothing was found; many targets are only counted.
    fn targets(self) -> String {
        let found = self.report.found();
        if found.len() > TARGETS {
            return self.paragraph(Ink::Strong, "", &self.counted_targets(&found)) + "\n";
        }
        let each = self.report.targets.iter().zip(&found);
        let mut out: String = each.map(|(target, &n)| self.target(target, n)).collect();
        if !out.is_empty() {
            out.push('\n');
        }
        out
    }

    fn counted_targets(self, found: &[usize]) -> String {
        let with = found.iter().filter(|n| **n > 0).count();
        let uncovered = self
            .report
            .targets
            .iter()
            .filter(|t| is_uncovered(t))
            .count();
        format!(
            "{}: {} with findings, {} without, {} not covered",
            count(found.len(), "target", "targets"),
            thousands(with),
            thousands(found.len().saturating_sub(with + uncovered)),
            thousands(uncovered)
        )
    }

    fn target(self, target: &Target, found: usize) -> String {
        let what = target.os.as_deref().unwrap_or(target.kind);
        let head = format!(
            "{} · {what} · {}",
            target.name,
            count(target.packages, "package", "packages")
        );
        let (ink, verdict) = if found > 0 {
            (Ink::Plain, count(found, "finding", "findings"))
        } else if is_uncovered(target) {
            (
                Ink::Warn,
                wording::nothing_found(target, &self.report.catalog),
            )
        } else {
            (
                Ink::Good,
                wording::nothing_found(target, &self.report.catalog),
            )
        };
        self.paragraph(Ink::Strong, "", &head) + &self.paragraph(ink, "  ", &verdict)
    }

    fn patch(self, patch: &Patch) -> String {
        let mut out = self.paragraph(Ink::Name, "", &wording::upgrade(patch));
        out.push_str(&self.paragraph(self.patch_ink(patch), "  ", &self.consequence(patch)));
        if self.report.targets.len() > 1 {
            out.push_str(&self.paragraph(Ink::Faint, "  ", &self.places(patch)));
        }
        let rows = fold(self.findings(patch));
        let named = |v: &Vulnerability<'_>| {
            if v.packages() == [patch.package.as_str()] {
                String::new()
            } else {
                packages(v)
            }
        };
        out.push_str(&self.rows(&rows, ROWS_A_PATCH, named));
        out.push('\n');
        out
    }

    fn patch_ink(self, patch: &Patch) -> Ink {
        match &patch.due {
            Some((by, _)) if *by < self.report.now => Ink::Alarm,
            _ if patch.kev > 0 => Ink::Bad,
            _ => Ink::Plain,
        }
    }

    fn consequence(self, patch: &Patch) -> String {
        match &patch.due {
            Some((by, policy)) => format!(
                "{} · {} ({policy})",
                wording::closes(patch),
                wording::due(*by, self.report.now)
            ),
            None => format!("{} · no deadline", wording::closes(patch)),
        }
    }

    fn places(self, patch: &Patch) -> String {
        let names: Vec<&str> = patch
            .targets
            .iter()
            .filter_map(|&t| self.report.targets.get(t))
            .map(|t| t.name.as_str())
            .collect();
        format!(
            "on {}: {}",
            count(names.len(), "target", "targets"),
            listed(&names)
        )
    }

    fn findings(self, patch: &Patch) -> impl Iterator<Item = &'a Finding> {
        patch
            .findings
            .iter()
            .filter_map(move |&i| self.report.findings.get(i))
    }

    /// Vulnerabilities as rows, the first few whole and the rest counted.
    fn rows(
        self,
        rows: &[Vulnerability<'_>],
        most: usize,
        last: impl Fn(&Vulnerability<'_>) -> String,
    ) -> String {
        let shown = if rows.len() <= most + 1 {
            rows.len()
        } else {
            most
        };
        let mut grid = Grid {
            columns: vec![
                Column::fixed(""),
                Column::fixed(""),
                Column::number(""),
                Column::fixed(""),
                Column::fixed(""),
                Column::wrapping(""),
            ],
            rows: rows[..shown].iter().map(|v| row(v, &last(v))).collect(),
        };
        drop_empty_columns(&mut grid);
        let mut out = grid.render(self.style, 4);
        if shown < rows.len() {
            out.push_str(&self.paragraph(
                Ink::Faint,
                "    ",
                &format!(
                    "+{} more; --format json for all",
                    thousands(rows.len() - shown)
                ),
            ));
        }
        out
    }

    fn no_fix(self, patches: &[&Patch]) -> String {
        let all = patches.iter().flat_map(|p| self.findings(p));
        let (unimportant, all): (Vec<&Finding>, Vec<&Finding>) =
            all.partition(|f| f.is_unimportant());
        let folded = wording::unimportant(unimportant.len())
            .map(|line| self.paragraph(Ink::Faint, "", &format!("{line}.")) + "\n")
            .unwrap_or_default();
        let rows = fold(all);
        if rows.is_empty() {
            return folded;
        }
        let findings: usize = rows.iter().map(|r| r.findings.len()).sum();
        let head = format!(
            "No fix to install: {}",
            count(findings, "finding", "findings")
        );
        let state = |v: &Vulnerability<'_>| {
            format!("{}: {}", packages(v), wording::no_fix(v.worst.fix_state))
        };
        self.heading(&head) + &self.rows(&rows, ROWS_A_PATCH * 2, state) + "\n" + &folded
    }

    /// Packages no feed covers; of whole targets only where they have no line of their own.
    fn not_covered(self) -> String {
        let counted = self.report.targets.len() > TARGETS;
        let partly = |t: &&Target| wording::uncovered(t) > 0 && (counted || !is_uncovered(t));
        let targets: Vec<&Target> = self.report.targets.iter().filter(partly).collect();
        if targets.is_empty() {
            return String::new();
        }
        let mut out = self.heading("Not covered by any feed, so nothing is said about");
        for target in targets.iter().take(TARGETS) {
            let text = format!("{}: {}", target.name, wording::ecosystems(target));
            out.push_str(&self.paragraph(Ink::Warn, "  ", &text));
        }
        out.push_str(&self.more(targets.len(), TARGETS));
        out.push('\n');
        out
    }

    fn suppressed(self) -> String {
        if self.report.suppressed.is_empty() {
            return String::new();
        }
        let mut scopes: Vec<(&Suppression, usize)> = Vec::new();
        for (_, suppression) in &self.report.suppressed {
            match scopes.iter_mut().find(|(s, _)| *s == suppression) {
                Some((_, n)) => *n += 1,
                None => scopes.push((suppression, 1)),
            }
        }
        let mut out = self.heading(&format!(
            "Suppressed: {}",
            count(self.report.suppressed.len(), "finding", "findings")
        ));
        for (suppression, n) in scopes {
            out.push_str(&self.paragraph(
                Ink::Faint,
                "  ",
                &suppression_line(suppression, n, self.report.now),
            ));
        }
        out.push('\n');
        out
    }

    fn notes(self) -> String {
        let notes: Vec<TargetNote> = self.report.all_notes().collect();
        if notes.is_empty() {
            return String::new();
        }
        let mut out = self.heading(&format!("Notes: {}", thousands(notes.len())));
        for entry in notes.iter().take(NOTES) {
            let level = entry.note.level;
            let line = format!("{}: {entry}", level.as_str());
            out.push_str(&self.paragraph(note_ink(level), "  ", &line));
        }
        out.push_str(&self.more(notes.len(), NOTES));
        out.push('\n');
        out
    }

    /// What a list leaves out.
    fn more(self, total: usize, shown: usize) -> String {
        if total <= shown {
            return String::new();
        }
        self.paragraph(
            Ink::Faint,
            "  ",
            &format!("+{} more; --format json for all", thousands(total - shown)),
        )
    }
}

fn row(v: &Vulnerability<'_>, last: &str) -> Vec<Cell> {
    let disagree = if v.conflicts().is_empty() {
        ""
    } else {
        "sources disagree"
    };
    let is_new = v.findings.iter().any(|f| f.is_new == Some(true));
    let theirs = v.worst.source.as_ref().map(|s| format!("says {s}"));
    let last: Vec<&str> = [
        if is_new { "new" } else { "" },
        last,
        theirs.as_deref().unwrap_or_default(),
        disagree,
    ]
    .into_iter()
    .filter(|t| !t.is_empty())
    .collect();
    let ink = palette::severity(v.worst.severity);
    let score = v
        .score()
        .map_or_else(String::new, |s| format!("{:.1}", s.scored.score()));
    let epss = v.worst.epss.as_ref().map_or_else(String::new, |e| {
        format!("epss {}", wording::probability(e.score))
    });
    vec![
        Cell::plain(printable(&v.label)),
        Cell::new(ink, printable(v.rating())),
        Cell::new(ink, score),
        Cell::new(Ink::Faint, epss),
        Cell::new(Ink::Alarm, if v.worst.kev.is_some() { "KEV" } else { "" }),
        Cell::plain(printable(&last.join("; "))),
    ]
}

fn packages(v: &Vulnerability<'_>) -> String {
    listed(&v.packages())
}

/// Whether nothing can be said of a target at all.
fn is_uncovered(target: &Target) -> bool {
    wording::uncovered(target) >= target.packages
}

/// Columns without a single word only cost room.
fn drop_empty_columns(grid: &mut Grid) {
    for c in (0..grid.columns.len()).rev() {
        if grid.rows.iter().all(|row| row[c].text.is_empty()) {
            grid.columns.remove(c);
            for row in &mut grid.rows {
                row.remove(c);
            }
        }
    }
}

/// The first few names, the rest counted.
fn listed(names: &[&str]) -> String {
    match names.len() {
        n if n > NAMES_A_LINE + 1 => format!(
            "{}, +{} more",
            names[..NAMES_A_LINE].join(", "),
            n - NAMES_A_LINE
        ),
        _ => names.join(", "),
    }
}

fn suppression_line(suppression: &Suppression, findings: usize, now: Timestamp) -> String {
    let until = match suppression.until {
        Some(until) if until < now => format!("EXPIRED {}", wording::day(until)),
        Some(until) => format!("until {}", wording::day(until)),
        None => "no end date".to_owned(),
    };
    format!(
        "{} ({}): {} — {}, {until}",
        suppression.scope,
        count(findings, "finding", "findings"),
        suppression.reason,
        suppression.owner
    )
}

const fn note_ink(level: base::Level) -> Ink {
    match level {
        base::Level::Error => Ink::Bad,
        base::Level::Warning => Ink::Warn,
        base::Level::Info => Ink::Faint,
    }
}
