//! Measuring, wrapping and padding text in terminal columns (Unicode UAX #11 through `unicode-width`).

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text with blanks after it, up to a width; longer text stays whole.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text with blanks before it, up to a width.
pub fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text in lines of at most `columns`: broken at blanks, and inside a word only where the word
/// alone is too long.
/// Nothing is dropped. An empty text is one empty line.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        while width(&line) > columns {
            let rest = line.split_off(fitting(&line, columns));
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// How many bytes of a long word stand on a line: up to the last joint that fits, else as much as fits, and at least one
/// character. A joint is what names and paths are put together with, so that ids break where a reader expects it.
fn fitting(text: &str, columns: usize) -> usize {
    let whole = fitting_characters(text, columns);
    let joint = text[..whole]
        .rfind(['/', ':', '.', '-', '_', '+', ','])
        .map(|at| at + 1);
    // A joint near the start would leave a line almost empty.
    joint.filter(|at| *at * 2 > whole).unwrap_or(whole)
}

fn fitting_characters(text: &str, columns: usize) -> usize {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns && at > 0 {
            return at;
        }
    }
    text.len()
}

/// A paragraph: the first line after `first`, the others after `rest`, which should be equally wide.
pub fn paragraph(first: &str, rest: &str, text: &str, columns: usize) -> String {
    let inner = columns.saturating_sub(width(first).max(width(rest))).max(1);
    let mut out = String::new();
    for (n, line) in wrap(text, inner).iter().enumerate() {
        out.push_str(if n == 0 { first } else { rest });
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// A number with a noun that agrees: `1 finding`, `2 findings`, `1,512 hosts`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { one } else { many }
    )
}

/// A number with a comma every three digits.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("one", 8), ["one"]);
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_and_nothing_is_lost() {
        assert_eq!(
            wrap("CVE-2024-1000001", 6),
            ["CVE-", "2024-", "100000", "1"]
        );
        assert_eq!(
            wrap("org.apache.logging.log4j:log4j-core", 26),
            ["org.apache.logging.log4j:", "log4j-core"]
        );
        assert_eq!(wrap("a.bcdefghijk", 8), ["a.bcdefg", "hijk"]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("日", 1), ["日"]);
    }

    #[test]
    fn counts_agree_with_their_noun() {
        assert_eq!(count(1, "host", "hosts"), "1 host");
        assert_eq!(count(0, "host", "hosts"), "0 hosts");
        assert_eq!(count(1_234_567, "row", "rows"), "1,234,567 rows");
    }

    proptest! {
        #[test]
        fn wrapping_keeps_every_letter_within_the_width(text in "[ a-z]{0,80}", columns in 1usize..20) {
            let lines = wrap(&text, columns);
            prop_assert!(lines.iter().all(|l| width(l) <= columns));
            let letters = |s: &str| s.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
