//! Every scheme against pairs that its native tool compared (testdata/generate/README.md says how, the first line of each
//! file with which tool). The only differences allowed are listed with their reasons in testdata/SCHEME/exceptions.tsv.

use std::cmp::Ordering;

use versions::{InvalidVersion, Scheme, scheme_for};

/// `a<TAB>sign<TAB>b`, where the sign is `<`, `=`, `>`, or `!` for refused.
struct Pair<'a> {
    a: &'a str,
    sign: &'a str,
    b: &'a str,
}

fn rows(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.starts_with("# ") && !line.is_empty())
}

fn pairs(text: &str) -> impl Iterator<Item = Pair<'_>> {
    rows(text).map(|line| {
        let mut fields = line.split('\t');
        let mut next = || {
            fields
                .next()
                .unwrap_or_else(|| panic!("three fields: {line}"))
        };
        Pair {
            a: next(),
            sign: next(),
            b: next(),
        }
    })
}

fn sign(order: &Result<Ordering, InvalidVersion>) -> &'static str {
    match order {
        Ok(Ordering::Less) => "<",
        Ok(Ordering::Equal) => "=",
        Ok(Ordering::Greater) => ">",
        Err(_) => "!",
    }
}

/// `exceptions` holds `version<TAB>reason`: versions whose order may differ from the native tool's.
fn check(id: &str, text: &str, exceptions: &str) {
    let scheme = scheme_for(id).expect(id);
    let excepted =
        |version: &str| rows(exceptions).any(|line| line.split('\t').next() == Some(version));
    let mut wrong = Vec::new();
    let mut count = 0;
    for pair in pairs(text) {
        count += 1;
        let ours = sign(&scheme.compare(pair.a, pair.b));
        let listed = excepted(pair.a) || excepted(pair.b);
        if ours != pair.sign && !listed {
            wrong.push(format!("{} {} {}, not {ours}", pair.a, pair.sign, pair.b));
        }
        check_turned_round(scheme, &pair);
        check_keys(scheme, &pair);
    }
    assert!(
        wrong.is_empty(),
        "{id}: {} of {count} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn check_turned_round(scheme: &dyn Scheme, pair: &Pair<'_>) {
    let order = scheme.compare(pair.a, pair.b).ok();
    let turned = scheme.compare(pair.b, pair.a).ok().map(Ordering::reverse);
    assert_eq!(order, turned, "{} and {}", pair.a, pair.b);
}

fn check_keys(scheme: &dyn Scheme, pair: &Pair<'_>) {
    if let (Ok(order), Some(a), Some(b)) = (
        scheme.compare(pair.a, pair.b),
        scheme.sort_key(pair.a),
        scheme.sort_key(pair.b),
    ) {
        assert_eq!(a.cmp(&b), order, "keys of {} and {}", pair.a, pair.b);
    }
}

macro_rules! oracle {
    ($name:ident, $id:literal, $file:literal $(, $exceptions:literal)?) => {
        #[test]
        fn $name() {
            check($id, include_str!(concat!("../testdata/", $file)), concat!($(include_str!($exceptions))?));
        }
    };
}

oracle!(deb_orders_as_dpkg_does, "deb", "deb/pairs.tsv");
oracle!(rpm_orders_as_rpm_does, "rpm", "rpm/pairs.tsv");
oracle!(
    apk_orders_as_its_own_tests_say,
    "apk",
    "apk/version_data.tsv"
);
oracle!(apk_orders_as_osv_does, "Alpine", "apk/pairs.tsv");
oracle!(
    semver_orders_as_node_does,
    "npm",
    "semver/pairs.tsv",
    "../testdata/semver/exceptions.tsv"
);
oracle!(semver_orders_as_go_does, "Go", "semver/go.tsv");
oracle!(semver_orders_as_elixir_does, "Hex", "semver/hex.tsv");
oracle!(pep440_orders_as_packaging_does, "PyPI", "pep440/pairs.tsv");
oracle!(maven_orders_as_maven_does, "Maven", "maven/pairs.tsv");
oracle!(
    nuget_orders_as_its_own_tests_say,
    "nuget",
    "nuget/vectors.tsv"
);
oracle!(nuget_orders_as_osv_does, "NuGet", "nuget/pairs.tsv");
oracle!(gem_orders_as_rubygems_does, "RubyGems", "gem/pairs.tsv");
oracle!(
    composer_orders_as_composer_does,
    "Packagist",
    "composer/pairs.tsv"
);
oracle!(
    bitnami_orders_as_bitnami_does,
    "Bitnami",
    "bitnami/pairs.tsv"
);
oracle!(pub_orders_as_osv_does, "Pub", "pub/pairs.tsv");
oracle!(
    cran_orders_as_r_does,
    "CRAN",
    "cran/pairs.tsv",
    "../testdata/cran/exceptions.tsv"
);
oracle!(hackage_orders_as_osv_does, "Hackage", "hackage/pairs.tsv");
oracle!(
    conan_orders_as_conan_does,
    "ConanCenter",
    "conan/pairs.tsv",
    "../testdata/conan/exceptions.tsv"
);
oracle!(pacman_orders_as_libalpm_does, "pacman", "pacman/pairs.tsv");
oracle!(
    openssl_orders_as_its_releases_came,
    "openssl",
    "openssl/vectors.tsv"
);
oracle!(opam_orders_as_its_manual_says, "opam", "opam/manual.tsv");
oracle!(
    generic_orders_as_its_rules_say,
    "generic",
    "generic/rules.tsv"
);
