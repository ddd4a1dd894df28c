//! SPDX 3.0 (<https://spdx.github.io/spdx-spec/v3.0.1/>) in JSON-LD: one list of elements, brought into the shape of version 2.

use std::borrow::Cow;

use serde::Deserialize;

use super::document::{Document, Package, Reference, borrowed};
use crate::formats::lenient::{List, Text, Texts};

/// A document.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Graph<'a> {
    #[serde(borrow, rename = "@graph")]
    elements: List<Element<'a>>,
}

/// An element of any class, with the properties that matter of those classes that do.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Element<'a> {
    #[serde(borrow, rename = "type", alias = "@type")]
    ty: Text<'a>,
    #[serde(borrow, rename = "spdxId", alias = "@id")]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, rename = "software_packageVersion")]
    version: Text<'a>,
    #[serde(borrow, rename = "software_packageUrl")]
    purl: Text<'a>,
    #[serde(borrow, rename = "software_primaryPurpose")]
    purpose: Text<'a>,
    #[serde(borrow, rename = "software_sourceInfo")]
    source_info: Text<'a>,
    #[serde(borrow, rename = "software_attributionText")]
    attributions: Texts<'a>,
    #[serde(borrow, rename = "externalIdentifier")]
    identifiers: List<Identifier<'a>>,
    #[serde(borrow, rename = "rootElement")]
    roots: Texts<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Identifier<'a> {
    #[serde(borrow, rename = "externalIdentifierType")]
    ty: Text<'a>,
    #[serde(borrow)]
    identifier: Text<'a>,
}

impl<'a> Graph<'a> {
    /// The packages, and what the document or an SBOM in it names as root.
    pub(super) fn into_document(self) -> Document<'a> {
        let mut document = Document::default();
        for element in self.elements.0 {
            match element.ty.get().unwrap_or_default() {
                "software_Package" => document.packages.0.push(element.into_package()),
                "SpdxDocument" | "software_Sbom" | "Bom" => {
                    document.describes.0.extend(element.roots.0)
                }
                _ => {}
            }
        }
        document
    }
}

impl<'a> Element<'a> {
    fn into_package(self) -> Package<'a> {
        let mut references: Vec<Reference<'a>> = self
            .identifiers
            .0
            .into_iter()
            .map(Identifier::into_reference)
            .collect();
        if self.purl.get().is_some() {
            let purl = Reference {
                ty: borrowed("purl"),
                locator: self.purl,
            };
            references.insert(0, purl);
        }
        Package {
            id: self.id,
            name: self.name,
            version: self.version,
            purpose: version_2_purpose(&self.purpose),
            source_info: self.source_info,
            references: List(references, 0),
            attributions: self.attributions,
            ..Package::default()
        }
    }
}

impl<'a> Identifier<'a> {
    /// Version 2 knows the types that matter by other names.
    fn into_reference(self) -> Reference<'a> {
        let ty = match self.ty.get() {
            Some("packageUrl") => borrowed("purl"),
            Some("cpe23") => borrowed("cpe23Type"),
            Some("cpe22") => borrowed("cpe22Type"),
            _ => self.ty,
        };
        Reference {
            ty,
            locator: self.identifier,
        }
    }
}

/// `operatingSystem` was `OPERATING-SYSTEM`.
fn version_2_purpose(purpose: &Text<'_>) -> Text<'static> {
    let word = purpose.get().map(|word| match word {
        "operatingSystem" => "OPERATING-SYSTEM".to_owned(),
        word => word.to_ascii_uppercase(),
    });
    Text(word.map(Cow::Owned))
}
