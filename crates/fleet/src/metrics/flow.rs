//! Arrivals against closures, a day or a week.

use base::Limit;
use jiff::Timestamp;

use super::{Ending, Spell};

/// How many periods one flow may have: ten years of days.
pub const FLOW_PERIODS: Limit = Limit::new("flow-periods", 3_660);

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// 24 hours.
    Day,
    /// Seven of them.
    Week,
}

impl Every {
    pub(super) const fn seconds(self) -> i64 {
        match self {
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
        }
    }
}

/// What came and went in one period, in findings, one a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// When it begins.
    pub start: Timestamp,
    /// When it ends; that moment is no part of it.
    pub end: Timestamp,
    /// Began in it.
    pub arrived: u64,
    /// Were seen fixed in it.
    pub closed: u64,
    /// Ended in it otherwise: taken back, or gone with their host.
    pub gone: u64,
    /// Stood at its end.
    pub open: u64,
}

/// The periods from one moment to another; the last one may be shorter. At most [`FLOW_PERIODS`], the latest.
pub fn flow(spells: &[Spell], from: Timestamp, to: Timestamp, every: Every) -> Vec<Period> {
    let mut periods = periods(from, to, every);
    let Some(first) = periods.first().map(|p| p.start) else {
        return periods;
    };
    let place = |at: Timestamp| {
        let since = at.as_second() - first.as_second();
        let place = usize::try_from(since.div_euclid(every.seconds())).ok()?;
        (at < to).then_some(place)
    };
    let mut open: u64 = 0;
    for spell in spells {
        match place(spell.opened) {
            Some(at) => add(&mut periods[at].arrived, spell.weight),
            None if spell.opened < first => add(&mut open, spell.weight),
            None => continue,
        }
        let Some((ended, ending)) = spell.ended else {
            continue;
        };
        let ended = ended.max(spell.opened);
        match (place(ended), ending) {
            (Some(at), Ending::Fixed) => add(&mut periods[at].closed, spell.weight),
            (Some(at), _) => add(&mut periods[at].gone, spell.weight),
            (None, _) if ended < first => open = open.saturating_sub(spell.weight),
            (None, _) => {}
        }
    }
    for period in &mut periods {
        open = open
            .saturating_add(period.arrived)
            .saturating_sub(period.closed)
            .saturating_sub(period.gone);
        period.open = open;
    }
    periods
}

/// Empty periods between two moments.
fn periods(from: Timestamp, to: Timestamp, every: Every) -> Vec<Period> {
    let step = every.seconds();
    let seconds = (to.as_second() - from.as_second()).max(0);
    let whole = seconds / step + i64::from(seconds % step != 0);
    let most = i64::try_from(FLOW_PERIODS.max).unwrap_or(i64::MAX);
    let skipped = (whole - most).max(0);
    let start = |n: i64| {
        let second = from.as_second().saturating_add(n.saturating_mul(step));
        Timestamp::from_second(second).unwrap_or(to)
    };
    (skipped..whole)
        .map(|n| Period {
            start: start(n),
            end: start(n + 1).min(to),
            arrived: 0,
            closed: 0,
            gone: 0,
            open: 0,
        })
        .collect()
}

fn add(to: &mut u64, weight: u64) {
    *to = to.saturating_add(weight);
}
