//! Which package of which ecosystem a product of a CSAF tree is.
//!
//! - Red Hat: the platform's CPE name is the ecosystem, in the spelling of OSV's export
//!   (`cpe:/a:redhat:rhel_eus:9.2::appstream` is `Red Hat:rhel_eus:9.2::appstream`), the rpm of the package URL the package.
//! - SUSE: the platform's name is the release, as in OSV (`SUSE:Linux Enterprise Server 15 SP5`).
//! - A package URL of a registry, on no platform, is the package of that registry. On a platform it is a copy the vendor
//!   ships, which says nothing of the registry's.
//! - Anything else with a vendor, a product and a version is a product.

use base::{Cpe, Ecosystem, Purl};
use versions::Range;

use super::tree::{Found, Leaf};
use crate::feeds::product::{self, bounds};
use crate::model::{MICROSOFT, PRODUCT};

/// A package, and which of its versions the id stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Subject {
    pub(super) slot: Slot,
    pub(super) versions: Versions,
}

/// What statements are put together by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub(super) ecosystem: Ecosystem,
    pub(super) package: String,
    /// `nodejs:18`, for an rpm of a module.
    pub(super) stream: Option<String>,
}

/// The versions that are meant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Versions {
    One(String),
    Range(Range),
    All,
}

/// Why a product is left out.
pub(super) const SOURCE_RPM: &str =
    "product left out: a source package, its binaries are listed too";
const CONTAINER: &str = "product left out: a container image";
const ON_PLATFORM: &str = "product left out: a vendor's copy of a registry's package";
const UNNAMED: &str = "product left out: no package and no product name";
const NO_PLATFORM: &str = "product left out: an rpm without its product";

/// The package of a product.
pub(super) fn subject(found: &Found<'_>) -> Result<Subject, &'static str> {
    let Ok(purl) = found.component.purl.parse::<Purl>() else {
        return named(&found.component);
    };
    match purl.ty() {
        "rpm" => rpm(found, &purl),
        "oci" | "docker" => Err(CONTAINER),
        _ if found.platform.is_some_and(|p| !p.cpe.is_empty()) => Err(ON_PLATFORM),
        _ => registry(&found.component, &purl).map_or_else(|| named(&found.component), Ok),
    }
}

fn rpm(found: &Found<'_>, purl: &Purl) -> Result<Subject, &'static str> {
    let platform = found.platform.ok_or(NO_PLATFORM)?;
    let ecosystem = distribution(&platform).ok_or(NO_PLATFORM)?;
    let version = purl.version().map(|version| {
        let epoch = purl.qualifier("epoch").unwrap_or("0");
        format!("{epoch}:{version}")
    });
    if version.is_some() && purl.qualifier("arch") == Some("src") {
        return Err(SOURCE_RPM);
    }
    let module = found.module.map(|module| module.name);
    let stream = purl.qualifier("rpmmod").or(module).and_then(stream);
    // `nodejs:18/nodejs` names the module before the package.
    let package = purl.name();
    Ok(Subject {
        slot: Slot {
            ecosystem,
            package: package.rsplit('/').next().unwrap_or(package).to_owned(),
            stream,
        },
        versions: version.map_or(Versions::All, Versions::One),
    })
}

/// `nodejs:18` of `nodejs:18:8090020240101:…`.
fn stream(label: &str) -> Option<String> {
    let mut parts = label.split(':');
    let (name, stream) = (parts.next()?, parts.next()?);
    (!name.is_empty() && !stream.is_empty()).then(|| format!("{name}:{stream}"))
}

/// The ecosystem of a distribution's product.
fn distribution(platform: &Leaf<'_>) -> Option<Ecosystem> {
    let cpe = platform.cpe;
    let red_hat = ["cpe:/o:redhat:", "cpe:/a:redhat:"]
        .iter()
        .find_map(|prefix| cpe.strip_prefix(prefix));
    if let Some(release) = red_hat.filter(|r| !r.is_empty()) {
        return Some(Ecosystem::with_release("Red Hat", release));
    }
    ["SUSE", "openSUSE"].iter().find_map(|name| {
        let release = platform.name.strip_prefix(name)?.trim();
        (!release.is_empty()).then(|| Ecosystem::with_release(name, release))
    })
}

/// The registries whose package URLs OSV has an ecosystem for.
static REGISTRIES: &[(&str, &str)] = &[
    ("cargo", "crates.io"),
    ("composer", "Packagist"),
    ("gem", "RubyGems"),
    ("golang", "Go"),
    ("maven", "Maven"),
    ("npm", "npm"),
    ("nuget", "NuGet"),
    ("pypi", "PyPI"),
];

fn registry(leaf: &Leaf<'_>, purl: &Purl) -> Option<Subject> {
    let (_, ecosystem) = REGISTRIES.iter().find(|(ty, _)| *ty == purl.ty())?;
    let package = match (purl.written_namespace(), purl.ty()) {
        (Some(group), "maven") => format!("{group}:{}", purl.written_name()),
        (Some(namespace), _) => format!("{namespace}/{}", purl.written_name()),
        (None, _) => purl.written_name().to_owned(),
    };
    let versions = match purl.version() {
        Some(version) => Versions::One(version.to_owned()),
        None => versions_of(leaf)?,
    };
    Some(Subject {
        slot: Slot {
            ecosystem: Ecosystem::new(ecosystem),
            package,
            stream: None,
        },
        versions,
    })
}

/// A product of no registry: Microsoft's by the name it prints, others as CPE names have them.
fn named(leaf: &Leaf<'_>) -> Result<Subject, &'static str> {
    let path = leaf.path;
    let versions = versions_of(leaf).ok_or(UNNAMED)?;
    let slot = |ecosystem, package| Slot {
        ecosystem: Ecosystem::new(ecosystem),
        package,
        stream: None,
    };
    if path.vendor.eq_ignore_ascii_case("Microsoft") && !path.product.is_empty() {
        let slot = slot(MICROSOFT, path.product.to_owned());
        return Ok(Subject { slot, versions });
    }
    let by_cpe = leaf
        .cpe
        .parse::<Cpe>()
        .ok()
        .map(|cpe| format!("{}/{}", cpe.vendor, cpe.product));
    let package = by_cpe.or_else(|| product::package(path.vendor, path.product));
    Ok(Subject {
        slot: slot(PRODUCT, package.ok_or(UNNAMED)?),
        versions,
    })
}

/// What the branch says of versions; `None` for a range nobody can read and for a product without any.
fn versions_of(leaf: &Leaf<'_>) -> Option<Versions> {
    let path = leaf.path;
    if !path.range.is_empty() {
        let range = bounds(path.range)?.range();
        return Some(Versions::Range(range));
    }
    let is_version = !path.version.is_empty() && path.version.bytes().any(|b| b.is_ascii_digit());
    if is_version {
        return Some(Versions::One(path.version.to_owned()));
    }
    let by_cpe = leaf.cpe.parse::<Cpe>().ok()?.version;
    by_cpe.map(Versions::One)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::csaf::tree::Path;

    fn leaf(cpe: &'static str, purl: &'static str) -> Leaf<'static> {
        Leaf {
            name: "",
            cpe,
            purl,
            path: Path::default(),
        }
    }

    fn check(purl: &'static str, platform: Leaf<'static>, expected: &str) {
        let found = Found {
            component: leaf("", purl),
            platform: Some(platform),
            module: None,
        };
        let got = match subject(&found) {
            Ok(subject) => {
                let Slot {
                    ecosystem,
                    package,
                    stream,
                } = subject.slot;
                format!(
                    "{ecosystem} | {package} | {:?} | {stream:?}",
                    subject.versions
                )
            }
            Err(why) => why.to_owned(),
        };
        assert_eq!(got, expected, "{purl}");
    }

    #[test]
    fn red_hat_products_are_spelled_as_osv_spells_them() {
        check(
            "pkg:rpm/redhat/expat@2.5.0-2.el9_4.2?arch=x86_64",
            leaf("cpe:/a:redhat:rhel_eus:9.4::appstream", ""),
            r#"Red Hat:rhel_eus:9.4::appstream | expat | One("0:2.5.0-2.el9_4.2") | None"#,
        );
        check(
            "pkg:rpm/redhat/nodejs@18.19.0-1.module%2Bel8.9.0%2B1?arch=x86_64&epoch=1&rpmmod=nodejs:18:8090020240101:c",
            leaf("cpe:/a:redhat:enterprise_linux:8::appstream", ""),
            r#"Red Hat:enterprise_linux:8::appstream | nodejs | One("1:18.19.0-1.module+el8.9.0+1") | Some("nodejs:18")"#,
        );
        check(
            "pkg:rpm/redhat/gnutls?arch=src",
            leaf("cpe:/o:redhat:enterprise_linux:6", ""),
            "Red Hat:enterprise_linux:6 | gnutls | All | None",
        );
        check(
            "pkg:rpm/redhat/expat@2.5.0-2.el9_4.2?arch=src",
            leaf("cpe:/a:redhat:rhel_eus:9.4::appstream", ""),
            SOURCE_RPM,
        );
        check(
            "pkg:maven/org.x/y@1",
            leaf("cpe:/a:redhat:quarkus:2", ""),
            ON_PLATFORM,
        );
        check(
            "pkg:oci/x?tag=1",
            leaf("cpe:/a:redhat:openshift:4", ""),
            CONTAINER,
        );
    }

    #[test]
    fn a_suse_release_is_the_name_of_its_product() {
        let platform = Leaf {
            name: "SUSE Linux Enterprise Server 15 SP5",
            ..Leaf::default()
        };
        check(
            "pkg:rpm/suse/curl@8.0.1-1.1?arch=x86_64",
            platform,
            r#"SUSE:Linux Enterprise Server 15 SP5 | curl | One("0:8.0.1-1.1") | None"#,
        );
    }
}
