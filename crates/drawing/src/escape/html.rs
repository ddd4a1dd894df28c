//! Text for HTML and XML: safe in element content and inside a quoted attribute.
//!
//! HTML: <https://html.spec.whatwg.org/multipage/parsing.html>. XML 1.0: <https://www.w3.org/TR/xml/#charsets>; what XML
//! forbids outright (NUL, most controls) is gone before, because [`printable`](super::printable) writes it as `\xNN`.

use std::borrow::Cow;

use super::printable;

/// Text as HTML element content or as the value of a quoted attribute.
pub fn html(text: &str) -> Cow<'_, str> {
    let text = printable(text);
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Text as XML element content or as the value of a quoted attribute.
pub fn xml(text: &str) -> Cow<'_, str> {
    // The five characters are the same ones, and XML knows each of the references used.
    html(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(html(input), expected);
        assert_eq!(xml(input), expected);
    }

    #[test]
    fn markup_and_quotes_lose_their_meaning() {
        check(
            "<script>alert(1)</script>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
        );
        check("\" onload='x' a=\"", "&quot; onload=&#39;x&#39; a=&quot;");
        check("&lt;", "&amp;lt;");
        check("a\0b\u{ffff}", "a\\x00b\\xef\\xbf\\xbf");
    }

    #[test]
    fn ordinary_text_is_untouched() {
        check("libssl3 3.0.11-1~deb12u2", "libssl3 3.0.11-1~deb12u2");
    }
}
