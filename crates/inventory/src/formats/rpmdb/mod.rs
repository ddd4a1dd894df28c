//! The rpm database: `rpmdb.sqlite` of rpm 4.16 and later, the Berkeley DB `Packages` before it and SUSE's `Packages.db`,
//! in `/var/lib/rpm` or `/usr/lib/sysimage/rpm`.
//!
//! All three hold the same header blobs (<https://rpm-software-management.github.io/rpm/manual/format_header.html>).

mod berkeley;
mod files;
mod header;
mod ndb;
mod sqlite;

pub use self::files::each_file;

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

#[cfg(test)]
mod tests {
    use super::*;

    const SQLITE: &[u8] =
        include_bytes!("../../../testdata/rpmdb/almalinux-9/var/lib/rpm/rpmdb.sqlite");
    const BERKELEY: &[u8] =
        include_bytes!("../../../testdata/rpmdb/berkeley-db/var/lib/rpm/Packages");
    const NDB: &[u8] =
        include_bytes!("../../../testdata/rpmdb/ndb/usr/lib/sysimage/rpm/Packages.db");

    /// What rpm 4.18 printed for the database: `rpm -qa --qf '%{NAME}|%{EPOCH}:%{VERSION}-%{RELEASE}|%{ARCH}|%{SOURCERPM}|%{MODULARITYLABEL}\n'`,
    /// in the order of installation and with `(none)` left out. The other two layouts were made from the same headers, by
    /// `db_load` and by hand after rpmpkg.c.
    const RPM_QA: [&str; 6] = [
        "almalinux-release|9.4-1.el9|x86_64|almalinux-release-9.4-1.el9.src.rpm|",
        "bash|5.1.8-9.el9|x86_64|bash-5.1.8-9.el9.src.rpm|",
        "dbus-libs|1:1.12.20-8.el9|x86_64|dbus-1.12.20-8.el9.src.rpm|",
        "dbus|1:1.12.20-8.el9|x86_64|dbus-1.12.20-8.el9.src.rpm|",
        "nodejs|1:18.19.1-1.module_el9.3.0+60+1b3a|x86_64|nodejs-18.19.1-1.module_el9.3.0+60+1b3a.src.rpm|nodejs:18:9030020240301111042:rhel9",
        "python3-libs|3.9.18-3.el9|x86_64|dbus-1.12.20-8.el9.src.rpm|",
    ];

    fn check(path: &str, bytes: &[u8], expected: &[&str]) {
        let parsed = RpmDb.parse(&Input { path, bytes });
        assert_eq!(parsed.notes, []);
        let line = |p: Package| {
            let source = p.source.expect("every rpm here has one");
            let version = source.version.expect("a source rpm's name has one");
            let without_epoch = version.split_once(':').map_or(version.as_str(), |(_, v)| v);
            let fields = [
                p.name,
                p.version.unwrap_or_default(),
                p.arch.unwrap_or_default(),
                format!("{}-{without_epoch}.src.rpm", source.name),
                p.module.unwrap_or_default(),
            ];
            fields.join("|")
        };
        let mut found: Vec<String> = parsed.value.packages.into_iter().map(line).collect();
        let mut expected: Vec<&str> = expected.to_vec();
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{path}");
    }

    #[test]
    fn every_layout_reads_as_rpm_itself_reads_it() {
        check("var/lib/rpm/rpmdb.sqlite", SQLITE, &RPM_QA);
        check("var/lib/rpm/Packages", BERKELEY, &RPM_QA);
        check("usr/lib/sysimage/rpm/Packages.db", NDB, &RPM_QA[..3]);
    }

    #[test]
    fn a_database_is_known_by_its_content_whatever_its_name() {
        let recognise = |path, bytes| RpmDb.recognise(&Input { path, bytes });
        assert!(recognise("copy", SQLITE));
        assert!(recognise("copy", NDB));
        assert!(recognise("Packages.old", BERKELEY));
        assert!(!recognise("any.db", BERKELEY));
        assert!(!recognise("copy", b"SQLite format 3\0 and nothing more"));
        assert!(!recognise("Packages", b"Package: a\nVersion: 1\n"));
    }

    #[test]
    fn what_is_no_database_is_an_error() {
        for bytes in [&b""[..], b"asdf", &SQLITE[..100], b"SQLite format 3\0"] {
            let path = "var/lib/rpm/rpmdb.sqlite";
            assert!(RpmDb.parse(&Input { path, bytes }).failed());
        }
    }
}
