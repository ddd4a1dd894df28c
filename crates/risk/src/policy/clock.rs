//! Clocks of a policy: from which moment a deadline is counted, and how far.

use jiff::{Span, Timestamp, ToSpan as _, tz::TimeZone};

use super::question::Moment;
use crate::facts::Facts;

/// Where counting starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Which of the known moments it is.
    pub from: Pick,
    /// The moments; those unknown are left out, and with none known the clock does not start.
    pub of: Vec<Moment>,
}

/// Which of several moments starts a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The first one, as binding directives count.
    Earliest,
    /// The last one: the team can only act when all of them have happened.
    Latest,
}

impl Clock {
    /// The moment it starts, if it can.
    pub fn start(&self, facts: &Facts) -> Option<Timestamp> {
        let known = self.of.iter().filter_map(|moment| moment.of(facts).value);
        match self.from {
            Pick::Earliest => known.min(),
            Pick::Latest => known.max(),
        }
    }
}

/// How far a deadline is from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// So many times 24 hours.
    Days(u16),
    /// To the same day of the month, UTC, so many months later, or the last day of a shorter month: 31 January + 1 is 28 or 29 February.
    CalendarMonths(u8),
}

impl Period {
    /// The instant it ends. A start so late that the calendar ends first gives the end of the calendar.
    pub fn after(self, start: Timestamp) -> Timestamp {
        let months: Span = match self {
            Self::Days(days) => {
                return start
                    .checked_add((24 * i64::from(days)).hours())
                    .unwrap_or(Timestamp::MAX);
            }
            Self::CalendarMonths(months) => i64::from(months).months(),
        };
        start
            .to_zoned(TimeZone::UTC)
            .checked_add(months)
            .map_or(Timestamp::MAX, |end| end.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(start: &str, period: Period, end: &str) {
        let start: Timestamp = start.parse().expect("test data");
        assert_eq!(period.after(start).to_string(), end);
    }

    #[test]
    fn a_day_is_24_hours_and_a_month_is_the_calendars() {
        check(
            "2026-06-10T08:30:00Z",
            Period::Days(3),
            "2026-06-13T08:30:00Z",
        );
        check(
            "2026-03-28T12:00:00Z",
            Period::Days(14),
            "2026-04-11T12:00:00Z",
        );
        check(
            "2026-01-31T10:00:00Z",
            Period::CalendarMonths(1),
            "2026-02-28T10:00:00Z",
        );
        check(
            "2028-01-31T10:00:00Z",
            Period::CalendarMonths(1),
            "2028-02-29T10:00:00Z",
        );
        check(
            "2026-01-30T00:00:00Z",
            Period::CalendarMonths(1),
            "2026-02-28T00:00:00Z",
        );
        check(
            "2026-02-28T00:00:00Z",
            Period::CalendarMonths(1),
            "2026-03-28T00:00:00Z",
        );
        check(
            "2026-12-15T00:00:00Z",
            Period::CalendarMonths(1),
            "2027-01-15T00:00:00Z",
        );
        check(
            "2026-08-31T00:00:00Z",
            Period::CalendarMonths(3),
            "2026-11-30T00:00:00Z",
        );
    }

    #[test]
    fn the_end_of_the_calendar_is_not_passed() {
        assert_eq!(Period::Days(1).after(Timestamp::MAX), Timestamp::MAX);
        assert_eq!(
            Period::CalendarMonths(1).after(Timestamp::MAX),
            Timestamp::MAX
        );
    }
}
