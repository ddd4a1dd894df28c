//! The rpm database: `rpmdb.sqlite` of rpm 4.16 and later, in `/var/lib/rpm` or `/usr/lib/sysimage/rpm`.
//!
//! A table of header blobs (<https://rpm-software-management.github.io/rpm/manual/format_header.html>). The older Berkeley DB
//! and ndb files are recognised and said not to be read.

mod header;
mod sqlite;

use base::{Limit, Note, Parsed};

use self::header::Header;
use super::{Format, Input, Listing, purl_package};
use crate::{HostKind, Location, Package, PackageManager};

/// The most packages read from one database; Fedora has about 70,000 in all.
const PACKAGES: Limit = Limit::new("rpm-packages", 200_000);

/// Packages of Red Hat, AlmaLinux, Rocky, SUSE and their kin.
pub struct RpmDb;

/// How the file on the disk is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Sqlite,
    BerkeleyDb,
    Ndb,
}

/// The layout the bytes show.
fn layout(bytes: &[u8]) -> Option<Layout> {
    /// `DB_HASHMAGIC`, at offset 12 in the byte order of the machine that wrote it.
    const HASH_MAGIC: u32 = 0x0006_1561;
    let word = |at: usize| bytes.get(at..at + 4)?.first_chunk::<4>().copied();
    if bytes.starts_with(b"SQLite format 3\0") {
        Some(Layout::Sqlite)
    } else if bytes.starts_with(b"RpmP") {
        Some(Layout::Ndb)
    } else if word(12).is_some_and(|w| u32::from_le_bytes(w) == HASH_MAGIC || u32::from_be_bytes(w) == HASH_MAGIC) {
        Some(Layout::BerkeleyDb)
    } else {
        None
    }
}

impl Format for RpmDb {
    fn id(&self) -> &'static str {
        "rpmdb"
    }

    fn about(&self) -> &'static str {
        "installed packages of Red Hat, AlmaLinux, Rocky, SUSE and other rpm systems: rpmdb.sqlite"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        ["rpm/rpmdb.sqlite", "rpm/Packages", "rpm/Packages.db"].iter().any(|end| path.ends_with(end))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        match layout(input.bytes) {
            Some(Layout::Sqlite) => self.wants(input.path) || input.file_name() == "rpmdb.sqlite" || sqlite::has_packages(input.bytes),
            Some(Layout::Ndb) => true,
            Some(Layout::BerkeleyDb) => input.file_name().starts_with("Packages"),
            None => self.wants(input.path),
        }
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let refused = |what: &str| Parsed {
            value: Listing::default(),
            notes: vec![Note::error(what)],
        };
        match layout(input.bytes) {
            Some(Layout::Sqlite) => read(input),
            Some(Layout::BerkeleyDb) => refused("not read yet: Berkeley DB rpmdb"),
            Some(Layout::Ndb) => refused("not read yet: ndb rpmdb"),
            None => refused("not an rpm database"),
        }
    }
}

fn read(input: &Input<'_>) -> Parsed<Listing> {
    let mut listing = Listing::default();
    let mut notes = Vec::new();
    let stopped = sqlite::each_blob(input.bytes, PACKAGES, |number, blob| match Header::parse(blob) {
        Ok(header) => listing.packages.extend(package(&header, number, input.path, &mut notes)),
        Err(what) => notes.push(Note::warning(format!("package {number} was left out: {what}"))),
    });
    if let Err(note) = stopped {
        notes.push(if listing.packages.is_empty() { note } else { Note { level: base::Level::Warning, ..note } });
    }
    Parsed { value: listing, notes }
}

/// `None` for signing keys, which rpm keeps in the same table.
fn package(header: &Header<'_>, number: i64, path: &str, notes: &mut Vec<Note>) -> Option<Package> {
    let Some(name) = header.text(header::NAME) else {
        notes.push(Note::warning(format!("package {number} was left out: no name")));
        return None;
    };
    if name == "gpg-pubkey" {
        return None;
    }
    let version = version(header);
    if version.is_none() {
        notes.push(Note::warning(format!("no version: {name}")));
    }
    let source = header
        .text(header::SOURCERPM)
        .and_then(|file| purl_package::source_rpm(&file, version.as_deref()));
    Some(Package {
        ecosystem: Some(PackageManager::Rpm.ecosystem()),
        source,
        arch: header.text(header::ARCH).filter(|a| a != "(none)"),
        module: header.text(header::MODULARITYLABEL),
        ..Package::new(name, version, Location::file(path))
    })
}

/// `[epoch:]version-release`; an epoch of zero is left out, as rpm prints it.
fn version(header: &Header<'_>) -> Option<String> {
    let version = header.text(header::VERSION)?;
    let full = match header.text(header::RELEASE) {
        Some(release) => format!("{version}-{release}"),
        None => version,
    };
    let epoch = header.number(header::EPOCH).map(|e| e.to_string());
    Some(purl_package::with_epoch(&full, epoch.as_deref()))
}
