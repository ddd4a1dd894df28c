//! What changed between two catalogs is what a comparison of everything they answer says.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::properties::{named, some_batch, some_parts};
use super::*;
use crate::names::normalise;

#[test]
fn a_later_date_is_no_change_and_another_word_is() {
    let with = |change: fn(&mut Advisory)| {
        let mut parts = sample();
        parts[0].1.advisories.iter_mut().for_each(change);
        open(&parts)
    };
    let old = open(&sample());
    let check = |change: fn(&mut Advisory), expected: &[&str]| {
        assert_eq!(diff(&old, &with(change)).unwrap().changed, expected)
    };
    const ID: &[&str] = &["RHSA-2024:0001"];
    check(|a| a.modified = Some(time("2025-01-01T00:00:00Z")), &[]);
    check(|a| a.published = None, &[]);
    check(|a| a.summary.push('!'), ID);
    check(|a| a.affected[5].ranges[0].events[1].version.push('1'), ID);
    check(|a| a.related.swap(0, 1), ID);
    check(
        |a| {
            a.exploited = Some(Exploited {
                says: "us".to_owned(),
                since: None,
            })
        },
        ID,
    );
    check(|a| a.withdrawn = a.modified, ID);
}

#[test]
fn other_records_do_not_change_the_hash_of_one() {
    let content = |catalog: &Catalog| {
        let ix = catalog.find("RHSA-2024:0001").unwrap()[0];
        catalog.content(ix).unwrap()
    };
    let alone = open(&[("osv/Red Hat", batch(vec![erratum()]))]);
    assert_eq!(content(&alone), content(&open(&sample())));
}

#[test]
fn releases_and_products_are_told() {
    let of = |affected: Affected| {
        open(&[(
            "f",
            batch(vec![advisory("A", "2024-01-01T00:00:00Z", vec![affected])]),
        )])
    };
    let (old, new) = (
        of(affected("Debian:11", "p", "1")),
        of(affected("Debian:12", "p", "1")),
    );
    assert_eq!(diff(&old, &new).unwrap().ecosystems, ["Debian"]);
    let microsoft = of(affected("Microsoft", "Windows  Server 2019", "1"));
    let changes = diff(&old, &microsoft).unwrap();
    assert_eq!(changes.ecosystems, ["Debian", "Microsoft"]);
    assert_eq!(
        changes.products,
        [normalise(MICROSOFT, "Windows Server 2019")]
    );
}

/// Everything a catalog answers about its records, dates left out.
fn told(catalog: &Catalog) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for number in 0..catalog.advisory_count() as u32 {
        let mut view = catalog.advisory(AdvisoryIx(number)).unwrap();
        let withdrawn = view.withdrawn.is_some();
        (view.published, view.modified, view.withdrawn) = (None, None, None);
        let affected = catalog.affected(AdvisoryIx(number)).unwrap();
        let of_any = |entry: Candidate<'_>| {
            format!(
                "{:?}",
                Candidate {
                    advisory: AdvisoryIx(0),
                    ..entry
                }
            )
        };
        let affected: BTreeSet<String> = affected.into_iter().map(of_any).collect();
        all.insert(
            view.id.to_owned(),
            format!("{view:?} {withdrawn} {affected:?}"),
        );
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_diff_is_the_comparison_of_everything(parts in some_parts(), at in any::<prop::sample::Index>(), other in prop::option::of(some_batch()), later in any::<bool>()) {
        let mut changed = parts.clone();
        if !changed.is_empty() {
            let at = at.index(changed.len());
            match other {
                Some(batch) => changed[at].1 = batch,
                None if later => changed[at].1.advisories.iter_mut().for_each(|a| a.published = Some(Timestamp::UNIX_EPOCH)),
                None => drop(changed.remove(at)),
            }
        }
        let (old, new) = (open(&named(&parts)), open(&named(&changed)));
        let found = diff(&old, &new).unwrap();
        let (before, after) = (told(&old), told(&new));
        let only = |one: &BTreeMap<String, String>, other: &BTreeMap<String, String>| one.keys().filter(|id| !other.contains_key(*id)).cloned().collect::<Vec<_>>();
        prop_assert_eq!(&found.added, &only(&after, &before));
        prop_assert_eq!(&found.removed, &only(&before, &after));
        let differ = before.iter().filter(|(id, text)| after.get(*id).is_some_and(|other| other != *text));
        prop_assert_eq!(&found.changed, &differ.map(|(id, _)| id.clone()).collect::<Vec<_>>());
        for product in ["Windows 8.1", "IIS 5.0", ""] {
            let name = normalise(MICROSOFT, product).into_owned();
            if old.updates(product).unwrap() != new.updates(product).unwrap() {
                prop_assert!(found.products.contains(&name), "{}", product);
            }
        }
        for ecosystem in ["Debian", "npm", "Nowhere"] {
            prop_assert_eq!(old.releases(ecosystem) != new.releases(ecosystem), found.ecosystems.iter().any(|e| e == ecosystem));
        }
        prop_assert_eq!(&found.kev, &(0..16_u32).map(|n| CveId::new(2022 + (n / 4) as u16, n % 4)).filter(|cve| old.cve(*cve).unwrap().kev != new.cve(*cve).unwrap().kev).collect::<Vec<_>>());
        prop_assert_eq!(diff(&new, &new).unwrap(), Diff::default());
    }
}
