//! Updates as the tools of Windows list them: their numbers, and the day each was installed. The writing of days follows the
//! language of the machine, so a day is only taken where the file leaves no doubt.

use std::collections::BTreeMap;

use base::{Kb, Limit, Note};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::InstalledUpdate;
use crate::formats::notes::Notes;

/// The most updates read from one file; the machines with the longest history have about a thousand.
const UPDATES: Limit = Limit::new("windows-updates", 20_000);

/// Updates while a file is read. Days are judged at the end, since one row can tell how all of them are written.
#[derive(Debug, Default)]
pub(super) struct Updates {
    found: BTreeMap<Kb, Vec<String>>,
    left_out: u64,
}

impl Updates {
    /// One update, with the day as it is written.
    pub(super) fn add(&mut self, kb: Kb, day: Option<&str>) {
        if !self.found.contains_key(&kb) && UPDATES.is_exceeded_by(self.found.len() as u64 + 1) {
            self.left_out += 1;
            return;
        }
        let days = self.found.entry(kb).or_default();
        // An update is listed once for each of its parts; more than a few days of one tell nothing new.
        if let Some(day) = day.filter(|_| days.len() < 8) {
            days.push(day.to_owned());
        }
    }

    /// The updates by number, each once, with the latest of its days.
    pub(super) fn finish(self, notes: &mut Notes) -> Vec<InstalledUpdate> {
        let order = DayOrder::of(self.found.values().flatten().map(String::as_str));
        let mut doubtful = 0_usize;
        let mut installed = |days: &[String]| {
            let read: Vec<Option<Date>> = days.iter().map(|d| order.read(d)).collect();
            doubtful += usize::from(read.contains(&None));
            read.into_iter().flatten().max()
        };
        let updates = self
            .found
            .iter()
            .map(|(&kb, days)| InstalledUpdate {
                kb,
                installed: installed(days),
            })
            .collect();
        if doubtful > 0 {
            notes.push(Note::info(format!(
                "updates whose day of installation cannot be told from its writing: {doubtful}"
            )));
        }
        if self.left_out > 0 {
            let what = format!("more updates were left out: {}", self.left_out);
            notes.push(Note::warning(what).because_of(UPDATES));
        }
        updates
    }
}

/// The update an entry of a list names at its beginning: `KB4487044`, `KB2510531-IE8 - Update`, `Q147222`, and `M928366`,
/// `S867460` as updates of .NET 1 were numbered. `None` for `File 1` and names without a number.
pub(super) fn named(entry: &str) -> Option<Kb> {
    let entry = entry.trim();
    let prefix = ["KB", "Q", "M", "S"].into_iter().find(|p| {
        entry
            .get(..p.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(p))
    })?;
    let rest = &entry[prefix.len()..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let follows_a_word = rest[digits..]
        .chars()
        .next()
        .is_some_and(|c| c.is_alphanumeric());
    // Without the prefix `KB` only the six digits of that time are a number of the knowledge base.
    if follows_a_word || (prefix != "KB" && digits != 6) {
        return None;
    }
    rest[..digits].parse().ok()
}

/// Which number of `3/2/2019` is the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DayOrder {
    MonthFirst,
    DayFirst,
    Unknown,
}

impl DayOrder {
    /// Told by the days that can be read one way only, if they agree.
    fn of<'a>(days: impl Iterator<Item = &'a str>) -> Self {
        let (mut month_first, mut day_first) = (false, false);
        for [a, b, _] in days
            .filter_map(|d| numbers(d).filter(|(_, sep)| *sep == '/'))
            .map(|(n, _)| n)
        {
            month_first |= a <= 12 && b > 12;
            day_first |= b <= 12 && a > 12;
        }
        match (month_first, day_first) {
            (true, false) => Self::MonthFirst,
            (false, true) => Self::DayFirst,
            _ => Self::Unknown,
        }
    }

    fn read(self, text: &str) -> Option<Date> {
        let text = text.trim();
        if let Some(date) = unmistakable(text) {
            return Some(date);
        }
        let ([a, b, year], separator) = numbers(text)?;
        let day_month = |day: u32, month: u32| date(year, month, day);
        match (self, separator) {
            // No language writes the month first with dots.
            (_, '.') => day_month(a, b),
            _ if a == b => day_month(a, b),
            _ if a > 12 => day_month(a, b),
            _ if b > 12 => day_month(b, a),
            (Self::MonthFirst, '/') => day_month(b, a),
            (Self::DayFirst, '/') => day_month(a, b),
            _ => None,
        }
    }
}

/// Whether the word is a day, in whatever order.
pub(super) fn looks_like_a_day(word: &str) -> bool {
    numbers(word).is_some() || unmistakable(word).is_some()
}

/// `2019-03-02`, `2019/03/02`, `20190302`, with or without a time; `/Date(1551484800000)/`; a file time in hexadecimal, as
/// Vista writes it (`01c9c5ce4b48e5fd`).
fn unmistakable(text: &str) -> Option<Date> {
    if let Some(at) = text.find("/Date(") {
        let number = &text[at + 6..];
        let end = number.find(|c: char| !c.is_ascii_digit() && c != '-')?;
        return local_day(number[..end].parse().ok()?);
    }
    if text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit()) && text.starts_with("01") {
        return file_time(u64::from_str_radix(text, 16).ok()?);
    }
    // `yyyymmdd`, alone or before a time as WMI writes it.
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if matches!(digits, 8 | 14) {
        return date(
            text[..4].parse().ok()?,
            text[4..6].parse().ok()?,
            text[6..8].parse().ok()?,
        );
    }
    let mut parts = text.splitn(3, ['-', '/', '.']);
    let year = parts.next().filter(|y| y.len() == 4)?.parse().ok()?;
    let month = parts.next()?.trim().parse().ok()?;
    let rest = parts.next()?.trim_start();
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    date(year, month, rest[..end].parse().ok()?)
}

/// The day of a moment that was midnight where the machine stands. PowerShell writes the moment in UTC, so it is half a day
/// off at most, but for the islands east of UTC+12.
fn local_day(milliseconds: i64) -> Option<Date> {
    const HALF_DAY: i64 = 12 * 3_600_000;
    day_of(Timestamp::from_millisecond(milliseconds.checked_add(HALF_DAY)?).ok()?)
}

/// The day of a number of 100 nanoseconds since 1601 (`FILETIME`), in UTC.
pub(super) fn file_time(ticks: u64) -> Option<Date> {
    const SECONDS_TO_1970: i64 = 11_644_473_600;
    let seconds = i64::try_from(ticks / 10_000_000).ok()? - SECONDS_TO_1970;
    day_of(Timestamp::from_second(seconds).ok()?)
}

fn day_of(time: Timestamp) -> Option<Date> {
    sensible(time.to_zoned(TimeZone::UTC).date())
}

/// The three numbers of `3/2/2019`, `02.03.2019 00:00:00`, `2-3-2019`, and what stands between them; the year is the last.
fn numbers(text: &str) -> Option<([u32; 3], char)> {
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '/' | '.' | '-') {
        return None;
    }
    let mut parts = text.splitn(3, separator);
    let mut next = || parts.next().map(|p| p.trim().trim_matches('\u{200E}'));
    let first = next()?.parse().ok()?;
    let second = next()?.parse().ok()?;
    let rest = next()?;
    let year = rest
        .get(..4)
        .filter(|y| y.bytes().all(|b| b.is_ascii_digit()))?;
    let follows = rest.as_bytes().get(4).is_some_and(u8::is_ascii_digit);
    (!follows).then_some(([first, second, year.parse().ok()?], separator))
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let small = |n: u32| i8::try_from(n).ok();
    let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    sensible(date)
}

/// Windows is younger than that, and the years of other calendars (2562 in Thailand) lie above.
fn sensible(date: Date) -> Option<Date> {
    (1990..2100).contains(&date.year()).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_an_update_by_its_beginning() {
        let check = |entry: &str, expected: Option<u32>| {
            assert_eq!(named(entry).map(Kb::number), expected, "{entry}");
        };
        check("KB4487044", Some(4_487_044));
        check(" kb2510531-IE8 - Update", Some(2_510_531));
        check("KB975558_WM8", Some(975_558));
        check("KB2803821-v2 - Update", Some(2_803_821));
        check("KB4487044)", Some(4_487_044));
        check("Q147222", Some(147_222));
        check("M928366 - Update", Some(928_366));
        check("S867460 - Update", Some(867_460));
        check("File 1", None);
        check("KB2862", None);
        check("KB12345678901", None);
        check("SP1 - SP", None);
        check("M12", None);
        check("QFE147222", None);
        check("KB123456x", None);
        check("KBé23456", None);
        check("Ké", None);
        check("", None);
    }

    #[test]
    fn a_day_is_read_where_there_is_one_way_to_read_it() {
        let check = |text: &str, expected: Option<(i16, i8, i8)>| {
            let found = DayOrder::Unknown
                .read(text)
                .map(|d| (d.year(), d.month(), d.day()));
            assert_eq!(found, expected, "{text}");
        };
        check("2019-03-02", Some((2019, 3, 2)));
        check("2019-03-02T00:00:00+01:00", Some((2019, 3, 2)));
        check("2019/3/2", Some((2019, 3, 2)));
        check("20190302", Some((2019, 3, 2)));
        check("20190302000000.000000+060", Some((2019, 3, 2)));
        check("02.03.2019 00:00:00", Some((2019, 3, 2)));
        check("12/21/2018", Some((2018, 12, 21)));
        check("21/12/2018", Some((2018, 12, 21)));
        check("3/3/2019", Some((2019, 3, 3)));
        check("3/2/2019", None);
        check("3-2-2019", None);
        check("10/09/2018, 09:40:53", None);
        check("/Date(1551484800000)/", Some((2019, 3, 2)));
        // Midnight at UTC+1 and at UTC-8.
        check("/Date(1551481200000)/", Some((2019, 3, 2)));
        check("/Date(1551513600000)/", Some((2019, 3, 2)));
        check("\\/Date(1551484800000)\\/", Some((2019, 3, 2)));
        // As posted for a server of 2008, whose panel showed 4/25/2009 for it.
        check("01c9c5ce4b48e5fd", Some((2009, 4, 25)));
        check("2/3/2562", None);
        check("31/31/2019", None);
        check("30.02.2019", None);
        check("3/2/19", None);
        check("/Date(", None);
        check("/Date(99999999999999999999)/", None);
        check("", None);
        check("é/é/2019", None);
    }

    #[test]
    fn one_day_tells_how_the_others_are_written() {
        let check = |days: &[&str], first: Option<(i8, i8)>| {
            let mut updates = Updates::default();
            for (n, day) in (0..).zip(days) {
                updates.add(Kb::new(1_000_000 + n), Some(day));
            }
            let mut notes = Notes::default();
            let found = updates.finish(&mut notes);
            let first_found = found[0].installed.map(|d| (d.month(), d.day()));
            assert_eq!(first_found, first, "{days:?}");
            assert_eq!(notes.is_empty(), first.is_some(), "{days:?}");
        };
        check(&["3/2/2019", "10/22/2018"], Some((3, 2)));
        check(&["3/2/2019", "22/10/2018"], Some((2, 3)));
        check(&["3/2/2019", "4/5/2018"], None);
        check(&["3/2/2019", "22/10/2018", "10/22/2018"], None);
    }

    #[test]
    fn an_update_is_listed_once_with_its_latest_day() {
        let mut updates = Updates::default();
        for day in [
            None,
            Some("2019-03-02"),
            Some("2020-01-01"),
            Some("2019-03-04"),
        ] {
            updates.add(Kb::new(4_487_044), day);
        }
        let found = updates.finish(&mut Notes::default());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].installed.map(|d| d.year()), Some(2020));
    }
}
