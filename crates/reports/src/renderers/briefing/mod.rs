//! The formats of the briefing. What is said is the same in all that people read ([`sentences`]); a format only lays it out.

pub(super) mod html;
pub(super) mod json;
pub(super) mod markdown;
mod sentences;
pub(super) mod text;
mod wire;
mod wire_fleet;
