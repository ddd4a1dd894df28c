//! `.trivyignore.yaml` (<https://trivy.dev/latest/docs/configuration/filtering/#trivyignoreyaml>): entries of `vulnerabilities` with `id`, `paths`,
//! `purls`, `statement` and `expired_at`. The other lists are about what we do not look for.

use base::{Note, Parsed, Purl};
use serde_json::Value;

use super::{ending, failed, line_of, list, refused, rule, texts, unknown_key, yaml};
use crate::suppression::read::SUPPRESSION_RULES;
use crate::suppression::rule::Rule;

pub(super) fn read(text: &str, owner: &str) -> Parsed<Vec<Rule>> {
    let document = match yaml(text) {
        Ok(document) => document,
        Err(note) => return failed(note),
    };
    let mut notes = Vec::new();
    for key in ["misconfigurations", "secrets", "licenses"] {
        let entries = list(&document[key]).len();
        if entries > 0 {
            notes.push(Note::info(format!(
                "{key} are not looked for here, so their entries are left out: {entries}"
            )));
        }
    }
    let mut rules = Vec::new();
    for entry in list(&document["vulnerabilities"]) {
        let id = entry["id"].as_str().unwrap_or_default().trim();
        let line = line_of(text, id);
        if SUPPRESSION_RULES.is_exceeded_by(rules.len() as u64 + 1) {
            notes.push(Note::warning("the rest is left out").because_of(SUPPRESSION_RULES));
            break;
        }
        match one(entry, id, owner, line) {
            Ok(entry) => rules.push(entry),
            Err(what) => notes.push(refused(what, line)),
        }
    }
    Parsed {
        value: rules,
        notes,
    }
}

fn one(entry: &Value, id: &str, owner: &str, line: u64) -> Result<Rule, String> {
    const KEYS: [&str; 5] = ["id", "paths", "purls", "statement", "expired_at"];
    if let Some(key) = unknown_key(entry, &KEYS) {
        return Err(format!("{id}: unknown key {key}"));
    }
    if id.is_empty() {
        return Err("no id".to_owned());
    }
    let mut rule = rule(id, owner, entry["statement"].as_str(), line);
    rule.paths = texts(&entry["paths"]);
    for text in texts(&entry["purls"]) {
        let purl: Purl = text
            .parse()
            .map_err(|_| format!("{id}: not a package URL: {text}"))?;
        rule.purls.push(purl);
    }
    match entry["expired_at"].as_str() {
        None => Ok(rule),
        Some(day) => {
            ending(rule, day).ok_or_else(|| format!("{id}: expired_at is not a date: {day}"))
        }
    }
}
