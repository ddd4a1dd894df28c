//! A VEX document of any format: recognised by content, read within limits.

use std::collections::BTreeMap;

use base::{Limit, Note, Parsed};
use serde_json::Value;

use super::json::text;
use super::product::Component;
use super::statement::Statement;
use super::{csaf, cyclonedx, openvex};

/// Size of a VEX document.
pub const VEX_BYTES: Limit = Limit::new("vex-bytes", 64 << 20);

/// What a document says.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) statements: Vec<Statement>,
    /// Its own components, by the [`link`](super::product::link) others refer to them with.
    pub(super) components: BTreeMap<String, Component>,
}

/// Reads a document.
pub(super) fn read(file: &str, bytes: &[u8]) -> Parsed<Document> {
    let fail = |what: String| Parsed {
        value: Document::default(),
        notes: vec![Note::error(what)],
    };
    if VEX_BYTES.is_exceeded_by(bytes.len() as u64) {
        return Parsed {
            value: Document::default(),
            notes: vec![
                Note::error("VEX document not read: it is too large").because_of(VEX_BYTES),
            ],
        };
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document = match serde_json::from_slice(bytes) {
        Ok(Value::Object(document)) => document,
        Ok(_) => return fail("VEX document not read: it is not a JSON object".to_owned()),
        Err(error) => return fail(format!("VEX document not read: not JSON: {error}")),
    };
    if let Some((openvex, subjects)) = openvex::find(&document) {
        openvex::read(file, openvex, &subjects).map(|statements| Document {
            statements,
            ..Document::default()
        })
    } else if text(&document, "bomFormat")
        .is_some_and(|format| format.eq_ignore_ascii_case("cyclonedx"))
    {
        cyclonedx::read(file, &document).map(|(statements, components)| Document {
            statements,
            components,
        })
    } else if csaf::is_csaf(&document) {
        csaf::read(file, &document).map(|statements| Document {
            statements,
            ..Document::default()
        })
    } else {
        fail("VEX document not read: it is neither OpenVEX, CycloneDX nor CSAF in JSON".to_owned())
    }
}
