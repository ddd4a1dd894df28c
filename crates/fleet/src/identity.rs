//! Who is who: whether a report is about a host that is known, by visible rules.
//!
//! One server is a NetBIOS name, a full name, addresses, network cards, a UUID of its virtual machine, a machine id, a security
//! identifier of the directory service, and the id another tool gave it. [`Identifier`] is one such id, normalised, or the reason why
//! a text is no evidence; [`MergeRules`] say how much each kind counts; [`Directory`] knows every host by its ids and
//! answers with a [`Verdict`]. A contradiction is never merged in silence: it is a [`Doubt`] for somebody to answer, and the
//! answer (a merge, or that two hosts are not the same) can be taken back.
//!
//! Imports go one way: `hardware`, `network`, `names` ← `identifier` ← `merge_rules` ← `evidence` ← `directory` ← `resolve`.

mod directory;
mod evidence;
mod hardware;
mod identifier;
mod merge_rules;
mod names;
mod network;
mod resolve;

pub use directory::{Answer, Directory, HOST_IDENTIFIERS, SHARED_BY};
pub use evidence::{Difference, Doubt, Evidence, LookAlike, Rule, Verdict};
pub use identifier::{IDENTIFIER_BYTES, Identifier, IdentifierKind, NoEvidence};
pub use merge_rules::{MergeRules, Strength};
pub use resolve::Resolution;

#[cfg(test)]
mod tests;
