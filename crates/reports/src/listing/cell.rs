//! What stands in a list: columns, and cells that keep their kind, so that each format writes them its own way.

use base::Severity;
use jiff::Timestamp;
use risk::policy::Decision;

use crate::briefing::Hosts;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its key in JSON and CSV.
    pub key: &'static str,
    /// Its heading for people; empty: people are not shown it.
    pub heading: &'static str,
    /// What people read where nothing is known: `unknown`, `none`.
    pub absent: &'static str,
    /// Whether a narrow page may break its words.
    pub wraps: bool,
}

impl Column {
    /// A column everybody sees.
    pub(super) const fn shown(key: &'static str, heading: &'static str) -> Self {
        Self {
            key,
            heading,
            absent: "unknown",
            wraps: true,
        }
    }

    /// The same, never broken.
    pub(super) const fn whole(self) -> Self {
        Self {
            wraps: false,
            ..self
        }
    }

    /// The same with another word where nothing is known.
    pub(super) const fn or(self, absent: &'static str) -> Self {
        Self { absent, ..self }
    }

    /// A column for programs.
    pub(super) const fn data(key: &'static str) -> Self {
        Self {
            key,
            heading: "",
            absent: "",
            wraps: true,
        }
    }
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing is known.
    Unknown,
    /// Text, perhaps from outside.
    Text(String),
    /// Several of them.
    Texts(Vec<String>),
    /// A number.
    Number(u64),
    /// A probability or a score.
    Decimal(f32),
    /// A yes or no.
    Flag(bool),
    /// A moment.
    Time(Timestamp),
    /// A deadline.
    Due {
        /// When.
        by: Timestamp,
        /// It has passed.
        is_overdue: bool,
        /// Without what moved it; `None`: nothing did.
        unmoved: Option<Timestamp>,
    },
    /// A severity that somebody gave.
    Severity(Severity),
    /// Hosts.
    Hosts(Hosts),
    /// What each policy decides, the strictest first.
    Decisions(Vec<Decision>),
}

impl Cell {
    /// A text, or nothing known.
    pub(super) fn text(text: Option<String>) -> Self {
        text.map_or(Self::Unknown, Self::Text)
    }

    /// A moment, or nothing known.
    pub(super) fn time(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Unknown, Self::Time)
    }

    /// A yes or no, or nothing known.
    pub(super) fn flag(flag: Option<bool>) -> Self {
        flag.map_or(Self::Unknown, Self::Flag)
    }
}
