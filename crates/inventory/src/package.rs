//! One installed or declared package.

use base::{Ecosystem, Purl};

/// A package as one or more places in a target declare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The name in its ecosystem: `libssl3`, `@angular/core`, `org.apache.logging.log4j:log4j-core`.
    pub name: String,
    /// The version; `None` when the source gives none (it becomes a note, never a silent miss).
    pub version: Option<String>,
    /// The ecosystem, with the release for a distribution; `None` when it is not known (a `generic` purl).
    /// Distribution formats leave the release out; [`crate::assemble`] fills it from the operating system.
    pub ecosystem: Option<Ecosystem>,
    /// Canonical package URL, given or built.
    pub purl: Option<Purl>,
    /// The source package it was built from (deb, rpm, apk).
    pub source: Option<Source>,
    /// Architecture, where the format says.
    pub arch: Option<String>,
    /// Module stream of an rpm (`nodejs:18:…`), where the format says.
    pub module: Option<String>,
    /// Every place it was found, never empty.
    pub locations: Vec<Location>,
}

/// A source package; its version is the binary's unless the format says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Name of the source package.
    pub name: String,
    /// Its version, complete with epoch.
    pub version: Option<String>,
}

/// Where a package was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Path inside the target, or the file itself.
    pub path: String,
    /// 1-based line, where the format has lines worth naming.
    pub line: Option<u64>,
    /// Image layer digest, for images.
    pub layer: Option<String>,
}

impl Location {
    /// A path and nothing else.
    pub fn file(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line: None,
            layer: None,
        }
    }
}
