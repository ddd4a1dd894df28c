//! Records: what people decided and what the program handed out, each a document with versions. A version is never changed; a later
//! one, or a withdrawal, says otherwise from its entry of the log on. The chain has the digest of a salt and the document, so a
//! document that must be forgotten can be, and nobody can guess it from the chain.

use base::{Digest, Limit};

use crate::bounds::one_word;
use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::people::{salt, salted};
use crate::value::Row;
use crate::wire;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// Findings set aside.
    Suppression,
    /// What keeps findings from being used.
    Mitigation,
    /// A plan that was made.
    Plan,
    /// A rules file.
    Rules,
    /// A list of hosts known elsewhere.
    List,
    /// An advisory of our own.
    Advisory,
    /// A briefing that went out.
    Briefing,
    /// An answer to an open question.
    Question,
    /// The ranks that rose when another catalog came to hold.
    Rank,
    /// What somebody may do, and what was changed about that.
    Account,
    /// Hosts asked to report again.
    Ask,
}

/// One version of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is.
    pub kind: RecordKind,
    /// Its number among those of its kind, from 1.
    pub number: u64,
    /// Its version, from 1.
    pub version: u64,
    /// The entry of the log with which it came.
    pub learned: u64,
    /// Who wrote it, by role or number.
    pub actor: String,
    /// It holds no longer.
    pub is_withdrawn: bool,
    /// SHA-256 of salt and document, which the entry of the log carries.
    pub digest: Digest,
    /// The document.
    pub body: Vec<u8>,
}

/// A version to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewRecord<'r> {
    /// What it is.
    pub kind: RecordKind,
    /// Of which record it is the next version; `None` for a new one.
    pub number: Option<u64>,
    /// The entry of the log it belongs to, from [`log::next`](crate::log::next).
    pub learned: u64,
    /// Who writes it, by role or number.
    pub actor: &'r str,
    /// It holds no longer.
    pub is_withdrawn: bool,
    /// The document.
    pub body: &'r [u8],
}

const RECORD_BYTES: Limit = Limit::new("record-bytes", 64 << 20);
const COLUMNS: &str = "kind, number, version, learned, actor, withdrawn, digest, bytes, salt";

impl RecordKind {
    /// All.
    pub const ALL: [Self; 11] = [
        Self::Suppression,
        Self::Mitigation,
        Self::Plan,
        Self::Rules,
        Self::List,
        Self::Advisory,
        Self::Briefing,
        Self::Question,
        Self::Rank,
        Self::Account,
        Self::Ask,
    ];

    /// The word for it, which is also that of the act in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suppression => "suppression",
            Self::Mitigation => "mitigation",
            Self::Plan => "plan",
            Self::Rules => "rules",
            Self::List => "list",
            Self::Advisory => "advisory",
            Self::Briefing => "briefing",
            Self::Question => "question",
            Self::Rank => "rank",
            Self::Account => "account",
            Self::Ask => "ask",
        }
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Adds a version. The act that goes into the log with it carries its kind, number and digest.
///
/// # Errors
/// When the record it continues is not there, it is too large, and what the database says.
pub fn put(tx: &Tx<'_>, new: &NewRecord<'_>) -> Result<Record> {
    let size = new.body.len() as u64;
    if RECORD_BYTES.is_exceeded_by(size) {
        return Err(StoreError::TooLarge {
            what: format!("a {}", new.kind.as_str()),
            size,
            limit: RECORD_BYTES,
        });
    }
    let (number, version) = place(tx, new)?;
    let salt = salt()?;
    let record = Record {
        kind: new.kind,
        number,
        version,
        learned: new.learned,
        actor: one_word("who writes a record", new.actor)?.to_owned(),
        is_withdrawn: new.is_withdrawn,
        digest: salted(&salt, new.body),
        body: new.body.to_vec(),
    };
    let places = (1..=9)
        .map(|place| format!("${place}"))
        .collect::<Vec<_>>()
        .join(", ");
    tx.execute(
        &format!("INSERT INTO records ({COLUMNS}) VALUES ({places})"),
        &[
            record.kind.as_str().into(),
            number.into(),
            version.into(),
            record.learned.into(),
            record.actor.as_str().into(),
            record.is_withdrawn.into(),
            record.digest.into(),
            wire::pack(new.body).into(),
            salt.into(),
        ],
    )?;
    Ok(record)
}

/// Those of a kind that hold, by number.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn current(tx: &Tx<'_>, kind: RecordKind) -> Result<Vec<Record>> {
    at(tx, kind, u64::MAX)
}

/// Those of a kind that held at a place in the log, by number.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn at(tx: &Tx<'_>, kind: RecordKind, sequence: u64) -> Result<Vec<Record>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM (SELECT {COLUMNS}, ROW_NUMBER() OVER (PARTITION BY number ORDER BY version DESC) AS place
         FROM records WHERE kind = $1 AND learned <= $2) AS known WHERE place = 1 AND withdrawn = 0 ORDER BY number"
    );
    tx.query(&sql, &[kind.as_str().into(), sequence.into()])?
        .iter()
        .map(record)
        .collect()
}

/// Every version of one, in order.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn history(tx: &Tx<'_>, kind: RecordKind, number: u64) -> Result<Vec<Record>> {
    let sql =
        format!("SELECT {COLUMNS} FROM records WHERE kind = $1 AND number = $2 ORDER BY version");
    tx.query(&sql, &[kind.as_str().into(), number.into()])?
        .iter()
        .map(record)
        .collect()
}

/// The digest of what came with an entry of the log; `None` if nothing did. A document that does not have it is damage.
pub(crate) fn checked_digest(
    tx: &Tx<'_>,
    kind: RecordKind,
    number: u64,
    learned: u64,
) -> Result<Option<Digest>> {
    let sql =
        format!("SELECT {COLUMNS} FROM records WHERE kind = $1 AND number = $2 AND learned = $3");
    let row = tx.first(&sql, &[kind.as_str().into(), number.into(), learned.into()])?;
    Ok(row
        .as_ref()
        .map(record)
        .transpose()?
        .map(|record| record.digest))
}

fn place(tx: &Tx<'_>, new: &NewRecord<'_>) -> Result<(u64, u64)> {
    let kind = new.kind.as_str();
    let Some(number) = new.number else {
        let next = tx.number(
            "SELECT COALESCE(MAX(number) + 1, 1) FROM records WHERE kind = $1",
            &[kind.into()],
        )?;
        return Ok((next.cast_unsigned(), 1));
    };
    let sql = "SELECT COALESCE(MAX(version), 0) FROM records WHERE kind = $1 AND number = $2";
    match tx.number(sql, &[kind.into(), number.into()])? {
        0 => Err(StoreError::refused(format!("there is no {kind} {number}"))),
        version => Ok((number, version.cast_unsigned() + 1)),
    }
}

fn record(row: &Row) -> Result<Record> {
    let (word, number, version) = (row.text(0)?, row.sequence(1)?, row.sequence(2)?);
    let damaged =
        |what: &str| StoreError::damaged(format!("{word} {number}, version {version}"), what);
    let body = wire::unpack(row.blob(7)?).map_err(|broken| damaged(&broken.0))?;
    let digest = row.digest(6)?;
    if salted(row.blob(8)?, &body) != digest {
        return Err(damaged("its document does not have its digest"));
    }
    Ok(Record {
        kind: RecordKind::named(&word).ok_or_else(|| damaged("it is of no known kind"))?,
        number,
        version,
        learned: row.sequence(3)?,
        actor: row.text(4)?,
        is_withdrawn: row.flag(5)?,
        digest,
        body,
    })
}
