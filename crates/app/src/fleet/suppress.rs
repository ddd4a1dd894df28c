//! `findings suppress` and `findings mitigate`: what people decide about findings, kept with who, why and until when.

use std::path::Path;

use base::HostId;
use fleet::mitigation::Mitigation;
use fleet::suppression::{Record, Request, Suppression, Void};
use jiff::Timestamp;
use risk::policy::Policy;
use store::log::Actor;
pub use store::records::RecordKind;

use crate::error::{Failure, Result};
use crate::fleet::commit::Fleet;
use crate::fleet::life::kept;
use crate::fleet::place::Place;
use crate::fleet::view::{Moment, View};

/// Sets findings aside; the suppression's number, and how many findings it covers now.
pub fn suppress(
    place: Place,
    catalog: Option<&Path>,
    policies: &[Policy],
    request: &Request,
    now: Timestamp,
) -> Result<(u64, Suppression, u64)> {
    let view = now_of(place.clone(), catalog, now)?;
    let (groups, members) = (view.lives(policies)?.groups, view.hosts.members());
    let made = |number| {
        Record::make(number, request, &groups, &members, now).map_err(|why| {
            Failure::usage(why).hint("see `daywatch findings suppress --help`; nothing was changed")
        })
    };
    let record = made(0)?;
    let evaluated =
        fleet::suppression::evaluate(std::slice::from_ref(&record), groups.clone(), &members, now);
    let is_covered = |group: &&fleet::group::FindingGroup| {
        group.life == fleet::group::Life::Suppressed(record.number)
    };
    let covered = evaluated.groups.iter().filter(is_covered);
    let covered = covered.map(|group| group.targets.len() as u64).sum();
    let number = write(place, RecordKind::Suppression, &record.to_text(), now)?;
    Ok((number, record.suppression(), covered))
}

/// Sets aside what each of several requests covers, all or nothing; the numbers of the suppressions.
pub fn suppress_all(
    place: Place,
    catalog: Option<&Path>,
    policies: &[Policy],
    requests: &[Request],
    now: Timestamp,
) -> Result<Vec<u64>> {
    let view = now_of(place.clone(), catalog, now)?;
    let (groups, members) = (view.lives(policies)?.groups, view.hosts.members());
    let made = |request| Record::make(0, request, &groups, &members, now);
    let records: Vec<Record> = requests
        .iter()
        .map(made)
        .collect::<std::result::Result<_, _>>()
        .map_err(|why| Failure::usage(why).hint("nothing was changed"))?;
    let mut fleet = Fleet::open(place)?;
    fleet.commit(now, Actor::Program("findings"), |entries| {
        let kind = RecordKind::Suppression;
        let texts = records.iter().map(Record::to_text);
        texts
            .map(|text| entries.record(kind, None, text.as_bytes(), false, Vec::new()))
            .collect()
    })
}

/// Asks for a mitigation, or says that it is done; its number.
pub fn mitigate(place: Place, mitigation: &Mitigation, now: Timestamp) -> Result<u64> {
    mitigation.check().map_err(|why| {
        Failure::usage(why).hint("see `daywatch findings mitigate --help`; nothing was changed")
    })?;
    write(place, RecordKind::Mitigation, &mitigation.to_text(), now)
}

/// Somebody says that a mitigation is done. It counts when a later report shows it.
pub fn claim(place: Place, number: u64, by: &str, now: Timestamp) -> Result<Mitigation> {
    let mut fleet = Fleet::open(place)?;
    let (kept, _) = kept(&fleet.store, fleet.state.index.sequence())?;
    let found = kept.mitigations.into_iter().find(|m| m.number == number);
    let mut mitigation = found.ok_or_else(|| none("mitigation", number))?;
    mitigation.claimed = Some((by.to_owned(), now));
    let text = mitigation.to_text();
    fleet.commit(now, Actor::Program("findings"), |entries| {
        entries.record(
            RecordKind::Mitigation,
            Some(number),
            text.as_bytes(),
            false,
            Vec::new(),
        )
    })?;
    Ok(mitigation)
}

/// Takes a suppression or a mitigation back, or looks again at a suppression so that what voided it counts no more.
pub fn withdraw(place: Place, kind: RecordKind, number: u64, now: Timestamp) -> Result<()> {
    let mut fleet = Fleet::open(place)?;
    fleet.commit(now, Actor::Program("findings"), |entries| {
        let known = store::records::current(entries.tx, kind)?;
        let record = known.into_iter().find(|record| record.number == number);
        let record = record.ok_or_else(|| {
            store::StoreError::Refused(format!("there is no {} {number}", kind.as_str()))
        })?;
        entries.record(kind, Some(number), &record.body, true, Vec::<HostId>::new())
    })?;
    Ok(())
}

/// Makes a suppression rest on what holds now; nothing of it is void any more.
pub fn renew(
    place: Place,
    catalog: Option<&Path>,
    policies: &[Policy],
    number: u64,
    now: Timestamp,
) -> Result<Suppression> {
    let view = now_of(place.clone(), catalog, now)?;
    let (groups, members) = (view.lives(policies)?.groups, view.hosts.members());
    let (kept, _) = kept(&view.store, view.state.index.sequence())?;
    let found = kept.suppressions.into_iter().find(|s| s.number == number);
    let mut record = found.ok_or_else(|| none("suppression", number))?;
    record.renew(&groups, &members, now);
    let text = record.to_text();
    let mut fleet = Fleet::open(place)?;
    fleet.commit(now, Actor::Program("findings"), |entries| {
        entries.record(
            RecordKind::Suppression,
            Some(number),
            text.as_bytes(),
            false,
            Vec::new(),
        )
    })?;
    Ok(record.suppression())
}

/// Keeps what voided itself with its suppression: what is void stays so until somebody renews it.
pub fn keep_voids(place: Place, voided: &[(u64, Void)], now: Timestamp) -> Result<()> {
    if voided.is_empty() {
        return Ok(());
    }
    let mut fleet = Fleet::open(place)?;
    let (kept, _) = kept(&fleet.store, fleet.state.index.sequence())?;
    fleet.commit(now, Actor::Program("brief"), |entries| {
        for record in &kept.suppressions {
            let new = voided.iter().filter(|(number, _)| *number == record.number);
            let mut record = record.clone();
            let before = record.voids.len();
            record.voids.extend(new.map(|(_, void)| void.clone()));
            if record.voids.len() > before {
                let text = record.to_text();
                let number = Some(record.number);
                entries.record(
                    RecordKind::Suppression,
                    number,
                    text.as_bytes(),
                    false,
                    Vec::new(),
                )?;
            }
        }
        Ok(())
    })
}

fn now_of(place: Place, catalog: Option<&Path>, now: Timestamp) -> Result<View> {
    let moment = Moment {
        at: now,
        is_as_of: false,
        told_after: None,
    };
    View::open(place, catalog, moment)
}

fn write(place: Place, kind: RecordKind, text: &str, now: Timestamp) -> Result<u64> {
    let mut fleet = Fleet::open(place)?;
    fleet.commit(now, Actor::Program("findings"), |entries| {
        entries.record(kind, None, text.as_bytes(), false, Vec::new())
    })
}

fn none(what: &str, number: u64) -> Failure {
    Failure::input(format!("there is no {what} {number}"))
        .hint("`daywatch findings list` shows the numbers")
}
