//! Hosts known elsewhere: the directory service, the hypervisor, the configuration database. They are the denominator: who reports is
//! worth little without who should.
//!
//! The flow: [`read`] decodes a file and finds the [`ListFormat`] that knows it (`lists/`, one file a format); a format gives rows of
//! [`Column`]s and values; a row becomes a [`Listed`] with the ids and the words it holds. [`compare`] holds lists against the hosts
//! that report. Tables with headings of their own need a [`ColumnMap`], which [`preview`] guesses and shows before it is saved.

mod active_directory;
mod column;
mod compare;
mod entry;
mod glpi;
mod map;
mod names;
mod netbox;
mod notes;
mod rvtools;
mod table;
mod text;

use std::sync::Arc;

use base::{Limit, Note, Parsed};

pub use column::{Column, NotAColumn};
pub use compare::{Comparison, Seen, Unseen, compare};
pub use entry::{CELL_BYTES, Listed, Standing};
pub use map::ColumnMap;
pub use table::{Heading, Preview, preview};

use entry::Row;
use notes::Notes;

/// The largest list read.
pub const LIST_BYTES: Limit = Limit::new("list-bytes", 128 << 20);
/// Rows of one list.
pub const LIST_ROWS: Limit = Limit::new("list-rows", 1_000_000);
/// How much of a file is looked at to tell what it is.
const HEAD_BYTES: usize = 64 << 10;

/// A form in which hosts are listed: one file here, one line in [`LISTS`].
pub trait ListFormat: Sync {
    /// `rvtools`, `netbox`: unique.
    fn id(&self) -> &'static str;

    /// One line for people: what wrote it.
    fn about(&self) -> &'static str;

    /// Whether the beginning of a file is of this form.
    fn recognise(&self, head: &str) -> bool;

    /// Its rows. A table takes its columns by the map, where one is given.
    fn rows(&self, text: &str, map: Option<&ColumnMap>, notes: &mut Notes) -> Vec<Row>;
}

/// Every form, in the order they are asked.
pub static LISTS: &[&dyn ListFormat] = &[
    &netbox::NetBox,
    &glpi::Glpi,
    &active_directory::ActiveDirectory,
    &rvtools::RvTools,
    &table::Table,
    &names::Names,
];

/// A list that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// What the team calls it: `ad`, `vcenter`, `cmdb`. Rules may ask for it.
    pub name: Arc<str>,
    /// The form it was read by.
    pub format: &'static str,
    /// Its hosts, in the order of the file.
    pub entries: Vec<Listed>,
}

/// Reads a list. `file` is told in notes and as the source of what it says.
pub fn read(name: &str, file: &str, bytes: &[u8], map: Option<&ColumnMap>) -> Parsed<List> {
    let mut notes = Notes::new(file);
    let mut list = List {
        name: name.into(),
        format: "none",
        entries: Vec::new(),
    };
    if LIST_BYTES.is_exceeded_by(bytes.len() as u64) {
        notes.push(Note::error("not read: the list is too large").because_of(LIST_BYTES));
        return notes.with(list);
    }
    let text = text::decode(bytes, &mut notes);
    let format: Option<&dyn ListFormat> = match map {
        Some(_) => Some(&table::Table),
        None => recognise(&text),
    };
    let Some(format) = format else {
        let known: Vec<&str> = LISTS.iter().map(|f| f.id()).collect();
        let what = format!(
            "not a list of hosts that is known; read are: {}",
            known.join(", ")
        );
        notes.push(Note::error(what));
        return notes.with(list);
    };
    list.format = format.id();
    let rows = format.rows(&text, map, &mut notes);
    for row in rows {
        list.entries.extend(row.listed(file, &mut notes));
    }
    notes.with(list)
}

/// The form of a file, by its beginning; none if it is no list of hosts that is known.
pub fn form_of(head: &[u8]) -> Option<&'static str> {
    let text = text::decode(head, &mut Notes::new(""));
    recognise(&text).map(|format| format.id())
}

/// The form of a file.
fn recognise(text: &str) -> Option<&'static dyn ListFormat> {
    let head = &text[..text.floor_char_boundary(HEAD_BYTES)];
    let head = head.trim_start();
    LISTS.iter().copied().find(|format| format.recognise(head))
}

#[cfg(test)]
mod tests;
