//! Telling CycloneDX in JSON from other JSON.

use crate::formats::text;

/// Whether the text is a CycloneDX document. `bomFormat` is required but need not come first.
pub(super) fn looks_like(text: &str) -> bool {
    text.trim_start().starts_with('{')
        && (text::value_after_key(text, "bomFormat") == Some("CycloneDX")
            || names_the_schema(text::head(text)))
}

fn names_the_schema(head: &str) -> bool {
    text::value_after_key(head, "$schema").is_some_and(|s| s.contains("cyclonedx.org/schema/bom-"))
}
