//! CycloneDX in JSON.

use base::{Note, Parsed};

use super::component::Bom;
use crate::formats::sbom::DEPTH;
use crate::formats::text;

/// Whether the text is a CycloneDX document. `bomFormat` is required but need not come first.
pub(super) fn looks_like(text: &str) -> bool {
    text.trim_start().starts_with('{')
        && (text::value_after_key(text, "bomFormat") == Some("CycloneDX") || names_the_schema(text::head(text)))
}

fn names_the_schema(head: &str) -> bool {
    text::value_after_key(head, "$schema").is_some_and(|s| s.contains("cyclonedx.org/schema/bom-"))
}

/// The document, or nothing with a note.
pub(super) fn read(text: &str) -> Parsed<Bom<'_>> {
    match serde_json::from_str(text) {
        Ok(bom) => Parsed::clean(bom),
        Err(error) => {
            let note =
                Note::error(format!("not readable as JSON: {error}")).at_line(error.line() as u64);
            let is_depth = error.to_string().contains("recursion limit");
            Parsed {
                value: Bom::default(),
                notes: vec![if is_depth {
                    note.because_of(DEPTH)
                } else {
                    note
                }],
            }
        }
    }
}
