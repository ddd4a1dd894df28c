//! The facts a suppression rests on: what held of the findings it covered when it was made, and in what today differs.
//!
//! A change for the worse voids: a listing as known exploited, a host that is reachable or of which that is no longer known,
//! another version. A change for the better does not: whoever accepted a risk for an exposed host has accepted it for one
//! that is not.

use std::collections::{BTreeMap, BTreeSet};

use base::{CveId, HostId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use roaring::RoaringBitmap;

use crate::finding::Finding;
use crate::group::FindingGroup;
use crate::life::Member;

/// Whether a host can be reached by strangers, the mildest first. Not knowing is worse than knowing that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Exposure {
    No,
    Unknown,
    Yes,
}

impl Exposure {
    pub(super) const ALL: [Self; 3] = [Self::No, Self::Unknown, Self::Yes];

    const fn of(exposed: Option<bool>) -> Self {
        match exposed {
            Some(false) => Self::No,
            None => Self::Unknown,
            Some(true) => Self::Yes,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Yes => "yes",
        }
    }
}

/// What held when a suppression was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Held {
    /// The CVEs that were listed as known exploited.
    pub(super) listed: BTreeSet<CveId>,
    /// The hosts it covered, by what was known of their exposure.
    pub(super) exposed: BTreeMap<Exposure, RoaringBitmap>,
    /// The hosts that had a version of an upgraded unit, by ecosystem and unit, and version.
    pub(super) versions: BTreeMap<(String, String), BTreeMap<String, RoaringBitmap>>,
}

/// Which fact changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// It is listed as known exploited.
    Kev,
    /// Reachable from public networks, or no longer known not to be.
    Exposed,
    /// The installed version.
    Version,
    /// The condition after `unless`.
    Unless,
}

impl Fact {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Kev, Self::Exposed, Self::Version, Self::Unless];

    /// The word: `kev`, `exposed`, `version`, `unless`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kev => "kev",
            Self::Exposed => "exposed",
            Self::Version => "version",
            Self::Unless => "unless",
        }
    }
}

/// A suppression does not hold any more: for what, and which fact it rested on changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Void {
    /// Which fact.
    pub fact: Fact,
    /// The vulnerability it no longer sets aside, by the id of its finding; `None`: any.
    pub vulnerability: Option<String>,
    /// The hosts on which it no longer sets anything aside; `None`: any.
    pub hosts: Option<RoaringBitmap>,
    /// What held when it was made: `not listed`, `no`, `1.2-1`.
    pub was: String,
    /// What holds instead.
    pub is: String,
    /// Since when, or when it was first noticed.
    pub since: Timestamp,
}

impl Void {
    /// Which hosts it takes from a suppression of a finding.
    pub(super) fn takes(&self, finding: &Finding, hosts: &RoaringBitmap) -> RoaringBitmap {
        let of_finding = |id: &String| {
            let mut ids = std::iter::once(&finding.id).chain(&finding.aliases);
            ids.any(|own| own.eq_ignore_ascii_case(id))
                || finding.cves.iter().any(|cve| cve.to_string() == *id)
        };
        match (&self.vulnerability, &self.hosts) {
            (Some(id), _) if !of_finding(id) => RoaringBitmap::new(),
            (_, None) => hosts.clone(),
            (_, Some(void)) => hosts & void,
        }
    }
}

/// What is upgraded at once.
fn unit(finding: &Finding) -> (String, String) {
    let unit = finding.source_package.as_ref().unwrap_or(&finding.package);
    (finding.ecosystem.clone(), unit.clone())
}

/// Hosts by what is known of their exposure today.
pub(super) fn exposures(members: &[Member]) -> BTreeMap<Exposure, RoaringBitmap> {
    let mut by: BTreeMap<Exposure, RoaringBitmap> = BTreeMap::new();
    for member in members {
        let HostId(number) = member.name.id;
        let exposure = Exposure::of(member.asset.exposed);
        by.entry(exposure).or_default().insert(number);
    }
    by
}

impl Held {
    /// Remembers a finding on the hosts it covers.
    pub(super) fn remember(
        &mut self,
        group: &FindingGroup,
        hosts: &RoaringBitmap,
        today: &BTreeMap<Exposure, RoaringBitmap>,
    ) {
        if hosts.is_empty() {
            return;
        }
        self.listed
            .extend(group.finding.kev.iter().map(|kev| kev.cve));
        for (exposure, known) in today {
            let these = hosts & known;
            if !these.is_empty() {
                *self.exposed.entry(*exposure).or_default() |= these;
            }
        }
        let versions = self.versions.entry(unit(&group.finding)).or_default();
        *versions.entry(group.finding.version.clone()).or_default() |= hosts;
    }

    /// In what today differs for a finding on hosts.
    pub(super) fn differences(
        &self,
        finding: &Finding,
        hosts: &RoaringBitmap,
        today: &BTreeMap<Exposure, RoaringBitmap>,
        now: Timestamp,
    ) -> Vec<Void> {
        let listed = self.listing(finding, now);
        let exposed = self.exposures(hosts, today, now);
        let version = self.version(finding, hosts, now);
        listed.into_iter().chain(exposed).chain(version).collect()
    }

    fn listing(&self, finding: &Finding, now: Timestamp) -> Option<Void> {
        let kev = finding.kev.as_ref();
        let kev = kev.filter(|kev| !self.listed.contains(&kev.cve))?;
        let added = kev.added.to_zoned(TimeZone::UTC).ok();
        Some(Void {
            fact: Fact::Kev,
            vulnerability: Some(finding.id.clone()),
            hosts: None,
            was: match self.versions.is_empty() {
                true => "no finding to look at".to_owned(),
                false => "not listed".to_owned(),
            },
            is: format!("{} listed {}", kev.cve, kev.added),
            since: added.map_or(now, |zoned| zoned.timestamp().min(now)),
        })
    }

    /// Hosts that were remembered against what was remembered of each; those that came later against the worst of the others.
    fn exposures(
        &self,
        hosts: &RoaringBitmap,
        today: &BTreeMap<Exposure, RoaringBitmap>,
        now: Timestamp,
    ) -> Vec<Void> {
        let Some(worst) = self.exposed.keys().max().copied() else {
            return Vec::new();
        };
        let known = self
            .exposed
            .values()
            .fold(RoaringBitmap::new(), |all, some| all | some);
        let mut before = self.exposed.clone();
        *before.entry(worst).or_default() |= hosts - &known;
        let mut voids = Vec::new();
        for (was, remembered) in &before {
            for (is, these) in today.iter().filter(|(is, _)| *is > was) {
                let worse = hosts & remembered & these;
                if !worse.is_empty() {
                    voids.push(Void {
                        fact: Fact::Exposed,
                        vulnerability: None,
                        hosts: Some(worse),
                        was: was.as_str().to_owned(),
                        is: is.as_str().to_owned(),
                        since: now,
                    });
                }
            }
        }
        voids
    }

    /// Hosts that had another version, and hosts that came later with one that none had.
    fn version(&self, finding: &Finding, hosts: &RoaringBitmap, now: Timestamp) -> Option<Void> {
        let versions = self.versions.get(&unit(finding));
        let none = BTreeMap::new();
        let versions = match versions {
            Some(versions) => versions,
            None if self.versions.is_empty() => return None,
            None => &none,
        };
        let same = versions.get(&finding.version);
        let others = || {
            versions
                .iter()
                .filter(|(version, _)| **version != finding.version)
        };
        let known = versions
            .values()
            .fold(RoaringBitmap::new(), |all, some| all | some);
        let changed = match same {
            Some(same) => &(hosts & &known) - same,
            None => hosts.clone(),
        };
        if changed.is_empty() {
            return None;
        }
        let had: Vec<&str> = others()
            .filter(|(_, had)| versions.len() == 1 || !had.is_disjoint(&changed))
            .map(|(version, _)| version.as_str())
            .take(3)
            .collect();
        Some(Void {
            fact: Fact::Version,
            vulnerability: Some(finding.id.clone()),
            hosts: Some(changed),
            was: match had.is_empty() {
                true => "not among those covered".to_owned(),
                false => had.join(" or "),
            },
            is: format!("{} {}", finding.package, finding.version),
            since: now,
        })
    }
}
