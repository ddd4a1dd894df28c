//! Products that no package manager installs, as sources outside the package world name them: `vendor/product` in the
//! spelling of CPE names (NISTIR 7695), and version bounds as they are written there.

use versions::{Event, EventKind, Range, RangeKind};

/// The words at the end of a company's name that CPE names leave out.
static LEGAL_FORMS: &[&str] = &[
    "inc",
    "inc.",
    "ltd",
    "ltd.",
    "llc",
    "gmbh",
    "ag",
    "corp",
    "corp.",
    "corporation",
    "co.",
    "foundation",
    "project",
];

/// Vendors whose own name and CPE name differ by more than spelling.
static VENDORS: &[(&str, &str)] = &[
    ("apache_software", "apache"),
    ("the_apache_software", "apache"),
    ("f5_networks", "f5"),
    ("palo_alto_networks", "paloaltonetworks"),
    ("red_hat", "redhat"),
    ("check_point", "checkpoint"),
];

/// Products whose own name and CPE name differ by more than spelling.
static PRODUCTS: &[(&str, &str)] = &[("linux/linux", "linux/linux_kernel")];

/// `vendor/product`, or `None` where either is missing or a stand-in (`n/a`, `unspecified`).
pub(super) fn package(vendor: &str, product: &str) -> Option<String> {
    let vendor = vendor_name(vendor);
    let product = words(product).join("_");
    // CPE names do not repeat the vendor: `apache/http_server`.
    let bare = product
        .strip_prefix(&vendor)
        .and_then(|p| p.strip_prefix('_'));
    let product = bare.unwrap_or(&product);
    let is_name = |name: &str| {
        !matches!(
            name,
            "" | "n/a" | "na" | "unspecified" | "unknown" | "null" | "*" | "-"
        )
    };
    (is_name(&vendor) && is_name(product) && vendor.len() + product.len() <= NAME_BYTES_MAX).then(
        || {
            known(format!(
                "{}/{}",
                vendor.replace('/', "_"),
                product.replace('/', "_")
            ))
        },
    )
}

fn known(name: String) -> String {
    let mut products = PRODUCTS.iter();
    let cpe = products.find(|(own, _)| *own == name);
    cpe.map_or(name, |(_, cpe)| (*cpe).to_owned())
}

/// Longer names are prose.
const NAME_BYTES_MAX: usize = 160;

fn vendor_name(vendor: &str) -> String {
    let mut words = words(vendor);
    while words.len() > 1
        && words
            .last()
            .is_some_and(|w| LEGAL_FORMS.contains(&w.as_str()))
    {
        words.pop();
    }
    let name = words.join("_");
    let name = name.trim_end_matches(',');
    VENDORS
        .iter()
        .find(|(own, _)| *own == name)
        .map_or_else(|| name.to_owned(), |(_, cpe)| (*cpe).to_owned())
}

fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    text.split(|c: char| c.is_whitespace() || c == '_')
        .map(|word| word.trim_end_matches(',').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

/// A lower and an upper bound as NVD, CVE records and CSAF write them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bounds<'a> {
    pub(super) from: Option<&'a str>,
    pub(super) until: Option<Until<'a>>,
}

/// How a range ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until<'a> {
    /// Not affected any more from this version on.
    Fixed(&'a str),
    /// The last version that is affected.
    LastAffected(&'a str),
}

impl Bounds<'_> {
    /// The same as events.
    pub(super) fn range(self) -> Range {
        let event = |kind, version: &str| Event {
            kind,
            version: version.to_owned(),
        };
        let mut events = vec![event(EventKind::Introduced, self.from.unwrap_or("0"))];
        events.extend(self.until.map(|until| match until {
            Until::Fixed(version) => event(EventKind::Fixed, version),
            Until::LastAffected(version) => event(EventKind::LastAffected, version),
        }));
        Range {
            kind: RangeKind::Ecosystem,
            events,
        }
    }
}

/// The bounds of a `product_version_range`: a range specifier (`vers:generic/>=1.0|<2.0`, or the same without its head) or
/// one of the shorthands publishers write (`<10.0.17763.6414`, `>=1.0|<2.0`, `< V2.3`, `All versions`).
pub(super) fn bounds(text: &str) -> Option<Bounds<'_>> {
    let text = text.trim();
    if ["*", "vers:all/*", "all versions", "all"]
        .iter()
        .any(|all| text.eq_ignore_ascii_case(all))
    {
        return Some(Bounds::default());
    }
    let constraints = match text.strip_prefix("vers:") {
        Some(rest) => rest.split_once('/')?.1,
        None => text,
    };
    let mut bounds = Bounds::default();
    for part in constraints
        .split(['|', ','])
        .map(str::trim)
        .filter(|p| !p.is_empty())
    {
        let version = |operator: &str| {
            let version = part.strip_prefix(operator)?.trim();
            (!version.is_empty() && !version.contains(char::is_whitespace)).then_some(version)
        };
        if let Some(last) = version("<=") {
            bounds.until = Some(Until::LastAffected(last));
        } else if let Some(fixed) = version("<") {
            bounds.until = Some(Until::Fixed(fixed));
        } else if let Some(from) = version(">=") {
            bounds.from = Some(from);
        } else {
            // An exclusive lower bound, `!=` and a lone version need more than two bounds.
            return None;
        }
    }
    (bounds.from.is_some() || bounds.until.is_some()).then_some(bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_named_as_cpe_names_are() {
        let check = |vendor, product, expected: Option<&str>| {
            assert_eq!(
                package(vendor, product).as_deref(),
                expected,
                "{vendor} {product}"
            )
        };
        check(
            "Apache Software Foundation",
            "Apache HTTP Server",
            Some("apache/http_server"),
        );
        check("Fortinet", "FortiOS", Some("fortinet/fortios"));
        check(
            "Juniper Networks, Inc.",
            "Junos OS",
            Some("juniper_networks/junos_os"),
        );
        check(
            "Progress Software Corporation",
            "MOVEit Transfer",
            Some("progress_software/moveit_transfer"),
        );
        check("TP-Link", "AX/21", Some("tp-link/ax_21"));
        check("n/a", "n/a", None);
        check("", "x", None);
    }

    #[test]
    fn a_range_is_read_in_every_spelling_or_not_at_all() {
        let check = |text, expected: Option<&str>| {
            let got = bounds(text).map(|b| format!("{:?} {:?}", b.from, b.until));
            assert_eq!(got.as_deref(), expected, "{text}");
        };
        check(
            "<10.0.17763.6414",
            Some(r#"None Some(Fixed("10.0.17763.6414"))"#),
        );
        check(
            "vers:generic/>=1.0|<=2.0",
            Some(r#"Some("1.0") Some(LastAffected("2.0"))"#),
        );
        check("< V2.3", Some(r#"None Some(Fixed("V2.3"))"#));
        check("All versions", Some("None None"));
        check("vers:all/*", Some("None None"));
        check("< V2.3 SP1", None);
        check(">1.0", None);
        check("2.0", None);
        check("", None);
    }
}
