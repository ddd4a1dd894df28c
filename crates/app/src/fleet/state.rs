//! What is known of the fleet at one place in the log: the index, and the hosts it speaks of.

use fleet::change::Change;
use fleet::identity::{Directory, Identifier};
use fleet::index::{Index, Transitions};
use jiff::Timestamp;
use store::hosts::KnownHost;
use store::{Store, Tx, answers, checkpoints, hosts, identifiers, log, releases};

use crate::error::{Failure, Result};

/// Entries of the log that are read at once.
const BATCH: u64 = 500;
/// Entries after which the index is written down, so that the next start need not replay them.
const CHECKPOINT_EVERY: u64 = 2_000;

/// The fleet as it was known.
#[derive(Clone, Debug)]
pub struct State {
    /// Who has what, and what that means.
    pub index: Index,
    /// Every host that was ever known, by number.
    pub hosts: Vec<KnownHost>,
    /// Who is who.
    pub directory: Directory,
    /// The entry up to which the index was read from a checkpoint; 0 where all of the log was replayed.
    begun_at: u64,
}

/// How the log is followed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Follow {
    /// Up to this moment; all of it where none is named.
    pub until: Option<Timestamp>,
    /// Also keep what each entry after this moment did, if it did anything.
    pub told_after: Option<Timestamp>,
}

/// What an entry of the log did.
#[derive(Clone, Debug)]
pub struct Told {
    /// When we learned it.
    pub at: Timestamp,
    /// What it did to findings.
    pub transitions: Transitions,
}

impl State {
    /// Follows the log. What its entries did is told where that was asked for.
    pub fn load(store: &Store, follow: Follow) -> Result<(Self, Vec<Told>)> {
        store.read(|tx| load(tx, follow)).map_err(Failure::from)
    }

    /// Writes the index down, if much was replayed since the checkpoint that this began from. One that is damaged, or of another
    /// version of the program, was none.
    pub fn keep(&self, store: &Store) -> Result<()> {
        let sequence = self.index.sequence();
        if sequence.saturating_sub(self.begun_at) < CHECKPOINT_EVERY {
            return Ok(());
        }
        let bytes = self.index.to_bytes();
        store.write(|tx| checkpoints::put(tx, sequence, &bytes))?;
        Ok(())
    }

    /// The host of a number, if it was ever known.
    pub fn host(&self, id: base::HostId) -> Option<&KnownHost> {
        let at = self.hosts.binary_search_by_key(&id, |host| host.id).ok()?;
        self.hosts.get(at)
    }
}

fn load(tx: &Tx<'_>, follow: Follow) -> store::Result<(State, Vec<Told>)> {
    let last = match follow.until {
        Some(moment) => log::sequence_at(tx, moment)?,
        None => log::head(tx)?.sequence,
    };
    let told_from = match follow.told_after {
        Some(moment) => log::sequence_at(tx, moment)?,
        None => last,
    };
    let mut index = start(tx, last.min(told_from))?;
    let begun_at = index.sequence();
    let mut told = Vec::new();
    while index.sequence() < last {
        let left = last - index.sequence();
        for change in log::read(tx, index.sequence(), left.min(BATCH))? {
            let transitions = apply(&mut index, &change)?;
            if change.sequence > told_from && !transitions.groups.is_empty() {
                told.push(Told {
                    at: change.at,
                    transitions,
                });
            }
        }
    }
    let state = State {
        index,
        hosts: hosts::at(tx, last)?,
        directory: directory(tx, last)?,
        begun_at,
    };
    Ok((state, told))
}

/// The index to begin with: the one that was written down, if it is not too late, else an empty one.
fn start(tx: &Tx<'_>, no_later_than: u64) -> store::Result<Index> {
    let known = releases::all(tx)?;
    if let Some((sequence, bytes)) = checkpoints::latest(tx)?
        && sequence <= no_later_than
        && let Ok(index) = Index::from_bytes(&bytes, known.iter().cloned())
    {
        return Ok(index);
    }
    let mut index = Index::new();
    for (id, release) in known {
        index.learn(id, release).map_err(refused)?;
    }
    Ok(index)
}

fn apply(index: &mut Index, change: &Change) -> store::Result<Transitions> {
    index.apply(change).map_err(refused)
}

/// What the index says to an entry, as the store's own refusal.
pub(super) fn refused(error: impl ToString) -> store::StoreError {
    store::StoreError::Refused(error.to_string())
}

/// Who is who, by the identifiers and the answers known then: both are learned in the order of the log.
fn directory(tx: &Tx<'_>, sequence: u64) -> store::Result<Directory> {
    let mut directory = Directory::default();
    let mut answers = answers::at(tx, sequence)?.into_iter().peekable();
    let mut all = identifiers::at(tx, sequence)?;
    all.sort_by_key(|one| (one.learned, one.host));
    for report in all.chunk_by(|a, b| (a.learned, a.host) == (b.learned, b.host)) {
        let (host, learned) = (report[0].host, report[0].learned);
        while let Some(given) = answers.next_if(|given| given.learned < learned) {
            directory.answer(given.one, given.other, given.answer);
        }
        let ids: Vec<Identifier> = report.iter().map(|one| one.identifier.clone()).collect();
        directory.learn(host, &ids);
    }
    for given in answers {
        directory.answer(given.one, given.other, given.answer);
    }
    Ok(directory)
}
