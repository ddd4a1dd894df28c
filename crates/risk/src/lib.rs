//! From facts to a decision: act by DATE, by which policy row, from which facts, each with its source or "unknown".
//!
//! [`cvss`] scores vectors; [`policy`] reads policy tables (data, in `policies/*.toml`); [`decide`](policy::Policy::decide)
//! is pure arithmetic over [`facts::Facts`].

pub mod cvss;
pub mod facts;
pub mod policy;
