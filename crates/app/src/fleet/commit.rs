//! One writer's turn: what is added to the log, and what the index makes of it, all of it or nothing.

use fleet::change::{Act, Change, Report, What};
use fleet::index::{Counts, Index, Transitions};
use jiff::Timestamp;
use store::log::{self, Actor, Entry, Next};
use store::records::{self, NewRecord, RecordKind};
use store::{Store, Summary, Tx};

use crate::error::{Failure, Result};
use crate::fleet::place::Place;
use crate::fleet::state::{Follow, State, refused};

/// How often a turn is taken again when another process was faster.
const TRIES: u32 = 5;

/// A fleet to write to.
#[derive(Debug)]
pub struct Fleet {
    /// Where it is kept.
    pub place: Place,
    /// Its store.
    pub store: Store,
    /// What is known of it.
    pub state: State,
}

/// Entries of the log on their way into the store; the index has taken each.
pub struct Entries<'a> {
    /// The transaction.
    pub tx: &'a Tx<'a>,
    /// The state, which the entries change.
    pub state: &'a mut State,
    actor: Actor<'a>,
    next: Next,
    made: Vec<(What, Summary)>,
}

impl Fleet {
    /// Opens a store, and follows its log to the end.
    pub fn open(place: Place) -> Result<Self> {
        let store = place.open()?;
        let (state, _) = State::load(&store, Follow::default())?;
        Ok(Self {
            place,
            store,
            state,
        })
    }

    /// Adds to the log what `act` gives to [`Entries`], in one transaction. `act` may be called again, if another process was
    /// faster.
    pub fn commit<T>(
        &mut self,
        now: Timestamp,
        actor: Actor<'_>,
        mut act: impl FnMut(&mut Entries<'_>) -> store::Result<T>,
    ) -> Result<T> {
        let mut tries = 0;
        loop {
            let state = &mut self.state;
            let mut is_stale = false;
            let done = self.store.write(|tx| {
                if log::head(tx)?.sequence != state.index.sequence() {
                    is_stale = true;
                    return Err(refused("the fleet changed meanwhile"));
                }
                let mut entries = Entries {
                    tx,
                    state: &mut *state,
                    actor,
                    next: log::next(tx, now)?,
                    made: Vec::new(),
                };
                let value = act(&mut entries)?;
                entries.append()?;
                Ok(value)
            });
            tries += 1;
            match done {
                Ok(value) => return Ok(value),
                Err(error) => {
                    // The index may have taken what the store did not.
                    self.state = State::load(&self.store, Follow::default())?.0;
                    if !is_stale || tries == TRIES {
                        return Err(Failure::from(error));
                    }
                }
            }
        }
    }
}

impl Entries<'_> {
    /// The place in the log that the next entry gets.
    pub fn sequence(&self) -> u64 {
        self.next.sequence + self.made.len() as u64
    }

    /// The reports among the entries so far.
    pub fn reports(&self) -> impl Iterator<Item = &Report> {
        self.made.iter().filter_map(|(what, _)| match what {
            What::Reported(report) => Some(report),
            _ => None,
        })
    }

    /// The moment of the entries.
    pub const fn at(&self) -> Timestamp {
        self.next.at
    }

    /// Adds an entry; what it did to findings.
    pub fn add(&mut self, what: What) -> store::Result<Transitions> {
        let change = Change {
            sequence: self.sequence(),
            at: self.next.at,
            what,
        };
        let index: &mut Index = &mut self.state.index;
        let transitions = index.apply(&change).map_err(refused)?;
        self.made.push((change.what, summary(&transitions)));
        Ok(transitions)
    }

    /// Adds a version of a record, and the act it is.
    pub fn record(
        &mut self,
        kind: RecordKind,
        number: Option<u64>,
        body: &[u8],
        is_withdrawn: bool,
        hosts: Vec<base::HostId>,
    ) -> store::Result<u64> {
        let record = records::put(
            self.tx,
            &NewRecord {
                kind,
                number,
                learned: self.sequence(),
                actor: &self.actor.to_string(),
                is_withdrawn,
                body,
            },
        )?;
        self.add(What::Act(Act {
            kind: kind.as_str().to_owned(),
            subject: record.number,
            hosts,
            record: record.digest,
        }))?;
        Ok(record.number)
    }

    fn append(self) -> store::Result<()> {
        let entries: Vec<Entry<'_>> = self
            .made
            .iter()
            .map(|(what, summary)| Entry {
                at: self.next.at,
                what,
                summary: *summary,
                actor: self.actor,
            })
            .collect();
        if !entries.is_empty() {
            log::append_all(self.tx, &entries)?;
        }
        Ok(())
    }
}

fn summary(transitions: &Transitions) -> Summary {
    let Counts {
        opened,
        reopened,
        fixed,
        cleared,
        ..
    } = transitions.counts();
    Summary {
        opened,
        closed: fixed + cleared,
        reopened,
        transitions: transitions.digest(),
    }
}
