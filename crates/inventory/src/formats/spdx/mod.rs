//! SPDX 2.2 and 2.3 (ISO/IEC 5962, <https://spdx.github.io/spdx-spec/v2.3/>) in JSON and tag-value, and 3.0 in JSON-LD.
//!
//! RDF and YAML are recognised and said not to be read.

mod document;
mod graph;
mod listing;
mod tag_value;

use base::{Note, Parsed};

use self::document::Document;
use self::graph::Graph;
use super::{Format, Input, Listing, json_document, text};
use crate::HostKind;

/// Software bills of materials in SPDX.
pub struct Spdx;

/// How the document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Json,
    /// Version 3.
    JsonLd,
    TagValue,
    /// Recognised, not read; the word for it.
    Unread(&'static str),
}

impl Format for Spdx {
    fn id(&self) -> &'static str {
        "spdx"
    }

    fn about(&self) -> &'static str {
        "SPDX 2.2 and 2.3 in JSON or tag-value and 3.0 in JSON, as syft, trivy, GitHub, Yocto and vendors write it"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        [
            ".spdx.json",
            ".spdx",
            ".spdx3.json",
            ".spdx.yaml",
            ".spdx.yml",
            ".spdx.rdf",
            ".spdx.xml",
            "spdx.json",
        ]
        .iter()
        .any(|end| name.ends_with(end))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        dialect(&text::sample(input.bytes)).is_some()
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut notes: Vec<Note> = note.into_iter().collect();
        match dialect(&text) {
            Some(Dialect::Json) => {
                let mut spare = String::new();
                let Parsed { value, notes: more } =
                    json_document::read::<Document<'_>>(&text, &mut spare);
                notes.extend(more);
                listing::of(&value, input.path, notes)
            }
            Some(Dialect::JsonLd) => {
                let mut spare = String::new();
                let read = json_document::read::<Graph<'_>>(&text, &mut spare);
                notes.extend(read.notes);
                listing::of(&read.value.into_document(), input.path, notes)
            }
            Some(Dialect::TagValue) => {
                let document = tag_value::read(&text, &mut notes);
                listing::of(&document, input.path, notes)
            }
            Some(Dialect::Unread(what)) => {
                notes.push(Note::error(format!(
                    "{what} is not read; JSON and tag-value are"
                )));
                listing::of(&Document::default(), input.path, notes)
            }
            None => {
                notes.push(Note::error("not an SPDX document"));
                listing::of(&Document::default(), input.path, notes)
            }
        }
    }
}

/// How the text is written, if it is SPDX at all.
fn dialect(text: &str) -> Option<Dialect> {
    let trimmed = text.trim_start();
    let head = text::head(trimmed);
    if trimmed.starts_with('{') {
        return json_dialect(trimmed, head);
    }
    if trimmed.starts_with('<') {
        return head
            .contains("spdx.org/rdf/terms")
            .then_some(Dialect::Unread("SPDX in RDF"));
    }
    let has_line = |prefix: &str| head.lines().any(|l| l.trim_start().starts_with(prefix));
    if has_line("SPDXVersion:") {
        return Some(Dialect::TagValue);
    }
    let is_yaml = has_line("spdxVersion:") || has_line("\"spdxVersion\":");
    is_yaml.then_some(Dialect::Unread("SPDX in YAML"))
}

/// A document of version 2 names it in `spdxVersion`; version 3 is JSON-LD with a context of its own.
fn json_dialect(text: &str, head: &str) -> Option<Dialect> {
    if head.contains("spdx.org/rdf/3.") || head.contains("spdx.github.io/spdx-spec/v3") {
        return Some(Dialect::JsonLd);
    }
    let version = text::value_after_key(text, "spdxVersion")?;
    match version.starts_with("SPDX-3") {
        true => Some(Dialect::JsonLd),
        false if version.starts_with("SPDX-") => Some(Dialect::Json),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_is_told_by_the_content() {
        let check =
            |text: &str, expected: Option<Dialect>| assert_eq!(dialect(text), expected, "{text}");
        check(r#"{"spdxVersion" : "SPDX-2.3"}"#, Some(Dialect::Json));
        check(
            r#"{"packages":[], "spdxVersion":"SPDX-2.2"}"#,
            Some(Dialect::Json),
        );
        check(
            r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}"#,
            Some(Dialect::JsonLd),
        );
        check(
            "# comment\nSPDXVersion: SPDX-2.2\n",
            Some(Dialect::TagValue),
        );
        check(
            "SPDXID: \"x\"\nspdxVersion: \"SPDX-2.2\"\n",
            Some(Dialect::Unread("SPDX in YAML")),
        );
        check(
            "<rdf:RDF xmlns:spdx=\"http://spdx.org/rdf/terms#\">",
            Some(Dialect::Unread("SPDX in RDF")),
        );
        check(r#"{"bomFormat":"CycloneDX"}"#, None);
        check(r#"{"spdxVersion": 2}"#, None);
        check("", None);
    }
}
