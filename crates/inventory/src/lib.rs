//! Hosts and packages, and every format that lists them.
//!
//! `host` opens files and hands over [`Input`]s; [`formats::FORMATS`] recognises each by name and content; a format gives a
//! [`Listing`] with notes. A [`Host`] is what a target turned out to be: one or more listings with the operating system
//! they belong to ([`host::assemble`]).

pub mod formats;
mod host;
mod package;

pub use formats::{FORMATS, Format, Input, Listing};
pub use host::{Host, HostKind, Os, assemble};
pub use package::{Location, Package, Source};
