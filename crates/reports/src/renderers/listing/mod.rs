//! The formats of the lists. What is said around the rows is the same in all that people read ([`words`]).

pub(super) mod csv;
pub(super) mod json;
pub(super) mod markdown;
pub(super) mod table;
mod words;
