//! One file a scheme, and the list of them.

mod deb;

use crate::Scheme;

/// Every scheme, in the order docs and help list them.
pub static SCHEMES: &[&dyn Scheme] = &[&deb::Deb];
