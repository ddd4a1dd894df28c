//! The catalog: one versioned, checksummed, memory-mapped, read-only file with what matching and explaining need.
//!
//! [`Builder`] takes [`Batch`](crate::model::Batch)es per feed and gives bytes that depend only on what was put in, never on
//! the clock, the order or the number of threads. [`Catalog`] opens those bytes: header and section table are checked at
//! open, every offset when used, the whole digest by [`Catalog::verify`].
