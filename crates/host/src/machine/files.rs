//! Reading the small files of a running system: within bounds, and with "not there" told from "not permitted".

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use base::{Limit, Note};

use crate::name::shown;

/// The largest file read whole; an rpm database of a full workstation is some 300 MB.
const FILE: Limit = Limit::new("machine-file-bytes", 512 << 20);
/// Entries of one folder: package lists, processes, descriptors.
const ENTRIES: Limit = Limit::new("machine-folder-entries", 1_000_000);

/// Why a file of `/proc` gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not there: the process ended, or the system has no such file.
    Absent,
    /// Another user's, and we are not root.
    NotPermitted,
}

impl Refusal {
    pub(super) fn of(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::PermissionDenied => Self::NotPermitted,
            _ => Self::Absent,
        }
    }
}

/// At most that many bytes of a file whose length the kernel does not tell.
pub(super) fn read_bounded(path: &Path, limit: Limit) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit.max).read_to_end(&mut bytes))
        .map_err(|e| Refusal::of(&e))?;
    Ok(bytes)
}

/// A regular file, whole; `None` if it is not there, and with a note if it is and could not be read.
pub(super) fn read_whole(path: &Path, notes: &mut Vec<Note>) -> Option<Vec<u8>> {
    let is_there = path.metadata().is_ok_and(|m| m.is_file());
    if !is_there {
        return None;
    }
    match crate::read::read(path, FILE) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            notes.push(error.to_note());
            None
        }
    }
}

/// What a folder holds, by name; nothing if it is not there.
pub(super) fn entries(folder: &Path, notes: &mut Vec<Note>) -> Vec<PathBuf> {
    let Ok(listed) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let most = usize::try_from(ENTRIES.max).unwrap_or(usize::MAX);
    let mut all: Vec<PathBuf> = listed
        .flatten()
        .take(most.saturating_add(1))
        .map(|entry| entry.path())
        .collect();
    if all.len() > most {
        all.truncate(most);
        let note = Note::warning("too many entries; the rest is not looked at");
        notes.push(note.in_file(shown(folder)).because_of(ENTRIES));
    }
    all.sort();
    all
}
