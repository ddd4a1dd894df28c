//! The figures in sentences, the same in every format that people read.

use drawing::text::{count, thousands};
use fleet::metrics::{Attainment, BurnDown, Curve, Estimate, Every, Exposure, Overdue};

use crate::metrics::Figures;
use crate::wording::day;

/// `12.5 days (95 %: 9 to not reached)`, or `not reached`.
fn estimate(estimate: Estimate) -> String {
    let end = |days: Option<f64>| days.map_or_else(|| "not reached".to_owned(), number);
    match estimate.days {
        None => "not reached".to_owned(),
        Some(days) => format!(
            "{} days (95 %: {} to {})",
            number(days),
            end(estimate.low),
            end(estimate.high)
        ),
    }
}

/// One decimal where there is one.
fn number(days: f64) -> String {
    let text = format!("{days:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Time to patch: never without the ones that are open.
pub(super) fn time_to_patch(what: &str, curve: &Curve) -> String {
    if curve.findings == 0 {
        return format!("{what}: none");
    }
    let open = curve.findings - curve.closed;
    format!(
        "{what}: half closed by {}; a quarter by {}, three quarters by {}; of {} findings {} are open and count with their age",
        estimate(curve.median()),
        estimate(curve.closed_share(0.25)),
        estimate(curve.closed_share(0.75)),
        thousands(usize::try_from(curve.findings).unwrap_or(usize::MAX)),
        thousands(usize::try_from(open).unwrap_or(usize::MAX)),
    )
}

/// How a policy's dates were held.
pub(super) fn attainment(a: &Attainment) -> String {
    let share = a.share().map_or_else(
        || "none is decided".to_owned(),
        // Rounded down, so that only all reads 100 %.
        |share| format!("{:.1} % held", (share * 1000.0 + 1e-9).floor() / 10.0),
    );
    format!(
        "{}: {share} ({} met, {} late, {} open past it, {} to come)",
        a.policy, a.met, a.missed, a.overdue, a.pending
    )
}

/// The days of exposure.
pub(super) fn exposure(exposure: &Exposure) -> String {
    format!(
        "{} host-days of exposure, {} of them known to be exploited",
        thousands(exposure.days.round() as usize),
        thousands(exposure.exploited_days.round() as usize)
    )
}

/// What is overdue, and whose.
pub(super) fn overdue(overdue: &Overdue) -> String {
    let all = usize::try_from(overdue.findings).unwrap_or(usize::MAX);
    let owners = overdue.owners.iter().map(|(owner, n)| {
        let owner = owner.as_deref().unwrap_or("no owner");
        format!("{owner} {n}")
    });
    let owners: Vec<String> = owners.collect();
    let whose = match owners.is_empty() {
        true => String::new(),
        false => format!(": {}", crate::wording::first_names(&owners, 8)),
    };
    format!(
        "{} overdue, {} known exploited{whose}",
        count(all, "finding", "findings"),
        overdue.exploited
    )
}

/// The backlog in a sentence.
pub(super) fn backlog(down: &BurnDown) -> String {
    let left = down.backlog.last().map_or(down.at_baseline, |p| p.open);
    let since = down.since.last().map_or(0, |p| p.open);
    format!(
        "backlog of {}: {} then, {left} left; open of what came since: {since}",
        day(down.baseline),
        down.at_baseline
    )
}

/// Arrivals against closures over the whole span.
pub(super) fn flow(figures: &Figures) -> String {
    let sum = |of: fn(&fleet::metrics::Period) -> u64| figures.flow.iter().map(of).sum::<u64>();
    format!(
        "{} arrived, {} closed since {}",
        sum(|p| p.arrived),
        sum(|p| p.closed),
        day(figures.span.from)
    )
}

/// `day` or `week`.
pub(super) const fn every(every: Every) -> &'static str {
    match every {
        Every::Day => "day",
        Every::Week => "week",
    }
}
