//! Taking a TOML document apart key by key, so that every mistake is named by its key and no key is left unread.

use base::Limit;
use toml::{Table, Value};

/// Characters of an id, a title or a word.
pub const POLICY_TEXT_CHARS: Limit = Limit::new("policy-text-characters", 1024);

/// A mistake before it is known in which file.
pub(super) struct Wrong {
    pub(super) key: String,
    pub(super) what: String,
    pub(super) hint: String,
}

pub(super) type Read<T> = Result<T, Wrong>;

pub(super) fn wrong<T>(
    key: impl Into<String>,
    what: impl Into<String>,
    hint: impl Into<String>,
) -> Read<T> {
    Err(Wrong {
        key: key.into(),
        what: what.into(),
        hint: hint.into(),
    })
}

/// A table from which keys are taken; what is left at the end is unknown.
pub(super) struct Section {
    pub(super) path: String,
    pub(super) table: Table,
}

impl Section {
    pub(super) const fn new(path: String, table: Table) -> Self {
        Self { path, table }
    }

    pub(super) fn from_value(path: String, value: Value) -> Read<Self> {
        match value {
            Value::Table(table) => Ok(Self { path, table }),
            other => wrong(
                path,
                format!("{} is not a table", kind(&other)),
                "write { key = value }",
            ),
        }
    }

    pub(super) fn key(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub(super) fn optional(&mut self, name: &str) -> Option<(String, Value)> {
        let value = self.table.remove(name)?;
        Some((self.key(name), value))
    }

    pub(super) fn required(&mut self, name: &str, hint: &str) -> Read<(String, Value)> {
        match self.optional(name) {
            Some(found) => Ok(found),
            None => wrong(self.key(name), "is missing", hint),
        }
    }

    pub(super) fn text(&mut self, name: &str, hint: &str) -> Read<String> {
        let (key, value) = self.required(name, hint)?;
        text(key, value)
    }

    pub(super) fn list(&mut self, name: &str, hint: &str) -> Read<Vec<(String, Value)>> {
        let (key, value) = self.required(name, hint)?;
        list(key, value)
    }

    pub(super) fn finish(self, known: &str) -> Read<()> {
        match self.table.keys().next() {
            Some(name) => wrong(
                self.key(name),
                "is not a key of the format",
                format!("known here: {known}"),
            ),
            None => Ok(()),
        }
    }
}

pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "an integer",
        Value::Float(_) => "a float",
        Value::Boolean(_) => "a boolean",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "an array",
        Value::Table(_) => "a table",
    }
}

pub(super) fn text(key: String, value: Value) -> Read<String> {
    match value {
        Value::String(text) if text.trim().is_empty() => wrong(key, "is empty", ""),
        Value::String(text) if POLICY_TEXT_CHARS.is_exceeded_by(text.chars().count() as u64) => {
            wrong(
                key,
                format!("is longer than the limit {POLICY_TEXT_CHARS}"),
                "",
            )
        }
        Value::String(text) => Ok(text),
        other => wrong(
            key,
            format!("{} is not a string", kind(&other)),
            "write it in quotes",
        ),
    }
}

pub(super) fn list(key: String, value: Value) -> Read<Vec<(String, Value)>> {
    match value {
        Value::Array(items) => Ok(items
            .into_iter()
            .enumerate()
            .map(|(index, item)| (format!("{key}[{index}]"), item))
            .collect()),
        other => wrong(
            key,
            format!("{} is not an array", kind(&other)),
            "write [ … ]",
        ),
    }
}

pub(super) fn number(key: String, value: &Value) -> Read<f64> {
    match value {
        Value::Float(number) if number.is_finite() => Ok(*number),
        #[expect(
            clippy::cast_precision_loss,
            reason = "thresholds are at most 10; larger ones are refused by the caller"
        )]
        Value::Integer(number) => Ok(*number as f64),
        other => wrong(key, format!("{} is not a number", kind(other)), ""),
    }
}

/// Words of the file in a message, bounded.
pub(super) fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut short: String = text
        .chars()
        .take(CHARS_MAX)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        short.push('…');
    }
    short
}
