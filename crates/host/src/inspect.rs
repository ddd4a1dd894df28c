//! A target read with every format `inventory` knows: one file, recognised by what is in it, or a directory, walked.

use std::collections::HashSet;
use std::path::Path;

use base::{Note, Parsed};
use inventory::Listing;
use inventory::formats::{self, FORMATS, Format, Input};

use crate::error::ReadError;
use crate::name::shown;
use crate::open::regular;
use crate::read::read;
use crate::walk::{WalkOptions, walk};

/// What one file gave.
#[derive(Clone)]
pub struct Reading {
    /// The file: as the user named it, or its path below the directory the user named.
    pub file: String,
    /// The format it was recognised as.
    pub format: &'static dyn Format,
    /// What it lists.
    pub listing: Listing,
}

/// What a target gave. All listings belong to one host: a directory is one system or one application.
#[derive(Clone, Default)]
pub struct Inspected {
    /// One for each file that was recognised, or for each host a file lists, in the order of their names.
    pub readings: Vec<Reading>,
    /// What was not understood, each with its file.
    pub notes: Vec<Note>,
    /// How many files were opened.
    pub files_read: u64,
}

impl Inspected {
    /// Whether any format knew any file. If not, the user named the wrong thing.
    pub const fn recognised(&self) -> bool {
        !self.readings.is_empty()
    }

    /// The listings alone, as [`inventory::assemble`] takes them.
    pub fn into_listings(self) -> (Vec<Listing>, Vec<Note>) {
        let listings = self
            .readings
            .into_iter()
            .map(|reading| reading.listing)
            .collect();
        (listings, self.notes)
    }
}

/// Reads a file, standard input (`-`), or every wanted file below a directory. The error is about the target itself.
pub fn inspect(target: &Path, options: &WalkOptions) -> Result<Inspected, ReadError> {
    let mut inspected = Inspected::default();
    if !target.is_dir() {
        inspected.take(target, shown(target), options)?;
        return Ok(inspected);
    }
    let place = target.canonicalize().map(|root| shown(&root));
    let place = place.unwrap_or_else(|_| shown(target));
    // A program is read under its own name; the many links to it add nothing.
    let walking = WalkOptions {
        follows: |name| !formats::is_read_in_place(name),
        ..*options
    };
    let found = walk(target, &|name| placed(&place, name).is_some(), &walking);
    inspected.notes = found.notes;
    let names: HashSet<&str> = found.value.iter().map(|file| file.name.as_str()).collect();
    for file in &found.value {
        if is_ruled(&file.name, &names) {
            continue;
        }
        let name = placed(&place, &file.name).unwrap_or_else(|| file.name.clone());
        let taken = if formats::is_read_in_place(&name) {
            inspected.look_into(&file.path, name)
        } else {
            inspected.take(&file.path, name, options)
        };
        if let Err(error) = taken {
            inspected.notes.push(error.to_note().in_file(&file.name));
        }
    }
    Ok(inspected)
}

/// Whether the file that rules this one lies beside it.
fn is_ruled(name: &str, names: &HashSet<&str>) -> bool {
    let (folder, file) = name
        .rfind('/')
        .map_or(("", name), |at| name.split_at(at + 1));
    formats::lockfiles::ruled_by(file)
        .is_some_and(|ruler| names.contains(format!("{folder}{ruler}").as_str()))
}

/// The name a file is read under: its path below the root, or, when only the folders above the root tell what it is (the
/// user named `/var/lib/dpkg` itself), its whole path. `None` if nobody wants it.
fn placed(root: &str, name: &str) -> Option<String> {
    if wanted(name) {
        return Some(name.to_owned());
    }
    let whole = format!("{}/{name}", root.trim_end_matches('/'));
    if wanted(&whole) {
        return Some(whole);
    }
    // Last, because a program may have any name; and by the whole path, which tells the files of the kernel.
    formats::is_read_in_place(&whole).then(|| name.to_owned())
}

/// Whether the name says what the file is, so that it is to be read whole.
pub(crate) fn wanted(path: &str) -> bool {
    let mut by_name = FORMATS.iter().filter(|format| !format.reads_in_place());
    by_name.any(|format| format.wants(path))
}

impl Inspected {
    pub(crate) fn take(
        &mut self,
        path: &Path,
        file: String,
        options: &WalkOptions,
    ) -> Result<(), ReadError> {
        let bytes = read(path, options.limits.file)?;
        self.files_read += 1;
        let input = Input {
            path: &file,
            bytes: &bytes,
        };
        let Some(format) = formats::recognise(&input) else {
            return Ok(());
        };
        let parsed = format.parse(&input);
        self.keep(file, format, parsed);
        Ok(())
    }

    /// A file that may be anything, of which a format reads only what it needs.
    fn look_into(&mut self, path: &Path, file: String) -> Result<(), ReadError> {
        let (mut source, _) = regular(path)?;
        if let Some((format, parsed)) = formats::parse_in_place(&file, &mut source) {
            self.files_read += 1;
            self.keep(file, format, parsed);
        }
        Ok(())
    }

    fn keep(&mut self, file: String, format: &'static dyn Format, parsed: Parsed<Listing>) {
        let in_file = |note: Note| Note {
            file: note.file.or_else(|| Some(file.clone())),
            ..note
        };
        self.notes.extend(parsed.notes.into_iter().map(in_file));
        let mut own = parsed.value;
        let hosts = std::mem::take(&mut own.hosts);
        let is_of_hosts = !hosts.is_empty();
        let listings = hosts.into_iter().chain((!is_of_hosts).then_some(own));
        self.readings.extend(listings.map(|listing| Reading {
            file: file.clone(),
            format,
            listing,
        }));
    }
}
