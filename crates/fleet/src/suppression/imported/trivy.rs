//! `.trivyignore` (<https://trivy.dev/latest/docs/configuration/filtering/#trivyignore>): an id a line, `exp:YYYY-MM-DD` after it, comments
//! from `#`. The comment above an id, or after it, is its reason.

use base::{Note, Parsed};

use super::{ending, refused, rule};
use crate::suppression::read::SUPPRESSION_RULES;
use crate::suppression::rule::Rule;

pub(super) fn read(text: &str, owner: &str) -> Parsed<Vec<Rule>> {
    let (mut rules, mut notes) = (Vec::new(), Vec::new());
    let mut above = String::new();
    for (at, line) in text.lines().enumerate() {
        let number = at as u64 + 1;
        let (entry, comment) = line.split_once('#').unwrap_or((line, ""));
        let mut words = entry.split_whitespace();
        let Some(id) = words.next() else {
            comment.trim().clone_into(&mut above);
            continue;
        };
        if SUPPRESSION_RULES.is_exceeded_by(rules.len() as u64 + 1) {
            notes.push(
                Note::warning("too many suppressions: the rest is left out")
                    .because_of(SUPPRESSION_RULES),
            );
            break;
        }
        let reason = match comment.trim() {
            "" => above.as_str(),
            comment => comment,
        };
        let entry = rule(id, owner, Some(reason), number);
        match words.find_map(|word| word.strip_prefix("exp:")) {
            None => rules.push(entry),
            Some(day) => match ending(entry, day) {
                Some(entry) => rules.push(entry),
                None => notes.push(refused(format!("exp: is not a date: {day}"), number)),
            },
        }
    }
    Parsed {
        value: rules,
        notes,
    }
}
