//! How fast holes are closed, in figures that open ones cannot flatter: attainment of each policy's dates, days of exposure,
//! arrivals against closures, time to patch with the open ones censored, what is overdue, how a backlog burns down; of all, or of
//! each owner, zone, severity or policy.
//!
//! All from [`Spell`]s: the time a finding stood on some hosts. A spell counts as many times as it has hosts (`weight`) and is
//! never expanded, so a million findings cost what their groups cost.

mod attainment;
mod breakdown;
mod burndown;
mod exposure;
mod flow;
mod survival;

use std::sync::Arc;

use base::Severity;
use jiff::Timestamp;

pub use attainment::{Attainment, attainment};
pub use breakdown::{By, Part, parts};
pub use burndown::{BurnDown, burn_down};
pub use exposure::{Exposure, exposure};
pub use flow::{Every, FLOW_PERIODS, Period, flow};
pub use survival::{Curve, Estimate, Point, time_to_patch};

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// How a spell ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// A report saw it gone.
    Fixed,
    /// The advisory was taken back: nobody patched anything.
    Cleared,
    /// Its host left the fleet.
    Left,
}

/// The time a finding stood open on some hosts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spell {
    /// When it began.
    pub opened: Timestamp,
    /// When and how it ended; `None` while it stands. Not after `now`.
    pub ended: Option<(Timestamp, Ending)>,
    /// How severe.
    pub severity: Option<Severity>,
    /// Since when it is known exploited; `None` where it is not.
    pub exploited_since: Option<Timestamp>,
    /// Who patches it.
    pub owner: Option<Arc<str>>,
    /// The zone of the hosts.
    pub zone: Option<Arc<str>>,
    /// The date of each policy that set one; none where it is set aside, and so not counted as held or missed.
    pub due: Vec<(Arc<str>, Timestamp)>,
    /// On how many hosts.
    pub weight: u64,
}

impl Spell {
    /// The earliest date of all policies.
    pub fn earliest_due(&self) -> Option<Timestamp> {
        self.due.iter().map(|(_, by)| *by).min()
    }

    /// When it ended, however.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.ended.map(|(at, _)| at)
    }

    /// Until when it is known to have stood: its end, else now. Never before its beginning: a clock may have run backwards.
    fn end(&self, now: Timestamp) -> Timestamp {
        self.ended_at().unwrap_or(now).max(self.opened)
    }

    /// Whether it stands at a moment.
    fn stands_at(&self, at: Timestamp) -> bool {
        self.opened <= at && self.ended_at().is_none_or(|ended| ended > at)
    }
}

/// Days from one moment to another; 0 where the second is not after the first.
fn days(from: Timestamp, to: Timestamp) -> f64 {
    let seconds = to.as_second().saturating_sub(from.as_second());
    seconds.max(0) as f64 / DAY
}

/// What began at a moment or later: of these the time to patch is known from the first day, so that none that was closed before
/// is missing.
pub fn begun(spells: &[Spell], from: Timestamp) -> Vec<Spell> {
    let begun = spells.iter().filter(|spell| spell.opened >= from);
    begun.cloned().collect()
}

/// What stood at a moment, or began later.
pub fn stood(spells: &[Spell], from: Timestamp) -> Vec<Spell> {
    let stood = spells
        .iter()
        .filter(|spell| spell.ended_at().is_none_or(|ended| ended >= from));
    stood.cloned().collect()
}

/// How many findings, one a host, are past a date of theirs, of all and of each owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overdue {
    /// All.
    pub findings: u64,
    /// Known exploited among them.
    pub exploited: u64,
    /// Each owner's, most first; `None` is nobody's.
    pub owners: Vec<(Option<Arc<str>>, u64)>,
}

/// What stands and is past its earliest date.
pub fn overdue(spells: &[Spell], now: Timestamp) -> Overdue {
    let mut of_owner = std::collections::BTreeMap::<Option<&str>, u64>::new();
    let mut all = Overdue::default();
    let late = |s: &&Spell| s.stands_at(now) && s.earliest_due().is_some_and(|by| by < now);
    for spell in spells.iter().filter(late) {
        all.findings = all.findings.saturating_add(spell.weight);
        if spell.exploited_since.is_some_and(|since| since <= now) {
            all.exploited = all.exploited.saturating_add(spell.weight);
        }
        let of = of_owner.entry(spell.owner.as_deref()).or_default();
        *of = of.saturating_add(spell.weight);
    }
    let owners = of_owner.into_iter();
    all.owners = owners.map(|(o, n)| (o.map(Arc::from), n)).collect();
    all.owners.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    all
}

#[cfg(test)]
mod tests;
