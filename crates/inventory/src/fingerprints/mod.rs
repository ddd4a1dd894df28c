//! Banners against fingerprints: which product, in which version, answered on a port.
//!
//! The fingerprints are the user's: XML files of Rapid7's Recog (<https://github.com/rapid7/recog>, BSD-2-Clause), or any in
//! that form. A [`Database`] is one file, for one kind of banner (`ssh.banner`, `http_header.server`); the first pattern
//! that matches decides.

mod pattern;
mod xml;

use std::collections::BTreeMap;

use base::{Limit, Note, Parsed};

use self::pattern::Pattern;
use crate::{Confidence, Listing, Service, ServiceProduct};

/// The longest banner that is looked at; a longer one is cut.
const BANNER_BYTES: Limit = Limit::new("banner-bytes", 16 << 10);

/// Every database that was read.
#[derive(Debug, Default)]
pub struct Fingerprints {
    databases: Vec<Database>,
}

/// The fingerprints for one kind of banner, in the order they are asked.
#[derive(Debug)]
pub struct Database {
    /// What it is asked about: `ssh.banner`.
    pub matches: String,
    /// The protocol, where the whole file is about one.
    pub protocol: Option<String>,
    /// Higher is asked first, between databases for the same kind of banner.
    preference: f64,
    /// The fingerprints.
    pub fingerprints: Vec<Fingerprint>,
}

/// One pattern and what follows from a match.
#[derive(Debug)]
pub struct Fingerprint {
    /// In words.
    pub description: String,
    /// Banners it must match, with what it must tell of each.
    pub examples: Vec<Example>,
    pattern: Pattern,
    params: Vec<Param>,
}

/// A banner that comes with a fingerprint.
#[derive(Debug)]
pub struct Example {
    /// The banner.
    pub banner: Vec<u8>,
    /// Facts that must come out.
    pub expected: Vec<(String, String)>,
}

/// A fact: constant, or the text of a group of the pattern.
#[derive(Debug)]
struct Param {
    name: String,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Constant(String),
    Group(usize),
}

/// What a banner was recognised as: facts by name (`service.product`, `os.version`).
pub type Facts = BTreeMap<String, String>;

impl Fingerprints {
    /// Adds a file. Patterns in a dialect that cannot be translated are left out and counted in a note.
    pub fn add(&mut self, file: &str, bytes: &[u8]) -> Vec<Note> {
        let Parsed { value, notes } = xml::read(file, bytes);
        self.databases.extend(value);
        // Stable: files of the same preference stay in the order they were given.
        self.databases
            .sort_by(|a, b| b.preference.total_cmp(&a.preference));
        notes.into_iter().map(|n| n.in_file(file)).collect()
    }

    /// The databases, the preferred first.
    pub fn databases(&self) -> &[Database] {
        &self.databases
    }

    /// What the first fingerprint that matches says of a banner of this kind.
    pub fn identify(&self, matches: &str, banner: &[u8]) -> Option<Facts> {
        self.databases
            .iter()
            .filter(|d| d.matches == matches)
            .find_map(|d| d.identify(banner))
    }

    /// Gives every service of a listing whose banners tell one its product. A product the listing has already, with a CPE
    /// name, is kept: who looked at the wire knows more than a banner.
    pub fn apply(&self, listing: &mut Listing) {
        for service in &mut listing.services {
            let has_cpe = service.product.as_ref().is_some_and(|p| p.cpe.is_some());
            if has_cpe {
                continue;
            }
            let banners = listing.banners.iter().filter(|b| b.is_of(service));
            let product = banners
                .filter_map(|b| product(&self.identify(&b.matches, &b.text)?))
                .next();
            if let Some(product) = product {
                set_product(service, product);
            }
        }
    }
}

fn set_product(service: &mut Service, product: ServiceProduct) {
    let known = service.product.take();
    let version = product
        .version
        .or_else(|| known.and_then(|known| known.version));
    service.product = Some(ServiceProduct { version, ..product });
    service.confidence = service.confidence.max(Confidence::Likely);
}

impl Database {
    /// What the first fingerprint that matches says of a banner.
    pub fn identify(&self, banner: &[u8]) -> Option<Facts> {
        self.fingerprints.iter().find_map(|f| f.identify(banner))
    }
}

impl Fingerprint {
    /// What follows from the banner, if it matches.
    pub fn identify(&self, banner: &[u8]) -> Option<Facts> {
        let end = banner
            .len()
            .min(usize::try_from(BANNER_BYTES.max).unwrap_or(usize::MAX));
        let groups = self.pattern.groups(&banner[..end])?;
        let mut facts = Facts::new();
        for param in &self.params {
            let value = match &param.value {
                Value::Constant(value) => Some(value.clone()),
                Value::Group(at) => groups.get(*at).cloned().flatten(),
            };
            if let Some(value) = value {
                facts.insert(param.name.clone(), value);
            }
        }
        interpolate(&mut facts);
        facts.retain(|name, _| !name.starts_with("_tmp."));
        Some(facts)
    }
}

/// Puts facts into the `{name}` places of others. A version nobody told is `-` in a CPE name ("no version", as the
/// fingerprints' own tool writes it); any other fact with a gap is worth nothing.
fn interpolate(facts: &mut Facts) {
    let with_gaps: Vec<String> = facts
        .iter()
        .filter(|(_, value)| value.contains('{'))
        .map(|(name, _)| name.clone())
        .collect();
    for name in with_gaps {
        let Some(value) = facts.get(&name) else {
            continue;
        };
        match filled(value, &name, facts) {
            Some(value) => facts.insert(name, value),
            None => facts.remove(&name),
        };
    }
}

fn filled(template: &str, name: &str, facts: &Facts) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((wanted, behind)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        match facts.get(wanted) {
            Some(value) => out.push_str(value),
            None if name.ends_with(".cpe23") && wanted.ends_with(".version") => out.push('-'),
            None => return None,
        }
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

/// The product the facts name: the service's own, with its CPE name.
fn product(facts: &Facts) -> Option<ServiceProduct> {
    let fact = |name: &str| facts.get(name).filter(|v| !v.is_empty());
    let name = fact("service.product")?;
    let name = match fact("service.vendor").filter(|v| !name.starts_with(v.as_str())) {
        Some(vendor) => format!("{vendor} {name}"),
        None => name.clone(),
    };
    Some(ServiceProduct {
        name,
        version: fact("service.version").cloned(),
        cpe: fact("service.cpe23").and_then(|cpe| cpe.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"<fingerprints matches="http_header.server" protocol="http" preference="0.90">
        <fingerprint pattern="^Example(?:/(\d[\d.]*))?" flags="REG_ICASE">
            <description>An example</description>
            <example service.version="1.2" service.cpe23="cpe:/a:acme:example:1.2">example/1.2</example>
            <example>Example</example>
            <param pos="0" name="service.vendor" value="Acme"/>
            <param pos="0" name="service.product" value="Example"/>
            <param pos="1" name="service.version"/>
            <param pos="0" name="service.cpe23" value="cpe:/a:acme:example:{service.version}"/>
        </fingerprint></fingerprints>"#;

    fn fingerprints() -> Fingerprints {
        let mut fingerprints = Fingerprints::default();
        assert_eq!(fingerprints.add("file.xml", FILE.as_bytes()), []);
        fingerprints
    }

    #[test]
    fn a_banner_gives_a_product_with_its_version() {
        let facts = fingerprints()
            .identify("http_header.server", b"EXAMPLE/1.2 (Unix)")
            .expect("a match");
        let product = product(&facts).expect("a product");
        assert_eq!(product.name, "Acme Example");
        assert_eq!(product.version.as_deref(), Some("1.2"));
        let cpe = product.cpe.expect("a name");
        assert_eq!(
            (cpe.vendor.as_str(), cpe.version.as_deref()),
            ("acme", Some("1.2"))
        );
    }

    #[test]
    fn a_version_nobody_told_is_none() {
        let facts = fingerprints().identify("http_header.server", b"Example");
        let facts = facts.expect("a match");
        assert_eq!(facts["service.cpe23"], "cpe:/a:acme:example:-");
        let product = product(&facts).expect("a product");
        assert_eq!(
            (product.version, product.cpe.and_then(|c| c.version)),
            (None, None)
        );
    }

    #[test]
    fn another_kind_of_banner_is_not_asked() {
        assert_eq!(fingerprints().identify("ssh.banner", b"Example/1.2"), None);
        assert_eq!(
            fingerprints().identify("http_header.server", b"nginx"),
            None
        );
    }
}
