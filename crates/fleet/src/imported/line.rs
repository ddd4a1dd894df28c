//! Prose of a report as one plain line: without markup, line breaks or length without end.

/// Characters kept of a title.
const LINE_CHARACTERS: usize = 300;

/// The text without tags, on one line.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    let (mut in_tag, mut length) = (false, 0);
    for (at, c) in text.char_indices() {
        if length == LINE_CHARACTERS {
            out.push('…');
            break;
        }
        match c {
            // `OpenSSL < 3.0` is no tag: one starts with a letter, `/` or `!`, and ends somewhere.
            '<' if opens_tag(&text[at..]) => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                push_space(&mut out, &mut length);
            }
            _ if in_tag => {}
            c if c.is_whitespace() => push_space(&mut out, &mut length),
            c => {
                out.push(c);
                length += 1;
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_space(out: &mut String, length: &mut usize) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
        *length += 1;
    }
}

/// The end is looked for within a bounded stretch, so that a text of nothing but `<a` stays linear.
fn opens_tag(text: &str) -> bool {
    const TAG_BYTES: usize = 1000;
    let bytes = &text.as_bytes()[..text.len().min(TAG_BYTES)];
    let starts = bytes
        .get(1)
        .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!'));
    starts && bytes.contains(&b'>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_becomes_one_plain_line() {
        let check = |text: &str, expected: &str| assert_eq!(plain(text), expected, "{text}");
        check("  a\n\t b ", "a b");
        check(
            "<p>one</p><script>x</script>two<br/>three",
            "one x two three",
        );
        check("OpenSSL 3.0.0 < 3.0.7", "OpenSSL 3.0.0 < 3.0.7");
        check("a <b", "a <b");
        check("", "");
        assert_eq!(plain(&"ä".repeat(400)).chars().count(), 301);
    }
}
