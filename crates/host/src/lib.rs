//! The one crate that opens files for parsers. It knows no format and prints nothing: it reads what a user names or a walk
//! finds, within named limits, and hands over bytes.
//!
//! - [`read`]: one file (or standard input), whole, decompressed.
//! - [`documents`] and [`batches`]: every document in a file, an archive, a stream of lines or a directory of these.
//! - [`walk`]: the files below a directory that somebody wants.
//! - [`inspect`], [`inspect_bytes`]: a target read with every format `inventory` knows: a file, a directory, a container
//!   image, a tar archive.
//! - [`machine()`]: the machine this runs on, with what runs there.
//!
//! What is refused, and never waited for: devices, sockets and pipes with a name. What is never followed: links to
//! directories, and links out of a walked tree.

mod archive;
mod batch;
mod document;
mod error;
mod expand;
mod image;
mod inspect;
mod limits;
mod machine;
mod name;
mod open;
mod read;
mod tarball;
mod texts;
mod walk;

pub use batch::Document;
pub use document::{batches, documents};
pub use error::ReadError;
pub use image::{BaseImage, Image, NotAPlatform, Platform};
pub use inspect::{InspectOptions, Inspected, Reading, inspect, inspect_bytes};
pub use limits::{DocumentLimits, WalkLimits};
pub use machine::{Machine, machine};
pub use read::read;
pub use walk::{FoundFile, WalkOptions, walk};
