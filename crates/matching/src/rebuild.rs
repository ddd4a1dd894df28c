//! Packages that a third party built for a distribution: their versions look like the distribution's and follow other rules.
//!
//! A record of the distribution is compared all the same, and the finding or the note says whose build it is.

use base::Ecosystem;
use inventory::Package;

/// What a version holds, in which distributions, and whose build that makes it.
static BUILDERS: &[(&str, &str)] = &[
    ("~bpo", "Debian's backports"),
    ("+deb.sury.org", "deb.sury.org"),
    (".pgdg", "the PostgreSQL project (PGDG)"),
    ("+pgdg", "the PostgreSQL project (PGDG)"),
    ("PGDG.", "the PostgreSQL project (PGDG)"),
    (".remi", "Remi's repository"),
    (".elrepo", "ELRepo"),
    (".ius", "IUS"),
    (".rpmfusion", "RPM Fusion"),
    ("nodesource", "NodeSource"),
    ("~ppa", "a personal package archive"),
    ("+ppa", "a personal package archive"),
    ("ondrej", "Ondřej Surý's archive"),
    ("+mariadb", "the MariaDB project"),
    ("+maria~", "the MariaDB project"),
    (".mariadb", "the MariaDB project"),
    ("-percona", "Percona"),
    (".ngx", "nginx.org"),
    ("-pve", "Proxmox"),
    ("+rpi", "Raspberry Pi OS"),
    ("+rpt", "Raspberry Pi OS"),
    ("+kali", "Kali"),
    ("ubuntu0.tuxcare", "TuxCare"),
    (".tuxcare", "TuxCare"),
    (".cloudlinux", "CloudLinux"),
    (".amzn", "Amazon Linux"),
];

/// Distributions whose packages are rebuilt by others.
const REBUILT: [&str; 9] = [
    "Debian",
    "Ubuntu",
    "Red Hat",
    "AlmaLinux",
    "Rocky Linux",
    "Oracle",
    "SUSE",
    "openSUSE",
    "Alpine",
];

/// Who built the package, if it was not the distribution.
pub(crate) fn builder(package: &Package) -> Option<&'static str> {
    let ecosystem = package.ecosystem.as_ref()?.name();
    let version = package.version.as_deref()?;
    if !REBUILT.contains(&ecosystem) {
        return None;
    }
    let markers = BUILDERS.iter();
    let named = markers
        .clone()
        .find(|(marker, _)| version.contains(marker))
        .map(|(_, who)| *who);
    named
        .or_else(|| nginx(package, version))
        .or_else(|| fedora(ecosystem, version))
}

/// Where a Debian backport is from: the release whose records speak of it. `6.9.7-1~bpo12+1` is what testing, the later 13, had as
/// `6.9.7-1`, rebuilt on 12: the fixes of 12 (`6.1.98-1`) are older than it and not in it
/// (<https://backports.debian.org/Contribute/>).
pub(crate) fn backported_from(ecosystem: &Ecosystem, version: &str) -> Option<Ecosystem> {
    if ecosystem.name() != "Debian" {
        return None;
    }
    let (_, tail) = version.rsplit_once("~bpo")?;
    let digits = tail.split(|c: char| !c.is_ascii_digit()).next()?;
    // Until 7 the number was written with a zero: `~bpo70+1`.
    let onto: u8 = digits.parse().ok().filter(|n| (8..50).contains(n))?;
    Some(Ecosystem::with_release("Debian", &(onto + 1).to_string()))
}

/// The version a backport was built from: `6.9.7-1~bpo12+1` sorts below the fix `6.9.7-1` and has it.
pub(crate) fn without_backport(version: &str) -> &str {
    version.rsplit_once("~bpo").map_or(version, |(v, _)| v)
}

/// nginx.org writes `1.25.3-1~bookworm`, where Debian has no such revision.
fn nginx(package: &Package, version: &str) -> Option<&'static str> {
    let codenames = [
        "~bookworm",
        "~bullseye",
        "~buster",
        "~trixie",
        "~focal",
        "~jammy",
        "~noble",
        "~bionic",
    ];
    let is_theirs =
        package.name.starts_with("nginx") && codenames.iter().any(|c| version.ends_with(c));
    is_theirs.then_some("nginx.org")
}

/// A build for Fedora on an enterprise Linux.
fn fedora(ecosystem: &str, version: &str) -> Option<&'static str> {
    let (_, tag) = version.rsplit_once(".fc")?;
    let is_release = tag.len() >= 2 && tag.bytes().take(2).all(|b| b.is_ascii_digit());
    let is_enterprise = matches!(
        ecosystem,
        "Red Hat" | "AlmaLinux" | "Rocky Linux" | "Oracle"
    );
    (is_release && is_enterprise).then_some("Fedora")
}

#[cfg(test)]
mod tests {
    use inventory::Location;

    use super::*;

    #[test]
    fn a_backport_is_a_build_of_the_next_release() {
        let check = |ecosystem: &str, version: &str, expected: Option<&str>| {
            let release = backported_from(&ecosystem.parse().unwrap(), version);
            assert_eq!(release.map(|r| r.to_string()).as_deref(), expected);
        };
        check("Debian:12", "6.9.7-1~bpo12+1", Some("Debian:13"));
        check("Debian:11", "7.88.1-10+deb12u6~bpo11+1", Some("Debian:12"));
        check("Debian:7", "3.16.7-1~bpo70+1", None);
        check("Debian:12", "6.1.98-1", None);
        check("Ubuntu:22.04", "1.0-1~bpo12+1", None);
    }

    #[test]
    fn the_version_tells_who_built_it() {
        let check = |ecosystem: &str, name: &str, version: &str, expected: Option<&str>| {
            let mut package = Package::new(name, Some(version.to_owned()), Location::file("x"));
            package.ecosystem = Some(ecosystem.parse().unwrap());
            assert_eq!(builder(&package), expected, "{version}");
        };
        check(
            "Debian:12",
            "php8.2",
            "8.2.20-1+0~20240611.47+debian12~1.gbp1+deb.sury.org",
            Some("deb.sury.org"),
        );
        check(
            "Debian:12",
            "linux",
            "6.9.7-1~bpo12+1",
            Some("Debian's backports"),
        );
        check(
            "Debian:12",
            "postgresql-16",
            "16.3-1.pgdg120+1",
            Some("the PostgreSQL project (PGDG)"),
        );
        check("Debian:12", "nginx", "1.26.1-1~bookworm", Some("nginx.org"));
        check(
            "Red Hat:enterprise_linux:9",
            "php",
            "8.2.20-1.el9.remi",
            Some("Remi's repository"),
        );
        check(
            "Red Hat:enterprise_linux:9",
            "x",
            "1.0-1.fc39",
            Some("Fedora"),
        );
        check("Debian:12", "openssl", "3.0.13-1~deb12u1", None);
        check(
            "Red Hat:enterprise_linux:9",
            "openssl",
            "1:3.0.7-27.el9",
            None,
        );
        check("npm", "x", "1.0.0-pve", None);
    }
}
