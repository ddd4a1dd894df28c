//! `hosts known`: lists kept elsewhere (directory service, hypervisor, configuration database) against the hosts that report.
//! They are the denominator: who reports is worth little without who should.

use std::collections::BTreeSet;
use std::path::Path;

use base::{HostId, Note};
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
#[derive(serde::Serialize, serde::Deserialize)]
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

/// Takes a list; a later file of the same name takes its place.
pub fn add(
    place: Place,
    name: &str,
    file: &Path,
    map: Option<&Path>,
    now: Timestamp,
) -> Result<(List, Vec<Note>)> {
    let bytes = host::read(file, LIST_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let (map, map_text) = read_map(map)?;
    let shown = file.display().to_string();
    let parsed = lists::read(name, &shown, &bytes, map.as_ref());
    if parsed.value.entries.is_empty() {
        let why = parsed
            .notes
            .first()
            .map_or_else(String::new, |n| format!(": {n}"));
        return Err(Failure::input(format!("{shown}: no host in it{why}"))
            .hint("`daywatch hosts known --preview FILE` shows how its columns are read"));
    }
    let mut fleet = Fleet::open(place)?;
    fleet.commit(now, Actor::Program("hosts"), |entries| {
        let blob = store::blobs::keep(entries.tx, &bytes)?;
        let wire = Wire {
            name: name.to_owned(),
            file: shown.clone(),
            map: map_text.clone(),
            blob: blob.to_string(),
        };
        // A struct of texts always has a JSON form.
        let body = serde_json::to_vec(&wire).unwrap_or_default();
        let before = records::current(entries.tx, RecordKind::List)?;
        let same = before
            .iter()
            .find(|r| wire_of(r).is_some_and(|w| w.name == name));
        let number = same.map(|record| record.number);
        entries.record(RecordKind::List, number, &body, false, Vec::new())?;
        Ok(())
    })?;
    Ok((parsed.value, parsed.notes))
}

/// How the columns of a table would be read.
pub fn show(file: &Path, map: Option<&Path>) -> Result<(Preview, Vec<Note>)> {
    let bytes = host::read(file, LIST_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let (map, _) = read_map(map)?;
    let parsed = preview(
        &file.display().to_string(),
        &bytes,
        map.as_ref(),
        PREVIEW_ROWS,
    );
    Ok((parsed.value, parsed.notes))
}

fn read_map(map: Option<&Path>) -> Result<(Option<ColumnMap>, Option<String>)> {
    let Some(path) = map else {
        return Ok((None, None));
    };
    let bytes = host::read(path, MAP_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let map = ColumnMap::parse(&path.display().to_string(), &bytes).map_err(|mistakes| {
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Failure::input(mistakes.join("\n")).hint("docs/guide/fleet.md shows a map of columns")
    })?;
    let text = map.to_toml();
    Ok((Some(map), Some(text)))
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
        let map = wire
            .map
            .and_then(|text| ColumnMap::parse(&wire.file, text.as_bytes()).ok());
        if let Some(bytes) = bytes.flatten() {
            all.push(lists::read(&wire.name, &wire.file, &bytes, map.as_ref()).value);
        }
    }
    Ok(all)
}

fn wire_of(record: &Record) -> Option<Wire> {
    serde_json::from_slice(&record.body).ok()
}
