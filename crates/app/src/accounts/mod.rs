//! Accounts: who may sign in, with what, and what they may then do.
//!
//! [`setup`] makes the first account from a link that is printed once; [`people`] makes, changes, locks and invites the others;
//! [`sign_in`] lets somebody in and [`session`] knows them again; [`token`] does the same for programs. Whoever comes in is a
//! [`Caller`] with [`role`]s, and sees the hosts of their [`Sight`]. Every change of an account is a record in the audit chain.
//!
//! The defaults are those PCI DSS v4.0.1 asks of accounts (8.2 and 8.3): twelve characters with a letter and a digit, none of the last
//! four, ten tries and then half an hour of rest, a session that ends after fifteen minutes unused, an account that ends after ninety days unused.

pub mod caller;
mod guard;
pub mod link;
pub mod password;
pub mod people;
mod recorded;
pub mod role;
pub mod seal;
pub mod secret;
pub mod session;
pub mod setup;
pub mod sign_in;
pub mod token;
pub mod totp;

pub use store::log::Actor;

pub use caller::{Caller, Sight, Way};
pub use role::{Permission, Role};

/// The program itself, at the hands of who may run it beside the store.
pub const fn system() -> Actor<'static> {
    Actor::Program("admin")
}
