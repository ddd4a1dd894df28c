//! The apk database of Alpine and its kin: `/lib/apk/db/installed`.
//!
//! One letter a field (<https://wiki.alpinelinux.org/wiki/Apk_spec#Install_DB>), a blank line between packages.

use base::{Limit, Note, Parsed};

use super::notes::Notes;
use super::{Format, Input, Listing, text};
use crate::{HostKind, Location, Package, PackageManager, Source};

/// The most packages read from one database; Alpine has about 30,000 in all.
const PACKAGES: Limit = Limit::new("apk-packages", 200_000);
/// The longest field value that can be a name, version or architecture.
const FIELD_BYTES: Limit = Limit::new("apk-field-bytes", 1024);

/// Packages of Alpine, Wolfi and Chainguard.
pub struct Apk;

impl Format for Apk {
    fn id(&self) -> &'static str {
        "apk"
    }

    fn about(&self) -> &'static str {
        "installed packages of Alpine, Wolfi and Chainguard: lib/apk/db/installed"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        path.ends_with("lib/apk/db/installed")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || looks_installed(input.bytes)
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut reader = Reader {
            path: input.path,
            ..Reader::default()
        };
        reader.notes.extend(note);
        let mut record = Record::default();
        for (number, line) in text::numbered_lines(&text) {
            if line.trim().is_empty() {
                reader.add(std::mem::take(&mut record));
            } else if let Some(bad) = record.read_line(number, line) {
                reader.notes.push(
                    Note::warning(format!("not a field: {}", text::excerpt(bad))).at_line(number),
                );
            }
            if PACKAGES.is_exceeded_by(reader.packages.len() as u64 + 1) {
                reader
                    .notes
                    .push(Note::warning("more packages were left out").because_of(PACKAGES));
                record = Record::default();
                break;
            }
        }
        reader.add(record);
        let mut parsed = reader.finish();
        parsed.value.owned = owned(input.path, &text);
        parsed
    }
}

/// The files of all packages that other formats would read: `F:` names a folder, `R:` a file in it.
fn owned(path: &str, text: &str) -> Vec<String> {
    let root = path
        .strip_suffix("lib/apk/db/installed")
        .unwrap_or_default();
    let root = root.strip_suffix("usr/").unwrap_or(root);
    let mut folder = "";
    let mut files = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("F:") {
            folder = name;
        } else if let Some(name) = line.strip_prefix("R:") {
            let file = format!("{root}{folder}/{name}");
            if super::is_artefact(&file) && !FIELD_BYTES.is_exceeded_by(file.len() as u64) {
                files.push(file);
            }
        }
    }
    files
}

/// A file of any name that begins with the checksum, name and version fields of a record, or some of them.
fn looks_installed(bytes: &[u8]) -> bool {
    const HEAD: usize = 4096;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
    let record: Vec<&str> = text
        .lines()
        .skip_while(|l| l.trim().is_empty())
        .take_while(|l| !l.trim().is_empty())
        .collect();
    let has = |field: &str| record.iter().any(|l| l.starts_with(field));
    let letters =
        |l: &&str| l.as_bytes().get(1) == Some(&b':') && l.as_bytes()[0].is_ascii_alphabetic();
    record.iter().take(3).all(letters) && has("P:") && has("V:")
}

/// The fields of one package that matter, borrowed from the file.
#[derive(Default)]
struct Record<'a> {
    /// 1-based line of its first field; 0 before there is one.
    line: u64,
    name: Option<&'a str>,
    version: Option<&'a str>,
    arch: Option<&'a str>,
    origin: Option<&'a str>,
}

impl<'a> Record<'a> {
    /// Takes one line; gives it back if it is no field.
    fn read_line(&mut self, number: u64, line: &'a str) -> Option<&'a str> {
        let (key, value) = match line.as_bytes() {
            [key, b':', ..] => (key, line[2..].trim()),
            _ => return Some(line),
        };
        if self.line == 0 {
            self.line = number;
        }
        match key {
            b'P' => self.name = Some(value),
            b'V' => self.version = Some(value),
            b'A' => self.arch = Some(value),
            b'o' => self.origin = Some(value),
            _ => {}
        }
        None
    }
}

#[derive(Default)]
struct Reader<'a> {
    path: &'a str,
    packages: Vec<Package>,
    notes: Notes,
}

impl Reader<'_> {
    fn add(&mut self, record: Record<'_>) {
        if record.line == 0 {
            return;
        }
        let Some(name) = record.name.filter(|n| !n.is_empty()) else {
            self.notes
                .push(Note::warning("a package without a name was left out").at_line(record.line));
            return;
        };
        let fields = [Some(name), record.version, record.arch, record.origin];
        if fields
            .into_iter()
            .flatten()
            .any(|v| FIELD_BYTES.is_exceeded_by(v.len() as u64))
        {
            let note = Note::warning("a package with an overlong field was left out");
            self.notes
                .push(note.at_line(record.line).because_of(FIELD_BYTES));
            return;
        }
        let some = |field: Option<&str>| field.filter(|v| !v.is_empty()).map(str::to_owned);
        let version = some(record.version);
        if version.is_none() {
            self.notes
                .push(Note::warning(format!("no version: {name}")).at_line(record.line));
        }
        self.packages.push(Package {
            ecosystem: Some(PackageManager::Apk.ecosystem()),
            source: Some(Source {
                name: some(record.origin).unwrap_or_else(|| name.to_owned()),
                version: version.clone(),
            }),
            arch: some(record.arch),
            ..Package::new(name, version, Location::line(self.path, record.line))
        });
    }

    fn finish(mut self) -> Parsed<Listing> {
        if self.packages.is_empty() && !self.notes.is_empty() {
            self.notes.push(Note::error("no package could be read"));
        }
        let listing = Listing {
            packages: self.packages,
            ..Listing::default()
        };
        Parsed {
            value: listing,
            notes: self.notes.into_vec(),
        }
    }
}
