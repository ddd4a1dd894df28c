//! A change of an account as a record in the audit chain: which account, what happened, what it may since. No secret and no name: those
//! are in rows that can be erased.

use fleet::change::{Act, What};
use jiff::Timestamp;
use serde::Serialize;
use store::accounts::AccountId;
use store::log::{self, Actor, Entry};
use store::records::{self, NewRecord, RecordKind};
use store::{Summary, Tx};

/// What happened to an account.
#[derive(Serialize)]
pub(super) struct Event<'a> {
    /// Which account.
    pub(super) account: u32,
    /// What happened, in a word or two.
    pub(super) what: &'a str,
    /// The roles it has since.
    pub(super) roles: &'a str,
    /// The owners whose hosts it sees since, a line each; nothing for all.
    pub(super) owners: Option<&'a str>,
}

/// Writes the record and its entry of the log, in the transaction of the change.
pub(super) fn record(
    tx: &Tx<'_>,
    now: Timestamp,
    by: Actor<'_>,
    account: AccountId,
    what: &str,
) -> store::Result<()> {
    let known = store::accounts::get(tx, account)?;
    let event = Event {
        account: account.0,
        what,
        roles: known.as_ref().map_or("", |known| known.roles.as_str()),
        owners: known.as_ref().and_then(|known| known.owners.as_deref()),
    };
    let body = serde_json::to_vec(&event)
        .map_err(|error| store::StoreError::Refused(error.to_string()))?;
    let next = log::next(tx, now)?;
    let actor = match by {
        Actor::Program(word) => word.to_owned(),
        Actor::Person(person) => person.0.to_string(),
    };
    let record = records::put(
        tx,
        &NewRecord {
            kind: RecordKind::Account,
            number: None,
            learned: next.sequence,
            actor: &actor,
            is_withdrawn: false,
            body: &body,
        },
    )?;
    let what = What::Act(Act {
        kind: RecordKind::Account.as_str().to_owned(),
        subject: record.number,
        hosts: Vec::new(),
        record: record.digest,
    });
    log::append(
        tx,
        &Entry {
            at: next.at,
            what: &what,
            summary: Summary::nothing(),
            actor: by,
        },
    )?;
    Ok(())
}
