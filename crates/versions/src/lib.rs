//! The order of versions in every ecosystem, and ranges over it.
//!
//! A [`Scheme`] is one order (deb, rpm, semver…), one file in `schemes/`, listed once in [`SCHEMES`]. [`scheme_for`] finds
//! it by OSV ecosystem name or by its own id. [`Range`] is a list of OSV events; [`Range::check`] says whether a version is
//! inside and which event decided. [`Vers`] is the other notation for ranges, the `vers:` specifier.

mod digits;
mod range;
mod scheme;
pub mod schemes;
mod vers;

pub use range::{Event, EventKind, Range, RangeKind, Verdict};
pub use scheme::{InvalidVersion, Scheme};
pub use schemes::{SCHEMES, scheme_for, scheme_or_generic};
pub use vers::{Comparator, Constraint, InvalidVers, Vers};
