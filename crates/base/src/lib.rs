//! The words every other crate speaks: ids, ecosystems, severity, limits, and [`Parsed`] (a value plus notes).
//!
//! Tiny on purpose and without logic of the domain: orders of versions live in `versions`, scores in `risk`.
//! Time everywhere is [`jiff`]'s; nothing here reads a clock.

mod cpe;
mod cve_id;
mod digest;
mod ecosystem;
mod host_id;
mod kb;
mod limit;
mod note;
mod purl;
mod severity;

pub use cpe::{Cpe, NotACpe};
pub use cve_id::CveId;
pub use digest::{Digest, NotADigest};
pub use ecosystem::Ecosystem;
pub use host_id::{HostId, NotAHostId};
pub use kb::{Kb, NotAKb};
pub use limit::Limit;
pub use note::{Level, Note, Parsed};
pub use purl::{Purl, PurlError};
pub use severity::Severity;
