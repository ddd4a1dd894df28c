//! CycloneDX in XML.

use base::{Note, Parsed};

use super::component::Bom;

pub(super) fn looks_like(bytes: &[u8]) -> bool {
    const HEAD: usize = 8192;
    let head = &bytes[..bytes.len().min(HEAD)];
    let text = String::from_utf8_lossy(head);
    text.trim_start_matches('\u{FEFF}')
        .trim_start()
        .starts_with('<')
        && text.contains("cyclonedx.org/schema/bom")
}

pub(super) fn read(_text: &str) -> Parsed<Bom<'_>> {
    Parsed {
        value: Bom::default(),
        notes: vec![Note::error("CycloneDX in XML is not read yet")],
    }
}
