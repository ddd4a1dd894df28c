//! Trivy's JSON report, schema version 2 (<https://trivy.dev/latest/docs/configuration/reporting/#json>): the results of
//! class `os-pkgs` and `lang-pkgs`. Misconfigurations, secrets and licences are not about packages and left out.

use std::collections::BTreeMap;

use base::{Note, Parsed, Purl};
use inventory::Location;
use inventory::formats::purl_package;
use matching::FixState;
use serde::Deserialize;

use super::json::{Records, document, failed, records, tool};
use super::{Imported, ImportedFinding, Reader, Subject, ids, line};

/// The format.
pub(super) struct Trivy;

impl Reader for Trivy {
    fn id(&self) -> &'static str {
        "trivy"
    }

    fn about(&self) -> &'static str {
        "Trivy: `--format json`, schema version 2"
    }

    fn recognise(&self, head: &str) -> bool {
        head.starts_with('{') && head.contains("\"ArtifactName\"")
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Imported> {
        let report: Report<'_> = match document(bytes, "trivy") {
            Ok(report) => report,
            Err(note) => return failed(note),
        };
        let mut notes = Vec::new();
        if report.schema_version.is_some_and(|v| v != 2) {
            notes.push(Note::warning(
                "trivy results of another schema version than 2; what is understood is read",
            ));
        }
        let mut subject = Subject {
            name: report.artifact.map(|name| line::plain(&name)),
            ..Subject::default()
        };
        for result in records::<Outcome<'_>>(report.results, "results", &mut notes) {
            let packages: Vec<Named> = records(result.packages, "packages", &mut notes);
            subject
                .packages
                .extend(packages.into_iter().map(|p| p.name));
            let found: Vec<Vulnerability> =
                records(result.vulnerabilities, "vulnerabilities", &mut notes);
            let of = found.into_iter().map(|v| finding(v, &result.target));
            subject.findings.extend(of);
        }
        Parsed {
            value: Imported {
                tool: tool("trivy", report.trivy.as_ref().map(|t| t.version.as_str())),
                subjects: vec![subject],
            },
            notes,
        }
    }
}

#[derive(Deserialize)]
struct Report<'a> {
    #[serde(rename = "SchemaVersion")]
    schema_version: Option<u64>,
    #[serde(rename = "Trivy")]
    trivy: Option<Version>,
    #[serde(rename = "ArtifactName")]
    artifact: Option<String>,
    /// Left out when there was nothing to look at.
    #[serde(rename = "Results", borrow, default)]
    results: Records<'a>,
}

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "Version", default)]
    version: String,
}

#[derive(Deserialize)]
struct Outcome<'a> {
    #[serde(rename = "Target", default)]
    target: String,
    #[serde(rename = "Packages", borrow, default)]
    packages: Records<'a>,
    #[serde(rename = "Vulnerabilities", borrow, default)]
    vulnerabilities: Records<'a>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "Name", default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Vulnerability {
    #[serde(rename = "VulnerabilityID")]
    id: String,
    #[serde(rename = "VendorIDs", default)]
    vendor_ids: Option<Vec<String>>,
    pkg_name: String,
    #[serde(default)]
    pkg_path: String,
    pkg_identifier: Option<Identifier>,
    #[serde(default)]
    installed_version: String,
    #[serde(default)]
    fixed_version: String,
    #[serde(default)]
    status: String,
    layer: Option<Layer>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    severity: String,
    #[serde(rename = "CVSS", default)]
    cvss: Option<BTreeMap<String, Vectors>>,
}

#[derive(Deserialize)]
struct Identifier {
    #[serde(rename = "PURL", default)]
    purl: String,
}

#[derive(Deserialize)]
struct Layer {
    #[serde(rename = "DiffID", default)]
    diff_id: String,
}

#[derive(Deserialize)]
struct Vectors {
    #[serde(rename = "V2Vector", default)]
    v2: String,
    #[serde(rename = "V3Vector", default)]
    v3: String,
    #[serde(rename = "V40Vector", default)]
    v4: String,
}

fn finding(v: Vulnerability, target: &str) -> ImportedFinding {
    let mut finding = ImportedFinding::new(&v.id, &v.pkg_name, &v.installed_version);
    let path = if v.pkg_path.is_empty() {
        target
    } else {
        &v.pkg_path
    };
    let place = Location {
        layer: v.layer.map(|l| l.diff_id).filter(|l| !l.is_empty()),
        ..Location::file(line::plain(path))
    };
    let purl: Option<Purl> = v.pkg_identifier.and_then(|i| i.purl.parse().ok());
    if let Some(purl) = &purl {
        let named = purl_package::package(purl, place.clone());
        (finding.package.ecosystem, finding.package.name) = (named.ecosystem, named.name);
    }
    finding.package.purl = purl;
    finding.package.locations = vec![place];
    finding.aliases = v.vendor_ids.unwrap_or_default();
    finding.cves = ids::cves(
        [v.id.as_str()]
            .into_iter()
            .chain(finding.aliases.iter().map(String::as_str)),
    );
    finding.fixed = v
        .fixed_version
        .split(',')
        .map(line::plain)
        .filter(|version| !version.is_empty())
        .collect();
    finding.fix_state = match v.status.as_str() {
        "fixed" => FixState::Fixed,
        "will_not_fix" => FixState::WontFix,
        "end_of_life" => FixState::EndOfLife,
        "affected" | "fix_deferred" => FixState::None,
        _ if !finding.fixed.is_empty() => FixState::Fixed,
        _ => FixState::Unknown,
    };
    finding.severity = v.severity.parse().ok();
    finding.vectors = v
        .cvss
        .unwrap_or_default()
        .into_iter()
        .flat_map(|(source, vectors)| {
            [vectors.v4, vectors.v3, vectors.v2].map(|vector| (vector, source.clone()))
        })
        .filter(|(vector, _)| !vector.is_empty())
        .collect();
    finding.title = line::plain(&v.title);
    finding
}
