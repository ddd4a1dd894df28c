//! The packages of one lockfile as they are collected: each name and version once, bounded, with a package URL.

use std::collections::HashSet;

use base::{Ecosystem, Level, Limit, Note, Parsed, Purl};

use super::origin::{Origin, shown};
use crate::{Listing, Location, Package};

/// Packages taken from one lockfile.
const PACKAGES: Limit = Limit::new("lockfile-packages", 500_000);
/// Notes kept from one lockfile; the rest are counted.
const NOTES: Limit = Limit::new("lockfile-notes", 200);
/// The longest name or version believed.
const NAME_BYTES: Limit = Limit::new("lockfile-name-bytes", 512);

/// Where a tool's packages come from, as advisories and package URLs name it.
pub(super) struct Registry {
    /// The ecosystem's name in OSV.
    ecosystem: &'static str,
    /// The type of its package URLs.
    purl: &'static str,
    /// What separates the namespace of a package URL from the name, last one counts.
    separator: Option<char>,
}

impl Registry {
    const fn new(ecosystem: &'static str, purl: &'static str, separator: Option<char>) -> Self {
        Self {
            ecosystem,
            purl,
            separator,
        }
    }

    pub(super) const CRATES_IO: Self = Self::new("crates.io", "cargo", None);
    pub(super) const NPM: Self = Self::new("npm", "npm", Some('/'));
    pub(super) const PYPI: Self = Self::new("PyPI", "pypi", None);
    pub(super) const RUBYGEMS: Self = Self::new("RubyGems", "gem", None);
    pub(super) const PACKAGIST: Self = Self::new("Packagist", "composer", Some('/'));
    pub(super) const GO: Self = Self::new("Go", "golang", Some('/'));
    pub(super) const MAVEN: Self = Self::new("Maven", "maven", Some(':'));
    pub(super) const NUGET: Self = Self::new("NuGet", "nuget", None);

    pub(super) const HEX: Self = Self::new("Hex", "hex", None);
    pub(super) const PUB: Self = Self::new("Pub", "pub", None);
    pub(super) const CONAN: Self = Self::new("ConanCenter", "conan", None);
    pub(super) const SWIFT: Self = Self::new("SwiftURL", "swift", Some('/'));
    pub(super) const COCOAPODS: Self = Self::new("CocoaPods", "cocoapods", None);
    pub(super) const CRAN: Self = Self::new("CRAN", "cran", None);
    pub(super) const BIOCONDUCTOR: Self = Self::new("Bioconductor", "bioconductor", None);
    pub(super) const HACKAGE: Self = Self::new("Hackage", "hackage", None);
    pub(super) const JULIA: Self = Self::new("Julia", "julia", None);
    pub(super) const JSR: Self = Self::new("JSR", "jsr", Some('/'));

    /// The package URL, or `None` for parts that make none.
    fn purl(&self, name: &str, version: &str) -> Option<Purl> {
        let (namespace, name) = match self.separator.and_then(|c| name.rsplit_once(c)) {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, name),
        };
        Purl::new(self.purl, namespace, name, Some(version)).ok()
    }
}

/// What has been collected so far.
pub(super) struct Pins<'a> {
    path: &'a str,
    registry: &'static Registry,
    seen: HashSet<(String, String)>,
    packages: Vec<Package>,
    over_limit: u64,
    /// What was noted; [`Self::finish`] keeps the first [`NOTES`].
    notes: Vec<Note>,
}

impl<'a> Pins<'a> {
    pub(super) fn new(path: &'a str, registry: &'static Registry, note: Option<Note>) -> Self {
        Self {
            path,
            registry,
            seen: HashSet::new(),
            packages: Vec::new(),
            over_limit: 0,
            notes: note.into_iter().collect(),
        }
    }

    /// Writes a package down, unless this name and version already is.
    pub(super) fn pin(&mut self, line: Option<u64>, name: &str, version: &str) {
        self.pin_from(line, name, version, None);
    }

    /// The same for a package that comes from elsewhere than the default registry: its package URL says
    /// where that is.
    pub(super) fn pin_from(
        &mut self,
        line: Option<u64>,
        name: &str,
        version: &str,
        origin: Option<Origin>,
    ) {
        let purl = self.registry.purl(name, version);
        self.pin_as(line, name, version, purl, origin);
    }

    /// The same with a package URL whose version is written differently from the ecosystem's.
    pub(super) fn pin_with_purl_version(
        &mut self,
        line: Option<u64>,
        name: &str,
        version: &str,
        purl_version: &str,
    ) {
        let purl = self.registry.purl(name, purl_version);
        self.pin_as(line, name, version, purl, None);
    }

    /// Writes down the packages that follow as those of another registry.
    pub(super) const fn of_registry(&mut self, registry: &'static Registry) {
        self.registry = registry;
    }

    fn pin_as(
        &mut self,
        line: Option<u64>,
        name: &str,
        version: &str,
        purl: Option<Purl>,
        origin: Option<Origin>,
    ) {
        if name.is_empty() {
            return self.broken(line, "an entry without name");
        }
        if version.is_empty() {
            return self.skip(line, format!("no version: {}", shown(name)));
        }
        if NAME_BYTES.is_exceeded_by(name.len().max(version.len()) as u64) {
            self.notes.push(place(
                Note::warning("a name or version too long").because_of(NAME_BYTES),
                line,
            ));
            return;
        }
        if PACKAGES.is_exceeded_by(self.packages.len() as u64 + 1) {
            self.over_limit += 1;
            return;
        }
        if !self.seen.insert((name.to_owned(), version.to_owned())) {
            return;
        }
        let purl = match (purl, origin) {
            (Some(purl), Some(origin)) => purl
                .clone()
                .with_qualifier(origin.key, &origin.value)
                .ok()
                .or(Some(purl)),
            (purl, _) => purl,
        };
        self.packages.push(Package {
            name: name.to_owned(),
            version: Some(version.to_owned()),
            ecosystem: Some(Ecosystem::new(self.registry.ecosystem)),
            purl,
            source: None,
            arch: None,
            module: None,
            cpe: None,
            kept: None,
            locations: vec![Location {
                line,
                ..Location::file(self.path)
            }],
        });
    }

    /// Notes something that was left out.
    pub(super) fn skip(&mut self, line: Option<u64>, what: impl Into<String>) {
        self.note(line, Note::warning(what));
    }

    /// Notes something worth knowing.
    pub(super) fn inform(&mut self, line: Option<u64>, what: impl Into<String>) {
        self.note(line, Note::info(what));
    }

    /// Notes input that is broken: an error when no package at all could be read, else a warning.
    pub(super) fn broken(&mut self, line: Option<u64>, what: impl Into<String>) {
        self.note(line, Note::error(what));
    }

    /// Notes a text that has something in it, but none of the marks at the beginning of a line that the format has.
    pub(super) fn expect_mark(&mut self, text: &str, marks: &[&str], what: &str) {
        let has_mark = |line: &str| marks.iter().any(|mark| line.starts_with(mark));
        if !text.trim().is_empty() && !text.lines().any(has_mark) {
            self.broken(None, what);
        }
    }

    /// Notes how reading a JSON text ended.
    pub(super) fn end_of_json(&mut self, read: Result<(), serde_json::Error>) {
        if let Err(error) = read {
            self.broken(
                Some(error.line() as u64),
                format!("not JSON from here on: {}", shown(&error.to_string())),
            );
        }
    }

    /// Whether no package has been written down yet.
    pub(super) const fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    fn note(&mut self, line: Option<u64>, note: Note) {
        self.notes.push(place(note, line));
    }

    /// Everything collected.
    pub(super) fn finish(mut self) -> Parsed<Listing> {
        if !self.packages.is_empty() {
            self.notes
                .iter_mut()
                .filter(|n| n.level == Level::Error)
                .for_each(|n| n.level = Level::Warning);
        }
        let kept = usize::try_from(NOTES.max).unwrap_or(usize::MAX);
        if self.notes.len() > kept {
            let more = self.notes.len() - kept;
            self.notes.truncate(kept);
            self.notes
                .push(Note::warning(format!("{more} more notes on this file")).because_of(NOTES));
        }
        if self.over_limit > 0 {
            self.notes.push(
                Note::warning(format!("{} more packages are not listed", self.over_limit))
                    .because_of(PACKAGES),
            );
        }
        Parsed {
            value: Listing {
                packages: self.packages,
                ..Listing::default()
            },
            notes: self.notes,
        }
    }
}

fn place(note: Note, line: Option<u64>) -> Note {
    match line {
        Some(line) => note.at_line(line),
        None => note,
    }
}
