//! What is set aside, in words: suppressions, their ends, and what the vendor calls unimportant.

use drawing::text::count;
use jiff::Timestamp;

use super::{NAMES, date_of, unimportant};
use crate::briefing::{Briefing, Ending};
use crate::wording::first_names;

/// How many notes on suppressions the page shows, and how much of each: an entry may name a hundred ids.
const NOTES: usize = 2;
const NOTE_CHARS: usize = 160;

/// Suppressions, or nothing when there are none.
pub(in crate::renderers) fn lines(briefing: &Briefing) -> Vec<String> {
    let aside = &briefing.set_aside;
    let mut lines = Vec::new();
    if aside.findings > 0 {
        lines.push(format!(
            "{} suppressed",
            count(aside.findings, "finding is", "findings are")
        ));
    }
    lines.extend(
        aside
            .ending
            .iter()
            .take(NAMES)
            .map(|e| ending(e, briefing.now)),
    );
    if aside.ending.len() > NAMES {
        lines.push(format!(
            "{} more end within a week",
            count(aside.ending.len() - NAMES, "suppression", "suppressions")
        ));
    }
    lines.extend(aside.notes.iter().take(NOTES).map(|n| shortened(n)));
    if aside.notes.len() > NOTES {
        lines.push(format!(
            "{} on suppressions",
            count(aside.notes.len() - NOTES, "more note", "more notes")
        ));
    }
    lines.extend(unimportant(briefing));
    lines
}

/// `Suppression ended 2026-08-04, 12 findings are open again: CVE-2026-1 on target web-03 (web operations)`.
fn ending(ending: &Ending, now: Timestamp) -> String {
    let (owner, day, scope) = (
        &ending.owner,
        date_of(ending.until),
        short_scope(&ending.scope),
    );
    if ending.until < now {
        let back = count(ending.findings, "finding is", "findings are");
        format!("Suppression ended {day}, {back} open again: {scope} ({owner})")
    } else {
        let covered = count(ending.findings, "finding", "findings");
        format!("Suppression ends {day} and covers {covered}: {scope} ({owner})")
    }
}

fn shortened(note: &str) -> String {
    match note.char_indices().nth(NOTE_CHARS) {
        Some((end, _)) => {
            let whole_words = note[..end].rfind(' ').unwrap_or(end);
            format!("{} …", &note[..whole_words])
        }
        None => note.to_owned(),
    }
}

/// A scope with its first ids: an entry may name a hundred.
fn short_scope(scope: &str) -> String {
    let (ids, on) = match scope.split_once(" on ") {
        Some((ids, on)) => (ids, format!(" on {on}")),
        None => (scope, String::new()),
    };
    let ids: Vec<String> = ids.split(", ").map(str::to_owned).collect();
    format!("{}{on}", first_names(&ids, NAMES - 1))
}
