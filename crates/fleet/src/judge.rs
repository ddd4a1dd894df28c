//! From a match to a finding: joins what is known of its CVEs and what the team says of the host, and asks every policy.

mod facts;
mod logged;

pub(crate) use facts::human_impact;
pub(crate) use logged::known_hit;

use advisories::catalog::{AdvisoryIx, AdvisoryView, Catalog, CatalogError, CveFacts};
use advisories::model::{CvssVector, EpssModel, Exploitation, Ssvc, VendorState};
use base::{CveId, Severity};
use inventory::Package;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use matching::{Conflict, Decided, FixState, Match};
use risk::facts::Fact;
use risk::policy::{Decision, Policy};

use crate::asset::Asset;
use crate::finding::{CvssScore, Epss, Finding, Kev, SsvcPoints, UNIMPORTANT};

/// What a finding is judged with, beside the match itself.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// The catalog the match came from.
    pub catalog: &'a Catalog,
    /// Every policy to ask.
    pub policies: &'a [Policy],
    /// As-of dates of the feeds, for the sources of facts.
    pub ages: &'a FeedAges,
}

/// The as-of dates that facts cite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedAges {
    /// The KEV feed's date; `None` when the catalog has no KEV at all (then "not listed" cannot be said).
    pub kev: Option<Timestamp>,
    /// Which model scored EPSS.
    pub epss: Option<EpssModel>,
}

impl FeedAges {
    /// Reads them from a catalog.
    pub fn of(catalog: &Catalog) -> Self {
        let kev = catalog.feeds().into_iter().find(|f| f.name == "kev");
        Self {
            kev: kev.map(|f| f.as_of.unwrap_or(Timestamp::UNIX_EPOCH)),
            epss: catalog.epss_model(),
        }
    }
}

/// Where a match was found.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Index of the target in the report.
    pub target: usize,
    /// The target's name.
    pub target_name: &'a str,
    /// What the team says of the host.
    pub asset: &'a Asset,
    /// The package that matched.
    pub package: &'a Package,
    /// The day it is judged on: what is in scope changes.
    pub today: Date,
    /// When it was first seen there, and who says so (`this scan`, `briefing 2026-08-18`).
    pub detected: Timestamp,
    /// Who says so.
    pub detected_source: &'a str,
}

/// A verdict to judge: ours, or another tool's.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) id: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) cves: Vec<CveId>,
    /// Records that speak of it.
    pub(crate) advisories: Vec<AdvisoryIx>,
    pub(crate) decided: Decided,
    pub(crate) why: String,
    pub(crate) fixed: Vec<String>,
    pub(crate) fix_state: FixState,
    pub(crate) vendor_state: Option<VendorState>,
    pub(crate) conflicts: Vec<Conflict>,
    pub(crate) informational: Option<String>,
    /// What the tool says beside it, where it is not ours.
    pub(crate) theirs: Option<Theirs>,
}

/// What another tool says of a finding: its severity goes before that of any record, its scores after.
#[derive(Clone, Debug)]
pub(crate) struct Theirs {
    pub(crate) source: String,
    pub(crate) severity: Option<Severity>,
    pub(crate) scores: Vec<CvssVector>,
    pub(crate) title: String,
}

/// The clocks of a finding beside that of its host; a scan knows of none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clocks<'a> {
    /// When its rank rose to what it is, and by whose word.
    pub reranked: Option<&'a (Timestamp, String)>,
    /// From when the house's clocks run for what was there before, and by whose word.
    pub baseline: Option<&'a (Timestamp, String)>,
}

/// A match with all that is known of its CVEs, before a host is looked at. It is made once and put to the policies for each
/// kind of host.
#[derive(Clone, Debug)]
pub struct Known {
    finding: Finding,
    released: Fact<Timestamp>,
    claimed: Fact<bool>,
    is_dismissed: bool,
}

/// The finding, with every policy's decision.
pub fn judge(bench: Bench<'_>, place: Place<'_>, matched: Match) -> Result<Finding, CatalogError> {
    Ok(known(bench, place.package, matched)?.on(bench, place, Clocks::default()))
}

/// Looks up what is known of a match on a package.
pub fn known(bench: Bench<'_>, package: &Package, matched: Match) -> Result<Known, CatalogError> {
    let claim = Claim {
        id: matched.id,
        aliases: matched.aliases,
        cves: matched.cves,
        advisories: matched.advisories,
        decided: matched.decided,
        why: matched.why,
        fixed: matched.fixed,
        fix_state: matched.fix_state,
        vendor_state: matched.vendor_state,
        conflicts: matched.conflicts,
        informational: matched.informational,
        theirs: None,
    };
    known_claim(bench, package, claim)
}

/// The finding a verdict makes, with every policy's decision.
pub(crate) fn judge_claim(
    bench: Bench<'_>,
    place: Place<'_>,
    claim: Claim,
) -> Result<Finding, CatalogError> {
    Ok(known_claim(bench, place.package, claim)?.on(bench, place, Clocks::default()))
}

/// Looks up what is known of a verdict on a package.
pub(crate) fn known_claim(
    bench: Bench<'_>,
    package: &Package,
    claim: Claim,
) -> Result<Known, CatalogError> {
    let views = claim
        .advisories
        .iter()
        .map(|ix| bench.catalog.advisory(*ix))
        .collect::<Result<Vec<_>, _>>()?;
    let cves = claim
        .cves
        .iter()
        .map(|cve| Ok((*cve, bench.catalog.cve(*cve)?)))
        .collect::<Result<Vec<_>, CatalogError>>()?;
    let cvss = scores(
        &package_scores(bench.catalog, &claim, package)?,
        &views,
        &cves,
    );
    let (severity, severity_source) = severity(&claim, &views, &cvss);
    let finding = Finding {
        target: 0,
        target_name: String::new(),
        ecosystem: ecosystem_of(package),
        package: package.name.clone(),
        version: package.version.clone().unwrap_or_default(),
        purl: package.purl.as_ref().map(ToString::to_string),
        source_package: package.source.as_ref().map(|s| s.name.clone()),
        locations: Vec::new(),
        summary: match &claim.theirs {
            Some(theirs) if !theirs.title.is_empty() => theirs.title.clone(),
            _ => summary(&views, &cves),
        },
        references: references(&views),
        severity,
        severity_source,
        cvss,
        epss: epss(&cves, bench.ages),
        kev: kev(&cves),
        ssvc: ssvc(&cves),
        published: views.iter().filter_map(|v| v.published).min(),
        decisions: Vec::new(),
        earliest: None,
        source: claim.theirs.map(|theirs| theirs.source),
        also_reported_by: Vec::new(),
        is_new: None,
        id: claim.id,
        aliases: claim.aliases,
        cves: claim.cves,
        fixed: claim.fixed,
        fix_state: claim.fix_state,
        decided: claim.decided,
        why: claim.why,
        conflicts: claim.conflicts,
        informational: claim.informational,
    };
    // A notice ("unmaintained") is no vulnerability, and what the vendor calls no security problem is none until somebody
    // exploits it: no policy sets them a date.
    let is_unimportant = claim.vendor_state == Some(VendorState::Unimportant);
    let claimed = facts::claimed(&views);
    let is_exploited = finding.kev.is_some() || claimed.value == Some(true);
    Ok(Known {
        released: facts::released(&views),
        is_dismissed: finding.informational.is_some() || (is_unimportant && !is_exploited),
        claimed,
        finding,
    })
}

impl Known {
    /// What is known, as on no host.
    pub(crate) const fn finding(&self) -> &Finding {
        &self.finding
    }

    /// When the vendor released the fix.
    pub(crate) const fn released(&self) -> Option<Timestamp> {
        self.released.value
    }

    /// Somebody says that it is exploited.
    pub(crate) fn is_claimed(&self) -> bool {
        self.claimed.value == Some(true)
    }

    /// No policy sets it a date.
    pub(crate) const fn is_dismissed(&self) -> bool {
        self.is_dismissed
    }

    /// The finding at a place, with every policy's decision. Only `place.package`'s locations count: what it is was looked up
    /// before.
    pub fn on(&self, bench: Bench<'_>, place: Place<'_>, clocks: Clocks<'_>) -> Finding {
        let mut finding = Finding {
            target: place.target,
            target_name: place.target_name.to_owned(),
            locations: place.package.locations.clone(),
            ..self.finding.clone()
        };
        if !self.is_dismissed {
            let facts = facts::facts(self, place, bench.ages, clocks);
            let policies = bench.policies.iter();
            finding.decisions = policies.filter_map(|p| p.decide(&facts)).collect();
            finding.earliest = earliest(&finding.decisions);
        }
        finding
    }
}

/// The ecosystem as findings name it; empty where it is not known.
fn ecosystem_of(package: &Package) -> String {
    let ecosystem = package.ecosystem.as_ref();
    ecosystem.map(ToString::to_string).unwrap_or_default()
}

/// The decision with the earliest deadline; one without a deadline only when none has one.
fn earliest(decisions: &[Decision]) -> Option<usize> {
    (0..decisions.len()).min_by_key(|&i| (decisions[i].by.is_none(), decisions[i].by, i))
}

/// The severity and who gave it: another tool's word on its own finding, else what ours say.
fn severity(
    claim: &Claim,
    views: &[AdvisoryView<'_>],
    cvss: &[CvssScore],
) -> (Option<Severity>, Option<String>) {
    match &claim.theirs {
        Some(theirs) if theirs.severity.is_some() => (theirs.severity, Some(theirs.source.clone())),
        _ => rank(claim.vendor_state, views, cvss),
    }
}

/// Vectors that hold for this package only, then another tool's.
fn package_scores(
    catalog: &Catalog,
    claim: &Claim,
    package: &Package,
) -> Result<Vec<CvssVector>, CatalogError> {
    let mut scores = Vec::new();
    for ix in &claim.advisories {
        for entry in catalog.affected(*ix)? {
            let ours = entry.package.eq_ignore_ascii_case(&package.name)
                || package
                    .source
                    .as_ref()
                    .is_some_and(|s| s.name == entry.package);
            if ours {
                scores.extend(entry.scores.iter().map(|s| CvssVector {
                    vector: s.vector.to_owned(),
                    source: s.source.to_owned(),
                }));
            }
        }
    }
    scores.extend(
        claim
            .theirs
            .iter()
            .flat_map(|theirs| theirs.scores.iter().cloned()),
    );
    Ok(scores)
}

/// Every score once, highest CVSS version first, then by source; the record's own before those of its CVEs.
fn scores(
    package: &[CvssVector],
    views: &[AdvisoryView<'_>],
    cves: &[(CveId, CveFacts)],
) -> Vec<CvssScore> {
    let of_package = package
        .iter()
        .map(|s| (s.vector.as_str(), s.source.as_str()));
    let of_records = views
        .iter()
        .flat_map(|v| v.scores.iter())
        .map(|s| (s.vector, s.source));
    let records = cves.iter().filter_map(|(_, f)| f.record.as_ref());
    let of_cves = records
        .flat_map(|r| r.scores.iter())
        .map(|s| (s.vector.as_str(), s.source.as_str()));
    let mut all: Vec<CvssScore> = Vec::new();
    for (vector, source) in of_package.chain(of_records).chain(of_cves) {
        let is_known = all.iter().any(|s| s.vector == vector);
        if let (false, Ok(scored)) = (is_known, risk::cvss::score(vector)) {
            all.push(CvssScore {
                scored,
                vector: vector.to_owned(),
                source: source.to_owned(),
            });
        }
    }
    all.sort_by_key(|s| std::cmp::Reverse(s.scored.version));
    all
}

/// The severity and who gave it: a vendor that calls it unimportant, then a source's own word, else the first score (highest
/// CVSS version, nearest source).
fn rank(
    vendor: Option<VendorState>,
    views: &[AdvisoryView<'_>],
    cvss: &[CvssScore],
) -> (Option<Severity>, Option<String>) {
    if vendor == Some(VendorState::Unimportant) {
        return (Some(Severity::Low), Some(UNIMPORTANT.to_owned()));
    }
    if let Some(view) = views.iter().find(|v| v.severity.is_some()) {
        return (view.severity, Some(view.id.to_owned()));
    }
    match cvss.first() {
        Some(s) => (
            Some(s.scored.severity),
            Some(format!("cvss {} {}", s.scored.version.as_str(), s.source)),
        ),
        None => (None, None),
    }
}

fn summary(views: &[AdvisoryView<'_>], cves: &[(CveId, CveFacts)]) -> String {
    let of_records = views.iter().map(|v| v.summary);
    let of_cves = cves
        .iter()
        .filter_map(|(_, f)| f.record.as_ref())
        .map(|r| r.summary.as_str());
    of_records
        .chain(of_cves)
        .find(|s| !s.is_empty())
        .unwrap_or_default()
        .to_owned()
}

fn references(views: &[AdvisoryView<'_>]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for reference in views.iter().flat_map(|v| v.references.iter()) {
        if !all.iter().any(|r| r == reference) {
            all.push((*reference).to_owned());
        }
    }
    all.truncate(advisories::model::REFERENCES_MAX);
    all
}

fn epss(cves: &[(CveId, CveFacts)], ages: &FeedAges) -> Option<Epss> {
    let row = cves
        .iter()
        .filter_map(|(_, f)| f.epss)
        .max_by(|a, b| a.score.total_cmp(&b.score))?;
    Some(Epss {
        score: row.score,
        percentile: row.percentile,
        model: ages.epss.as_ref().map(|m| m.version.clone()),
        as_of: ages.epss.as_ref().and_then(|m| m.date),
    })
}

fn kev(cves: &[(CveId, CveFacts)]) -> Option<Kev> {
    cves.iter()
        .filter_map(|(_, f)| f.kev.as_ref())
        .min_by_key(|k| (k.added, k.cve))
        .map(|k| Kev {
            cve: k.cve,
            added: k.added,
            due: k.due,
            ransomware: k.ransomware,
        })
}

/// The worst of each point: one erratum may bundle CVEs that CISA rated differently.
fn ssvc(cves: &[(CveId, CveFacts)]) -> Option<SsvcPoints> {
    let rated: Vec<Ssvc> = cves
        .iter()
        .filter_map(|(_, f)| f.record.as_ref()?.ssvc)
        .collect();
    let newest = rated.iter().filter_map(|s| s.at).max();
    let date = newest.map(|at| format!(" {}", date_of(at)));
    (!rated.is_empty()).then(|| SsvcPoints {
        exploitation: rated
            .iter()
            .filter_map(|s| s.exploitation)
            .max()
            .map(Exploitation::as_str),
        automatable: rated.iter().filter_map(|s| s.automatable).max(),
        total_impact: rated.iter().filter_map(|s| s.total_impact).max(),
        source: format!("cisa-adp{}", date.unwrap_or_default()),
    })
}

fn date_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}
