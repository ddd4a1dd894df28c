//! A deadline by the hour since which a finding is known: all else that `risk::policy` reads is the same for a rating, so what is
//! left is a moment that is fixed, or a period after the hour.

use jiff::Timestamp;
use risk::facts::Facts;
use risk::policy::{Moment, Period, Pick, Policy};

/// The instant of no deadline: later than all.
pub(super) const NEVER: i64 = i64::MAX;

/// What one outcome of a policy sets, in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    counted: Counted,
    /// What was there up to the first instant is not due before the second.
    backlog: Option<(i64, i64)>,
    /// Not due before; of a rank that rose.
    reranked: i64,
}

/// What a period is counted from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Counted {
    /// A moment that no host has a part in: the date.
    Fixed(i64),
    /// The hour it is known since.
    Hour(Period),
    /// That hour or another moment, whichever the clock picks.
    Either {
        period: Period,
        pick: Pick,
        moment: i64,
        /// The date by the moment.
        date: i64,
    },
}

impl Line {
    /// Of an outcome, if its clock starts once the finding is known.
    pub(super) fn of(policy: &Policy, outcome: usize, facts: &Facts) -> Option<Self> {
        let outcome = policy.outcomes.get(outcome)?;
        let period = outcome.deadline?;
        let clock = outcome.clock.as_ref().unwrap_or(&policy.clock);
        let after = |at: Timestamp| period.after(at).as_second();
        let mut others = facts.clone();
        others.detected.value = None;
        let moment = clock.start(&others);
        let counted = match (clock.of.contains(&Moment::Detected), moment) {
            (false, moment) => Counted::Fixed(after(moment?)),
            (true, None) => Counted::Hour(period),
            (true, Some(moment)) => Counted::Either {
                period,
                pick: clock.from,
                moment: floor(moment),
                date: after(moment),
            },
        };
        let baseline = facts.baseline.value.filter(|_| policy.has_baseline);
        let reranked = outcome.rerank.zip(facts.reranked.value);
        Some(Self {
            counted,
            backlog: baseline.map(|baseline| (floor(baseline), after(baseline))),
            reranked: reranked.map_or(i64::MIN, |(period, at)| period.after(at).as_second()),
        })
    }

    /// The deadline where it is known since an hour.
    pub(super) fn date(&self, hour: i32) -> i64 {
        let since = i64::from(hour) * 3600;
        let counted = match self.counted {
            Counted::Fixed(date) => date,
            Counted::Hour(period) => after(period, since),
            Counted::Either {
                period,
                pick,
                moment,
                date,
            } => {
                let is_by_hour = match pick {
                    Pick::Earliest => since <= moment,
                    Pick::Latest => since > moment,
                };
                if is_by_hour {
                    after(period, since)
                } else {
                    date
                }
            }
        };
        let backlog = self.backlog.filter(|(baseline, _)| since <= *baseline);
        counted
            .max(self.reranked)
            .max(backlog.map_or(i64::MIN, |(_, date)| date))
    }

    /// The first hours at which another rule holds: between two of them a deadline is never earlier for beginning later.
    pub(super) fn turns(&self) -> impl Iterator<Item = i32> {
        let moment = match self.counted {
            Counted::Either { moment, .. } => Some(moment),
            _ => None,
        };
        let all = moment.into_iter().chain(self.backlog.map(|(at, _)| at));
        all.filter_map(|at| i32::try_from(at.div_euclid(3600) + 1).ok())
    }

    /// Whether the calendar has a part in it: the 30th of January at noon and the 31st at one end in February the other way
    /// round.
    pub(super) const fn is_by_calendar(&self) -> bool {
        matches!(
            self.counted,
            Counted::Hour(Period::CalendarMonths(_))
                | Counted::Either {
                    period: Period::CalendarMonths(_),
                    ..
                }
        )
    }
}

/// The last whole second up to a moment.
fn floor(at: Timestamp) -> i64 {
    let seconds = at.as_nanosecond().div_euclid(1_000_000_000);
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

fn after(period: Period, since: i64) -> i64 {
    let last = Timestamp::MAX.as_second();
    match period {
        Period::Days(days) => (since + 86_400 * i64::from(days)).min(last),
        Period::CalendarMonths(_) => {
            let start = Timestamp::from_second(since).unwrap_or(Timestamp::MAX);
            period.after(start).as_second()
        }
    }
}
