//! Why the index does not take a change or a checkpoint. Whatever the reason, it is as it was before.

use base::{HostId, Limit};
use jiff::Timestamp;

use crate::release::ReleaseId;

/// The highest number of a host: ten times the fleet this is made for, so that a number from nowhere costs no memory.
pub const HOSTS: Limit = Limit::new("fleet-hosts", 9_999_999);
/// The highest number of a release.
pub const RELEASES: Limit = Limit::new("fleet-releases", 49_999_999);

/// What is wrong with a change, a release or a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// The log has a gap, or an entry twice.
    #[error("entry {found} of the log came where {expected} was expected")]
    Sequence {
        /// The next of the index.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// The log runs backwards.
    #[error("entry {sequence} of the log is of {at}, before the one ahead of it ({before})")]
    Backwards {
        /// Its place.
        sequence: u64,
        /// Its moment.
        at: Timestamp,
        /// That of the entry ahead.
        before: Timestamp,
    },
    /// A number of a host is beyond the limit.
    #[error("host {0} is over the limit {HOSTS}")]
    HostOverLimit(HostId),
    /// A number of a release is beyond the limit.
    #[error("release r{} is over the limit {RELEASES}", .0.0)]
    ReleaseOverLimit(ReleaseId),
    /// Nobody said what this release is.
    #[error("release r{} was never learned", .0.0)]
    UnknownRelease(ReleaseId),
    /// The same number was given to two releases.
    #[error("release r{} is another one already", .0.0)]
    OtherRelease(ReleaseId),
    /// The host is not in the fleet.
    #[error("host {0} is not in the fleet")]
    UnknownHost(HostId),
    /// No host has this release, and the change does not say what hits it has.
    #[error("release r{} is new to the fleet and came without its hits", .0.0)]
    NotEvaluated(ReleaseId),
    /// The hits a report brings are not those that are known.
    #[error("release r{} came with other hits than it has", .0.0)]
    OtherHits(ReleaseId),
    /// A list is not sorted, or has something twice.
    #[error("{what} is not sorted, or has something twice (at {at})")]
    NotSorted {
        /// Which list.
        what: &'static str,
        /// Where.
        at: String,
    },
    /// The checkpoint cannot be used; the log can be replayed instead.
    #[error("the checkpoint of the index cannot be used: {0}")]
    Checkpoint(String),
}
