//! CycloneDX 1.2 to 1.7 (ECMA-424, <https://cyclonedx.org/specification/overview/>) in JSON and XML.
//!
//! Only what is installed is read here; a document's `vulnerabilities` (VEX, VDR) are another reader's business.

mod component;
mod json;
mod listing;
mod properties;
mod xml;

use base::{Note, Parsed};

use super::{Format, Input, Listing, json_document, text};
use crate::HostKind;

/// Software bills of materials in CycloneDX.
pub struct CycloneDx;

impl Format for CycloneDx {
    fn id(&self) -> &'static str {
        "cyclonedx"
    }

    fn about(&self) -> &'static str {
        "CycloneDX 1.2 to 1.7 in JSON or XML, as syft, trivy, cdxgen and build plug-ins write it"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        [
            ".cdx.json",
            ".cdx.xml",
            "bom.json",
            "bom.xml",
            ".cyclonedx.json",
            ".cyclonedx.xml",
            "sbom.json",
        ]
        .iter()
        .any(|end| name.ends_with(end))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = text::sample(input.bytes);
        json::looks_like(&text) || xml::looks_like(text::head(&text))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut spare = String::new();
        let Parsed { value: bom, notes } = if text.trim_start().starts_with('<') {
            xml::read(&text)
        } else {
            json_document::read(&text, &mut spare)
        };
        let all: Vec<Note> = note.into_iter().chain(notes).collect();
        listing::of(bom, input.path, all)
    }
}
