//! The catalog: one versioned, checksummed, memory-mapped, read-only file with what matching and explaining need.
//!
//! [`Builder`] takes [`Batch`](crate::model::Batch)es per feed and gives bytes that depend only on what was put in, never on
//! the clock, the order or the number of threads. [`Catalog`] opens those bytes: header and section table are checked at
//! open, every offset when used, the whole digest by [`Catalog::verify`]. docs/decisions/002-catalog.md says why the format
//! is our own and draws it.
//!
//! The way in: `builder` → `packed` (interned model) → `merge` (which copy counts) → `plan` → `compile` (sections) → `layout` (file).
//! The way out: `map` → `layout` → `part` → `reader` (one part, or several by `overlay`) → `packages`, `records`, `cves`, `carry` → `view`. What is written and read back stands in one file: `entry`, `record`,
//! `facts`, `strings`, `columns`, `ids`.

mod builder;
mod carry;
mod columns;
mod compile;
mod content;
mod cves;
pub mod delta;
mod diff;
mod entry;
mod error;
mod facts;
mod ids;
mod layout;
mod map;
mod merge;
mod numbers;
mod overlay;
mod packages;
mod packed;
mod part;
mod plan;
mod reader;
mod record;
mod records;
mod residue;
mod strings;
mod updates;
mod view;
mod wire;

#[cfg(test)]
mod tests;

pub use builder::Builder;
pub use diff::{Diff, diff};
pub use error::CatalogError;
pub use reader::Catalog;
pub use residue::drop_covered_versions;
pub use view::{
    AdvisoryIx, AdvisoryView, Candidate, CveFacts, CvssVectorView, ExploitedView, FeedInfo,
};
