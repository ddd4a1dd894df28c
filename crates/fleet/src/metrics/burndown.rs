//! A backlog against a baseline: what stood when counting began burns down by itself; what came since is counted apart.

use jiff::Timestamp;

use super::Spell;
use super::flow::{Every, Period, flow};

/// The backlog and the arrivals since.
#[derive(Clone, Debug, PartialEq)]
pub struct BurnDown {
    /// When counting began.
    pub baseline: Timestamp,
    /// Stood at that moment, in findings, one a host.
    pub at_baseline: u64,
    /// The backlog alone: `arrived` is 0, `open` is what is left of it.
    pub backlog: Vec<Period>,
    /// What came since: `open` is what stands of that.
    pub since: Vec<Period>,
}

/// From the baseline to a moment.
pub fn burn_down(spells: &[Spell], baseline: Timestamp, to: Timestamp, every: Every) -> BurnDown {
    let stood = |s: &&Spell| s.stands_at(baseline);
    let at_start = |spell: &Spell| Spell {
        opened: baseline,
        ..spell.clone()
    };
    let old: Vec<Spell> = spells.iter().filter(stood).map(at_start).collect();
    let came = spells.iter().filter(|s| s.opened > baseline);
    let new: Vec<Spell> = came.cloned().collect();
    let mut backlog = flow(&old, baseline, to, every);
    for period in &mut backlog {
        // The flow takes what was there already for an arrival of the first period.
        period.arrived = 0;
    }
    BurnDown {
        baseline,
        at_baseline: old.iter().fold(0, |sum, s| sum.saturating_add(s.weight)),
        backlog,
        since: flow(&new, baseline, to, every),
    }
}
