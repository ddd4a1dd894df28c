//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>) for code scanning: a rule an advisory, a
//! result a finding, with the properties GitHub reads (`security-severity`, `partialFingerprints`).

use std::collections::BTreeMap;

use base::{Level, Severity};
use drawing::escape::{markdown, printable, web_link};
use fleet::finding::Finding;
use fleet::suppression::Suppression;
use inventory::Location;
use serde_json::{Value, json};

use crate::renderers::{Options, ScanRenderer, fingerprint};
use crate::scan::{ScanReport, TargetNote};
use crate::wording::{fix, instant, label, no_fix, severity};

/// The format.
pub(in crate::renderers) struct Sarif;

impl ScanRenderer for Sarif {
    fn id(&self) -> &'static str {
        "sarif"
    }

    fn about(&self) -> &'static str {
        "SARIF 2.1.0 for code scanning"
    }

    fn media_type(&self) -> &'static str {
        "application/sarif+json"
    }

    fn render(&self, report: &ScanReport, options: &Options) -> String {
        let rules = rules(report);
        let index: BTreeMap<&str, usize> = rules
            .iter()
            .enumerate()
            .map(|(n, (id, _))| (*id, n))
            .collect();
        let mut results: Vec<Value> = report.findings.iter().map(|f| result(f, &index)).collect();
        results.extend(
            report
                .suppressed
                .iter()
                .map(|(f, s)| suppressed(f, s, &index)),
        );
        let log = json!({
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "Daywatch",
                    "version": printable(&options.tool_version),
                    "rules": rules.into_values().map(rule).collect::<Vec<_>>(),
                }},
                "invocations": [{
                    "executionSuccessful": true,
                    "endTimeUtc": instant(report.now),
                    "toolExecutionNotifications": report.all_notes().map(|n| notification(&n)).collect::<Vec<_>>(),
                }],
                "results": results,
                "columnKind": "unicodeCodePoints",
            }],
        });
        format!("{log:#}\n")
    }
}

/// The worst finding of every advisory, by id: what the rule is described from.
fn rules(report: &ScanReport) -> BTreeMap<&str, &Finding> {
    let mut rules: BTreeMap<&str, &Finding> = BTreeMap::new();
    for finding in report
        .findings
        .iter()
        .chain(report.suppressed.iter().map(|(f, _)| f))
    {
        let worst = rules.entry(&finding.id).or_insert(finding);
        if security_severity(finding) > security_severity(worst) {
            *worst = finding;
        }
    }
    rules
}

fn rule(finding: &Finding) -> Value {
    let title = title(finding);
    let link = finding.references.iter().find_map(|r| web_link(r));
    let mut rule = json!({
        "id": printable(&finding.id),
        "shortDescription": { "text": title },
        "fullDescription": { "text": title },
        "help": { "text": help(finding), "markdown": markdown(&help(finding)) },
        "defaultConfiguration": { "level": level(finding) },
        "properties": {
            "precision": "very-high",
            "security-severity": format!("{:.1}", security_severity(finding)),
            "tags": tags(finding),
        },
    });
    if let Some(link) = link {
        rule["helpUri"] = json!(link);
    }
    rule
}

fn title(finding: &Finding) -> String {
    match finding.summary.as_str() {
        "" => format!(
            "{} in {}",
            printable(&label(finding)),
            printable(&finding.package)
        ),
        summary => printable(summary).into_owned(),
    }
}

fn help(finding: &Finding) -> String {
    let mut parts = vec![format!(
        "{} ({})",
        label(finding),
        severity(finding.severity)
    )];
    parts.extend(finding.cvss.iter().map(|s| {
        format!(
            "CVSS {} {:.1} {}",
            s.scored.version.as_str(),
            s.scored.score(),
            s.vector
        )
    }));
    if let Some(epss) = &finding.epss {
        parts.push(format!("EPSS {}", epss.score));
    }
    if let Some(kev) = &finding.kev {
        parts.push(format!("known exploited since {}", kev.added));
    }
    printable(&parts.join(" · ")).into_owned()
}

fn tags(finding: &Finding) -> Vec<String> {
    let mut tags = vec!["security".to_owned(), "vulnerability".to_owned()];
    tags.extend(finding.cves.iter().map(ToString::to_string));
    if finding.kev.is_some() {
        tags.push("known-exploited".to_owned());
    }
    // The schema wants unique tags.
    tags.dedup();
    tags
}

fn result(finding: &Finding, rules: &BTreeMap<&str, usize>) -> Value {
    json!({
        "ruleId": printable(&finding.id),
        "ruleIndex": rules.get(finding.id.as_str()),
        "level": level(finding),
        "message": { "text": message(finding) },
        "locations": locations(finding),
        "partialFingerprints": { "daywatchFindingKey/v1": fingerprint(&[&finding.key()]) },
        "properties": {
            "target": printable(&finding.target_name),
            "package": printable(&finding.package),
            "version": printable(&finding.version),
            "due": finding.due().map(instant),
        },
    })
}

fn suppressed(
    finding: &Finding,
    suppression: &Suppression,
    rules: &BTreeMap<&str, usize>,
) -> Value {
    let mut result = result(finding, rules);
    let until = suppression
        .until
        .map_or_else(String::new, |u| format!(" (until {})", instant(u)));
    let why = format!("{}: {}{until}", suppression.owner, suppression.reason);
    result["suppressions"] =
        json!([{ "kind": "external", "status": "accepted", "justification": printable(&why) }]);
    result
}

fn message(finding: &Finding) -> String {
    let fix = match fix(finding) {
        Some(version) => format!("fixed in {version}"),
        None => no_fix(finding.fix_state).to_owned(),
    };
    let subject = format!("{} {}", finding.package, finding.version);
    // Most reasons name the package first and the fix last; each is said once.
    let why = finding.why.strip_prefix(&format!("{subject}: "));
    let why = why.unwrap_or(&finding.why);
    let mut text = format!("{subject} has {}: {why}", label(finding));
    if !why.ends_with(&fix) {
        text.push_str("; ");
        text.push_str(&fix);
    }
    // Brackets would be read as a link to a related location (SARIF 3.11.6).
    printable(&text).replace('[', "(").replace(']', ")")
}

fn locations(finding: &Finding) -> Vec<Value> {
    let logical = json!([{ "name": printable(&finding.target_name), "kind": "module" }]);
    let place = |path: &str, line: Option<u64>| {
        json!({
            "physicalLocation": {
                "artifactLocation": { "uri": uri(path) },
                "region": { "startLine": line.unwrap_or(1).max(1) },
            },
            "logicalLocations": logical,
        })
    };
    if finding.locations.is_empty() {
        return vec![place(&finding.target_name, None)];
    }
    finding
        .locations
        .iter()
        .map(|Location { path, line, .. }| place(path, *line))
        .collect()
}

/// A path as a URI reference: absolute ones as `file:` URLs, everything a URI does not allow percent-encoded.
fn uri(path: &str) -> String {
    let slashes = path.replace('\\', "/");
    let mut out = if slashes.starts_with('/') {
        "file://".to_owned()
    } else {
        String::new()
    };
    for byte in slashes.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    if out.is_empty() { ".".to_owned() } else { out }
}

fn notification(entry: &TargetNote) -> Value {
    let level = match entry.note.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    };
    json!({ "level": level, "message": { "text": printable(&entry.to_string()) } })
}

fn level(finding: &Finding) -> &'static str {
    match finding.severity {
        Some(Severity::Critical | Severity::High) => "error",
        Some(Severity::Medium) => "warning",
        Some(Severity::Low | Severity::None) | None => "note",
    }
}

/// GitHub's number: the score, or the middle of the severity's band where nobody scored.
fn security_severity(finding: &Finding) -> f64 {
    finding.cvss.first().map_or_else(
        || match finding.severity {
            Some(Severity::Critical) => 9.5,
            Some(Severity::High) => 8.0,
            Some(Severity::Medium) => 5.5,
            Some(Severity::Low) => 2.0,
            Some(Severity::None) | None => 0.0,
        },
        |s| s.scored.score(),
    )
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uri_references() {
        let check = |path: &str, expected: &str| assert_eq!(uri(path), expected);
        check("var/lib/dpkg/status", "var/lib/dpkg/status");
        check("/etc/a b", "file:///etc/a%20b");
        check("a:b#c?d", "a%3Ab%23c%3Fd");
        check("C:\\app\\x.dll", "C%3A/app/x.dll");
        check("", ".");
    }
}
