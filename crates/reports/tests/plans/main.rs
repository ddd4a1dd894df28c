//! Plans and figures through every renderer: what machines read is read back by parsers nobody here wrote, and hostile text
//! never reaches a command.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod calendar;
mod commands;
mod figures;
mod formats;
mod golden;
mod sample;
