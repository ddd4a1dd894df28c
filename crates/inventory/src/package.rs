//! One installed or declared package.

use base::{Cpe, Ecosystem, Purl};
use jiff::civil::Date;

/// A package as one or more places in a target declare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The name in its ecosystem: `libssl3`, `@angular/core`, `org.apache.logging.log4j:log4j-core`.
    pub name: String,
    /// The version; `None` when the source gives none (it becomes a note, never a silent miss).
    pub version: Option<String>,
    /// The ecosystem, with the release for a distribution; `None` when it is not known (a `generic` purl).
    /// In a [`crate::Listing`] the package databases of a distribution write [`PackageManager::ecosystem`] here, because
    /// the database does not say whose it is; [`crate::assemble`] replaces it by the host's own (`Debian:12`) or by `None`.
    pub ecosystem: Option<Ecosystem>,
    /// Canonical package URL, given or built.
    pub purl: Option<Purl>,
    /// The source package it was built from (deb, rpm, apk). `None` where the input does not say; then the package's own
    /// name is the best guess.
    pub source: Option<Source>,
    /// Architecture, where the format says.
    pub arch: Option<String>,
    /// Module stream of an rpm (`nodejs:18:…`), where the format says.
    pub module: Option<String>,
    /// CPE name, where the format gives one: the product as NVD and CVE records name it.
    pub cpe: Option<Cpe>,
    /// For an entry that people keep by hand (a product register), what they say of it.
    pub kept: Option<Kept>,
    /// Every place it was found, never empty.
    pub locations: Vec<Location>,
}

/// What people say of an entry they keep by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Who answers for it.
    pub owner: Option<String>,
    /// The day somebody last looked that it is so.
    pub confirmed: Option<Date>,
}

impl Kept {
    /// How many days a confirmation is good for; after that the version may have changed unseen.
    pub const CONFIRMED_DAYS: i32 = 90;

    /// Days since it was confirmed; `None` if it never was.
    pub fn age(&self, today: Date) -> Option<i32> {
        let since = today.since(self.confirmed?).ok()?;
        Some(since.get_days().max(0))
    }

    /// Whether the confirmation is too old, or missing.
    pub fn is_unconfirmed(&self, today: Date) -> bool {
        self.age(today)
            .is_none_or(|days| days > Self::CONFIRMED_DAYS)
    }
}

impl Package {
    /// A package of which only name and version are known, found in one place.
    pub fn new(name: impl Into<String>, version: Option<String>, location: Location) -> Self {
        Self {
            name: name.into(),
            version,
            ecosystem: None,
            purl: None,
            source: None,
            arch: None,
            module: None,
            cpe: None,
            kept: None,
            locations: vec![location],
        }
    }
}

/// A source package; its version is the binary's unless the format says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Name of the source package.
    pub name: String,
    /// Its version, complete with epoch.
    pub version: Option<String>,
}

/// The package managers whose databases do not say which distribution they belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageManager {
    /// dpkg: Debian, Ubuntu and their kin.
    Deb,
    /// rpm: Red Hat, AlmaLinux, Rocky, SUSE and others.
    Rpm,
    /// apk: Alpine, Wolfi and others.
    Apk,
}

impl PackageManager {
    /// All.
    pub const ALL: [Self; 3] = [Self::Deb, Self::Rpm, Self::Apk];

    /// The package URL type, which is also the placeholder ecosystem's name.
    pub const fn purl_type(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Apk => "apk",
        }
    }

    /// "A package of whatever distribution this host runs", as an ecosystem. No feed uses these names.
    pub fn ecosystem(self) -> Ecosystem {
        Ecosystem::new(self.purl_type())
    }

    /// The manager a placeholder stands for, if the ecosystem is one.
    pub fn of(ecosystem: &Ecosystem) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|m| m.purl_type() == ecosystem.name())
    }
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

    /// A path and a 1-based line.
    pub fn line(path: impl Into<String>, line: u64) -> Self {
        Self {
            path: path.into(),
            line: Some(line),
            layer: None,
        }
    }
}
