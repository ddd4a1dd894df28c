//! Options that several verbs share.

use std::path::PathBuf;

use advisories::catalog::Catalog;
use app::catalog_file;
use app::fleet::place::Place;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The clock and the catalog.
#[derive(clap::Args, Debug)]
pub(crate) struct Basis {
    /// The catalog to use [default: the user's own, made by `feeds sync` or `feeds import`]
    #[arg(long, value_name = "FILE", env = "DAYWATCH_CATALOG")]
    pub(crate) catalog: Option<PathBuf>,
    /// Refuse a catalog whose newest feed is older than this: `7d`, `36h`
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    pub(crate) max_catalog_age: Option<SignedDuration>,
    #[command(flatten)]
    pub(crate) clock: Clock,
}

/// The clock.
#[derive(clap::Args, Debug)]
pub(crate) struct Clock {
    /// Use this instant instead of the clock in every date (RFC 3339, or a date)
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    now: Option<Timestamp>,
}

impl Clock {
    /// The instant given, else the clock's, to the second: nobody reads a deadline's nanoseconds.
    pub(crate) fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(|| {
            let now = Timestamp::now();
            Timestamp::from_second(now.as_second()).unwrap_or(now)
        })
    }
}

impl Basis {
    /// Opens the catalog and checks its age.
    pub(crate) fn open(&self) -> app::error::Result<Catalog> {
        let catalog = catalog_file::open(self.catalog.as_deref())?;
        catalog_file::check_age(&catalog, self.max_catalog_age, self.clock.now())?;
        Ok(catalog)
    }
}

/// Where the fleet is kept.
#[derive(clap::Args, Debug)]
pub(crate) struct Kept {
    /// The store of the fleet [default: the user's own]
    #[arg(long, value_name = "FILE", env = "DAYWATCH_STORE")]
    store: Option<PathBuf>,
    /// A PostgreSQL database instead, postgres://…
    #[arg(
        long,
        value_name = "URL",
        env = "DAYWATCH_DATABASE_URL",
        hide_env_values = true,
        conflicts_with = "store"
    )]
    database: Option<String>,
}

impl Kept {
    /// Where that is.
    pub(crate) fn place(&self) -> app::error::Result<Place> {
        Place::named(self.store.as_deref(), self.database.as_deref())
    }
}

/// `36h`, `7d`, `2w`.
pub(crate) fn parse_age(text: &str) -> Result<SignedDuration, String> {
    let expected = || format!("expected a number with h, d or w, such as 7d: {text}");
    let hours: i64 = match text.chars().next_back() {
        Some('h') => 1,
        Some('d') => 24,
        Some('w') => 7 * 24,
        _ => return Err(expected()),
    };
    let number = &text[..text.len() - 1];
    let count: u32 = number.parse().map_err(|_| expected())?;
    Ok(SignedDuration::from_hours(i64::from(count) * hours))
}

/// An RFC 3339 instant, or a date (its start, UTC).
pub(crate) fn parse_instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let date: Date = text.parse().map_err(|_| {
        format!("expected RFC 3339 such as 2026-08-19T05:30:00Z, or a date: {text}")
    })?;
    date.to_zoned(TimeZone::UTC)
        .map(|z| z.timestamp())
        .map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_a_unit() {
        let check = |text: &str, hours: Option<i64>| {
            assert_eq!(parse_age(text).ok().map(|d| d.as_hours()), hours, "{text}")
        };
        check("7d", Some(168));
        check("36h", Some(36));
        check("2w", Some(336));
        for wrong in ["", "7", "d", "-1d", "7 d", "1y", "7ä"] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_date_is_its_start() {
        assert_eq!(
            parse_instant("2026-08-19").unwrap(),
            parse_instant("2026-08-19T00:00:00Z").unwrap()
        );
        assert!(parse_instant("yesterday").is_err());
    }
}
