//! The number of a host of the fleet: ours, given once and never to another host.

use std::fmt;
use std::str::FromStr;

/// A host of the fleet. Small and dense, so that a set of hosts is a bitmap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(pub u32);

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "h{}", self.0)
    }
}

/// The text is no number of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the number of a host (expected h and digits, like h17)")]
pub struct NotAHostId;

impl FromStr for HostId {
    type Err = NotAHostId;

    fn from_str(text: &str) -> Result<Self, NotAHostId> {
        let digits = text.strip_prefix('h').ok_or(NotAHostId)?;
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let number = is_number.then(|| digits.parse().ok()).flatten();
        number.map(Self).ok_or(NotAHostId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_is_written_and_nothing_else_is() {
        assert_eq!("h17".parse(), Ok(HostId(17)));
        assert_eq!(HostId(17).to_string(), "h17");
        for text in ["", "h", "17", "h+1", "H1", "h4294967296", "h1 "] {
            assert_eq!(text.parse::<HostId>(), Err(NotAHostId), "{text:?}");
        }
    }
}
