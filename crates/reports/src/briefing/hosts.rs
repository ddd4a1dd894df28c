//! Who, where and since when: the names and owners behind the indexes of findings and patches, and their first day.

use std::collections::BTreeSet;

use fleet::finding::Finding;
use jiff::Timestamp;

use super::model::Today;
use crate::scan::ScanReport;

/// Names of hosts by their index, sorted and each once.
pub(super) fn host_names(
    report: &ScanReport,
    targets: impl IntoIterator<Item = usize>,
) -> Vec<String> {
    let indexes: BTreeSet<usize> = targets.into_iter().collect();
    let names: BTreeSet<&str> = indexes
        .iter()
        .filter_map(|&t| report.targets.get(t))
        .map(|t| t.name.as_str())
        .collect();
    names.into_iter().map(str::to_owned).collect()
}

/// Owners of hosts by their index, sorted and each once; hosts without one add nothing.
pub(super) fn owners(report: &ScanReport, targets: impl IntoIterator<Item = usize>) -> Vec<String> {
    let found: BTreeSet<String> = targets
        .into_iter()
        .filter_map(|t| report.targets.get(t)?.asset.owner.clone())
        .collect();
    found.into_iter().collect()
}

/// When a briefing first saw a finding; now, when none before has.
pub(super) fn first_seen(today: &Today, finding: &Finding) -> Timestamp {
    let before = today.previous.as_ref();
    before
        .and_then(|p| p.first_seen(&finding.key()))
        .unwrap_or(today.report.now)
}
