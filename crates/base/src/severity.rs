//! The qualitative severity scale of CVSS v3 and v4 (<https://www.first.org/cvss/v4-0/specification-document>, section 6).

use std::fmt;
use std::str::FromStr;

/// Severity, lowest first. "Unknown" is the absence of one (`Option<Severity>`), never a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Score 0.0.
    None,
    /// 0.1 to 3.9.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9.
    High,
    /// 9.0 to 10.0.
    Critical,
}

impl Severity {
    /// All, lowest first.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The word of the contract: lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The word is not one of the scale, nor one of the vendors' words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASeverity;

impl FromStr for Severity {
    type Err = NotASeverity;

    /// Takes the scale's words and the common vendor words (`important`, `moderate`, `negligible`), in any case.
    fn from_str(text: &str) -> Result<Self, NotASeverity> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "none" => Self::None,
            "low" | "negligible" | "minor" => Self::Low,
            "medium" | "moderate" => Self::Medium,
            "high" | "important" => Self::High,
            "critical" => Self::Critical,
            _ => return Err(NotASeverity),
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
