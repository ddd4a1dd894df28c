//! Which releases of a distribution a record is about, and whether any feed covers a release at all.

use advisories::catalog::Catalog;
use base::Ecosystem;

/// Whether the catalog knows anything about an ecosystem and release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Some feed has records for it.
    Covered,
    /// The ecosystem is there, this release is not (too old, too new, or end of life).
    NoSuchRelease,
    /// No feed has the ecosystem at all.
    NoSuchEcosystem,
}

/// Whether any feed in the catalog covers the ecosystem, release included.
pub fn coverage(catalog: &Catalog, ecosystem: &Ecosystem) -> Coverage {
    let releases = catalog.releases(ecosystem.name());
    if releases.is_empty() {
        return Coverage::NoSuchEcosystem;
    }
    let covered = releases.iter().any(|published| {
        let published = Some(*published).filter(|r| !r.is_empty());
        let base = published.and_then(|p| p.strip_prefix("Pro:"));
        release_applies(ecosystem, published)
            || (ecosystem.name() == "Ubuntu" && base.is_some() && release_applies(ecosystem, base))
    });
    if covered {
        Coverage::Covered
    } else {
        Coverage::NoSuchRelease
    }
}

/// Whether a record published for `published` (`Debian:12`) holds for packages of `installed`. The names are equal already.
pub(crate) fn applies(installed: &Ecosystem, published: &str) -> bool {
    release_applies(
        installed,
        published.split_once(':').map(|(_, release)| release),
    )
}

fn release_applies(installed: &Ecosystem, published: Option<&str>) -> bool {
    let Some(published) = published else {
        return true;
    };
    let Some(installed_release) = installed.release() else {
        // A language package has no release: a suffix there names a registry (Packagist:https://…), and names are unique
        // enough across those. A distribution package without its release must not match every release.
        return !is_distribution(installed.name());
    };
    match installed.name() {
        "Red Hat" => product_applies(installed_release, published),
        "Ubuntu" => ubuntu_version(installed_release) == ubuntu_version(published),
        _ => installed_release == published,
    }
}

/// `enterprise_linux:8` holds every repository of that product (`enterprise_linux:8::appstream`), not another stream
/// (`rhel_eus:8.6::baseos`).
fn product_applies(installed: &str, published: &str) -> bool {
    published
        .strip_prefix(installed)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// `22.04:LTS` and `22.04` are one release; `Pro:22.04:LTS` is another channel.
pub(crate) fn ubuntu_version(release: &str) -> &str {
    release.strip_suffix(":LTS").unwrap_or(release)
}

/// Whether packages of this ecosystem belong to a release of a distribution, so that one without it matches nothing.
pub(crate) fn is_distribution(ecosystem: &str) -> bool {
    matches!(
        ecosystem,
        "AlmaLinux"
            | "Alpaquita"
            | "Alpine"
            | "Azure Linux"
            | "Debian"
            | "Mageia"
            | "openEuler"
            | "openSUSE"
            | "Oracle"
            | "Photon OS"
            | "Red Hat"
            | "Rocky Linux"
            | "SUSE"
            | "Ubuntu"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(installed: &str, published: &str, expected: bool) {
        let installed: Ecosystem = installed.parse().unwrap();
        assert_eq!(
            applies(&installed, published),
            expected,
            "{installed} {published}"
        );
    }

    #[test]
    fn a_distribution_release_matches_only_itself() {
        check("Debian:12", "Debian:12", true);
        check("Debian:12", "Debian:11", false);
        check("Debian", "Debian:12", false);
        check("Alpine:v3.19", "Alpine:v3.20", false);
        check("AlmaLinux:8", "AlmaLinux:8", true);
    }

    #[test]
    fn red_hat_products_hold_their_repositories() {
        check(
            "Red Hat:enterprise_linux:8",
            "Red Hat:enterprise_linux:8::appstream",
            true,
        );
        check(
            "Red Hat:enterprise_linux:8",
            "Red Hat:enterprise_linux:80::appstream",
            false,
        );
        check(
            "Red Hat:enterprise_linux:8",
            "Red Hat:rhel_eus:8.6::baseos",
            false,
        );
    }

    #[test]
    fn ubuntu_lts_is_the_same_release_and_pro_is_not() {
        check("Ubuntu:22.04:LTS", "Ubuntu:22.04", true);
        check("Ubuntu:22.04:LTS", "Ubuntu:Pro:22.04:LTS", false);
    }

    #[test]
    fn a_language_package_takes_records_of_any_registry() {
        check("Packagist", "Packagist:https://packages.drupal.org/8", true);
        check("npm", "npm", true);
    }
}
