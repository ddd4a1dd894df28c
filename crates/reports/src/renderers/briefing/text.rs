//! The briefing for a terminal or a plain mail: 80 columns, eight lines on a quiet day.

use drawing::escape::printable;
use drawing::style::{Ink, Style};
use drawing::text::wrap;

use super::sentences as say;
use crate::briefing::{Briefing, Status, Urgency, Verdict};
use crate::renderers::{BriefingRenderer, Options};
use crate::wording::lower_first;

/// The format.
pub(in crate::renderers) struct Text;

impl BriefingRenderer for Text {
    fn id(&self) -> &'static str {
        "text"
    }

    fn about(&self) -> &'static str {
        "for a terminal or a plain mail"
    }

    fn media_type(&self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "txt"
    }

    fn render(&self, briefing: &Briefing, options: &Options) -> String {
        let page = Page {
            style: options.style(),
            briefing,
        };
        join(&[
            page.head(),
            page.deadlines(),
            page.exploited(),
            page.patches(),
            page.listed("INSTALLED, NOT RUNNING", &say::standing::restarts(briefing)),
            page.no_fix(),
            page.owners(),
            page.changes(),
            page.trend(),
            page.listed(
                "MITIGATED, SEEN BY REPORT",
                &say::standing::mitigated(briefing),
            ),
            page.unknowns(),
            page.sources(),
        ])
    }
}

/// An empty line before every section with a heading, and after it; sections of one line stand together.
fn join(sections: &[Section]) -> String {
    let mut out = String::new();
    let mut after_loud = false;
    for section in sections.iter().filter(|s| !s.text.is_empty()) {
        if section.loud || after_loud {
            out.push('\n');
        }
        out.push_str(&section.text);
        after_loud = section.loud;
    }
    out
}

/// A part of the page.
struct Section {
    text: String,
    /// Whether it has a heading, so that it stands apart.
    loud: bool,
}

impl Section {
    const fn quiet(text: String) -> Self {
        Self { text, loud: false }
    }

    const fn loud(text: String) -> Self {
        Self { text, loud: true }
    }
}

#[derive(Clone, Copy)]
struct Page<'a> {
    style: Style,
    briefing: &'a Briefing,
}

impl Page<'_> {
    /// A paragraph; lines after the first are indented as `hang` says.
    fn lines(self, ink: Ink, first: &str, hang: usize, text: &str) -> String {
        let hang = " ".repeat(hang);
        let lines = wrap(
            &printable(text),
            self.style
                .columns()
                .saturating_sub(hang.len().max(first.len())),
        );
        let lead = |n: usize| if n == 0 { first } else { &hang };
        lines
            .iter()
            .enumerate()
            .map(|(n, line)| format!("{}{}\n", lead(n), self.style.paint(ink, line)))
            .collect()
    }

    fn bullet(self, ink: Ink, text: &str) -> String {
        self.lines(ink, "  ", 4, text)
    }

    fn heading(self, text: &str) -> String {
        self.lines(Ink::Strong, "", 0, text)
    }

    /// A section without anything in it: one line.
    fn quiet(self, text: &str) -> Section {
        Section::quiet(self.lines(Ink::Plain, "", 2, text))
    }

    fn head(self) -> Section {
        let b = self.briefing;
        let ink = match b.status {
            Status::Worse => Ink::Alarm,
            Status::Better => Ink::Good,
            Status::Same | Status::First => Ink::Strong,
        };
        let mut out = self.lines(
            Ink::Faint,
            "",
            0,
            &format!("Daywatch briefing · {}", say::date(b)),
        );
        out.push_str(&self.lines(
            ink,
            "",
            2,
            &format!("{}: {}.", say::status(b.status), b.headline),
        ));
        out.push_str(&self.lines(
            Ink::Strong,
            "",
            2,
            &format!("{}: {}", say::action_label(b), say::action(b)),
        ));
        out.push_str(&self.lines(Ink::Plain, "", 2, &format!("{}.", say::scope(b))));
        Section::quiet(out)
    }

    fn deadlines(self) -> Section {
        let all = &self.briefing.deadlines;
        if all.is_empty() {
            return self.quiet("Due in 72 hours: nothing.");
        }
        let mut out = self.heading("OVERDUE, AND DUE IN 72 HOURS");
        for line in say::deadlines::shown(self.briefing) {
            let deadline = line.deadline;
            let ink = if line.urgency() == Urgency::Overdue {
                Ink::Alarm
            } else {
                Ink::Warn
            };
            let what = format!(
                "{}: {} on {}",
                say::deadlines::when(&line, self.briefing.now),
                say::deadlines::task(&line),
                say::places(&deadline.hosts, &deadline.owners)
            );
            out.push_str(&self.bullet(ink, &what));
            let about = [
                Some(say::deadlines::reasons(&line)),
                Some(say::deadlines::rule(&line)),
                say::deadlines::seen_since(self.briefing, &line),
            ];
            let about: Vec<String> = about.into_iter().flatten().collect();
            out.push_str(&self.lines(Ink::Faint, "      ", 6, &about.join(" · ")));
        }
        let rest = say::deadlines::rest(self.briefing)
            .map(|r| self.bullet(Ink::Faint, &format!("{r}; --format json for all")));
        Section::loud(out + &rest.unwrap_or_default())
    }

    fn exploited(self) -> Section {
        let exploited = &self.briefing.exploited;
        let summary = say::exploited::summary(exploited);
        if exploited.new.is_empty() {
            return self.quiet(&format!("Newly exploited: {}.", lower_first(&summary)));
        }
        let mut out =
            self.heading("NEWLY EXPLOITED") + &self.bullet(Ink::Plain, &format!("{summary}."));
        for entry in exploited.new.iter().take(say::EXPLOITED) {
            let ink = if matches!(entry.verdict, Verdict::Ours { .. }) {
                Ink::Bad
            } else {
                Ink::Plain
            };
            let line = format!(
                "{} {}: {}",
                entry.cve,
                say::exploited::about(entry),
                say::exploited::verdict(entry)
            );
            out.push_str(&self.bullet(ink, &line));
        }
        Section::loud(out + &self.rest(exploited.new.len(), say::EXPLOITED))
    }

    fn patches(self) -> Section {
        let patches = &self.briefing.patches;
        if patches.is_empty() {
            return self.quiet("Patches: none to install.");
        }
        let mut out = self.heading("PATCHES IN ORDER");
        for (n, patch) in patches.iter().take(say::PATCHES).enumerate() {
            out.push_str(&self.lines(
                Ink::Name,
                &format!("{:>3}  ", n + 1),
                7,
                &say::upgrade(patch),
            ));
            out.push_str(&self.lines(
                Ink::Plain,
                "     ",
                7,
                &say::patch_about(patch, self.briefing.now),
            ));
        }
        if let Some(rest) = say::patches_rest(patches) {
            out.push_str(&self.lines(Ink::Faint, "     ", 7, &format!("{rest}.")));
        }
        Section::loud(out)
    }

    fn no_fix(self) -> Section {
        let all = &self.briefing.no_fix;
        if all.is_empty() {
            return Section::quiet(String::new());
        }
        let lines: String = all
            .iter()
            .take(say::NO_FIX)
            .map(|n| self.bullet(Ink::Plain, &say::without_fix(n)))
            .collect();
        Section::loud(
            self.heading("NOTHING TO INSTALL FOR") + &lines + &self.rest(all.len(), say::NO_FIX),
        )
    }

    /// A section of lines; nothing without any.
    fn listed(self, heading: &str, lines: &[String]) -> Section {
        if lines.is_empty() {
            return Section::quiet(String::new());
        }
        let lines: String = lines.iter().map(|l| self.bullet(Ink::Plain, l)).collect();
        Section::loud(self.heading(heading) + &lines)
    }

    fn owners(self) -> Section {
        let parts = say::owners::parts(self.briefing);
        if parts.is_empty() {
            return Section::quiet(String::new());
        }
        let mut out = self.heading("BY OWNER");
        for part in &parts {
            out.push_str(&self.bullet(Ink::Name, &part.head));
            for step in &part.steps {
                out.push_str(&self.lines(Ink::Plain, "      ", 9, step));
            }
        }
        let rest = say::owners::rest(self.briefing).map(|r| self.bullet(Ink::Faint, &r));
        Section::loud(out + &rest.unwrap_or_default())
    }

    fn trend(self) -> Section {
        match say::fleet::trend(self.briefing) {
            Some(trend) => self.quiet(&format!("Trend, {trend}.")),
            None => Section::quiet(String::new()),
        }
    }

    fn changes(self) -> Section {
        let lines = say::changes::lines(self.briefing);
        let heading = say::changes::heading(self.briefing);
        if let [only] = lines.as_slice() {
            return self.quiet(&format!("{heading}: {}", lower_first(only)));
        }
        let lines: String = lines.iter().map(|l| self.bullet(Ink::Plain, l)).collect();
        Section::loud(self.heading(&heading.to_uppercase()) + &lines)
    }

    fn unknowns(self) -> Section {
        let unknowns = &self.briefing.unknowns;
        let aside = say::set_aside::lines(self.briefing);
        if unknowns.is_empty() && aside.is_empty() {
            return self.quiet("Not known: nothing that could be told from here.");
        }
        let lines: String = unknowns
            .iter()
            .take(say::UNKNOWNS)
            .map(|u| self.bullet(Ink::Warn, &say::unknown(u)))
            .collect();
        let rest = self.rest(unknowns.len(), say::UNKNOWNS);
        let aside: String = aside.iter().map(|l| self.bullet(Ink::Plain, l)).collect();
        Section::loud(self.heading("NOT KNOWN, AND SET ASIDE") + &lines + &rest + &aside)
    }

    fn sources(self) -> Section {
        Section::quiet(self.lines(
            Ink::Faint,
            "",
            2,
            &format!("{}.", say::sources(self.briefing)),
        ))
    }

    fn rest(self, total: usize, shown: usize) -> String {
        say::rest(total, shown)
            .map(|r| self.bullet(Ink::Faint, &format!("{r}; --format json for all")))
            .unwrap_or_default()
    }
}
