//! Broken input is normal: a parser returns what it understood plus notes on what it did not.

use std::fmt;

use crate::Limit;

/// How bad a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing was lost; worth knowing.
    Info,
    /// A part of the input was left out.
    Warning,
    /// The input as a whole could not be read.
    Error,
}

impl Level {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a parser has to say about one place in its input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The file, as the caller named it; filled by whoever knows it. An archive member is `archive.zip!member`.
    pub file: Option<String>,
    /// 1-based line, where the format has lines.
    pub line: Option<u64>,
    /// What happened, for a person: lower case, no full stop, the value after a colon. Never raw input of unbounded length.
    pub what: String,
    /// The limit that was reached, if that is why.
    pub limit: Option<Limit>,
    /// How bad.
    pub level: Level,
}

impl Note {
    /// A note of a level, without a place.
    pub fn new(level: Level, what: impl Into<String>) -> Self {
        Self {
            file: None,
            line: None,
            what: what.into(),
            limit: None,
            level,
        }
    }

    /// Nothing was lost; worth knowing.
    pub fn info(what: impl Into<String>) -> Self {
        Self::new(Level::Info, what)
    }

    /// A part of the input was left out.
    pub fn warning(what: impl Into<String>) -> Self {
        Self::new(Level::Warning, what)
    }

    /// The input as a whole could not be read.
    pub fn error(what: impl Into<String>) -> Self {
        Self::new(Level::Error, what)
    }

    /// With the 1-based line.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// With the file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// With the limit that was reached.
    #[must_use]
    pub fn because_of(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}")?;
            if let Some(line) = self.line {
                write!(f, ":{line}")?;
            }
            f.write_str(": ")?;
        } else if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.what)?;
        if let Some(limit) = self.limit {
            write!(f, " (limit {limit})")?;
        }
        Ok(())
    }
}

/// A value, and what was noted while reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed<T> {
    /// What was understood.
    pub value: T,
    /// What was not, in the order of the input.
    pub notes: Vec<Note>,
}

impl<T> Parsed<T> {
    /// A value with nothing to note.
    pub const fn clean(value: T) -> Self {
        Self {
            value,
            notes: Vec::new(),
        }
    }

    /// The same notes over another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Parsed<U> {
        Parsed {
            value: f(self.value),
            notes: self.notes,
        }
    }

    /// Whether any note says that the whole input could not be read.
    pub fn failed(&self) -> bool {
        self.notes.iter().any(|n| n.level == Level::Error)
    }
}
