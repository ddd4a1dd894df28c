//! What every JSON feed needs before it parses: the document as text, and the keys it starts with.
//!
//! RFC 8259 asks for UTF-8 without a byte order mark; files that went through an editor or a shell on Windows have one, or
//! are UTF-16, and are read all the same.

use std::borrow::Cow;

use base::Note;

/// The document as text, and a note where it was not plain UTF-8.
pub(super) fn text(bytes: &[u8]) -> (Cow<'_, str>, Option<Note>) {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFF, 0xFE, rest @ ..] => (
            utf16(rest, u16::from_le_bytes),
            Some(Note::info("read as UTF-16")),
        ),
        [0xFE, 0xFF, rest @ ..] => (
            utf16(rest, u16::from_be_bytes),
            Some(Note::info("read as UTF-16")),
        ),
        [b'{' | b'[', 0, ..] => (
            utf16(bytes, u16::from_le_bytes),
            Some(Note::info("read as UTF-16")),
        ),
        [0, b'{' | b'[', ..] => (
            utf16(bytes, u16::from_be_bytes),
            Some(Note::info("read as UTF-16")),
        ),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> (Cow<'_, str>, Option<Note>) {
    match str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(e) => {
            let line = 1 + bytes[..e.valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count() as u64;
            let note = Note::warning("not UTF-8: replaced by U+FFFD").at_line(line);
            (String::from_utf8_lossy(bytes), Some(note))
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'static, str> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    Cow::Owned(
        char::decode_utf16(units)
            .map(|c| c.unwrap_or('\u{FFFD}'))
            .collect(),
    )
}

/// A verdict on one key of a document under recognition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// It is this feed.
    Yes,
    /// It is not.
    No,
    /// Look on.
    Open,
}

/// Asks about each key of the first object of the document (itself, or the first element of a list) in order, until one
/// decides. Values are skipped, not parsed, so this costs little even where the telling key is the last.
pub(super) fn recognise(bytes: &[u8], mut ask: impl FnMut(&str) -> Hint) -> bool {
    let bytes = utf8_bytes(bytes);
    let mut rest = bytes.trim_ascii_start();
    if let [b'[', tail @ ..] = rest {
        rest = tail.trim_ascii_start();
    }
    let [b'{', tail @ ..] = rest else {
        return false;
    };
    rest = tail;
    while let Some((key, value)) = next_key(rest) {
        match ask(str::from_utf8(key).unwrap_or_default()) {
            Hint::Yes => return true,
            Hint::No => return false,
            Hint::Open => rest = after_value(value),
        }
    }
    false
}

/// The bytes without a byte order mark, decoded if they are UTF-16, and not otherwise checked.
fn utf8_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Cow::Borrowed(rest),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'{' | b'[', 0, ..] | [0, b'{' | b'[', ..] => {
            Cow::Owned(text(bytes).0.into_owned().into_bytes())
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// The next key (raw, escapes kept) and what follows its colon.
fn next_key(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let bytes = bytes.trim_ascii_start();
    let bytes = bytes.strip_prefix(b",").unwrap_or(bytes).trim_ascii_start();
    let body = bytes.strip_prefix(b"\"")?;
    let end = string_end(body)?;
    let rest = body.get(end + 1..)?.trim_ascii_start().strip_prefix(b":")?;
    Some((&body[..end], rest))
}

/// Where the closing quote is, from just after the opening one.
fn string_end(body: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(b'"', b'\\', body.get(from..)?)?;
        if body[at] == b'"' {
            return Some(at);
        }
        from = at + 2;
    }
}

/// What follows a value: from the comma or the closing brace on.
fn after_value(bytes: &[u8]) -> &[u8] {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => match string_end(&bytes[at + 1..]) {
                Some(end) => at += end + 1,
                None => return &[],
            },
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return &bytes[at..],
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    &[]
}
