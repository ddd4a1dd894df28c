//! `scan --compare`: our findings beside another scanner's, with a reason for each difference.

use std::collections::HashMap;
use std::path::Path;

use advisories::catalog::Catalog;
use fleet::finding::Finding;
use fleet::imported::{self, IMPORTED_BYTES, ImportedFinding};
use reports::comparison::{Comparison, Difference, Pair};
use reports::scan::ScanReport;

use crate::error::{Failure, Result};
use crate::scan::damaged;

/// What another scanner found, by id.
struct Theirs {
    findings: Vec<ImportedFinding>,
    /// Every package it names, found vulnerable or not; empty when its output lists only the vulnerable ones.
    packages: Vec<String>,
    by_id: HashMap<String, Vec<usize>>,
}

/// Compares a report (made with negatives) with the results of another tool.
pub fn compare(catalog: &Catalog, ours: &ScanReport, path: &Path) -> Result<Comparison> {
    let bytes = host::read(path, IMPORTED_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let parsed = imported::read(&bytes);
    let notes: Vec<String> = parsed.notes.iter().map(ToString::to_string).collect();
    let Some(imported) = parsed.value else {
        return Err(
            Failure::input(format!("{}: {}", path.display(), notes.join("; ")))
                .hint("docs/guide/moving-in.md says how to export the results of each tool"),
        );
    };
    let tool = imported
        .tool
        .split(' ')
        .next()
        .unwrap_or_default()
        .to_owned();
    let mut theirs = Theirs {
        findings: Vec::new(),
        packages: Vec::new(),
        by_id: HashMap::new(),
    };
    for subject in imported.subjects {
        theirs.packages.extend(subject.packages);
        theirs.findings.extend(subject.findings);
    }
    for (at, finding) in theirs.findings.iter().enumerate() {
        for id in finding.ids() {
            theirs
                .by_id
                .entry(id.to_ascii_uppercase())
                .or_default()
                .push(at);
        }
    }
    let mut by_id: HashMap<String, Vec<&Finding>> = HashMap::new();
    for finding in &ours.findings {
        for id in ids(finding) {
            by_id.entry(id).or_default().push(finding);
        }
    }
    Ok(Comparison {
        other: tool,
        same: same(ours, &theirs),
        only_them: only_them(catalog, ours, &by_id, &theirs)?,
        only_us: only_us(ours, &theirs),
        notes,
    })
}

/// Every id of a finding, in upper case.
fn ids(finding: &Finding) -> Vec<String> {
    let named = [&finding.id].into_iter().chain(&finding.aliases);
    let cves = finding.cves.iter().map(ToString::to_string);
    named
        .map(|id| id.to_ascii_uppercase())
        .chain(cves)
        .collect()
}

impl Theirs {
    /// Whether they have the same vulnerability on the same package.
    fn has(&self, ours: &Finding) -> bool {
        let of_ids = ids(ours).into_iter().filter_map(|id| self.by_id.get(&id));
        of_ids
            .flatten()
            .any(|&at| is_package(ours, &self.findings[at]))
    }
}

/// Whether two findings are the same vulnerability on the same package.
fn is_same(ours: &Finding, theirs: &ImportedFinding) -> bool {
    is_package(ours, theirs) && theirs.ids().iter().any(|id| has_id(ours, id))
}

fn is_package(ours: &Finding, theirs: &ImportedFinding) -> bool {
    let name = &theirs.package.name;
    same_name(&ours.package, name)
        || ours
            .source_package
            .as_deref()
            .is_some_and(|s| same_name(s, name))
}

/// Tools differ in how they write a Maven or Go name; letter case and separators are no difference.
fn same_name(a: &str, b: &str) -> bool {
    let plain = |s: &str| s.to_ascii_lowercase().replace([':', '/', '_', '.'], "-");
    let (a, b) = (plain(a), plain(b));
    a == b || a.ends_with(&format!("-{b}")) || b.ends_with(&format!("-{a}"))
}

fn has_id(finding: &Finding, id: &str) -> bool {
    let of_cves = || {
        finding
            .cves
            .iter()
            .any(|c| c.to_string().eq_ignore_ascii_case(id))
    };
    finding.id.eq_ignore_ascii_case(id)
        || finding.aliases.iter().any(|a| a.eq_ignore_ascii_case(id))
        || of_cves()
}

fn same(ours: &ScanReport, theirs: &Theirs) -> Vec<Pair> {
    let both = ours.findings.iter().filter(|f| theirs.has(f));
    sorted(both.map(pair_of))
}

fn pair_of(finding: &Finding) -> Pair {
    Pair {
        package: finding.package.clone(),
        version: finding.version.clone(),
        id: finding.id.clone(),
    }
}

fn only_us(ours: &ScanReport, theirs: &Theirs) -> Vec<Difference> {
    let missed = ours.findings.iter().filter(|f| !theirs.has(f));
    sorted(missed.map(|f| {
        let unseen = !theirs.packages.is_empty()
            && !theirs.packages.iter().any(|p| same_name(p, &f.package));
        Difference {
            pair: pair_of(f),
            reason: if unseen {
                "package-not-in-theirs"
            } else {
                "not-matched-by-them"
            }
            .to_owned(),
            detail: format!("{} ({})", f.why, f.decided.record),
        }
    }))
}

fn only_them(
    catalog: &Catalog,
    ours: &ScanReport,
    by_id: &HashMap<String, Vec<&Finding>>,
    theirs: &Theirs,
) -> Result<Vec<Difference>> {
    let is_ours = |t: &&ImportedFinding| {
        let of_ids = t.ids().into_iter();
        let mut ours = of_ids.filter_map(|id| by_id.get(&id.to_ascii_uppercase()));
        ours.any(|found| found.iter().any(|f| is_package(f, t)))
    };
    let extra = theirs.findings.iter().filter(|t| !is_ours(t));
    let all = extra
        .map(|t| their_difference(catalog, ours, t))
        .collect::<Result<Vec<_>>>()?;
    Ok(sorted(all))
}

fn their_difference(
    catalog: &Catalog,
    ours: &ScanReport,
    theirs: &ImportedFinding,
) -> Result<Difference> {
    let (reason, detail) = why_not_ours(catalog, ours, theirs)?;
    Ok(Difference {
        pair: Pair {
            package: theirs.package.name.clone(),
            version: theirs.package.version.clone().unwrap_or_default(),
            id: theirs.id.clone(),
        },
        reason,
        detail,
    })
}

/// The first reason that holds, from the most to the least telling.
fn why_not_ours(
    catalog: &Catalog,
    ours: &ScanReport,
    theirs: &ImportedFinding,
) -> Result<(String, String)> {
    if let Some((finding, suppression)) = ours.suppressed.iter().find(|(f, _)| is_same(f, theirs)) {
        return Ok((
            "suppressed".to_owned(),
            format!(
                "{} set it aside: {} ({})",
                suppression.owner, suppression.reason, finding.id
            ),
        ));
    }
    let their_ids = theirs.ids();
    let negative = ours.not_affected.iter().find(|n| {
        let same_id = their_ids.iter().any(|id| {
            n.id.eq_ignore_ascii_case(id)
                || n.cves
                    .iter()
                    .any(|c| c.to_string().eq_ignore_ascii_case(id))
        });
        same_id && same_name(&n.package, &theirs.package.name)
    });
    if let Some(negative) = negative {
        return Ok((
            negative.reason.as_str().to_owned(),
            format!("{}: {} ({})", negative.id, negative.detail, negative.source),
        ));
    }
    let mut records = Vec::new();
    for id in &their_ids {
        records.extend(catalog.find(id).map_err(damaged)?);
    }
    if records.is_empty() {
        return Ok((
            "no-record".to_owned(),
            "no feed in this catalog has the id; see `daywatch feeds status`".to_owned(),
        ));
    }
    for ix in &records {
        let view = catalog.advisory(*ix).map_err(damaged)?;
        if let Some(at) = view.withdrawn {
            return Ok((
                "withdrawn".to_owned(),
                format!("{} was withdrawn on {at}", view.id),
            ));
        }
    }
    if let Some(target) = ours.targets.iter().find(|t| !t.not_covered.is_empty()) {
        let what: Vec<&str> = target.not_covered.iter().map(|(e, _)| e.as_str()).collect();
        return Ok((
            "not-covered".to_owned(),
            format!("no feed covers {}", what.join(", ")),
        ));
    }
    Ok((
        "package-not-named".to_owned(),
        "records of the id are in the catalog, but none names this package, or the package was not found in our targets".to_owned(),
    ))
}

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = items.into_iter().collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_across_tools() {
        let check =
            |a: &str, b: &str, expected: bool| assert_eq!(same_name(a, b), expected, "{a} {b}");
        check("org.apache.logging.log4j:log4j-core", "log4j-core", true);
        check(
            "org.apache.logging.log4j:log4j-core",
            "org.apache.logging.log4j/log4j-core",
            true,
        );
        check("typing_extensions", "typing-extensions", true);
        check("openssl", "libssl3", false);
        check("core", "log4jcore", false);
    }
}
