//! A hit: a vulnerability that a release has, without the words. Words and scores are made again from the catalog when
//! somebody reads them; a hit is what the log remembers and the index counts.

use base::CveId;
use matching::{FixState, Match};

/// One vulnerability of one release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Id of the record that decided.
    pub id: String,
    /// Every other id of it, sorted; those of its CVEs are not repeated here.
    pub aliases: Vec<String>,
    /// Every CVE reached, sorted.
    pub cves: Vec<CveId>,
    /// Versions (or updates) that fix it, as the match gave them.
    pub fixed: Vec<String>,
    /// What is known about a fix.
    pub fix_state: FixState,
    /// The vendor calls it no security problem.
    pub is_unimportant: bool,
    /// The record is a notice (`unmaintained`), not a vulnerability.
    pub is_notice: bool,
}

impl Hit {
    /// Of a match.
    pub fn of(found: &Match) -> Self {
        let is_cve = |id: &str| found.cves.iter().any(|cve| cve.to_string() == id);
        let aliases = found.aliases.iter().filter(|id| !is_cve(id));
        Self {
            id: found.id.clone(),
            aliases: aliases.cloned().collect(),
            cves: found.cves.clone(),
            fixed: found.fixed.clone(),
            fix_state: found.fix_state,
            is_unimportant: found.vendor_state
                == Some(advisories::model::VendorState::Unimportant),
            is_notice: found.informational.is_some(),
        }
    }

    /// Every id it goes by.
    pub fn ids(&self) -> impl Iterator<Item = String> {
        let own = std::iter::once(self.id.clone());
        let cves = self.cves.iter().map(ToString::to_string);
        own.chain(self.aliases.iter().cloned()).chain(cves)
    }

    /// Whether both are the same vulnerability under some name.
    pub fn is_same(&self, other: &Self) -> bool {
        self.ids().any(|id| other.ids().any(|theirs| theirs == id))
    }
}
