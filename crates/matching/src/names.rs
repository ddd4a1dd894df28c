//! Under which name, and with which version, a package is looked up: distributions differ in whether their advisories name
//! source or binary packages.

use inventory::Package;

/// One look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lookup<'p> {
    pub(crate) name: &'p str,
    pub(crate) version: std::borrow::Cow<'p, str>,
    /// Only what a vendor states of every version counts.
    pub(crate) only_states: bool,
}

/// The look-ups for a package with a version, most telling first.
pub(crate) fn lookups<'p>(package: &'p Package, version: &'p str) -> Vec<Lookup<'p>> {
    let own = Lookup {
        name: &package.name,
        version: version.into(),
        only_states: false,
    };
    let Some(source) = &package.source else {
        return vec![own];
    };
    let source_version = source.version.as_deref().unwrap_or(version);
    let from_source = Lookup {
        name: &source.name,
        version: source_version.into(),
        only_states: false,
    };
    match package.ecosystem.as_ref().map(base::Ecosystem::name) {
        Some("Debian" | "Ubuntu") => vec![unsigned(from_source)],
        Some("Alpine" | "Wolfi" | "Chainguard" | "Alpaquita" | "MinimOS")
            if source.name != package.name =>
        {
            // Chainguard and Wolfi also publish records under the name of the subpackage.
            vec![from_source, own]
        }
        // Rocky's records name the source rpm (`openssl`, `kernel`, `vim`), whose version is not that of every package built from
        // it: `npm` has its own, and `mod_ssl` an epoch of its own, so the source's is left to the record.
        Some("Rocky Linux") if source.name != package.name => {
            let without_epoch = source_version.split_once(':').map(|(_, v)| v);
            let from_source = Lookup {
                version: without_epoch.unwrap_or(source_version).into(),
                ..from_source
            };
            vec![own, from_source]
        }
        Some("SUSE" | "openSUSE" | "openEuler" | "Mageia" | "Azure Linux" | "Photon OS")
            if source.name != package.name =>
        {
            vec![
                own,
                Lookup {
                    name: &source.name,
                    version: version.into(),
                    only_states: false,
                },
            ]
        }
        Some("Red Hat") if source.name != package.name => {
            // Red Hat's statements without a fix name the source package, its errata the binaries.
            vec![
                own,
                Lookup {
                    only_states: true,
                    ..from_source
                },
            ]
        }
        _ => vec![own],
    }
}

/// Debian builds signed kernels and boot loaders from sources of their own (`linux-signed-amd64 6.1.76+1` holds the
/// binaries of `linux 6.1.76-1`); the security tracker knows only the unsigned source.
fn unsigned(lookup: Lookup<'_>) -> Lookup<'_> {
    let is_signed_kernel = lookup.name.starts_with("linux-signed-");
    if !is_signed_kernel {
        return lookup;
    }
    // The first one: a backport has another, `6.9.7+1~bpo12+1`.
    let version = match lookup.version.split_once('+') {
        Some((upstream, revision)) if !revision.is_empty() => {
            format!("{upstream}-{revision}").into()
        }
        _ => lookup.version,
    };
    Lookup {
        name: "linux",
        version,
        only_states: false,
    }
}

#[cfg(test)]
mod tests {
    use base::Ecosystem;
    use inventory::{Location, Source};

    use super::*;

    fn check(
        ecosystem: &str,
        name: &str,
        version: &str,
        source: Option<(&str, Option<&str>)>,
        expected: &[(&str, &str)],
    ) {
        let package = Package {
            name: name.to_owned(),
            version: Some(version.to_owned()),
            ecosystem: Some(ecosystem.parse::<Ecosystem>().unwrap()),
            purl: None,
            source: source.map(|(n, v)| Source {
                name: n.to_owned(),
                version: v.map(str::to_owned),
            }),
            arch: None,
            module: None,
            cpe: None,
            kept: None,
            locations: vec![Location::file("x")],
        };
        let got = lookups(&package, version);
        let got: Vec<_> = got.iter().map(|l| (l.name, l.version.as_ref())).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn debian_is_looked_up_by_source_and_its_version() {
        check(
            "Debian:12",
            "libssl3",
            "3.0.11-1",
            Some(("openssl", None)),
            &[("openssl", "3.0.11-1")],
        );
        check(
            "Debian:12",
            "libc6",
            "2.36-9",
            Some(("glibc", Some("2.36-9+x"))),
            &[("glibc", "2.36-9+x")],
        );
        check("Debian:12", "bash", "5.2", None, &[("bash", "5.2")]);
    }

    #[test]
    fn rocky_is_looked_up_by_package_and_by_source() {
        check(
            "Rocky Linux:8",
            "mod_ssl",
            "1:2.4.57-8.el9",
            Some(("httpd", Some("1:2.4.57-8.el9"))),
            &[("mod_ssl", "1:2.4.57-8.el9"), ("httpd", "2.4.57-8.el9")],
        );
        check(
            "Rocky Linux:8",
            "sudo",
            "1.8.29-7.el8",
            Some(("sudo", Some("1.8.29-7.el8"))),
            &[("sudo", "1.8.29-7.el8")],
        );
    }

    #[test]
    fn a_signed_kernel_is_the_unsigned_source() {
        check(
            "Debian:12",
            "linux-image-6.1.0-18-amd64",
            "6.1.76-1",
            Some(("linux-signed-amd64", Some("6.1.76+1"))),
            &[("linux", "6.1.76-1")],
        );
        check(
            "Debian:12",
            "linux-image-6.9.7+bpo-amd64",
            "6.9.7-1~bpo12+1",
            Some(("linux-signed-amd64", Some("6.9.7+1~bpo12+1"))),
            &[("linux", "6.9.7-1~bpo12+1")],
        );
    }

    #[test]
    fn red_hat_names_binary_packages() {
        check(
            "AlmaLinux:9",
            "openssl-libs",
            "1:3.0.7-2.el9",
            Some(("openssl", None)),
            &[("openssl-libs", "1:3.0.7-2.el9")],
        );
    }
}
