//! Days of exposure: how long how many hosts were open.

use jiff::Timestamp;

use super::{Spell, days};

/// Days × hosts within some time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exposure {
    /// Of all findings.
    pub days: f64,
    /// Of those known exploited, counted from when they were.
    pub exploited_days: f64,
}

/// The days each finding stood between two moments, times its hosts. What stands still counts up to `to`.
pub fn exposure(spells: &[Spell], from: Timestamp, to: Timestamp) -> Exposure {
    let mut sum = Exposure::default();
    for spell in spells {
        let end = spell.end(to).min(to);
        let weight = spell.weight as f64;
        sum.days += weight * days(spell.opened.max(from), end);
        if let Some(since) = spell.exploited_since {
            sum.exploited_days += weight * days(spell.opened.max(from).max(since), end);
        }
    }
    sum
}
