//! When a host says it was read. Its clock may be wrong, and then it does not decide.

use base::{Limit, Note};
use jiff::{SignedDuration, Timestamp};

/// How far ahead of ours a clock may run without a remark.
pub const AHEAD_MINUTES: Limit = Limit::new("clock-ahead-minutes", 5);
/// No report is from before 2000-01-01: a clock that was never set counts from 1970 or 1980.
pub const EARLIEST: Timestamp = Timestamp::constant(946_684_800, 0);

/// The moment a text names; now where it names none that can be.
pub(super) fn seen_at(text: Option<&str>, now: Timestamp) -> (Timestamp, Option<Note>) {
    let Some(text) = text else {
        return (now, None);
    };
    let shown = crate::asset::excerpt(text);
    let doubt = |what: String| (now, Some(Note::warning(what)));
    let Ok(at) = text.parse::<Timestamp>() else {
        return doubt(format!(
            "seen_at is not a time (RFC 3339), taken as now: {shown}"
        ));
    };
    let allowed = SignedDuration::from_mins(AHEAD_MINUTES.max as i64);
    if at < EARLIEST {
        return doubt(format!(
            "seen_at is before the year 2000, taken as now: {shown}"
        ));
    }
    if at.duration_since(now) > allowed {
        let (at, note) = doubt(format!("seen_at is in the future, taken as now: {shown}"));
        return (at, note.map(|note| note.because_of(AHEAD_MINUTES)));
    }
    (at.min(now), None)
}
