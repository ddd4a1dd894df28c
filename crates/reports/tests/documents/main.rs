//! Whole documents through every renderer: golden files, hostile text, and the briefing from day to day.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod baseline;
mod contract;
mod fixture;
mod fleet_morning;
mod golden;
mod hostile;
mod lists;
mod mornings;
mod schemas;
