//! `bun.lock`, the text lockfile of Bun since 1.2 (<https://bun.com/docs/pm/lockfile>): JSON with comments and a comma
//! before a closing bracket. Each member of `packages` is an array that begins with `name@version`.

use base::Parsed;
use serde_json::value::RawValue;

use super::json::{Entry, entries, has_member};
use super::origin::{Origin, shown};
use super::pins::{Pins, Registry};
use super::text::{Lines, file_name, is_installed_module, opening};
use super::yarn::name_and_range;
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of Bun.
pub struct BunLock;

impl Format for BunLock {
    fn id(&self) -> &'static str {
        "bun-lock"
    }

    fn about(&self) -> &'static str {
        "bun.lock, the lockfile of Bun"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "bun.lock" && !is_installed_module(path)
    }

    /// Asked before npm's, which has a `lockfileVersion` too.
    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = plain_json(&opening(input.bytes));
        self.wants(input.path)
            || has_member(&text, "lockfileVersion") && has_member(&text, "workspaces")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let text = plain_json(&text);
        let lines = Lines::new(&text);
        let mut pins = Pins::new(input.path, &Registry::NPM, note);
        let read = entries(&text, &["packages"], |entry: Entry<'_>| {
            if !entry.list.is_empty() {
                pin(&mut pins, lines.of(entry.value.get()), &entry);
            }
        });
        pins.end_of_json(read);
        pins.finish()
    }
}

fn pin(pins: &mut Pins<'_>, line: u64, entry: &Entry<'_>) {
    let line = Some(line);
    let parts: Vec<&RawValue> = serde_json::from_str(entry.value.get()).unwrap_or_default();
    let first = parts
        .first()
        .and_then(|first| serde_json::from_str::<String>(first.get()).ok());
    let Some((name, reference)) = first.as_deref().and_then(name_and_range) else {
        return pins.skip(
            line,
            format!("not a package and its version: {}", shown(&entry.key)),
        );
    };
    // A release, or where the package is from instead: the user's own code, or a place that tells no version.
    match reference.split_once(':').map(|(protocol, _)| protocol) {
        None if reference.starts_with(|c: char| c.is_ascii_digit()) => {
            let registry = parts
                .get(1)
                .and_then(|url| serde_json::from_str::<String>(url.get()).ok());
            let registry = registry.filter(|url| !url.is_empty() && !url.ends_with(".tgz"));
            pins.pin_from(
                line,
                name,
                reference,
                registry.as_deref().map(Origin::registry),
            );
        }
        Some("workspace" | "link" | "file" | "root") => {}
        _ => pins.skip(
            line,
            format!(
                "not from a registry, its version is not known: {}",
                shown(name)
            ),
        ),
    }
}

/// The same text with blanks for comments and for commas before a closing bracket, so that every place stays the same.
fn plain_json(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let (mut at, mut comma) = (0, None);
    while at < out.len() {
        let end = match out[at] {
            b'"' => string_end(&out, at),
            b'/' if out
                .get(at + 1)
                .is_some_and(|next| matches!(next, b'/' | b'*')) =>
            {
                let end = comment_end(&out, at);
                out[at..end]
                    .iter_mut()
                    .filter(|byte| **byte != b'\n')
                    .for_each(|byte| *byte = b' ');
                at = end;
                continue;
            }
            _ => at + 1,
        };
        match (out[at], comma) {
            (b',', _) => comma = Some(at),
            (b']' | b'}', Some(comma_at)) => {
                out[comma_at] = b' ';
                comma = None;
            }
            (byte, _) if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        at = end;
    }
    // Whole comments were blanked, so that no character was cut.
    String::from_utf8(out).unwrap_or_default()
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

fn comment_end(bytes: &[u8], start: usize) -> usize {
    let (mark, len): (&[u8], usize) = if bytes[start + 1] == b'/' {
        (b"\n", 1)
    } else {
        (b"*/", 2)
    };
    let body = &bytes[start + 2..];
    body.windows(len)
        .position(|window| window == mark)
        .map_or(bytes.len(), |at| start + 2 + at + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_last_commas_become_blanks() {
        let check = |text: &str, expected: &str| assert_eq!(plain_json(text), expected);
        check("{\"a\": [1, 2, ], }", "{\"a\": [1, 2  ]  }");
        check("[\"a,]\", \"b\\\",]\"]", "[\"a,]\", \"b\\\",]\"]");
        check("[1 /* é */ ,\n// x\n]", "[1           \n    \n]");
        check("[1, 2", "[1, 2");
        check("\"open", "\"open");
        check("/", "/");
        check("/*", "  ");
    }
}
