//! Properties of `assemble`: nothing gets lost, nothing depends on the order of the files.

use std::collections::BTreeSet;

use base::Ecosystem;
use inventory::{Host, Listing, Location, Os, Package, PackageManager, Source, assemble};
use proptest::prelude::*;

fn ecosystem() -> impl Strategy<Value = Option<Ecosystem>> {
    prop_oneof![
        Just(None),
        Just(Some(PackageManager::Deb.ecosystem())),
        Just(Some(Ecosystem::new("Debian"))),
        Just(Some(Ecosystem::with_release("Debian", "12"))),
        Just(Some(Ecosystem::new("npm"))),
    ]
}

fn package() -> impl Strategy<Value = Package> {
    let name = prop_oneof![Just("a"), Just("b"), Just("base-files")];
    let version = prop_oneof![Just(None), Just(Some("12.1")), Just(Some("2"))];
    let source = prop_oneof![Just(None), Just(Some("a")), Just(Some("s"))];
    let arch = prop_oneof![Just(None), Just(Some("amd64"))];
    let path = prop_oneof![Just("x"), Just("y"), Just("z")];
    (name, version, source, arch, path, ecosystem()).prop_map(
        |(name, version, source, arch, path, ecosystem)| Package {
            ecosystem,
            source: source.map(|s| Source {
                name: s.to_owned(),
                version: version.map(str::to_owned),
            }),
            arch: arch.map(str::to_owned),
            ..Package::new(name, version.map(str::to_owned), Location::file(path))
        },
    )
}

fn listings() -> impl Strategy<Value = Vec<Listing>> {
    let listing = prop::collection::vec(package(), 0..8).prop_map(|packages| Listing {
        packages,
        ..Listing::default()
    });
    prop::collection::vec(listing, 0..5)
}

fn debian() -> Listing {
    Listing {
        os: Some(Os::named("debian", Some("12"))),
        ..Listing::default()
    }
}

/// Every name, version and place there is, however packages were folded.
fn facts<'a>(
    packages: impl Iterator<Item = &'a Package>,
) -> BTreeSet<(&'a str, Option<&'a str>, &'a str)> {
    packages
        .flat_map(|p| {
            p.locations
                .iter()
                .map(|l| (p.name.as_str(), p.version.as_deref(), l.path.as_str()))
        })
        .collect()
}

/// What may not depend on the order of the files. Which of two equal packages lends its source version does.
fn shape(host: &Host) -> Vec<String> {
    let line = |p: &Package| {
        format!(
            "{:?} {} {:?} {:?} {:?}",
            p.ecosystem, p.name, p.version, p.arch, p.locations
        )
    };
    host.packages.iter().map(line).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_gets_lost(listings in listings()) {
        let before = listings.clone();
        let host = assemble("h", listings).value;
        prop_assert_eq!(facts(before.iter().flat_map(|l| &l.packages)), facts(host.packages.iter()));
    }

    #[test]
    fn the_order_of_the_files_does_not_matter(mut listings in listings()) {
        listings.push(debian());
        let forwards = assemble("h", listings.clone()).value;
        listings.reverse();
        let backwards = assemble("h", listings).value;
        prop_assert_eq!(shape(&forwards), shape(&backwards));
    }

    #[test]
    fn no_placeholder_is_left(listings in listings()) {
        let host = assemble("h", listings).value;
        prop_assert!(host.packages.iter().all(|p| p.ecosystem.as_ref().is_none_or(|e| PackageManager::of(e).is_none())));
    }

    #[test]
    fn reading_twice_adds_nothing(mut listings in listings()) {
        listings.push(debian());
        let once = assemble("h", listings.clone()).value;
        let twice = assemble("h", [listings.clone(), listings].concat()).value;
        prop_assert_eq!(once.packages, twice.packages);
    }
}
