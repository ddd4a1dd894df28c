//! `daywatch.metrics/1`; described in docs/reference/metrics.md.

use drawing::escape::printable;
use fleet::metrics::{By, Curve, Estimate, Part, Period};
use serde_json::{Value, json};

use super::sentences::every;
use crate::metrics::Figures;
use crate::renderers::{MetricsRenderer, Options};
use crate::wording::instant;

/// The format.
pub(in crate::renderers) struct Json;

impl MetricsRenderer for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "every figure, for scripts (daywatch.metrics/1)"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn render(&self, figures: &Figures, _: &Options) -> String {
        format!("{:#}\n", document(figures))
    }
}

fn document(f: &Figures) -> Value {
    let attainment = f.attainment.iter().map(|a| {
        json!({"policy": printable(&a.policy), "met": a.met, "missed": a.missed, "overdue": a.overdue, "pending": a.pending,
            "share": a.share()})
    });
    let owners = f.overdue.owners.iter().map(
        |(owner, findings)| json!({"owner": owner.as_deref().map(printable), "findings": findings}),
    );
    let burn_down = f.burn_down.as_ref().map(|down| {
        json!({"baseline": instant(down.baseline), "at_baseline": down.at_baseline,
            "backlog": periods(&down.backlog), "since": periods(&down.since)})
    });
    json!({
        "schema": "daywatch.metrics/1",
        "now": instant(f.span.now),
        "from": instant(f.span.from),
        "every": every(f.span.every),
        "as_of": f.basis.as_of.map(instant),
        "catalog": Some(&f.basis.catalog).filter(|c| !c.is_empty()).map(|c| printable(c)),
        "hosts": f.basis.hosts,
        "set_aside": f.basis.set_aside,
        "attainment": attainment.collect::<Vec<_>>(),
        "exposure": {"days": f.exposure.days, "known_exploited_days": f.exposure.exploited_days},
        "flow": periods(&f.flow),
        "time_to_patch": curve(&f.time_to_patch),
        "known_exploited_time_to_patch": curve(&f.exploited_time_to_patch),
        "overdue": {"findings": f.overdue.findings, "known_exploited": f.overdue.exploited, "owners": owners.collect::<Vec<_>>()},
        "burn_down": burn_down,
        "by": f.span.by.map(By::as_str),
        "parts": f.parts.iter().map(part).collect::<Vec<_>>(),
    })
}

fn part(p: &Part) -> Value {
    let held = &p.attainment;
    json!({
        "name": p.name.as_deref().map(printable),
        "closed": p.closed,
        "open": p.open,
        "overdue": p.overdue,
        "held": {"met": held.met, "missed": held.missed, "overdue": held.overdue, "pending": held.pending, "share": held.share()},
        "exposure": {"days": p.exposure.days, "known_exploited_days": p.exposure.exploited_days},
        "median": estimate(p.time_to_patch.median()),
    })
}

fn periods(list: &[Period]) -> Vec<Value> {
    let period = |p: &Period| json!({"start": instant(p.start), "end": instant(p.end), "arrived": p.arrived, "closed": p.closed, "gone": p.gone, "open": p.open});
    list.iter().map(period).collect()
}

fn curve(curve: &Curve) -> Value {
    let points = curve.points.iter().map(|p| {
        let (low, high) = p.interval.unzip();
        json!({"days": p.days, "at_risk": p.at_risk, "closed": p.closed, "open": p.open, "standard_error": p.standard_error,
            "low": low, "high": high})
    });
    json!({
        "findings": curve.findings,
        "closed": curve.closed,
        "last_days": curve.last_days,
        "quartile": estimate(curve.closed_share(0.25)),
        "median": estimate(curve.median()),
        "third_quartile": estimate(curve.closed_share(0.75)),
        "points": points.collect::<Vec<_>>(),
    })
}

fn estimate(e: Estimate) -> Value {
    json!({"days": e.days, "low": e.low, "high": e.high})
}
