//! The hosts as documents speak of them: what each is called, what is said of it and by whom, when it was last heard of.

use std::collections::HashMap;
use std::sync::Arc;

use base::HostId;
use fleet::asset::{Asset, Said};
use fleet::group::HostName;
use fleet::identity::Identifier;
use fleet::life::Member;
use fleet::rules::{Rules, Subject};
use inventory::Os;
use jiff::Timestamp;
use store::facts::{self, AsOf, HostFact};
use store::hosts::KnownHost;
use store::records::{self, RecordKind};
use store::reports::{self, StoredReport};
use store::{Store, Tx};

use crate::accounts::Sight;
use crate::error::{Failure, Result};
use crate::fleet::known::{Known, compared};
use crate::fleet::merged::Merged;
use crate::fleet::state::State;
use crate::fleet::system;

/// A host and all that is said of it.
#[derive(Clone, Debug)]
pub struct Placed {
    /// What decisions are made from.
    pub member: Member,
    /// The host as the store knows it.
    pub host: KnownHost,
    /// The number under which its last report is filed: another one where hosts were merged.
    pub stands: HostId,
    /// Its ids, and those of hosts that were merged into it.
    pub identifiers: Vec<Identifier>,
    /// Its operating system, if known.
    pub os: Option<Os>,
    /// How many packages it has, if it was ever read.
    pub packages: Option<usize>,
    /// Its last report; `None` of a host that is only known from elsewhere.
    pub report: Option<StoredReport>,
    /// The lines of the rules that are about it.
    pub rules: Vec<u64>,
    /// Some rule is about it that is not about every host.
    pub is_ruled: bool,
}

/// The hosts of the fleet, by name, and the rules that held.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// Those that are in the fleet, by name and number.
    pub placed: Vec<Placed>,
    /// The rules.
    pub rules: Rules,
    /// What is known elsewhere.
    pub known: Known,
    /// Which of the hosts that report are one.
    pub merged: Merged,
    /// Where each stands among them.
    places: HashMap<HostId, usize>,
}

impl Hosts {
    /// Those of a state, at the moment it is of.
    pub fn of(store: &Store, state: &State, at: Timestamp) -> Result<Self> {
        let sequence = state.index.sequence();
        let rules = rules_at(store, sequence)?;
        let known = compared(store, state, rules.merge_rules())?;
        let as_of = AsOf {
            sequence,
            moment: at,
        };
        let merged = Merged::of(&state.index, &state.directory);
        let placed = store.read(|tx| {
            let on_file = OnFile::read(tx, &known, as_of)?;
            Ok(placed(state, &rules, &merged, on_file))
        })?;
        Ok(Self {
            places: places(&placed),
            placed,
            rules,
            known,
            merged,
        })
    }

    /// The host of a number, if it is in the fleet.
    pub fn of_number(&self, id: HostId) -> Option<&Placed> {
        self.placed.get(*self.places.get(&id)?)
    }

    /// What decisions are made from, in the order of the hosts.
    pub fn members(&self) -> Vec<Member> {
        self.placed.iter().map(|one| one.member.clone()).collect()
    }

    /// Leaves out the hosts somebody does not see, and what lists elsewhere say, which is of no owner.
    pub fn keep_seen(&mut self, sight: &Sight) {
        if *sight != Sight::Everything {
            self.placed
                .retain(|one| sight.sees(one.member.asset.owner.as_deref()));
            self.places = places(&self.placed);
            self.known = Known::default();
        }
    }

    /// The host that is meant: by its number, else by a name or an id that only it has.
    pub fn find(&self, text: &str) -> Result<&Placed> {
        if let Ok(id) = text.parse::<HostId>()
            && let Some(found) = self.of_number(id)
        {
            return Ok(found);
        }
        let is_called = |one: &&Placed| {
            one.host.name.eq_ignore_ascii_case(text)
                || one.identifiers.iter().any(|id| id.value() == text)
        };
        let mut found = self.placed.iter().filter(is_called);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(one), Some(other)) => Err(Failure::usage(format!(
                "{text} may be {} or {}",
                one.host.id, other.host.id
            ))
            .hint("name it by its number; `daywatch hosts list` shows them")),
            (None, _) => Err(
                Failure::input(format!("no host of the fleet is called {text}")).hint(
                    "`daywatch hosts list` shows them; `daywatch hosts import PATH` adds one",
                ),
            ),
        }
    }
}

/// Where each host stands among those that are placed.
fn places(placed: &[Placed]) -> HashMap<HostId, usize> {
    let places = placed.iter().enumerate();
    places.map(|(at, one)| (one.host.id, at)).collect()
}

/// The rules that were known at a place in the log; the newest file of rules holds.
pub fn rules_at(store: &Store, sequence: u64) -> Result<Rules> {
    let records = store.read(|tx| records::at(tx, RecordKind::Rules, sequence))?;
    let Some(record) = records.last() else {
        return Ok(Rules::default());
    };
    let (name, bytes) = named_bytes(&record.body);
    Rules::parse(&name, bytes).map_err(|_| {
        Failure::internal("the rules in the store cannot be read by this version")
            .hint("give them again with `daywatch hosts rules FILE`")
    })
}

/// A file in a record: its name, a line feed, its bytes.
pub(super) fn with_name(name: &str, bytes: &[u8]) -> Vec<u8> {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    [name.as_bytes(), b"\n", bytes].concat()
}

/// The name and the bytes of a file in a record.
pub(super) fn named_bytes(body: &[u8]) -> (String, &[u8]) {
    let end = body.iter().position(|b| *b == b'\n').unwrap_or(body.len());
    let name = String::from_utf8_lossy(&body[..end]).into_owned();
    (name, body.get(end + 1..).unwrap_or_default())
}

/// What lists say of a host.
#[derive(Clone, Debug, Default)]
struct Elsewhere {
    lists: Vec<Arc<str>>,
    units: Vec<String>,
    said: Vec<Said>,
}

fn elsewhere(known: &Known) -> HashMap<HostId, Elsewhere> {
    let mut all: HashMap<HostId, Elsewhere> = HashMap::new();
    for seen in &known.comparison.seen {
        let of_host = all.entry(seen.host).or_default();
        for &(list, entry) in &seen.entries {
            let Some(list) = known.lists.get(list) else {
                continue;
            };
            let Some(entry) = list.entries.get(entry) else {
                continue;
            };
            of_host.lists.push(Arc::clone(&list.name));
            of_host.units.extend(entry.units.iter().cloned());
            of_host.said.extend(entry.said.iter().cloned());
        }
    }
    all
}

/// All that is on file of the hosts, by number.
struct OnFile {
    said: HashMap<HostId, Vec<HostFact>>,
    reports: HashMap<HostId, StoredReport>,
    elsewhere: HashMap<HostId, Elsewhere>,
}

impl OnFile {
    fn read(tx: &Tx<'_>, known: &Known, as_of: AsOf) -> store::Result<Self> {
        let mut said: HashMap<HostId, Vec<HostFact>> = HashMap::new();
        for fact in facts::at(tx, as_of)? {
            said.entry(fact.host).or_default().push(fact);
        }
        let reports = reports::latest_at(tx, as_of.sequence)?.into_iter();
        Ok(Self {
            said,
            reports: reports.map(|report| (report.host, report)).collect(),
            elsewhere: elsewhere(known),
        })
    }
}

/// The hosts that are in the fleet: of those that are one, the one whose number goes on.
fn placed(state: &State, rules: &Rules, merged: &Merged, mut on_file: OnFile) -> Vec<Placed> {
    let is_there = |host: &HostId| state.index.hosts().contains(host.0);
    let mut placed: Vec<Placed> = Vec::new();
    for host in &state.hosts {
        let family = state.directory.family(host.id);
        let is_itself = state.directory.current(host.id) == host.id;
        if !is_itself || (host.removed.is_some() && !family.iter().any(is_there)) {
            continue;
        }
        let stands = merged.standing_for(host.id);
        let mut facts: Vec<HostFact> = Vec::new();
        for member in &family {
            facts.extend(on_file.said.remove(member).unwrap_or_default());
        }
        // Of two who count alike the later word holds.
        facts.sort_by_key(|fact| (fact.valid_from, fact.learned));
        let ids = family.iter().map(|id| state.directory.identifiers(*id));
        let mut identifiers = ids.collect::<Vec<_>>().concat();
        identifiers.sort();
        identifiers.dedup();
        let read = Read {
            stands,
            facts,
            identifiers,
            report: on_file.reports.remove(&stands),
            elsewhere: on_file.elsewhere.remove(&host.id).unwrap_or_default(),
        };
        placed.push(place(host, read, rules));
    }
    placed.sort_by(|a, b| (&a.host.name, a.host.id).cmp(&(&b.host.name, b.host.id)));
    placed
}

/// All that was read of a host.
struct Read {
    stands: HostId,
    facts: Vec<HostFact>,
    identifiers: Vec<Identifier>,
    report: Option<StoredReport>,
    elsewhere: Elsewhere,
}

fn place(host: &KnownHost, read: Read, rules: &Rules) -> Placed {
    let Read {
        stands,
        facts,
        identifiers,
        report,
        elsewhere,
    } = read;
    let is_system = |fact: &&HostFact| fact.fact == system::FACT && fact.host == stands;
    let system = facts.iter().rev().find(is_system);
    let system = system.and_then(|fact| fact.value.as_deref());
    let (remembered, packages) = system::host_of(&host.name, host.kind, system);
    let systems = remembered.os.as_ref().map(|os| [os.id.clone(), os.label()]);
    let names = identifiers.iter().map(Identifier::value);
    let subject = Subject::new(host.kind, names.chain([host.name.as_str()]))
        .running(systems.iter().flatten().map(String::as_str))
        .in_units(elsewhere.units.iter().map(String::as_str))
        .on_lists(elsewhere.lists.iter().map(|list| &**list));
    let own = facts.iter().filter_map(HostFact::said);
    let ruled = rules.asset(&subject, own.chain(elsewhere.said).collect());
    let name = HostName {
        id: host.id,
        name: host.name.clone(),
    };
    Placed {
        member: Member::of(name, sourced(ruled.asset, rules), &remembered),
        host: host.clone(),
        stands,
        identifiers,
        os: remembered.os,
        packages,
        report,
        rules: ruled.matched,
        is_ruled: ruled.is_matched,
    }
}

fn sourced(asset: Asset, rules: &Rules) -> Asset {
    Asset {
        source: rules.source().to_owned(),
        ..asset
    }
}
