//! The facts of a decision, each with who says so: those of the vulnerability, which are the same everywhere, and those of the
//! place.

use advisories::catalog::AdvisoryView;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use risk::facts::{Fact, Facts};

use super::{Clocks, FeedAges, Known, Place, date_of};
use crate::asset::{AttributeKind, Criticality, Pci};
use crate::finding::Finding;

/// All that a policy may ask about a finding at a place.
pub(super) fn facts(known: &Known, place: Place<'_>, ages: &FeedAges, clocks: Clocks<'_>) -> Facts {
    let asset = place.asset;
    let by = |kind| asset.source_of(kind).unwrap_or("host facts");
    Facts {
        released: known.released.clone(),
        claimed: known.claimed.clone(),
        exposed: fact(asset.exposed, by(AttributeKind::Exposed)),
        human_impact: fact(
            asset.criticality.map(human_impact),
            by(AttributeKind::Criticality),
        ),
        scope: fact(
            asset.pci_on(place.today).map(Pci::as_str),
            by(AttributeKind::Scope),
        ),
        detected: Fact::known(place.detected, place.detected_source),
        reranked: moment(clocks.reranked),
        baseline: moment(clocks.baseline),
        ..of_vulnerability(&known.finding, ages)
    }
}

/// What is known of its CVEs.
fn of_vulnerability(finding: &Finding, ages: &FeedAges) -> Facts {
    let kev_source = ages.kev.map_or_else(
        || "no KEV feed".to_owned(),
        |at| format!("kev {}", date_of(at)),
    );
    let kev = finding.kev.as_ref();
    let ssvc = finding.ssvc.as_ref();
    let ssvc_source = ssvc.map_or("cisa-adp", |s| s.source.as_str());
    let severity_source = finding.severity_source.as_deref();
    let first_score = finding.cvss.first();
    Facts {
        kev: fact(ages.kev.map(|_| kev.is_some()), &kev_source),
        kev_added: fact(kev.and_then(|k| start_of_day(k.added)), &kev_source),
        kev_due: fact(kev.and_then(|k| start_of_day(k.due?)), &kev_source),
        automatable: fact(ssvc.and_then(|s| s.automatable), ssvc_source),
        total_impact: fact(ssvc.and_then(|s| s.total_impact), ssvc_source),
        exploitation: fact(ssvc.and_then(|s| s.exploitation), ssvc_source),
        severity: fact(
            finding.severity,
            severity_source.unwrap_or("no source rates it"),
        ),
        cvss_tenths: fact(
            finding.cvss.iter().map(|s| s.scored.tenths).max(),
            first_score.map_or("no vector", |s| s.source.as_str()),
        ),
        epss: fact(finding.epss.as_ref().map(|e| e.score), "epss"),
        ..Facts::unknown()
    }
}

fn fact<T>(value: Option<T>, source: &str) -> Fact<T> {
    Fact {
        value,
        source: source.to_owned(),
    }
}

/// A moment of the fleet's own, with who says so.
fn moment(told: Option<&(Timestamp, String)>) -> Fact<Timestamp> {
    told.map_or_else(
        || Fact::unknown("the fleet's log"),
        |(at, source)| Fact::known(*at, source.as_str()),
    )
}

/// The word of SSVC for a criticality.
pub(crate) const fn human_impact(criticality: Criticality) -> &'static str {
    match criticality {
        Criticality::Low => "low",
        Criticality::Medium => "medium",
        Criticality::High => "high",
        Criticality::VeryHigh => "very high",
    }
}

/// Whether a record says that it is exploited: whoever wrote it, not a list.
pub(super) fn claimed(views: &[AdvisoryView<'_>]) -> Fact<bool> {
    let claims = views
        .iter()
        .filter_map(|view| Some((view.id, view.exploited?)));
    claims
        .min_by_key(|(id, claim)| (claim.since, *id))
        .map_or_else(
            || Fact::known(false, "no record says so"),
            |(id, claim)| {
                let since = claim.since.map(|since| format!(" since {since}"));
                let source = format!("{id}: {}{}", claim.says, since.unwrap_or_default());
                Fact::known(true, source)
            },
        )
}

/// The vendor's release date is taken from vendor errata only. A database's `published` may be years after the fix, so it
/// starts no clock.
pub(super) fn released(views: &[AdvisoryView<'_>]) -> Fact<Timestamp> {
    const ERRATA: [&str; 17] = [
        "ALBA-",
        "ALEA-",
        "ALSA-",
        "DLA-",
        "DSA-",
        "DTSA-",
        "ELBA-",
        "ELSA-",
        "RHBA-",
        "RHEA-",
        "RHSA-",
        "RLBA-",
        "RLSA-",
        "RXSA-",
        "SUSE-SU-",
        "USN-",
        "openSUSE-SU-",
    ];
    views
        .iter()
        .filter(|v| ERRATA.iter().any(|prefix| v.id.starts_with(prefix)))
        .filter_map(|v| v.published.map(|at| Fact::known(at, v.id)))
        .min_by_key(|f| f.value)
        .unwrap_or_else(|| Fact::unknown("no vendor erratum with a date"))
}

fn start_of_day(date: Date) -> Option<Timestamp> {
    date.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp())
}
