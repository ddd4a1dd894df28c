//! The formats of a scan report.

pub(super) mod csaf_vex;
pub(super) mod csv;
pub(super) mod cyclonedx;
pub(super) mod html;
pub(super) mod json;
pub(super) mod junit;
pub(super) mod markdown;
pub(super) mod openvex;
mod running;
pub(super) mod sarif;
pub(super) mod table;
pub(super) mod wire;
