//! Numbers of Microsoft's knowledge base, by which its updates are named (`KB5094123`).

use std::fmt;
use std::str::FromStr;

/// The number of one update. Ordered by number, which is not the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kb(u32);

/// The text names no update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAKb;

impl fmt::Display for NotAKb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the number of an update (expected KB and 5 to 8 digits, or Q and 5 or 6)")
    }
}

impl std::error::Error for NotAKb {}

impl Kb {
    /// From the number alone.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number alone.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Kb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KB{}", self.0)
    }
}

impl FromStr for Kb {
    type Err = NotAKb;

    /// `KB5094123`, `5094123`, and `Q300972` as updates were named before 2003; any case.
    fn from_str(text: &str) -> Result<Self, NotAKb> {
        let text = text.trim();
        let digits = ["KB", "kb", "Kb", "kB", "Q", "q"]
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .unwrap_or(text);
        let is_number =
            (5..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        match digits.parse() {
            Ok(number) if is_number => Ok(Self(number)),
            _ => Err(NotAKb),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<u32>) {
        assert_eq!(text.parse().ok(), expected.map(Kb::new), "{text}");
    }

    #[test]
    fn updates_have_three_spellings() {
        check("KB5094123", Some(5_094_123));
        check("kb976902", Some(976_902));
        check(" 4014329 ", Some(4_014_329));
        check("Q300972", Some(300_972));
    }

    #[test]
    fn other_words_are_no_update() {
        for text in [
            "",
            "KB",
            "File 1",
            "KB12",
            "KB123456789",
            "KB50941x3",
            "MS01-033",
            "Release Notes",
        ] {
            check(text, None);
        }
    }
}
