//! Use cases, one file each: the only place where clock, network and files meet the pure crates.
//!
//! A command or a page calls one function here with plain options and gets a plain document back. Nothing here prints;
//! progress goes to a [`progress::Progress`] the caller gives.

pub mod accounts;
pub mod assess;
pub mod assets;
mod baseline;
pub mod brief;
pub mod catalog_file;
pub mod compare;
pub mod demo;
pub mod error;
pub mod explain;
pub mod feeds_delta;
pub mod feeds_import;
pub mod feeds_status;
pub mod feeds_sync;
pub mod fingerprints;
pub mod fleet;
mod kev_here;
pub mod live;
pub mod policies;
pub mod progress;
mod results;
pub mod scan;
pub mod tls;
mod trees;
