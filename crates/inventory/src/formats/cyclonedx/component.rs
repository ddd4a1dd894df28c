//! The parts of a CycloneDX document that matter, the same for JSON and XML, as they are written.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::formats::lenient::{List, Object, Text};

/// A document.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Bom<'a> {
    #[serde(borrow, rename = "specVersion")]
    pub(super) spec_version: Text<'a>,
    #[serde(borrow)]
    pub(super) metadata: Object<Metadata<'a>>,
    #[serde(borrow)]
    pub(super) components: List<Component<'a>>,
}

/// About the document.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata<'a> {
    /// What the document describes.
    #[serde(borrow)]
    pub(super) component: Object<Component<'a>>,
}

/// One component, with those inside it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Component<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) ty: Text<'a>,
    #[serde(borrow)]
    pub(super) group: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) version: Text<'a>,
    #[serde(borrow)]
    pub(super) description: Text<'a>,
    #[serde(borrow)]
    pub(super) purl: Text<'a>,
    #[serde(borrow)]
    pub(super) cpe: Text<'a>,
    #[serde(borrow)]
    pub(super) scope: Text<'a>,
    #[serde(borrow)]
    pub(super) properties: List<Property<'a>>,
    #[serde(borrow)]
    pub(super) evidence: Object<Evidence<'a>>,
    #[serde(borrow)]
    pub(super) components: Children<'a>,
}

/// Components inside a component. In JSON they stay text until they are asked for: reading them where they stand would take
/// a stack frame a level, and nesting is in the hand of whoever wrote the file.
#[derive(Debug)]
pub(super) enum Children<'a> {
    Read(Vec<Component<'a>>),
    Unread(&'a RawValue),
}

impl Default for Children<'_> {
    fn default() -> Self {
        Self::Read(Vec::new())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Children<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(Self::Unread)
    }
}

impl<'a> Children<'a> {
    /// The components, read now if they were not yet.
    pub(super) fn into_read(self) -> Vec<Component<'a>> {
        match self {
            Self::Read(components) => components,
            // The text was checked when the document was read; only what is no list of objects gives nothing.
            Self::Unread(text) => {
                serde_json::from_str::<List<Component<'a>>>(text.get())
                    .unwrap_or_default()
                    .0
            }
        }
    }
}

/// A name and a value, the escape hatch every tool uses.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Property<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) value: Text<'a>,
}

/// How the component was found (1.5).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Evidence<'a> {
    #[serde(borrow)]
    pub(super) occurrences: List<Occurrence<'a>>,
}

/// A place.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Occurrence<'a> {
    #[serde(borrow)]
    pub(super) location: Text<'a>,
    #[serde(borrow)]
    pub(super) line: Text<'a>,
}
