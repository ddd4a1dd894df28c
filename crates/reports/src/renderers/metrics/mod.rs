//! The formats of the figures.

pub(super) mod html;
pub(super) mod json;
mod sentences;
pub(super) mod text;
