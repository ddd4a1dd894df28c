//! A pattern of a fingerprint file, in the dialect of Ruby, for an engine that takes linear time.
//!
//! Differences that matter: `^` and `$` are always ends of lines in Ruby, and both `REG_MULTILINE` and `REG_DOT_NEWLINE` let a
//! dot match a line end (Recog's `create_regexp`); `\Z` is the end before a last newline; classes such as `\d` mean ASCII. What
//! looks ahead or back, or refers to a group, cannot be done in linear time and is refused.

use regex::bytes::{Regex, RegexBuilder};

/// Bytes of memory one compiled pattern may take.
const COMPILED_BYTES_MAX: usize = 4 << 20;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
}

impl Pattern {
    /// Compiles; the error says what the engine does not know.
    pub(super) fn new(text: &str, flags: &str) -> Result<Self, String> {
        let text = translated(text);
        let has = |flag: &str| flags.split(',').any(|f| f.trim() == flag);
        // Bytes that are no text are met in banners, so a dot means a byte; a pattern with letters beyond ASCII needs more.
        let build = |unicode: bool| {
            RegexBuilder::new(&text)
                .unicode(unicode)
                .multi_line(true)
                .case_insensitive(has("REG_ICASE"))
                .dot_matches_new_line(has("REG_DOT_NEWLINE") || has("REG_MULTILINE"))
                .size_limit(COMPILED_BYTES_MAX)
                .dfa_size_limit(COMPILED_BYTES_MAX)
                .build()
        };
        let regex = build(false).or_else(|_| build(true));
        let regex = regex.map_err(|e| {
            let words = e.to_string();
            let last = words.lines().last().unwrap_or_default().trim();
            last.trim_start_matches("error: ").to_owned()
        })?;
        Ok(Self { regex })
    }

    /// The text of each group, the whole match first.
    pub(super) fn groups(&self, banner: &[u8]) -> Option<Vec<Option<String>>> {
        let captures = self.regex.captures(banner)?;
        let text = |m: regex::bytes::Match<'_>| String::from_utf8_lossy(m.as_bytes()).into_owned();
        Some(captures.iter().map(|group| group.map(text)).collect())
    }
}

/// The pattern in the engine's own dialect.
fn translated(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars();
    // In a class of characters, `[`, `&`, `~` mean themselves in Ruby's patterns as these files use them.
    let mut class_at = None;
    while let Some(c) = chars.next() {
        match (c, class_at) {
            ('\\', _) => match chars.next() {
                Some('Z') if class_at.is_none() => out.push_str("\n?\\z"),
                Some('h') => out.push_str(if class_at.is_some() {
                    "0-9a-fA-F"
                } else {
                    "[0-9a-fA-F]"
                }),
                // Letters that are no escape in either dialect stand for themselves.
                Some(c) if is_plain_when_escaped(c) => out.push(c),
                Some(c) => out.extend(['\\', c]),
                None => out.push('\\'),
            },
            ('[', None) => {
                class_at = Some(out.len());
                out.push('[');
            }
            ('[', Some(_)) if !chars.as_str().starts_with(':') => out.push_str("\\["),
            ('[', Some(_)) => {
                // A named class, `[:alpha:]`, is passed through whole.
                out.push('[');
                for c in chars.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            (']', Some(start)) => {
                let is_first = matches!(&out[start..], "[" | "[^");
                out.push_str(if is_first { "\\]" } else { "]" });
                class_at = is_first.then_some(start);
            }
            ('&' | '~', Some(_)) => out.extend(['\\', c]),
            (c, _) => out.push(c),
        }
    }
    out
}

const fn is_plain_when_escaped(c: char) -> bool {
    matches!(
        c,
        '<' | '>' | 'e' | 'i' | 'j' | 'l' | 'm' | 'o' | 'y' | '_' | ' '
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ruby_s_dialect_is_translated() {
        let check = |pattern: &str, flags: &str, banner: &str, is: bool| {
            let pattern = Pattern::new(pattern, flags).expect("a pattern");
            assert_eq!(
                pattern.groups(banner.as_bytes()).is_some(),
                is,
                "{pattern:?} {banner}"
            );
        };
        check("^b$", "", "a\nb\nc", true);
        check("a.b", "", "a\nb", false);
        check("a.b", "REG_MULTILINE", "a\nb", true);
        check("a.b", "REG_ICASE,REG_DOT_NEWLINE", "A\nB", true);
        check("b\\Z", "", "a b\n", true);
        check("^[[]x[]]$", "", "[x]", true);
        check("^[^[&&]+$", "", "abc", true);
        check("^[[:alpha:]]+$", "", "abc", true);
        check("\\<b\\>", "", "<b>", true);
        check("caf\u{e9}", "", "caf\u{e9}", true);
    }

    #[test]
    fn what_cannot_be_linear_is_refused_with_a_reason() {
        for pattern in ["a(?=b)", "(a)\\1", "(unclosed"] {
            let error = Pattern::new(pattern, "").expect_err(pattern);
            assert!(!error.is_empty() && !error.contains('\n'), "{error}");
        }
    }
}
