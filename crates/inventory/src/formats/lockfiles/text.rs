//! Where in a text a piece of it is, and what a file is by its name and its beginning.

use std::borrow::Cow;

use crate::formats::text::decode;

/// How much of a file is looked at to recognise it, in bytes.
const OPENING_BYTES: usize = 64 << 10;

/// The beginning of a file as text, enough to recognise it by.
pub(super) fn opening(bytes: &[u8]) -> Cow<'_, str> {
    decode(&bytes[..bytes.len().min(OPENING_BYTES)]).0
}

/// Whether a path lies in `node_modules`: a package that was published with its own lockfile lists what it was made with,
/// not what is installed.
pub(super) fn is_installed_module(path: &str) -> bool {
    path.starts_with("node_modules/") || path.contains("/node_modules/")
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Line numbers of a text, found by counting from the nearest checkpoint so that the table stays small.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Newlines before each multiple of [`Self::STRIDE`] bytes.
    newlines: Vec<u64>,
}

impl<'a> Lines<'a> {
    const STRIDE: usize = 4096;

    pub(super) fn new(text: &'a str) -> Self {
        let mut newlines = vec![0];
        let mut count = 0;
        for chunk in text.as_bytes().chunks(Self::STRIDE) {
            count += count_newlines(chunk);
            newlines.push(count);
        }
        Self { text, newlines }
    }

    /// The 1-based line on which `part` begins; it must be a piece of the text.
    pub(super) fn of(&self, part: &str) -> u64 {
        let offset = (part.as_ptr() as usize)
            .saturating_sub(self.text.as_ptr() as usize)
            .min(self.text.len());
        let stride = offset / Self::STRIDE;
        let rest = self
            .text
            .as_bytes()
            .get(stride * Self::STRIDE..offset)
            .unwrap_or_default();
        self.newlines.get(stride).copied().unwrap_or_default() + count_newlines(rest) + 1
    }
}

fn count_newlines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&b| u64::from(b == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_on_either_side_of_a_checkpoint() {
        let text = "ab\n".repeat(5000);
        let lines = Lines::new(&text);
        for line in [0, 1, 1364, 1365, 1366, 4999] {
            assert_eq!(lines.of(&text[line * 3..]), line as u64 + 1);
        }
    }
}
