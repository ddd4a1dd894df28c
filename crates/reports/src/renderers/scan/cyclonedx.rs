//! CycloneDX 1.6 JSON as a vulnerability disclosure report
//! (<https://cyclonedx.org/capabilities/vdr/>, <https://cyclonedx.org/docs/1.6/json/>): the affected components, and every
//! vulnerability with ratings, what to do, and the state of its analysis.

use std::collections::BTreeMap;

use base::Severity;
use drawing::escape::{printable, web_link};
use fleet::finding::{CvssScore, Finding};
use fleet::suppression::Suppression;
use matching::{FixState, Reason};
use risk::cvss::Version;
use serde_json::{Value, json};

use crate::renderers::{Options, ScanRenderer, fingerprint};
use crate::scan::{NotAffected, ScanReport, Target};
use crate::wording::{fix, instant, no_fix};

/// The format.
pub(in crate::renderers) struct CycloneDx;

impl ScanRenderer for CycloneDx {
    fn id(&self) -> &'static str {
        "cyclonedx"
    }

    fn about(&self) -> &'static str {
        "CycloneDX 1.6 JSON: a vulnerability disclosure report"
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.cyclonedx+json; version=1.6"
    }

    fn render(&self, report: &ScanReport, options: &Options) -> String {
        let components = components(report);
        let vulnerabilities = vulnerabilities(report);
        let content = fingerprint(&[
            &instant(report.now),
            &components.to_string(),
            &vulnerabilities.to_string(),
        ]);
        let document = json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": format!("urn:uuid:{}", uuid(&content)),
            "version": 1,
            "metadata": {
                "timestamp": instant(report.now),
                "tools": { "components": [{ "type": "application", "name": "daywatch", "version": printable(&options.tool_version) }] },
                "properties": notes(report),
            },
            "components": components,
            "vulnerabilities": vulnerabilities,
        });
        format!("{document:#}\n")
    }
}

/// Sixteen bytes of a digest as a UUID of version 8 (RFC 9562, section 5.8).
fn uuid(hex: &str) -> String {
    let digit = |n: usize| hex.get(n..=n).unwrap_or("0");
    let part = |from: usize, len: usize| (from..from + len).map(digit).collect::<String>();
    format!(
        "{}-{}-8{}-a{}-{}",
        part(0, 8),
        part(8, 4),
        part(13, 3),
        part(17, 3),
        part(20, 12)
    )
}

/// Targets with the packages that have something to say about them.
fn components(report: &ScanReport) -> Value {
    let mut inside: BTreeMap<usize, BTreeMap<String, Value>> = BTreeMap::new();
    for finding in report
        .findings
        .iter()
        .chain(report.suppressed.iter().map(|(f, _)| f))
    {
        let reference = reference(finding.target, &finding.package, &finding.version);
        inside
            .entry(finding.target)
            .or_default()
            .insert(reference.clone(), package(finding, reference));
    }
    for negative in &report.not_affected {
        let reference = reference(negative.target, &negative.package, &negative.version);
        inside.entry(negative.target).or_default().entry(reference.clone()).or_insert_with(|| {
            json!({ "type": "library", "bom-ref": reference, "name": printable(&negative.package), "version": printable(&negative.version) })
        });
    }
    let targets = report.targets.iter().enumerate();
    targets
        .map(|(n, t)| target(n, t, inside.remove(&n).unwrap_or_default()))
        .collect()
}

fn target(index: usize, target: &Target, packages: BTreeMap<String, Value>) -> Value {
    let kind = match target.kind {
        "image" => "container",
        "application" => "application",
        _ => "device",
    };
    let mut component = json!({
        "type": kind,
        "bom-ref": format!("target-{index}"),
        "name": printable(&target.name),
        "properties": [{ "name": "daywatch:packages", "value": target.packages.to_string() }],
    });
    if let Some(os) = &target.os {
        component["description"] = json!(printable(os));
    }
    if !packages.is_empty() {
        component["components"] = packages.into_values().collect();
    }
    component
}

fn package(finding: &Finding, reference: String) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference,
        "name": printable(&finding.package),
        "version": printable(&finding.version),
    });
    if let Some(purl) = &finding.purl {
        component["purl"] = json!(printable(purl));
    }
    component
}

fn reference(target: usize, package: &str, version: &str) -> String {
    format!(
        "target-{target}/{}@{}",
        printable(package),
        printable(version)
    )
}

fn vulnerabilities(report: &ScanReport) -> Value {
    let found = report
        .findings
        .iter()
        .map(|f| vulnerability(f, analysis(f)));
    let aside = report
        .suppressed
        .iter()
        .map(|(f, s)| vulnerability(f, set_aside(s)));
    let denied = report
        .not_affected
        .iter()
        .enumerate()
        .map(|(n, negative)| denied(n, negative));
    found.chain(aside).chain(denied).collect()
}

fn vulnerability(finding: &Finding, analysis: Value) -> Value {
    let id = finding
        .cves
        .first()
        .map_or_else(|| finding.id.clone(), ToString::to_string);
    let mut entry = json!({
        "bom-ref": printable(&finding.key()),
        "id": printable(&id),
        "references": others(finding, &id),
        "ratings": ratings(finding),
        "recommendation": printable(&recommendation(finding)),
        "advisories": links(finding),
        "analysis": analysis,
        "affects": [{
            "ref": reference(finding.target, &finding.package, &finding.version),
            "versions": [{ "version": printable(&finding.version), "status": "affected" }],
        }],
        "properties": properties(finding),
    });
    if !finding.summary.is_empty() {
        entry["description"] = json!(printable(&finding.summary));
    }
    if let Some(published) = finding.published {
        entry["published"] = json!(instant(published));
    }
    entry
}

/// The other ids of the vulnerability; the schema wants a source with each and every item once.
fn others(finding: &Finding, id: &str) -> Vec<Value> {
    let mut ids: Vec<String> = finding.cves.iter().map(ToString::to_string).collect();
    ids.extend(finding.aliases.iter().cloned());
    ids.push(finding.id.clone());
    ids.retain(|other| other != id);
    ids.sort();
    ids.dedup();
    let source = |id: &str| id.split('-').next().unwrap_or(id).to_owned();
    ids.iter().map(|other| json!({ "id": printable(other), "source": { "name": printable(&source(other)) } })).collect()
}

fn ratings(finding: &Finding) -> Vec<Value> {
    let mut ratings: Vec<Value> = finding.cvss.iter().map(scored).collect();
    if ratings.is_empty() {
        ratings.push(json!({
            "source": { "name": printable(finding.severity_source.as_deref().unwrap_or("none")) },
            "severity": finding.severity.map_or("unknown", Severity::as_str),
            "method": "other",
        }));
    }
    ratings
}

fn scored(score: &CvssScore) -> Value {
    json!({
        "source": { "name": printable(&score.source) },
        "score": score.scored.score(),
        "severity": score.scored.severity.as_str(),
        "method": match score.scored.version {
            Version::V2 => "CVSSv2",
            Version::V3_0 => "CVSSv3",
            Version::V3_1 => "CVSSv31",
            Version::V4 => "CVSSv4",
        },
        "vector": printable(&score.vector),
    })
}

fn recommendation(finding: &Finding) -> String {
    match fix(finding) {
        Some(version) => format!("Upgrade {} to {version}", finding.package),
        None => no_fix(finding.fix_state).to_owned(),
    }
}

fn links(finding: &Finding) -> Vec<Value> {
    let mut links: Vec<String> = finding
        .references
        .iter()
        .filter_map(|r| web_link(r))
        .collect();
    links.dedup();
    links.into_iter().map(|url| json!({ "url": url })).collect()
}

/// Found by matching, not yet judged by a person: in triage, with what the vendor offers.
fn analysis(finding: &Finding) -> Value {
    let response: Option<&str> = match finding.fix_state {
        FixState::Fixed => Some("update"),
        FixState::WontFix => Some("will_not_fix"),
        FixState::EndOfLife => Some("can_not_fix"),
        FixState::None | FixState::Unknown => None,
    };
    let mut analysis = json!({ "state": "in_triage", "detail": printable(&finding.why) });
    if let Some(response) = response {
        analysis["response"] = json!([response]);
    }
    analysis
}

/// A suppression accepts the risk; only VEX denies it.
fn set_aside(suppression: &Suppression) -> Value {
    let detail = format!("{}: {}", suppression.owner, suppression.reason);
    let until = suppression
        .until
        .map_or_else(String::new, |until| format!(" (until {})", instant(until)));
    json!({
        "state": "exploitable",
        "response": ["will_not_fix"],
        "detail": printable(&format!("{detail}{until}")),
    })
}

fn denied(index: usize, negative: &NotAffected) -> Value {
    let not_affected =
        |justification: &str| json!({ "state": "not_affected", "justification": justification });
    let mut analysis = match negative.reason {
        Reason::FixedByBackport | Reason::Superseded => json!({ "state": "resolved" }),
        Reason::NotInRange
        | Reason::OtherRelease
        | Reason::ModuleStream
        | Reason::ComponentAbsent => not_affected("code_not_present"),
        Reason::NotRunning => not_affected("code_not_reachable"),
        Reason::Vex => json!({ "state": "not_affected" }),
    };
    analysis["detail"] = json!(printable(&format!(
        "{}: {}",
        negative.reason.as_str(),
        negative.detail
    )));
    let id = negative
        .cves
        .first()
        .map_or_else(|| negative.id.clone(), ToString::to_string);
    json!({
        "bom-ref": format!("not-affected-{index}"),
        "id": printable(&id),
        "source": { "name": printable(&negative.source) },
        "analysis": analysis,
        "affects": [{
            "ref": reference(negative.target, &negative.package, &negative.version),
            "versions": [{ "version": printable(&negative.version), "status": "unaffected" }],
        }],
    })
}

/// Facts CycloneDX has no member for.
fn properties(finding: &Finding) -> Vec<Value> {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    if let Some(epss) = &finding.epss {
        pairs.push(("daywatch:epss", epss.score.to_string()));
    }
    if let Some(kev) = &finding.kev {
        pairs.push(("daywatch:kev:added", kev.added.to_string()));
    }
    if let Some(due) = finding.due() {
        pairs.push(("daywatch:due", instant(due)));
    }
    if let Some(decision) = finding.decision() {
        pairs.push((
            "daywatch:policy",
            format!("{} row {}", decision.policy, decision.row),
        ));
    }
    pairs
        .into_iter()
        .map(|(name, value)| json!({ "name": name, "value": printable(&value) }))
        .collect()
}

fn notes(report: &ScanReport) -> Vec<Value> {
    report
        .all_notes()
        .map(|n| {
            json!({ "name": format!("daywatch:note:{}", n.note.level.as_str()), "value": printable(&n.to_string()) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn a_digest_becomes_a_uuid_of_version_8() {
        assert_eq!(
            uuid("00112233445566778899aabbccddeeff"),
            "00112233-4455-8677-a899-aabbccddeeff"
        );
    }
}
