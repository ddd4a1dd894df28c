//! Bytes of a text file as text: byte-order marks, UTF-16 and broken UTF-8 are met in the wild and lose nothing here.

use std::borrow::Cow;

use base::Note;

/// The text, with a note when it was not plain UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<Note>) {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => (
            utf16(rest, u16::from_be_bytes),
            Some(Note::info("the text is UTF-16")),
        ),
        [0xFF, 0xFE, rest @ ..] => (
            utf16(rest, u16::from_le_bytes),
            Some(Note::info("the text is UTF-16")),
        ),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> (Cow<'_, str>, Option<Note>) {
    // The check alone is several times faster than the replacing, and nearly every file is UTF-8.
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(_) => {
            let note = Note::warning("bytes that are not UTF-8 were replaced");
            (String::from_utf8_lossy(bytes), Some(note))
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'static, str> {
    let (pairs, _) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect::<String>()
        .into()
}

/// Lines with their 1-based number, without the line end (`\n` or `\r\n`).
pub(crate) fn numbered_lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    (1..).zip(
        text.split('\n')
            .map(|line| line.strip_suffix('\r').unwrap_or(line)),
    )
}

/// How much of a document is enough to tell what it is, unless it is JSON.
const HEAD_BYTES: usize = 8192;

/// The beginning, enough to tell what a document is.
pub(crate) fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(HEAD_BYTES)]
}

/// The text to recognise a document by: all of JSON, whose keys come in any order, and the head of anything else, which may
/// be a binary of any size.
pub(crate) fn sample(bytes: &[u8]) -> Cow<'_, str> {
    let head = decode(&bytes[..bytes.len().min(HEAD_BYTES)]).0;
    if head.trim_start().starts_with('{') {
        decode(bytes).0
    } else {
        head
    }
}

/// The string that a key of a JSON object has, found without reading the document: `"key" : "value`.
pub(crate) fn value_after_key<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let quoted = format!("\"{key}\"");
    json.match_indices(&quoted).find_map(|(at, _)| {
        let after_colon = json[at + quoted.len()..].trim_start().strip_prefix(':')?;
        let value = after_colon.trim_start().strip_prefix('"')?;
        value.split_once('"').map(|(value, _)| value)
    })
}

/// At most the first 80 characters, for a note.
pub(crate) fn excerpt(text: &str) -> String {
    excerpt_of(text, 80)
}

/// At most the first so many characters.
pub(crate) fn excerpt_of(text: &str, shown: usize) -> String {
    match text.char_indices().nth(shown) {
        Some((end, _)) => format!("{}…", text[..end].escape_debug()),
        None => text.escape_debug().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_gives_the_same_text() {
        let le: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain("Pé".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let be: Vec<u8> = [0xFE, 0xFF]
            .into_iter()
            .chain("Pé".encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        for bytes in ["Pé".as_bytes(), "\u{FEFF}Pé".as_bytes(), &le, &be] {
            assert_eq!(decode(bytes).0, "Pé");
        }
        assert!(decode(b"P\xFF").1.is_some());
        assert_eq!(decode(&[0xFF, 0xFE, 0x00]).0, "");
    }

    #[test]
    fn the_value_of_a_key_is_found_wherever_it_stands() {
        let check = |json: &str, value: Option<&str>| {
            assert_eq!(value_after_key(json, "k"), value, "{json}")
        };
        check(r#"{"a":1,"k" : "v"}"#, Some("v"));
        check(r#"{"x":"k","k":"v"}"#, Some("v"));
        check(r#"{"k":1}"#, None);
        check(r#"{"k":"open"#, None);
        check("", None);
    }

    #[test]
    fn lines_are_counted_from_one_and_lose_their_carriage_return() {
        let lines: Vec<_> = numbered_lines("a\r\nb\n").collect();
        assert_eq!(lines, [(1, "a"), (2, "b"), (3, "")]);
    }
}
