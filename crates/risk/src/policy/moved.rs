//! Deadlines that are later than a clock alone would have them: for what was there before the baseline, and for an old patch
//! that became urgent. Both dates are shown, for a deadline that moved in silence is one nobody believes.

use jiff::Timestamp;

use super::decision::UsedFact;
use crate::facts::Fact;

/// What moves a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shift {
    /// It was there before the baseline, from which the policy's clocks run.
    Baseline,
    /// Its rank rose to what it is after the clock had started.
    Rerank,
}

impl Shift {
    /// The name of the moment in a decision: `baseline`, `reranked`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Rerank => "reranked",
        }
    }
}

/// A deadline was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What moved it.
    pub by: Shift,
    /// The moment of it.
    pub at: Timestamp,
    /// Who says so.
    pub source: String,
    /// The deadline without it.
    pub from: Timestamp,
}

impl Moved {
    /// As facts of a decision: the moment, and the deadline before.
    pub(super) fn to_facts(&self) -> [UsedFact; 2] {
        let fact = |name: String, at: Timestamp, source: &str| UsedFact {
            name,
            value: Some(at.to_string()),
            source: source.to_owned(),
            assumed: None,
        };
        let name = self.by.as_str();
        [
            fact(name.to_owned(), self.at, &self.source),
            fact(
                format!("due-without-{name}"),
                self.from,
                "the clock of the row",
            ),
        ]
    }
}

/// A deadline on its way.
pub(super) struct Due {
    pub(super) by: Timestamp,
    pub(super) moved: Vec<Moved>,
}

impl Due {
    /// Moves the deadline where it is earlier.
    pub(super) fn not_before(&mut self, earliest: Timestamp, by: Shift, fact: &Fact<Timestamp>) {
        let Some(at) = fact.value.filter(|_| self.by < earliest) else {
            return;
        };
        self.moved.push(Moved {
            by,
            at,
            source: fact.source.clone(),
            from: self.by,
        });
        self.by = earliest;
    }
}
