//! The fleet, as it is kept: hosts report, catalogs change, people decide, and every question is answered from the log
//! ([decision 050](../../../../docs/decisions/050-fleet.md)). One use case a file.
//!
//! The flow: [`place`] says where, [`commit::Fleet`] opens it and follows its log ([`state`]), [`catalog`] makes the catalog at
//! hand the one that holds, [`report`] takes what hosts have; [`members`] and [`groups`] give the words of documents.

pub mod admin;
pub mod advisory;
pub mod asked;
pub mod brief;
pub mod catalog;
pub mod changes;
pub mod commit;
pub mod decided;
pub mod figures;
pub mod find;
pub mod finding;
pub mod groups;
pub mod hosts;
pub mod hosts_import;
pub mod hosts_input;
pub mod known;
pub mod life;
pub mod lists;
pub mod local;
pub mod members;
pub mod merged;
mod moved;
pub mod place;
pub mod plan;
mod ranks;
pub mod report;
pub mod same_host;
pub mod state;
pub mod suppress;
mod system;
mod turned;
pub mod view;
pub mod who;
