//! `scan --compare`: our findings beside another scanner's, with a reason for each difference.

mod other;

use std::collections::HashSet;
use std::path::Path;

use advisories::catalog::Catalog;
use base::Limit;
use fleet::finding::Finding;
use reports::comparison::{Comparison, Difference, Pair};
use reports::scan::ScanReport;

use crate::error::{Failure, Result};
use crate::scan::damaged;
use other::{TheirFinding, Theirs};

/// The largest result file of another scanner read.
const COMPARED_BYTES: Limit = Limit::new("compared-bytes", 512 << 20);

/// Compares a report (made with negatives) with the JSON output of Trivy, Grype or OSV-Scanner.
pub fn compare(catalog: &Catalog, ours: &ScanReport, path: &Path) -> Result<Comparison> {
    let bytes = host::read(path, COMPARED_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let theirs = other::parse(&bytes).map_err(|why| {
        Failure::input(format!("{}: {why}", path.display()))
            .hint("read are: trivy --format json, grype -o json, osv-scanner --format json")
    })?;
    Ok(Comparison {
        other: theirs.tool,
        same: same(ours, &theirs),
        only_them: only_them(catalog, ours, &theirs)?,
        only_us: only_us(ours, &theirs),
        notes: theirs.notes.clone(),
    })
}

/// Whether two findings are the same vulnerability on the same package.
fn is_same(ours: &Finding, theirs: &TheirFinding) -> bool {
    is_package(ours, theirs) && theirs.ids.iter().any(|id| has_id(ours, id))
}

fn is_package(ours: &Finding, theirs: &TheirFinding) -> bool {
    same_name(&ours.package, &theirs.package)
        || ours
            .source_package
            .as_deref()
            .is_some_and(|s| same_name(s, &theirs.package))
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
    let both = ours
        .findings
        .iter()
        .filter(|f| theirs.findings.iter().any(|t| is_same(f, t)));
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
    let their_packages: HashSet<String> = theirs
        .packages
        .iter()
        .map(|p| p.to_ascii_lowercase())
        .collect();
    let missed = ours
        .findings
        .iter()
        .filter(|f| !theirs.findings.iter().any(|t| is_same(f, t)));
    sorted(missed.map(|f| {
        let unseen =
            !their_packages.is_empty() && !theirs.packages.iter().any(|p| same_name(p, &f.package));
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

fn only_them(catalog: &Catalog, ours: &ScanReport, theirs: &Theirs) -> Result<Vec<Difference>> {
    let extra = theirs
        .findings
        .iter()
        .filter(|t| !ours.findings.iter().any(|f| is_same(f, t)));
    let all = extra
        .map(|t| their_difference(catalog, ours, t))
        .collect::<Result<Vec<_>>>()?;
    Ok(sorted(all))
}

fn their_difference(
    catalog: &Catalog,
    ours: &ScanReport,
    theirs: &TheirFinding,
) -> Result<Difference> {
    let (reason, detail) = why_not_ours(catalog, ours, theirs)?;
    Ok(Difference {
        pair: Pair {
            package: theirs.package.clone(),
            version: theirs.version.clone(),
            id: theirs.ids.first().cloned().unwrap_or_default(),
        },
        reason,
        detail,
    })
}

/// The first reason that holds, from the most to the least telling.
fn why_not_ours(
    catalog: &Catalog,
    ours: &ScanReport,
    theirs: &TheirFinding,
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
    let negative = ours.not_affected.iter().find(|n| {
        let same_id = theirs.ids.iter().any(|id| {
            n.id.eq_ignore_ascii_case(id)
                || n.cves
                    .iter()
                    .any(|c| c.to_string().eq_ignore_ascii_case(id))
        });
        same_id && same_name(&n.package, &theirs.package)
    });
    if let Some(negative) = negative {
        return Ok((
            negative.reason.as_str().to_owned(),
            format!("{}: {} ({})", negative.id, negative.detail, negative.source),
        ));
    }
    let mut records = Vec::new();
    for id in &theirs.ids {
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
