//! From bytes to text, and from a place in the text to its line.

use std::borrow::Cow;

use base::Note;

/// The bytes as text, without byte order mark. UTF-16 with a mark is understood (`pip freeze > requirements.txt` in
/// PowerShell writes it); bytes that are not text are replaced, with a note.
pub(super) fn decode<'a>(bytes: &'a [u8], notes: &mut Vec<Note>) -> Cow<'a, str> {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.as_chunks().0.iter().copied().map(unit).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest, u16::from_be_bytes);
    }
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    if matches!(text, Cow::Owned(_)) {
        notes.push(Note::warning("some bytes are not UTF-8 and were replaced"));
    }
    text
}

/// How much of a file is looked at to recognise it, in bytes.
const OPENING_BYTES: usize = 64 << 10;

/// The beginning of a file as text, enough to recognise it by.
pub(super) fn opening(bytes: &[u8]) -> Cow<'_, str> {
    decode(&bytes[..bytes.len().min(OPENING_BYTES)], &mut Vec::new())
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The longest piece of input repeated in a note, in characters.
const SHOWN_CHARS: usize = 80;

/// A piece of input as it may stand in a note: short, without control characters.
pub(super) fn shown(text: &str) -> String {
    let mut out: String = text.chars().take(SHOWN_CHARS).flat_map(escaped).collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        out.push('…');
    }
    out
}

fn escaped(c: char) -> impl Iterator<Item = char> {
    let plain = !c.is_control();
    plain
        .then_some(c)
        .into_iter()
        .chain((!plain).then(|| c.escape_default()).into_iter().flatten())
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
    fn utf_16_with_a_mark_is_text() {
        let check = |bytes: &[u8], expected: &str, noted: bool| {
            let mut notes = Vec::new();
            assert_eq!(decode(bytes, &mut notes), expected);
            assert_eq!(!notes.is_empty(), noted);
        };
        check(b"a==1", "a==1", false);
        check(b"\xef\xbb\xbfa==1", "a==1", false);
        check(b"\xff\xfea\0=\0=\x001\0", "a==1", false);
        check(b"\xfe\xff\0a\0=\0=\x001", "a==1", false);
        check(b"a\xff", "a\u{fffd}", true);
    }

    #[test]
    fn a_line_is_found_on_either_side_of_a_checkpoint() {
        let text = "ab\n".repeat(5000);
        let lines = Lines::new(&text);
        for line in [0, 1, 1364, 1365, 1366, 4999] {
            assert_eq!(lines.of(&text[line * 3..]), line as u64 + 1);
        }
    }

    #[test]
    fn what_is_shown_is_short_and_printable() {
        assert_eq!(shown("a\u{1b}[31m"), "a\\u{1b}[31m");
        assert_eq!(shown(&"x".repeat(100)).chars().count(), 81);
    }
}
