//! Time to patch by the product-limit estimator (Kaplan and Meier, JASA 53, 1958, 457–481): what is open yet is censored at its
//! age, not left out; so is, at its end, what was taken back or left with its host, since nobody patched it. A mean of the closed ones alone would get better the longer the hard ones stay open.
//!
//! Variance by Greenwood's formula; intervals on the log(−log) scale (Kalbfleisch and Prentice 1980, §1.3), those of a quantile
//! by reading the band across (Brookmeyer and Crowley, Biometrics 38, 1982). Hosts count as independent: where one act patches
//! many at once, the true interval is wider.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{DAY, Ending, Spell};

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The share still open, by age.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Findings, one a host.
    pub findings: u64,
    /// How many of them were closed.
    pub closed: u64,
    /// One point for each age at which any was closed, youngest first.
    pub points: Vec<Point>,
    /// The greatest age of any, in days: beyond it nothing is known.
    pub last_days: f64,
}

/// What holds from an age on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The age, in days.
    pub days: f64,
    /// Reached that age open.
    pub at_risk: u64,
    /// Were closed at it.
    pub closed: u64,
    /// The share still open after it, 0 to 1.
    pub open: f64,
    /// Its standard error by Greenwood's formula; `None` where all are closed.
    pub standard_error: Option<f64>,
    /// Its 95 % interval; `None` where all are closed.
    pub interval: Option<(f64, f64)>,
}

/// By when a share was closed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// In days; `None` is "not reached": fewer are closed.
    pub days: Option<f64>,
    /// The lower end of its 95 % interval; `None` is "not reached".
    pub low: Option<f64>,
    /// The upper end; `None` is "not reached".
    pub high: Option<f64>,
}

/// The curve of some spells. Ages are whole seconds; one that ended before it began has age 0.
pub fn time_to_patch(spells: &[Spell], now: Timestamp) -> Curve {
    let mut ages: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    let seen = |s: &&Spell| s.weight > 0 && s.opened <= now;
    for spell in spells.iter().filter(seen) {
        let is_fixed = |(at, ending): (Timestamp, Ending)| ending == Ending::Fixed && at <= now;
        let closed = spell.ended.is_some_and(is_fixed);
        let end = spell.end(now).min(now);
        let age = end.as_second() - spell.opened.as_second();
        let (events, censored) = ages.entry(age).or_default();
        let count = if closed { events } else { censored };
        *count = count.saturating_add(spell.weight);
    }
    curve(&ages)
}

/// From the events and the censored at each age. What is censored at the age of an event was at risk of it.
fn curve(ages: &BTreeMap<i64, (u64, u64)>) -> Curve {
    let total = |sum: u64, (events, censored): &(u64, u64)| {
        sum.saturating_add(*events).saturating_add(*censored)
    };
    let findings = ages.values().fold(0, total);
    let mut at_risk = findings;
    let (mut open, mut greenwood) = (1.0_f64, 0.0_f64);
    let mut points = Vec::new();
    for (&age, &(events, censored)) in ages {
        if events > 0 {
            let (n, d) = (at_risk as f64, events as f64);
            open *= (n - d) / n;
            greenwood += d / (n * (n - d));
            points.push(Point {
                days: age as f64 / DAY,
                at_risk,
                closed: events,
                open,
                standard_error: (events < at_risk).then(|| open * greenwood.sqrt()),
                interval: (events < at_risk).then(|| log_log(open, greenwood)),
            });
        }
        at_risk = at_risk.saturating_sub(events).saturating_sub(censored);
    }
    let last = ages.last_key_value();
    Curve {
        findings,
        closed: ages
            .values()
            .fold(0, |sum, (events, _)| sum.saturating_add(*events)),
        points,
        last_days: last.map_or(0.0, |(age, _)| *age as f64 / DAY),
    }
}

/// exp(−exp(θ ± z σ)) with θ = log(−log S) and σ² = Greenwood's sum / (log S)².
fn log_log(open: f64, greenwood: f64) -> (f64, f64) {
    let width = (Z * greenwood.sqrt() / open.ln().abs()).exp();
    (open.powf(width), open.powf(1.0 / width))
}

impl Curve {
    /// The share open at an age, 0 to 1; `None` beyond the greatest age of any, unless none was open then.
    pub fn open_at(&self, days: f64) -> Option<f64> {
        let before = self.points.iter().take_while(|p| p.days <= days).last();
        let open = before.map_or(1.0, |p| p.open);
        (days <= self.last_days || open == 0.0).then_some(open)
    }

    /// By when a share (0.5: the median) was closed: the first age at which no more than the rest is open. Where exactly the rest
    /// stays open for a while, the middle of that while, as is usual.
    pub fn closed_share(&self, share: f64) -> Estimate {
        let rest = 1.0 - share;
        let open = |p: &Point| Some(p.open);
        let low = |p: &Point| p.interval.map(|(low, _)| low).or(Some(p.open));
        let high = |p: &Point| p.interval.map(|(_, high)| high);
        Estimate {
            days: self.crossing(rest, open),
            low: self.crossing(rest, low),
            high: self.crossing(rest, high),
        }
    }

    /// The median: half are closed.
    pub fn median(&self) -> Estimate {
        self.closed_share(0.5)
    }

    fn crossing(&self, rest: f64, value: impl Fn(&Point) -> Option<f64>) -> Option<f64> {
        /// Rounding of the products, far below any share a fleet can have.
        const SLACK: f64 = 1e-9;
        let below = |p: &Point| value(p).is_some_and(|v| v <= rest + SLACK);
        let at = self.points.iter().position(below)?;
        let is_exact = value(&self.points[at]).is_some_and(|v| (v - rest).abs() <= SLACK);
        let days = self.points[at].days;
        match self.points.get(at + 1) {
            Some(next) if is_exact => Some(f64::midpoint(days, next.days)),
            _ => Some(days),
        }
    }
}
