//! Channels of fixes that a host may or may not have beside its release: Ubuntu Pro, and Red Hat's extended update support
//! (EUS, AUS, E4S, TUS). Feeds list them as releases of their own (`Ubuntu:Pro:22.04:LTS`, `Red Hat:rhel_eus:9.4::baseos`).
//!
//! No inventory says which channels are enabled, so it is read from what is installed: a version with `esm` comes from Ubuntu
//! Pro, and a build for `el9_4` that is at or above the fix for 9.4 has that fix wherever it came from.

use base::Ecosystem;
use inventory::Host;

use crate::release::ubuntu_version;

/// A channel that a record's entry is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Expanded security maintenance of this release.
    UbuntuPro,
    /// Extended support of the minor release that the installed build was made for.
    Extended {
        /// `RHEL 9.4 EUS`.
        name: String,
    },
}

impl Channel {
    /// The channel of `published` for a host of `installed`, if it is one beside that release.
    pub(crate) fn of(installed: &Ecosystem, version: &str, published: &str) -> Option<Self> {
        let (_, published) = published.split_once(':')?;
        let release = installed.release()?;
        match installed.name() {
            "Ubuntu" => {
                let base = published.strip_prefix("Pro:")?;
                (ubuntu_version(base) == ubuntu_version(release)).then_some(Self::UbuntuPro)
            }
            "Red Hat" => {
                let (product, rest) = published.strip_prefix("rhel_")?.split_once(':')?;
                let minor = rest.split(':').next()?;
                let is_extended = matches!(product, "eus" | "aus" | "e4s" | "tus");
                let is_ours = is_extended && minor_release(version).as_deref() == Some(minor);
                is_ours.then(|| Self::Extended {
                    name: format!("RHEL {minor} {}", product.to_uppercase()),
                })
            }
            _ => None,
        }
    }
}

/// `9.4` of `2.5.0-2.el9_4.2`, the minor release a build was made for.
fn minor_release(version: &str) -> Option<String> {
    version.match_indices(".el").find_map(|(at, tag)| {
        let (major, rest) = version[at + tag.len()..].split_once('_')?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let minor = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        (is_number(major) && is_number(minor)).then(|| format!("{major}.{minor}"))
    })
}

/// Whether a build is one for the same minor release.
pub(crate) fn same_minor(a: &str, b: &str) -> bool {
    minor_release(a).is_some_and(|minor| minor_release(b) == Some(minor))
}

/// Whether the host takes updates from Ubuntu Pro: something installed came from there.
pub(crate) fn has_ubuntu_pro(host: &Host) -> bool {
    host.packages
        .iter()
        .filter(|p| p.ecosystem.as_ref().is_some_and(|e| e.name() == "Ubuntu"))
        .any(|p| p.version.as_deref().is_some_and(from_ubuntu_pro))
}

/// Whether this build came from Ubuntu Pro.
pub(crate) fn from_ubuntu_pro(version: &str) -> bool {
    ["+esm", "~esm", ".esm"]
        .iter()
        .any(|mark| version.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(installed: &str, version: &str, published: &str, expected: Option<&str>) {
        let installed: Ecosystem = installed.parse().unwrap();
        let channel = Channel::of(&installed, version, published);
        let name = channel.as_ref().map(|channel| match channel {
            Channel::UbuntuPro => "Ubuntu Pro",
            Channel::Extended { name } => name,
        });
        assert_eq!(name, expected, "{installed} {version} {published}");
    }

    #[test]
    fn a_channel_is_one_of_the_same_release() {
        check(
            "Ubuntu:22.04:LTS",
            "1",
            "Ubuntu:Pro:22.04:LTS",
            Some("Ubuntu Pro"),
        );
        check(
            "Ubuntu:22.04",
            "1",
            "Ubuntu:Pro:22.04:LTS",
            Some("Ubuntu Pro"),
        );
        check("Ubuntu:22.04:LTS", "1", "Ubuntu:Pro:20.04:LTS", None);
        check("Ubuntu:22.04:LTS", "1", "Ubuntu:22.04:LTS", None);
        check("Ubuntu:22.04:LTS", "1", "Ubuntu:Pro:FIPS:22.04:LTS", None);
        let build = "0:2.5.0-2.el9_4.1";
        let rhel = "Red Hat:enterprise_linux:9";
        check(
            rhel,
            build,
            "Red Hat:rhel_eus:9.4::appstream",
            Some("RHEL 9.4 EUS"),
        );
        check(rhel, build, "Red Hat:rhel_eus:9.2::appstream", None);
        check(
            rhel,
            "0:2.5.0-2.el9",
            "Red Hat:rhel_eus:9.4::appstream",
            None,
        );
        check(rhel, build, "Red Hat:enterprise_linux:9::appstream", None);
        check("npm", build, "npm", None);
    }

    #[test]
    fn a_build_names_its_minor_release() {
        let check = |version, expected: Option<&str>| {
            assert_eq!(minor_release(version).as_deref(), expected, "{version}")
        };
        check("0:3.6.16-5.el8_6.4", Some("8.6"));
        check("18.1-1.module+el9.2.0+2+bb", None);
        check("3.6.16-5.el8", None);
        check("1.el9_", None);
    }
}
