//! Suppressions: who set which findings aside, why, and until when (`.daywatch.toml`).

use jiff::Timestamp;

/// A finding set aside, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Who answers for it: a role or a team.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Until when; `None` only for a VEX statement.
    pub until: Option<Timestamp>,
    /// What it covers, in words: `CVE-2024-1234 on package zlib1g`.
    pub scope: String,
}
