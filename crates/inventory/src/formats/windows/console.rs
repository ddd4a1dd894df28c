//! Text as Windows tools write it: UTF-16 with or without a byte order mark (`wmic`, PowerShell's `>`, `cmd /u`), UTF-8, or
//! the code page of a console, of which nothing is said in the file. Only ASCII is the same in all of them
//! (<https://learn.microsoft.com/en-us/windows/win32/intl/code-page-identifiers>), so that is all the readers rely on.

use std::borrow::Cow;

use base::Note;

use crate::formats::text;

/// How many bytes are looked at to tell UTF-16 without a mark.
const HEAD_BYTES: usize = 512;

/// The text, and a note if bytes were replaced. Labels in another language are no loss, so that is not worth a warning.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<Note>) {
    if let Some(text) = unmarked_utf16(bytes) {
        return (text.into(), None);
    }
    match text::decode(bytes) {
        (text, Some(note)) if note.what.contains("UTF-16") => (text, None),
        (_, Some(_)) => {
            let what = "not UTF-8 but a console's code page; only ASCII was read";
            (ascii(bytes).into(), Some(Note::info(what)))
        }
        (text, None) => (text, None),
    }
}

/// What is ASCII, with a replacement character for every other byte: letters of a code page may look like UTF-8 by chance.
fn ascii(bytes: &[u8]) -> String {
    let plain = |b: &u8| {
        if b.is_ascii() {
            char::from(*b)
        } else {
            char::REPLACEMENT_CHARACTER
        }
    };
    bytes.iter().map(plain).collect()
}

/// The beginning, enough to tell what a text is.
pub(super) fn head(bytes: &[u8]) -> Cow<'_, str> {
    const RECOGNISED_BYTES: usize = 16 << 10;
    decode(&bytes[..bytes.len().min(RECOGNISED_BYTES)]).0
}

/// UTF-16, little endian, without a mark: every second byte of ASCII text is zero.
fn unmarked_utf16(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    let (pairs, _) = head.as_chunks::<2>();
    let ascii = pairs.iter().filter(|p| p[0] != 0 && p[1] == 0).count();
    if pairs.len() < 4 || ascii * 2 < pairs.len() {
        return None;
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
    let text: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    Some(text.trim_start_matches('\u{FEFF}').to_owned())
}

/// Without surrounding space, the no-break space of French included.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0')
}

/// The value without surrounding space, unless it is empty.
pub(super) fn some(text: &str) -> Option<&str> {
    Some(trim(text)).filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(bytes).0, expected);
    }

    #[test]
    fn every_encoding_gives_the_same_ascii() {
        let utf16 =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        check(b"HotFixID KB1", "HotFixID KB1");
        check(&utf16("HotFixID KB1"), "HotFixID KB1");
        check(&utf16("\u{FEFF}HotFixID KB1"), "HotFixID KB1");
        check(b"\xEF\xBB\xBFKB1", "KB1");
        check(b"S\x8D KB1", "S\u{FFFD} KB1");
        // 0xE1 0xA4 0x8C would be UTF-8.
        check(
            b"\xE1\xA4\x8C\xFF KB1",
            "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD} KB1",
        );
    }

    #[test]
    fn binary_is_not_taken_for_utf16() {
        check(&[0, 0, 0, 0, 1, 0], "\0\0\0\0\u{1}\0");
        check(b"", "");
        check(b"a\0", "a\0");
    }
}
