//! Text for Markdown (GitHub Flavored Markdown, <https://github.github.com/gfm/>): no emphasis, link, HTML or table cell
//! comes out of it.

use super::printable;

/// Text that shows as it is, also inside a table cell and at the start of a line.
pub fn markdown(text: &str) -> String {
    let text = printable(text);
    let mut out = String::with_capacity(text.len() + 16);
    let marker = leading_marker(&text);
    for (at, c) in text.char_indices() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '@' => out.extend(['\\', c]),
            // `http://…` and `www.…` become links by themselves (GFM 6.9).
            ':' if text[at..].starts_with("://") => out.push_str("\\:"),
            '.' if ends_with_www(&out) => out.push_str("\\."),
            _ if Some(at) == marker => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// A code span. Text that would break out of one or out of a table cell, to any reader, becomes escaped text instead.
pub fn markdown_code(text: &str) -> String {
    let text = printable(text);
    if text.trim() != text || text.is_empty() || text.contains(['`', '|', '\\']) {
        return markdown(&text);
    }
    format!("`{text}`")
}

/// Where the character stands that would make the line a list item, a rule, a quote or a heading.
fn leading_marker(text: &str) -> Option<usize> {
    let start = text.len() - text.trim_start().len();
    let digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
    let at = start + digits;
    let mut next = text[at..].chars();
    match next.next() {
        Some('.' | ')') if digits > 0 && next.next().is_none_or(char::is_whitespace) => Some(at),
        Some('-' | '+' | '=') if digits == 0 => Some(at),
        _ => None,
    }
}

fn ends_with_www(out: &str) -> bool {
    out.len() >= 3 && out.as_bytes()[out.len() - 3..].eq_ignore_ascii_case(b"www")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(markdown(input), expected);
    }

    #[test]
    fn markup_loses_its_meaning() {
        check("*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`");
        check("![x](javascript:alert(1))", "!\\[x\\](javascript:alert(1))");
        check("<img src=x onerror=y>", "&lt;img src=x onerror=y&gt;");
        check("a | b", "a \\| b");
        check("http://evil.example", "http\\://evil.example");
        check("www.evil.example", "www\\.evil.example");
        check("line\n# heading", "line\\\\x0a\\# heading");
    }

    #[test]
    fn a_line_does_not_become_a_list() {
        check("- a", "\\- a");
        check("1. a", "1\\. a");
        check("12) a", "12\\) a");
        check("1.", "1\\.");
        check("1.2.3", "1.2.3");
        check("3.0.11-1~deb12u2", "3.0.11-1\\~deb12u2");
    }

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(markdown_code("@angular/core"), "`@angular/core`");
        assert_eq!(markdown_code("a`b"), "a\\`b");
        assert_eq!(markdown_code("a|b"), "a\\|b");
        assert_eq!(markdown_code(""), "");
    }
}
