//! From the index to what people read: findings that stand on sets of hosts become groups with words, dates and decisions,
//! and the passes after it say where each stands in its life.
//!
//! The flow: [`groups_of`] asks the catalog once for each release and the policies once for each kind of host; what does not
//! run yet, is suppressed or mitigated is then taken out of the groups as sets of hosts.

pub mod cover;
mod groups;
pub(crate) mod hosts_text;
mod member;
pub mod restart;
mod split;

pub use groups::{Standing, Times, each_of, groups_of};
pub use member::Member;
pub(crate) use split::{hosts_of, places_on, split, targets_of};
