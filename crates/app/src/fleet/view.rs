//! The fleet at one moment, ready to be told: now, with the catalog at hand, or as it was known then, with the one that held.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use advisories::catalog::Catalog;
use base::HostId;
use inventory::Host;
use jiff::Timestamp;
use store::{Store, inventories};

use crate::error::{Failure, Result};
use crate::fleet::catalog;
use crate::fleet::commit::Fleet;
use crate::fleet::local;
use crate::fleet::members::Hosts;
use crate::fleet::place::Place;
use crate::fleet::state::{Follow, State, Told};

/// Inventories that are kept at hand: hosts are asked about again within one pass, and a fleet of them is too much to hold.
const INVENTORIES: usize = 256;

/// Which moment is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The moment that is told of.
    pub at: Timestamp,
    /// Only what was known then counts, with the catalog that held then.
    pub is_as_of: bool,
    /// Also tell what each entry of the log after this moment did.
    pub told_after: Option<Timestamp>,
}

/// The fleet as it was known at a moment.
#[derive(Debug)]
pub struct View {
    /// The moment.
    pub at: Timestamp,
    /// Only what was known then counts.
    pub is_as_of: bool,
    /// Where it is kept.
    pub place: Place,
    /// Its store.
    pub store: Store,
    /// Who has what.
    pub state: State,
    /// Its hosts, by name. Targets of groups are places in this list.
    pub hosts: Hosts,
    /// The catalog that holds.
    pub catalog: Catalog,
    /// What the entries of the log did that were asked for.
    pub told: Vec<Told>,
    inventories: Mutex<HashMap<HostId, Arc<Host>>>,
}

impl View {
    /// Opens the store and follows it to a moment. Where the moment is now, the catalog at hand is made the one that holds.
    pub fn open(place: Place, catalog_file: Option<&Path>, moment: Moment) -> Result<Self> {
        let follow = Follow {
            until: moment.is_as_of.then_some(moment.at),
            told_after: moment.told_after,
        };
        let Known {
            store,
            state,
            told,
            catalog,
        } = match moment.is_as_of {
            true => then(&place, follow, moment.at)?,
            false => now(&place, follow, catalog_file, moment.at)?,
        };
        let hosts = Hosts::of(&store, &state, moment.at)?;
        Ok(Self {
            at: moment.at,
            is_as_of: moment.is_as_of,
            place,
            store,
            state,
            hosts,
            catalog,
            told,
            inventories: Mutex::default(),
        })
    }

    /// What a host has, whole, by its last report that was known; `None` of one that never reported. One that cannot be read is
    /// damage, and never taken for none.
    pub fn inventory(&self, id: HostId) -> Result<Option<Arc<Host>>> {
        if let Some(known) = self.kept().get(&id) {
            return Ok(Some(Arc::clone(known)));
        }
        let Some(placed) = self.hosts.of_number(id) else {
            return Ok(None);
        };
        let Some(report) = &placed.report else {
            return Ok(None);
        };
        let (name, digest) = (placed.host.name.as_str(), report.inventory);
        let whose = |why: &str| format!("the inventory of {name} ({id}): {why}");
        let read = self.store.read(|tx| inventories::get(tx, digest, name));
        let read = read.map_err(|error| {
            let failure = Failure::from(error);
            Failure {
                message: whose(&failure.message),
                ..failure
            }
        })?;
        let host = Arc::new(read.ok_or_else(|| {
            Failure::input(whose(&format!("{digest} is not in the store")))
                .hint("`daywatch admin verify` looks through the store; a backup may have it (`daywatch admin restore`)")
        })?);
        let mut kept = self.kept();
        if kept.len() >= INVENTORIES {
            kept.clear();
        }
        kept.insert(id, Arc::clone(&host));
        Ok(Some(host))
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<HostId, Arc<Host>>> {
        self.inventories
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known at a moment.
struct Known {
    store: Store,
    state: State,
    told: Vec<Told>,
    catalog: Catalog,
}

/// With the catalog at hand, which is made the one that holds.
fn now(place: &Place, follow: Follow, file: Option<&Path>, at: Timestamp) -> Result<Known> {
    let (catalog, file) = catalog::open(file)?;
    let store = place.open()?;
    let (state, told) = State::load(&store, follow)?;
    let mut fleet = Fleet {
        place: place.clone(),
        store,
        state,
    };
    if fleet.state.index.sequence() == 0 {
        return Err(empty(&fleet.store.place()));
    }
    let (catalog, counts) = catalog::follow(&mut fleet, &catalog, &file, at)?;
    let is_other = counts.is_some();
    let Fleet { store, state, .. } = fleet;
    // What another catalog did is an entry of the log too.
    let (state, told) = match is_other {
        true => State::load(&store, follow)?,
        false => (state, told),
    };
    Ok(Known {
        store,
        state,
        told,
        catalog,
    })
}

/// With the catalog that held then.
fn then(place: &Place, follow: Follow, at: Timestamp) -> Result<Known> {
    let store = place.open()?;
    let (state, told) = State::load(&store, follow)?;
    let catalog = held(place, &store, &state, at)?;
    Ok(Known {
        store,
        state,
        told,
        catalog,
    })
}

/// The catalog that held at a moment.
fn held(place: &Place, store: &Store, state: &State, at: Timestamp) -> Result<Catalog> {
    match state.index.catalog() {
        Some(digest) => local::held(place, store, digest, state.index.sequence()),
        None => Err(
            Failure::input(format!("nothing was known of the fleet at {at}")).hint(
                "name a later moment; `daywatch admin audit list` shows when what was learned",
            ),
        ),
    }
}

/// A store in which nothing was reported yet.
pub fn empty(place: &str) -> Failure {
    Failure::input(format!("no host has reported to {place} yet"))
        .hint("`daywatch hosts import PATH` takes in the first ones")
}
