//! How often a policy's date was held.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Ending, Spell};

/// One policy's dates and how they went, in findings, one a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attainment {
    /// The policy.
    pub policy: String,
    /// Closed by the date.
    pub met: u64,
    /// Closed after it, or taken back or gone with its host after it.
    pub missed: u64,
    /// Open past it.
    pub overdue: u64,
    /// Open, and the date is to come: it counts neither way.
    pub pending: u64,
}

impl Attainment {
    /// Met of all whose date is decided, 0 to 1; `None` where none is. What is open past its date counts as missed.
    pub fn share(&self) -> Option<f64> {
        let decided = self
            .met
            .saturating_add(self.missed)
            .saturating_add(self.overdue);
        (decided > 0).then(|| self.met as f64 / decided as f64)
    }
}

/// Of every policy, by name.
pub fn attainment(spells: &[Spell], now: Timestamp) -> Vec<Attainment> {
    let mut of: BTreeMap<&str, Attainment> = BTreeMap::new();
    for spell in spells {
        for (policy, by) in &spell.due {
            let of = of.entry(policy).or_default();
            let count = match spell.ended {
                Some((ended, _)) if ended > *by => &mut of.missed,
                Some((_, Ending::Fixed)) => &mut of.met,
                // Nobody held a date and nobody missed it.
                Some(_) => continue,
                None if *by < now => &mut of.overdue,
                None => &mut of.pending,
            };
            *count = count.saturating_add(spell.weight);
        }
    }
    let named = of.into_iter();
    named
        .map(|(policy, of)| Attainment {
            policy: policy.to_owned(),
            ..of
        })
        .collect()
}
