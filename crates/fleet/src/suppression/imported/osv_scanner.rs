//! `osv-scanner.toml` (<https://google.github.io/osv-scanner/configuration/>): `IgnoredVulns` with `id`, `ignoreUntil` and `reason`.
//! `PackageOverrides` without an id have no equal here: they would hide tomorrow's advisories too.

use base::{Note, Parsed};
use toml::{Table, Value};

use super::{ending, failed, line_of, refused, rule};
use crate::suppression::read::SUPPRESSION_RULES;
use crate::suppression::rule::Rule;

pub(super) fn read(text: &str, owner: &str) -> Parsed<Vec<Rule>> {
    let document: Table = match text.parse() {
        Ok(document) => document,
        Err(error) => {
            return failed(Note::error(format!(
                "suppressions not read: not TOML: {}",
                error.message()
            )));
        }
    };
    let entries = |key: &str| {
        let list = document.get(key).and_then(Value::as_array);
        list.map_or(&[][..], Vec::as_slice)
    };
    let (mut rules, mut notes) = (Vec::new(), Vec::new());
    for entry in entries("IgnoredVulns") {
        let field = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let id = field("id").trim();
        let line = line_of(text, id);
        if SUPPRESSION_RULES.is_exceeded_by(rules.len() as u64 + 1) {
            notes.push(Note::warning("the rest is left out").because_of(SUPPRESSION_RULES));
            break;
        }
        if id.is_empty() {
            notes.push(refused("no id", line));
            continue;
        }
        let entry_rule = rule(id, owner, Some(field("reason")), line);
        let until = entry.get("ignoreUntil").map(|value| match value {
            Value::Datetime(at) => at.to_string(),
            other => other.as_str().unwrap_or_default().to_owned(),
        });
        match until {
            None => rules.push(entry_rule),
            Some(until) => match ending(entry_rule, &until) {
                Some(entry_rule) => rules.push(entry_rule),
                None => notes.push(refused(
                    format!("{id}: ignoreUntil is not a date: {until}"),
                    line,
                )),
            },
        }
    }
    for entry in entries("PackageOverrides") {
        let name = entry.get("name").and_then(Value::as_str).unwrap_or("*");
        notes.push(refused(
            format!("the override of {name} names no vulnerability, so it would hide tomorrow's advisories"),
            line_of(text, name),
        ));
    }
    Parsed {
        value: rules,
        notes,
    }
}
