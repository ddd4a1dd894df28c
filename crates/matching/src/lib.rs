//! A release against the catalog: affected, with the record, range and event that decided; or not, with the reason.
//!
//! The flow: [`match_package`] looks up the candidates of one package, drops those of other distribution releases, checks
//! each range, groups records that are the same vulnerability, and returns [`Match`]es and [`Negative`]s.

mod ask;
mod channel;
mod conclude;
mod end_of_life;
mod epoch;
mod focus;
mod group;
mod heard;
mod kernel;
mod matched;
mod modules;
mod names;
mod package;
mod rebuild;
mod release;
mod scope;
mod situation;
mod trust;
mod verdict;
mod windows;

pub use end_of_life::Support;
pub use focus::{Focus, asked, match_release_within};
pub use kernel::{Bearing, Kernels};
pub use matched::{Conflict, Decided, FixState, Match, Matches, Negative, Reason};
pub use package::{Options, match_package};
pub use release::{Coverage, coverage};
pub use scope::Scope;
pub use situation::{Situation, match_release};
