//! From another tool's verdict to a finding: the same facts and policies as for a match of our own.

use advisories::catalog::{AdvisoryIx, CatalogError};
use advisories::model::CvssVector;
use matching::Decided;

use super::ImportedFinding;
use crate::finding::Finding;
use crate::judge::{Bench, Claim, Place, Theirs, judge_claim};

/// The finding, with every policy's decision. `place.package` is the finding's own package; `tool` is named as its source.
pub fn judge(
    bench: Bench<'_>,
    place: Place<'_>,
    tool: &str,
    theirs: &ImportedFinding,
) -> Result<Finding, CatalogError> {
    let claim = Claim {
        id: theirs.id.clone(),
        aliases: aliases(theirs),
        cves: theirs.cves.clone(),
        advisories: records(bench, theirs)?,
        decided: Decided {
            record: theirs.id.clone(),
            range: String::new(),
            event: String::new(),
        },
        why: why(tool, theirs),
        fixed: theirs.fixed.clone(),
        fix_state: theirs.fix_state,
        vendor_state: None,
        conflicts: Vec::new(),
        informational: None,
        theirs: Some(Theirs {
            source: tool.to_owned(),
            severity: theirs.severity,
            scores: theirs
                .vectors
                .iter()
                .map(|(vector, source)| CvssVector {
                    vector: vector.clone(),
                    source: source.clone(),
                })
                .collect(),
            title: theirs.title.clone(),
        }),
    };
    judge_claim(bench, place, claim)
}

fn aliases(theirs: &ImportedFinding) -> Vec<String> {
    let mut aliases: Vec<String> = theirs
        .aliases
        .iter()
        .filter(|alias| **alias != theirs.id && !alias.is_empty())
        .cloned()
        .collect();
    aliases.sort();
    aliases.dedup();
    aliases
}

/// Records that have one of its ids as their own. One that merely names the CVE may speak of another product.
fn records(bench: Bench<'_>, theirs: &ImportedFinding) -> Result<Vec<AdvisoryIx>, CatalogError> {
    const RECORDS_MAX: usize = 16;
    let mut records = Vec::new();
    for id in theirs.ids().iter().take(RECORDS_MAX) {
        for ix in bench.catalog.find(id)? {
            let is_own = bench.catalog.advisory(ix)?.id.eq_ignore_ascii_case(id);
            if is_own && !records.contains(&ix) {
                records.push(ix);
            }
        }
    }
    Ok(records)
}

fn why(tool: &str, theirs: &ImportedFinding) -> String {
    let package = &theirs.package;
    let version = package.version.as_deref().unwrap_or_default();
    let subject = format!("{} {version}", package.name);
    let fixed = match theirs.fixed.as_slice() {
        [] => String::new(),
        fixed => format!(", fixed in {}", fixed.join(" or ")),
    };
    format!("{}: {tool} reports it{fixed}", subject.trim_end())
}
