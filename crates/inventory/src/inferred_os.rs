//! Which system a package list comes from when nothing says so: told by the package that carries the release itself.

use crate::{Os, Package, PackageManager};

/// Packages whose version is the system's version, and the system's `ID`.
const RELEASE_PACKAGES: &[(PackageManager, &str, &str)] = &[
    (PackageManager::Rpm, "almalinux-release", "almalinux"),
    (PackageManager::Rpm, "rocky-release", "rocky"),
    (PackageManager::Rpm, "redhat-release", "rhel"),
    (PackageManager::Rpm, "redhat-release-server", "rhel"),
    (PackageManager::Rpm, "redhat-release-client", "rhel"),
    (PackageManager::Rpm, "redhat-release-workstation", "rhel"),
    (PackageManager::Rpm, "redhat-release-computenode", "rhel"),
    (PackageManager::Rpm, "centos-stream-release", "centos"),
    (PackageManager::Rpm, "centos-linux-release", "centos"),
    (PackageManager::Rpm, "centos-release", "centos"),
    (PackageManager::Rpm, "oraclelinux-release", "ol"),
    (PackageManager::Rpm, "fedora-release-common", "fedora"),
    (PackageManager::Rpm, "fedora-release", "fedora"),
    (PackageManager::Rpm, "system-release", "amzn"),
    (PackageManager::Rpm, "azurelinux-release", "azurelinux"),
    (PackageManager::Rpm, "mariner-release", "mariner"),
    (PackageManager::Rpm, "photon-release", "photon"),
    (PackageManager::Rpm, "openEuler-release", "openeuler"),
    (PackageManager::Rpm, "openSUSE-release", "opensuse-leap"),
    (PackageManager::Rpm, "sles-release", "sles"),
    (PackageManager::Apk, "alpine-release", "alpine"),
    (PackageManager::Apk, "wolfi-baselayout", "wolfi"),
    (PackageManager::Apk, "chainguard-baselayout", "chainguard"),
];

/// Packages that give the system away but not its version.
const MARKER_PACKAGES: &[(PackageManager, &str, &str)] = &[
    (PackageManager::Apk, "alpine-baselayout", "alpine"),
    (PackageManager::Deb, "ubuntu-keyring", "ubuntu"),
];

/// What Ubuntu's LTS releases call their `base-files`; the number says nothing by itself.
const UBUNTU_BASE_FILES: &[(&str, &str)] = &[
    ("7.2ubuntu5", "14.04"),
    ("9.4ubuntu4", "16.04"),
    ("10.1ubuntu2", "18.04"),
    ("11ubuntu5", "20.04"),
    ("12ubuntu4", "22.04"),
    ("13ubuntu10", "24.04"),
];

/// The system, and the name and version of the package that gave it away.
pub(crate) fn infer<'a>(
    packages: impl Iterator<Item = &'a Package> + Clone,
) -> Option<(Os, String)> {
    let evidence = |p: &Package| {
        format!(
            "{} {}",
            p.name,
            p.version.as_deref().unwrap_or("without version")
        )
    };
    let rules: [fn(&Package) -> Option<Os>; 3] = [by_release_package, by_base_files, by_marker];
    rules.into_iter().find_map(|rule| {
        packages
            .clone()
            .find_map(|p| rule(p).map(|os| (os, evidence(p))))
    })
}

fn manager(package: &Package) -> Option<PackageManager> {
    package.ecosystem.as_ref().and_then(PackageManager::of)
}

fn by_release_package(package: &Package) -> Option<Os> {
    let manager = manager(package)?;
    let (_, _, id) = RELEASE_PACKAGES
        .iter()
        .find(|(m, name, _)| *m == manager && *name == package.name)?;
    let version = package.version.as_deref().map(upstream_version);
    Some(Os::named(id, version))
}

fn by_marker(package: &Package) -> Option<Os> {
    let manager = manager(package)?;
    let (_, _, id) = MARKER_PACKAGES
        .iter()
        .find(|(m, name, _)| *m == manager && *name == package.name)?;
    Some(Os::named(id, None))
}

/// `9.4` of `9.4-1.el9`, `0:9.4-1.el9` and `3.20.3-r0`.
fn upstream_version(version: &str) -> &str {
    let after_epoch = version.split_once(':').map_or(version, |(_, v)| v);
    after_epoch.split_once('-').map_or(after_epoch, |(v, _)| v)
}

/// Debian's `base-files` counts with the release (`12.4+deb12u5`).
fn by_base_files(package: &Package) -> Option<Os> {
    if manager(package)? != PackageManager::Deb || package.name != "base-files" {
        return None;
    }
    let version = package.version.as_deref()?;
    if !version.contains("ubuntu") {
        let major = version.split(|c: char| !c.is_ascii_digit()).next()?;
        return Some(Os::named("debian", Some(major)));
    }
    let is_release = |prefix: &str| {
        version
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let release = UBUNTU_BASE_FILES
        .iter()
        .find(|(prefix, _)| is_release(prefix));
    Some(Os::named("ubuntu", release.map(|(_, r)| *r)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Location;

    fn check(manager: PackageManager, name: &str, version: &str, expected: Option<&str>) {
        let package = Package {
            ecosystem: Some(manager.ecosystem()),
            ..Package::new(name, Some(version.to_owned()), Location::file("db"))
        };
        let found = infer(std::iter::once(&package)).map(|(os, _)| os.label());
        assert_eq!(found.as_deref(), expected, "{name} {version}");
    }

    #[test]
    fn the_release_package_tells_the_system() {
        check(
            PackageManager::Deb,
            "base-files",
            "12.4+deb12u5",
            Some("debian 12"),
        );
        check(
            PackageManager::Deb,
            "base-files",
            "9.9+deb9u13",
            Some("debian 9"),
        );
        check(
            PackageManager::Deb,
            "base-files",
            "12ubuntu4.6",
            Some("ubuntu 22.04"),
        );
        check(
            PackageManager::Deb,
            "base-files",
            "13ubuntu10.1",
            Some("ubuntu 24.04"),
        );
        check(
            PackageManager::Deb,
            "base-files",
            "13ubuntu3",
            Some("ubuntu"),
        );
        check(
            PackageManager::Rpm,
            "almalinux-release",
            "9.4-1.el9",
            Some("almalinux 9.4"),
        );
        check(
            PackageManager::Rpm,
            "oraclelinux-release",
            "9:9.4-1.0.6.el9",
            Some("ol 9.4"),
        );
        check(
            PackageManager::Apk,
            "alpine-release",
            "3.20.3-r0",
            Some("alpine 3.20.3"),
        );
        check(
            PackageManager::Apk,
            "alpine-baselayout",
            "3.4.0-r0",
            Some("alpine"),
        );
        check(PackageManager::Apk, "base-files", "12", None);
        check(PackageManager::Deb, "alpine-release", "3.20.3-r0", None);
    }
}
