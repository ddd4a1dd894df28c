//! Every document that leaves: the scan [`report`](scan) and the [`briefing`], and the renderers that write them.
//!
//! A document is plain data without layout; a renderer is one file in `renderers/` and one line in its list. Text from
//! outside (summaries, package names, paths) is hostile: every renderer goes through the escapes in `drawing`.

pub mod baseline;
pub mod briefing;
pub mod comparison;
pub mod explanation;
pub mod listing;
pub mod renderers;
pub mod scan;
mod vulnerability;
mod wording;
