//! Facts about hosts on two axes of time: since when it is so, and since which entry of the log we know. Nothing is overwritten; a
//! later row says otherwise. Each source speaks for itself; whose word counts is decided elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use base::HostId;
use fleet::asset::{Attribute, AttributeKind, Authority, Said};
use jiff::Timestamp;

use crate::bounds::{KEY_BYTES, TEXT_BYTES, bounded};
use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::sql::{Insert, Lookup};
use crate::value::{Kind, Row, Value, kept_moment};

/// What somebody says of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFact {
    /// Of which.
    pub host: HostId,
    /// What it is about: `zone`, `owner`; one that may have several values at once has its value with it (`tag:web`).
    pub fact: String,
    /// How much it counts.
    pub authority: Authority,
    /// What it is; `None` where the source says that it is not known, or no longer says anything.
    pub value: Option<String>,
    /// Who says so: `fleet.toml`, `cmdb`, `host`.
    pub source: String,
    /// Since when it is so; whole microseconds are kept.
    pub valid_from: Timestamp,
    /// The entry of the log with which we learned it.
    pub learned: u64,
}

/// A point on both axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// What was known: entries of the log up to this one.
    pub sequence: u64,
    /// What was so then.
    pub moment: Timestamp,
}

const COLUMNS: &str = "host, fact, value, authority, source, valid_from, learned";

/// Adds what says something else than its source said of it last; how many did.
///
/// # Errors
/// When a text is too long, a host is not known, and what the database says.
pub fn learn(tx: &Tx<'_>, facts: &[HostFact]) -> Result<u64> {
    let mut said = last_said(tx, facts)?;
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for fact in facts {
        let key = (
            fact.host,
            fact.fact.clone(),
            fact.authority,
            fact.source.clone(),
        );
        let moment = kept_moment(fact.valid_from);
        let last = said.get(&key);
        if last.is_some_and(|(value, since)| *value == fact.value && *since <= moment) {
            continue;
        }
        rows.push(row(fact)?);
        if last.is_none_or(|(_, since)| *since <= moment) {
            said.insert(key, (fact.value.clone(), moment));
        }
    }
    let insert = Insert {
        table: "facts",
        columns: &[
            ("host", Kind::Int),
            ("fact", Kind::Text),
            ("value", Kind::Text),
            ("authority", Kind::Text),
            ("source", Kind::Text),
            ("valid_from", Kind::Int),
            ("learned", Kind::Int),
        ],
        or_else: "ON CONFLICT (host, fact, authority, source, valid_from, learned) DO NOTHING",
    };
    tx.insert(&insert, &rows)
}

/// What each source says of each host, by host, fact and source.
///
/// # Errors
/// What the database says.
pub fn at(tx: &Tx<'_>, as_of: AsOf) -> Result<Vec<HostFact>> {
    let mut facts = Vec::new();
    tx.each(
        &latest(""),
        &[as_of.sequence.into(), as_of.moment.into()],
        |row| {
            facts.push(fact(&row)?);
            Ok(())
        },
    )?;
    sort(&mut facts);
    Ok(facts)
}

/// What each source says of one host.
///
/// # Errors
/// What the database says.
pub fn of_host(tx: &Tx<'_>, host: HostId, as_of: AsOf) -> Result<Vec<HostFact>> {
    let sql = latest("AND host = $3");
    let rows = tx.query(
        &sql,
        &[as_of.sequence.into(), as_of.moment.into(), host.0.into()],
    )?;
    let mut facts: Vec<HostFact> = rows.iter().map(fact).collect::<Result<_>>()?;
    sort(&mut facts);
    Ok(facts)
}

/// All that was ever said of one host, as it was learned.
///
/// # Errors
/// What the database says.
pub fn history(tx: &Tx<'_>, host: HostId) -> Result<Vec<HostFact>> {
    let sql = format!("SELECT {COLUMNS} FROM facts WHERE host = $1 ORDER BY learned, valid_from");
    tx.query(&sql, &[host.0.into()])?.iter().map(fact).collect()
}

fn latest(more: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM (SELECT {COLUMNS}, ROW_NUMBER() OVER
           (PARTITION BY host, fact, authority, source ORDER BY valid_from DESC, learned DESC) AS place
         FROM facts WHERE learned <= $1 AND valid_from <= $2 {more}) AS said WHERE place = 1"
    )
}

fn sort(facts: &mut [HostFact]) {
    facts.sort_by(|a, b| {
        let own = (a.host, &a.fact, a.authority, &a.source);
        own.cmp(&(b.host, &b.fact, b.authority, &b.source))
    });
}

type Voice = (HostId, String, Authority, String);
type LastSaid = BTreeMap<Voice, (Option<String>, Timestamp)>;

/// What each source said last of the hosts that these facts are about.
fn last_said(tx: &Tx<'_>, facts: &[HostFact]) -> Result<LastSaid> {
    let hosts: BTreeSet<HostId> = facts.iter().map(|fact| fact.host).collect();
    let keys: Vec<Value> = hosts.into_iter().map(|host| host.0.into()).collect();
    let lookup = Lookup {
        table: "facts",
        columns: COLUMNS,
        key: "host",
        kind: Kind::Int,
    };
    let mut known: Vec<HostFact> = tx
        .lookup(&lookup, &keys)?
        .iter()
        .map(fact)
        .collect::<Result<_>>()?;
    known.sort_by_key(|fact| (fact.valid_from, fact.learned));
    let said = known.into_iter().map(|fact| {
        (
            (fact.host, fact.fact, fact.authority, fact.source),
            (fact.value, fact.valid_from),
        )
    });
    Ok(said.collect())
}

fn row(fact: &HostFact) -> Result<Vec<Value>> {
    let value = fact
        .value
        .as_deref()
        .map(|value| bounded("the value of a fact", value, TEXT_BYTES));
    Ok(vec![
        fact.host.0.into(),
        bounded("the name of a fact", &fact.fact, KEY_BYTES)?.into(),
        value.transpose()?.into(),
        fact.authority.as_str().into(),
        bounded("the source of a fact", &fact.source, KEY_BYTES)?.into(),
        fact.valid_from.into(),
        fact.learned.into(),
    ])
}

fn fact(row: &Row) -> Result<HostFact> {
    let word = row.text(3)?;
    let authority = Authority::ALL
        .into_iter()
        .find(|authority| authority.as_str() == word);
    let unknown = || StoreError::damaged("facts", format!("{word:?} is no authority"));
    Ok(HostFact {
        host: HostId(row.id(0)?),
        fact: row.text(1)?,
        value: row.opt(2, Row::text)?,
        authority: authority.ok_or_else(unknown)?,
        source: row.text(4)?,
        valid_from: row.moment(5)?,
        learned: row.sequence(6)?,
    })
}

impl HostFact {
    /// An attribute as a fact, from a moment and an entry on.
    pub fn of(host: HostId, said: &Said, valid_from: Timestamp, learned: u64) -> Self {
        let (kind, value) = (said.attribute.kind(), said.attribute.text());
        let fact = match (kind, &value) {
            (AttributeKind::Scope | AttributeKind::Tag, Some(text)) => {
                format!("{}:{text}", kind.as_str())
            }
            _ => kind.as_str().to_owned(),
        };
        let (authority, source) = (said.authority, said.source.to_string());
        Self {
            host,
            fact,
            authority,
            value,
            source,
            valid_from,
            learned,
        }
    }

    /// The attribute again; `None` for a fact that is no attribute, and for a tag or scope that is no longer said.
    pub fn said(&self) -> Option<Said> {
        let word = self.fact.split(':').next().unwrap_or_default();
        let kind = AttributeKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)?;
        let attribute = Attribute::parse(kind, self.value.as_deref()).ok()?;
        Some(Said {
            attribute,
            authority: self.authority,
            source: self.source.as_str().into(),
        })
    }
}
