//! Every document that leaves: the scan [`report`](scan), the [`briefing`], the [`plan`] and the [`metrics`], and the renderers
//! that write them.
//!
//! A document is plain data without layout; a renderer is one file in `renderers/` and one line in its list. Text from
//! outside (summaries, package names, paths) is hostile: every renderer goes through the escapes in `drawing`.

pub mod baseline;
pub mod briefing;
pub mod comparison;
pub mod explanation;
pub mod listing;
pub mod local_advisory;
pub mod metrics;
pub mod plan;
pub mod renderers;
pub mod scan;
mod vulnerability;
mod wording;
