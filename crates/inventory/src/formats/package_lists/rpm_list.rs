//! Installed packages of rpm systems as `rpm -qa`, `rpm -qa --qf …` and `dnf list installed` print them
//! (<https://rpm-software-management.github.io/rpm/man/rpm-query.8>). `rpm -qa` leaves the epoch out; matching completes it from
//! the advisories of the same release.

use base::{Note, Parsed};

use super::rpm_columns::{self, RpmLine};
use super::{Listed, columns, filled_lines, is_named, nearly_all};
use crate::formats::purl_package;
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing, Location, Package, PackageManager};

/// Lists of rpm, dnf and yum.
pub struct RpmList;

/// What files with such a list are called; `installed-rpms` is sosreport's.
const NAMES: &[&str] = &[
    "rpm",
    "rpm-qa",
    "rpm-list",
    "installed-rpms",
    "dnf-list",
    "dnf-list-installed",
    "yum-list-installed",
    "package-data",
];

impl Format for RpmList {
    fn id(&self) -> &'static str {
        "rpm-list"
    }

    fn about(&self) -> &'static str {
        "installed packages of rpm systems as printed by rpm -qa (also with --qf columns), dnf list installed or in a sosreport"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        is_named(path, NAMES)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let is_package = |line: &str| {
            rpm_columns::read(&columns(line))
                .is_some_and(|l| l.arch.is_some() || l.name == "gpg-pubkey")
                || is_remark(line)
        };
        let may_be = |line: &str| rpm_columns::read(&columns(line)).is_some() || is_remark(line);
        nearly_all(input.bytes, is_package)
            || (self.wants(input.path) && nearly_all(input.bytes, may_be))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut listed = Listed::new(note);
        let mut without_epoch = 0_usize;
        for (number, line) in filled_lines(&text, &mut listed) {
            match rpm_columns::read(&columns(line)) {
                // rpm lists the keys it trusts as packages.
                Some(found) if found.name == "gpg-pubkey" => {}
                Some(found) => {
                    without_epoch += usize::from(found.epoch.is_none());
                    listed.take(package(&found, input.path, number));
                }
                None if is_remark(line) => {}
                None => listed.not_understood(number, line),
            }
        }
        if without_epoch > 0 && without_epoch == listed.packages.len() {
            listed.notes.push(Note::info(
                "the list gives no epochs; `rpm -qa --qf '%{NAME} %{EPOCHNUM} %{VERSION} %{RELEASE} %{ARCH} %{SOURCERPM}\\n'` does",
            ));
        }
        listed.finish()
    }
}

/// What the tools print besides.
fn is_remark(line: &str) -> bool {
    const BEGINNINGS: &[&str] = &[
        "Installed Packages",
        "Available Packages",
        "Last metadata expiration",
        "Loaded plugins",
        "warning: ",
        "Updating Subscription",
    ];
    BEGINNINGS.iter().any(|b| line.starts_with(b))
}

fn package(line: &RpmLine<'_>, path: &str, number: u64) -> Package {
    let version =
        purl_package::with_epoch(&format!("{}-{}", line.version, line.release), line.epoch);
    Package {
        ecosystem: Some(PackageManager::Rpm.ecosystem()),
        source: line
            .source_rpm
            .and_then(|file| purl_package::source_rpm(file, Some(&version))),
        arch: line.arch.map(str::to_owned),
        module: line.module.map(str::to_owned),
        ..Package::new(line.name, Some(version), Location::line(path, number))
    }
}
