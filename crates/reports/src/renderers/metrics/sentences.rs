//! The figures in sentences, the same in every format that people read.

use drawing::text::{count, thousands};
use fleet::metrics::{
    Attainment, BurnDown, By, Curve, Estimate, Every, Exposure, Overdue, Part, Period,
};

use crate::metrics::Figures;
use crate::wording::{day, instant, short_digest};

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

/// `33.3 %`, rounded down, so that only all reads 100 %; `none` where no date is decided.
fn held(a: &Attainment) -> String {
    a.share().map_or_else(
        || "none".to_owned(),
        |share| format!("{:.1} %", (share * 1000.0 + 1e-9).floor() / 10.0),
    )
}

/// How a policy's dates were held.
pub(super) fn attainment(a: &Attainment) -> String {
    let share = match a.share() {
        Some(_) => format!("{} held", held(a)),
        None => "none decided".to_owned(),
    };
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
    let sum = |of: fn(&Period) -> u64| figures.flow.iter().map(of).sum::<u64>();
    let gone = match sum(|p| p.gone) {
        0 => String::new(),
        gone => format!(", {gone} taken back or gone with their host"),
    };
    format!(
        "{} arrived, {} fixed{gone} since {}",
        sum(|p| p.arrived),
        sum(|p| p.closed),
        day(figures.span.from)
    )
}

/// What the figures are of, and what they count without a date.
pub(super) fn basis(figures: &Figures) -> String {
    let basis = &figures.basis;
    let as_of = match basis.as_of {
        Some(at) => format!("as known at {}", instant(at)),
        None => "as known now".to_owned(),
    };
    let aside = match basis.set_aside {
        0 => String::new(),
        n => format!("; {n} set aside or mitigated count as open, without a date"),
    };
    let catalog = match basis.catalog.as_str() {
        "" => "no catalog".to_owned(),
        digest => format!("catalog {}", short_digest(digest)),
    };
    format!(
        "of {}, {as_of}, dates and severities by {catalog}{aside}",
        count(basis.hosts, "host", "hosts"),
    )
}

/// The headings of the parts.
pub(super) const PART_HEADINGS: [&str; 7] = [
    "open",
    "overdue",
    "fixed",
    "held",
    "median days",
    "host-days",
    "KEV days",
];

/// The name of a part.
pub(super) fn part_name(by: By, part: &Part) -> String {
    let nobody = match by {
        By::Severity => "not rated",
        _ => "none",
    };
    let name = part.name.as_deref();
    name.map_or_else(|| nobody.to_owned(), str::to_owned)
}

/// The figures of a part, in the order of their headings.
pub(super) fn part(part: &Part) -> [String; 7] {
    let median = part.time_to_patch.median().days;
    let days = |days: f64| thousands(days.round() as usize);
    [
        part.open.to_string(),
        part.overdue.to_string(),
        part.closed.to_string(),
        held(&part.attainment),
        median.map_or_else(|| "not reached".to_owned(), number),
        days(part.exposure.days),
        days(part.exposure.exploited_days),
    ]
}

/// The share still open at some ages, for a table: ages that divide what is known evenly, each with per cent open and whether anything is
/// known there.
pub(super) fn curve_steps(curve: &Curve, steps: u32) -> Vec<(f64, f64)> {
    let ages = (0..=steps).map(|n| curve.last_days * f64::from(n) / f64::from(steps));
    ages.filter_map(|age| Some((age, curve.open_at(age)?)))
        .collect()
}

/// `day` or `week`.
pub(super) const fn every(every: Every) -> &'static str {
    match every {
        Every::Day => "day",
        Every::Week => "week",
    }
}
