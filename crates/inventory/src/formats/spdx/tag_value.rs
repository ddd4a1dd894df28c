//! SPDX 2 in tag-value: one `Tag: value` a line, `<text>` around values of several lines.

use base::Note;

use super::document::{Annotation, Document, Package, Reference, Relationship, borrowed};
use crate::formats::lenient::Text;
use crate::formats::notes::Notes;
use crate::formats::text;

/// The document; lines that are no tags are noted and left out.
pub(super) fn read<'a>(text: &'a str, all_notes: &mut Vec<Note>) -> Document<'a> {
    let mut notes = Notes::default();
    let mut reader = Reader::default();
    let mut rest = text;
    let mut line = 1;
    while !rest.is_empty() {
        let (tag, after, lines) = next_tag(rest);
        match tag {
            Line::Tag(tag, value) => reader.take(tag, value),
            Line::Blank => {}
            Line::Other(other) => notes.warn(line, format!("not a tag: {}", text::excerpt(other))),
            Line::Unended(tag) => notes.warn(
                line,
                format!("<text> without an end: {}", text::excerpt(tag)),
            ),
        }
        line += lines;
        rest = after;
    }
    all_notes.extend(notes.into_vec());
    reader.document
}

enum Line<'a> {
    Tag(&'a str, &'a str),
    Blank,
    Other(&'a str),
    Unended(&'a str),
}

/// The first tag, what follows it, and how many lines it took.
fn next_tag(text: &str) -> (Line<'_>, &str, u64) {
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    let trimmed = line.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return (Line::Blank, after, 1);
    }
    let Some((tag, value)) = trimmed.split_once(':') else {
        return (Line::Other(trimmed), after, 1);
    };
    let (tag, value) = (tag.trim(), value.trim());
    let Some(open) = value.strip_prefix("<text>") else {
        return (Line::Tag(tag, value), after, 1);
    };
    if let Some(inside) = open.strip_suffix("</text>") {
        return (Line::Tag(tag, inside.trim()), after, 1);
    }
    several_lines(text, tag, after)
}

fn several_lines<'a>(text: &'a str, tag: &'a str, after: &'a str) -> (Line<'a>, &'a str, u64) {
    const OPEN: &str = "<text>";
    const CLOSE: &str = "</text>";
    let start = text.find(OPEN).map_or(text.len(), |at| at + OPEN.len());
    let Some(length) = text[start..].find(CLOSE) else {
        return (Line::Unended(tag), after, 1);
    };
    let value = &text[start..start + length];
    let rest = &text[start + length + CLOSE.len()..];
    let rest = rest.split_once('\n').map_or("", |(_, r)| r);
    let lines = 1 + value.bytes().filter(|b| *b == b'\n').count() as u64;
    (Line::Tag(tag, value.trim()), rest, lines)
}

/// Tags belong to the last element opened.
#[derive(Default)]
struct Reader<'a> {
    document: Document<'a>,
    in_package: bool,
}

impl<'a> Reader<'a> {
    fn take(&mut self, tag: &'a str, value: &'a str) {
        match tag {
            "PackageName" => {
                self.in_package = true;
                self.document.packages.0.push(Package {
                    name: borrowed(value),
                    ..Package::default()
                });
            }
            "FileName" | "SnippetSPDXID" | "LicenseID" => self.in_package = false,
            "Relationship" => self.document.relationships.0.extend(relationship(value)),
            _ if self.in_package => {
                if let Some(package) = self.document.packages.0.last_mut() {
                    set(package, tag, value);
                }
            }
            _ => {}
        }
    }
}

fn set<'a>(package: &mut Package<'a>, tag: &str, value: &'a str) {
    match tag {
        "SPDXID" => package.id = borrowed(value),
        "PackageVersion" => package.version = borrowed(value),
        "PrimaryPackagePurpose" => package.purpose = borrowed(value),
        "PackageSourceInfo" => package.source_info = borrowed(value),
        "ExternalRef" => package.references.0.extend(reference(value)),
        "PackageAttributionText" => package.attributions.0.push(borrowed(value)),
        "AnnotationComment" => package.annotations.0.push(Annotation {
            comment: borrowed(value),
        }),
        _ => {}
    }
}

/// `PACKAGE-MANAGER purl pkg:…`
fn reference(value: &str) -> Option<Reference<'_>> {
    let (_, rest) = value.split_once(char::is_whitespace)?;
    let (ty, locator) = rest.trim_start().split_once(char::is_whitespace)?;
    Some(Reference {
        ty: borrowed(ty),
        locator: borrowed(locator.trim()),
    })
}

/// `SPDXRef-DOCUMENT DESCRIBES SPDXRef-x`
fn relationship(value: &str) -> Option<Relationship<'_>> {
    let mut words = value.split_ascii_whitespace().map(borrowed);
    let mut next = || words.next().filter(|w: &Text<'_>| w.get().is_some());
    Some(Relationship {
        from: next()?,
        ty: next()?,
        to: next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_clean(text: &str) -> Document<'_> {
        let mut notes = Vec::new();
        let document = read(text, &mut notes);
        assert_eq!(notes, []);
        document
    }

    #[test]
    fn packages_end_where_another_element_begins() {
        let text = "SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\n\nPackageName: a\nSPDXID: SPDXRef-a\r\nPackageVersion: 1\n\
                    ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\nFileName: x\nSPDXID: SPDXRef-x\nPackageName: b\n\
                    Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a\n";
        let document = read_clean(text);
        let ids: Vec<_> = document
            .packages
            .0
            .iter()
            .map(|p| (p.name.get(), p.id.get(), p.version.get()))
            .collect();
        assert_eq!(
            ids,
            [
                (Some("a"), Some("SPDXRef-a"), Some("1")),
                (Some("b"), None, None)
            ]
        );
        assert_eq!(
            document.packages.0[0].locators("purl").collect::<Vec<_>>(),
            ["pkg:npm/a@1"]
        );
        assert_eq!(document.relationships.0[0].to.get(), Some("SPDXRef-a"));
    }

    #[test]
    fn a_text_of_several_lines_hides_the_tags_in_it() {
        let document = read_clean(
            "PackageName: a\nPackageComment: <text>one\nPackageName: no\n</text>\nPackageSourceInfo: <text> two </text>\n",
        );
        assert_eq!(document.packages.0.len(), 1);
        assert_eq!(document.packages.0[0].source_info.get(), Some("two"));
    }

    #[test]
    fn what_is_no_tag_is_noted_with_its_line() {
        let mut notes = Vec::new();
        let document = read(
            "# c\nPackageComment: <text>a\nb</text>\nnonsense\nPackageName: a\nPackageComment: <text>open\nPackageVersion: 2\n",
            &mut notes,
        );
        assert_eq!(
            notes.iter().map(|n| n.line).collect::<Vec<_>>(),
            [Some(4), Some(6)]
        );
        assert_eq!(document.packages.0[0].version.get(), Some("2"));
    }
}
