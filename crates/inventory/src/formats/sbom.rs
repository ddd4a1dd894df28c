//! What every kind of SBOM has in common: packages are collected one by one, what is odd is counted, everything is bounded.

use base::{Cpe, Limit, Note, Parsed, Purl};

use super::notes::Notes;
use super::purl_package::{self, known_version};
use super::{Listing, text};
use crate::{HostKind, Location, Os, Package};

/// The most components read from one document.
pub(crate) const COMPONENTS: Limit = Limit::new("sbom-components", 500_000);
/// How deep components may stand inside components.
pub(crate) const DEPTH: Limit = Limit::new("sbom-depth", 60);
/// The longest name, version or package URL.
const STRING_BYTES: Limit = Limit::new("sbom-string-bytes", 8 * 1024);

/// A package as a document declares it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Declared<'a> {
    /// Namespace of the name, where the format has one.
    pub(crate) group: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    pub(crate) version: Option<&'a str>,
    pub(crate) purl: Option<&'a str>,
    /// The CPE name, where the format has one.
    pub(crate) cpe: Option<&'a str>,
    /// It is declared as not being there at run time.
    pub(crate) is_excluded: bool,
}

/// What is counted instead of noted one by one: a thousand notes of the same kind help nobody.
#[derive(Debug, Default)]
struct Tally {
    without_name: usize,
    without_purl: usize,
    with_cpe_only: usize,
    excluded: usize,
    overlong: usize,
    left_out: usize,
}

/// The listing of one document while it is read.
pub(crate) struct Collector<'p> {
    path: &'p str,
    seen: u64,
    tally: Tally,
    listing: Listing,
    notes: Notes,
}

impl<'p> Collector<'p> {
    /// A listing of the document at `path`, with the notes so far.
    pub(crate) fn new(path: &'p str, so_far: impl IntoIterator<Item = Note>) -> Self {
        let mut notes = Notes::default();
        notes.extend(so_far);
        Self {
            path,
            seen: 0,
            tally: Tally::default(),
            listing: Listing::default(),
            notes,
        }
    }

    pub(crate) const fn path(&self) -> &'p str {
        self.path
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Whether one more component may be read; counts it.
    pub(crate) fn admits_one_more(&mut self) -> bool {
        self.seen += 1;
        let admits = !COMPONENTS.is_exceeded_by(self.seen);
        self.tally.left_out += usize::from(!admits);
        admits
    }

    pub(crate) fn has_packages(&self) -> bool {
        !self.listing.packages.is_empty()
    }

    /// What the document describes: it names the host and does not count as a package of it.
    pub(crate) fn subject(&mut self, declared: Declared<'_>, kind: Option<HostKind>) {
        let Some(name) = declared.name else { return };
        let full = full_name(declared.group, name, "/");
        let versioned = declared
            .version
            .map_or(full.clone(), |v| format!("{full}@{v}"));
        self.listing.subject = Some((versioned, kind));
    }

    /// The operating system; the first one named counts.
    pub(crate) fn os(&mut self, os: Os) {
        match &self.listing.os {
            None => self.listing.os = Some(os),
            Some(first) if (&first.id, &first.version) == (&os.id, &os.version) => {}
            Some(first) => {
                let what = format!(
                    "two operating systems are named; used {}, not {}",
                    first.label(),
                    os.label()
                );
                self.notes.push(Note::warning(what));
            }
        }
    }

    /// Adds a package; `complete` fills in what only the format knows.
    pub(crate) fn package(&mut self, declared: Declared<'_>, complete: impl FnOnce(&mut Package)) {
        let strings = [
            declared.group,
            declared.name,
            declared.version,
            declared.purl,
            declared.cpe,
        ];
        if strings
            .into_iter()
            .flatten()
            .any(|s| STRING_BYTES.is_exceeded_by(s.len() as u64))
        {
            self.tally.overlong += 1;
            return;
        }
        let Some(mut package) = self.by_purl(declared).or_else(|| self.by_name(declared)) else {
            self.tally.without_name += 1;
            return;
        };
        package.version = version(package.version, declared.version);
        package.cpe = self.cpe(declared);
        complete(&mut package);
        self.tally.excluded += usize::from(declared.is_excluded);
        self.listing.packages.push(package);
    }

    fn by_purl(&mut self, declared: Declared<'_>) -> Option<Package> {
        let text = declared.purl?;
        match text.parse::<Purl>() {
            Ok(purl) => Some(purl_package::package(&purl, Location::file(self.path))),
            Err(error) => {
                let what = format!("not a package URL ({error}): {}", text::excerpt(text));
                self.notes.push(Note::warning(what));
                None
            }
        }
    }

    fn cpe(&mut self, declared: Declared<'_>) -> Option<Cpe> {
        let text = declared.cpe?;
        let cpe = text.parse().ok();
        if cpe.is_none() {
            let what = format!("not a CPE name: {}", text::excerpt(text));
            self.notes.push(Note::warning(what));
        }
        cpe
    }

    /// Without a package URL only the name is known: `group/name`, in no ecosystem.
    fn by_name(&mut self, declared: Declared<'_>) -> Option<Package> {
        let name = declared.name?;
        self.tally.without_purl += 1;
        self.tally.with_cpe_only += usize::from(declared.cpe.is_some());
        let full = full_name(declared.group, name, "/");
        Some(Package::new(full, None, Location::file(self.path)))
    }

    /// The listing. A document of which something was read did not fail as a whole, whatever broke in it later.
    pub(crate) fn finish(mut self) -> Parsed<Listing> {
        self.tally.tell(&mut self.notes);
        if self.has_packages() {
            self.notes.soften();
        }
        Parsed {
            value: self.listing,
            notes: self.notes.into_vec(),
        }
    }
}

/// The package URL's version, unless the document knows one or, for a distribution package, knows the epoch that the URL
/// leaves out.
fn version(of_url: Option<String>, declared: Option<&str>) -> Option<String> {
    let declared = declared.and_then(known_version);
    match (of_url, declared) {
        (Some(own), Some(declared)) => {
            let with_epoch = declared
                .split_once(':')
                .is_some_and(|(_, rest)| rest == own);
            Some(if with_epoch { declared.to_owned() } else { own })
        }
        (own, declared) => own.or_else(|| declared.map(str::to_owned)),
    }
}

fn full_name(group: Option<&str>, name: &str, separator: &str) -> String {
    match group {
        Some(group) => format!("{group}{separator}{name}"),
        None => name.to_owned(),
    }
}

impl Tally {
    fn tell(&self, notes: &mut Notes) {
        let mut say = |count: usize, note: fn(String) -> Note, what: &str| {
            if count > 0 {
                notes.push(note(format!("{what}: {count}")));
            }
        };
        say(
            self.without_name,
            Note::warning,
            "components without a name were left out",
        );
        say(
            self.without_purl,
            Note::warning,
            "components without a package URL, so of no known ecosystem",
        );
        say(
            self.with_cpe_only,
            Note::info,
            "of these with a CPE, which is not matched",
        );
        say(
            self.excluded,
            Note::info,
            "components of the scope \"excluded\" were kept",
        );
        if self.overlong > 0 {
            let what = format!(
                "components with an overlong field were left out: {}",
                self.overlong
            );
            notes.push(Note::warning(what).because_of(STRING_BYTES));
        }
        if self.left_out > 0 {
            notes.push(Note::warning("more components were left out").because_of(COMPONENTS));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_urls_but_for_a_missing_epoch_or_none_at_all() {
        let check = |own: Option<&str>, declared: Option<&str>, expected: Option<&str>| {
            assert_eq!(
                version(own.map(str::to_owned), declared).as_deref(),
                expected
            );
        };
        check(Some("1.0"), Some("2.0"), Some("1.0"));
        check(
            Some("1.1.1k-9.el8"),
            Some("1:1.1.1k-9.el8"),
            Some("1:1.1.1k-9.el8"),
        );
        check(Some("1:1.0"), Some("1.0"), Some("1:1.0"));
        check(None, Some("2.0"), Some("2.0"));
        check(None, Some("^2.0"), None);
        check(None, Some("UNKNOWN"), None);
        check(None, None, None);
    }
}
