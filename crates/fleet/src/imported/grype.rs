//! Grype's JSON report (`grype -o json`, <https://github.com/anchore/grype#output-formats>), as of its document model 0.7x and
//! later 0.1xx: `matches` with `vulnerability`, `relatedVulnerabilities` and `artifact`.

use base::{Note, Parsed, Purl};
use inventory::Location;
use inventory::formats::purl_package;
use matching::FixState;
use serde::Deserialize;
use serde_json::Value;

use super::json::{Records, document, failed, first_key, records, tool};
use super::{Imported, ImportedFinding, Reader, Subject, ids, line};

/// The format.
pub(super) struct Grype;

impl Reader for Grype {
    fn id(&self) -> &'static str {
        "grype"
    }

    fn about(&self) -> &'static str {
        "Grype: `-o json`"
    }

    fn recognise(&self, head: &str) -> bool {
        let first = first_key(head).map(|(key, _)| key);
        first == Some("matches")
            || (first == Some("descriptor")
                && head.contains("\"grype\"")
                && head.contains("\"matches\""))
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Imported> {
        let report: Report<'_> = match document(bytes, "grype") {
            Ok(report) => report,
            Err(note) => return failed(note),
        };
        let mut notes = Vec::new();
        let ignored = report.ignored.map_or(0, |list| list.len());
        if ignored > 0 {
            notes.push(Note::info(format!(
                "matches its own configuration ignored left out: {ignored}"
            )));
        }
        let matches: Vec<Match> = records(report.matches, "matches", &mut notes);
        let subject = Subject {
            name: report.source.as_ref().and_then(name),
            findings: matches.into_iter().map(finding).collect(),
            ..Subject::default()
        };
        let version = report.descriptor.map(|d| d.version);
        Parsed {
            value: Imported {
                tool: tool("grype", version.as_deref()),
                subjects: vec![subject],
            },
            notes,
        }
    }
}

/// An image is an object with what the user typed, a directory or file a text.
fn name(source: &Value) -> Option<String> {
    let target = &source["target"];
    let text = target.as_str().or_else(|| target["userInput"].as_str())?;
    Some(line::plain(text)).filter(|t| !t.is_empty())
}

#[derive(Deserialize)]
struct Report<'a> {
    #[serde(borrow, default)]
    matches: Records<'a>,
    #[serde(rename = "ignoredMatches", borrow, default)]
    ignored: Records<'a>,
    source: Option<Value>,
    descriptor: Option<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    #[serde(default)]
    version: String,
}

#[derive(Deserialize)]
struct Match {
    vulnerability: Vulnerability,
    #[serde(rename = "relatedVulnerabilities", default)]
    related: Option<Vec<Vulnerability>>,
    artifact: Artifact,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    cvss: Option<Vec<Cvss>>,
    fix: Option<Fix>,
}

#[derive(Deserialize)]
struct Cvss {
    source: Option<String>,
    #[serde(default)]
    vector: String,
}

#[derive(Deserialize)]
struct Fix {
    #[serde(default)]
    versions: Option<Vec<String>>,
    #[serde(default)]
    state: String,
}

#[derive(Deserialize)]
struct Artifact {
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    purl: String,
    #[serde(default)]
    locations: Option<Vec<Place>>,
}

#[derive(Deserialize)]
struct Place {
    #[serde(default)]
    path: String,
    #[serde(rename = "layerID")]
    layer: Option<String>,
}

fn finding(m: Match) -> ImportedFinding {
    let mut finding =
        ImportedFinding::new(&m.vulnerability.id, &m.artifact.name, &m.artifact.version);
    let related = m.related.unwrap_or_default();
    finding.aliases = related.iter().map(|r| line::plain(&r.id)).collect();
    finding.aliases.retain(|alias| *alias != finding.id);
    finding.cves = ids::cves(
        [finding.id.as_str()]
            .into_iter()
            .chain(finding.aliases.iter().map(String::as_str)),
    );
    let purl: Option<Purl> = m.artifact.purl.parse().ok();
    if let Some(purl) = &purl {
        // The name as the ecosystem's advisories write it: with its group for Maven.
        let named = purl_package::package(purl, Location::file(""));
        (finding.package.ecosystem, finding.package.name) = (named.ecosystem, named.name);
    }
    finding.package.purl = purl;
    let places = m.artifact.locations.unwrap_or_default();
    finding.package.locations = places
        .into_iter()
        .map(|place| Location {
            layer: place.layer.filter(|l| !l.is_empty()),
            ..Location::file(line::plain(&place.path))
        })
        .collect();
    if let Some(fix) = &m.vulnerability.fix {
        finding.fixed = fix.versions.clone().unwrap_or_default();
        finding.fix_state = match fix.state.as_str() {
            "fixed" => FixState::Fixed,
            "not-fixed" => FixState::None,
            "wont-fix" => FixState::WontFix,
            _ => FixState::Unknown,
        };
    }
    finding.severity = m.vulnerability.severity.parse().ok();
    finding.vectors = [&m.vulnerability]
        .into_iter()
        .chain(&related)
        .flat_map(|v| v.cvss.iter().flatten())
        .map(|c| {
            (
                c.vector.clone(),
                c.source.clone().unwrap_or_else(|| "grype".to_owned()),
            )
        })
        .filter(|(vector, _)| !vector.is_empty())
        .collect();
    finding
}
