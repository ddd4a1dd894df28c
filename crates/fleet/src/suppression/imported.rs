//! Ignore files of other scanners as suppressions: what has an equal here is taken over, what has none is a note.
//!
//! Their entries may be without an end; ours may not. They are taken as they are, with a note, so that the first day of moving in
//! shows what the last day of the other tool showed.

mod grype;
mod osv_scanner;
mod trivy;
mod trivy_yaml;

use base::{Note, Parsed};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::read::SUPPRESSION_TEXT;
use super::rule::Rule;

/// A format of ignore files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    TrivyIgnore,
    TrivyIgnoreYaml,
    Grype,
    OsvScanner,
}

impl Format {
    /// By its name, which the tools themselves go by, or by what stands in it.
    pub(super) fn of(file: &str, text: &str) -> Option<Self> {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let name = name.to_ascii_lowercase();
        let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
        if name.contains("trivyignore") {
            return Some(match is_yaml {
                true => Self::TrivyIgnoreYaml,
                false => Self::TrivyIgnore,
            });
        }
        let has_line = |start: &str| text.lines().any(|l| l.trim_end().starts_with(start));
        if is_yaml {
            let is_trivy = has_line("vulnerabilities:");
            return Some(match is_trivy {
                true => Self::TrivyIgnoreYaml,
                false => Self::Grype,
            });
        }
        let is_osv = has_line("[[IgnoredVulns]]") || has_line("[[PackageOverrides]]");
        is_osv.then_some(Self::OsvScanner)
    }

    pub(super) fn read(self, text: &str, file: &str) -> Parsed<Vec<Rule>> {
        let owner = format!(
            "imported from {}",
            file.rsplit(['/', '\\']).next().unwrap_or(file)
        );
        let mut parsed = match self {
            Self::TrivyIgnore => trivy::read(text, &owner),
            Self::TrivyIgnoreYaml => trivy_yaml::read(text, &owner),
            Self::Grype => grype::read(text, &owner),
            Self::OsvScanner => osv_scanner::read(text, &owner),
        };
        let endless = parsed.value.iter().filter(|r| r.ends.is_none()).count();
        if endless > 0 {
            parsed.notes.push(Note::info(format!(
                "suppressions without an end: {endless}; write them as [[suppress]] in .daywatch.toml with an owner and a day"
            )));
        }
        parsed
    }
}

/// A rule of an id, with nothing else said yet.
fn rule(id: &str, owner: &str, reason: Option<&str>, line: u64) -> Rule {
    let reason: String = reason.unwrap_or_default().trim().chars().collect();
    let reason = match reason
        .chars()
        .take(SUPPRESSION_TEXT.max as usize)
        .collect::<String>()
    {
        text if text.is_empty() => "no reason given".to_owned(),
        text => text,
    };
    Rule {
        owner: owner.to_owned(),
        reason,
        line,
        ..Rule::about(vec![id.to_owned()])
    }
}

/// The rule with the end a tool names. Theirs ends as that day begins: the tools compare the clock with the instant.
fn ending(mut rule: Rule, text: &str) -> Option<Rule> {
    let text = text.trim();
    let day = || {
        let date: Date = text.parse().ok()?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let ends: Timestamp = text.parse().ok().or_else(day)?;
    rule.ends = Some(ends);
    rule.until = Some(ends);
    text.clone_into(&mut rule.until_text);
    Some(rule)
}

/// The first line of a text that has a word, 1-based: where a parser without places can still point to.
fn line_of(text: &str, word: &str) -> u64 {
    let at = text
        .lines()
        .position(|l| !word.is_empty() && l.contains(word));
    at.map_or(1, |at| at as u64 + 1)
}

fn refused(what: impl Into<String>, line: u64) -> Note {
    let what: String = what.into().chars().take(300).collect();
    Note::warning(format!("suppression refused: {what}")).at_line(line)
}

/// A YAML document as plain values. The parser bounds depth, nodes and aliases, so that no document grows by being read.
fn yaml(text: &str) -> Result<Value, Note> {
    serde_saphyr::from_str(text).map_err(|error| {
        let first = error.to_string();
        let first = first.lines().next().unwrap_or_default();
        Note::error(format!("suppressions not read: not YAML: {first}"))
    })
}

fn failed(note: Note) -> Parsed<Vec<Rule>> {
    Parsed {
        value: Vec::new(),
        notes: vec![note],
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The texts of a list.
fn texts(value: &Value) -> Vec<String> {
    list(value)
        .iter()
        .filter_map(|v| v.as_str().map(str::to_owned))
        .collect()
}

/// A key no reader knows, which might narrow the entry.
fn unknown_key<'a>(entry: &'a Value, known: &[&str]) -> Option<&'a str> {
    let keys = entry.as_object()?.keys();
    keys.map(String::as_str).find(|key| !known.contains(key))
}
