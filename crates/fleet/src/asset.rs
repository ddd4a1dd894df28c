//! What the team says about a host: facts no feed and no package list can give.

/// The team's facts about one host; each may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asset {
    /// Network segment: `dmz`, `office`.
    pub zone: Option<String>,
    /// Who patches it: a role or a team.
    pub owner: Option<String>,
    /// `low`, `medium`, `high` or `very-high`.
    pub criticality: Option<Criticality>,
    /// Reachable by untrusted parties from public networks.
    pub exposed: Option<bool>,
    /// Who said so: the file the facts came from.
    pub source: String,
}

/// How much it hurts when the host fails (SSVC Human Impact's four steps).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criticality {
    /// Hardly.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// The business stops, or people are harmed.
    VeryHigh,
}

impl Criticality {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::VeryHigh => "very-high",
        }
    }
}
