//! The dates of an item: of each policy the strictest, with the vulnerability and the facts that set it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use risk::policy::UsedFact;

use crate::finding::Finding;

/// A policy's strictest date for an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Deadline {
    /// The policy.
    pub policy: String,
    /// The row of its table.
    pub row: String,
    /// The date; `None` where it asks for none, or its clock cannot start.
    pub by: Option<Timestamp>,
    /// The vulnerability that sets it.
    pub id: String,
    /// What the row was chosen by.
    pub facts: Vec<UsedFact>,
}

/// The strictest decision of each policy over some findings, earliest first.
pub(super) fn strictest<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Deadline> {
    let mut best: BTreeMap<&str, (bool, Option<Timestamp>, String, usize, &Finding)> =
        BTreeMap::new();
    for finding in findings {
        for (at, decision) in finding.decisions.iter().enumerate() {
            let by = decision.by;
            let this = (by.is_none(), by, label(finding), at, finding);
            let best = best.entry(&decision.policy).or_insert_with(|| this.clone());
            if (this.0, this.1, &this.2) < (best.0, best.1, &best.2) {
                *best = this;
            }
        }
    }
    let mut list: Vec<Deadline> = best
        .into_values()
        .map(|(_, by, id, at, finding)| {
            let decision = &finding.decisions[at];
            Deadline {
                policy: decision.policy.clone(),
                row: decision.row.clone(),
                by,
                id,
                facts: decision.facts.clone(),
            }
        })
        .collect();
    list.sort_by(|a, b| (a.by.is_none(), a.by, &a.policy).cmp(&(b.by.is_none(), b.by, &b.policy)));
    list
}

/// The id people look for: the CVE that is known exploited, else the first, else the record's own.
pub(super) fn label(finding: &Finding) -> String {
    let exploited = finding.kev.as_ref().map(|kev| kev.cve);
    let cve = exploited.or_else(|| finding.cves.first().copied());
    cve.map_or_else(|| finding.id.clone(), |cve| cve.to_string())
}
