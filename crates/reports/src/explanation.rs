//! The answer to `explain`: what is known of a vulnerability, and what it means for a target (`daywatch.explanation/1`).

use advisories::model::{CvssVector, EpssModel, EpssRow, KevEntry, Ssvc};
use base::{CveId, Severity};
use drawing::escape::printable;
use drawing::style::{Ink, Style};
use drawing::text::paragraph;
use jiff::Timestamp;
use matching::Reason;
use risk::cvss::Scored;
use serde_json::{Value, json};

use crate::scan::CatalogInfo;

/// Everything an explanation says.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The id asked for.
    pub id: String,
    /// When it was asked.
    pub now: Timestamp,
    /// The catalog that answered.
    pub catalog: CatalogInfo,
    /// Every record of the id, or that names it; its own first.
    pub records: Vec<RecordSummary>,
    /// What is known of its CVEs.
    pub cves: Vec<CveKnowledge>,
    /// The target asked about.
    pub target: Option<String>,
    /// What the records mean for the target's packages.
    pub verdicts: Vec<PackageVerdict>,
    /// Ecosystems and releases of the target that no feed covers: of these nothing can be said.
    pub not_covered: Vec<String>,
}

/// One source's record.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordSummary {
    /// Its id.
    pub id: String,
    /// The feeds that carry it.
    pub feeds: Vec<String>,
    /// Other ids.
    pub aliases: Vec<String>,
    /// One line; hostile text.
    pub summary: String,
    /// Published.
    pub published: Option<Timestamp>,
    /// Last changed.
    pub modified: Option<Timestamp>,
    /// Withdrawn.
    pub withdrawn: Option<Timestamp>,
    /// The source's own severity word.
    pub severity: Option<Severity>,
    /// Where to read more.
    pub references: Vec<String>,
    /// What it affects.
    pub affected: Vec<AffectedPackage>,
}

/// One package of a record, ranges in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedPackage {
    /// `Debian:12`.
    pub ecosystem: String,
    /// As published.
    pub package: String,
    /// `>= 1.0, < 1.2.3`.
    pub ranges: Vec<String>,
    /// Exact versions besides the ranges.
    pub versions: Vec<String>,
}

/// What KEV, EPSS and the CVE record say.
#[derive(Clone, Debug, PartialEq)]
pub struct CveKnowledge {
    /// The CVE.
    pub cve: CveId,
    /// One line; hostile text.
    pub summary: String,
    /// The record was rejected.
    pub rejected: bool,
    /// Published in the CVE list.
    pub published: Option<Timestamp>,
    /// Scores with who gave them.
    pub scores: Vec<(Scored, CvssVector)>,
    /// EPSS.
    pub epss: Option<EpssRow>,
    /// Which model scored.
    pub epss_model: Option<EpssModel>,
    /// KEV listing.
    pub kev: Option<KevEntry>,
    /// CISA's SSVC points.
    pub ssvc: Option<Ssvc>,
}

impl CveKnowledge {
    /// Nothing is known of the CVE.
    pub fn is_empty(&self) -> bool {
        self.epss.is_none()
            && self.kev.is_none()
            && self.published.is_none()
            && self.scores.is_empty()
            && self.summary.is_empty()
    }
}

/// What a record means for one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageVerdict {
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The record.
    pub record: String,
    /// Affected, not, or it cannot be told.
    pub verdict: Verdict,
    /// In a sentence.
    pub detail: String,
}

/// Affected, not, or unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In a range.
    Affected {
        /// The range in words.
        range: String,
        /// The event that ends it.
        event: String,
        /// Versions that fix it.
        fixed: Vec<String>,
    },
    /// Not, and why.
    NotAffected(Reason),
    /// It cannot be told.
    Unknown,
}

impl Verdict {
    const fn word(&self) -> &'static str {
        match self {
            Self::Affected { .. } => "affected",
            Self::NotAffected(_) => "not-affected",
            Self::Unknown => "unknown",
        }
    }
}

/// How many packages of a record the text shows; JSON has them all.
const AFFECTED_SHOWN: usize = 12;

impl Explanation {
    /// For a terminal or a file.
    pub fn to_text(&self, style: Style) -> String {
        let mut out = String::new();
        if let Some(target) = &self.target {
            self.write_verdicts(&mut out, target, style);
        }
        for cve in &self.cves {
            write_cve(&mut out, cve, style);
        }
        for record in &self.records {
            write_record(&mut out, record, style);
        }
        out
    }

    fn write_verdicts(&self, out: &mut String, target: &str, style: Style) {
        let affected = self
            .verdicts
            .iter()
            .filter(|v| matches!(v.verdict, Verdict::Affected { .. }))
            .count();
        let (target, id) = (printable(target), printable(&self.id));
        let (ink, head) = match (affected, self.verdicts.is_empty()) {
            (0, _) if self.cannot_tell() => (
                Ink::Warn,
                format!(
                    "{target}: not known. No feed covers its packages, so {id} cannot be told."
                ),
            ),
            (0, true) => (
                Ink::Good,
                format!("{target} has no package that a record of {id} names."),
            ),
            (0, false) => (Ink::Good, format!("{target} is not affected by {id}.")),
            _ => (Ink::Bad, format!("{target} is affected by {id}.")),
        };
        out.push_str(&style.paint(ink, &head));
        out.push_str("\n\n");
        if !self.not_covered.is_empty() {
            let what = printable(&self.not_covered.join(", ")).into_owned();
            let line = format!("  not covered by any feed: {what}\n\n");
            out.push_str(&style.paint(Ink::Warn, &line));
        }
        for verdict in &self.verdicts {
            let word = match &verdict.verdict {
                Verdict::Affected { .. } => style.paint(Ink::Bad, "affected     "),
                Verdict::NotAffected(reason) => {
                    style.paint(Ink::Good, &format!("{:<13}", reason.as_str()))
                }
                Verdict::Unknown => style.paint(Ink::Warn, "unknown      "),
            };
            out.push_str(&format!(
                "  {word} {} {}  {}\n",
                printable(&verdict.package),
                printable(&verdict.version),
                printable(&verdict.record)
            ));
            out.push_str(&paragraph(
                "      ",
                "      ",
                &printable(&verdict.detail),
                style.columns(),
            ));
            out.push('\n');
        }
        if !self.verdicts.is_empty() {
            out.push('\n');
        }
    }

    /// Nothing speaks for the target's own release: some of it is covered by no feed, and the records name other releases only.
    fn cannot_tell(&self) -> bool {
        let of_others =
            |v: &PackageVerdict| v.verdict == Verdict::NotAffected(Reason::OtherRelease);
        !self.not_covered.is_empty() && self.verdicts.iter().all(of_others)
    }

    /// `daywatch.explanation/1`.
    pub fn to_json(&self) -> String {
        let value = json!({
            "schema": "daywatch.explanation/1",
            "id": self.id,
            "catalog": {"digest": self.catalog.digest, "built": self.catalog.built},
            "target": self.target,
            "not_covered": self.not_covered,
            "verdicts": self.verdicts.iter().map(verdict_json).collect::<Vec<_>>(),
            "cves": self.cves.iter().map(cve_json).collect::<Vec<_>>(),
            "records": self.records.iter().map(record_json).collect::<Vec<_>>(),
        });
        format!("{value:#}\n")
    }
}

fn write_cve(out: &mut String, cve: &CveKnowledge, style: Style) {
    out.push_str(&style.paint(Ink::Strong, &cve.cve.to_string()));
    if cve.rejected {
        out.push_str("  rejected: the id means nothing");
    }
    out.push('\n');
    if !cve.summary.is_empty() {
        out.push_str(&paragraph(
            "  ",
            "  ",
            &printable(&cve.summary),
            style.columns(),
        ));
        out.push('\n');
    }
    for (scored, vector) in &cve.scores {
        out.push_str(&format!(
            "  cvss {} {:.1} {} ({}) {}\n",
            scored.version.as_str(),
            scored.score(),
            scored.severity,
            printable(&vector.source),
            printable(&vector.vector)
        ));
    }
    match (&cve.epss, &cve.epss_model) {
        (Some(epss), model) => {
            let as_of = model
                .as_ref()
                .and_then(|m| m.date)
                .map(|d| format!(", as of {d}"))
                .unwrap_or_default();
            out.push_str(&format!(
                "  epss {:.5} (percentile {:.5}{as_of})\n",
                epss.score, epss.percentile
            ));
        }
        (None, _) => out.push_str("  epss unknown\n"),
    }
    match &cve.kev {
        Some(kev) => {
            let line = format!(
                "  known exploited since {} ({})",
                kev.added,
                printable(&kev.name)
            );
            out.push_str(&style.paint(Ink::Bad, &line));
            out.push('\n');
        }
        None => out.push_str("  not listed as known exploited\n"),
    }
    match &cve.ssvc {
        Some(ssvc) => out.push_str(&format!(
            "  ssvc exploitation {}, automatable {}, technical impact {}\n",
            ssvc.exploitation
                .map_or("unknown", advisories::model::Exploitation::as_str),
            yes_no(ssvc.automatable),
            ssvc.total_impact.map_or("unknown", impact_word)
        )),
        None => out.push_str("  ssvc unknown\n"),
    }
    out.push('\n');
}

fn write_record(out: &mut String, record: &RecordSummary, style: Style) {
    out.push_str(&style.paint(Ink::Strong, &printable(&record.id)));
    out.push_str(&format!("  {}", printable(&record.feeds.join(", "))));
    if let Some(severity) = record.severity {
        out.push_str(&format!("  {severity}"));
    }
    if let Some(at) = record.withdrawn {
        out.push_str(&style.paint(Ink::Warn, &format!("  withdrawn {at}")));
    }
    out.push('\n');
    if !record.summary.is_empty() {
        out.push_str(&paragraph(
            "  ",
            "  ",
            &printable(&record.summary),
            style.columns(),
        ));
        out.push('\n');
    }
    for package in record.affected.iter().take(AFFECTED_SHOWN) {
        let mut what = package.ranges.join(" or ");
        if !package.versions.is_empty() {
            let more = format!("{} exact versions", package.versions.len());
            what = if what.is_empty() {
                more
            } else {
                format!("{what} and {more}")
            };
        }
        let line = format!("{} {}: {what}", package.ecosystem, package.package);
        out.push_str(&paragraph("  ", "    ", &printable(&line), style.columns()));
        out.push('\n');
    }
    if record.affected.len() > AFFECTED_SHOWN {
        out.push_str(&format!(
            "  and {} more (--format json has all)\n",
            record.affected.len() - AFFECTED_SHOWN
        ));
    }
    for reference in &record.references {
        out.push_str(&format!("  {}\n", printable(reference)));
    }
    out.push('\n');
}

fn yes_no(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

const fn impact_word(total: bool) -> &'static str {
    if total { "total" } else { "partial" }
}

fn verdict_json(v: &PackageVerdict) -> Value {
    let (range, event, fixed) = match &v.verdict {
        Verdict::Affected {
            range,
            event,
            fixed,
        } => (Some(range), Some(event), fixed.clone()),
        _ => (None, None, Vec::new()),
    };
    let reason = match v.verdict {
        Verdict::NotAffected(reason) => Some(reason.as_str()),
        _ => None,
    };
    json!({
        "package": v.package, "version": v.version, "record": v.record, "verdict": v.verdict.word(), "reason": reason,
        "detail": v.detail, "match": {"range": range, "event": event}, "fixed": fixed,
    })
}

fn cve_json(c: &CveKnowledge) -> Value {
    let scores: Vec<Value> = c
        .scores
        .iter()
        .map(|(s, v)| json!({"version": s.version.as_str(), "score": s.score(), "vector": v.vector, "source": v.source}))
        .collect();
    json!({
        "id": c.cve.to_string(), "summary": c.summary, "rejected": c.rejected, "published": c.published, "cvss": scores,
        "epss": c.epss.map(|e| json!({
            "score": decimal(e.score), "percentile": decimal(e.percentile),
            "model": c.epss_model.as_ref().map(|m| m.version.clone()),
            "as_of": c.epss_model.as_ref().and_then(|m| m.date).map(|d| d.to_string()),
        })),
        "kev": c.kev.as_ref().map(|k| json!({
            "added": k.added.to_string(), "due": k.due.map(|d| d.to_string()), "ransomware": k.ransomware,
            "vendor": k.vendor, "product": k.product, "name": k.name,
        })),
        "ssvc": c.ssvc.map(|s| json!({
            "exploitation": s.exploitation.map(advisories::model::Exploitation::as_str),
            "automatable": s.automatable, "technical_impact": s.total_impact.map(impact_word), "at": s.at,
        })),
    })
}

fn record_json(r: &RecordSummary) -> Value {
    let affected: Vec<Value> = r
        .affected
        .iter()
        .map(|a| json!({"ecosystem": a.ecosystem, "package": a.package, "ranges": a.ranges, "versions": a.versions}))
        .collect();
    json!({
        "id": r.id, "feeds": r.feeds, "aliases": r.aliases, "summary": r.summary, "published": r.published,
        "modified": r.modified, "withdrawn": r.withdrawn, "severity": r.severity.map(Severity::as_str),
        "references": r.references, "affected": affected,
    })
}

/// EPSS has five decimals; an `f32` printed as `f64` would show more than the feed said.
fn decimal(value: f32) -> f64 {
    (f64::from(value) * 1e5).round() / 1e5
}
