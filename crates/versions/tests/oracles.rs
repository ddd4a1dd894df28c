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
    ($name:ident, $id:literal $(, $exceptions:literal)?) => {
        #[test]
        fn $name() {
            check($id, include_str!(concat!("../testdata/", $id, "/pairs.tsv")), concat!($(include_str!($exceptions))?));
        }
    };
}

oracle!(deb_orders_as_dpkg_does, "deb");
oracle!(rpm_orders_as_rpm_does, "rpm");
oracle!(pep440_orders_as_packaging_does, "pep440");
oracle!(gem_orders_as_rubygems_does, "gem");
oracle!(composer_orders_as_composer_does, "composer");
oracle!(
    maven_orders_as_maven_does,
    "maven",
    "../testdata/maven/exceptions.tsv"
);
oracle!(
    semver_orders_as_node_does,
    "semver",
    "../testdata/semver/exceptions.tsv"
);
