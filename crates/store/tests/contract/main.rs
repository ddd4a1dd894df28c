//! What a store promises, asked of SQLite and of PostgreSQL alike. Needs PostgreSQL on the machine, and says so.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests"
)]

mod accounts;
mod backends;
mod backup;
mod chain;
mod documents;
mod fleet;
mod kill;
mod refusals;
mod sample;
mod tampering;
mod transactions;
