//! Which finding a product of a statement is: by package URL (<https://github.com/package-url/purl-spec>) or by the name of
//! the target.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use base::Purl;
use versions::{Scheme, scheme_for};

use crate::finding::Finding;

/// A product: a package, or something that has packages.
#[derive(Clone, Debug, Default)]
pub(super) struct Product {
    pub(super) component: Component,
    /// The components inside it that the statement is about; empty when it is about the product itself.
    ///
    /// NOTE: what a target is as a product is not known here (a path is not an image digest), so a component inside a
    /// product is looked for in every target; the user chose the document for this scan.
    pub(super) parts: Vec<Component>,
    /// Versions that are listed beside the product; `None` when the package URL alone says which.
    pub(super) versions: Option<Vec<Versions>>,
}

/// Every name of one component.
#[derive(Clone, Debug, Default)]
pub(super) struct Component {
    pub(super) purls: Vec<Purl>,
    /// Names that are no package URLs.
    pub(super) names: Vec<String>,
    /// BOM-Links to components of documents that are not read yet, in the form of [`link`].
    pub(super) links: Vec<String>,
}

/// One version, or a range of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Versions {
    One(String),
    Range(Vec<Constraint>),
}

/// One constraint of a version range specifier (<https://github.com/package-url/vers-spec>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Constraint {
    comparator: Comparator,
    version: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparator {
    Any,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A component of a CycloneDX document under a name that holds in every document: the version of the document is left out,
/// since a later version of a BOM keeps its references.
pub(super) fn link(serial: &str, reference: &str) -> String {
    format!("urn:cdx:{serial}#{reference}")
}

impl Component {
    /// A component under one name; anything that is not a package URL is a plain name.
    pub(super) fn add(&mut self, name: &str) {
        match name.parse() {
            Ok(purl) => self.purls.push(purl),
            Err(_) if name.is_empty() => {}
            Err(_) => self.names.push(name.to_owned()),
        }
    }

    /// Takes over the names of what it links to, where that is known by now.
    pub(super) fn resolve(&mut self, known: &BTreeMap<String, Self>) {
        for link in std::mem::take(&mut self.links) {
            match known.get(&link) {
                Some(other) => {
                    self.purls.extend(other.purls.iter().cloned());
                    self.names.extend(other.names.iter().cloned());
                }
                None => self.links.push(link),
            }
        }
    }

    pub(super) const fn is_nameless(&self) -> bool {
        self.purls.is_empty() && self.names.is_empty()
    }
}

impl Product {
    /// Whether a finding, with its package URL, is of this product.
    pub(super) fn is(&self, finding: &Finding, found: Option<&Purl>) -> bool {
        let is_package = |c: &Component| {
            found.is_some_and(|found| c.purls.iter().any(|p| names(p, finding, found)))
        };
        if !self.parts.is_empty() {
            return self.parts.iter().any(is_package);
        }
        match &self.versions {
            Some(list) => {
                is_package(&self.component) && list.iter().any(|versions| versions.contain(finding))
            }
            None => {
                is_package(&self.component) || self.component.names.contains(&finding.target_name)
            }
        }
    }
}

/// Whether a stated package URL names a finding's package: same type, namespace and name; the version, each qualifier and
/// the subpath only where they are stated.
fn names(stated: &Purl, finding: &Finding, found: &Purl) -> bool {
    let of_source = matches!(stated.qualifier("arch"), Some("source" | "src"));
    let source_name = || finding.source_package.as_deref().unwrap_or(found.name());
    stated.ty() == found.ty()
        && stated.namespace() == found.namespace()
        && stated.name()
            == if of_source {
                source_name()
            } else {
                found.name()
            }
        && stated
            .version()
            .is_none_or(|version| is_version(stated, version, finding, found))
        && qualifiers(stated)
            .all(|key| of_source && key == "arch" || has_qualifier(stated, found, key))
        && stated
            .subpath()
            .is_none_or(|path| found.subpath() == Some(path))
}

/// The keys of the qualifiers, which are never percent-encoded (purl specification, "Rules for each purl component").
fn qualifiers(purl: &Purl) -> impl Iterator<Item = &str> {
    let text = purl.as_str().split('#').next().unwrap_or_default();
    let list = text.split_once('?').map_or("", |(_, list)| list);
    list.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, _)| key)
}

fn has_qualifier(stated: &Purl, found: &Purl, key: &str) -> bool {
    let value = |purl: &Purl| match (purl.qualifier(key), purl.ty(), key) {
        // The default packaging of Maven: "type=jar" and no type are the same file.
        (None, "maven", "type") => Some("jar".to_owned()),
        (value, ..) => value.map(str::to_owned),
    };
    // The epoch is a part of the version and compared there.
    key == "epoch" || value(stated) == value(found)
}

fn is_version(stated: &Purl, version: &str, finding: &Finding, found: &Purl) -> bool {
    let epoch = stated.qualifier("epoch");
    let same_epoch = || epoch.is_none_or(|epoch| found.qualifier("epoch").unwrap_or("0") == epoch);
    if found.version() == Some(version) && same_epoch() {
        return true;
    }
    let full = epoch.map_or_else(|| version.to_owned(), |epoch| format!("{epoch}:{version}"));
    compare(finding, &full) == Some(Ordering::Equal)
}

/// The finding's version against another, in the order of its ecosystem.
fn compare(finding: &Finding, version: &str) -> Option<Ordering> {
    if finding.version == version {
        return Some(Ordering::Equal);
    }
    scheme_for(&finding.ecosystem).and_then(|s| s.compare(&finding.version, version).ok())
}

impl Versions {
    fn contain(&self, finding: &Finding) -> bool {
        match self {
            Self::One(version) => compare(finding, version) == Some(Ordering::Equal),
            Self::Range(constraints) => in_range(constraints, finding).unwrap_or(false),
        }
    }

    /// Reads `vers:generic/>=2.9|<=4.1`. The scheme is not looked at: the versions are those of the package beside it.
    pub(super) fn range(text: &str) -> Option<Self> {
        let (_, constraints) = text.strip_prefix("vers:")?.split_once('/')?;
        let list: Option<Vec<Constraint>> = constraints
            .split('|')
            .map(str::trim)
            .filter(|constraint| !constraint.is_empty())
            .map(Constraint::parse)
            .collect();
        list.filter(|list| !list.is_empty()).map(Self::Range)
    }
}

impl Constraint {
    fn parse(text: &str) -> Option<Self> {
        const SIGNS: [(&str, Comparator); 7] = [
            (">=", Comparator::GreaterOrEqual),
            ("<=", Comparator::LessOrEqual),
            ("!=", Comparator::NotEqual),
            (">", Comparator::Greater),
            ("<", Comparator::Less),
            ("=", Comparator::Equal),
            ("*", Comparator::Any),
        ];
        let (sign, comparator) = SIGNS
            .iter()
            .find(|(sign, _)| text.starts_with(sign))
            .unwrap_or(&("", Comparator::Equal));
        let version = decoded(text[sign.len()..].trim())?;
        let complete = version.is_empty() == (*comparator == Comparator::Any);
        complete.then_some(Self {
            comparator: *comparator,
            version,
        })
    }

    fn accepts(&self, order: Ordering) -> bool {
        match self.comparator {
            Comparator::Any => true,
            Comparator::Equal => order.is_eq(),
            Comparator::NotEqual => order.is_ne(),
            Comparator::Less => order.is_lt(),
            Comparator::LessOrEqual => order.is_le(),
            Comparator::Greater => order.is_gt(),
            Comparator::GreaterOrEqual => order.is_ge(),
        }
    }

    const fn is_lower(&self) -> bool {
        matches!(
            self.comparator,
            Comparator::Greater | Comparator::GreaterOrEqual
        )
    }

    const fn is_upper(&self) -> bool {
        matches!(self.comparator, Comparator::Less | Comparator::LessOrEqual)
    }
}

/// Percent-decoding, as versions in a range specifier are encoded; `None` when that is not text.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|h| std::str::from_utf8(h).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// Whether the version is inside (vers specification, "Checking if a version is contained within a range"); `None` when a
/// version cannot be compared.
fn in_range(constraints: &[Constraint], finding: &Finding) -> Option<bool> {
    if constraints.iter().any(|c| c.comparator == Comparator::Any) {
        return Some(true);
    }
    let scheme = scheme_for(&finding.ecosystem)?;
    let mut bounds = Vec::new();
    for constraint in constraints {
        let order = compare(finding, &constraint.version)?;
        match constraint.comparator {
            Comparator::Equal if order.is_eq() => return Some(true),
            Comparator::NotEqual if order.is_eq() => return Some(false),
            Comparator::Equal | Comparator::NotEqual => {}
            _ => bounds.push((constraint, constraint.accepts(order))),
        }
    }
    if bounds.is_empty() {
        // Only exclusions are "everything but"; only versions that differ are "none of these".
        return Some(
            constraints
                .iter()
                .any(|c| c.comparator == Comparator::NotEqual),
        );
    }
    bounds.sort_by(|(a, _), (b, _)| by_version(scheme, &a.version, &b.version));
    let below_first = bounds
        .first()
        .is_some_and(|(c, accepts)| c.is_upper() && *accepts);
    let above_last = bounds
        .last()
        .is_some_and(|(c, accepts)| c.is_lower() && *accepts);
    let between = bounds
        .windows(2)
        .any(|pair| pair[0].0.is_lower() && pair[1].0.is_upper() && pair[0].1 && pair[1].1);
    Some(below_first || above_last || between)
}

fn by_version(scheme: &dyn Scheme, a: &str, b: &str) -> Ordering {
    scheme.compare(a, b).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::finding;

    #[test]
    fn a_range_specifier_contains_versions() {
        let check = |range: &str, version: &str, expected: bool| {
            let found = finding("CVE-2026-0001", "Debian:12", "x", version);
            let range_read = Versions::range(range).unwrap_or_else(|| panic!("{range}"));
            assert_eq!(range_read.contain(&found), expected, "{range} {version}");
        };
        check("vers:generic/>=2.9|<=4.1", "2.9", true);
        check("vers:generic/>=2.9|<=4.1", "4.1", true);
        check("vers:generic/>=2.9|<=4.1", "4.2", false);
        check("vers:generic/<=4.1|>=2.9", "3", true);
        check("vers:deb/<2|>=3|<4", "1", true);
        check("vers:deb/<2|>=3|<4", "2", false);
        check("vers:deb/<2|>=3|<4", "3.5", true);
        check("vers:deb/<2|>=3|<4", "4", false);
        check("vers:deb/>3", "4", true);
        check("vers:deb/1.0|2.0", "2.0", true);
        check("vers:deb/1.0|2.0", "1.5", false);
        check("vers:deb/!=2.0", "1.5", true);
        check("vers:deb/>=1|!=2|<3", "2", false);
        check("vers:deb/*", "anything", true);
        check("vers:deb/>=1%3A2.0", "1:2.1", true);
        check("vers:deb/>=1%3A2.0", "2.1", false);
    }

    #[test]
    fn what_is_no_range_specifier_is_refused() {
        for text in [
            "",
            "vers:",
            "vers:deb",
            "vers:deb/",
            "vers:deb/>=",
            "vers:deb/*1",
            "1.0 - 2.0",
            "vers:deb/%ff",
        ] {
            assert_eq!(Versions::range(text), None, "{text}");
        }
    }

    #[test]
    fn a_package_url_names_what_it_states() {
        let check = |stated: &str, found: &str, expected: bool| {
            let (stated, purl): (Purl, Purl) = (stated.parse().unwrap(), found.parse().unwrap());
            let mut f = finding(
                "CVE-2026-0001",
                "Debian:12",
                purl.name(),
                purl.version().unwrap_or("0"),
            );
            f.source_package = Some("openssl".to_owned());
            assert_eq!(names(&stated, &f, &purl), expected, "{stated} {found}");
        };
        let found = "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12";
        check("pkg:deb/debian/libssl3", found, true);
        check("pkg:deb/debian/libssl3@3.0.9-1", found, true);
        check("pkg:deb/debian/libssl3@0:3.0.9-1", found, true);
        check("pkg:deb/debian/libssl3@3.0.9-2", found, false);
        check("pkg:deb/debian/libssl3?arch=amd64", found, true);
        check("pkg:deb/debian/libssl3?arch=arm64", found, false);
        check("pkg:deb/debian/libssl3?repository_url=x", found, false);
        check("pkg:deb/ubuntu/libssl3", found, false);
        check("pkg:rpm/debian/libssl3", found, false);
        check("pkg:deb/debian/openssl", found, false);
        check("pkg:deb/debian/openssl?arch=source", found, true);
        check(
            "pkg:deb/debian/openssl?arch=source&distro=debian-11",
            found,
            false,
        );
        check("pkg:deb/debian/openssl@3.0.9-1?arch=source", found, true);
        check("pkg:maven/g/a@1?type=jar", "pkg:maven/g/a@1", true);
        check("pkg:maven/g/a@1", "pkg:maven/g/a@1?type=jar", true);
        check("pkg:maven/g/a@1?type=war", "pkg:maven/g/a@1", false);
        check(
            "pkg:golang/example.org/m#sub",
            "pkg:golang/example.org/m@v1.0.0",
            false,
        );
    }
}
