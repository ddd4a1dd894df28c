//! Ranks that rose when another catalog came to hold, kept beside its entry of the log: a later question needs no older catalog,
//! and one as of an earlier day knows of those up to then.

use fleet::rank::{Rank, Rise, Rises};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::Store;
use store::records::{self, RecordKind};

use crate::error::Result;
use crate::fleet::commit::Entries;

/// What one change of catalogs brought.
#[derive(Debug, Serialize, Deserialize)]
struct Wire {
    /// When it was learned.
    at: Timestamp,
    /// The catalog that holds from then on.
    catalog: String,
    rises: Vec<RiseWire>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RiseWire {
    ecosystem: String,
    unit: String,
    names: Vec<String>,
    was: String,
    is: String,
}

impl RiseWire {
    fn of(rise: &Rise) -> Self {
        Self {
            ecosystem: rise.ecosystem.clone(),
            unit: rise.unit.clone(),
            names: rise.names.clone(),
            was: rise.was.as_str().to_owned(),
            is: rise.is.as_str().to_owned(),
        }
    }

    /// `None` where a rank is none this version knows.
    fn rise(self) -> Option<Rise> {
        let rank = |word: &str| Rank::ALL.into_iter().find(|rank| rank.as_str() == word);
        Some(Rise {
            was: rank(&self.was)?,
            is: rank(&self.is)?,
            ecosystem: self.ecosystem,
            unit: self.unit,
            names: self.names,
        })
    }
}

/// Keeps what a change of catalogs brought, with its entry; nothing where no rank rose.
pub(super) fn keep(entries: &mut Entries<'_>, catalog: &str, rises: &[Rise]) -> store::Result<()> {
    if rises.is_empty() {
        return Ok(());
    }
    let wire = Wire {
        at: entries.at(),
        catalog: catalog.to_owned(),
        rises: rises.iter().map(RiseWire::of).collect(),
    };
    // A struct of texts always has a JSON form.
    let body = serde_json::to_vec(&wire).unwrap_or_default();
    entries.record(RecordKind::Rank, None, &body, false, Vec::new())?;
    Ok(())
}

/// The rises that were known at a place in the log.
pub(super) fn known(store: &Store, sequence: u64) -> Result<Rises> {
    let mut rises = Rises::default();
    for record in store.read(|tx| records::at(tx, RecordKind::Rank, sequence))? {
        if let Ok(wire) = serde_json::from_slice::<Wire>(&record.body) {
            let all = wire.rises.into_iter().filter_map(RiseWire::rise);
            rises.learn(wire.at, all.collect());
        }
    }
    Ok(rises)
}
