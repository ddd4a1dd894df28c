//! A host as groups of findings see it: its name, what the team says of it, and whether its system still gets fixes; and the
//! kinds of hosts, which are told apart only by what a decision or a word of a finding is made from.

use std::collections::BTreeMap;

use base::HostId;
use inventory::{Host, Os};
use jiff::civil::Date;
use matching::Support;
use roaring::RoaringBitmap;

use crate::asset::{Asset, AttributeKind, Criticality, Pci};
use crate::group::HostName;

/// A host of the fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its number and its name.
    pub name: HostName,
    /// What the team says of it.
    pub asset: Asset,
    /// Its system, as ecosystems name it (`Debian`), and how long that is supported; `None` where that is not known.
    pub support: Option<(String, Support)>,
}

impl Member {
    /// Of a host and what the team says of it.
    pub fn of(name: HostName, asset: Asset, host: &Host) -> Self {
        let ecosystem = host.os.as_ref().and_then(Os::ecosystem);
        Self {
            name,
            asset,
            support: ecosystem
                .map(|e| e.name().to_owned())
                .zip(Support::of(host)),
        }
    }

    /// The system for which no fix will come any more, on a day.
    fn ended(&self, today: Date) -> Option<&str> {
        let (system, support) = self.support.as_ref()?;
        support.is_over(today).then_some(system)
    }
}

/// Hosts that a decision cannot tell apart.
#[derive(Clone, Debug)]
pub(super) struct Kind<'a> {
    /// One of them, whose facts stand for all.
    pub(super) asset: &'a Asset,
    /// The system for which no fix will come any more.
    pub(super) ended: Option<&'a str>,
    /// All of them.
    pub(super) hosts: RoaringBitmap,
}

/// What kinds are told apart by: what is known, and who says so.
type Key<'a> = (
    (Option<bool>, Option<&'a str>),
    (Option<Criticality>, Option<&'a str>),
    (Option<Pci>, Option<&'a str>),
    Option<&'a str>,
);

/// The hosts told, by kind, and where each stands in the list.
pub(super) struct Kinds<'a> {
    pub(super) kinds: Vec<Kind<'a>>,
    places: BTreeMap<HostId, usize>,
}

impl<'a> Kinds<'a> {
    pub(super) fn of(members: &'a [Member], today: Date) -> Self {
        let mut kinds: BTreeMap<Key<'a>, Kind<'a>> = BTreeMap::new();
        for member in members {
            let asset = &member.asset;
            let ended = member.ended(today);
            let by = |kind| asset.source_of(kind);
            let key = (
                (asset.exposed, by(AttributeKind::Exposed)),
                (asset.criticality, by(AttributeKind::Criticality)),
                (asset.pci_on(today), by(AttributeKind::Scope)),
                ended,
            );
            let kind = kinds.entry(key).or_insert_with(|| Kind {
                asset: &member.asset,
                ended,
                hosts: RoaringBitmap::new(),
            });
            kind.hosts.insert(member.name.id.0);
        }
        let places = members.iter().enumerate();
        Self {
            kinds: kinds.into_values().collect(),
            places: places.map(|(at, member)| (member.name.id, at)).collect(),
        }
    }

    /// Where hosts stand in the list, sorted.
    pub(super) fn places_of(&self, hosts: &RoaringBitmap) -> Vec<usize> {
        let places = hosts
            .iter()
            .filter_map(|host| self.places.get(&HostId(host)));
        let mut places: Vec<usize> = places.copied().collect();
        places.sort_unstable();
        places
    }
}
