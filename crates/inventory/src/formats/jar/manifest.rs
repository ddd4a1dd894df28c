//! The main section of `META-INF/MANIFEST.MF`: `Name: value`, where a line that begins with a space goes on
//! (<https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#notes-on-manifest-and-signature-files>).

use crate::formats::text;

/// The attributes, in the file's order.
#[derive(Debug, Default)]
pub(super) struct Manifest(Vec<(String, String)>);

/// Lines are cut at 72 bytes, also within a character: the parts are joined before they are decoded.
pub(super) fn read(bytes: &[u8]) -> Manifest {
    let mut joined: Vec<Vec<u8>> = Vec::new();
    for line in bytes.split(|&b| b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line {
            [] if joined.is_empty() => {}
            // The sections of single files follow.
            [] => break,
            [b' ', rest @ ..] => {
                if let Some(last) = joined.last_mut() {
                    last.extend_from_slice(rest);
                }
            }
            _ => joined.push(line.to_vec()),
        }
    }
    let attribute = |line: &Vec<u8>| {
        let (text, _) = text::decode(line);
        let (name, value) = text.split_once(':')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    Manifest(joined.iter().filter_map(attribute).collect())
}

impl Manifest {
    /// The value of an attribute, unless it is empty or was never filled in (`${project.version}`).
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        let (_, value) = self.0.iter().find(named)?;
        let is_known = !value.is_empty() && !value.contains("${") && !value.starts_with("%");
        is_known.then_some(value.as_str())
    }

    /// The value up to its parameters: `a.b` of `a.b;singleton:=true`.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        let word = self.value(name)?.split(';').next()?.trim();
        (!word.is_empty()).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_line_goes_on_and_the_sections_of_files_do_not_count() {
        let manifest = read(
            "Manifest-Version: 1.0\r\nBundle-SymbolicName: org.exam\r\n ple.caf\u{e9};\r\n  singleton:=true\r\nEmpty: \r\nX: ${v}\r\n\r\nName: a/\r\nImplementation-Version: 9\r\n"
                .as_bytes(),
        );
        assert_eq!(
            manifest.word("bundle-symbolicname"),
            Some("org.example.café")
        );
        assert_eq!(manifest.value("Empty"), None);
        assert_eq!(manifest.value("X"), None);
        assert_eq!(manifest.value("Implementation-Version"), None);
    }
}
