//! The figures of a fleet as a document: how policies' dates were held, exposure, arrivals against closures, time to patch, what
//! is overdue, the backlog. Composed from [`fleet::metrics`]; nothing is counted here.
//!
//! A mean time to remediate is deliberately absent: it leaves out what is still open.

use fleet::metrics::{
    Attainment, BurnDown, By, Curve, Every, Exposure, Overdue, Part, Period, Spell, attainment,
    begun, burn_down, exposure, flow, overdue, parts, stood, time_to_patch,
};
use jiff::Timestamp;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// From when on: flow and exposure leave out what was before, time to patch is of what began later, and dates are those of
    /// what still stood.
    pub from: Timestamp,
    /// The moment it is for.
    pub now: Timestamp,
    /// Where the backlog is counted from; `None` without a baseline.
    pub baseline: Option<Timestamp>,
    /// A day or a week.
    pub every: Every,
    /// What to tell apart besides.
    pub by: Option<By>,
}

/// What the figures are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// How many hosts the fleet has.
    pub hosts: usize,
    /// The digest of the catalog by which dates and severities are told.
    pub catalog: String,
    /// The moment whose knowledge counts; `None`: what is known now.
    pub as_of: Option<Timestamp>,
    /// Findings set aside or mitigated, one a host: open, with no date to be held.
    pub set_aside: u64,
}

/// The figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// What was asked for.
    pub span: Span,
    /// What they are of.
    pub basis: Basis,
    /// How each policy's dates were held.
    pub attainment: Vec<Attainment>,
    /// Days of exposure within the span.
    pub exposure: Exposure,
    /// Arrivals against closures.
    pub flow: Vec<Period>,
    /// Time to patch, of everything that began in the span.
    pub time_to_patch: Curve,
    /// Time to patch, of what is known exploited.
    pub exploited_time_to_patch: Curve,
    /// What is past its date.
    pub overdue: Overdue,
    /// The backlog, where there is a baseline.
    pub burn_down: Option<BurnDown>,
    /// The figures of each owner, zone, severity or policy, where that was asked for.
    pub parts: Vec<Part>,
}

/// The figures of some spells.
pub fn figures(spells: &[Spell], span: Span, basis: Basis) -> Figures {
    let begun = begun(spells, span.from);
    let exploited = begun.iter().filter(|s| s.exploited_since.is_some());
    let exploited: Vec<Spell> = exploited.cloned().collect();
    let of = |by| parts(spells, by, span.from, span.now);
    let down = |baseline| burn_down(spells, baseline, span.now, span.every);
    Figures {
        span,
        basis,
        attainment: attainment(&stood(spells, span.from), span.now),
        exposure: exposure(spells, span.from, span.now),
        flow: flow(spells, span.from, span.now, span.every),
        time_to_patch: time_to_patch(&begun, span.now),
        exploited_time_to_patch: time_to_patch(&exploited, span.now),
        overdue: overdue(spells, span.now),
        burn_down: span.baseline.map(down),
        parts: span.by.map(of).unwrap_or_default(),
    }
}
