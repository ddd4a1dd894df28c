//! Named bounds on what is read from outside. Every limit has a name that the error shows, so a user knows what to raise.

use std::fmt;

/// An upper bound with the name it is reported under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// `kebab-case`, unique in the program, for example `sbom-bytes`.
    pub name: &'static str,
    /// The largest value still accepted.
    pub max: u64,
}

impl Limit {
    /// A limit under a name.
    pub const fn new(name: &'static str, max: u64) -> Self {
        Self { name, max }
    }

    /// Whether a value is over it.
    pub const fn is_exceeded_by(self, value: u64) -> bool {
        value > self.max
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.max)
    }
}
