//! What the fleet is and was: one file per noun, one set of types, on SQLite and on PostgreSQL.
//!
//! A [`Store`] is a file, a database or memory. All that is done with it is done in a transaction: [`Store::write`] is all or
//! nothing, one at a time; [`Store::read`] is a snapshot. A transaction is a value, [`Tx`], that the functions of every noun take:
//!
//! - [`log`]: what happened, in order, with the audit chain; [`people`] who did it, [`records`] what they decided
//! - [`hosts`], [`identifiers`], [`answers`], [`facts`], [`reports`]: who is in the fleet, what is said of them, what they had when
//! - [`releases`], [`inventories`], [`package_sets`], [`blobs`]: what those refer to, each once; [`documents`] looks through them
//! - [`catalogs`], [`feeds`]: what was known of vulnerabilities; [`checkpoints`]: the index, to start from
//! - [`accounts`], [`tokens`], [`sessions`], [`links`]: who may sign in, with what, and who has
//! - [`backup`]: all of it as one file, and back
//!
//! Imports inside the crate go one way: `error` ← `value`, `sql`, `wire` ← `sqlite`, `postgres` ← `connection` ← the nouns,
//! `migrate` ← `store`.

pub mod accounts;
pub mod answers;
pub mod backup;
pub mod blobs;
mod bounds;
pub mod catalogs;
mod chain;
pub mod checkpoints;
mod connection;
mod content;
pub mod documents;
mod error;
pub mod facts;
pub mod feeds;
pub mod hosts;
pub mod identifiers;
pub mod inventories;
pub mod links;
pub mod log;
mod migrate;
pub mod package_sets;
pub mod people;
mod postgres;
pub mod records;
pub mod releases;
pub mod reports;
pub mod sessions;
mod sql;
mod sqlite;
mod store;
pub mod tokens;
mod value;
mod wire;

pub use chain::{Head, Link, Summary};
pub use connection::Tx;
pub use content::Document;
pub use error::{Result, StoreError};
pub use store::Store;
pub use value::kept_moment;
