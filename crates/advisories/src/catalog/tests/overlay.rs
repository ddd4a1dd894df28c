//! A catalog laid over another answers like one that was compiled from what both hold.

use std::fmt::Debug;

use proptest::prelude::*;

use super::properties::{Parts, named, some_batch, some_parts};
use super::*;

const IDS: [&str; 5] = ["A-1", "A-2", "a-1", "DSA-1-1", "CVE-2024-0001"];
const TEXTS: [&str; 9] = [
    "",
    "a",
    "b",
    "CVE-2024-0001",
    "https://example.org/a",
    "ünï",
    "0",
    "1.0",
    "2.0-1",
];

fn text(answer: impl Debug) -> String {
    format!("{answer:?}")
}

/// Every answer of a catalog but its digest and the releases.
fn answers(catalog: &Catalog) -> Vec<String> {
    let mut all = vec![
        text(catalog.feeds()),
        text(catalog.built()),
        text(catalog.epss_model()),
        text(catalog.kev_entries().unwrap()),
    ];
    for number in 0..catalog.advisory_count() as u32 {
        let ix = AdvisoryIx(number);
        all.push(text(catalog.advisory(ix).unwrap()));
        all.push(text(catalog.affected(ix).unwrap()));
        all.push(text(catalog.content(ix).unwrap()));
    }
    for id in IDS.iter().chain(&TEXTS) {
        all.push(text((id, catalog.find(&id.to_lowercase()).unwrap())));
    }
    for ecosystem in ["Debian", "npm", "NPM", "Nowhere"] {
        for package in TEXTS {
            all.push(text(catalog.candidates(ecosystem, package).unwrap()));
            let some = |release: &str| release.ends_with('2');
            let found = catalog.candidates_where(ecosystem, package, some);
            all.push(text(found.unwrap()));
        }
    }
    for (year, number) in (2022..2025).flat_map(|year| (0..4).map(move |number| (year, number))) {
        all.push(text(catalog.cve(CveId::new(year, number)).unwrap()));
    }
    for product in ["Windows 8.1", "IIS 5.0", ""] {
        all.push(text(catalog.updates(product).unwrap()));
    }
    all
}

fn releases(catalog: &Catalog) -> Vec<Vec<&str>> {
    ["Debian", "npm", "Nowhere"]
        .map(|name| catalog.releases(name))
        .to_vec()
}

/// Facts of one feed in two files are not compiled but the later's, so what is laid over has them in feeds of its own.
fn over(at: usize, records: Batch, facts: Batch) -> Vec<(&'static str, Batch)> {
    let as_of = Some(Timestamp::UNIX_EPOCH);
    let only = Batch {
        advisories: records.advisories,
        as_of,
        read: 3,
        ..Batch::default()
    };
    let own = ["d", "0"][at];
    vec![("b", only), (own, Batch { as_of, ..facts })]
}

fn without(parts: &[(&'static str, Batch)], hidden: &[&str]) -> Vec<(&'static str, Batch)> {
    let mut parts = parts.to_vec();
    for (_, batch) in &mut parts {
        batch.advisories.retain(|a| !hidden.contains(&&*a.id));
    }
    parts
}

/// A feed without a stated date has that of its newest record, hidden or not: so every feed states one.
fn dated(parts: &Parts) -> Vec<(&'static str, Batch)> {
    let mut parts = named(parts);
    for (_, batch) in &mut parts {
        batch.as_of = batch.as_of.or(Some(Timestamp::UNIX_EPOCH));
    }
    parts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_laid_over_answers_like_one_compiled_from_all(
        parts in some_parts(),
        overs in prop::collection::vec((some_batch(), some_batch(), prop::sample::subsequence(IDS.to_vec(), 0..3)), 0..3),
    ) {
        let parts = dated(&parts);
        let mut catalog = open(&parts);
        let mut compiled = parts;
        let mut all_hidden = false;
        for (at, (records, facts, hidden)) in overs.into_iter().enumerate() {
            let small = over(at, records, facts);
            catalog = catalog.overlaid(&open(&small), &hidden).unwrap();
            let mut gone = hidden.clone();
            gone.extend(small.iter().flat_map(|(_, batch)| &batch.advisories).map(|a| a.id.as_str()));
            let kept = without(&compiled, &gone);
            all_hidden |= text(&kept) != text(&compiled);
            compiled = [kept, small].concat();
        }
        let compiled = open(&compiled);
        prop_assert_eq!(answers(&catalog), answers(&compiled));
        for (laid, one) in releases(&catalog).into_iter().zip(releases(&compiled)) {
            prop_assert!(one.iter().all(|release| laid.contains(release)));
            prop_assert!(all_hidden || one == laid);
        }
        let changes = diff(&catalog, &compiled).unwrap();
        prop_assert!(changes.ids().next().is_none() && changes.kev.is_empty());
        catalog.verify().unwrap();
    }
}

/// Both told as one, the ecosystems apart: a release that only hidden records knew stays known.
fn told(old: &Catalog, new: &Catalog) -> (Diff, Vec<String>) {
    let mut changes = diff(old, new).unwrap();
    let ecosystems = std::mem::take(&mut changes.ecosystems);
    (changes, ecosystems)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_changed_between_laid_catalogs_is_what_changed_between_compiled_ones(
        parts in some_parts(),
        overs in prop::collection::vec((some_batch(), some_batch(), prop::sample::subsequence(IDS.to_vec(), 0..3), any::<bool>()), 1..3),
    ) {
        let parts = dated(&parts);
        let mut all = vec![(open(&parts), parts.clone(), false)];
        for (at, (records, facts, hidden, is_on_first)) in overs.into_iter().enumerate() {
            let small = over(at, records, facts);
            let (below, compiled, hides) = &all[if is_on_first { 0 } else { at }];
            let laid = below.overlaid(&open(&small), &hidden).unwrap();
            let mut gone = hidden;
            gone.extend(small.iter().flat_map(|(_, batch)| &batch.advisories).map(|a| a.id.as_str()));
            let kept = without(compiled, &gone);
            let hides = *hides || text(&kept) != text(compiled);
            all.push((laid, [kept, small].concat(), hides));
        }
        for (old, old_parts, hides) in &all {
            for (new, new_parts, hides_too) in &all {
                let (laid, ecosystems) = told(old, new);
                let (compiled, of_compiled) = told(&open(old_parts), &open(new_parts));
                prop_assert_eq!(laid, compiled);
                prop_assert!(*hides || *hides_too || ecosystems == of_compiled);
            }
        }
    }
}

#[test]
fn a_catalog_that_is_two_says_so_where_one_file_is_needed() {
    let base = open(&sample());
    let small = batch(vec![advisory(
        "LOCAL-2026-1",
        "2026-01-01T00:00:00Z",
        Vec::new(),
    )]);
    let laid = base.overlaid(&open(&[("local", small)]), &["RHSA-2024:0001", "none"]);
    let laid = laid.unwrap();
    assert_ne!(laid.digest(), base.digest());
    let hidden_less = base.overlaid(&open(&[]), &["none"]).unwrap();
    assert_ne!(laid.digest(), hidden_less.digest());
    assert!(laid.find("RHSA-2024:0001").unwrap().is_empty());
    let refused = [
        Builder::new().carry_over(&laid, &[]).err(),
        super::super::delta::make(None, &laid).err(),
    ];
    for error in refused {
        assert!(matches!(error, Some(CatalogError::Overlaid)));
    }
}

#[test]
fn what_a_team_says_itself_covers_no_release_and_makes_no_catalog_newer() {
    let base = open(&sample());
    let entry = affected("Nowhere:7", "thing", "1");
    let ours = advisory("LOCAL-2026-1", "2126-01-01T00:00:00Z", vec![entry]);
    let small = batch(vec![ours]);
    let laid = base
        .overlaid(&open(&[("local", small.clone())]), &[])
        .unwrap();
    assert!(laid.releases("Nowhere").is_empty());
    assert_eq!(laid.built(), base.built());
    assert_eq!(laid.candidates("Nowhere", "thing").unwrap().len(), 1);
    let theirs = base.overlaid(&open(&[("osv", small)]), &[]).unwrap();
    assert_eq!(theirs.releases("Nowhere"), ["7"]);
}
