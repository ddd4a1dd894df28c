//! One VEX statement, whichever format said it.

use jiff::Timestamp;

use super::product::Product;

/// The status labels of the VEX working group (Minimum Requirements for VEX, CISA, April 2023).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// No remediation is required.
    NotAffected,
    /// Action is recommended.
    Affected,
    /// These versions contain a fix.
    Fixed,
    /// Not known yet.
    UnderInvestigation,
}

impl Status {
    /// The label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::Affected => "affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under_investigation",
        }
    }

    /// Whether a finding with this status is none.
    pub const fn clears(self) -> bool {
        matches!(self, Self::NotAffected | Self::Fixed)
    }
}

/// What the statement that clears a finding says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// [`Status::NotAffected`] or [`Status::Fixed`].
    pub status: Status,
    /// The machine-readable justification, if one is given.
    pub justification: Option<String>,
    /// One sentence: who says what, since when and why.
    pub detail: String,
    /// The document.
    pub source: String,
}

/// What one document says of one vulnerability in some products.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) ids: Vec<String>,
    pub(super) status: Status,
    pub(super) justification: Option<String>,
    /// Why, in the author's words.
    pub(super) words: Option<String>,
    pub(super) author: String,
    pub(super) time: Option<Timestamp>,
    /// Never empty.
    pub(super) products: Vec<Product>,
    pub(super) source: String,
}

/// Characters of the author's words that a detail repeats.
const WORDS_CHARS: usize = 300;

impl Statement {
    pub(super) fn cleared(&self) -> Cleared {
        let mut detail = format!("{} says {}", self.author, self.status.as_str());
        if let Some(time) = self.time {
            detail += &format!(" since {}", time.strftime("%Y-%m-%d"));
        }
        let why = [self.justification.as_deref(), self.words.as_deref()];
        for part in why.into_iter().flatten() {
            detail.push_str(": ");
            detail.extend(part.chars().take(WORDS_CHARS));
        }
        Cleared {
            status: self.status,
            justification: self.justification.clone(),
            detail,
            source: self.source.clone(),
        }
    }
}
