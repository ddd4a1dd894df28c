//! What every scheme must be, whatever text it is given: it never panics, says the same of (a, b) as of (b, a), puts no
//! version beside itself, and, but for the orders that are known to be none, sorts.

use std::cmp::Ordering;

use proptest::prelude::*;
use versions::{Event, EventKind, Range, RangeKind, SCHEMES, Scheme, Vers, scheme_for};

/// Schemes whose native order is not transitive, each with three versions that show it: every one is below or equal to the
/// next, and yet the last is not so to the first. They have no sort key.
const INTRANSITIVE: [(&str, [&str; 3]); 3] = [
    ("maven", ["1", "1-1", "1.0.alpha.1"]),
    ("conan", ["9", "10", "1a"]),
    ("pacman", ["1-2", "1", "1-1"]),
];

fn is_intransitive(scheme: &dyn Scheme) -> bool {
    INTRANSITIVE.iter().any(|(id, _)| *id == scheme.id())
}

/// Pieces of versions, glued at random: likelier to be read, and to nearly tie, than random characters.
fn version() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[0-9]{1,3}",
        1 => "0{1,12}[0-9]{0,2}",
        1 => "[0-9]{8,40}",
        4 => "[.]{1}",
        2 => "[-_+~^:]{1}",
        3 => prop::sample::select(vec![
            "alpha", "beta", "a", "b", "rc", "RC1", "pre", "dev", "post", "p", "r1", "final", "ga", "sp", "SNAPSHOT",
            "x", "-dev", "dev-", ".x-dev", "_p", "_rc", "-r", "patch", "z", "za", "1!", "v", "+", "git",
        ]).prop_map(str::to_owned),
        1 => "[a-zA-Z]{1,3}",
        1 => "\\PC{1,2}",
    ];
    prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat())
}

fn order(scheme: &dyn Scheme, a: &str, b: &str) -> Option<Ordering> {
    scheme.compare(a, b).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_order_is_reflexive_and_antisymmetric(a in version(), b in version()) {
        for scheme in SCHEMES {
            let there = order(*scheme, &a, &b);
            prop_assert_eq!(there, order(*scheme, &b, &a).map(Ordering::reverse), "{}: {:?} {:?}", scheme.id(), a, b);
            if there.is_some() {
                prop_assert_eq!(order(*scheme, &a, &a), Some(Ordering::Equal), "{}: {:?}", scheme.id(), a);
            }
        }
    }

    #[test]
    fn every_order_is_transitive_but_the_known_ones(versions in [version(), version(), version()]) {
        for scheme in SCHEMES.iter().filter(|s| !is_intransitive(**s)) {
            let at = |a: usize, b: usize| order(*scheme, &versions[a], &versions[b]);
            for [a, b, c] in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
                if let (Some(ab), Some(bc), Some(ac)) = (at(a, b), at(b, c), at(a, c))
                    && ab.is_le() && bc.is_le()
                {
                    prop_assert_eq!(ac, ab.then(bc), "{}: {:?}", scheme.id(), versions);
                }
            }
        }
    }

    #[test]
    fn keys_order_like_their_versions(a in version(), b in version()) {
        for scheme in SCHEMES {
            if let (Some(key_a), Some(key_b)) = (scheme.sort_key(&a), scheme.sort_key(&b)) {
                prop_assert_eq!(Some(key_a.cmp(&key_b)), order(*scheme, &a, &b), "{}: {:?} {:?}", scheme.id(), a, b);
            }
        }
    }

    #[test]
    fn a_version_has_a_key_where_the_scheme_has_any(a in version()) {
        for scheme in SCHEMES.iter().filter(|s| !is_intransitive(**s) && s.id() != "composer") {
            prop_assert_eq!(scheme.sort_key(&a).is_some(), order(*scheme, &a, &a).is_some(), "{}: {:?}", scheme.id(), a);
        }
    }

    #[test]
    fn nothing_panics(a in any::<String>(), b in any::<String>()) {
        for scheme in SCHEMES {
            let _ = (scheme.compare(&a, &b), scheme.validate(&a), scheme.sort_key(&a));
        }
        let _ = Vers::parse(&a).map(|vers| vers.contains(&b));
        for text in [format!("vers:maven/{a}|{b}"), format!("vers:deb/>{a}|<{b}|{a}")] {
            let _ = Vers::parse(&text).map(|vers| vers.contains(&b));
            let _ = Vers::parse_unordered(&text).map(|vers| vers.contains(&b));
        }
    }

    #[test]
    fn ranges_of_any_events_are_read_in_any_scheme(
        events in prop::collection::vec((0_usize..4, version()), 0..40),
        at in version(),
    ) {
        let kinds = [EventKind::Introduced, EventKind::Fixed, EventKind::LastAffected, EventKind::Limit];
        let range = Range {
            kind: RangeKind::Ecosystem,
            events: events.into_iter().map(|(kind, version)| Event { kind: kinds[kind], version }).collect(),
        };
        for scheme in SCHEMES {
            let _ = range.check(*scheme, &at);
        }
    }
}

#[test]
fn the_orders_that_are_none_are_followed_all_the_same() {
    for (id, [a, b, c]) in INTRANSITIVE {
        let scheme = scheme_for(id).expect(id);
        let at = |a, b| order(scheme, a, b).expect("read");
        assert!(at(a, b).is_le() && at(b, c).is_le(), "{id}");
        assert_ne!(at(a, c), at(a, b).then(at(b, c)), "{id}");
        assert_eq!(scheme.sort_key(a), None, "{id}");
    }
}

#[test]
fn names_are_unique_and_found_in_any_case() {
    let mut names: Vec<String> = Vec::new();
    for scheme in SCHEMES {
        let same = |name: &str| scheme_for(name).is_some_and(|found| found.id() == scheme.id());
        names.push(scheme.id().to_owned());
        assert!(
            same(scheme.id()) && same(&scheme.id().to_uppercase()),
            "{}",
            scheme.id()
        );
        assert_eq!(scheme.id(), scheme.id().to_lowercase());
        for name in scheme.ecosystems() {
            assert!(same(name) && same(&format!("{name}:12")), "{name}");
            let lower = name.to_lowercase();
            if lower != scheme.id() {
                names.push(lower);
            }
        }
        assert!(!scheme.about().is_empty());
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn a_very_long_version_is_no_trouble() {
    for piece in ["1.", "1-", "0.", "~", "a1", "-", ".x", "0", "9", "é"] {
        let (a, b) = (piece.repeat(20_000), piece.repeat(20_001));
        for scheme in SCHEMES {
            let _ = (scheme.compare(&a, &b), scheme.sort_key(&a));
        }
    }
}
