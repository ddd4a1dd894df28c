//! Request and response types of the public API: the only shapes others may rely on. One file a noun; enumerations are strings,
//! unknown is null, a list is never null, moments are RFC 3339 in UTC. The server's OpenAPI document is made from these.

pub mod account;
pub mod health;
pub mod problem;
