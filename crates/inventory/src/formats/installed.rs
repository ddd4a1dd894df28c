//! A package as something built or installed names it: by the type of its registry, its name and its version.

use base::{Limit, Note, Purl};

use super::{purl_package, text};
use crate::{Location, Package};

/// The longest name or version believed.
const NAME_BYTES: Limit = Limit::new("installed-name-bytes", 512);

/// The package, in the words of its ecosystem; `None` for what can be no name or version.
pub(super) fn package(
    ty: &str,
    namespace: Option<&str>,
    name: &str,
    version: &str,
    path: &str,
) -> Option<Package> {
    let version = purl_package::known_version(version)?;
    let longest = name
        .len()
        .max(version.len())
        .max(namespace.map_or(0, str::len));
    if NAME_BYTES.is_exceeded_by(longest as u64) {
        return None;
    }
    let purl = Purl::new(ty, namespace, name, Some(version)).ok()?;
    Some(purl_package::package(&purl, Location::file(path)))
}

/// Why [`package`] gave none.
pub(super) fn unclear(name: &str, version: &str) -> Note {
    let name = text::excerpt(name);
    if version.is_empty() {
        return Note::warning(format!("no version: {name}"));
    }
    let version = text::excerpt(version);
    Note::warning(format!("not a package and its version: {name} {version}"))
}
