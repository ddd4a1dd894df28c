//! The formats of the figures.

pub(super) mod csv;
pub(super) mod html;
pub(super) mod json;
pub(super) mod markdown;
mod sentences;
pub(super) mod text;
