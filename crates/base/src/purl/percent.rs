//! Percent-encoding by clause 5.4 of ECMA-427: letters, digits, `.`, `-`, `_`, `~` and `:` stand for themselves.

use super::PurlError;

pub(super) fn encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for run in text.split_inclusive(|c: char| !is_plain(c)) {
        let plain = run.trim_end_matches(|c: char| !is_plain(c));
        out.push_str(plain);
        for &byte in &run.as_bytes()[plain.len()..] {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

const fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '~' | ':')
}

/// A `%` that starts no triplet stands for itself.
pub(super) fn decode(text: &str) -> Result<String, PurlError> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let triplet = (byte == b'%')
            .then(|| Some(hex(*bytes.get(at + 1)?)? << 4 | hex(*bytes.get(at + 2)?)?))
            .flatten();
        decoded.push(triplet.unwrap_or(byte));
        at += if triplet.is_some() { 3 } else { 1 };
    }
    String::from_utf8(decoded).map_err(|_| PurlError::new("the decoded bytes are not UTF-8"))
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
