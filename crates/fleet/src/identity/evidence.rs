//! What speaks for and against two being one host, and what follows.

use base::HostId;

use super::identifier::Identifier;

/// Whether a report is about a host that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is this one.
    Same {
        /// The host the report is filed under, as it was first known. Where it was merged with another,
        /// [`super::Directory::current`] tells which host it is now.
        host: HostId,
        /// Why.
        by: Rule,
        /// Others that may be this host too.
        doubts: Vec<Doubt>,
    },
    /// None that is known.
    New,
    /// It may be one of these. Until somebody answers it is a host of its own, so nothing is merged in silence and nothing lost.
    Doubt(Vec<Doubt>),
}

/// The rule by which a report was taken for a host's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A report with exactly these ids was filed under the host before.
    AsBefore,
    /// A decisive id agrees and nothing speaks against it; the weightiest one.
    Decisive(Identifier),
    /// Supporting ids of two kinds agree and nothing speaks against it.
    Supporting(Identifier, Identifier),
    /// Neither is known by anything but addresses, and one agrees.
    AddressesOnly(Identifier),
}

impl Rule {
    /// In words: `uuid 1e2f… agrees`.
    pub fn words(&self) -> String {
        match self {
            Self::AsBefore => "the same ids as before".to_owned(),
            Self::Decisive(id) => format!("{id} agrees"),
            Self::Supporting(one, two) => format!("{one} and {two} agree"),
            Self::AddressesOnly(id) => {
                format!("{id} agrees, and nothing but addresses is known of either")
            }
        }
    }
}

/// A host that a report may be about, with what speaks for it and against it: a question for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The host, as it was first known.
    pub host: HostId,
    /// Both sides.
    pub evidence: Evidence,
}

/// What speaks for and against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Ids both have, the weightiest first.
    pub agrees: Vec<Identifier>,
    /// Ids of which a machine has one, and these have different ones.
    pub differs: Vec<Difference>,
}

/// A kind of id in which two differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What the known host has.
    pub known: Vec<Identifier>,
    /// What the report gives.
    pub incoming: Vec<Identifier>,
}

impl Evidence {
    /// In words, for and against: `for: machine-id 0a… · against: name web-01, not web-02`.
    pub fn words(&self) -> String {
        let list = |ids: &[Identifier]| {
            let shown: Vec<String> = ids.iter().take(3).map(ToString::to_string).collect();
            let more = ids.len().saturating_sub(shown.len());
            match more {
                0 => shown.join(", "),
                more => format!("{} and {more} more", shown.join(", ")),
            }
        };
        let against: Vec<String> = self
            .differs
            .iter()
            .map(|d| format!("{}, not {}", list(&d.known), list(&d.incoming)))
            .collect();
        match against.is_empty() {
            true => format!("for: {} · against: nothing", list(&self.agrees)),
            false => format!(
                "for: {} · against: {}",
                list(&self.agrees),
                against.join("; ")
            ),
        }
    }
}

/// A name that looks like that of a known host and is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookAlike {
    /// The known host.
    pub host: HostId,
    /// Its name.
    pub known: String,
    /// The name that looks like it.
    pub incoming: String,
}
