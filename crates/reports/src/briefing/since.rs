//! What changed since an earlier briefing, as facts: from the log of the fleet, or from that briefing's file.

use base::Severity;
use jiff::Timestamp;

use super::hosts::Hosts;

/// How many examples are kept of each kind of change; the rest is a number.
pub const EXAMPLES: usize = 100;

/// Against an earlier briefing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// When the earlier one was made.
    pub at: Timestamp,
    /// Findings that were not there.
    pub new: Moved,
    /// Findings that a later report of the host does not have any more.
    pub fixed: Moved,
    /// Findings that are gone without a report that says so: withdrawn, or compared by files, which cannot tell.
    pub gone: Moved,
    /// Findings that were fixed and are there again.
    pub reopened: Moved,
    /// Findings that were there and are now known exploited.
    pub turned_exploited: Moved,
    /// Findings that were suppressed and are open again.
    pub suppression_over: Moved,
    /// Findings that were open and are suppressed now.
    pub newly_suppressed: Moved,
    /// Hosts that were not there.
    pub hosts_appeared: Hosts,
    /// Hosts that are not there any more; their findings count as neither fixed nor open.
    pub hosts_vanished: Hosts,
    /// Open findings then.
    pub findings_before: usize,
    /// Overdue findings then.
    pub overdue_before: usize,
    /// Known exploited findings then.
    pub known_exploited_before: usize,
}

/// Findings of one kind of change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// How many findings.
    pub findings: usize,
    /// How many of them are known exploited.
    pub known_exploited: usize,
    /// How many of them are critical.
    pub critical: usize,
    /// The most urgent of them, one a vulnerability and package; at most [`EXAMPLES`].
    pub examples: Vec<ChangedGroup>,
}

/// A finding in a comparison, on all hosts on which it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedGroup {
    /// Its key on the first of the hosts.
    pub key: String,
    /// The id people look for.
    pub id: String,
    /// The package.
    pub package: String,
    /// The hosts.
    pub hosts: Hosts,
    /// Its severity.
    pub severity: Option<Severity>,
    /// Known exploited.
    pub known_exploited: bool,
}

impl Moved {
    /// The changes of one kind, each with its number of findings: known exploited and worst first.
    pub fn of(changes: Vec<(ChangedGroup, usize)>) -> Self {
        let mut all = changes;
        all.sort_by(|(a, _), (b, _)| {
            let urgency = |g: &ChangedGroup| (g.known_exploited, g.severity);
            urgency(b)
                .cmp(&urgency(a))
                .then_with(|| (&a.id, &a.package, &a.key).cmp(&(&b.id, &b.package, &b.key)))
        });
        let sum = |pick: fn(&ChangedGroup) -> bool| {
            let picked = all.iter().filter(|(g, _)| pick(g));
            picked.map(|(_, n)| n).sum()
        };
        Self {
            findings: sum(|_| true),
            known_exploited: sum(|g| g.known_exploited),
            critical: sum(|g| g.severity == Some(Severity::Critical)),
            examples: all.into_iter().take(EXAMPLES).map(|(g, _)| g).collect(),
        }
    }

    /// Whether nothing is of this kind.
    pub const fn is_empty(&self) -> bool {
        self.findings == 0
    }
}
