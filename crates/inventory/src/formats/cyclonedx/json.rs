//! CycloneDX in JSON.

use base::{Note, Parsed};

use super::DEPTH;
use super::component::Bom;
use crate::formats::text;

/// Whether the text is a CycloneDX document. `bomFormat` is required but need not come first.
pub(super) fn looks_like(text: &str) -> bool {
    text.trim_start().starts_with('{') && (has_key(text, "bomFormat") || text::head(text).contains("cyclonedx.org/schema/bom"))
}

fn has_key(text: &str, key: &str) -> bool {
    let quoted = format!("\"{key}\"");
    text.match_indices(&quoted).any(|(at, _)| {
        let rest = text[at + quoted.len()..].trim_start();
        rest.strip_prefix(':')
            .is_some_and(|v| v.trim_start().starts_with("\"CycloneDX\""))
    })
}

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
