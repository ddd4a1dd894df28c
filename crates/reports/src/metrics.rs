//! The figures of a fleet as a document: how policies' dates were held, exposure, arrivals against closures, time to patch, what
//! is overdue, the backlog. Composed from [`fleet::metrics`]; nothing is counted here.
//!
//! A mean time to remediate is deliberately absent: it leaves out what is still open.

use fleet::metrics::{
    Attainment, BurnDown, Curve, Every, Exposure, Overdue, Period, Spell, attainment, burn_down,
    exposure, flow, overdue, time_to_patch,
};
use jiff::Timestamp;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// From when on; what happened before is left out of flow and exposure.
    pub from: Timestamp,
    /// The moment it is for.
    pub now: Timestamp,
    /// Where the backlog is counted from; `None` without a baseline.
    pub baseline: Option<Timestamp>,
    /// A day or a week.
    pub every: Every,
}

/// The figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// What was asked for.
    pub span: Span,
    /// How each policy's dates were held.
    pub attainment: Vec<Attainment>,
    /// Days of exposure within the span.
    pub exposure: Exposure,
    /// Arrivals against closures.
    pub flow: Vec<Period>,
    /// Time to patch, of everything.
    pub time_to_patch: Curve,
    /// Time to patch, of what is known exploited.
    pub exploited_time_to_patch: Curve,
    /// What is past its date.
    pub overdue: Overdue,
    /// The backlog, where there is a baseline.
    pub burn_down: Option<BurnDown>,
}

/// The figures of some spells.
pub fn figures(spells: &[Spell], span: Span) -> Figures {
    let exploited = spells.iter().filter(|s| s.exploited_since.is_some());
    let exploited: Vec<Spell> = exploited.cloned().collect();
    let down = |baseline| burn_down(spells, baseline, span.now, span.every);
    Figures {
        span,
        attainment: attainment(spells, span.now),
        exposure: exposure(spells, span.from, span.now),
        flow: flow(spells, span.from, span.now, span.every),
        time_to_patch: time_to_patch(spells, span.now),
        exploited_time_to_patch: time_to_patch(&exploited, span.now),
        overdue: overdue(spells, span.now),
        burn_down: span.baseline.map(down),
    }
}
