//! What happened to the fleet, one entry of its log. An entry holds all that is needed to follow it without a catalog: the
//! log, replayed up to a moment, gives the state that was known then.
//!
//! Every entry is recorded once, in order, with the moment we learned it; what it says may be about an earlier one
//! (`seen_at`). Nothing is taken back: a later entry says otherwise.

use base::{Digest, HostId};
use jiff::Timestamp;

use crate::hit::Hit;
use crate::release::ReleaseId;

/// An entry of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its place in the log, from 1, without gaps.
    pub sequence: u64,
    /// When we learned it. Never before that of the entry ahead of it.
    pub at: Timestamp,
    /// What it is.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A host was read.
    Reported(Report),
    /// A host is no more; its findings are neither open nor fixed.
    Removed(HostId),
    /// Other advisories hold.
    Catalog(CatalogChange),
    /// Somebody, or a rule, said or did something that changes no hit: the store's own records say what. Kept in the log so
    /// that it is in the chain.
    Act(Act),
}

/// A host's inventory.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Whose.
    pub host: HostId,
    /// When it was so: by the host's own word.
    pub seen_at: Timestamp,
    /// Who brought it: `import web.ndjson`, `agent`.
    pub source: String,
    /// SHA-256 of the inventory, kept as a blob.
    pub inventory: Digest,
    /// Its releases, sorted, each once.
    pub releases: Vec<ReleaseId>,
    /// Those that no host has just then, with their hits by the catalog that holds: what the index let go of with its last host
    /// is asked for again.
    pub evaluated: Vec<(ReleaseId, Vec<Hit>)>,
}

/// From one catalog to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogChange {
    /// The catalog that holds from now on, by the digest it names itself with.
    pub catalog: String,
    /// Every release whose hits are others now, sorted by release, each once.
    pub releases: Vec<HitsChange>,
}

/// How the hits of a release differ from what they were: a kernel has a thousand, of which a new advisory changes one.
#[derive(Clone, Debug, PartialEq)]
pub struct HitsChange {
    /// Whose.
    pub release: ReleaseId,
    /// Ids of those it has no more, sorted.
    pub ended: Vec<String>,
    /// Those that are new or say something else than before under the same id, sorted.
    pub now: Vec<Hit>,
}

/// Something done, in the chain by its kind and the digest of its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// `suppression`, `mitigation`, `plan`, `rules`, `merge`, `split`, `list`, `advisory`, `briefing`, `rank`, `ask`.
    pub kind: String,
    /// Which one: the number of the store's record.
    pub subject: u64,
    /// Hosts it is about, where it is about hosts.
    pub hosts: Vec<HostId>,
    /// SHA-256 of the record as it was written, salted where it holds names of people.
    pub record: Digest,
}
