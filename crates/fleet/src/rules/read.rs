//! Reading `fleet.toml` (TOML 1.0, <https://toml.io/en/v1.0.0>) over spans, so that every mistake has its line.

use base::{Limit, Note};
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::rule::{Rule, When};
use crate::asset::{Attribute, AttributeKind, NotAnAttribute, Scope};
use crate::identity::{IdentifierKind, MergeRules, Strength};

/// Size of a file of rules.
pub const RULES_BYTES: Limit = Limit::new("rules-bytes", 16 << 20);
/// Rules of a file.
pub const RULE_ENTRIES: Limit = Limit::new("rules-entries", 50_000);
/// Patterns of one condition.
pub const RULE_PATTERNS: Limit = Limit::new("rule-patterns", 1000);
/// Bytes of one text of a rule.
pub const RULE_TEXT: Limit = Limit::new("rule-text-bytes", 512);
/// Mistakes that are told; a file that is no file of rules has thousands.
const TOLD: usize = 20;

const KEYS: &str = "name, when, zone, owner, criticality, exposed, scope, window, tags, by";
const CONDITIONS: &str = "ou, zone, tag, os, kind, list";

/// What a file says.
pub(super) struct File {
    pub(super) rules: Vec<Rule>,
    pub(super) baseline: Option<Date>,
    pub(super) merge: MergeRules,
}

/// A mistake and where it is.
struct Mistake {
    at: usize,
    what: String,
    limit: Option<Limit>,
}

type Read<T> = Result<T, Mistake>;

fn mistake<T>(at: usize, what: impl Into<String>) -> Read<T> {
    Err(Mistake {
        at,
        what: what.into(),
        limit: None,
    })
}

pub(super) fn read(source: &str, bytes: &[u8]) -> Result<File, Vec<Note>> {
    let whole = |what: &str| vec![Note::error(what).in_file(source)];
    if RULES_BYTES.is_exceeded_by(bytes.len() as u64) {
        return Err(vec![
            Note::error("the file is too large")
                .in_file(source)
                .because_of(RULES_BYTES),
        ]);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| whole("the file is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::of(text);
    let to_note = |mistake: Mistake| {
        let note = Note::error(mistake.what)
            .in_file(source)
            .at_line(lines.line(mistake.at));
        match mistake.limit {
            Some(limit) => note.because_of(limit),
            None => note,
        }
    };
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let what = error.message().lines().next().unwrap_or_default();
        vec![to_note(Mistake {
            at,
            what: format!("not TOML: {}", excerpt(what)),
            limit: None,
        })]
    })?;
    let reading = Reading {
        source,
        lines: &lines,
    };
    reading.file(table.get_ref()).map_err(|mut mistakes| {
        mistakes.sort_by_key(|mistake| mistake.at);
        mistakes.into_iter().take(TOLD).map(to_note).collect()
    })
}

struct Reading<'a> {
    source: &'a str,
    lines: &'a Lines,
}

impl Reading<'_> {
    fn file(&self, table: &DeTable<'_>) -> Result<File, Vec<Mistake>> {
        let mut file = File {
            rules: Vec::new(),
            baseline: None,
            merge: MergeRules::default(),
        };
        let mut mistakes = Vec::new();
        for (key, value) in table {
            let at = key.span().start;
            let done = match key.get_ref().as_ref() {
                "baseline" => baseline(value).map(|date| file.baseline = Some(date)),
                "identity" => identity(value, &mut file.merge),
                "host" => {
                    self.hosts(value, &mut file.rules, &mut mistakes);
                    Ok(())
                }
                other => mistake(
                    at,
                    format!(
                        "unknown key: {} (a file has [baseline], [identity] and [[host]])",
                        excerpt(other)
                    ),
                ),
            };
            mistakes.extend(done.err());
        }
        match mistakes.is_empty() {
            true => Ok(file),
            false => Err(mistakes),
        }
    }

    fn hosts(
        &self,
        value: &Spanned<DeValue<'_>>,
        rules: &mut Vec<Rule>,
        mistakes: &mut Vec<Mistake>,
    ) {
        let at = value.span().start;
        let DeValue::Array(entries) = value.get_ref() else {
            mistakes.extend(mistake::<()>(at, "host is not a list: write [[host]]").err());
            return;
        };
        if RULE_ENTRIES.is_exceeded_by(entries.len() as u64) {
            mistakes.push(Mistake {
                at,
                what: "too many rules".to_owned(),
                limit: Some(RULE_ENTRIES),
            });
            return;
        }
        for entry in entries.iter() {
            match self.rule(entry) {
                Ok(rule) => rules.push(rule),
                Err(found) => mistakes.push(found),
            }
        }
    }

    fn rule(&self, entry: &Spanned<DeValue<'_>>) -> Read<Rule> {
        let at = entry.span().start;
        let DeValue::Table(table) = entry.get_ref() else {
            return mistake(at, "a rule is a table: write [[host]]");
        };
        let (mut when, mut gives, mut by) = (When::default(), Vec::new(), None);
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match name {
                "name" => when.name = patterns(name, value)?,
                "when" => conditions(value, &mut when)?,
                "by" => by = Some(text(name, value)?),
                "tags" => {
                    let tags = texts(name, value)?;
                    gives.extend(tags.into_iter().map(Attribute::Tag));
                }
                "scope" => gives.push(Attribute::Scope(scope(value)?)),
                "zone" => gives.push(attribute(AttributeKind::Zone, value)?),
                "owner" => gives.push(attribute(AttributeKind::Owner, value)?),
                "criticality" => gives.push(attribute(AttributeKind::Criticality, value)?),
                "exposed" => gives.push(exposed(value)?),
                "window" => gives.push(attribute(AttributeKind::Window, value)?),
                other => {
                    let what = format!("unknown key: {} (keys are {KEYS})", excerpt(other));
                    return mistake(key.span().start, what);
                }
            }
        }
        if when.is_empty() {
            return mistake(
                at,
                "a rule about no host: add name = \"…\" or when.zone = \"…\"; name = \"*\" is every host",
            );
        }
        if gives.is_empty() {
            return mistake(
                at,
                "a rule that says nothing: add zone, owner, criticality, exposed, scope, window or tags",
            );
        }
        let line = self.lines.line(at);
        let source = match by {
            Some(by) => format!("{}:{line} ({by})", self.source),
            None => format!("{}:{line}", self.source),
        };
        Ok(Rule {
            line,
            source: source.into(),
            when,
            gives,
        })
    }
}

fn conditions(value: &Spanned<DeValue<'_>>, when: &mut When) -> Read<()> {
    let DeValue::Table(table) = value.get_ref() else {
        return mistake(
            value.span().start,
            format!("when is a table of {CONDITIONS}"),
        );
    };
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let place = match name {
            "ou" => &mut when.ou,
            "zone" => &mut when.zone,
            "tag" => &mut when.tag,
            "os" => &mut when.os,
            "kind" => &mut when.kind,
            "list" => &mut when.list,
            other => {
                let what = format!(
                    "unknown condition: {} (conditions are {CONDITIONS})",
                    excerpt(other)
                );
                return mistake(key.span().start, what);
            }
        };
        *place = patterns(name, value)?;
        if name == "kind" {
            let is_kind =
                |word: &String| matches!(word.as_str(), "machine" | "image" | "application");
            if let Some(other) = place.iter().find(|word| !is_kind(word)) {
                let what = format!(
                    "no kind of host (kinds are machine, image, application): {}",
                    excerpt(other)
                );
                return mistake(value.span().start, what);
            }
        }
    }
    Ok(())
}

fn baseline(value: &Spanned<DeValue<'_>>) -> Read<Date> {
    const HOW: &str = "write [baseline] and date = 2026-07-01 under it";
    let at = value.span().start;
    let DeValue::Table(table) = value.get_ref() else {
        return mistake(at, HOW);
    };
    let mut date = None;
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "date" => date = Some(day("date", value)?),
            other => {
                let what = format!("unknown key: {} ({HOW})", excerpt(other));
                return mistake(key.span().start, what);
            }
        }
    }
    date.map_or_else(|| mistake(at, HOW), Ok)
}

fn identity(value: &Spanned<DeValue<'_>>, merge: &mut MergeRules) -> Read<()> {
    let DeValue::Table(table) = value.get_ref() else {
        return mistake(
            value.span().start,
            "write [identity] and a line like address = \"none\" under it",
        );
    };
    for (key, value) in table {
        let kinds = || IdentifierKind::ALL.map(IdentifierKind::as_str).join(", ");
        let name = key.get_ref().as_ref();
        let Some(kind) = IdentifierKind::of_word(name) else {
            let what = format!("no kind of id: {} (kinds are {})", excerpt(name), kinds());
            return mistake(key.span().start, what);
        };
        let word = text(name, value)?;
        let strength = Strength::ALL.into_iter().find(|s| s.as_str() == word);
        let Some(strength) = strength else {
            let what = format!(
                "{name} is decisive, supporting or none, not {}",
                excerpt(&word)
            );
            return mistake(value.span().start, what);
        };
        merge.set(kind, strength);
    }
    Ok(())
}

fn scope(value: &Spanned<DeValue<'_>>) -> Read<Scope> {
    const HOW: &str =
        "write scope = \"in\", or scope = { pci = \"in\", from = 2026-01-01, until = 2026-12-31 }";
    let at = value.span().start;
    let wrong = || Mistake {
        at,
        what: format!("not a scope: {HOW}"),
        limit: None,
    };
    let DeValue::Table(table) = value.get_ref() else {
        return text("scope", value)?.parse().map_err(|_| wrong());
    };
    let (mut pci, mut from, mut until) = (None, None, None);
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "pci" => pci = Some(text("pci", value)?),
            "from" => from = Some(day("from", value)?),
            "until" => until = Some(day("until", value)?),
            other => {
                let what = format!("unknown key: {} ({HOW})", excerpt(other));
                return mistake(key.span().start, what);
            }
        }
    }
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let words = format!("{} {}..{}", pci.unwrap_or_default(), day(from), day(until));
    words.parse().map_err(|_| wrong())
}

fn day(key: &str, value: &Spanned<DeValue<'_>>) -> Read<Date> {
    let written = match value.get_ref() {
        DeValue::Datetime(datetime) => datetime.to_string(),
        _ => text(key, value)?,
    };
    let date = written
        .parse()
        .ok()
        .filter(|_| written.len() == "2026-01-01".len());
    date.map_or_else(
        || {
            mistake(
                value.span().start,
                format!("{key} is not a day: write {key} = 2026-01-01"),
            )
        },
        Ok,
    )
}

fn exposed(value: &Spanned<DeValue<'_>>) -> Read<Attribute> {
    match value.get_ref() {
        DeValue::Boolean(yes) => Ok(Attribute::Exposed(Some(*yes))),
        _ => attribute(AttributeKind::Exposed, value),
    }
}

fn attribute(kind: AttributeKind, value: &Spanned<DeValue<'_>>) -> Read<Attribute> {
    let words = text(kind.as_str(), value)?;
    Attribute::parse(kind, Some(&words))
        .or_else(|NotAnAttribute(what)| mistake(value.span().start, what))
}

fn patterns(key: &str, value: &Spanned<DeValue<'_>>) -> Read<Vec<String>> {
    let list = texts(key, value)?;
    Ok(list.iter().map(|text| text.to_ascii_lowercase()).collect())
}

/// One text, or a list of them; never none.
fn texts(key: &str, value: &Spanned<DeValue<'_>>) -> Read<Vec<String>> {
    let at = value.span().start;
    match value.get_ref() {
        DeValue::Array(items) if RULE_PATTERNS.is_exceeded_by(items.len() as u64) => Err(Mistake {
            at,
            what: format!("{key} has too many members"),
            limit: Some(RULE_PATTERNS),
        }),
        DeValue::Array(items) if items.is_empty() => mistake(at, format!("{key} is empty")),
        DeValue::Array(items) => items.iter().map(|item| text(key, item)).collect(),
        _ => text(key, value).map(|text| vec![text]),
    }
}

fn text(key: &str, value: &Spanned<DeValue<'_>>) -> Read<String> {
    let at = value.span().start;
    let Some(text) = value.get_ref().as_str() else {
        let ty = value.get_ref().type_str();
        return mistake(at, format!("{key} is of type {ty}: write {key} = \"…\""));
    };
    let text = text.trim();
    if text.is_empty() {
        return mistake(at, format!("{key} is empty"));
    }
    if RULE_TEXT.is_exceeded_by(text.len() as u64) {
        return Err(Mistake {
            at,
            what: format!("{key} is too long"),
            limit: Some(RULE_TEXT),
        });
    }
    if text.chars().any(char::is_control) {
        return mistake(at, format!("{key} holds control characters"));
    }
    Ok(text.to_owned())
}

fn excerpt(text: &str) -> String {
    crate::asset::excerpt(text)
}

/// Byte offsets to 1-based lines.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        Self(ends.map(|(at, _)| at).collect())
    }

    fn line(&self, at: usize) -> u64 {
        1 + self.0.partition_point(|end| *end < at) as u64
    }
}
