//! The parts of an SPDX 2 document that matter, the same for JSON and tag-value, as they are written.

use std::borrow::Cow;

use serde::Deserialize;

use crate::formats::lenient::{List, Text, Texts};

/// A document.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Document<'a> {
    #[serde(borrow)]
    pub(super) packages: List<Package<'a>>,
    #[serde(borrow)]
    pub(super) relationships: List<Relationship<'a>>,
    /// Deprecated in 2.3 for a relationship, still written.
    #[serde(borrow, rename = "documentDescribes")]
    pub(super) describes: Texts<'a>,
}

/// Section 7 of the specification.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Package<'a> {
    #[serde(borrow, rename = "SPDXID")]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow, rename = "versionInfo")]
    pub(super) version: Text<'a>,
    #[serde(borrow, rename = "primaryPackagePurpose")]
    pub(super) purpose: Text<'a>,
    #[serde(borrow, rename = "sourceInfo")]
    pub(super) source_info: Text<'a>,
    #[serde(borrow, rename = "externalRefs")]
    pub(super) references: List<Reference<'a>>,
    #[serde(borrow, rename = "attributionTexts")]
    pub(super) attributions: Texts<'a>,
    #[serde(borrow)]
    pub(super) annotations: List<Annotation<'a>>,
}

/// Section 7.21.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference<'a> {
    #[serde(borrow, rename = "referenceType")]
    pub(super) ty: Text<'a>,
    #[serde(borrow, rename = "referenceLocator")]
    pub(super) locator: Text<'a>,
}

/// Section 11.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Relationship<'a> {
    #[serde(borrow, rename = "spdxElementId")]
    pub(super) from: Text<'a>,
    #[serde(borrow, rename = "relationshipType")]
    pub(super) ty: Text<'a>,
    #[serde(borrow, rename = "relatedSpdxElement")]
    pub(super) to: Text<'a>,
}

/// Section 12; trivy 0.58 and later write here what was an attribution text before.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Annotation<'a> {
    #[serde(borrow)]
    pub(super) comment: Text<'a>,
}

impl<'a> Package<'a> {
    /// The locators of a type of reference (`purl`, `cpe23Type`); RDF-minded tools write the type as a URL.
    pub(super) fn locators(&self, ty: &str) -> impl Iterator<Item = &str> {
        let is_type =
            move |r: &&Reference<'a>| r.ty.get().is_some_and(|t| t.rsplit('/').next() == Some(ty));
        self.references
            .0
            .iter()
            .filter(is_type)
            .filter_map(|r| r.locator.get())
    }
}

/// The value, unless it is one of the two words for "nothing" (section 3).
pub(super) fn asserted<'t>(text: &'t Text<'_>) -> Option<&'t str> {
    text.get().filter(|t| !matches!(*t, "NOASSERTION" | "NONE"))
}

/// A text that came from somewhere else than JSON.
pub(super) const fn borrowed(text: &str) -> Text<'_> {
    Text(Some(Cow::Borrowed(text)))
}
