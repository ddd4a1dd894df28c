//! A hit: a vulnerability that a release has, without the words. Words and scores are made again from the catalog when
//! somebody reads them; a hit is what the log remembers and the index counts.

use base::CveId;
use matching::{FixState, Match};

/// One vulnerability of one release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Id of the record that decided.
    pub id: String,
    /// Every other id of it, sorted; a CVE that is its only one is not repeated here.
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
        let only = only_cve(&found.cves).map(|cve| cve.to_string());
        let aliases = found.aliases.iter();
        let aliases = aliases.filter(|id| Some(*id) != only.as_ref());
        Self {
            id: found.id.clone(),
            aliases: aliases.cloned().collect(),
            cves: found.cves.clone(),
            fixed: found.fixed.clone(),
            fix_state: found.fix_state,
            is_unimportant: found.vendor_state == Some(advisories::model::VendorState::Unimportant),
            is_notice: found.informational.is_some(),
        }
    }

    /// Every id it goes by.
    pub fn ids(&self) -> impl Iterator<Item = String> {
        let own = std::iter::once(self.id.clone());
        let cves = self.cves.iter().map(ToString::to_string);
        own.chain(self.aliases.iter().cloned()).chain(cves)
    }

    /// The ids that tell it from every other vulnerability: its own, its aliases, and its CVE where it has one only. An erratum
    /// for twenty CVEs is not the same as each of them.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let own = std::iter::once(self.id.clone());
        let cve = only_cve(&self.cves).map(|cve| cve.to_string());
        own.chain(self.aliases.iter().cloned()).chain(cve)
    }

    /// Whether both are the same vulnerability under some name; the case of letters tells nothing.
    pub fn is_same(&self, other: &Self) -> bool {
        let is_theirs = |name: String| {
            let mut theirs = other.names();
            theirs.any(|n| n.eq_ignore_ascii_case(&name))
        };
        self.names().any(is_theirs)
    }
}

fn only_cve(cves: &[CveId]) -> Option<CveId> {
    match cves {
        [only] => Some(*only),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(id: &str, aliases: &[&str], cves: &[&str]) -> Hit {
        Hit {
            id: id.to_owned(),
            aliases: aliases.iter().map(|a| (*a).to_owned()).collect(),
            cves: cves.iter().map(|c| c.parse().unwrap()).collect(),
            fixed: Vec::new(),
            fix_state: FixState::Unknown,
            is_unimportant: false,
            is_notice: false,
        }
    }

    #[test]
    fn an_id_an_alias_or_the_only_cve_tells_that_two_are_the_same() {
        let one = hit("GHSA-1", &["PYSEC-1"], &["CVE-2026-0001"]);
        let check = |other: Hit, expected: bool| {
            assert_eq!(one.is_same(&other), expected, "{other:?}");
            assert_eq!(other.is_same(&one), expected, "{other:?}");
        };
        check(hit("ghsa-1", &[], &[]), true);
        check(hit("PYSEC-1", &[], &[]), true);
        check(hit("CVE-2026-0001", &[], &["CVE-2026-0001"]), true);
        check(hit("DSA-1", &[], &["CVE-2026-0001"]), true);
        check(
            hit("DSA-1", &[], &["CVE-2026-0001", "CVE-2026-0002"]),
            false,
        );
        check(
            hit(
                "DSA-1",
                &["CVE-2026-0001"],
                &["CVE-2026-0001", "CVE-2026-0002"],
            ),
            true,
        );
        check(hit("GHSA-2", &["PYSEC-2"], &["CVE-2026-0002"]), false);
    }
}
