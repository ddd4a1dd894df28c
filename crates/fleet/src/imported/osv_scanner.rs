//! OSV-Scanner's JSON report, versions 1 and 2 (`osv-scanner --format json`, `osv-scanner scan --format json`,
//! <https://google.github.io/osv-scanner/output/#json>): a finding for each group of ids it calls the same vulnerability.

use base::Parsed;
use inventory::Location;
use matching::FixState;
use serde::Deserialize;

use super::json::{Records, document, failed, first_key, records};
use super::{Imported, ImportedFinding, Reader, Subject, ids, line, rating};

/// The format.
pub(super) struct OsvScanner;

impl Reader for OsvScanner {
    fn id(&self) -> &'static str {
        "osv-scanner"
    }

    fn about(&self) -> &'static str {
        "OSV-Scanner: `--format json`, versions 1 and 2"
    }

    fn recognise(&self, head: &str) -> bool {
        let Some(("results", value)) = first_key(head) else {
            return false;
        };
        let inside = value.strip_prefix('[').map(str::trim_start);
        // Other tools have a list of that name; theirs begins with other records.
        inside.is_some_and(|inside| {
            inside.starts_with(']') || matches!(first_key(inside), Some(("source" | "packages", _)))
        })
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Imported> {
        let report: Report<'_> = match document(bytes, "osv-scanner") {
            Ok(report) => report,
            Err(note) => return failed(note),
        };
        let mut notes = Vec::new();
        let mut subject = Subject::default();
        for result in records::<Outcome<'_>>(report.results, "results", &mut notes) {
            let path = result.source.map(|s| line::plain(&s.path));
            for entry in records::<Entry<'_>>(result.packages, "packages", &mut notes) {
                let found: Vec<Vulnerability> =
                    records(entry.vulnerabilities, "vulnerabilities", &mut notes);
                subject.findings.extend(findings(
                    &entry.package,
                    &found,
                    entry.groups.unwrap_or_default(),
                    path.as_deref(),
                ));
            }
        }
        Parsed {
            value: Imported {
                tool: "osv-scanner".to_owned(),
                subjects: vec![subject],
            },
            notes,
        }
    }
}

#[derive(Deserialize)]
struct Report<'a> {
    #[serde(borrow, default)]
    results: Records<'a>,
}

#[derive(Deserialize)]
struct Outcome<'a> {
    source: Option<Source>,
    #[serde(borrow, default)]
    packages: Records<'a>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(default)]
    path: String,
}

#[derive(Deserialize)]
struct Entry<'a> {
    package: Named,
    #[serde(borrow, default)]
    vulnerabilities: Records<'a>,
    #[serde(default)]
    groups: Option<Vec<Group>>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    ecosystem: String,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    ids: Option<Vec<String>>,
    #[serde(default)]
    aliases: Option<Vec<String>>,
    #[serde(default)]
    max_severity: String,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: String,
    #[serde(default)]
    aliases: Option<Vec<String>>,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    severity: Option<Vec<Score>>,
}

#[derive(Deserialize)]
struct Score {
    #[serde(default)]
    score: String,
}

/// A finding for each group; for each record where there are no groups.
fn findings(
    package: &Named,
    found: &[Vulnerability],
    groups: Vec<Group>,
    path: Option<&str>,
) -> Vec<ImportedFinding> {
    let of_records = || {
        found.iter().map(|v| Group {
            ids: Some(vec![v.id.clone()]),
            aliases: v.aliases.clone(),
            max_severity: String::new(),
        })
    };
    let groups = if groups.is_empty() {
        of_records().collect()
    } else {
        groups
    };
    groups
        .into_iter()
        .map(|group| finding(package, found, group, path))
        .collect()
}

fn finding(
    package: &Named,
    found: &[Vulnerability],
    group: Group,
    path: Option<&str>,
) -> ImportedFinding {
    let own = group.ids.unwrap_or_default();
    let id = own.first().cloned().unwrap_or_default();
    let mut finding = ImportedFinding::new(&id, &package.name, &package.version);
    let records = || found.iter().filter(|v| own.contains(&v.id));
    let of_records = records().flat_map(|v| v.aliases.iter().flatten());
    let mut aliases: Vec<String> = own
        .iter()
        .chain(group.aliases.iter().flatten())
        .chain(of_records)
        .filter(|alias| **alias != id)
        .map(|alias| line::plain(alias))
        .collect();
    aliases.sort();
    aliases.dedup();
    finding.cves = ids::cves(
        [id.as_str()]
            .into_iter()
            .chain(aliases.iter().map(String::as_str)),
    );
    finding.aliases = aliases;
    if !package.ecosystem.is_empty() {
        finding.package.ecosystem = package.ecosystem.parse().ok();
    }
    finding.package.locations = path.map(Location::file).into_iter().collect();
    finding.fix_state = FixState::Unknown;
    finding.severity = group
        .max_severity
        .parse::<f64>()
        .ok()
        .and_then(rating::of_score);
    finding.vectors = records()
        .flat_map(|v| v.severity.iter().flatten())
        .map(|s| (s.score.clone(), "osv".to_owned()))
        .collect();
    finding.title = records()
        .map(|v| line::plain(&v.summary))
        .find(|t| !t.is_empty())
        .unwrap_or_default();
    finding
}
