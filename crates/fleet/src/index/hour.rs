//! Dates of findings are kept by the hour, rounded down: few enough that hosts share them, and never later than a rule allows.

use jiff::Timestamp;

/// A whole hour, counted from the beginning of 1970 (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(pub i32);

impl Hour {
    /// The hour an instant is in.
    pub fn of(at: Timestamp) -> Self {
        let hours = at.as_second().div_euclid(3600);
        Self(i32::try_from(hours).expect("the years -9999 to 9999 have fewer than 2^31 hours"))
    }

    /// The instant it begins; the nearest one there is for an hour beyond all dates.
    pub fn start(self) -> Timestamp {
        let beyond = if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        Timestamp::from_second(i64::from(self.0) * 3600).unwrap_or(beyond)
    }

    /// How many hours lie between this and a later one; none if it is not later.
    pub fn hours_until(self, later: Self) -> u32 {
        let hours = i64::from(later.0) - i64::from(self.0);
        u32::try_from(hours).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(at: &str, start: &str) {
        let at: Timestamp = at.parse().unwrap();
        assert_eq!(Hour::of(at).start().to_string(), start);
    }

    #[test]
    fn an_hour_is_never_later_than_what_it_is_of() {
        check("2026-11-24T18:59:59.9Z", "2026-11-24T18:00:00Z");
        check("2026-11-24T18:00:00Z", "2026-11-24T18:00:00Z");
        check("1969-12-31T23:59:59Z", "1969-12-31T23:00:00Z");
        check("1900-01-01T00:30:00Z", "1900-01-01T00:00:00Z");
    }

    #[test]
    fn hours_do_not_run_backwards() {
        assert_eq!(Hour(3).hours_until(Hour(5)), 2);
        assert_eq!(Hour(5).hours_until(Hour(3)), 0);
        assert_eq!(Hour(i32::MIN).hours_until(Hour(i32::MAX)), u32::MAX);
        assert_eq!(Hour(i32::MIN).start(), Timestamp::MIN);
    }
}
