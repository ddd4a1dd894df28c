//! CVE identifiers (CVE-YYYY-NNNN…, <https://www.cve.org/About/Process>), as eight bytes that sort by year and number.

use std::fmt;
use std::str::FromStr;

/// One CVE id. Ordered by year, then number; `CVE-2024-9` is before `CVE-2024-10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CveId {
    year: u16,
    number: u32,
}

/// The text is not a CVE id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotACveId;

impl fmt::Display for NotACveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a CVE id (expected CVE-YYYY-NNNN)")
    }
}

impl std::error::Error for NotACveId {}

impl CveId {
    /// From its two numbers; the printed form pads the number to four digits.
    pub const fn new(year: u16, number: u32) -> Self {
        Self { year, number }
    }

    /// The year in the id (of reservation, not of publication).
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The number in the id.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// One integer that sorts like the id, for indexes.
    pub const fn packed(self) -> u64 {
        ((self.year as u64) << 32) | self.number as u64
    }

    /// The inverse of [`CveId::packed`].
    pub const fn from_packed(packed: u64) -> Self {
        Self {
            year: (packed >> 32) as u16,
            number: packed as u32,
        }
    }

    /// The first CVE id inside a longer text, such as `DEBIAN-CVE-2024-1234` or a URL.
    pub fn find(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut from = 0;
        while let Some(at) = find_prefix(&bytes[from..]) {
            let start = from + at;
            let tail = &bytes[start + 4..];
            let digits_year = tail.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits_year == 4 && tail.get(4) == Some(&b'-') {
                let number_len = tail[5..].iter().take_while(|b| b.is_ascii_digit()).count();
                if let Ok(id) = text[start..start + 9 + number_len].parse() {
                    return Some(id);
                }
            }
            from = start + 4;
        }
        None
    }
}

fn find_prefix(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|w| w.eq_ignore_ascii_case(b"CVE-"))
}

impl FromStr for CveId {
    type Err = NotACveId;

    fn from_str(text: &str) -> Result<Self, NotACveId> {
        let rest = text
            .get(..4)
            .filter(|p| p.eq_ignore_ascii_case("CVE-"))
            .map(|_| &text[4..])
            .ok_or(NotACveId)?;
        let (year, number) = rest.split_once('-').ok_or(NotACveId)?;
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if year.len() != 4 || number.len() < 4 || !digits(year) || !digits(number) {
            return Err(NotACveId);
        }
        Ok(Self {
            year: year.parse().map_err(|_| NotACveId)?,
            number: number.parse().map_err(|_| NotACveId)?,
        })
    }
}

impl fmt::Display for CveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CVE-{:04}-{:04}", self.year, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_as_they_were_written() {
        for id in ["CVE-1999-0001", "CVE-2024-1000001", "CVE-2001-0500"] {
            assert_eq!(id.parse::<CveId>().unwrap().to_string(), id);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "CVE-",
            "CVE-24-1234",
            "CVE-2024-123",
            "CVE-2024-12a4",
            "GHSA-1",
            "CVE-2024-99999999999",
            "ÇVE-2024-1234",
        ] {
            assert_eq!(text.parse::<CveId>(), Err(NotACveId), "{text}");
        }
    }

    #[test]
    fn an_id_is_found_inside_other_ids() {
        let check = |text: &str, id: Option<&str>| {
            assert_eq!(CveId::find(text).map(|c| c.to_string()).as_deref(), id)
        };
        check("DEBIAN-CVE-2024-1234", Some("CVE-2024-1234"));
        check(
            "https://example.org/cve-2021-44228/x",
            Some("CVE-2021-44228"),
        );
        check("CVE-CVE-2021-44228", Some("CVE-2021-44228"));
        check("CVE-20214-4228", None);
    }
}
