//! What only a fleet that is remembered can say, in words: how many hosts there are, the backlog, what voided itself, the
//! trend, and what makes the page checkable.

use drawing::text::{count, thousands};

use super::date_of;
use crate::briefing::{Backlog, Briefing, Reach, TrendDay, Voided};

/// `1,471 of 1,512 known hosts reported within 24 hours (compared with 3 lists of hosts); with an inventory `, and then how
/// many.
pub(super) fn reach(reach: &Reach) -> String {
    let lists = match reach.lists {
        0 => "no list of hosts to compare with".to_owned(),
        n => format!(
            "compared with {}",
            count(n, "list of hosts", "lists of hosts")
        ),
    };
    let asked = reach.asked.filter(|asked| asked.answered < asked.asked);
    let asked = asked.map_or_else(String::new, |asked| {
        format!(
            "; asked again at {}: {} of {} have answered",
            asked.at.strftime("%Y-%m-%d %H:%MZ"),
            thousands(asked.answered),
            thousands(asked.asked)
        )
    });
    format!(
        "{} of {} reported within {} ({lists}{asked}); with an inventory ",
        thousands(reach.reported),
        count(reach.known, "known host", "known hosts"),
        count(reach.within_hours as usize, "hour", "hours"),
    )
}

/// `Backlog of 2026-07-01: 3,110, was 3,260`.
pub(super) fn backlog(backlog: &Backlog) -> String {
    let was = match backlog.before {
        Some(before) if before != backlog.open => format!(", was {}", thousands(before)),
        _ => String::new(),
    };
    format!(
        "Backlog of {}: {}{was}",
        backlog.since,
        thousands(backlog.open)
    )
}

/// `Suppression 77 voided itself: not known exploited then, known exploited since 2026-08-18; 14 findings are open again:
/// CVE-2026-1 on target web-* (web operations)`.
pub(super) fn voided(voided: &Voided) -> String {
    format!(
        "Suppression {} voided itself: {} then, {} since {}; {} open again: {} ({})",
        voided.number,
        voided.was,
        voided.is,
        date_of(voided.at),
        count(voided.findings, "finding is", "findings are"),
        voided.scope,
        voided.owner
    )
}

/// The figures of the last days, first and last: `open 3,260 to 3,110`. Nothing without two days to compare.
pub(in crate::renderers) fn trend(briefing: &Briefing) -> Option<String> {
    let [first, .., last] = briefing.trend.as_slice() else {
        return None;
    };
    let from_to = |words: &str, pick: fn(&TrendDay) -> u64| {
        let (a, b) = (number(pick(first)), number(pick(last)));
        match a == b {
            true => format!("{words} {b}"),
            false => format!("{words} {a} to {b}"),
        }
    };
    let sum = |pick: fn(&TrendDay) -> u64| {
        number(briefing.trend.iter().map(pick).fold(0, u64::saturating_add))
    };
    Some(format!(
        "{} to {}: {}, {}, {}; {} came up and {} were closed",
        first.day,
        last.day,
        from_to("open", |d| d.open),
        from_to("known exploited", |d| d.known_exploited),
        from_to("overdue", |d| d.overdue),
        sum(|d| d.arrived),
        sum(|d| d.closed)
    ))
}

fn number(n: u64) -> String {
    thousands(usize::try_from(n).unwrap_or(usize::MAX))
}

/// `audit head 91ab03c4e7d0 · repeat: daywatch brief --as-of 2026-08-19T05:30:00Z`.
pub(super) fn record(briefing: &Briefing) -> Option<String> {
    let record = briefing.record.as_ref()?;
    let head = record.audit_head.as_ref();
    let parts = [
        head.map(|head| format!("audit head {head}")),
        record.repeat.as_ref().map(|r| format!("repeat: {r}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}
