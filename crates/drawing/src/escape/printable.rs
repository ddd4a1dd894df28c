//! Characters that act instead of show are written as the bytes of their UTF-8 form, `\xNN`.
//!
//! Control characters of both sets (ECMA-48: ESC and CSI drive terminals), and the invisible format characters that reorder
//! or hide text (Unicode UAX #9 bidirectional controls, "Trojan Source", CVE-2021-42574; UTR #36 for the rest).

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with everything that is not printable written as `\xNN` bytes; line feeds and tabs too.
///
/// A backslash that is already there stays as it is, so the result is for reading and not for reversing.
pub fn printable(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(acts) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first]);
    for c in text[first..].chars() {
        if acts(c) {
            push_bytes(&mut out, c);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn push_bytes(out: &mut String, c: char) {
    let mut buffer = [0; 4];
    for byte in c.encode_utf8(&mut buffer).bytes() {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\x{byte:02x}");
    }
}

fn acts(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(printable(input), expected);
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(
            printable("openssl 3.0.11-1~deb12u2, Größe, 日本"),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn what_drives_a_terminal_is_written_as_bytes() {
        check("\u{1b}[31mred", "\\x1b[31mred");
        check("a\nb\tc\rd\0", "a\\x0ab\\x09c\\x0dd\\x00");
        check("\u{9b}31m", "\\xc2\\x9b31m");
        check("\u{7f}", "\\x7f");
    }

    #[test]
    fn what_reorders_or_hides_text_is_written_as_bytes() {
        check("\u{202e}txt.exe", "\\xe2\\x80\\xaetxt.exe");
        check("a\u{2066}b\u{2069}", "a\\xe2\\x81\\xa6b\\xe2\\x81\\xa9");
        check("a\u{200b}b\u{feff}", "a\\xe2\\x80\\x8bb\\xef\\xbb\\xbf");
        check("\u{e0041}", "\\xf3\\xa0\\x81\\x81");
    }

    proptest! {
        #[test]
        fn no_control_character_survives(text in any::<String>()) {
            prop_assert!(!printable(&text).chars().any(char::is_control));
        }

        #[test]
        fn twice_is_once(text in any::<String>()) {
            let once = printable(&text).into_owned();
            prop_assert_eq!(printable(&once), once.as_str());
        }
    }
}
