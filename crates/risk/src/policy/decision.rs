//! What a policy answers: act by DATE, by which row, from which facts.

use jiff::Timestamp;

use super::moved::Moved;

/// Act by a date, by which row of which policy, from which facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The policy's id: `bod-26-04`, `pci-6.3.3`, `house-sla`, `ssvc-deployer`.
    pub policy: String,
    /// The row's id in the policy's table.
    pub row: String,
    /// The outcome's id, for people: `3-days-and-triage`, `immediate`.
    pub outcome: String,
    /// The deadline; `None` when the row asks for no date (fix on upgrade) or its clock cannot start (a fact is unknown).
    pub by: Option<Timestamp>,
    /// When forensic triage has to be done; `None` when none is asked for or its clock cannot start.
    pub triage_by: Option<Timestamp>,
    /// What is to be done.
    pub actions: Vec<Action>,
    /// The facts the row was chosen by, in the policy's order; after them, for a deadline that was moved, what moved it and
    /// the deadline before.
    pub facts: Vec<UsedFact>,
    /// It was there before the baseline, by a policy whose clocks start there.
    pub is_backlog: bool,
    /// What moved the deadline, in order; empty for most.
    pub moved: Vec<Moved>,
}

/// What a decision asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Patch by the date.
    Patch,
    /// Look for signs of compromise on the asset, within the policy's triage clock.
    ForensicTriage,
    /// Fix with the next upgrade of the system; no date.
    OnUpgrade,
}

impl Action {
    /// All, in the order they are listed in a decision.
    pub const ALL: [Self; 3] = [Self::Patch, Self::ForensicTriage, Self::OnUpgrade];

    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::ForensicTriage => "forensic-triage",
            Self::OnUpgrade => "on-upgrade",
        }
    }
}

/// A fact as a decision used it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedFact {
    /// `kev`, `exposed`, `automatable`, `technical-impact`, `severity`, `released`, `detected`, …
    pub name: String,
    /// The value in words (`yes`, `total`, `critical`, a date); `None` when unknown.
    pub value: Option<String>,
    /// Who says so, or who was asked.
    pub source: String,
    /// For an unknown fact: what the policy assumed instead.
    pub assumed: Option<String>,
}

/// The decision with the earliest date. Decisions without a date come last, those whose clock has not started before
/// those that only ask for an upgrade; on a tie the first one wins.
pub fn earliest(decisions: &[Decision]) -> Option<&Decision> {
    decisions.iter().min_by_key(|decision| {
        let undated = decision.by.is_none();
        (
            undated,
            decision.by,
            undated && !decision.actions.contains(&Action::Patch),
        )
    })
}
