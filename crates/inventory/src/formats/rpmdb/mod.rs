//! The rpm database: `rpmdb.sqlite` of rpm 4.16 and later, the Berkeley DB `Packages` before it and SUSE's `Packages.db`,
//! in `/var/lib/rpm` or `/usr/lib/sysimage/rpm`.
//!
//! All three hold the same header blobs (<https://rpm-software-management.github.io/rpm/manual/format_header.html>).

mod berkeley;
mod header;
mod ndb;
mod sqlite;

use base::{Level, Limit, Note, Parsed};

use self::header::Header;
use super::notes::Notes;
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
    if bytes.starts_with(sqlite::MAGIC) {
        Some(Layout::Sqlite)
    } else if bytes.starts_with(ndb::MAGIC) {
        Some(Layout::Ndb)
    } else {
        berkeley::looks_like(bytes).then_some(Layout::BerkeleyDb)
    }
}

impl Format for RpmDb {
    fn id(&self) -> &'static str {
        "rpmdb"
    }

    fn about(&self) -> &'static str {
        "installed packages of Red Hat, AlmaLinux, Rocky, SUSE and other rpm systems: rpmdb.sqlite, Packages or Packages.db"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        ["rpm/rpmdb.sqlite", "rpm/Packages", "rpm/Packages.db"]
            .iter()
            .any(|end| path.ends_with(end))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        match layout(input.bytes) {
            Some(Layout::Sqlite) => {
                self.wants(input.path)
                    || input.file_name() == "rpmdb.sqlite"
                    || sqlite::has_packages(input.bytes)
            }
            Some(Layout::Ndb) => true,
            Some(Layout::BerkeleyDb) => input.file_name().starts_with("Packages"),
            None => self.wants(input.path),
        }
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let mut packages = Vec::new();
        let mut notes = Notes::default();
        let take = |number: i64, blob: &[u8]| match Header::parse(blob) {
            Ok(header) => packages.extend(package(&header, number, input.path, &mut notes)),
            Err(what) => notes.push(Note::warning(format!(
                "package {number} was left out: {what}"
            ))),
        };
        let stopped = match layout(input.bytes) {
            Some(Layout::Sqlite) => sqlite::each_blob(input.bytes, PACKAGES, take),
            Some(Layout::BerkeleyDb) => berkeley::each_blob(input.bytes, PACKAGES, take),
            Some(Layout::Ndb) => ndb::each_blob(input.bytes, PACKAGES, take),
            None => Err(Note::error("not an rpm database")),
        };
        if let Err(note) = stopped {
            // What was read before the break is kept, and then the file as a whole was not lost.
            let level = if packages.is_empty() {
                note.level
            } else {
                Level::Warning
            };
            notes.push(Note { level, ..note });
        }
        let listing = Listing {
            packages,
            ..Listing::default()
        };
        Parsed {
            value: listing,
            notes: notes.into_vec(),
        }
    }
}

/// The header blobs of a database on their way out, bounded in number and in bytes.
struct Blobs<F> {
    take: F,
    left: u64,
    limit: Limit,
    /// A sound file cannot hold more blob bytes than it has; one whose pages point at each other can seem to.
    bytes_left: usize,
}

impl<F: FnMut(i64, &[u8])> Blobs<F> {
    const fn new(file_bytes: usize, limit: Limit, take: F) -> Self {
        Self {
            take,
            left: limit.max,
            limit,
            bytes_left: file_bytes,
        }
    }

    fn take(&mut self, number: i64, blob: &[u8]) -> Result<(), Note> {
        let out_of_packages =
            || Note::warning("more packages were left out").because_of(self.limit);
        self.left = self.left.checked_sub(1).ok_or_else(out_of_packages)?;
        let overlap = || Note::error("the pages of the database overlap");
        self.bytes_left = self
            .bytes_left
            .checked_sub(blob.len())
            .ok_or_else(overlap)?;
        (self.take)(number, blob);
        Ok(())
    }
}

/// `None` for signing keys, which rpm keeps in the same table.
fn package(header: &Header<'_>, number: i64, path: &str, notes: &mut Notes) -> Option<Package> {
    let Some(name) = header.text(header::NAME) else {
        notes.push(Note::warning(format!(
            "package {number} was left out: no name"
        )));
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
