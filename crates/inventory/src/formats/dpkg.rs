//! The dpkg status database: `/var/lib/dpkg/status`, and `/var/lib/dpkg/status.d/*` of distroless images.
//!
//! Stanzas as in <https://manpages.debian.org/dpkg-query> and deb822(5). Read by hand: a crate would refuse the whole file
//! for one bad line, and a real status file is 600 KB of which five fields a stanza matter.

use base::{Limit, Note, Parsed};

use super::notes::Notes;
use super::{Format, Input, Listing, text};
use crate::{HostKind, Location, Package, PackageManager, Source};

/// The most packages read from one database; Debian has about 70,000 in all.
const PACKAGES: Limit = Limit::new("dpkg-packages", 200_000);
/// The longest field value that can be a name, version or architecture.
const FIELD_BYTES: Limit = Limit::new("dpkg-field-bytes", 1024);

/// Packages of Debian, Ubuntu and their kin.
pub struct Dpkg;

impl Format for Dpkg {
    fn id(&self) -> &'static str {
        "dpkg"
    }

    fn about(&self) -> &'static str {
        "installed packages of Debian, Ubuntu and distroless images: dpkg's status file or status.d"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        let in_folder = |folder: &str| match path.rsplit_once('/') {
            Some((parent, _)) => {
                parent == folder
                    || parent
                        .strip_suffix(folder)
                        .is_some_and(|p| p.ends_with('/'))
            }
            None => false,
        };
        let is_record = !path.ends_with(".md5sums")
            && !path.ends_with(".conffiles")
            && !path.ends_with(".list");
        (path.ends_with("/status") && in_folder("lib/dpkg"))
            || (is_record && in_folder("lib/dpkg/status.d"))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        if input.path.contains("opkg/") {
            return false;
        }
        self.wants(input.path) || looks_like_status(input.bytes) || is_distroless_record(input)
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut reader = Reader::new(input.path);
        reader.notes.extend(note);
        for stanza in Stanzas::new(&text) {
            reader.add(&stanza);
            if PACKAGES.is_exceeded_by(reader.found.len() as u64) {
                reader.found.pop();
                reader
                    .notes
                    .push(Note::warning("more packages were left out").because_of(PACKAGES));
                break;
            }
        }
        reader.finish()
    }
}

/// A record of a `status.d` folder wherever it was copied to.
fn is_distroless_record(input: &Input<'_>) -> bool {
    let parent = input.path.rsplit('/').nth(1);
    parent == Some("status.d") && input.bytes.starts_with(b"Package:")
}

/// A file of any name whose first field is `Package` and that records a status, which a repository's index does not.
fn looks_like_status(bytes: &[u8]) -> bool {
    const HEAD: usize = 4096;
    let head = &bytes[..bytes.len().min(HEAD)];
    let text = String::from_utf8_lossy(head);
    let mut lines = text
        .trim_start_matches('\u{FEFF}')
        .lines()
        .skip_while(|l| l.trim().is_empty());
    lines
        .next()
        .is_some_and(|first| first.starts_with("Package:"))
        && lines.take_while(|l| !l.trim().is_empty()).any(|l| {
            l.strip_prefix("Status:")
                .is_some_and(|s| s.split_ascii_whitespace().count() == 3)
        })
}

/// The fields of one stanza that matter, borrowed from the file.
#[derive(Default)]
struct Stanza<'a> {
    /// 1-based line of its first field.
    line: u64,
    package: Option<&'a str>,
    status: Option<&'a str>,
    version: Option<&'a str>,
    architecture: Option<&'a str>,
    source: Option<&'a str>,
    /// The first line that is neither a field nor a continuation.
    bad_line: Option<(u64, &'a str)>,
}

impl<'a> Stanza<'a> {
    fn read_line(&mut self, number: u64, line: &'a str) {
        if self.line == 0 {
            self.line = number;
        }
        if line.starts_with([' ', '\t', '#']) {
            return;
        }
        let Some((name, value)) = line.split_once(':') else {
            self.bad_line.get_or_insert((number, line));
            return;
        };
        let field = match name.len() {
            7 if name.eq_ignore_ascii_case("package") => &mut self.package,
            6 if name.eq_ignore_ascii_case("status") => &mut self.status,
            7 if name.eq_ignore_ascii_case("version") => &mut self.version,
            12 if name.eq_ignore_ascii_case("architecture") => &mut self.architecture,
            6 if name.eq_ignore_ascii_case("source") => &mut self.source,
            _ => return,
        };
        let value = value.trim();
        if !value.is_empty() {
            *field = Some(value);
        }
    }

    fn has_overlong_field(&self) -> bool {
        let fields = [self.package, self.version, self.architecture, self.source];
        let is_overlong = |field: &str| FIELD_BYTES.is_exceeded_by(field.len() as u64);
        fields.into_iter().flatten().any(is_overlong)
    }
}

/// The stanzas of a file: runs of lines between blank ones.
struct Stanzas<'a, I: Iterator<Item = (u64, &'a str)>> {
    lines: I,
}

impl<'a> Stanzas<'a, std::iter::Empty<(u64, &'a str)>> {
    fn new(text: &'a str) -> Stanzas<'a, impl Iterator<Item = (u64, &'a str)>> {
        Stanzas {
            lines: text::numbered_lines(text),
        }
    }
}

impl<'a, I: Iterator<Item = (u64, &'a str)>> Iterator for Stanzas<'a, I> {
    type Item = Stanza<'a>;

    fn next(&mut self) -> Option<Stanza<'a>> {
        let mut stanza = Stanza::default();
        for (number, line) in self.lines.by_ref() {
            if !line.trim().is_empty() {
                stanza.read_line(number, line);
            } else if stanza.line > 0 {
                return Some(stanza);
            }
        }
        (stanza.line > 0).then_some(stanza)
    }
}

/// What dpkg has put on the disk, at least in part: everything but `not-installed` and `config-files` (dpkg(1), "Package states").
fn is_present(status: &str) -> Option<bool> {
    match status.split_ascii_whitespace().nth(2)? {
        "installed" | "unpacked" | "half-installed" | "half-configured" | "triggers-awaited"
        | "triggers-awaiting" | "triggers-pending" => Some(true),
        "not-installed" | "config-files" => Some(false),
        _ => None,
    }
}

struct Reader<'a> {
    path: &'a str,
    /// Each with whether its stanza had a `Status`.
    found: Vec<(Package, bool)>,
    any_status: bool,
    notes: Notes,
}

impl<'a> Reader<'a> {
    fn new(path: &'a str) -> Self {
        Self {
            path,
            found: Vec::new(),
            any_status: false,
            notes: Notes::default(),
        }
    }

    fn note(&mut self, line: u64, what: impl Into<String>) {
        self.notes.warn(line, what);
    }

    fn add(&mut self, stanza: &Stanza<'_>) {
        if let Some((number, line)) = stanza.bad_line {
            self.note(number, format!("not a field: {}", text::excerpt(line)));
        }
        self.any_status |= stanza.status.is_some();
        let Some(name) = stanza.package else {
            self.note(stanza.line, "a stanza without Package was left out");
            return;
        };
        // Packages that others only mention leave stanzas with a name and nothing else.
        let is_mention = stanza.version.is_none() && stanza.status.is_none();
        if is_mention || !self.counts_as_present(stanza) {
            return;
        }
        if stanza.has_overlong_field() {
            let note = Note::warning("a package with an overlong field was left out");
            self.notes
                .push(note.at_line(stanza.line).because_of(FIELD_BYTES));
            return;
        }
        if stanza.version.is_none() {
            self.note(stanza.line, format!("no Version: {name}"));
        }
        let has_status = stanza.status.is_some();
        self.found
            .push((package(stanza, name, self.path), has_status));
    }

    /// A status dpkg does not have counts as present: a package too many is seen, one too few is not.
    fn counts_as_present(&mut self, stanza: &Stanza<'_>) -> bool {
        let Some(status) = stanza.status else {
            return true;
        };
        is_present(status).unwrap_or_else(|| {
            let shown = text::excerpt(status);
            self.note(
                stanza.line,
                format!("unknown status, kept as installed: {shown}"),
            );
            true
        })
    }

    /// A stanza without `Status` counts as installed only in a file that has none at all (status.d); in the database
    /// itself dpkg takes it for not installed, and so do we, with a note.
    fn finish(mut self) -> Parsed<Listing> {
        let any_status = self.any_status && !self.path.contains("/status.d/");
        let mut packages = Vec::with_capacity(self.found.len());
        for (package, has_status) in self.found {
            if has_status || !any_status {
                packages.push(package);
            } else {
                let note = Note::warning(format!("no Status, so not installed: {}", package.name));
                let line = package.locations.first().and_then(|l| l.line);
                self.notes
                    .push(line.map_or(note.clone(), |l| note.at_line(l)));
            }
        }
        if packages.is_empty() && !self.any_status && !self.notes.is_empty() {
            self.notes.push(Note::error("no package could be read"));
        }
        let listing = Listing {
            packages,
            ..Listing::default()
        };
        Parsed {
            value: listing,
            notes: self.notes.into_vec(),
        }
    }
}

fn package(stanza: &Stanza<'_>, name: &str, path: &str) -> Package {
    let version = stanza.version.map(str::to_owned);
    Package {
        ecosystem: Some(PackageManager::Deb.ecosystem()),
        source: Some(source(stanza.source.unwrap_or(name), &version)),
        arch: stanza.architecture.map(str::to_owned),
        ..Package::new(name, version, Location::line(path, stanza.line))
    }
}

/// `Source: name (version)`; the version is given only when it differs from the binary's.
fn source(field: &str, binary_version: &Option<String>) -> Source {
    let (name, version) = match field.split_once('(') {
        Some((name, rest)) => (
            name.trim(),
            Some(rest.trim_end().trim_end_matches(')').trim().to_owned()),
        ),
        None => (field, None),
    };
    Source {
        name: name.to_owned(),
        version: version
            .filter(|v| !v.is_empty())
            .or_else(|| binary_version.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "var/lib/dpkg/status";

    /// `name version arch source source-version`, one a package.
    fn check_at(path: &str, text: &str, expected: &[&str]) {
        let input = Input {
            path,
            bytes: text.as_bytes(),
        };
        let found = Dpkg.parse(&input).value.packages.into_iter().map(|p| {
            let source = p.source.expect("every deb has one");
            let fields = [
                Some(p.name),
                p.version,
                p.arch,
                Some(source.name),
                source.version,
            ];
            fields
                .map(|f| f.unwrap_or_else(|| "-".to_owned()))
                .join(" ")
        });
        assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
    }

    fn check(text: &str, expected: &[&str]) {
        check_at(STATUS, text, expected);
    }

    /// The reader as a whole was compared with `dpkg-query -W` over the status file of a build machine: 707 packages, equal
    /// in name, version, architecture, source package and source version.
    #[test]
    fn only_what_is_on_the_disk_counts() {
        let stanza = |status: &str| format!("Package: a\nStatus: {status}\nVersion: 1\n");
        for present in [
            "installed",
            "unpacked",
            "half-installed",
            "half-configured",
            "triggers-awaited",
            "triggers-pending",
        ] {
            check(&stanza(&format!("install ok {present}")), &["a 1 - a 1"]);
        }
        for absent in ["not-installed", "config-files"] {
            check(&stanza(&format!("deinstall ok {absent}")), &[]);
        }
        check(&stanza("hold reinstreq half-installed"), &["a 1 - a 1"]);
    }

    #[test]
    fn the_source_field_names_another_package_and_perhaps_another_version() {
        let stanza = |source: &str| {
            format!("Package: a\nStatus: install ok installed\nVersion: 2\n{source}\n")
        };
        check(&stanza("Source: b"), &["a 2 - b 2"]);
        check(&stanza("Source: b (1:1.5-2)"), &["a 2 - b 1:1.5-2"]);
        check(&stanza("source:b(3)"), &["a 2 - b 3"]);
        check(&stanza("Source: b ()"), &["a 2 - b 2"]);
        check(&stanza("Source:"), &["a 2 - a 2"]);
    }

    #[test]
    fn lines_that_go_on_are_no_fields() {
        check(
            "Package: a\nStatus: install ok installed\nDescription: x\n .\n Version: 9\n\tSource: z\nVersion: 1\nArchitecture: all\n",
            &["a 1 all a 1"],
        );
    }

    #[test]
    fn stanzas_end_at_blank_lines_however_they_are_written() {
        let both = ["a 1 - a 1", "b 2 - b 2"];
        let stanza = |name: &str, version: &str, end: &str| {
            format!("Package: {name}{end}Status: install ok installed{end}Version: {version}{end}")
        };
        for (end, between) in [("\n", "\n"), ("\r\n", "\r\n"), ("\n", " \t\n\n\n")] {
            check(
                &format!(
                    "{between}{}{between}{}{between}",
                    stanza("a", "1", end),
                    stanza("b", "2", end)
                ),
                &both,
            );
        }
        check(&format!("\u{FEFF}{}", stanza("a", "1", "\n")), &both[..1]);
    }

    #[test]
    fn a_stanza_without_status_counts_where_no_stanza_has_one() {
        let bare = "Package: a\nVersion: 1\n";
        check_at("var/lib/dpkg/status.d/a", bare, &["a 1 - a 1"]);
        check(bare, &["a 1 - a 1"]);
        let mixed = format!("{bare}\nPackage: b\nStatus: install ok installed\nVersion: 2\n");
        check(&mixed, &["b 2 - b 2"]);
        check_at(
            "var/lib/dpkg/status.d/a",
            &mixed,
            &["a 1 - a 1", "b 2 - b 2"],
        );
    }

    #[test]
    fn the_database_is_known_by_its_place_or_its_content() {
        let wanted = [
            "var/lib/dpkg/status",
            "/usr/lib/dpkg/status",
            "x/var/lib/dpkg/status.d/libc6",
        ];
        assert!(wanted.into_iter().all(|p| Dpkg.wants(p)));
        let others = [
            "var/lib/dpkg/status-old",
            "var/lib/dpkg/status.d/a.md5sums",
            "var/lib/opkg/status",
            "status",
            "lib/dpkg/status.d/x/y",
        ];
        assert!(!others.into_iter().any(|p| Dpkg.wants(p)));
        let recognise = |path, text: &str| {
            Dpkg.recognise(&Input {
                path,
                bytes: text.as_bytes(),
            })
        };
        assert!(recognise(
            "copy.txt",
            "\nPackage: a\nStatus: install ok installed\n"
        ));
        assert!(!recognise(
            "Packages",
            "Package: a\nVersion: 1\n\nPackage: b\nStatus: install ok installed\n"
        ));
        assert!(!recognise(
            "var/lib/opkg/status",
            "Package: a\nStatus: install ok installed\n"
        ));
    }
}
