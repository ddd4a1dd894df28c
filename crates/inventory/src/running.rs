//! What runs on a host, as opposed to what lies on its disk: listening services, and processes that still use a file which was
//! replaced.

use crate::Location;

/// A port something listens on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    /// The transport.
    pub transport: Transport,
    /// The port.
    pub port: u16,
    /// The address it is bound to, as reported; `None` where the source does not say.
    pub address: Option<String>,
    /// The program behind it: its path, or its name where that is all there is.
    pub program: Option<String>,
    /// The installed package that owns the program.
    pub package: Option<String>,
    /// The product, where a banner or a fingerprint names one.
    pub product: Option<ServiceProduct>,
    /// How sure this is.
    pub confidence: Confidence,
    /// Where this was read.
    pub location: Location,
}

/// The transport of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// A product as a banner tells it. Banners lie and distributions backport, so this never outranks a package list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceProduct {
    /// The name, as the fingerprint prints it: `Apache HTTPD`, `OpenSSH`.
    pub name: String,
    /// The version.
    pub version: Option<String>,
    /// The CPE name, where the fingerprint has one.
    pub cpe: Option<base::Cpe>,
}

/// How sure a statement about something running is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A port number alone.
    Possible,
    /// A banner, a fingerprint, a version taken from the wire.
    Likely,
    /// The host itself: the process, its file, the package that owns the file.
    Certain,
}

impl Transport {
    /// `tcp`, `udp`, `sctp`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

impl Confidence {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// A process that has a file open which is no longer what lies on the disk: restart needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StaleProcess {
    /// Process id; `None` where the source names a unit or a session instead.
    pub pid: Option<u32>,
    /// The program's path, or the name of the program, unit or session.
    pub program: String,
    /// The file it still uses; `None` where the source does not say.
    pub file: Option<String>,
    /// The installed package that owns a file of this path.
    pub package: Option<String>,
}
