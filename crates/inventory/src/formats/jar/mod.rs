//! Java archives: what is in them, by the `pom.properties` that Maven puts there, and archives within archives.
//!
//! The format is ZIP with a manifest (<https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html>). One archive may
//! hold many libraries: as files in it (`WEB-INF/lib`, `BOOT-INF/lib`), or unpacked into it ("shaded"), where the
//! `META-INF/maven/GROUP/ARTIFACT/pom.properties` of each remains. Every one is a package.

mod archive;
mod identity;
mod manifest;
mod pom;

use base::{Limit, Note, Parsed};

use self::archive::{Archive, Budget};
use self::identity::Identity;
use self::pom::Coordinates;
use super::notes::Notes;
use super::{Format, Input, Listing, installed, text};
use crate::{HostKind, Location, Package};

/// Archives within archives: an application holds modules, these libraries, these (Spark, Jenkins) further ones.
const DEPTH: Limit = Limit::new("jar-depth", 8);
/// The most packages taken from one file.
const PACKAGES: Limit = Limit::new("jar-packages", 100_000);

const EXTENSIONS: [&str; 10] = [
    ".jar", ".war", ".ear", ".jpi", ".hpi", ".aar", ".par", ".sar", ".kar", ".nar",
];

/// Java archives.
pub struct Jar;

impl Format for Jar {
    fn id(&self) -> &'static str {
        "jar"
    }

    fn about(&self) -> &'static str {
        "a Java archive (.jar, .war, .ear, .hpi, .aar), with the archives in it"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        has_extension(path)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        // A broken one is to be noted, not passed over.
        let is_named_so = has_extension(input.path) && input.bytes.starts_with(b"PK");
        is_named_so
            || (archive::is_zip(input.bytes)
                && (has_extension(input.path) || archive::is_java(input.bytes)))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let mut reader = Reader {
            budget: Budget::default(),
            packages: Vec::new(),
            notes: Notes::default(),
            groupless: Count::default(),
            nameless: Count::default(),
        };
        reader.read(input.path, input.bytes, 1);
        reader.count_unknown();
        if !reader.packages.is_empty() {
            reader.notes.soften();
        }
        Parsed {
            value: Listing {
                packages: reader.packages,
                ..Listing::default()
            },
            notes: reader.notes.into_vec(),
        }
    }
}

fn has_extension(path: &str) -> bool {
    let at = path.rfind('.').unwrap_or(path.len());
    EXTENSIONS
        .iter()
        .any(|e| path[at..].eq_ignore_ascii_case(e))
}

struct Reader {
    budget: Budget,
    packages: Vec<Package>,
    notes: Notes,
    /// Libraries listed without an ecosystem.
    groupless: Count,
    /// Archives with classes that do not say what they are.
    nameless: Count,
}

/// How many there were, and the first.
#[derive(Default)]
struct Count {
    number: u64,
    first: String,
}

impl Count {
    fn add(&mut self, path: &str) {
        if self.number == 0 {
            let file = path.rsplit(['/', '!']).next().unwrap_or(path);
            self.first = text::excerpt(file);
        }
        self.number += 1;
    }
}

impl Reader {
    /// One archive, and those in it. `path` is the way to it: `app.war!WEB-INF/lib/a.jar`.
    fn read(&mut self, path: &str, bytes: &[u8], depth: u64) {
        let mut archive = match Archive::open(bytes, &mut self.budget) {
            Ok(archive) => archive,
            Err(note) => return self.notes.push(note.in_file(path)),
        };
        if let Some(note) = archive.repeated() {
            self.notes.push(note.in_file(path));
        }
        let found = self.coordinates(path, &mut archive);
        if found.is_empty() {
            self.identify(path, &mut archive);
        }
        for coordinates in found {
            self.take(path, &coordinates);
        }
        self.read_nested(path, &mut archive, depth);
    }

    /// What Maven's own files say, `pom.xml` only where `pom.properties` is not beside it.
    fn coordinates(&mut self, path: &str, archive: &mut Archive<'_>) -> Vec<Coordinates> {
        let mut found = Vec::new();
        for index in archive.poms() {
            let member = archive.name(index).to_owned();
            let bytes = match archive.small(index, &mut self.budget) {
                Ok(bytes) => bytes,
                Err(note) => {
                    self.notes.push(note.in_file(format!("{path}!{member}")));
                    continue;
                }
            };
            let mut coordinates = if member.ends_with(".xml") {
                pom::of_xml(&bytes)
            } else {
                pom::of_properties(&bytes)
            };
            coordinates.complete_from_path(&member);
            found.push(coordinates);
        }
        // `${revision}` of a pom.xml, which only the build knew.
        if let [only] = found.as_mut_slice()
            && only.version.is_none()
        {
            only.version = identity::version_of_file(path, &only.artifact);
        }
        found
    }

    /// An archive that Maven did not write.
    fn identify(&mut self, path: &str, archive: &mut Archive<'_>) {
        let manifest = match archive.manifest(&mut self.budget) {
            Ok(manifest) => manifest,
            Err(note) => {
                self.notes.push(note.in_file(path));
                return;
            }
        };
        let manifest = manifest::read(&manifest.unwrap_or_default());
        match identity::identify(path, &manifest, archive) {
            Some(Identity {
                artifact,
                group: Some(group),
                version,
            }) => self.take(
                path,
                &Coordinates {
                    group,
                    artifact,
                    version,
                },
            ),
            // Nothing of its own that could be vulnerable: an application around its libraries, a starter of Spring Boot.
            _ if !archive.has_classes() => {}
            Some(Identity {
                artifact, version, ..
            }) => {
                self.groupless.add(path);
                if !self.is_full() {
                    // It cannot be matched; it is listed, so that this is seen.
                    let place = Location::file(path);
                    self.packages.push(Package::new(artifact, version, place));
                }
            }
            None => self.nameless.add(path),
        }
    }

    fn count_unknown(&mut self) {
        let counts = [
            ("no Maven group is known, so not matched", &self.groupless),
            ("nothing says which library this is", &self.nameless),
        ];
        for (what, count) in counts {
            if count.number > 0 {
                let Count { number, first } = count;
                self.notes
                    .push(Note::info(format!("{what}: {number}, such as {first}")));
            }
        }
    }

    fn take(&mut self, path: &str, found: &Coordinates) {
        if self.is_full() {
            return;
        }
        let Coordinates {
            group,
            artifact,
            version,
        } = found;
        let version = version.as_deref().unwrap_or_default();
        if group.is_empty() || artifact.is_empty() {
            return self
                .notes
                .push(Note::warning("a pom without group or artifact").in_file(path));
        }
        match installed::package("maven", Some(group), artifact, version, path) {
            Some(package) => self.packages.push(package),
            None => {
                let note = installed::unclear(&format!("{group}:{artifact}"), version);
                self.notes.push(note.in_file(path));
            }
        }
    }

    fn is_full(&mut self) -> bool {
        let is_full = PACKAGES.is_exceeded_by(self.packages.len() as u64 + 1);
        if is_full && self.budget.is_first_excess() {
            self.notes
                .push(Note::warning("more packages were left out").because_of(PACKAGES));
        }
        is_full
    }

    fn read_nested(&mut self, path: &str, archive: &mut Archive<'_>, depth: u64) {
        for index in archive.members(has_extension) {
            let inner = format!("{path}!{}", archive.shown_name(index));
            if DEPTH.is_exceeded_by(depth + 1) {
                let note = Note::warning("too many archives within archives, not looked into");
                self.notes.push(note.in_file(inner).because_of(DEPTH));
                return;
            }
            match archive.nested(index, &mut self.budget) {
                Ok(bytes) => {
                    self.read(&inner, &bytes, depth + 1);
                    self.budget.let_go(&bytes);
                }
                Err(note) => self.notes.push(note.in_file(inner)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn jar(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn check_limit(bytes: &[u8], limit: &str) {
        let path = "x.jar";
        let notes = Jar.parse(&Input { path, bytes }).notes;
        let found = notes
            .iter()
            .any(|n| n.limit.is_some_and(|l| l.name == limit));
        assert!(found, "{limit}: {notes:?}");
    }

    #[test]
    fn archives_within_archives_end_and_the_limit_is_named() {
        let mut nested = jar(&[]);
        for _ in 0..DEPTH.max {
            nested = jar(&[("lib/n.jar", &nested)]);
        }
        check_limit(&nested, "jar-depth");
    }

    #[test]
    fn archives_that_are_open_at_once_share_one_limit() {
        let zeros = jar(&[("zeros", &vec![0; 300 << 20])]);
        let stored = |bytes: &[u8]| {
            let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
            let as_is = SimpleFileOptions::default();
            writer.start_file("lib/n.jar", as_is).unwrap();
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap().into_inner()
        };
        // 300 MiB of zeros before an archive still end as one, and press to nothing.
        let mut bomb = zeros;
        for _ in 0..2 {
            let mut padded = b"#!".to_vec();
            padded.resize(300 << 20, 0);
            padded.extend(&bomb);
            bomb = stored(&padded);
        }
        check_limit(&bomb, "jar-nested-bytes");
    }

    #[test]
    fn a_text_that_unpacks_to_megabytes_is_left_out_and_the_limit_is_named() {
        let zeros = vec![0; 5 << 20];
        check_limit(&jar(&[("META-INF/MANIFEST.MF", &zeros)]), "jar-text-bytes");
        check_limit(&jar(&[("a/pom.properties", &zeros)]), "jar-text-bytes");
    }

    #[test]
    fn an_archive_is_known_by_its_content_whatever_its_name() {
        let recognise = |bytes: &[u8]| Jar.recognise(&Input { path: "x", bytes });
        assert!(recognise(&jar(&[("META-INF/MANIFEST.MF", b"")])));
        assert!(recognise(&jar(&[("lib/a.jar", b"")])));
        assert!(!recognise(&jar(&[("a.txt", b"")])));
        assert!(!recognise(b"PK\x03\x04 and nothing more"));
    }
}
