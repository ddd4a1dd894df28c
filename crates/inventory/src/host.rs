//! A Host: a machine, an image or an application.

use crate::{Os, Package, Service, StaleProcess, Windows};

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
    /// What a Windows machine says of itself, for one that is.
    pub windows: Option<Windows>,
    /// Ports something listens on.
    pub services: Vec<Service>,
    /// Processes that still use a replaced file.
    pub stale: Vec<StaleProcess>,
    /// Packages, merged over all places, sorted by ecosystem, name, version, architecture.
    pub packages: Vec<Package>,
}

impl Host {
    /// A host of which nothing but its name and kind is known.
    pub fn new(name: impl Into<String>, kind: HostKind) -> Self {
        Self {
            name: name.into(),
            kind,
            os: None,
            kernel: None,
            windows: None,
            services: Vec::new(),
            stale: Vec::new(),
            packages: Vec::new(),
        }
    }
}
