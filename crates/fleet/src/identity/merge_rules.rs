//! How much each kind of id counts. The table is data that a team may change in its rules file, and that is shown to it.

use super::identifier::IdentifierKind;

/// How much a kind of id counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Nothing.
    None,
    /// Two ids of different kinds are enough.
    Supporting,
    /// One is enough, if nothing speaks against it.
    Decisive,
}

impl Strength {
    /// Every strength, the weakest first.
    pub const ALL: [Self; 3] = [Self::None, Self::Supporting, Self::Decisive];

    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Supporting => "supporting",
            Self::Decisive => "decisive",
        }
    }
}

/// How much every kind counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRules {
    strengths: [Strength; IdentifierKind::ALL.len()],
}

impl Default for MergeRules {
    /// Cards move between machines and addresses are given to others, and a NetBIOS name that may be cut off can stand for
    /// several: they only support.
    fn default() -> Self {
        use IdentifierKind::{Address, Card, NetBios};
        let of_kind = |kind| match kind {
            NetBios | Card | Address => Strength::Supporting,
            _ => Strength::Decisive,
        };
        Self {
            strengths: IdentifierKind::ALL.map(of_kind),
        }
    }
}

impl MergeRules {
    /// How much a kind counts.
    pub const fn strength(&self, kind: IdentifierKind) -> Strength {
        self.strengths[kind as usize]
    }

    /// Another strength for a kind.
    pub const fn set(&mut self, kind: IdentifierKind, strength: Strength) {
        self.strengths[kind as usize] = strength;
    }
}
