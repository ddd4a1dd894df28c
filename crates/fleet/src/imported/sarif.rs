//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>) of any tool, as far as its results name a CVE or
//! GHSA: what a linter found is no vulnerability of a package. Package and version have no place in the format, so they are taken
//! from our own properties or from the messages Trivy, Grype and OSV-Scanner write; else the file stands for the package.

use base::{Note, Parsed};
use inventory::Location;
use serde::Deserialize;
use serde_json::Value;

use super::json::{Records, document, failed, records, tool};
use super::{Imported, ImportedFinding, Reader, Subject, ids, line, rating};

/// The format.
pub(super) struct Sarif;

impl Reader for Sarif {
    fn id(&self) -> &'static str {
        "sarif"
    }

    fn about(&self) -> &'static str {
        "SARIF 2.1.0: results that name a CVE or GHSA"
    }

    fn recognise(&self, head: &str) -> bool {
        head.starts_with('{')
            && (head.contains("sarif-schema-2.1.0")
                || head.contains("sarif-2.1.0")
                || (head.contains("\"2.1.0\"") && head.contains("\"runs\"")))
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Imported> {
        let log: Log<'_> = match document(bytes, "sarif") {
            Ok(log) => log,
            Err(note) => return failed(note),
        };
        let mut notes = Vec::new();
        let mut imported = Imported::default();
        for run in records::<Run<'_>>(log.runs, "runs", &mut notes) {
            let driver = run.tool.driver;
            let name = line::plain(&driver.name).to_lowercase();
            let version = driver.semantic_version.or(driver.version);
            let name = tool(&name, version.as_deref());
            if imported.tool.is_empty() {
                imported.tool.clone_from(&name);
            }
            let rules: Vec<Rule> = records(driver.rules, "rules", &mut notes);
            let results: Vec<Outcome> = records(run.results, "results", &mut notes);
            // One file may hold the runs of several tools.
            imported.subjects.push(Subject {
                tool: Some(name),
                findings: findings(&rules, &results, &mut notes),
                ..Subject::default()
            });
        }
        Parsed {
            value: imported,
            notes,
        }
    }
}

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow, default)]
    runs: Records<'a>,
}

#[derive(Deserialize)]
struct Run<'a> {
    #[serde(borrow)]
    tool: Tool<'a>,
    #[serde(borrow, default)]
    results: Records<'a>,
}

#[derive(Deserialize)]
struct Tool<'a> {
    #[serde(borrow)]
    driver: Driver<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: String,
    version: Option<String>,
    semantic_version: Option<String>,
    #[serde(borrow, default)]
    rules: Records<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    #[serde(default)]
    id: String,
    short_description: Option<Message>,
    #[serde(default)]
    properties: Value,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: Option<String>,
    rule_index: Option<i64>,
    rule: Option<RuleReference>,
    kind: Option<String>,
    message: Option<Message>,
    #[serde(default)]
    locations: Option<Vec<Place>>,
    suppressions: Option<Vec<Value>>,
    #[serde(default)]
    properties: Value,
}

#[derive(Deserialize)]
struct RuleReference {
    id: Option<String>,
    index: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    physical_location: Option<PhysicalLocation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Option<ArtifactLocation>,
    region: Option<Region>,
}

#[derive(Deserialize)]
struct ArtifactLocation {
    #[serde(default)]
    uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: Option<u64>,
}

fn findings(rules: &[Rule], results: &[Outcome], notes: &mut Vec<Note>) -> Vec<ImportedFinding> {
    let (mut set_aside, mut other) = (0, 0);
    let mut all = Vec::new();
    for result in results {
        if result.kind.as_deref().is_some_and(|kind| kind != "fail") {
            continue;
        }
        if result.suppressions.as_ref().is_some_and(|s| !s.is_empty()) {
            set_aside += 1;
            continue;
        }
        match finding(rules, result) {
            Some(finding) => all.push(finding),
            None => other += 1,
        }
    }
    if set_aside > 0 {
        notes.push(Note::info(format!(
            "results the tool itself suppressed left out: {set_aside}"
        )));
    }
    if other > 0 {
        notes.push(Note::info(format!(
            "results that name no CVE or GHSA left out: {other}"
        )));
    }
    all
}

fn rule_of<'a>(rules: &'a [Rule], result: &Outcome) -> Option<&'a Rule> {
    let of_reference = result.rule.as_ref().and_then(|r| r.index);
    let index = result.rule_index.or(of_reference)?;
    rules.get(usize::try_from(index).ok()?)
}

fn finding(rules: &[Rule], result: &Outcome) -> Option<ImportedFinding> {
    let rule = rule_of(rules, result);
    let of_reference = result.rule.as_ref().and_then(|r| r.id.as_deref());
    let of_rule = rule.map(|r| r.id.as_str());
    let rule_id = result.rule_id.as_deref().or(of_reference).or(of_rule)?;
    let message = result.message.as_ref().map_or("", |m| m.text.as_str());
    let id = ids::first(rule_id).or_else(|| ids::first(message))?;
    let said = Said::of(result, message);
    let places = places(result);
    let package = said
        .package
        .or_else(|| places.first().map(|place| place.path.clone()))
        .unwrap_or_else(|| line::plain(rule_id));
    let mut finding = ImportedFinding::new(&id, &package, &said.version.unwrap_or_default());
    let all = ids::cves([rule_id, message]);
    // A message may name the CVE of a GHSA; a rule that is a CVE speaks of that one alone.
    if finding.cves.is_empty() {
        finding.cves = all;
    }
    finding.fixed = said.fixed.into_iter().collect();
    if !finding.fixed.is_empty() {
        finding.fix_state = matching::FixState::Fixed;
    }
    finding.package.locations = places;
    finding.severity = rule.and_then(|r| severity(&r.properties));
    finding.title = rule
        .and_then(|r| r.short_description.as_ref())
        .map(|d| line::plain(&d.text))
        .unwrap_or_default();
    Some(finding)
}

/// GitHub's number, as a text or a number.
fn severity(properties: &Value) -> Option<base::Severity> {
    let value = &properties["security-severity"];
    let score = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    rating::of_score(score)
}

fn places(result: &Outcome) -> Vec<Location> {
    const PLACES_MAX: usize = 100;
    let all = result.locations.iter().flatten();
    all.filter_map(|place| {
        let physical = place.physical_location.as_ref()?;
        let uri = &physical.artifact_location.as_ref()?.uri;
        Some(Location {
            line: physical.region.as_ref().and_then(|r| r.start_line),
            ..Location::file(line::plain(uri))
        })
    })
    .filter(|place| !place.path.is_empty())
    .take(PLACES_MAX)
    .collect()
}

/// What can be told of the package.
#[derive(Default)]
struct Said {
    package: Option<String>,
    version: Option<String>,
    fixed: Option<String>,
}

impl Said {
    fn of(result: &Outcome, message: &str) -> Self {
        let property = |key: &str| {
            let text = result.properties[key].as_str().map(line::plain);
            text.filter(|t| !t.is_empty())
        };
        if let Some(package) = property("package") {
            return Self {
                package: Some(package),
                version: property("version"),
                fixed: None,
            };
        }
        Self::of_lines(message)
            .or_else(|| Self::of_grype(message))
            .or_else(|| Self::of_osv_scanner(message))
            .unwrap_or_default()
    }

    /// Trivy: `Package: x`, `Installed Version: 1`, `Fixed Version: 2`, a line each.
    fn of_lines(message: &str) -> Option<Self> {
        let after = |key: &str| {
            let text = message.lines().find_map(|l| l.trim().strip_prefix(key))?;
            Some(line::plain(text)).filter(|t| !t.is_empty())
        };
        Some(Self {
            package: Some(after("Package:")?),
            version: after("Installed Version:"),
            fixed: after("Fixed Version:"),
        })
    }

    /// Grype: `A high vulnerability in deb package: libssl3, version 3.0.7 was found at: …`.
    fn of_grype(message: &str) -> Option<Self> {
        let (_, rest) = message.split_once(" package: ")?;
        let (package, rest) = rest.split_once(", version ")?;
        let version = rest.split_whitespace().next();
        Some(Self {
            package: Some(line::plain(package)),
            version: version.map(line::plain),
            fixed: None,
        })
    }

    /// OSV-Scanner: `Package 'lodash@4.17.20' is vulnerable to 'CVE-…'`.
    fn of_osv_scanner(message: &str) -> Option<Self> {
        let rest = message.split_once("Package '")?.1;
        let (named, _) = rest.split_once('\'')?;
        let (package, version) = match named.rfind('@') {
            Some(at) if at > 0 => (&named[..at], Some(&named[at + 1..])),
            _ => (named, None),
        };
        Some(Self {
            package: Some(line::plain(package)),
            version: version.map(line::plain),
            fixed: None,
        })
    }
}
