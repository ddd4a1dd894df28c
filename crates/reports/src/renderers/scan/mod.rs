//! The formats of a scan report.

pub(super) mod json;
mod patches;
pub(super) mod table;
mod wire;
