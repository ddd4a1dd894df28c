//! `hosts ask`: every host is asked to report again, now; who has answered since is told until all have.

use base::HostId;
use fleet::ask::{Answers, Ask};
use fleet::glob::matches;
use inventory::HostKind;
use jiff::Timestamp;
use roaring::RoaringBitmap;
use store::log::Actor;
use store::people;
use store::records::{self, RecordKind};

use crate::error::{Failure, Result};
use crate::fleet::commit::Fleet;
use crate::fleet::members::{Hosts, Placed};
use crate::fleet::place::Place;
use crate::fleet::state::State;
use crate::fleet::view::{View, empty};

/// The longest reason, in bytes.
const REASON_BYTES: base::Limit = base::Limit::new("ask-reason-bytes", 2_000);

/// Whom to ask, and why.
#[derive(Clone, Debug, Default)]
pub struct AskRequest {
    /// Their numbers, or names in which `*` stands for any characters; of several one. Empty: all.
    pub hosts: Vec<String>,
    /// Only hosts in this zone; `*` as above.
    pub zone: Option<String>,
    /// Only hosts of this owner; `*` as above.
    pub owner: Option<String>,
    /// Only hosts of this kind.
    pub kind: Option<HostKind>,
    /// Why.
    pub reason: Option<String>,
    /// Who asks: a role or a team.
    pub by: Option<String>,
}

/// The newest question to hosts, and where it stands.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its number.
    pub number: u64,
    /// What was asked.
    pub ask: Ask,
    /// Who has answered.
    pub answers: Answers,
}

/// Asks hosts to report again: what is kept is the moment and who was asked. Nothing is sent.
pub fn ask(place: Place, request: &AskRequest, now: Timestamp) -> Result<Asked> {
    if let Some(reason) = &request.reason
        && REASON_BYTES.is_exceeded_by(reason.len() as u64)
    {
        return Err(Failure::usage(format!(
            "--reason is too long (limit {REASON_BYTES})"
        )));
    }
    let mut fleet = Fleet::open(place)?;
    if fleet.state.index.sequence() == 0 {
        return Err(empty(&fleet.store.place()));
    }
    let hosts = Hosts::of(&fleet.store, &fleet.state, now)?;
    let meant = hosts.placed.iter().filter(|one| request.means(one));
    let ask = Ask {
        at: now,
        reason: request.reason.clone(),
        select: request.words(),
        hosts: meant.map(|one| one.host.id.0).collect(),
    };
    if ask.hosts.is_empty() {
        return Err(
            Failure::input(format!("no host is meant by: {}", ask.select))
                .hint("`daywatch hosts list` shows the hosts; without a choice all are asked"),
        );
    }
    let actor = match &request.by {
        Some(by) => Actor::Person(fleet.store.write(|tx| people::named(tx, by))?),
        None => Actor::Program("hosts"),
    };
    let text = ask.to_text();
    let number = fleet.commit(now, actor, |entries| {
        let hosts = ask.hosts.iter().map(HostId).collect();
        entries.record(RecordKind::Ask, None, text.as_bytes(), false, hosts)
    })?;
    let answers = ask.answers(reports(&hosts.placed));
    Ok(Asked {
        number,
        ask,
        answers,
    })
}

/// The newest question that was known at the moment of the view; `None` if nobody was asked.
pub fn latest(view: &View) -> Result<Option<Asked>> {
    let sequence = view.state.index.sequence();
    let known = view
        .store
        .read(|tx| records::at(tx, RecordKind::Ask, sequence))?;
    let Some(record) = known.last() else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&record.body);
    let mut ask = Ask::from_text(&text).map_err(|why| {
        let number = record.number;
        Failure::internal(format!("question {number} to hosts cannot be read: {why}"))
            .hint("ask again with `daywatch hosts ask`")
    })?;
    ask.hosts = as_they_are_now(&view.state, &ask.hosts);
    let answers = ask.answers(reports(&view.hosts.placed));
    Ok(Some(Asked {
        number: record.number,
        ask,
        answers,
    }))
}

/// Hosts that turned out to be one are asked as one.
fn as_they_are_now(state: &State, hosts: &RoaringBitmap) -> RoaringBitmap {
    let current = hosts
        .iter()
        .map(|host| state.directory.current(HostId(host)));
    current.map(|host| host.0).collect()
}

fn reports(placed: &[Placed]) -> impl Iterator<Item = (HostId, Option<Timestamp>)> {
    placed.iter().map(|one| {
        let seen_at = one.report.as_ref().map(|report| report.seen_at);
        (one.host.id, seen_at)
    })
}

impl AskRequest {
    fn means(&self, one: &Placed) -> bool {
        let asset = &one.member.asset;
        let is_word = |glob: &Option<String>, word: Option<&str>| {
            let Some(glob) = glob else {
                return true;
            };
            word.is_some_and(|word| matches(glob, word))
        };
        let is_called =
            |text: &String| matches(text, &one.host.name) || one.host.id.to_string() == *text;
        (self.hosts.is_empty() || self.hosts.iter().any(is_called))
            && is_word(&self.zone, asset.zone.as_deref())
            && is_word(&self.owner, asset.owner.as_deref())
            && self.kind.is_none_or(|kind| kind == one.host.kind)
    }

    fn words(&self) -> String {
        let hosts = (!self.hosts.is_empty()).then(|| self.hosts.join(" or "));
        let texts = [
            ("host", hosts),
            ("zone", self.zone.clone()),
            ("owner", self.owner.clone()),
            ("kind", self.kind.map(|kind| kind.as_str().to_owned())),
        ];
        let said = texts
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name} {}", value?)));
        said.collect::<Vec<_>>().join(", ")
    }
}
