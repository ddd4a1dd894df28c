//! Package URLs (<https://github.com/package-url/purl-spec>): the canonical form of a package's name across ecosystems.

use std::fmt;
use std::str::FromStr;

use packageurl::PackageUrl;

/// A package URL in canonical form. Two purls name the same package when their texts are equal.
#[derive(Clone, Debug)]
pub struct Purl {
    parts: PackageUrl<'static>,
    text: String,
}

/// The text is not a package URL; the message says which part is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PurlError(String);

impl Purl {
    /// A package URL from decoded parts: characters that need it are encoded, the type's rules (case, underscores) applied.
    ///
    /// A namespace of several segments is separated by `/`. An empty namespace or version is none.
    pub fn new(ty: &str, namespace: Option<&str>, name: &str, version: Option<&str>) -> Result<Self, PurlError> {
        let fail = |e: packageurl::Error| PurlError(e.to_string());
        let mut parts = PackageUrl::new(ty.to_ascii_lowercase(), name.to_owned()).map_err(fail)?;
        if let Some(namespace) = namespace.filter(|text| !text.is_empty()) {
            parts.with_namespace(namespace.to_owned()).map_err(fail)?;
        }
        if let Some(version) = version.filter(|text| !text.is_empty()) {
            parts.with_version(version.to_owned()).map_err(fail)?;
        }
        parts.to_string().parse()
    }

    /// The same package with one more qualifier; an empty value removes it.
    pub fn with_qualifier(self, key: &str, value: &str) -> Result<Self, PurlError> {
        let mut parts = self.parts;
        if !value.is_empty() {
            parts.add_qualifier(key.to_ascii_lowercase(), value.to_owned()).map_err(|e| PurlError(e.to_string()))?;
        }
        let text = parts.to_string();
        Ok(Self { parts, text })
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The package type, lower case: `deb`, `npm`, `maven`.
    pub fn ty(&self) -> &str {
        self.parts.ty()
    }

    /// The namespace, decoded, if there is one: `debian`, `@angular`, `org.apache.logging.log4j`.
    pub fn namespace(&self) -> Option<&str> {
        self.parts.namespace()
    }

    /// The name, decoded.
    pub fn name(&self) -> &str {
        self.parts.name()
    }

    /// The version, decoded.
    pub fn version(&self) -> Option<&str> {
        self.parts.version()
    }

    /// One qualifier, decoded: `arch`, `distro`, `epoch`, `upstream`.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.parts.qualifiers().get(key).map(AsRef::as_ref)
    }

    /// The path inside the package.
    pub fn subpath(&self) -> Option<&str> {
        self.parts.subpath()
    }
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        let parts = PackageUrl::from_str(text).map_err(|e| PurlError(e.to_string()))?;
        let text = parts.to_string();
        Ok(Self { parts, text })
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Purl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Purl {}
