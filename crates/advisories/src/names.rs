//! One spelling for a package's name, so that an advisory and an inventory meet whatever each wrote.
//!
//! The rules are those of the registries: PyPI's (<https://peps.python.org/pep-0503/#normalized-names>), and for others the
//! case rule of the package URL types (<https://github.com/package-url/purl-spec>, `types/`). Registries that tell
//! `Foo` from `foo` (npm's old names, Maven, RubyGems) are left as they are. Products without a registry are compared by their
//! CPE name, for which `cpe_aliases.txt` lists other spellings.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The name packages of this ecosystem are compared by. `ecosystem` is an OSV name in any case, without a release or with.
pub fn normalise<'a>(ecosystem: &str, package: &'a str) -> Cow<'a, str> {
    let package = package.trim();
    let name = ecosystem.split(':').next().unwrap_or(ecosystem).trim();
    match rule(name) {
        Rule::AsIs => Cow::Borrowed(package),
        Rule::LowerCase => lower(package),
        Rule::Python => python(package),
        Rule::Underscores => underscores(package),
        Rule::Swift => swift(package),
        Rule::Words => words(package),
        Rule::Product => product(package),
    }
}

#[derive(Clone, Copy)]
enum Rule {
    AsIs,
    LowerCase,
    Python,
    Underscores,
    Swift,
    Words,
    Product,
}

/// The ecosystems with a rule of their own.
static RULES: &[(&str, Rule)] = &[
    ("PyPI", Rule::Python),
    // nuget.org, packagist.org, hex.pm and pub.dev hold one package a name whatever its case.
    ("NuGet", Rule::LowerCase),
    ("Packagist", Rule::LowerCase),
    ("Hex", Rule::LowerCase),
    ("Bitnami", Rule::LowerCase),
    ("VSCode", Rule::LowerCase),
    // An action is a repository on GitHub, whose names have no case.
    ("GitHub Actions", Rule::LowerCase),
    // A module path has a case, but package URLs are written without it, and the database itself spells one repository in
    // two ways. Two modules that differ in case only are one repository on every forge.
    ("Go", Rule::LowerCase),
    // Pub names are `[a-z0-9_]`; a dash can only be an underscore written wrong.
    ("Pub", Rule::Underscores),
    ("SwiftURL", Rule::Swift),
    // MSRC prints one product with one blank or two, with `Systems` and `systems`.
    ("Microsoft", Rule::Words),
    ("product", Rule::Product),
];

fn rule(ecosystem: &str) -> Rule {
    let mut rules = RULES.iter();
    rules
        .find(|(name, _)| name.eq_ignore_ascii_case(ecosystem))
        .map_or(Rule::AsIs, |(_, rule)| *rule)
}

/// Lower case, one blank between words, the name of a product that has several.
fn words(name: &str) -> Cow<'_, str> {
    let is_blank = |b: u8| b.is_ascii_whitespace();
    let is_plain = |w: &[u8]| !is_blank(w[0]) || !is_blank(w[1]);
    let spaced = match name.as_bytes().windows(2).all(is_plain) {
        true => lower(name),
        false => {
            let words: Vec<&str> = name.split_ascii_whitespace().collect();
            Cow::Owned(words.join(" ").to_lowercase())
        }
    };
    let alias = PRODUCT_ALIASES
        .iter()
        .filter_map(|(alias, name)| Some((word_at(&spaced, alias)?, alias, name)))
        .max_by_key(|(_, alias, _)| alias.len());
    match alias {
        Some((at, alias, name)) if word_at(&spaced, name) != Some(at) => {
            let (before, rest) = spaced.split_at(at);
            Cow::Owned(format!("{before}{name}{}", &rest[alias.len()..]))
        }
        _ => spaced,
    }
}

/// Where `word` stands in the text as whole words.
fn word_at(text: &str, word: &str) -> Option<usize> {
    let edge = |c: Option<char>| c.is_none_or(|c| c == ' ');
    let mut found = text.match_indices(word);
    found.find_map(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        (edge(before.chars().next_back()) && edge(after.chars().next())).then_some(at)
    })
}

/// `alias = name` a line.
static PRODUCT_ALIASES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let lines = include_str!("product_aliases.txt").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .collect()
});

/// `vendor/product` as CPE names spell it, which have no case: the vendor's name first, then the product's.
fn product(name: &str) -> Cow<'_, str> {
    let mut name = lower(name);
    if let Some((vendor, product)) = name.split_once('/')
        && let Some(known) = CPE_ALIASES.get(format!("{vendor}/*").as_str())
    {
        name = Cow::Owned(format!("{}{product}", known.trim_end_matches('*')));
    }
    match CPE_ALIASES.get(&*name) {
        Some(known) => Cow::Borrowed(known),
        None => name,
    }
}

/// `alias = name` a line; `vendor/*` stands for every product of the vendor.
static CPE_ALIASES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("cpe_aliases.txt").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .collect()
});

fn lower(name: &str) -> Cow<'_, str> {
    if name.chars().any(char::is_uppercase) {
        Cow::Owned(name.to_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Lower case, runs of `-`, `_` and `.` are one dash.
fn python(name: &str) -> Cow<'_, str> {
    let separator = |b: u8| matches!(b, b'-' | b'_' | b'.');
    let bytes = name.as_bytes();
    let clean = |b: &u8| !b.is_ascii_uppercase() && b.is_ascii() && *b != b'_' && *b != b'.';
    if bytes.iter().all(clean) && !bytes.windows(2).any(|w| w == b"--") {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match u8::try_from(c) {
            Ok(b) if separator(b) => {
                if !out.ends_with('-') {
                    out.push('-');
                }
            }
            _ => out.extend(c.to_lowercase()),
        }
    }
    Cow::Owned(out)
}

fn underscores(name: &str) -> Cow<'_, str> {
    match lower(name) {
        Cow::Borrowed(name) if !name.contains('-') => Cow::Borrowed(name),
        name => Cow::Owned(name.replace('-', "_")),
    }
}

/// A repository's address without scheme and `.git`: advisories write `github.com/x/y`, lockfiles the whole URL, or
/// `git@github.com:x/y.git`.
fn swift(name: &str) -> Cow<'_, str> {
    let name = lower(name);
    let bare = bare_address(&name);
    let is_scp_form = |(host, path): &(&str, &str)| {
        !host.contains('/') && path.starts_with(|c: char| c.is_alphabetic())
    };
    match bare.split_once(':').filter(is_scp_form) {
        Some((host, path)) => Cow::Owned(format!("{host}/{path}")),
        None if bare.len() == name.len() => name,
        None => Cow::Owned(bare.to_owned()),
    }
}

fn bare_address(address: &str) -> &str {
    let mut rest = address.trim();
    loop {
        let prefixes = ["https://", "http://", "ssh://", "git@"];
        let suffixes = ["/", ".git"];
        let shorter = prefixes
            .iter()
            .find_map(|p| rest.strip_prefix(p))
            .or_else(|| suffixes.iter().find_map(|s| rest.strip_suffix(s)));
        match shorter {
            Some(shorter) => rest = shorter.trim(),
            None => return rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_registry_has_its_own_rule() {
        let check = |ecosystem: &str, name: &str, expected: &str| {
            assert_eq!(normalise(ecosystem, name), expected, "{ecosystem}")
        };
        check("PyPI", "Zope.Interface", "zope-interface");
        check("PyPI", "foo__-..bar", "foo-bar");
        check("PyPI", "django", "django");
        check("pypi", "a--b", "a-b");
        check("NuGet", "Newtonsoft.Json", "newtonsoft.json");
        check("Packagist", "Symfony/HttpKernel", "symfony/httpkernel");
        check(
            "Packagist:https://packages.drupal.org/8",
            "Drupal/Core",
            "drupal/core",
        );
        check("GitHub Actions", "Actions/Checkout", "actions/checkout");
        check("Pub", "my-package", "my_package");
        check("npm", "@angular/Core", "@angular/Core");
        check("Maven", "org.Apache:Log4j", "org.Apache:Log4j");
        check(
            "Go",
            "github.com/Masterminds/goutils",
            "github.com/masterminds/goutils",
        );
        check("Debian:12", "openssl", "openssl");
        check(
            "SwiftURL",
            "https://github.com/Apple/swift-nio.git",
            "github.com/apple/swift-nio",
        );
        check(
            "SwiftURL",
            "git@github.com:apple/swift-nio.git",
            "github.com/apple/swift-nio",
        );
        check("RubyGems", "RedCloth", "RedCloth");
    }

    #[test]
    fn a_product_is_known_by_every_spelling() {
        let check = |name: &str, expected: &str| assert_eq!(normalise("product", name), expected);
        check("Palo_Alto_Networks/PAN-OS", "paloaltonetworks/pan-os");
        check("fortinet/FortiGate", "fortinet/fortios");
        check("vmware/vcenter", "vmware/vcenter_server");
        check(
            "netscaler/adc",
            "citrix/netscaler_application_delivery_controller",
        );
        check("igor_sysoev/nginx", "f5/nginx");
        check("nginx/nginx", "f5/nginx");
        check("mysql/mysql", "oracle/mysql");
        check("openssh/openssh", "openbsd/openssh");
        check("cisco/ios_xe", "cisco/ios_xe");
    }

    #[test]
    fn every_alias_leads_to_a_name_that_is_none() {
        let mut aliases: Vec<_> = CPE_ALIASES.iter().collect();
        aliases.sort();
        for (alias, name) in aliases {
            assert_ne!(alias, name);
            let normal = normalise("product", name);
            assert_eq!(normal, *name, "{alias}");
            let of_vendor = alias.replace('*', "x");
            assert_eq!(
                normalise("product", &normalise("product", &of_vendor)),
                normalise("product", &of_vendor)
            );
        }
        let lines = include_str!("cpe_aliases.txt").lines();
        let written = lines.filter(|l| l.contains(" = ")).count();
        assert_eq!(written, CPE_ALIASES.len(), "an alias stands there twice");
    }

    #[test]
    fn a_clean_name_is_not_copied() {
        for (ecosystem, name) in [
            ("PyPI", "zope-interface"),
            ("NuGet", "newtonsoft.json"),
            ("Go", "golang.org/x/net"),
        ] {
            assert!(
                matches!(normalise(ecosystem, name), Cow::Borrowed(_)),
                "{name}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_normal_name_is_its_own_normal_form(ecosystem in 0..RULES.len(), name in "(https://|git@)?[a-zA-Z._: /İΣß-]{0,20}(\\.git)?/?") {
            let (ecosystem, _) = RULES[ecosystem];
            let once = normalise(ecosystem, &name);
            prop_assert_eq!(normalise(ecosystem, &once), once.as_ref());
        }
    }
}
