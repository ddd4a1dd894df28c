//! The YAML that pnpm and Yarn write (<https://yaml.org/spec/1.2.2/>), read line by line: block mappings with one key a
//! line. Anchors and aliases are never followed, nothing nests in memory, and a broken line loses only itself, so that
//! no document can be a bomb. What these tools never write (tabs, complex keys, mappings over several lines in braces) is
//! not understood.

use std::borrow::Cow;

use crate::formats::text::numbered_lines;

/// One key of a block mapping.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// 1-based.
    pub(super) number: u64,
    /// Blanks before the key.
    pub(super) indent: usize,
    /// The key, without quotes; `-` for an item of a sequence.
    pub(super) key: Cow<'a, str>,
    /// What follows the colon, as written; empty when the value is on the lines below.
    pub(super) value: &'a str,
    /// Whether it is a key at all; if not, `value` is the line.
    pub(super) is_key: bool,
}

/// The keys of every document in the text, in order. Comments, markers and the text of block scalars are passed over.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut scalar: Option<usize> = None;
    numbered_lines(text).filter_map(move |(number, line)| {
        let content = line.trim_start_matches(' ');
        let mut indent = line.len() - content.len();
        let content = content.trim_end();
        if content.is_empty() || scalar.is_some_and(|above| indent > above) {
            return None;
        }
        scalar = None;
        if content.starts_with('#') || content.starts_with("---") || content.starts_with("...") {
            return None;
        }
        // A long key stands alone behind `?`; its value begins on the next line behind `:`.
        if let Some(key) = content.strip_prefix("? ") {
            return Some(Line {
                number,
                indent,
                key: unquote(key),
                value: "",
                is_key: true,
            });
        }
        let content = match content.strip_prefix(": ") {
            Some(first) => {
                indent += 2;
                first
            }
            None => content,
        };
        if content == ":" {
            return None;
        }
        let found = key_and_value(content);
        let is_key = found.is_some();
        let (key, value) = found.unwrap_or((Cow::Borrowed(""), content));
        if value.starts_with(['|', '>']) {
            scalar = Some(indent);
        }
        Some(Line {
            number,
            indent,
            key,
            value,
            is_key,
        })
    })
}

fn key_and_value(content: &str) -> Option<(Cow<'_, str>, &str)> {
    if let Some(item) = content.strip_prefix("- ") {
        return Some((Cow::Borrowed("-"), item.trim_start()));
    }
    if content.starts_with(['"', '\'']) {
        let end = quoted_len(content)?;
        let (key, rest) = content.split_at(end);
        return Some((
            unquote(key),
            rest.trim_start().strip_prefix(':')?.trim_start(),
        ));
    }
    match content.split_once(": ") {
        Some((key, value)) => Some((Cow::Borrowed(key), value.trim_start())),
        None => content
            .strip_suffix(':')
            .map(|key| (Cow::Borrowed(key), "")),
    }
}

/// How long the quoted scalar at the beginning is, quotes included.
fn quoted_len(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_quote = chars.peek().is_some_and(|(_, next)| *next == quote);
        match c {
            '\\' if quote == '"' => drop(chars.next()),
            '\'' if quote == '\'' && next_is_quote => drop(chars.next()),
            _ if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// A scalar without its quotes, or without the comment behind it.
pub(super) fn unquote(scalar: &str) -> Cow<'_, str> {
    let scalar = scalar.trim();
    let Some(quote) = scalar.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let plain = scalar.split_once(" #").map_or(scalar, |(plain, _)| plain);
        return Cow::Borrowed(plain.trim_end());
    };
    let quoted = quoted_len(scalar).map_or(scalar, |end| &scalar[..end]);
    let inner = quoted[1..].strip_suffix(quote).unwrap_or(&quoted[1..]);
    match quote {
        '\'' if inner.contains("''") => Cow::Owned(inner.replace("''", "'")),
        // The escapes of JSON are those these tools use.
        '"' if inner.contains('\\') => {
            serde_json::from_str(quoted).map_or(Cow::Borrowed(inner), Cow::Owned)
        }
        _ => Cow::Borrowed(inner),
    }
}

/// One member of a mapping in braces on one line: `{integrity: sha512-…, tarball: https://…}`.
pub(super) fn flow_member<'a>(braces: &'a str, wanted: &str) -> Option<Cow<'a, str>> {
    let mut rest = braces.trim().strip_prefix('{')?;
    loop {
        let (key, value) = rest.split_once(':')?;
        let value = value.trim_start();
        let end = match value.chars().next()? {
            '"' | '\'' => quoted_len(value)?,
            _ => value.find([',', '}']).unwrap_or(value.len()),
        };
        if unquote(key) == wanted {
            return Some(unquote(&value[..end]));
        }
        rest = value[end..].trim_start().strip_prefix(',')?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(u64, usize, &str, &str)]) {
        let found: Vec<_> = lines(text)
            .map(|l| (l.number, l.indent, l.key.into_owned(), l.value))
            .collect();
        let found: Vec<_> = found
            .iter()
            .map(|(n, i, k, v)| (*n, *i, k.as_str(), *v))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn keys_are_found_with_their_depth() {
        check(
            "a: 1\nb:\n  'c@1': {d: e}\n",
            &[(1, 0, "a", "1"), (2, 0, "b", ""), (3, 2, "c@1", "{d: e}")],
        );
        check(
            "\"a@npm:^1, b@npm:1\":\r\n  version: 1\r\n",
            &[(1, 0, "a@npm:^1, b@npm:1", ""), (2, 2, "version", "1")],
        );
        check("- x\n- y: 1\n", &[(1, 0, "-", "x"), (2, 0, "-", "y: 1")]);
        check("https://x/y@1:\n", &[(1, 0, "https://x/y@1", "")]);
    }

    #[test]
    fn comments_markers_and_block_scalars_are_passed_over() {
        check(
            "# a: 1\n---\na: |-\n  b: 2\n\n  c: 3\nd: 4\n",
            &[(3, 0, "a", "|-"), (7, 0, "d", "4")],
        );
    }

    #[test]
    fn a_long_key_stands_behind_a_question_mark() {
        check("? \"a\"\n:\n  v: 1\n", &[(1, 0, "a", ""), (3, 2, "v", "1")]);
        check(
            "? a\n: v: 1\n  w: 2\n",
            &[(1, 0, "a", ""), (2, 2, "v", "1"), (3, 2, "w", "2")],
        );
    }

    #[test]
    fn scalars_lose_their_quotes() {
        let check = |scalar: &str, expected: &str| assert_eq!(unquote(scalar), expected);
        check("'6.0'", "6.0");
        check("'it''s'", "it's");
        check("\"a\\\"b\"", "a\"b");
        check("5.4 # why", "5.4");
        check("\"", "");
        check("'open", "open");
    }

    #[test]
    fn a_member_of_braces_is_found() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(flow_member(text, "type").as_deref(), expected, "{text}")
        };
        check("{type: git, repo: x}", Some("git"));
        check("{repo: 'a, type: b', type: directory}", Some("directory"));
        check("{tarball: https://x/y.tgz, type: t}", Some("t"));
        check("{integrity: x", None);
        check("", None);
    }
}
