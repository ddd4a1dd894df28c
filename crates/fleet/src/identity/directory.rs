//! Every host that is known, by its ids; which were merged, and which are told apart.
//!
//! A merge is a view: each host keeps its own ids and its reports stay filed under it, so that taking the merge back gives what was
//! before. Nothing here takes longer because many hosts have one name: an id that more than [`SHARED_BY`] hosts have tells
//! nothing and is not followed.

use std::collections::{BTreeSet, HashMap};

use base::{HostId, Limit};

use super::evidence::LookAlike;
use super::identifier::{Identifier, IdentifierKind};
use super::names;

/// Hosts that may share an id before it tells nothing.
pub const SHARED_BY: Limit = Limit::new("identifier-hosts", 16);
/// Ids of one host, and of one report.
pub const HOST_IDENTIFIERS: Limit = Limit::new("host-identifiers", 256);
/// Sets of ids that are remembered for one host; tools that look at it differ in what they see.
const SIGNATURES: usize = 64;

/// The hosts that are known.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    hosts: HashMap<HostId, Known>,
    by_id: HashMap<Identifier, Vec<HostId>>,
    by_signature: HashMap<Signature, HostId>,
    /// Names by what they look like.
    by_looks: HashMap<Box<str>, Vec<(Identifier, HostId)>>,
    /// From a host to the one it was merged into.
    merged: HashMap<HostId, Merge>,
    /// From a host to those merged into it, directly.
    members: HashMap<HostId, BTreeSet<HostId>>,
    /// Pairs somebody said are not the same host, both ways.
    apart: HashMap<HostId, BTreeSet<HostId>>,
}

/// The ids of a report that stay with a machine, sorted.
type Signature = Box<[Identifier]>;

#[derive(Clone, Debug, Default)]
struct Known {
    /// Sorted, each once.
    ids: Vec<Identifier>,
    signatures: Vec<Signature>,
}

#[derive(Clone, Copy, Debug)]
struct Merge {
    into: HostId,
    /// The two that somebody said are one, the lower number first. The merge is between the hosts these were at the time.
    because: (HostId, HostId),
}

/// What somebody said of two hosts, or took back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They are one host; it goes by the first from now on.
    Same,
    /// They are two.
    Different,
    /// What was said of the two before no longer holds.
    TakenBack,
}

impl Answer {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::TakenBack => "taken-back",
        }
    }
}

impl Directory {
    /// Takes in the ids of a host: those that stay with a machine add up, of addresses and cards those of the last report hold.
    /// Returns how many were too many to keep ([`HOST_IDENTIFIERS`]).
    pub fn learn(&mut self, host: HostId, incoming: &[Identifier]) -> usize {
        let incoming: BTreeSet<&Identifier> = incoming.iter().collect();
        let replaced: BTreeSet<IdentifierKind> = incoming
            .iter()
            .map(|id| id.kind())
            .filter(|kind| kind.is_replaced())
            .collect();
        let known = self.hosts.entry(host).or_default();
        let is_gone = |id: &Identifier| replaced.contains(&id.kind()) && !incoming.contains(id);
        let gone: Vec<Identifier> = known.ids.iter().filter(|id| is_gone(id)).cloned().collect();
        for id in gone {
            self.unlink(host, &id);
            self.forget_signatures_with(host, &id);
        }
        let mut too_many = 0;
        for id in &incoming {
            too_many += usize::from(!self.link(host, id));
        }
        self.remember(host, signature(incoming.iter().copied()));
        too_many
    }

    fn link(&mut self, host: HostId, id: &Identifier) -> bool {
        let known = self.hosts.entry(host).or_default();
        let Err(at) = known.ids.binary_search(id) else {
            return true;
        };
        if HOST_IDENTIFIERS.is_exceeded_by(known.ids.len() as u64 + 1) {
            return false;
        }
        known.ids.insert(at, id.clone());
        let holders = self.by_id.entry(id.clone()).or_default();
        if let Err(at) = holders.binary_search(&host) {
            holders.insert(at, host);
        }
        if let Some(looks) = looks(id) {
            let alike = self.by_looks.entry(looks.into()).or_default();
            if !SHARED_BY.is_exceeded_by(alike.len() as u64 + 1) {
                alike.push((id.clone(), host));
            }
        }
        true
    }

    fn unlink(&mut self, host: HostId, id: &Identifier) {
        if let Some(known) = self.hosts.get_mut(&host)
            && let Ok(at) = known.ids.binary_search(id)
        {
            known.ids.remove(at);
        }
        if let Some(holders) = self.by_id.get_mut(id) {
            if let Ok(at) = holders.binary_search(&host) {
                holders.remove(at);
            }
            if holders.is_empty() {
                self.by_id.remove(id);
            }
        }
        if let Some(looks) = looks(id)
            && let Some(alike) = self.by_looks.get_mut(&*looks)
        {
            alike.retain(|(one, of)| (one, *of) != (id, host));
            if alike.is_empty() {
                self.by_looks.remove(&*looks);
            }
        }
    }

    fn remember(&mut self, host: HostId, signature: Signature) {
        if signature.is_empty() || self.by_signature.contains_key(&signature) {
            return;
        }
        let known = self.hosts.entry(host).or_default();
        if known.signatures.len() == SIGNATURES {
            let oldest = known.signatures.remove(0);
            self.by_signature.remove(&oldest);
        }
        known.signatures.push(signature.clone());
        self.by_signature.insert(signature, host);
    }

    /// A set of ids with one that the host lost may be another host's tomorrow.
    fn forget_signatures_with(&mut self, host: HostId, id: &Identifier) {
        let Some(known) = self.hosts.get_mut(&host) else {
            return;
        };
        let is_lost = |signature: &mut Signature| signature.contains(id);
        for lost in known.signatures.extract_if(.., is_lost) {
            self.by_signature.remove(&lost);
        }
    }

    /// Forgets a host that is no more, with its merges and answers.
    pub fn forget(&mut self, host: HostId) {
        let Some(known) = self.hosts.get(&host) else {
            return;
        };
        for id in known.ids.clone() {
            self.unlink(host, &id);
        }
        if let Some(known) = self.hosts.remove(&host) {
            for signature in known.signatures {
                self.by_signature.remove(&signature);
            }
        }
        self.split(host);
        for member in self.members.remove(&host).unwrap_or_default() {
            self.merged.remove(&member);
        }
        for other in self.apart.remove(&host).unwrap_or_default() {
            if let Some(others) = self.apart.get_mut(&other) {
                others.remove(&host);
            }
        }
    }

    /// What somebody said of two hosts. The later answer holds: a merge of two that were told apart makes them one.
    pub fn answer(&mut self, one: HostId, other: HostId, answer: Answer) {
        match answer {
            Answer::Same => {
                self.join(one, other);
            }
            Answer::Different => {
                self.part(one, other);
                self.apart.entry(one).or_default().insert(other);
                self.apart.entry(other).or_default().insert(one);
            }
            Answer::TakenBack => {
                self.part(one, other);
                self.reconcile(one, other);
            }
        }
    }

    fn join(&mut self, one: HostId, other: HostId) {
        for a in self.family(one) {
            for b in self.family(other) {
                self.reconcile(a, b);
            }
        }
        let (into, from) = (self.current(one), self.current(other));
        if into != from {
            let because = (one.min(other), one.max(other));
            self.merged.insert(from, Merge { into, because });
            self.members.entry(into).or_default().insert(from);
        }
    }

    /// Takes back the merge that made the two one: that of an answer about these two, else that of the other.
    fn part(&mut self, one: HostId, other: HostId) {
        if one == other || self.current(one) != self.current(other) {
            return;
        }
        let pair = (one.min(other), one.max(other));
        let is_between = |host: &HostId| self.merged.get(host).is_some_and(|m| m.because == pair);
        let below = self.family(one).into_iter().find(is_between);
        let is_root = !self.merged.contains_key(&other);
        self.split(below.unwrap_or(if is_root { one } else { other }));
    }

    fn split(&mut self, host: HostId) {
        if let Some(merge) = self.merged.remove(&host)
            && let Some(members) = self.members.get_mut(&merge.into)
        {
            members.remove(&host);
            if members.is_empty() {
                self.members.remove(&merge.into);
            }
        }
    }

    fn reconcile(&mut self, one: HostId, other: HostId) {
        for (a, b) in [(one, other), (other, one)] {
            if let Some(others) = self.apart.get_mut(&a) {
                others.remove(&b);
            }
        }
    }

    /// Which host it is now: itself, or the one it was merged into.
    pub fn current(&self, host: HostId) -> HostId {
        let mut at = host;
        while let Some(merge) = self.merged.get(&at) {
            at = merge.into;
        }
        at
    }

    /// The host it is now and every one that was merged into that, sorted.
    pub fn family(&self, host: HostId) -> Vec<HostId> {
        let mut family = BTreeSet::from([self.current(host)]);
        let mut open: Vec<HostId> = family.iter().copied().collect();
        while let Some(at) = open.pop() {
            let members = self.members.get(&at).into_iter().flatten();
            open.extend(members.filter(|member| family.insert(**member)));
        }
        family.into_iter().collect()
    }

    /// Whether somebody said that they are two hosts.
    pub fn is_apart(&self, one: HostId, other: HostId) -> bool {
        let current = self.current(other);
        let mut family = self.family(one).into_iter();
        family.any(|member| {
            let mut others = self.apart.get(&member).into_iter().flatten();
            others.any(|other| self.current(*other) == current)
        })
    }

    /// The ids of a host as it was first known, the weightiest first. [`Self::family`] tells whose else are its own.
    pub fn identifiers(&self, host: HostId) -> &[Identifier] {
        self.hosts.get(&host).map_or(&[], |known| &known.ids)
    }

    /// The hosts that have an id, sorted; they may have been merged.
    pub fn having(&self, id: &Identifier) -> &[HostId] {
        self.by_id.get(id).map_or(&[], Vec::as_slice)
    }

    /// The host under which a report with just these ids was filed.
    pub(super) fn filed(&self, incoming: &BTreeSet<&Identifier>) -> Option<HostId> {
        let signature = signature(incoming.iter().copied());
        self.by_signature.get(&signature).copied()
    }

    /// Hosts whose name looks like an incoming one and is another. Names in ASCII are told apart by who reads them.
    pub(super) fn look_alikes(&self, id: &Identifier) -> Vec<LookAlike> {
        let alike = looks(id).and_then(|looks| self.by_looks.get(&*looks));
        let is_odd = |known: &Identifier| !known.value().is_ascii() || !id.value().is_ascii();
        let alike = alike.into_iter().flatten();
        let others =
            alike.filter(|(known, _)| known != id && known.kind() == id.kind() && is_odd(known));
        others
            .map(|(known, host)| LookAlike {
                host: *host,
                known: known.value().to_owned(),
                incoming: id.value().to_owned(),
            })
            .collect()
    }
}

fn signature<'a>(incoming: impl Iterator<Item = &'a Identifier> + Clone) -> Signature {
    let staying: Signature = incoming
        .clone()
        .filter(|id| !id.kind().is_replaced())
        .cloned()
        .collect();
    if staying.is_empty() {
        return incoming.cloned().collect();
    }
    staying
}

fn looks(id: &Identifier) -> Option<String> {
    use IdentifierKind::{FullName, Name, Reference};
    matches!(id.kind(), FullName | Name | Reference).then(|| names::looks(id.value()))
}
