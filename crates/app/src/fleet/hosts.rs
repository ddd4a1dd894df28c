//! `hosts remove`, `hosts rules`, and what a person says of one host: acts on the fleet that are no reports.

use std::path::Path;

use base::HostId;
use fleet::asset::{Attribute, Authority, Said};
use fleet::change::{Act, What};
use fleet::rules::{RULES_BYTES, Rules};
use jiff::Timestamp;
use store::facts::{self, HostFact};
use store::log::Actor;
use store::people;
use store::records::RecordKind;

use crate::error::{Failure, Result};
use crate::fleet::commit::Fleet;
use crate::fleet::members::{Hosts, with_name};
use crate::fleet::place::Place;
use crate::fleet::view::empty;

/// Takes a host out of the fleet; its findings are then neither open nor fixed. What it reported is kept.
pub fn remove(place: Place, host: &str, now: Timestamp) -> Result<HostId> {
    let mut fleet = open(place)?;
    let hosts = Hosts::of(&fleet.store, &fleet.state, now)?;
    let id = hosts.find(host)?.host.id;
    fleet.commit(now, Actor::Program("hosts"), |entries| {
        for member in entries.state.directory.family(id) {
            if entries.state.index.hosts().contains(member.0) {
                entries.add(What::Removed(member))?;
            }
        }
        Ok(())
    })?;
    Ok(id)
}

/// Makes a file of rules the one that holds. A mistake anywhere in it refuses it.
pub fn set_rules(place: Place, file: &Path, now: Timestamp) -> Result<Rules> {
    let bytes = host::read(file, RULES_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let name = file.file_name().map_or_else(
        || file.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    let rules = Rules::parse(&name, &bytes).map_err(|mistakes| {
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Failure::input(mistakes.join("\n"))
            .hint("nothing was changed; docs/guide/fleet.md shows every key")
    })?;
    let mut fleet = Fleet::open(place)?;
    let body = with_name(&name, &bytes);
    fleet.commit(now, Actor::Program("hosts"), |entries| {
        let known = store::records::current(entries.tx, RecordKind::Rules)?;
        let last = known.last();
        if last.is_some_and(|record| record.body == body) {
            return Ok(());
        }
        let number = last.map(|record| record.number);
        entries.record(RecordKind::Rules, number, &body, false, Vec::new())?;
        Ok(())
    })?;
    Ok(rules)
}

/// Keeps what somebody says of a host: it counts more than rules, lists and the host's own word.
pub fn say(
    place: Place,
    host: &str,
    attribute: &Attribute,
    by: &str,
    now: Timestamp,
) -> Result<HostId> {
    let mut fleet = open(place)?;
    let hosts = Hosts::of(&fleet.store, &fleet.state, now)?;
    let id = hosts.find(host)?.host.id;
    let person = fleet.store.write(|tx| people::named(tx, by))?;
    fleet.commit(now, Actor::Person(person), |entries| {
        let learned = entries.sequence();
        let said = Said {
            attribute: attribute.clone(),
            authority: Authority::Person,
            source: format!("person:{}", person.0).into(),
        };
        let fact = HostFact::of(id, &said, entries.at(), learned);
        facts::learn(entries.tx, std::slice::from_ref(&fact))?;
        entries.add(What::Act(Act {
            kind: "fact".to_owned(),
            subject: u64::from(id.0),
            hosts: vec![id],
            record: base::Digest::of(format!("{}={:?}", fact.fact, fact.value).as_bytes()),
        }))?;
        Ok(())
    })?;
    Ok(id)
}

fn open(place: Place) -> Result<Fleet> {
    let fleet = Fleet::open(place)?;
    match fleet.state.index.sequence() {
        0 => Err(empty(&fleet.store.place())),
        _ => Ok(fleet),
    }
}
