//! Which hosts and which findings a suppression or a mitigation is about.

use base::{HostId, Limit};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use super::hosts_text;
use super::member::Member;
use crate::finding::Finding;
use crate::glob::matches;

/// Hosts that all lists of a record together may name.
pub const COVER_HOSTS: Limit = Limit::new("cover-hosts", 50_000_000);
/// Words (names, tags, zones, owners) of a cover.
pub const COVER_WORDS: Limit = Limit::new("cover-words", 1000);

/// Which hosts. Each condition that is given narrows; with none it is every host, today's and tomorrow's. In names, zones and
/// owners `*` stands for any run of characters; ASCII case does not count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostCover {
    /// Names, one of which it has; together with `hosts` they are one condition.
    pub names: Vec<String>,
    /// Hosts by their numbers.
    pub hosts: RoaringBitmap,
    /// Tags, one of which it has.
    pub tags: Vec<String>,
    /// Zones, one of which it is in.
    pub zones: Vec<String>,
    /// Owners, one of whom it has.
    pub owners: Vec<String>,
}

impl HostCover {
    /// The places in the list of the hosts it is about.
    pub fn places_of(&self, members: &[Member]) -> RoaringBitmap {
        let places = (0_u32..).zip(members);
        let within = places.filter(|(_, member)| self.has(member));
        within.map(|(place, _)| place).collect()
    }

    fn has(&self, member: &Member) -> bool {
        let any = |globs: &[String], word: Option<&str>| {
            globs.is_empty()
                || word.is_some_and(|word| globs.iter().any(|glob| matches(glob, word)))
        };
        let asset = &member.asset;
        let HostId(number) = member.name.id;
        let is_named = (self.names.is_empty() && self.hosts.is_empty())
            || self.hosts.contains(number)
            || self
                .names
                .iter()
                .any(|glob| matches(glob, &member.name.name));
        let has_tag = |tag: &String| asset.tags.iter().any(|own| own.eq_ignore_ascii_case(tag));
        is_named
            && (self.tags.is_empty() || self.tags.iter().any(has_tag))
            && any(&self.zones, asset.zone.as_deref())
            && any(&self.owners, asset.owner.as_deref())
    }

    /// In words, ` on host web-*, zone dmz`; empty for every host.
    pub fn words(&self) -> String {
        let named = [
            ("host", &self.names),
            ("tag", &self.tags),
            ("zone", &self.zones),
            ("hosts of", &self.owners),
        ];
        let named = named.iter().filter(|(_, words)| !words.is_empty());
        let mut parts: Vec<String> = named
            .map(|(kind, words)| format!("{kind} {}", words.join(" or ")))
            .collect();
        match self.hosts.len() {
            0 => {}
            1..=5 => {
                let hosts = self.hosts.iter().map(|host| HostId(host).to_string());
                parts.push(format!("host {}", hosts.collect::<Vec<_>>().join(" or ")));
            }
            many => parts.push(format!("{many} named hosts")),
        }
        match parts.is_empty() {
            true => String::new(),
            false => format!(" on {}", parts.join(", ")),
        }
    }
}

/// The text form of a [`HostCover`] within a record of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostCoverText {
    names: Vec<String>,
    hosts: String,
    tags: Vec<String>,
    zones: Vec<String>,
    owners: Vec<String>,
}

impl HostCoverText {
    pub(crate) fn of(cover: &HostCover) -> Self {
        Self {
            names: cover.names.clone(),
            hosts: hosts_text::write(&cover.hosts),
            tags: cover.tags.clone(),
            zones: cover.zones.clone(),
            owners: cover.owners.clone(),
        }
    }

    pub(crate) fn read(self, count: &mut u64) -> Result<HostCover, String> {
        let hosts = hosts_text::read(&self.hosts, count)?;
        let lists = [&self.names, &self.tags, &self.zones, &self.owners];
        let words: usize = lists.iter().map(|words| words.len()).sum();
        if COVER_WORDS.is_exceeded_by(words as u64) {
            return Err(format!("more words than the limit {COVER_WORDS}"));
        }
        Ok(HostCover {
            names: self.names,
            hosts,
            tags: self.tags,
            zones: self.zones,
            owners: self.owners,
        })
    }
}

/// Which vulnerabilities, through which packages, on which hosts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cover {
    /// Ids, aliases or CVEs, one of which a finding has. Never empty.
    pub ids: Vec<String>,
    /// The package or its source package; `*` as above.
    pub package: Option<String>,
    /// Where.
    pub hosts: HostCover,
}

impl Cover {
    /// Whether a finding is one it is about, wherever it stands.
    pub fn covers(&self, finding: &Finding) -> bool {
        self.ids.iter().any(|id| finding.is_called(id))
            && self.package.as_ref().is_none_or(|glob| finding.is_of(glob))
    }

    /// In words: `CVE-2026-0001 on package zlib*, host web-*`.
    pub fn words(&self) -> String {
        let package = self.package.as_ref();
        let package = package.map(|package| format!(" in package {package}"));
        let ids = self.ids.join(", ");
        format!("{ids}{}{}", package.unwrap_or_default(), self.hosts.words())
    }
}
