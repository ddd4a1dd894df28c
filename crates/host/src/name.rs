//! How a file's name is shown: with `/`, and with every byte that is not printable text as `\xNN`.

use std::fmt::Write as _;
use std::path::{Component, Path};

/// A path as it may be shown and matched.
pub(crate) fn shown(path: &Path) -> String {
    let mut out = String::new();
    for component in path.components() {
        if !out.is_empty() && !out.ends_with('/') {
            out.push('/');
        }
        match component {
            Component::RootDir => out.push('/'),
            other => escape(&mut out, other.as_os_str().as_encoded_bytes()),
        }
    }
    out
}

/// The name of an archive's member, made harmless the same way.
pub(crate) fn member(raw: &[u8]) -> String {
    let mut out = String::new();
    escape(&mut out, raw);
    out
}

fn escape(out: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                let mut utf8 = [0; 4];
                c.encode_utf8(&mut utf8).bytes().for_each(|b| hex(out, b));
            } else {
                out.push(c);
            }
        }
        chunk.invalid().iter().for_each(|&b| hex(out, b));
    }
}

fn hex(out: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\\x{byte:02x}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_printable_is_shown_as_hex() {
        let check = |raw: &[u8], expected: &str| assert_eq!(member(raw), expected);
        check(b"a.json", "a.json");
        check(b"../../etc/passwd", "../../etc/passwd");
        check(b"a\x1b[31m\xff", "a\\x1b[31m\\xff");
        check("é\n\u{85}".as_bytes(), "é\\x0a\\xc2\\x85");
    }

    #[test]
    fn a_path_is_shown_with_slashes() {
        let check = |path: &str, expected: &str| assert_eq!(shown(Path::new(path)), expected);
        check("/etc/os-release", "/etc/os-release");
        check("a//b/./c", "a/b/c");
        check("../x", "../x");
    }
}
