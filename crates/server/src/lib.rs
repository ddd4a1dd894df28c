//! HTTP: the public API, the pages, signing in.
//!
//! A request passes [`auth`] (who asks, may they, is it really them), reaches a handler in [`api`] or [`pages`], which asks `app` and
//! gives a type of `api` or a page back. Which routes there are, who may ask and what of the answer depends on who asks, is one
//! table ([`route`], [`table`], [`hold`]). What goes wrong becomes an answer in [`error`]. The server knows no store: every screen has a command.

mod api;
mod assets;
mod auth;
mod error;
mod hold;
mod log;
mod pages;
mod route;
mod serve;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod threads;
mod throttle;

pub use serve::{Options, Tls, serve};
pub use table::openapi;
