//! What comes in about hosts: lines of `daywatch.host/1` by the million, or any inventory that was read, each as an [`Incoming`] with
//! the ids, the words and the packages of one host.
//!
//! Input is hostile: lines, counts and times are bounded and explained, a broken line loses itself and nothing else, and a clock that
//! is wrong never decides. Whose host it is, [`crate::identity`] tells.

mod clock;
mod line;
mod lines;
mod stream;

use base::{Limit, Note};
use inventory::{Host, HostKind, Listing};
use jiff::Timestamp;

pub use clock::{AHEAD_MINUTES, EARLIEST};
pub use line::{HOST_PACKAGES, SCHEMA};
pub use lines::LINE_BYTES;
pub use stream::{STREAM_HOSTS, STREAM_NOTES, Stream, Summary};

use crate::asset::Said;
use crate::identity::{Identifier, IdentifierKind, NoEvidence};

/// The longest name or word of a host.
pub const WORD_BYTES: Limit = Limit::new("host-word-bytes", 512);

/// One report of one host.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// What it calls itself, or is called by who reports it.
    pub label: String,
    /// Its ids, sorted, each once; never empty.
    pub identifiers: Vec<Identifier>,
    /// What it says of itself beside its packages: zone, owner, criticality, exposure.
    pub said: Vec<Said>,
    /// When it was so. Never in the future.
    pub seen_at: Timestamp,
    /// Its packages and all that was read of it.
    pub host: Host,
    /// The line it stands on, in a file of lines.
    pub line: Option<u64>,
    /// What was not understood.
    pub notes: Vec<Note>,
}

impl Incoming {
    /// A host that was read from files, under what it is called. Refused where that name tells it from no other.
    pub fn of_host(label: &str, host: Host, seen_at: Timestamp) -> Result<Self, NoEvidence> {
        let mut identifiers = called(label, host.kind)?;
        identifiers.sort_unstable();
        identifiers.dedup();
        Ok(Self {
            label: label.trim().to_owned(),
            identifiers,
            said: Vec::new(),
            seen_at,
            host,
            line: None,
            notes: Vec::new(),
        })
    }
}

/// The ids in what a host is called: the name of a machine, or of an image or an application as it is given.
fn called(label: &str, kind: HostKind) -> Result<Vec<Identifier>, NoEvidence> {
    match kind {
        HostKind::Machine => Identifier::of_label(label),
        HostKind::Image | HostKind::Application => {
            Identifier::read(IdentifierKind::Reference, label)
        }
    }
}

/// The hosts in a listing with what each is called: those it tells apart, or itself, by its own word or else as its file is called.
pub fn hosts_of(listing: Listing, file: &str) -> Vec<(String, Listing)> {
    let name = |listing: &Listing| {
        let subject = listing.subject.as_ref().map(|(name, _)| name.clone());
        let own = listing.host.clone().or(subject);
        own.filter(|name| !name.trim().is_empty())
    };
    if listing.hosts.is_empty() {
        return vec![(name(&listing).unwrap_or_else(|| file.to_owned()), listing)];
    }
    let hosts = listing.hosts.into_iter();
    hosts
        .map(|host| (name(&host).unwrap_or_else(|| file.to_owned()), host))
        .collect()
}

#[cfg(test)]
mod tests;
