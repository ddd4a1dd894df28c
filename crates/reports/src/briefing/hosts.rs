//! Who and where: the names and owners behind the indexes of findings and patches.

use std::collections::BTreeSet;

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
