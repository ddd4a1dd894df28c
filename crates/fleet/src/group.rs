//! The findings of a fleet, as it is told to people: one for all hosts on which it is the same in every word, date and
//! decision. A fleet has millions of findings and some thousands of groups.

use base::HostId;
use jiff::Timestamp;

use crate::finding::Finding;

/// A finding and every host it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingGroup {
    /// The finding, as on the first of the hosts: `target` is its index into the list of hosts told beside, `target_name` its
    /// name. What differs from host to host (locations) is left empty.
    pub finding: Finding,
    /// The hosts: indexes into the list of hosts told beside, sorted, never empty.
    pub targets: Vec<usize>,
    /// When it was first known on them. Whole hours, rounded down, so that no deadline is later than its rule.
    pub first_seen: Timestamp,
    /// Where it stands.
    pub life: Life,
}

/// Where a finding stands in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Life {
    /// Nothing was seen to close it.
    Open {
        /// It was seen fixed before.
        reopened: bool,
    },
    /// Something keeps it from being used, seen by a report (not merely claimed).
    Mitigated {
        /// What: `port 443 closed`.
        how: String,
        /// When that is to be looked at again.
        until: Option<Timestamp>,
    },
    /// Set aside by a suppression, by its number.
    Suppressed(u64),
    /// The fix is installed and does not run yet.
    AwaitsRestart,
}

/// A host in the numbers of the fleet and in the words of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName {
    /// Its number.
    pub id: HostId,
    /// What people call it.
    pub name: String,
}
