//! Today against the previous briefing, finding by finding.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{ChangedFinding, Changes, Memory, PreviousBriefing, RememberedFinding};

/// A finding that is still the same after an upgrade that did not close it, or after another record decided.
type Identity<'a> = (&'a str, &'a str, &'a str);

/// What is new, gone, and turned exploited; findings of a host that vanished are not counted as gone.
pub(super) fn changes(previous: &PreviousBriefing, now: &Memory) -> Changes {
    let before = by_identity(&previous.memory.findings);
    let after = by_identity(&now.findings);
    let hosts_before: BTreeSet<&String> = previous.memory.hosts.iter().collect();
    let hosts_after: BTreeSet<&String> = now.hosts.iter().collect();
    let was_quiet = |id: &Identity<'_>| before.get(id).is_some_and(|f| !f.known_exploited);
    let new = after.iter().filter(|(id, _)| !before.contains_key(*id));
    let gone = before
        .iter()
        .filter(|(id, f)| !after.contains_key(*id) && hosts_after.contains(&f.host));
    let turned = after
        .iter()
        .filter(|(id, f)| f.known_exploited && was_quiet(id));
    Changes {
        since: previous.now,
        new: new.map(|(_, f)| changed(f)).collect(),
        gone: gone.map(|(_, f)| changed(f)).collect(),
        turned_exploited: turned.map(|(_, f)| changed(f)).collect(),
        hosts_appeared: hosts_after
            .difference(&hosts_before)
            .map(|h| (*h).clone())
            .collect(),
        hosts_vanished: hosts_before
            .difference(&hosts_after)
            .map(|h| (*h).clone())
            .collect(),
        findings_before: previous.memory.findings.len(),
        overdue_before: previous
            .memory
            .findings
            .iter()
            .filter(|f| f.overdue)
            .count(),
        known_exploited_before: previous
            .memory
            .findings
            .iter()
            .filter(|f| f.known_exploited)
            .count(),
    }
}

fn by_identity(findings: &[RememberedFinding]) -> BTreeMap<Identity<'_>, &RememberedFinding> {
    findings
        .iter()
        .map(|f| ((f.id.as_str(), f.package.as_str(), f.host.as_str()), f))
        .collect()
}

fn changed(finding: &RememberedFinding) -> ChangedFinding {
    ChangedFinding {
        key: finding.key.clone(),
        id: finding.id.clone(),
        package: finding.package.clone(),
        host: finding.host.clone(),
        severity: finding.severity,
    }
}
