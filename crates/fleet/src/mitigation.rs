//! Mitigations: what keeps a vulnerability from being used while it is there. Told to an owner, claimed by somebody, verified by
//! a report of the host, and over on a day. Nobody's word makes one hold: only a report does, and what no report can show stays
//! a claim. Nor does one ever make a finding fixed.

mod evaluate;
mod sight;
mod wire;

use base::Limit;
use inventory::Transport;
use jiff::Timestamp;

use crate::life::cover::Cover;

pub use evaluate::{Evaluated, Report, State, evaluate};
pub use sight::{Sight, look};
pub use wire::MITIGATION_BYTES;

/// Characters of one text of a mitigation.
pub const MITIGATION_TEXT: Limit = Limit::new("mitigation-text-characters", 2000);

/// A mitigation that the store keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Mitigation {
    /// Its number.
    pub number: u64,
    /// What was asked for.
    pub measure: Measure,
    /// What it keeps from being used, and where.
    pub cover: Cover,
    /// The role or team that asked for it.
    pub told_by: String,
    /// When.
    pub told_at: Timestamp,
    /// Who says that it is done, and when.
    pub claimed: Option<(String, Timestamp)>,
    /// Until when it is to hold; then it has to be looked at again.
    pub until: Timestamp,
}

/// What keeps a vulnerability from being used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Nothing listens on a port that others can reach.
    PortGone(Transport, u16),
    /// A program, by its name or its package, does not listen.
    ServiceStopped(String),
    /// A package is not installed; `*` stands for any run of characters.
    PackageRemoved(String),
    /// A role or feature of Windows is not installed.
    FeatureOff(String),
    /// A setting has a value. No inventory reads settings.
    Setting {
        /// Its name: `sshd_config PermitRootLogin`.
        name: String,
        /// What it is to be.
        value: String,
    },
    /// A port cannot be reached from outside a zone. No inventory sees that.
    BlockedAtEdge {
        /// The zone.
        zone: String,
        /// The transport.
        transport: Transport,
        /// The port.
        port: u16,
    },
}

impl Measure {
    /// In words, as done: `tcp 443 does not listen`.
    pub fn words(&self) -> String {
        match self {
            Self::PortGone(transport, port) => {
                format!("nothing listens on {} {port}", transport.as_str())
            }
            Self::ServiceStopped(program) => format!("{program} does not listen"),
            Self::PackageRemoved(package) => format!("package {package} is not installed"),
            Self::FeatureOff(feature) => format!("the feature {feature} is off"),
            Self::Setting { name, value } => format!("{name} is {value}"),
            Self::BlockedAtEdge {
                zone,
                transport,
                port,
            } => format!(
                "{} {port} is blocked at the edge of {zone}",
                transport.as_str()
            ),
        }
    }
}

#[cfg(test)]
mod tests;
