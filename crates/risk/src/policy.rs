//! Policies as data: tables from facts to a deadline, and the [`Decision`] they give.

use jiff::Timestamp;

use crate::facts::Facts;

/// Act by a date, by which row of which policy, from which facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The policy's id: `bod-26-04`, `pci-6.3.3`, `house-sla`, `ssvc-deployer`.
    pub policy: String,
    /// The row's id in the policy's table.
    pub row: String,
    /// The deadline; `None` when the row asks for no date (fix on upgrade) or its clock cannot start (a fact is unknown).
    pub by: Option<Timestamp>,
    /// What is to be done.
    pub actions: Vec<Action>,
    /// The facts the row was chosen by, in the policy's order.
    pub facts: Vec<UsedFact>,
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

/// A policy read from its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Unique id.
    pub id: String,
}

impl Policy {
    /// The decision for one finding, or `None` when the policy has nothing to say about it (PCI 6.3.3 on a low).
    pub fn decide(&self, facts: &Facts) -> Option<Decision> {
        let _ = facts;
        None
    }
}

/// The policies that ship: BOD 26-04, PCI DSS 6.3.3, the house SLA, SSVC deployer.
pub fn shipped() -> Vec<Policy> {
    Vec::new()
}
