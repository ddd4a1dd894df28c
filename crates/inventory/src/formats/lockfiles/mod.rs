//! Lockfiles: the exact versions a package manager chose. One file a tool; what they share is how text is read
//! ([`text`], [`json`], [`toml_tables`], [`indented`]) and how a pinned package is written down ([`pins`]).
//!
//! What is listed is what an advisory can be about: packages with a version from a registry, and git or URL
//! dependencies that carry a version. Members of the workspace and path dependencies are the user's own code and are
//! left out. Development dependencies are kept: they run on the build machine.

mod cargo;
mod json;
mod npm;
mod pins;
mod text;
mod toml_tables;

pub use cargo::CargoLock;
pub use npm::NpmLock;
