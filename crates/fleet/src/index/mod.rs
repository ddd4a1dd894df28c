//! The fleet index: which host has which vulnerability since when, as a fold over the log (docs/decisions/050-fleet.md).
//!
//! A host-finding is never kept. A release has a set of hosts and a list of hits; every host of the one has every one of the
//! other. [`Index::apply`] takes the next entry of the log and says what it did ([`Transitions`]); nothing here looks at a
//! catalog, so a log replayed up to a moment is the state that was known then.
//!
//! The words: a *unit* is what is upgraded at once; a vulnerability *lives* on a host in a unit, under whatever release and
//! name, from the hour it begins until a report shows it gone.
//!
//! - `hour` – dates · `hosts`, `package_set` – who has what · `vulnerability` – names and hits by number · `interned` – lists once
//! - `life`, `held` – since when on which host · `units` – what was seen gone
//! - `report`, `turnover` – a report, a removal, another catalog · `transition` – what they did
//! - `ask`, `open` – questions · `checkpoint` – written down and read back

mod ask;
mod checkpoint;
mod error;
mod held;
mod hosts;
mod hour;
mod interned;
mod life;
mod open;
mod package_set;
mod report;
#[cfg(test)]
mod tests;
mod transition;
mod turnover;
mod units;
mod version_order;
mod vulnerability;

use std::collections::HashMap;

use jiff::Timestamp;
use roaring::RoaringBitmap;

use self::held::Held;
use self::hosts::Hosts;
use self::interned::Interned;
use self::units::Units;
use self::vulnerability::{PackedHit, Vulnerabilities};
use crate::change::{Change, What};
use crate::release::{Release, ReleaseId};

pub use ask::Size;
pub use error::{HOSTS, IndexError, RELEASES};
pub use hour::Hour;
pub use open::{OnHost, OpenGroup};
pub use transition::{Counts, Transition, Transitions, Turn};
pub use vulnerability::Vulnerability;

/// The state of the fleet after an entry of the log.
#[derive(Clone, Debug, Default)]
pub struct Index {
    sequence: u64,
    at: Option<Timestamp>,
    catalog: Option<String>,
    vulnerabilities: Vulnerabilities,
    /// By number; what was never learned is `None`.
    releases: Vec<Option<Known>>,
    units: Units,
    hosts: Hosts,
    lists: Interned<PackedHit>,
    /// Releases by ecosystem and by each name they are looked up under.
    named: HashMap<(String, String), Vec<ReleaseId>>,
    findings: u64,
}

/// A release that was learned.
#[derive(Clone, Debug)]
struct Known {
    release: Box<Release>,
    unit: u32,
    hosts: RoaringBitmap,
    /// Nothing while no host has it.
    held: Held,
}

impl Index {
    /// Of an empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns what a number stands for. To learn the same again is nothing.
    pub fn learn(&mut self, id: ReleaseId, release: Release) -> Result<(), IndexError> {
        let at = id.0 as usize;
        if RELEASES.is_exceeded_by(u64::from(id.0)) {
            return Err(IndexError::ReleaseOverLimit(id));
        }
        if let Some(known) = self.known(id) {
            return match *known.release == release {
                true => Ok(()),
                false => Err(IndexError::OtherRelease(id)),
            };
        }
        if self.releases.len() <= at {
            self.releases.resize(at + 1, None);
        }
        for name in ask::names_of(&release) {
            self.named.entry(name).or_default().push(id);
        }
        self.releases[at] = Some(Known {
            unit: self.units.number(&release),
            release: Box::new(release),
            hosts: RoaringBitmap::new(),
            held: Held::default(),
        });
        Ok(())
    }

    /// Takes the next entry of the log, and says what it did to the findings. If it cannot be taken, nothing has changed.
    pub fn apply(&mut self, change: &Change) -> Result<Transitions, IndexError> {
        self.is_next(change)?;
        let sequence = change.sequence;
        let transitions = match &change.what {
            What::Reported(report) => {
                self.check_report(report)?;
                self.report(sequence, change.at, report)
            }
            What::Removed(host) => self.remove(sequence, change.at, *host)?,
            What::Catalog(new) => {
                self.check_turnover(new)?;
                self.turn_over(sequence, change.at, new)
            }
            What::Act(_) => Transitions::none(sequence, Hour::of(change.at)),
        };
        self.sequence = sequence;
        self.at = Some(change.at);
        Ok(transitions.sorted())
    }

    fn is_next(&self, change: &Change) -> Result<(), IndexError> {
        let (expected, found) = (self.sequence.saturating_add(1), change.sequence);
        if expected != found {
            return Err(IndexError::Sequence { expected, found });
        }
        match self.at.filter(|before| change.at < *before) {
            Some(before) => Err(IndexError::Backwards {
                sequence: found,
                at: change.at,
                before,
            }),
            None => Ok(()),
        }
    }

    fn known(&self, id: ReleaseId) -> Option<&Known> {
        self.releases.get(id.0 as usize)?.as_ref()
    }

    /// Of a number that stands in the index itself.
    fn release_at(&self, id: ReleaseId) -> &Known {
        self.known(id)
            .expect("a release that was checked or is held by a host was learned")
    }

    fn release_at_mut(&mut self, id: ReleaseId) -> &mut Known {
        let slot = self.releases.get_mut(id.0 as usize);
        slot.and_then(Option::as_mut)
            .expect("a release that was checked or is held by a host was learned")
    }
}
