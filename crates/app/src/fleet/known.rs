//! `hosts known`: lists kept elsewhere (directory service, hypervisor, configuration database) against the hosts that report.
//! They are the denominator: who reports is worth little without who should.

use std::collections::BTreeSet;
use std::path::Path;

use base::{Digest, HostId, Note};
use fleet::identity::MergeRules;
use fleet::lists::{self, ColumnMap, Comparison, LIST_BYTES, List, Preview, preview};
use jiff::Timestamp;
use store::log::Actor;
use store::records::{self, Record, RecordKind};
use store::{Store, Tx};

use crate::error::{Failure, Result};
use crate::fleet::commit::Fleet;
use crate::fleet::place::Place;
use crate::fleet::state::State;

/// The largest map of columns read.
const MAP_BYTES: base::Limit = base::Limit::new("column-map-bytes", 1 << 20);
/// Rows that a preview shows.
const PREVIEW_ROWS: usize = 5;

/// A list as it is kept: what the team calls it, its file, its map of columns.
#[derive(PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Wire {
    name: String,
    file: String,
    map: Option<String>,
    /// The file's bytes, in the blobs of the store.
    blob: String,
}

/// What is known elsewhere, against what reports.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The lists.
    pub lists: Vec<List>,
    /// How they stand to the hosts that report.
    pub comparison: Comparison,
}

/// A file that is to be taken for a list.
#[derive(Clone, Debug)]
pub struct Offered {
    /// What the team calls the list.
    pub name: String,
    /// The file, as it is told in notes and as the source of what it says.
    pub file: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Which column is what; without one, that of the file of the same list before, else guessed.
    pub map: Option<ColumnMap>,
}

/// A list that was taken.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The list.
    pub list: List,
    /// It says something else than what was known of it.
    pub is_changed: bool,
    /// What was not understood.
    pub notes: Vec<Note>,
}

/// Takes a list; a later file of the same name takes its place.
pub fn add(
    place: Place,
    name: &str,
    file: &Path,
    map: Option<&Path>,
    now: Timestamp,
) -> Result<Kept> {
    let offered = Offered {
        name: name.to_owned(),
        file: file.display().to_string(),
        bytes: host::read(file, LIST_BYTES).map_err(|e| Failure::input(e.to_string()))?,
        map: read_map(map)?,
    };
    keep(&mut Fleet::open(place)?, offered, now)
}

/// The same for a fleet that is open.
pub(super) fn keep(fleet: &mut Fleet, mut offered: Offered, now: Timestamp) -> Result<Kept> {
    let before = fleet
        .store
        .read(|tx| records::current(tx, RecordKind::List))?;
    let mut before = before.iter().filter_map(wire_of);
    let before = before.find(|wire| wire.name == offered.name);
    if let (None, Some(wire)) = (&offered.map, &before) {
        offered.map = wire.map();
    }
    let parsed = lists::read(
        &offered.name,
        &offered.file,
        &offered.bytes,
        offered.map.as_ref(),
    );
    let kept = |is_changed| Kept {
        list: parsed.value.clone(),
        notes: parsed.notes.clone(),
        is_changed,
    };
    if parsed.value.entries.is_empty() {
        let why = parsed.notes.first();
        let why = why.map_or_else(String::new, |note| format!(": {}", note.what));
        return Err(
            Failure::input(format!("{}: no host in it{why}", offered.file))
                .hint("`daywatch hosts known --preview FILE` shows how its columns are read"),
        );
    }
    let wire = Wire {
        name: offered.name,
        file: offered.file,
        map: offered.map.as_ref().map(ColumnMap::to_toml),
        blob: Digest::of(&offered.bytes).to_string(),
    };
    if before.as_ref() == Some(&wire) {
        return Ok(kept(false));
    }
    // A struct of texts always has a JSON form.
    let body = serde_json::to_vec(&wire).unwrap_or_default();
    fleet.commit(now, Actor::Program("hosts"), |entries| {
        store::blobs::keep(entries.tx, &offered.bytes)?;
        let known = records::current(entries.tx, RecordKind::List)?;
        let same = |r: &&Record| wire_of(r).is_some_and(|known| known.name == wire.name);
        let number = known.iter().find(same).map(|record| record.number);
        entries.record(RecordKind::List, number, &body, false, Vec::new())
    })?;
    Ok(kept(true))
}

/// How the columns of a table would be read.
pub fn show(file: &Path, map: Option<&Path>) -> Result<(Preview, Vec<Note>)> {
    let bytes = host::read(file, LIST_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let map = read_map(map)?;
    Ok(shown(&file.display().to_string(), &bytes, map.as_ref()))
}

/// The same for the bytes of a file.
pub(super) fn shown(file: &str, bytes: &[u8], map: Option<&ColumnMap>) -> (Preview, Vec<Note>) {
    let parsed = preview(file, bytes, map, PREVIEW_ROWS);
    (parsed.value, parsed.notes)
}

/// A map of columns from its file.
pub(super) fn read_map(map: Option<&Path>) -> Result<Option<ColumnMap>> {
    let Some(path) = map else {
        return Ok(None);
    };
    let bytes = host::read(path, MAP_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let map = ColumnMap::parse(&path.display().to_string(), &bytes).map_err(|mistakes| {
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Failure::input(mistakes.join("\n")).hint("docs/guide/fleet.md shows a map of columns")
    })?;
    Ok(Some(map))
}

/// Holds the lists that were known against the hosts that reported.
pub fn compared(store: &Store, state: &State, rules: &MergeRules) -> Result<Known> {
    let lists = store.read(|tx| lists_at(tx, state.index.sequence()))?;
    let reporting: BTreeSet<HostId> = state.index.hosts().iter().map(HostId).collect();
    let comparison = lists::compare(&state.directory, &reporting, &lists, rules);
    Ok(Known { lists, comparison })
}

/// The lists that were known at a place in the log.
pub fn lists_at(tx: &Tx<'_>, sequence: u64) -> store::Result<Vec<List>> {
    let mut all = Vec::new();
    for record in records::at(tx, RecordKind::List, sequence)? {
        let Some(wire) = wire_of(&record) else {
            continue;
        };
        let digest = wire.blob.parse().ok();
        let bytes = digest
            .map(|digest| store::blobs::get(tx, digest))
            .transpose()?;
        let map = wire.map();
        if let Some(bytes) = bytes.flatten() {
            all.push(lists::read(&wire.name, &wire.file, &bytes, map.as_ref()).value);
        }
    }
    Ok(all)
}

impl Wire {
    fn map(&self) -> Option<ColumnMap> {
        let text = self.map.as_ref()?;
        ColumnMap::parse(&self.file, text.as_bytes()).ok()
    }
}

fn wire_of(record: &Record) -> Option<Wire> {
    serde_json::from_slice(&record.body).ok()
}
