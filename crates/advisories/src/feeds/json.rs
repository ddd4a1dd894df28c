//! What every JSON feed needs before it parses: the document as text, and the keys it starts with.
//!
//! RFC 8259 asks for UTF-8 without a byte order mark; files that went through an editor or a shell on Windows have one, or
//! are UTF-16, and are read all the same.

use std::borrow::Cow;

use base::Note;

use super::ledger::Ledger;

/// The document as text that `serde_json` takes, with a note for whatever had to be mended.
pub(super) fn text<'a>(bytes: &'a [u8], ledger: &mut Ledger) -> Cow<'a, str> {
    let text = match decoded(bytes) {
        Cow::Borrowed(bytes) => utf8(bytes, ledger),
        Cow::Owned(bytes) => {
            ledger.note(Note::info("read as UTF-16"));
            Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
        }
    };
    without_lone_surrogates(without_controls(text, ledger), ledger)
}

/// The bytes without a byte order mark, turned into UTF-8 if they are UTF-16.
fn decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Cow::Borrowed(rest),
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        [b'{' | b'[', 0, ..] => Cow::Owned(utf16(bytes, u16::from_le_bytes)),
        [0, b'{' | b'[', ..] => Cow::Owned(utf16(bytes, u16::from_be_bytes)),
        _ => Cow::Borrowed(bytes),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    text.into_bytes()
}

fn utf8<'a>(bytes: &'a [u8], ledger: &mut Ledger) -> Cow<'a, str> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(e) => {
            let line = 1 + memchr::memchr_iter(b'\n', &bytes[..e.valid_up_to()]).count() as u64;
            ledger.note(Note::warning("not UTF-8: replaced by U+FFFD").at_line(line));
            String::from_utf8_lossy(bytes)
        }
    }
}

/// Control characters have no place in JSON, within a text or outside; a blank is the least harm.
fn without_controls<'a>(text: Cow<'a, str>, ledger: &mut Ledger) -> Cow<'a, str> {
    let control = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    if !text.bytes().any(control) {
        return text;
    }
    ledger.note(Note::warning("control characters replaced by blanks"));
    let blank = |c: char| {
        if u8::try_from(c).is_ok_and(control) {
            ' '
        } else {
            c
        }
    };
    Cow::Owned(text.chars().map(blank).collect())
}

/// Half of a UTF-16 pair, escaped (`\ud83d` alone), is grammatical JSON that is no text; it becomes `\ufffd`.
fn without_lone_surrogates<'a>(text: Cow<'a, str>, ledger: &mut Ledger) -> Cow<'a, str> {
    let bytes = text.as_bytes();
    let suspect = |escape: &[u8]| memchr::memmem::find(bytes, escape).is_some();
    if !suspect(b"\\ud") && !suspect(b"\\uD") {
        return text;
    }
    let mut mended = text.as_ref().to_owned();
    let mut lone = false;
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', mended.as_bytes().get(at..).unwrap_or_default()) {
        at += next;
        match (surrogate(&mended, at), surrogate(&mended, at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at += 12,
            (Some(_), _) => {
                mended.replace_range(at..at + 6, "\\ufffd");
                lone = true;
                at += 6;
            }
            (None, _) => at += 2,
        }
    }
    if lone {
        ledger.note(Note::warning("half a UTF-16 pair replaced by U+FFFD"));
    }
    Cow::Owned(mended)
}

/// The surrogate that is escaped at this place, if one is.
fn surrogate(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    let unit = u16::from_str_radix(digits, 16).ok()?;
    (0xD800..=0xDFFF).contains(&unit).then_some(unit)
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
    let bytes = decoded(bytes);
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
