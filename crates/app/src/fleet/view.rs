//! The fleet at one moment, ready to be told: now, with the catalog at hand, or as it was known then, with the one that held.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use advisories::catalog::Catalog;
use base::HostId;
use inventory::Host;
use jiff::Timestamp;
use store::{Store, inventories};

use crate::error::{Failure, Result};
use crate::fleet::catalog;
use crate::fleet::commit::Fleet;
use crate::fleet::members::Hosts;
use crate::fleet::place::Place;
use crate::fleet::state::{Follow, State, Told};

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
    inventories: Mutex<HashMap<HostId, Option<Host>>>,
}

impl View {
    /// Opens the store and follows it to a moment. Where the moment is now, the catalog at hand is made the one that holds.
    pub fn open(place: Place, catalog_file: Option<&Path>, moment: Moment) -> Result<Self> {
        let catalog = match moment.is_as_of {
            true => None,
            false => Some(current(&place, catalog_file, moment.at)?),
        };
        let store = place.open()?;
        let follow = Follow {
            until: moment.is_as_of.then_some(moment.at),
            told_after: moment.told_after,
        };
        let (state, told) = State::load(&store, follow)?;
        let catalog = match catalog {
            Some(catalog) => catalog,
            None => held(&place, &state, moment.at)?,
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

    /// What a host has, whole, by its last report that was known. Each is read once.
    pub fn inventory(&self, id: HostId) -> Option<Host> {
        let known = self.inventories.lock();
        let known = known
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .cloned();
        if let Some(known) = known {
            return known;
        }
        let host = self.read_inventory(id).ok().flatten();
        let mut all = self
            .inventories
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.insert(id, host.clone());
        host
    }

    fn read_inventory(&self, id: HostId) -> Result<Option<Host>> {
        let placed = self.hosts.placed.iter().find(|one| one.host.id == id);
        let Some(report) = placed.and_then(|one| one.report.as_ref()) else {
            return Ok(None);
        };
        let name = placed.map_or("", |one| one.host.name.as_str());
        let read = self
            .store
            .read(|tx| inventories::get(tx, report.inventory, name))?;
        Ok(read)
    }
}

/// The catalog at hand, made the one that holds.
fn current(place: &Place, file: Option<&Path>, now: Timestamp) -> Result<Catalog> {
    let (catalog, file) = catalog::open(file)?;
    let mut fleet = Fleet::open(place.clone())?;
    if fleet.state.index.sequence() == 0 {
        return Err(empty(&fleet.store.place()));
    }
    catalog::follow(&mut fleet, &catalog, &file, now)?;
    Ok(catalog)
}

/// The catalog that held at a moment.
fn held(place: &Place, state: &State, at: Timestamp) -> Result<Catalog> {
    match state.index.catalog() {
        Some(digest) => place.catalog(digest),
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
