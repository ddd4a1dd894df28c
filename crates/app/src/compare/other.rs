//! The results of other scanners, as far as a comparison needs them: Trivy's and Grype's JSON, OSV-Scanner's JSON.

use serde::Deserialize;

/// Another scanner's result.
pub(super) struct Theirs {
    /// Which tool wrote it.
    pub(super) tool: &'static str,
    /// What it found.
    pub(super) findings: Vec<TheirFinding>,
    /// Every package it names, found vulnerable or not; empty when its output lists only the vulnerable ones.
    pub(super) packages: Vec<String>,
    /// What could not be read.
    pub(super) notes: Vec<String>,
}

/// A vulnerability on a package, in the other tool's words.
pub(super) struct TheirFinding {
    pub(super) package: String,
    pub(super) version: String,
    /// Every id it gives for the vulnerability, its own first.
    pub(super) ids: Vec<String>,
}

/// Any of the three, told apart by their top-level key.
#[derive(Deserialize)]
struct File {
    #[serde(rename = "Results")]
    trivy: Option<Vec<TrivyResult>>,
    #[serde(rename = "ArtifactName")]
    trivy_artifact: Option<serde::de::IgnoredAny>,
    matches: Option<Vec<GrypeMatch>>,
    results: Option<Vec<OsvResult>>,
}

#[derive(Deserialize)]
struct TrivyResult {
    #[serde(rename = "Vulnerabilities")]
    vulnerabilities: Option<Vec<TrivyVulnerability>>,
    #[serde(rename = "Packages")]
    packages: Option<Vec<TrivyPackage>>,
}

#[derive(Deserialize)]
struct TrivyPackage {
    #[serde(rename = "Name", default)]
    name: String,
}

#[derive(Deserialize)]
struct TrivyVulnerability {
    #[serde(rename = "VulnerabilityID", default)]
    id: String,
    #[serde(rename = "VendorIDs", default)]
    vendor_ids: Option<Vec<String>>,
    #[serde(rename = "PkgName", default)]
    package: String,
    #[serde(rename = "InstalledVersion", default)]
    version: String,
}

#[derive(Deserialize)]
struct GrypeMatch {
    vulnerability: Id,
    #[serde(rename = "relatedVulnerabilities", default)]
    related: Option<Vec<Id>>,
    artifact: GrypeArtifact,
}

#[derive(Deserialize)]
struct Id {
    #[serde(default)]
    id: String,
}

#[derive(Deserialize)]
struct GrypeArtifact {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
}

#[derive(Deserialize)]
struct OsvResult {
    #[serde(default)]
    packages: Option<Vec<OsvPackage>>,
}

#[derive(Deserialize)]
struct OsvPackage {
    package: GrypeArtifact,
    #[serde(default)]
    vulnerabilities: Option<Vec<OsvVulnerability>>,
}

#[derive(Deserialize)]
struct OsvVulnerability {
    #[serde(default)]
    id: String,
    #[serde(default)]
    aliases: Option<Vec<String>>,
}

/// Reads a result; the message says why it is none.
pub(super) fn parse(bytes: &[u8]) -> Result<Theirs, String> {
    let file: File = serde_json::from_slice(bytes)
        .map_err(|e| format!("not the JSON output of a scanner that is known: {e}"))?;
    let mut theirs = match file {
        File {
            matches: Some(matches),
            ..
        } => grype(matches),
        File {
            trivy: Some(results),
            ..
        } => trivy(results),
        // Trivy leaves `Results` out when it found nothing to look at.
        File {
            trivy_artifact: Some(_),
            ..
        } => trivy(Vec::new()),
        File {
            results: Some(results),
            ..
        } => osv_scanner(results),
        _ => return Err("not the JSON output of a scanner that is known".to_owned()),
    };
    let before = theirs.findings.len();
    theirs
        .findings
        .retain(|f| !f.package.is_empty() && f.ids.iter().any(|id| !id.is_empty()));
    let lost = before - theirs.findings.len();
    if lost > 0 {
        theirs.notes.push(format!(
            "{lost} of their findings have no package or no id and were left out"
        ));
    }
    Ok(theirs)
}

fn trivy(results: Vec<TrivyResult>) -> Theirs {
    let mut theirs = empty("trivy");
    for result in results {
        theirs
            .packages
            .extend(result.packages.into_iter().flatten().map(|p| p.name));
        theirs
            .findings
            .extend(result.vulnerabilities.into_iter().flatten().map(|v| {
                TheirFinding {
                    package: v.package,
                    version: v.version,
                    ids: std::iter::once(v.id)
                        .chain(v.vendor_ids.into_iter().flatten())
                        .collect(),
                }
            }));
    }
    theirs
}

fn grype(matches: Vec<GrypeMatch>) -> Theirs {
    let mut theirs = empty("grype");
    theirs.findings.extend(matches.into_iter().map(|m| {
        TheirFinding {
            package: m.artifact.name,
            version: m.artifact.version,
            ids: std::iter::once(m.vulnerability.id)
                .chain(m.related.into_iter().flatten().map(|r| r.id))
                .collect(),
        }
    }));
    theirs
}

fn osv_scanner(results: Vec<OsvResult>) -> Theirs {
    let mut theirs = empty("osv-scanner");
    for package in results
        .into_iter()
        .flat_map(|r| r.packages.into_iter().flatten())
    {
        for vulnerability in package.vulnerabilities.into_iter().flatten() {
            theirs.findings.push(TheirFinding {
                package: package.package.name.clone(),
                version: package.package.version.clone(),
                ids: std::iter::once(vulnerability.id)
                    .chain(vulnerability.aliases.into_iter().flatten())
                    .collect(),
            });
        }
    }
    theirs
}

const fn empty(tool: &'static str) -> Theirs {
    Theirs {
        tool,
        findings: Vec::new(),
        packages: Vec::new(),
        notes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, tool: &str, expected: &[(&str, &str, &[&str])]) {
        let theirs = parse(json.as_bytes()).unwrap();
        assert_eq!(theirs.tool, tool);
        let got: Vec<(&str, &str, Vec<&str>)> = theirs
            .findings
            .iter()
            .map(|f| {
                (
                    f.package.as_str(),
                    f.version.as_str(),
                    f.ids.iter().map(String::as_str).collect(),
                )
            })
            .collect();
        let expected: Vec<(&str, &str, Vec<&str>)> = expected
            .iter()
            .map(|(p, v, ids)| (*p, *v, ids.to_vec()))
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn trivy_is_read() {
        check(
            r#"{"SchemaVersion":2,"ArtifactName":"x","Results":[{"Target":"t","Vulnerabilities":[
              {"VulnerabilityID":"CVE-2023-0286","VendorIDs":["DSA-5343-1"],"PkgName":"libssl3","InstalledVersion":"3.0.7-1"}]},{"Target":"u"}]}"#,
            "trivy",
            &[("libssl3", "3.0.7-1", &["CVE-2023-0286", "DSA-5343-1"])],
        );
        check(r#"{"SchemaVersion":2,"ArtifactName":"x"}"#, "trivy", &[]);
    }

    #[test]
    fn grype_is_read() {
        check(
            r#"{"matches":[{"vulnerability":{"id":"GHSA-jfh8-c2jp-5v3q"},"relatedVulnerabilities":[{"id":"CVE-2021-44228"}],
              "artifact":{"name":"log4j-core","version":"2.14.1"}}]}"#,
            "grype",
            &[(
                "log4j-core",
                "2.14.1",
                &["GHSA-jfh8-c2jp-5v3q", "CVE-2021-44228"],
            )],
        );
    }

    #[test]
    fn osv_scanner_is_read() {
        check(
            r#"{"results":[{"source":{"path":"p"},"packages":[{"package":{"name":"lodash","version":"4.17.20","ecosystem":"npm"},
              "vulnerabilities":[{"id":"GHSA-35jh-r3h4-6jhm","aliases":["CVE-2021-23337"]}]}]}]}"#,
            "osv-scanner",
            &[(
                "lodash",
                "4.17.20",
                &["GHSA-35jh-r3h4-6jhm", "CVE-2021-23337"],
            )],
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "[]", "{}", "{\"matches\":3}", "\u{feff}{}"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
