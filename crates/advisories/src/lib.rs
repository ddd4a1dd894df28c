//! What is known about vulnerabilities: the [`model`] of an advisory, the [`feeds`] that bring it, and the [`catalog`] that
//! holds it.
//!
//! The flow: `host` opens files and hands over [`feeds::Document`]s; [`feeds::FEEDS`] recognises each by content and parses
//! it into a [`model::Batch`]; [`catalog::Builder`] takes batches and gives the bytes of one read-only file;
//! [`catalog::Catalog`] maps that file and answers "which advisories name this package", "what is known of this CVE".
//!
//! [`local`] is what a team says itself before any source does. [`join`] says which CVEs a record is about, [`names`] how the names of packages meet.

pub mod catalog;
pub mod feeds;
pub mod join;
pub mod local;
pub mod model;
pub mod names;
