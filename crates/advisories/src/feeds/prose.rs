//! What is kept of a source's prose and dates: one short line, and instants that mean what they say.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::SUMMARY_CHARS;

/// The text on one line, blanks and control characters folded to single spaces, at most [`SUMMARY_CHARS`] characters.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(SUMMARY_CHARS));
    let mut chars = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = !line.is_empty();
            continue;
        }
        chars += 1 + usize::from(gap);
        if chars > SUMMARY_CHARS {
            break;
        }
        if gap {
            line.push(' ');
            gap = false;
        }
        line.push(c);
    }
    line
}

/// The first sentence of a longer text as one line. Markdown headings ("### Impact") are not sentences.
pub(super) fn first_sentence(text: &str) -> String {
    let start = text.split('\n').map(str::trim).find(|line| {
        !line.is_empty() && !line.starts_with('#') && line.chars().any(char::is_alphanumeric)
    });
    let Some(start) = start else {
        return String::new();
    };
    let offset = start.as_ptr() as usize - text.as_ptr() as usize;
    let body = &text[offset..];
    let paragraph = body.split("\n\n").next().unwrap_or(body);
    one_line(&paragraph[..sentence_end(paragraph)])
}

/// Just after the first full stop that ends a sentence: followed by a blank, and not part of "e.g." or a version.
fn sentence_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    for (at, c) in text.char_indices() {
        let next = bytes.get(at + 1);
        let ends = matches!(c, '.' | '!' | '?') && next.is_none_or(u8::is_ascii_whitespace);
        if ends && !is_abbreviation(&text[..at]) {
            return at + 1;
        }
        if c == '。' {
            return at + c.len_utf8();
        }
    }
    text.len()
}

fn is_abbreviation(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || c == '(')
        .next()
        .unwrap_or_default();
    let known = [
        "e.g", "i.e", "vs", "etc", "Inc", "Ltd", "Corp", "Dr", "Mr", "St", "cf", "No",
    ];
    known.contains(&word) || (word.len() == 1 && word.bytes().all(|b| b.is_ascii_uppercase()))
}

/// An RFC 3339 instant; without an offset (CVE JSON allows that) it is UTC, without a time midnight. Sources write
/// `0001-01-01` or the epoch where they know nothing: that is `None`.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let parsed = text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp())
    })?;
    (parsed >= FIRST_MEANINGFUL).then_some(parsed)
}

/// 1971-01-01T00:00:00Z: no vulnerability database is older, and 1970 is a zero that was printed.
const FIRST_MEANINGFUL: Timestamp = Timestamp::constant(31_536_000, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_one_short_line() {
        let check = |text: &str, expected: &str| assert_eq!(one_line(text), expected);
        check("", "");
        check("  a \n\t b\u{1b}[31m ", "a b [31m");
        check("a\u{0}b", "a b");
        assert_eq!(one_line(&"é".repeat(1000)).chars().count(), SUMMARY_CHARS);
    }

    #[test]
    fn the_first_sentence_ends_where_a_reader_would_end_it() {
        let check = |text: &str, expected: &str| assert_eq!(first_sentence(text), expected);
        check("One. Two.", "One.");
        check(
            "### Impact\n\nVersions 1.2.3, e.g. on Linux,\nare affected. More",
            "Versions 1.2.3, e.g. on Linux, are affected.",
        );
        check("No full stop\n\nNext paragraph.", "No full stop");
        check("In A. B. Smith's code! Really.", "In A. B. Smith's code!");
        check("说明。更多", "说明。");
        check("# Only a heading", "");
        check("---\n***\n", "");
        check("ends in a dot.", "ends in a dot.");
    }

    #[test]
    fn a_date_that_means_nothing_is_none() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(
                instant(text).map(|t| t.to_string()).as_deref(),
                expected,
                "{text}"
            );
        };
        check("2024-01-02T03:04:05Z", Some("2024-01-02T03:04:05Z"));
        check(
            " 2024-01-02T03:04:05.123456+02:00 ",
            Some("2024-01-02T01:04:05.123456Z"),
        );
        check("2026-08-16T00:00:00+0000", Some("2026-08-16T00:00:00Z"));
        check("1999-09-29T04:00:00", Some("1999-09-29T04:00:00Z"));
        check("2024-02-01", Some("2024-02-01T00:00:00Z"));
        for filler in [
            "",
            "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "soon",
            "2024-13-01",
            "2024-02-30T00:00:00Z",
        ] {
            check(filler, None);
        }
    }
}
