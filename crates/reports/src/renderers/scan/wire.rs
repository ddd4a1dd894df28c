//! The JSON shapes of `daywatch.scan/1`: every key present, unknown is null, a list is never null, keys in this order.

use std::borrow::Cow;

use base::{CveId, Note, Severity};
use drawing::escape::printable;
use fleet::asset::Asset;
use fleet::finding::{CvssScore, Epss, Finding, Kev, SsvcPoints};
use fleet::suppression::Suppression;
use inventory::Location;
use matching::Conflict;
use risk::policy::{Decision, UsedFact};
use serde::Serialize;

use super::running::{self, RestartJson, ServiceJson};
use crate::scan::{FeedAge, NotAffected, ScanReport, Since, Target};
use crate::wording::{instant, uncovered};

/// Text from outside; what is not printable is written as `\xNN`.
pub(super) type Text<'a> = Cow<'a, str>;

#[derive(Serialize)]
pub(in crate::renderers) struct ReportJson<'a> {
    schema: &'static str,
    now: String,
    catalog: CatalogJson<'a>,
    summary: SummaryJson,
    targets: Vec<TargetJson<'a>>,
    findings: Vec<FindingJson<'a>>,
    not_affected: Vec<NotAffectedJson<'a>>,
    suppressed: Vec<SuppressedJson<'a>>,
    errors: Vec<NoteJson<'a>>,
    baseline: Option<BaselineJson<'a>>,
}

#[derive(Serialize)]
struct BaselineJson<'a> {
    now: Option<String>,
    new: usize,
    known: usize,
    gone: Vec<GoneJson<'a>>,
}

#[derive(Serialize)]
struct GoneJson<'a> {
    id: Text<'a>,
    package: Text<'a>,
    version: Text<'a>,
    target: Text<'a>,
}

#[derive(Serialize)]
struct CatalogJson<'a> {
    digest: Text<'a>,
    built: Option<String>,
    feeds: Vec<FeedJson<'a>>,
}

#[derive(Serialize)]
struct FeedJson<'a> {
    name: Text<'a>,
    as_of: Option<String>,
}

/// Additive: what `jq` is asked for most.
#[derive(Serialize)]
struct SummaryJson {
    findings: usize,
    by_severity: BySeverityJson,
    known_exploited: usize,
    overdue: usize,
    suppressed: usize,
    packages: usize,
    packages_not_covered: usize,
}

#[derive(Default, Serialize)]
struct BySeverityJson {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    none: usize,
    unknown: usize,
}

#[derive(Serialize)]
struct TargetJson<'a> {
    target: Text<'a>,
    kind: &'static str,
    os: Option<Text<'a>>,
    packages: usize,
    not_covered: Vec<NotCoveredJson<'a>>,
    asset: AssetJson<'a>,
    notes: Vec<NoteJson<'a>>,
    kernel: Option<Text<'a>>,
    services: Vec<ServiceJson<'a>>,
    restart: Vec<RestartJson<'a>>,
}

#[derive(Serialize)]
struct NotCoveredJson<'a> {
    ecosystem: Text<'a>,
    packages: usize,
}

#[derive(Serialize)]
struct AssetJson<'a> {
    zone: Option<Text<'a>>,
    owner: Option<Text<'a>>,
    criticality: Option<&'static str>,
    exposed: Option<bool>,
    source: Option<Text<'a>>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    key: Text<'a>,
    id: Text<'a>,
    aliases: Vec<Text<'a>>,
    cves: Vec<String>,
    ecosystem: Text<'a>,
    package: Text<'a>,
    version: Text<'a>,
    purl: Option<Text<'a>>,
    source_package: Option<Text<'a>>,
    locations: Vec<LocationJson<'a>>,
    fixed: Vec<Text<'a>>,
    fix_state: &'static str,
    #[serde(rename = "match")]
    matched: MatchJson<'a>,
    why: Text<'a>,
    summary: Option<Text<'a>>,
    references: Vec<Text<'a>>,
    conflicts: Vec<ConflictJson<'a>>,
    informational: Option<Text<'a>>,
    published: Option<String>,
    severity: Option<&'static str>,
    severity_source: Option<Text<'a>>,
    cvss: Vec<CvssJson<'a>>,
    epss: Option<EpssJson<'a>>,
    kev: Option<KevJson>,
    ssvc: Option<SsvcJson<'a>>,
    due: Option<String>,
    decision: Option<DecisionJson<'a>>,
    decisions: Vec<DecisionJson<'a>>,
    target: usize,
    source: Option<Text<'a>>,
    also_reported_by: Vec<Text<'a>>,
    new: Option<bool>,
}

#[derive(Serialize)]
struct LocationJson<'a> {
    path: Text<'a>,
    line: Option<u64>,
    layer: Option<Text<'a>>,
}

#[derive(Serialize)]
struct MatchJson<'a> {
    record: Text<'a>,
    range: Text<'a>,
    event: Text<'a>,
}

#[derive(Serialize)]
struct ConflictJson<'a> {
    record: Text<'a>,
    says: Text<'a>,
}

#[derive(Serialize)]
struct CvssJson<'a> {
    version: &'static str,
    score: f64,
    severity: &'static str,
    vector: Text<'a>,
    source: Text<'a>,
}

#[derive(Serialize)]
struct EpssJson<'a> {
    score: f32,
    percentile: f32,
    model: Option<Text<'a>>,
    as_of: Option<String>,
}

#[derive(Serialize)]
struct KevJson {
    cve: String,
    added: String,
    due: Option<String>,
    ransomware: Option<bool>,
}

#[derive(Serialize)]
struct SsvcJson<'a> {
    exploitation: Option<&'static str>,
    automatable: Option<&'static str>,
    technical_impact: Option<&'static str>,
    source: Text<'a>,
}

#[derive(Serialize)]
pub(in crate::renderers) struct DecisionJson<'a> {
    policy: Text<'a>,
    row: Text<'a>,
    outcome: Text<'a>,
    by: Option<String>,
    triage_by: Option<String>,
    actions: Vec<&'static str>,
    facts: Vec<FactJson<'a>>,
}

#[derive(Serialize)]
struct FactJson<'a> {
    name: Text<'a>,
    value: Option<Text<'a>>,
    source: Text<'a>,
    assumed: Option<Text<'a>>,
}

#[derive(Serialize)]
struct NotAffectedJson<'a> {
    id: Text<'a>,
    cves: Vec<String>,
    target: usize,
    package: Text<'a>,
    version: Text<'a>,
    reason: &'static str,
    detail: Text<'a>,
    source: Text<'a>,
}

#[derive(Serialize)]
struct SuppressedJson<'a> {
    #[serde(flatten)]
    finding: FindingJson<'a>,
    suppression: SuppressionJson<'a>,
}

#[derive(Serialize)]
struct SuppressionJson<'a> {
    owner: Text<'a>,
    reason: Text<'a>,
    until: Option<String>,
    scope: Text<'a>,
}

#[derive(Serialize)]
struct NoteJson<'a> {
    target: Option<Text<'a>>,
    file: Option<Text<'a>>,
    line: Option<u64>,
    what: Text<'a>,
    limit: Option<String>,
    level: &'static str,
}

/// The report in the contract's shape.
pub(in crate::renderers) fn report(report: &ScanReport) -> ReportJson<'_> {
    ReportJson {
        schema: "daywatch.scan/1",
        now: instant(report.now),
        catalog: CatalogJson {
            digest: printable(&report.catalog.digest),
            built: report.catalog.built.map(instant),
            feeds: report.catalog.feeds.iter().map(feed).collect(),
        },
        summary: summary(report),
        targets: report.targets.iter().map(target).collect(),
        findings: report.findings.iter().map(finding).collect(),
        not_affected: report.not_affected.iter().map(not_affected).collect(),
        suppressed: report.suppressed.iter().map(suppressed).collect(),
        errors: report
            .errors
            .iter()
            .map(|e| note(e.target.as_deref(), &e.note))
            .collect(),
        baseline: report.since.as_ref().map(baseline),
    }
}

fn baseline(since: &Since) -> BaselineJson<'_> {
    BaselineJson {
        now: since.made.map(instant),
        new: since.new,
        known: since.known,
        gone: since
            .gone
            .iter()
            .map(|gone| GoneJson {
                id: printable(&gone.id),
                package: printable(&gone.package),
                version: printable(&gone.version),
                target: printable(&gone.target),
            })
            .collect(),
    }
}

fn feed(feed: &FeedAge) -> FeedJson<'_> {
    FeedJson {
        name: printable(&feed.name),
        as_of: feed.as_of.map(instant),
    }
}

fn summary(report: &ScanReport) -> SummaryJson {
    let mut by_severity = BySeverityJson::default();
    for finding in &report.findings {
        *match finding.severity {
            Some(Severity::Critical) => &mut by_severity.critical,
            Some(Severity::High) => &mut by_severity.high,
            Some(Severity::Medium) => &mut by_severity.medium,
            Some(Severity::Low) => &mut by_severity.low,
            Some(Severity::None) => &mut by_severity.none,
            None => &mut by_severity.unknown,
        } += 1;
    }
    SummaryJson {
        findings: report.findings.len(),
        by_severity,
        known_exploited: report.findings.iter().filter(|f| f.kev.is_some()).count(),
        overdue: report
            .findings
            .iter()
            .filter(|f| f.due().is_some_and(|by| by < report.now))
            .count(),
        suppressed: report.suppressed.len(),
        packages: report.targets.iter().map(|t| t.packages).sum(),
        packages_not_covered: report.targets.iter().map(uncovered).sum(),
    }
}

fn target(target: &Target) -> TargetJson<'_> {
    TargetJson {
        target: printable(&target.name),
        kind: target.kind,
        os: maybe(target.os.as_deref()),
        packages: target.packages,
        not_covered: target
            .not_covered
            .iter()
            .map(|(ecosystem, packages)| NotCoveredJson {
                ecosystem: printable(ecosystem),
                packages: *packages,
            })
            .collect(),
        asset: asset(&target.asset),
        notes: target
            .notes
            .iter()
            .map(|n| note(Some(&target.name), n))
            .collect(),
        kernel: running::optional(&target.runs.kernel),
        services: target.runs.services.iter().map(running::service).collect(),
        restart: target.runs.restart.iter().map(running::restart).collect(),
    }
}

fn asset(asset: &Asset) -> AssetJson<'_> {
    AssetJson {
        zone: maybe(asset.zone.as_deref()),
        owner: maybe(asset.owner.as_deref()),
        criticality: asset.criticality.map(fleet::asset::Criticality::as_str),
        exposed: asset.exposed,
        source: maybe(Some(asset.source.as_str())),
    }
}

fn finding(finding: &Finding) -> FindingJson<'_> {
    FindingJson {
        key: Cow::Owned(printable(&finding.key()).into_owned()),
        id: printable(&finding.id),
        aliases: texts(&finding.aliases),
        cves: ids(&finding.cves),
        ecosystem: printable(&finding.ecosystem),
        package: printable(&finding.package),
        version: printable(&finding.version),
        purl: maybe(finding.purl.as_deref()),
        source_package: maybe(finding.source_package.as_deref()),
        locations: finding.locations.iter().map(location).collect(),
        fixed: texts(&finding.fixed),
        fix_state: finding.fix_state.as_str(),
        matched: MatchJson {
            record: printable(&finding.decided.record),
            range: printable(&finding.decided.range),
            event: printable(&finding.decided.event),
        },
        why: printable(&finding.why),
        summary: maybe(Some(finding.summary.as_str())),
        references: texts(&finding.references),
        conflicts: finding.conflicts.iter().map(conflict).collect(),
        informational: maybe(finding.informational.as_deref()),
        published: finding.published.map(instant),
        severity: finding.severity.map(Severity::as_str),
        severity_source: maybe(finding.severity_source.as_deref()),
        cvss: finding.cvss.iter().map(cvss).collect(),
        epss: finding.epss.as_ref().map(epss),
        kev: finding.kev.as_ref().map(kev),
        ssvc: finding.ssvc.as_ref().map(ssvc),
        due: finding.due().map(instant),
        decision: finding.decision().map(decision),
        decisions: finding.decisions.iter().map(decision).collect(),
        target: finding.target,
        source: maybe(finding.source.as_deref()),
        also_reported_by: texts(&finding.also_reported_by),
        new: finding.is_new,
    }
}

fn location(location: &Location) -> LocationJson<'_> {
    LocationJson {
        path: printable(&location.path),
        line: location.line,
        layer: maybe(location.layer.as_deref()),
    }
}

fn conflict(conflict: &Conflict) -> ConflictJson<'_> {
    ConflictJson {
        record: printable(&conflict.record),
        says: printable(&conflict.says),
    }
}

fn cvss(score: &CvssScore) -> CvssJson<'_> {
    CvssJson {
        version: score.scored.version.as_str(),
        score: score.scored.score(),
        severity: score.scored.severity.as_str(),
        vector: printable(&score.vector),
        source: printable(&score.source),
    }
}

fn epss(epss: &Epss) -> EpssJson<'_> {
    EpssJson {
        score: epss.score,
        percentile: epss.percentile,
        model: maybe(epss.model.as_deref()),
        as_of: epss.as_of.map(|d| d.to_string()),
    }
}

fn kev(kev: &Kev) -> KevJson {
    KevJson {
        cve: kev.cve.to_string(),
        added: kev.added.to_string(),
        // A deadline is an instant: CISA names a day, which starts at midnight UTC.
        due: kev.due.map(|d| format!("{d}T00:00:00Z")),
        ransomware: kev.ransomware,
    }
}

fn ssvc(points: &SsvcPoints) -> SsvcJson<'_> {
    SsvcJson {
        exploitation: points.exploitation,
        automatable: points.automatable.map(|yes| if yes { "yes" } else { "no" }),
        technical_impact: points
            .total_impact
            .map(|total| if total { "total" } else { "partial" }),
        source: printable(&points.source),
    }
}

/// A decision with its facts, as every document of ours writes it.
pub(in crate::renderers) fn decision(decision: &Decision) -> DecisionJson<'_> {
    DecisionJson {
        policy: printable(&decision.policy),
        row: printable(&decision.row),
        outcome: printable(&decision.outcome),
        by: decision.by.map(instant),
        triage_by: decision.triage_by.map(instant),
        actions: decision.actions.iter().map(|a| a.as_str()).collect(),
        facts: decision.facts.iter().map(fact).collect(),
    }
}

fn fact(fact: &UsedFact) -> FactJson<'_> {
    FactJson {
        name: printable(&fact.name),
        value: maybe(fact.value.as_deref()),
        source: printable(&fact.source),
        assumed: maybe(fact.assumed.as_deref()),
    }
}

fn not_affected(negative: &NotAffected) -> NotAffectedJson<'_> {
    NotAffectedJson {
        id: printable(&negative.id),
        cves: ids(&negative.cves),
        target: negative.target,
        package: printable(&negative.package),
        version: printable(&negative.version),
        reason: negative.reason.as_str(),
        detail: printable(&negative.detail),
        source: printable(&negative.source),
    }
}

fn suppressed((found, suppression): &(Finding, Suppression)) -> SuppressedJson<'_> {
    SuppressedJson {
        finding: finding(found),
        suppression: SuppressionJson {
            owner: printable(&suppression.owner),
            reason: printable(&suppression.reason),
            until: suppression.until.map(instant),
            scope: printable(&suppression.scope),
        },
    }
}

fn note<'a>(target: Option<&'a str>, note: &'a Note) -> NoteJson<'a> {
    NoteJson {
        target: maybe(target),
        file: maybe(note.file.as_deref()),
        line: note.line,
        what: printable(&note.what),
        limit: note.limit.map(|l| l.to_string()),
        level: note.level.as_str(),
    }
}

/// A text that may be missing; an empty one is missing too.
fn maybe(text: Option<&str>) -> Option<Text<'_>> {
    text.filter(|t| !t.is_empty()).map(printable)
}

fn texts(texts: &[String]) -> Vec<Text<'_>> {
    texts.iter().map(|t| printable(t)).collect()
}

fn ids(cves: &[CveId]) -> Vec<String> {
    cves.iter().map(ToString::to_string).collect()
}
