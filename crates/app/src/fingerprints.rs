//! The fingerprints a user gives with `--fingerprints`: a file, or the XML files of a folder.

use std::path::Path;

use base::{Limit, Note};
use inventory::Fingerprints;

use crate::error::{Failure, Result};

/// The largest file of fingerprints; Recog's largest has 1 MB.
const FILE: Limit = Limit::new("fingerprint-file-bytes", 64 << 20);

/// Fingerprints, with what was noted while reading them.
#[derive(Debug, Default)]
pub struct Loaded {
    pub(crate) fingerprints: Fingerprints,
    pub(crate) notes: Vec<Note>,
}

/// Reads them; it is an error if nothing was found.
pub fn load(path: &Path) -> Result<Loaded> {
    let mut loaded = Loaded::default();
    if path.is_dir() {
        let options = host::WalkOptions::default();
        let found = host::walk(path, &|name| name.ends_with(".xml"), &options);
        loaded.notes = found.notes;
        for file in found.value {
            loaded.read(&file.path, &file.name)?;
        }
    } else {
        loaded.read(path, &path.display().to_string())?;
    }
    if loaded.fingerprints.databases().is_empty() {
        return Err(
            Failure::input(format!("no fingerprints in {}", path.display()))
                .hint("it takes the folder `xml` of https://github.com/rapid7/recog"),
        );
    }
    Ok(loaded)
}

impl Loaded {
    fn read(&mut self, path: &Path, name: &str) -> Result<()> {
        let bytes = host::read(path, FILE).map_err(|e| Failure::input(e.to_string()))?;
        self.notes.extend(self.fingerprints.add(name, &bytes));
        Ok(())
    }
}
