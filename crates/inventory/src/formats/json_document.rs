//! A JSON document as `T`, and as much of a broken one as stands before the break.

use base::{Limit, Note, Parsed};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The largest document that is built anew to settle keys given twice, which takes thirty times its size in memory.
const REBUILT_BYTES: Limit = Limit::new("json-rebuilt-bytes", 16 << 20);

/// The document. If it breaks off or turns to nonsense, what is complete before that, and a note of level error: whether
/// that was the whole input is for the caller to say, who knows if anything came of it.
/// `spare` holds the shortened text, so that `T` may borrow.
pub(crate) fn read<'t, T: Deserialize<'t> + Default>(
    text: &'t str,
    spare: &'t mut String,
) -> Parsed<T> {
    let error = match serde_json::from_str(text) {
        Ok(value) => return Parsed::clean(value),
        Err(error) => error,
    };
    if let Some(unique) = with_unique_keys(text) {
        *spare = unique;
        let note = Note::warning(format!("the last one counts: {error}"));
        return Parsed {
            value: serde_json::from_str(spare).unwrap_or_default(),
            notes: vec![note.at_line(error.line() as u64)],
        };
    }
    let kept = &text[..offset(text, error.line(), error.column())];
    // Whole values may stand at the very end; if not, the member that is broken goes with them.
    *spare = closed(kept);
    if serde_json::from_str::<IgnoredAny>(spare).is_err() {
        *spare = last_comma(kept).map_or_else(String::new, |at| closed(&kept[..at]));
    }
    Parsed {
        value: serde_json::from_str(spare).unwrap_or_default(),
        notes: vec![
            Note::error(format!("not readable as JSON from here on: {error}"))
                .at_line(error.line() as u64),
        ],
    }
}

/// The text of a well-formed document with each key of an object once: the last, as JSON readers do that keep no others
/// (RFC 8259, section 4). What our types refuse in well-formed JSON is only a key given twice.
fn with_unique_keys(text: &str) -> Option<String> {
    if REBUILT_BYTES.is_exceeded_by(text.len() as u64)
        || serde_json::from_str::<IgnoredAny>(text).is_err()
    {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    serde_json::to_string(&value).ok()
}

/// The byte a line and column of serde_json's mean: lines count from 1, columns in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    text.floor_char_boundary(start + column)
}

/// Where the last comma outside of a string stands.
fn last_comma(text: &str) -> Option<usize> {
    let mut last = None;
    scan(text, |at, byte| {
        if byte == b',' {
            last = Some(at);
        }
    });
    last
}

/// The text with every list and object closed that is open at its end.
fn closed(text: &str) -> String {
    let mut closers: Vec<char> = Vec::new();
    scan(text, |_, byte| match byte {
        b'{' => closers.push('}'),
        b'[' => closers.push(']'),
        b'}' | b']' => drop(closers.pop()),
        _ => {}
    });
    text.chars().chain(closers.into_iter().rev()).collect()
}

/// Visits the bytes that stand outside of strings.
fn scan(text: &str, mut visit: impl FnMut(usize, u8)) {
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            _ => visit(at, byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let mut spare = String::new();
        let value: Parsed<serde_json::Value> = read(text, &mut spare);
        let found = value.value.is_object().then(|| value.value.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn what_stands_before_the_break_is_kept() {
        check(r#"{"a":1,"b":2}"#, Some(r#"{"a":1,"b":2}"#));
        check(r#"{"a":[1,2,{"b":3},{"c"#, Some(r#"{"a":[1,2,{"b":3}]}"#));
        check(
            r#"{"a":[{"b":"x,\",y","c":4"#,
            Some(r#"{"a":[{"b":"x,\",y","c":4}]}"#),
        );
        check(
            "{\"a\":1,\n\"b\":2,\n\"c\": nonsense, \"d\": 3}",
            Some(r#"{"a":1,"b":2}"#),
        );
        check("{\"é\":\"é\",\"b\":\"é", Some(r#"{"é":"é"}"#));
        check(r#"{"a":1}}"#, None);
        check(r#"{"a":1"#, Some(r#"{"a":1}"#));
        check(r#"{"a":"#, None);
        check("", None);
    }

    #[test]
    fn of_a_key_given_twice_the_last_counts() {
        #[derive(Default, Deserialize)]
        struct Doc<'a> {
            a: &'a str,
        }
        let mut spare = String::new();
        let parsed: Parsed<Doc<'_>> = read("{\"a\":\"x\",\n\"a\":\"y\"}", &mut spare);
        assert_eq!(parsed.value.a, "y");
        assert_eq!(parsed.notes[0].line, Some(2));
        assert!(!parsed.failed());
    }

    #[test]
    fn the_break_is_noted_with_its_line() {
        let mut spare = String::new();
        let parsed: Parsed<serde_json::Value> = read("{\"a\":1,\n\"b\"", &mut spare);
        assert_eq!(parsed.notes[0].line, Some(2));
        assert!(parsed.failed());
    }
}
