//! Whether what is named by its SHA-256 is still what was written: every document of the store, beyond those that the log's chain
//! names itself.

use crate::connection::Tx;
use crate::error::Result;
use crate::{content, releases};

/// The tables of documents that nothing else looks through.
const TABLES: [&str; 3] = ["blobs", "inventories", "package_sets"];

/// Looks at every document, one at a time, whatever the size of the store.
///
/// # Errors
/// The first that is damaged, and what the database says.
pub fn check(tx: &Tx<'_>) -> Result<()> {
    for table in TABLES {
        content::check(tx, table)?;
    }
    releases::check(tx)
}
