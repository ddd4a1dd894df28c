//! The `ignore` rules of `.grype.yaml` (<https://github.com/anchore/grype#specifying-matches-to-ignore>) with `vulnerability`, `fix-state`, `package` and
//! `reason`. A rule without a vulnerability has no equal here: it would hide tomorrow's advisories too.

use base::{Note, Parsed};
use matching::FixState;
use serde_json::Value;

use super::{failed, line_of, list, refused, rule, unknown_key, yaml};
use crate::suppression::read::SUPPRESSION_RULES;
use crate::suppression::rule::Rule;

/// Grype's package types, and the types of package URLs they are.
const TYPES: [(&str, &str); 11] = [
    ("apk", "apk"),
    ("deb", "deb"),
    ("dotnet", "nuget"),
    ("gem", "gem"),
    ("go-module", "golang"),
    ("java-archive", "maven"),
    ("npm", "npm"),
    ("php-composer", "composer"),
    ("python", "pypi"),
    ("rpm", "rpm"),
    ("rust-crate", "cargo"),
];

pub(super) fn read(text: &str, owner: &str) -> Parsed<Vec<Rule>> {
    let document = match yaml(text) {
        Ok(document) => document,
        Err(note) => return failed(note),
    };
    let (mut rules, mut notes) = (Vec::new(), Vec::new());
    let entries = list(&document["ignore"]);
    if entries.is_empty() {
        notes.push(Note::warning(
            "no suppressions: the file has no list `ignore`",
        ));
    }
    for entry in entries {
        let id = entry["vulnerability"].as_str().unwrap_or_default().trim();
        let name = entry["package"]["name"].as_str().unwrap_or_default();
        let line = line_of(text, if id.is_empty() { name } else { id });
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
    const KEYS: [&str; 5] = [
        "vulnerability",
        "reason",
        "fix-state",
        "package",
        "include-aliases",
    ];
    if let Some(key) = unknown_key(entry, &KEYS) {
        let hint = match key {
            "vex-status" | "vex-justification" => " (give the document with --vex)",
            _ => "",
        };
        return Err(format!("{id}: {key} has no equal here{hint}"));
    }
    if id.is_empty() {
        return Err(
            "no vulnerability: a rule about a package or a fix state alone would hide tomorrow's advisories (see `fixable` of --fail-on)".to_owned(),
        );
    }
    let mut rule = rule(id, owner, entry["reason"].as_str(), line);
    if let Some(state) = entry["fix-state"].as_str().filter(|s| !s.is_empty()) {
        rule.fix_state = Some(match state {
            "fixed" => FixState::Fixed,
            "not-fixed" => FixState::None,
            "wont-fix" => FixState::WontFix,
            "unknown" => FixState::Unknown,
            _ => return Err(format!("{id}: unknown fix-state {state}")),
        });
    }
    narrow(&mut rule, &entry["package"]).map_err(|what| format!("{id}: {what}"))?;
    Ok(rule)
}

/// What the rule says of the package.
fn narrow(rule: &mut Rule, package: &Value) -> Result<(), String> {
    const KEYS: [&str; 4] = ["name", "version", "type", "location"];
    if let Some(key) = unknown_key(package, &KEYS) {
        return Err(format!("package.{key} has no equal here"));
    }
    let text = |key: &str| {
        package[key]
            .as_str()
            .map(str::trim)
            .filter(|t| !t.is_empty())
    };
    if let Some(name) = text("name") {
        rule.package = Some(pattern(name)?);
    }
    rule.version = text("version").map(str::to_owned);
    if let Some(kind) = text("type") {
        let known = TYPES.iter().find(|(theirs, _)| *theirs == kind);
        let (_, purl_type) = known.ok_or_else(|| format!("package type {kind} is not known"))?;
        rule.purl_type = Some(purl_type);
    }
    rule.paths = text("location").map(str::to_owned).into_iter().collect();
    Ok(())
}

/// A name is a regular expression there; of those only `.*` has an equal.
fn pattern(name: &str) -> Result<String, String> {
    let plain = name.replace(".*", "*");
    let is_plain = |c: char| c.is_alphanumeric() || "*._+@/:-~".contains(c);
    match plain.chars().all(is_plain) {
        true => Ok(plain),
        false => Err(format!(
            "the pattern of package.name has no equal here: {name}"
        )),
    }
}
