//! The bytes of a catalog, owned or mapped. The one file of the project with `unsafe` code.
#![expect(
    unsafe_code,
    reason = "mapping a file is what makes a scan start in milliseconds; see the comment at the call"
)]

use std::fs::File;
use std::ops::Deref;

use memmap2::Mmap;

use super::error::CatalogError;

/// The bytes of a whole catalog file.
pub(super) enum Bytes {
    /// Read or built in memory.
    Owned(Vec<u8>),
    /// Mapped read-only.
    Mapped(Mmap),
}

impl Bytes {
    /// Maps an open file.
    pub(super) fn map(file: &File) -> Result<Self, CatalogError> {
        if file.metadata().map_err(CatalogError::Unreadable)?.len() == 0 {
            return Err(CatalogError::NotACatalog);
        }
        // SAFETY: the map is private to this process and read-only. A catalog is never changed in place: a new one is written
        // beside it and renamed over the name, and the open file keeps the old content. Whoever else writes into the file
        // breaks that rule; then reads give other bytes or the system ends the process, and every text is checked as
        // UTF-8 each time it is read, so that no invalid `str` outlives a change made between two reads.
        let map = unsafe { Mmap::map(file) }.map_err(CatalogError::Unreadable)?;
        Ok(Self::Mapped(map))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}
