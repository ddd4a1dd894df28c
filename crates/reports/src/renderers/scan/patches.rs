//! The report's findings as patches, the ones with something to install apart from the ones without.

use std::collections::BTreeMap;

use fleet::patch::Patch;

use crate::scan::ScanReport;

/// The patches of a report, most urgent first.
pub(super) fn patches(report: &ScanReport) -> Vec<Patch> {
    let mut by: BTreeMap<(String, String, bool), Patch> = BTreeMap::new();
    for (i, f) in report.findings.iter().enumerate() {
        let package = f
            .source_package
            .clone()
            .unwrap_or_else(|| f.package.clone());
        let p = by
            .entry((f.ecosystem.clone(), package.clone(), f.fixed.is_empty()))
            .or_insert_with(|| Patch {
                ecosystem: f.ecosystem.clone(),
                package,
                from: vec![],
                to: None,
                packages: vec![],
                targets: vec![],
                findings: vec![],
                vulnerabilities: 0,
                kev: 0,
                severity: None,
                epss: None,
                due: None,
            });
        if !p.from.contains(&f.version) {
            p.from.push(f.version.clone());
        }
        if let Some(v) = f.fixed.last() {
            if p.to.as_ref().is_none_or(|t| v > t) {
                p.to = Some(v.clone());
            }
        }
        if !p.packages.contains(&f.package) {
            p.packages.push(f.package.clone());
        }
        if !p.targets.contains(&f.target) {
            p.targets.push(f.target);
        }
        p.findings.push(i);
        p.severity = p.severity.max(f.severity);
        if let Some(d) = f.decision() {
            if let Some(by) = d.by {
                if p.due.as_ref().is_none_or(|(t, _)| by < *t) {
                    p.due = Some((by, d.policy.clone()));
                }
            }
        }
    }
    let mut v: Vec<Patch> = by.into_values().collect();
    for p in &mut v {
        let mut ids: Vec<String> = p
            .findings
            .iter()
            .map(|&i| crate::renderers::wording::label(&report.findings[i]))
            .collect();
        ids.sort();
        ids.dedup();
        p.vulnerabilities = ids.len();
        let mut ids: Vec<String> = p
            .findings
            .iter()
            .filter(|&&i| report.findings[i].kev.is_some())
            .map(|&i| crate::renderers::wording::label(&report.findings[i]))
            .collect();
        ids.sort();
        ids.dedup();
        p.kev = ids.len();
    }
    v.sort_by_key(|p| {
        (
            p.due.as_ref().map_or(jiff::Timestamp::MAX, |d| d.0),
            std::cmp::Reverse(p.kev),
        )
    });
    v
}
