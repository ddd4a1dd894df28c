//! A package URL as a package: the ecosystem, name, version and source package in OSV's words.
//!
//! Types and their rules: <https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst>. The qualifiers `distro`,
//! `upstream`, `epoch` and `rpmmod` are conventions of the tools that write SBOMs, not of the specification.

use base::{Ecosystem, Purl};

use crate::os::{self, Os, leading_digits};
use crate::{Location, Package, Source};

/// Package URL types whose ecosystem is the same for every package, and how OSV spells the name.
const ECOSYSTEMS: &[(&str, &str, Naming)] = &[
    ("npm", "npm", Naming::Slash),
    ("pypi", "PyPI", Naming::Python),
    ("maven", "Maven", Naming::Colon),
    ("golang", "Go", Naming::Go),
    ("gem", "RubyGems", Naming::Slash),
    ("cargo", "crates.io", Naming::Slash),
    ("nuget", "NuGet", Naming::Slash),
    ("composer", "Packagist", Naming::Slash),
    ("hex", "Hex", Naming::Slash),
    ("pub", "Pub", Naming::Slash),
    ("cran", "CRAN", Naming::Slash),
    ("bioconductor", "Bioconductor", Naming::Slash),
    ("hackage", "Hackage", Naming::Slash),
    ("swift", "SwiftURL", Naming::Slash),
    ("conan", "ConanCenter", Naming::NameOnly),
    ("bitnami", "Bitnami", Naming::NameOnly),
    ("github", "GitHub Actions", Naming::Slash),
    ("githubactions", "GitHub Actions", Naming::Slash),
    ("julia", "Julia", Naming::Slash),
    ("opam", "opam", Naming::Slash),
];

/// How namespace and name become one name.
#[derive(Clone, Copy)]
enum Naming {
    /// `namespace/name`, or the name.
    Slash,
    /// `namespace:name`.
    Colon,
    /// The name; the namespace is something else (a Conan channel).
    NameOnly,
    /// `namespace/name`; the standard library is `stdlib`, which some tools call `std`.
    Go,
    /// PEP 503: lower case, runs of `-_.` are one `-`.
    Python,
}

/// The package a URL names. Never fails: what the URL does not say stays `None`.
pub fn package(purl: &Purl, location: Location) -> Package {
    let arch = purl.qualifier("arch").map(str::to_owned);
    let mut package = match purl.ty() {
        "deb" | "rpm" | "apk" | "alpine" => of_a_distribution(purl, location),
        ty => match ECOSYSTEMS.iter().find(|(t, ..)| *t == ty) {
            Some((_, ecosystem, naming)) => Package {
                ecosystem: Some(Ecosystem::new(ecosystem)),
                ..Package::new(name(purl, *naming), version(purl), location)
            },
            None => Package::new(name(purl, Naming::Slash), version(purl), location),
        },
    };
    package.arch = arch;
    package.purl = Some(purl.clone());
    package
}

fn name(purl: &Purl, naming: Naming) -> String {
    let (namespace, name) = spelling(purl);
    let joined = |separator: &str| match namespace {
        Some(namespace) => format!("{namespace}{separator}{name}"),
        None => name.to_owned(),
    };
    match naming {
        Naming::Go if namespace.is_none() && name == "std" => "stdlib".to_owned(),
        Naming::Slash | Naming::Go => joined("/"),
        Naming::Colon => joined(":"),
        Naming::NameOnly => name.to_owned(),
        Naming::Python => python_name(name),
    }
}

/// Namespace and name as the registry spells them. The specification lowers npm's and Go's, whose registries tell cases
/// apart: `JSONStream` is another package than `jsonstream`.
fn spelling(purl: &Purl) -> (Option<&str>, &str) {
    match purl.ty() {
        "npm" | "golang" => (purl.written_namespace(), purl.written_name()),
        _ => (purl.namespace(), purl.name()),
    }
}

/// PEP 503 (<https://peps.python.org/pep-0503/#normalized-names>).
fn python_name(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|w| !w.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

/// The version as the ecosystem's advisories write it: Go's have no `v`, and the standard library's no `go`.
fn version(purl: &Purl) -> Option<String> {
    let version = purl.version().and_then(known_version)?;
    let starts_with_digit = |v: &&str| v.starts_with(|c: char| c.is_ascii_digit());
    let plain = match purl.ty() {
        "golang" => {
            let stripped = version
                .strip_prefix('v')
                .or_else(|| version.strip_prefix("go"));
            stripped.filter(starts_with_digit)
        }
        _ => None,
    };
    Some(plain.unwrap_or(version).to_owned())
}

/// What can be a version: not the words tools write for "not known", and not a range (GitHub's export gives the manifest's).
pub(crate) fn known_version(text: &str) -> Option<&str> {
    const NOT_KNOWN: &[&str] = &["unknown", "(devel)", "(none)", "noassertion"];
    let text = text.trim();
    let is_word = NOT_KNOWN.iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_range = text.starts_with(['^', '~', '<', '>', '=', '!'])
        || text.contains('*')
        || text.contains("||");
    (!text.is_empty() && !is_word && !is_range).then_some(text)
}

fn of_a_distribution(purl: &Purl, location: Location) -> Package {
    let version = purl
        .version()
        .and_then(known_version)
        .map(|v| with_epoch(v, purl.qualifier("epoch")));
    Package {
        ecosystem: distribution(purl),
        source: source(purl, version.as_deref()),
        module: purl
            .qualifier("rpmmod")
            .or_else(|| purl.qualifier("modularitylabel"))
            .map(str::to_owned),
        ..Package::new(purl.name(), version, location)
    }
}

/// `1:2.3-4`, unless the version has an epoch already or the epoch is zero.
pub(crate) fn with_epoch(version: &str, epoch: Option<&str>) -> String {
    match epoch.map(str::trim) {
        Some(epoch) if !matches!(epoch, "" | "0" | "(none)") && !version.contains(':') => {
            format!("{epoch}:{version}")
        }
        _ => version.to_owned(),
    }
}

/// The distribution's ecosystem: with its release where `distro` or an rpm's `.el9` tells it, else without, for the host's
/// operating system to fill in.
fn distribution(purl: &Purl) -> Option<Ecosystem> {
    let namespace = match purl.ty() {
        "alpine" => "alpine",
        _ => purl
            .namespace()
            .unwrap_or_default()
            .rsplit('/')
            .next()
            .unwrap_or_default(),
    };
    let distro = purl.qualifier("distro").unwrap_or_default();
    let os = os_of(distro, namespace);
    if let Some(ecosystem) = os.as_ref().and_then(Os::ecosystem) {
        return Some(ecosystem);
    }
    // A `distro` that was understood and that no feed covers (Debian sid, Alpine edge) is not a release to be guessed.
    if os.is_some_and(|os| os.version.is_some()) {
        return None;
    }
    let id = Os::named(namespace, None).id;
    enterprise_linux(purl)
        .and_then(|major| Os::named(&id, Some(major)).ecosystem())
        .or_else(|| os::without_release(&id))
}

/// The system in `distro`: `debian-12`, `alpine-3.18.4`, `bookworm`, `el8`, or a bare version of the namespace's system.
/// A word that is none of these is taken for a release no feed has (`sid`, `edge`).
fn os_of(distro: &str, namespace: &str) -> Option<Os> {
    let distro = distro.trim();
    if distro.is_empty() {
        return None;
    }
    if let Some(os) = os::by_codename(distro) {
        return Some(os);
    }
    let (id, version) = split_distro(distro);
    let (whole, theirs) = (Os::named(distro, None), Os::named(namespace, None));
    Some(match version {
        Some(version) if matches!(id, "" | "el") => Os::named(namespace, Some(version)),
        Some(version) => Os::named(id, Some(version)),
        None if whole.id == theirs.id || whole.ecosystem().is_some() => whole,
        None => Os::named(namespace, Some(distro)),
    })
}

/// `opensuse-leap-15.6` is `opensuse-leap` and `15.6`; `el8` is `el` and `8`; `debian-bookworm` is `debian` and `bookworm`.
fn split_distro(distro: &str) -> (&str, Option<&str>) {
    let starts_with_digit = |s: &str| s.starts_with(|c: char| c.is_ascii_digit());
    let dash = distro.match_indices('-').map(|(at, _)| at).find(|at| {
        let rest = &distro[at + 1..];
        starts_with_digit(rest) || os::by_codename(rest).is_some()
    });
    match (dash, distro.find(|c: char| c.is_ascii_digit())) {
        (Some(at), _) => (&distro[..at], Some(&distro[at + 1..])),
        (None, Some(at)) if distro[..at].bytes().all(|b| b.is_ascii_alphabetic()) => {
            (&distro[..at], Some(&distro[at..]))
        }
        _ => (distro, None),
    }
}

/// The major release an rpm's own URL gives away: `9` of `3.0.7-18.el9_2`, of `.module+el9.3.0+1`, and of the repository
/// `rhel-9-for-x86_64-baseos-rpms`.
fn enterprise_linux(purl: &Purl) -> Option<&str> {
    if purl.ty() != "rpm" {
        return None;
    }
    let repository = purl.qualifier("repository_id").unwrap_or_default();
    let by_repository = ["rhel-", "ubi-"]
        .into_iter()
        .find_map(|prefix| repository.strip_prefix(prefix));
    dist_tag(purl.version().unwrap_or_default()).or_else(|| by_repository.and_then(leading_digits))
}

fn dist_tag(version: &str) -> Option<&str> {
    version.match_indices("el").find_map(|(at, tag)| {
        let is_tag = version[..at].ends_with(['.', '+', '_']);
        leading_digits(&version[at + tag.len()..]).filter(|_| is_tag)
    })
}

/// The source package in `upstream` (`openssl`, `openssl@3.0.1`, `openssl-3.0.7-18.el9_2.src.rpm`), `source` or `origin`.
fn source(purl: &Purl, version: Option<&str>) -> Option<Source> {
    let text = ["upstream", "source", "origin"]
        .into_iter()
        .find_map(|key| purl.qualifier(key))
        .map(str::trim)
        .filter(|t| !t.is_empty())?;
    if purl.ty() == "rpm" {
        return source_rpm(text, version).or_else(|| plain_source(text, version));
    }
    plain_source(text, version)
}

fn plain_source(text: &str, version: Option<&str>) -> Option<Source> {
    let (name, own) = text
        .split_once('@')
        .map_or((text, None), |(n, v)| (n, Some(v)));
    Some(Source {
        name: name.to_owned(),
        version: own.filter(|v| !v.is_empty()).or(version).map(str::to_owned),
    })
}

/// `name-version-release.src.rpm`. The file name leaves the epoch out; a subpackage nearly always shares its source's, so the
/// binary's epoch is taken when version and release are the same.
pub(crate) fn source_rpm(file: &str, binary_version: Option<&str>) -> Option<Source> {
    let stem = file.strip_suffix(".rpm")?;
    let stem = stem
        .strip_suffix(".src")
        .or_else(|| stem.strip_suffix(".nosrc"))?;
    let (rest, release) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let without_epoch = format!("{version}-{release}");
    let same = binary_version.filter(|b| b.split_once(':').map_or(*b, |(_, v)| v) == without_epoch);
    Some(Source {
        name: name.to_owned(),
        version: Some(same.map_or(without_epoch, str::to_owned)),
    })
}

/// The URL of an installed distribution package, in the shape SBOM tools write: `pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12`.
pub(crate) fn of_installed(package: &Package, ty: &str, os: &Os) -> Option<Purl> {
    let namespace = match os.id.as_str() {
        "rhel" => "redhat",
        id => id,
    };
    let (epoch, version) = match package.version.as_deref() {
        Some(v) if ty == "rpm" => v
            .split_once(':')
            .map_or((None, Some(v)), |(e, v)| (Some(e), Some(v))),
        v => (None, v),
    };
    let distro = os.version.as_ref().map(|v| format!("{}-{v}", os.id));
    let qualifiers = [
        ("arch", package.arch.as_deref()),
        ("distro", distro.as_deref()),
        ("epoch", epoch),
    ];
    let mut purl = Purl::new(ty, Some(namespace), &package.name, version).ok()?;
    for (key, value) in qualifiers {
        purl = purl.with_qualifier(key, value.unwrap_or_default()).ok()?;
    }
    Some(purl)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(purl: &str) -> Package {
        package(&purl.parse().unwrap(), Location::file("x"))
    }

    /// `URL = ecosystem | name | version`, with `-` for none.
    fn check(lines: &[&str]) {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        for line in lines {
            let (purl, expected) = line.split_once(" = ").expect("a line has both sides");
            let p = read(purl);
            let ecosystem = p.ecosystem.map(|e| e.to_string());
            let found = [or_dash(ecosystem), p.name, or_dash(p.version)].join(" | ");
            assert_eq!(found, expected, "{purl}");
        }
    }

    fn check_source(purl: &str, name: &str, version: &str) {
        let source = read(purl).source.unwrap();
        assert_eq!(
            (source.name.as_str(), source.version.as_deref()),
            (name, Some(version)),
            "{purl}"
        );
    }

    #[test]
    fn names_are_spelt_as_osv_spells_them() {
        check(&[
            "pkg:npm/%40angular/core@16.0.0 = npm | @angular/core | 16.0.0",
            "pkg:npm/lodash@4.17.20 = npm | lodash | 4.17.20",
            "pkg:npm/JSONStream@1.3.5 = npm | JSONStream | 1.3.5",
            "pkg:npm/%40MSFT/Node@1.0.0 = npm | @MSFT/Node | 1.0.0",
            "pkg:golang/github.com/Masterminds/goutils@v1.1.0 = Go | github.com/Masterminds/goutils | 1.1.0",
            "pkg:pypi/Zope.Interface@5.0 = PyPI | zope-interface | 5.0",
            "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar = Maven | org.apache.logging.log4j:log4j-core | 2.14.1",
            "pkg:golang/github.com/gin-gonic/gin@v1.6.0 = Go | github.com/gin-gonic/gin | 1.6.0",
            "pkg:golang/std@1.17 = Go | stdlib | 1.17",
            "pkg:golang/example.org/own@%28devel%29 = Go | example.org/own | -",
            "pkg:githubactions/actions/checkout@4.%2A.%2A = GitHub Actions | actions/checkout | -",
            "pkg:npm/lodash@%5E4.17.0 = npm | lodash | -",
            "pkg:golang/stdlib@go1.21.5 = Go | stdlib | 1.21.5",
            "pkg:composer/symfony/http-kernel@5.4.0 = Packagist | symfony/http-kernel | 5.4.0",
            "pkg:cargo/smallvec@1.6.0 = crates.io | smallvec | 1.6.0",
            "pkg:gem/rails@6.0.0 = RubyGems | rails | 6.0.0",
            "pkg:nuget/Newtonsoft.Json@9.0.1 = NuGet | Newtonsoft.Json | 9.0.1",
            "pkg:bitnami/apache@2.4.54-0?arch=amd64&distro=debian-11 = Bitnami | apache | 2.4.54-0",
            "pkg:swift/github.com/vapor/vapor@4.0.0 = SwiftURL | github.com/vapor/vapor | 4.0.0",
            "pkg:generic/openssl@3.0.7 = - | openssl | 3.0.7",
            "pkg:oci/ubi9@sha256:abc = - | ubi9 | sha256:abc",
        ]);
    }

    #[test]
    fn the_release_comes_from_the_distro_qualifier() {
        check(&[
            "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12 = Debian:12 | libssl3 | 3.0.11-1",
            "pkg:deb/debian/libssl3@3.0.11-1?distro=bookworm = Debian:12 | libssl3 | 3.0.11-1",
            "pkg:deb/debian/curl@7.50.3-1?distro=jessie = Debian:8 | curl | 7.50.3-1",
            "pkg:deb/ubuntu/pcre3@2%3A8.39-12?distro=focal = Ubuntu:20.04:LTS | pcre3 | 2:8.39-12",
            "pkg:deb/ubuntu/dpkg@1.19.0.4?distro=ubuntu-22.04 = Ubuntu:22.04:LTS | dpkg | 1.19.0.4",
            "pkg:apk/alpine/zlib@1.2.12-r1?distro=3.22.0&origin=zlib = Alpine:v3.22 | zlib | 1.2.12-r1",
            "pkg:apk/alpine/zlib@1.2.12-r1?distro=alpine-3.18.4 = Alpine:v3.18 | zlib | 1.2.12-r1",
            "pkg:rpm/redhat/acl@2.3.1-4.el9?distro=rhel-9.4 = Red Hat:enterprise_linux:9 | acl | 2.3.1-4.el9",
            "pkg:rpm/almalinux/acl@2.3.1-4?distro=almalinux-9.4 = AlmaLinux:9 | acl | 2.3.1-4",
            "pkg:rpm/opensuse/curl@7.56.1-1.1?distro=opensuse-leap-15.6 = openSUSE:Leap 15.6 | curl | 7.56.1-1.1",
            "pkg:apk/wolfi/curl@8.5-r0?distro=wolfi-20230201 = Wolfi | curl | 8.5-r0",
        ]);
    }

    #[test]
    fn without_the_qualifier_the_dist_tag_tells_or_nobody_does() {
        check(&[
            "pkg:rpm/redhat/openssl@3.0.7-18.el9_2?arch=src = Red Hat:enterprise_linux:9 | openssl | 3.0.7-18.el9_2",
            "pkg:rpm/redhat/nodejs@18.1-1.module%2Bel8.9.0%2B1?epoch=1 = Red Hat:enterprise_linux:8 | nodejs | 1:18.1-1.module+el8.9.0+1",
            "pkg:rpm/redhat/tzdata@2024a-1?repository_id=rhel-9-for-x86_64-baseos-rpms = Red Hat:enterprise_linux:9 | tzdata | 2024a-1",
            "pkg:rpm/rockylinux/bash@5.1-1.el8 = Rocky Linux:8 | bash | 5.1-1.el8",
            "pkg:rpm/redhat/gpg-pubkey@d4082792-5b32db75 = Red Hat | gpg-pubkey | d4082792-5b32db75",
            "pkg:deb/debian/libselinux1-dev@3.1-3?arch=s390x = Debian | libselinux1-dev | 3.1-3",
            "pkg:rpm/fedora/curl@7.50.3-1.fc25?distro=fedora-25 = - | curl | 7.50.3-1.fc25",
            "pkg:deb/debian/curl@8?distro=sid = - | curl | 8",
            "pkg:deb/debian/curl@8?distro=debian-sid = - | curl | 8",
            "pkg:deb/debian/curl@8?distro=debian = Debian | curl | 8",
            "pkg:apk/alpine/curl@8-r0?distro=edge = - | curl | 8-r0",
            "pkg:rpm/almalinux/curl@8-1?distro=el8 = AlmaLinux:8 | curl | 8-1",
            "pkg:rpm/centos/curl@8-1?distro=centos-stream-9 = Red Hat:enterprise_linux:9 | curl | 8-1",
        ]);
    }

    #[test]
    fn the_source_package_is_in_upstream_source_or_origin() {
        check_source(
            "pkg:deb/debian/libssl3@3.0.11-1?upstream=openssl",
            "openssl",
            "3.0.11-1",
        );
        check_source(
            "pkg:deb/debian/libssl3@1%3A2-1?upstream=openssl%403.0.1",
            "openssl",
            "3.0.1",
        );
        check_source(
            "pkg:deb/ubuntu/libpcre3@2%3A8.39-12?source=pcre3",
            "pcre3",
            "2:8.39-12",
        );
        check_source(
            "pkg:apk/alpine/libssl3@3.0.8-r0?origin=openssl",
            "openssl",
            "3.0.8-r0",
        );
        check_source(
            "pkg:rpm/redhat/dbus-libs@1.12.20-8.el9?epoch=1&upstream=dbus-1.12.20-8.el9.src.rpm",
            "dbus",
            "1:1.12.20-8.el9",
        );
        check_source(
            "pkg:rpm/redhat/python3-libs@3.9-1?upstream=python-3-7.el9.src.rpm",
            "python",
            "3-7.el9",
        );
        assert_eq!(read("pkg:deb/debian/attr@1").source, None);
    }

    #[test]
    fn an_installed_package_gets_the_url_sbom_tools_write() {
        let os = Os::named("rhel", Some("9.4"));
        let package = Package {
            arch: Some("x86_64".to_owned()),
            ..Package::new(
                "libstdc++",
                Some("1:11.4-1.el9".to_owned()),
                Location::file("x"),
            )
        };
        let purl = of_installed(&package, "rpm", &os).unwrap();
        assert_eq!(purl.qualifier("epoch"), Some("1"));
        assert_eq!(
            (purl.namespace(), purl.name(), purl.version()),
            (Some("redhat"), "libstdc++", Some("11.4-1.el9"))
        );
    }
}
