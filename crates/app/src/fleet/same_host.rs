//! `hosts same`: hosts that may be one, and what somebody answers. An answer can be taken back, and nothing is lost by it: each
//! host keeps its own ids and its own reports ([`merged`](crate::fleet::merged)).

use base::{Digest, HostId};
use fleet::change::{Act, What};
use fleet::identity::{Answer, Directory, Doubt, Evidence, Rule, Verdict};
use jiff::Timestamp;
use store::answers::{self, GivenAnswer};
use store::log::Actor;

use crate::error::{Failure, Result};
use crate::fleet::commit::{Entries, Fleet};
use crate::fleet::members::Hosts;
use crate::fleet::place::Place;

/// Two hosts that may be one.
#[derive(Clone, Debug)]
pub struct MayBeOne {
    /// The one.
    pub one: HostId,
    /// What it is called.
    pub one_name: String,
    /// The other.
    pub other: HostId,
    /// What it is called.
    pub other_name: String,
    /// What speaks for it and against it, in words.
    pub evidence: String,
}

/// The pairs nobody has answered for, by number.
pub fn queue(place: Place, now: Timestamp) -> Result<Vec<MayBeOne>> {
    let fleet = Fleet::open(place)?;
    let hosts = Hosts::of(&fleet.store, &fleet.state, now)?;
    let name = |id: HostId| {
        let host = fleet.state.host(id);
        host.map_or_else(|| id.to_string(), |host| host.name.clone())
    };
    let known = &fleet.state.directory;
    let mut directory = known.clone();
    let mut pairs = Vec::new();
    for placed in &hosts.placed {
        let id = placed.host.id;
        for doubt in doubts(&mut directory, id, &hosts) {
            // What is taken out to be asked about is taken out with the answers about it.
            let other = known.current(doubt.host);
            if other == id || known.is_apart(id, other) {
                continue;
            }
            let (one, other) = (id.min(other), id.max(other));
            pairs.push(MayBeOne {
                one,
                one_name: name(one),
                other,
                other_name: name(other),
                evidence: doubt.evidence.words(),
            });
        }
    }
    pairs.sort_by_key(|pair| (pair.one, pair.other));
    pairs.dedup_by_key(|pair| (pair.one, pair.other));
    Ok(pairs)
}

/// Which other hosts a host's own ids could be of, were it to report now for the first time.
fn doubts(directory: &mut Directory, id: HostId, hosts: &Hosts) -> Vec<Doubt> {
    let ids = directory.identifiers(id).to_vec();
    directory.forget(id);
    let verdict = directory.resolve(&ids, hosts.rules.merge_rules()).verdict;
    directory.learn(id, &ids);
    match verdict {
        Verdict::New => Vec::new(),
        Verdict::Doubt(doubts) => doubts,
        Verdict::Same { host, by, doubts } => {
            let mut all = doubts;
            let agrees = match by {
                Rule::AsBefore => Vec::new(),
                Rule::Decisive(id) | Rule::AddressesOnly(id) => vec![id],
                Rule::Supporting(one, two) => vec![one, two],
            };
            all.push(Doubt {
                host,
                evidence: Evidence {
                    agrees,
                    differs: Vec::new(),
                },
            });
            all
        }
    }
}

/// Takes an answer about two hosts. Where they are one, the first goes on; where that is taken back, each is what it was, with
/// what it reported meanwhile.
pub fn answer(
    place: Place,
    one: &str,
    other: &str,
    answer: Answer,
    now: Timestamp,
) -> Result<(HostId, HostId)> {
    let mut fleet = Fleet::open(place)?;
    let (one, other) = (known(&fleet, one)?, known(&fleet, other)?);
    if one == other {
        return Err(Failure::usage(format!("{one} is one host already")));
    }
    fleet.commit(now, Actor::Program("hosts"), |entries| {
        write(entries, one, other, answer)
    })?;
    Ok((one, other))
}

/// The host of a number or a name; merged ones too.
fn known(fleet: &Fleet, text: &str) -> Result<HostId> {
    let by_number = text
        .parse::<HostId>()
        .ok()
        .and_then(|id| fleet.state.host(id));
    let mut called = fleet.state.hosts.iter().filter(|host| host.name == text);
    match (by_number, called.next(), called.next()) {
        (Some(host), ..) | (None, Some(host), None) => Ok(host.id),
        (None, Some(one), Some(other)) => Err(Failure::usage(format!(
            "{text} may be {} or {}: name it by its number",
            one.id, other.id
        ))),
        (None, None, _) => Err(Failure::input(format!("no host is called {text}"))
            .hint("`daywatch hosts list` shows them with their numbers")),
    }
}

fn write(
    entries: &mut Entries<'_>,
    one: HostId,
    other: HostId,
    answer: Answer,
) -> store::Result<()> {
    let given = GivenAnswer {
        one,
        other,
        answer,
        learned: entries.sequence(),
    };
    answers::give(entries.tx, &given)?;
    let words = format!("{one} {other} {}", answer.as_str());
    entries.add(What::Act(Act {
        kind: "same-host".to_owned(),
        subject: u64::from(one.0),
        hosts: vec![one, other],
        record: Digest::of(words.as_bytes()),
    }))?;
    entries.state.directory.answer(one, other, answer);
    Ok(())
}
