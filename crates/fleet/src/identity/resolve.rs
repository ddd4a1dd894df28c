//! Which host a report is about.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use base::HostId;

use super::directory::{Directory, HOST_IDENTIFIERS, SHARED_BY};
use super::evidence::{Difference, Doubt, Evidence, LookAlike, Rule, Verdict};
use super::identifier::{Identifier, IdentifierKind};
use super::merge_rules::{MergeRules, Strength};

/// Which host a report is about, and what was odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Which.
    pub verdict: Verdict,
    /// Hosts whose name looks the same and is another.
    pub look_alikes: Vec<LookAlike>,
    /// Ids that so many hosts have that they tell nothing ([`SHARED_BY`]).
    pub shared: Vec<Identifier>,
}

/// A known host that has an id of the report.
struct Candidate {
    host: HostId,
    evidence: Evidence,
    /// The rule that makes it the same, unless something speaks against it.
    rule: Option<Rule>,
    weight: Weight,
}

/// How much agrees, the weightiest first.
type Weight = [usize; 4];

impl Directory {
    /// Which host a report is about. The time it takes does not grow with the hosts, nor with those of one name.
    pub fn resolve(&self, incoming: &[Identifier], rules: &MergeRules) -> Resolution {
        let incoming: BTreeSet<&Identifier> = incoming
            .iter()
            .take(HOST_IDENTIFIERS.max as usize)
            .collect();
        let known = self.filed(&incoming);
        let mut shared = Vec::new();
        let verdict = match known {
            Some(host) => Verdict::Same {
                host,
                by: Rule::AsBefore,
                doubts: Vec::new(),
            },
            None => {
                let candidates = self.candidates(&incoming, rules, &mut shared);
                self.choose(candidates, rules)
            }
        };
        let names = incoming.iter().flat_map(|id| self.look_alikes(id));
        let is_other = |alike: &LookAlike| !matches!(&verdict, Verdict::Same { host, .. } if self.current(*host) == self.current(alike.host));
        let look_alikes = names.filter(is_other).collect();
        Resolution {
            verdict,
            look_alikes,
            shared,
        }
    }

    fn candidates(
        &self,
        incoming: &BTreeSet<&Identifier>,
        rules: &MergeRules,
        shared: &mut Vec<Identifier>,
    ) -> Vec<Candidate> {
        let mut hosts: BTreeSet<HostId> = BTreeSet::new();
        for id in incoming {
            let holders = self.having(id);
            if SHARED_BY.is_exceeded_by(holders.len() as u64) {
                shared.push((*id).clone());
            } else if rules.strength(id.kind()) > Strength::None {
                hosts.extend(holders);
            }
        }
        let followed: BTreeSet<&Identifier> = incoming
            .iter()
            .filter(|id| !shared.contains(id))
            .copied()
            .collect();
        hosts
            .into_iter()
            .filter_map(|host| self.candidate(host, &followed, incoming, rules))
            .collect()
    }

    fn candidate(
        &self,
        host: HostId,
        followed: &BTreeSet<&Identifier>,
        incoming: &BTreeSet<&Identifier>,
        rules: &MergeRules,
    ) -> Option<Candidate> {
        let counts = |id: &&&Identifier| rules.strength(id.kind()) > Strength::None;
        let known: Vec<&Identifier> = self
            .identifiers(host)
            .iter()
            .filter(|id| counts(&id))
            .collect();
        let incoming: Vec<&Identifier> = incoming.iter().filter(|id| counts(id)).copied().collect();
        let mut agrees: Vec<&Identifier> = known
            .iter()
            .filter(|id| followed.contains(*id))
            .copied()
            .collect();
        if differs_in_full_name(&known, &incoming) {
            agrees
                .retain(|id| !matches!(id.kind(), IdentifierKind::Name | IdentifierKind::NetBios));
        }
        if agrees.is_empty() {
            return None;
        }
        let differs = differences(&known, &incoming);
        let is_by_address = |ids: &[&Identifier]| ids.iter().all(|id| id.kind().is_replaced());
        let only_addresses = is_by_address(&known) && is_by_address(&incoming);
        let rule = match differs.is_empty() {
            true => rule(&agrees, only_addresses, rules),
            false => None,
        };
        Some(Candidate {
            host,
            weight: weight(&agrees, rules),
            rule,
            evidence: Evidence {
                agrees: agrees.into_iter().cloned().collect(),
                differs,
            },
        })
    }

    fn choose(&self, candidates: Vec<Candidate>, rules: &MergeRules) -> Verdict {
        let clear = || candidates.iter().filter(|c| c.rule.is_some());
        let best = clear().max_by(|a, b| heavier(a, b));
        let is_tied = |c: &Candidate| {
            best.is_some_and(|best| {
                c.weight == best.weight && self.current(c.host) != self.current(best.host)
            })
        };
        match best {
            Some(best) if !clear().any(is_tied) => {
                let (host, rule) = (best.host, best.rule.clone());
                let is_other = |c: &Candidate| {
                    c.is_decisive(rules)
                        && self.current(c.host) != self.current(host)
                        && !self.is_apart(host, c.host)
                };
                let doubts = self.doubts(candidates, is_other);
                match rule {
                    Some(by) => Verdict::Same { host, by, doubts },
                    None => Verdict::Doubt(doubts),
                }
            }
            _ => {
                let is_open = |c: &Candidate| c.is_decisive(rules) || c.evidence.differs.is_empty();
                let doubts = self.doubts(candidates, is_open);
                match doubts.is_empty() {
                    true => Verdict::New,
                    false => Verdict::Doubt(doubts),
                }
            }
        }
    }

    /// One doubt for each host as it is now, the weightiest of those merged into it.
    fn doubts(
        &self,
        mut candidates: Vec<Candidate>,
        is_open: impl Fn(&Candidate) -> bool,
    ) -> Vec<Doubt> {
        candidates.sort_by(|a, b| heavier(b, a));
        let mut asked = BTreeSet::new();
        candidates
            .into_iter()
            .filter(|c| is_open(c) && asked.insert(self.current(c.host)))
            .map(|c| Doubt {
                host: c.host,
                evidence: c.evidence,
            })
            .collect()
    }
}

impl Candidate {
    /// Whether an id agrees that would be enough alone.
    fn is_decisive(&self, rules: &MergeRules) -> bool {
        let mut agrees = self.evidence.agrees.iter();
        agrees.any(|id| rules.strength(id.kind()) == Strength::Decisive)
    }
}

/// By weight; of equals the host that is known longer.
fn heavier(a: &Candidate, b: &Candidate) -> Ordering {
    (a.weight, b.host).cmp(&(b.weight, a.host))
}

/// The rule that makes them one, when nothing speaks against it. `agrees` is sorted by weight.
fn rule(agrees: &[&Identifier], only_addresses: bool, rules: &MergeRules) -> Option<Rule> {
    let of = |wanted: Strength| {
        let ids = agrees.iter().copied();
        ids.filter(move |id| rules.strength(id.kind()) == wanted)
    };
    if let Some(id) = of(Strength::Decisive).next() {
        return Some(Rule::Decisive(id.clone()));
    }
    let first = of(Strength::Supporting).next()?;
    let second = of(Strength::Supporting).find(|id| id.kind() != first.kind());
    match second {
        Some(second) => Some(Rule::Supporting(first.clone(), second.clone())),
        None => only_addresses.then(|| Rule::AddressesOnly(first.clone())),
    }
}

/// Counts ids of the machine, full names, names, and what supports.
fn weight(agrees: &[&Identifier], rules: &MergeRules) -> Weight {
    let mut weight = [0; 4];
    for id in agrees {
        let place = match (rules.strength(id.kind()), id.kind()) {
            (Strength::Decisive, IdentifierKind::FullName) => 1,
            (Strength::Decisive, IdentifierKind::Name) => 2,
            (Strength::Decisive, _) => 0,
            _ => 3,
        };
        weight[place] += 1;
    }
    weight
}

/// `web07.corp.example` and `web07.lab.example` are two machines of one name: where both full names are known, the short
/// one says nothing more.
fn differs_in_full_name(known: &[&Identifier], incoming: &[&Identifier]) -> bool {
    let is_full = |id: &&&Identifier| id.kind() == IdentifierKind::FullName;
    let (mut known, mut incoming) = (
        known.iter().filter(is_full).peekable(),
        incoming.iter().filter(is_full).peekable(),
    );
    if known.peek().is_none() || incoming.peek().is_none() {
        return false;
    }
    let known: BTreeSet<&&Identifier> = known.collect();
    !incoming.any(|id| known.contains(id))
}

/// What a machine has one of and these have differently.
fn differences(known: &[&Identifier], incoming: &[&Identifier]) -> Vec<Difference> {
    let mut kinds: BTreeMap<(IdentifierKind, &str), [Vec<&Identifier>; 2]> = BTreeMap::new();
    for (side, ids) in [known, incoming].into_iter().enumerate() {
        for id in ids {
            if let Some(single) = id.single() {
                kinds.entry(single).or_default()[side].push(id);
            }
        }
    }
    let differ = kinds.into_values().filter(|[known, incoming]| {
        let both = !known.is_empty() && !incoming.is_empty();
        both && !known.iter().any(|id| incoming.contains(id))
    });
    let owned = |ids: Vec<&Identifier>| ids.into_iter().cloned().collect();
    differ
        .map(|[known, incoming]| Difference {
            known: owned(known),
            incoming: owned(incoming),
        })
        .collect()
}
