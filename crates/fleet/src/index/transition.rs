//! What a change did to the findings: groups of hosts on which the same became open or is open no more. Their sorted lines are
//! what the audit chain holds of a change: one record a cause, not one a finding.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use base::Digest;
use roaring::RoaringBitmap;

use super::hour::Hour;
use super::vulnerability::Vulnerability;
use crate::release::ReleaseId;

/// How a finding changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// It is there, and was not seen gone from the host before.
    Opened,
    /// It is there again after it was seen gone.
    Reopened,
    /// A report shows that nothing of its unit on the host has it any more.
    Fixed,
    /// What is published does not count the version as affected any more; nothing changed on the host.
    Cleared,
    /// The host left the fleet: the finding is neither open nor fixed.
    GoneWithHost,
}

impl Turn {
    /// The word it is written with.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::Fixed => "fixed",
            Self::Cleared => "cleared",
            Self::GoneWithHost => "gone-with-host",
        }
    }

    /// Whether the finding is open after it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Opened | Self::Reopened)
    }
}

/// The same turn of the same finding on some hosts.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// What happened.
    pub turn: Turn,
    /// The release it was found on.
    pub release: ReleaseId,
    /// Its number, in the index that gave it.
    pub vulnerability: Vulnerability,
    /// The id of its record.
    pub id: Arc<str>,
    /// Since when it is open, or was.
    pub since: Hour,
    /// On which hosts; never empty.
    pub hosts: Arc<RoaringBitmap>,
}

/// All that one change did.
#[derive(Clone, Debug, PartialEq)]
pub struct Transitions {
    /// The place of the change in the log.
    pub sequence: u64,
    /// When it became so: of a report the hour of the inventory, else that of the entry.
    pub hour: Hour,
    /// The report is older than what is known of its host: it is kept and changes nothing.
    pub is_outdated: bool,
    /// By release, turn, id and date; no two alike in all of them.
    pub groups: Vec<Transition>,
    /// Findings that go on under another release of the same unit, or under another name, with the date they had.
    pub carried: u64,
}

/// How many findings (vulnerability × release × host) took each turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// [`Turn::Opened`].
    pub opened: u64,
    /// [`Turn::Reopened`].
    pub reopened: u64,
    /// [`Turn::Fixed`].
    pub fixed: u64,
    /// [`Turn::Cleared`].
    pub cleared: u64,
    /// [`Turn::GoneWithHost`].
    pub gone_with_host: u64,
}

impl Transitions {
    /// Of a change that did nothing so far.
    pub(super) const fn none(sequence: u64, hour: Hour) -> Self {
        Self {
            sequence,
            hour,
            is_outdated: false,
            groups: Vec::new(),
            carried: 0,
        }
    }

    /// Puts the groups in their order.
    pub(super) fn sorted(mut self) -> Self {
        let key = |t: &Transition| (t.release, t.turn, t.since);
        self.groups
            .sort_by(|a, b| (key(a), &a.id).cmp(&(key(b), &b.id)));
        self
    }

    /// How many there are of each.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for group in &self.groups {
            let count = match group.turn {
                Turn::Opened => &mut counts.opened,
                Turn::Reopened => &mut counts.reopened,
                Turn::Fixed => &mut counts.fixed,
                Turn::Cleared => &mut counts.cleared,
                Turn::GoneWithHost => &mut counts.gone_with_host,
            };
            *count += group.hosts.len();
        }
        counts
    }

    /// For how many hours a group that ended was open.
    pub fn hours_open(&self, group: &Transition) -> u32 {
        group.since.hours_until(self.hour)
    }

    /// The SHA-256 of the lines of all groups, in their order: release, turn, since (hours since 1970), the id as Rust quotes a
    /// text, how many hosts, and the SHA-256 of their numbers (sorted, four bytes each, least first); between them tabs, after
    /// each a line feed.
    pub fn digest(&self) -> Digest {
        let mut lines = String::new();
        let mut seen: HashMap<*const RoaringBitmap, Digest> = HashMap::new();
        for group in &self.groups {
            let hosts = *seen
                .entry(Arc::as_ptr(&group.hosts))
                .or_insert_with(|| hosts_digest(&group.hosts));
            let Transition {
                release,
                turn,
                since,
                id,
                ..
            } = group;
            let (release, turn, since) = (release.0, turn.as_str(), since.0);
            let count = group.hosts.len();
            let _ = writeln!(
                lines,
                "r{release}\t{turn}\t{since}\t{id:?}\t{count}\t{hosts}"
            );
        }
        Digest::of(lines.as_bytes())
    }
}

fn hosts_digest(hosts: &RoaringBitmap) -> Digest {
    let bytes: Vec<u8> = hosts.iter().flat_map(u32::to_le_bytes).collect();
    Digest::of(&bytes)
}
