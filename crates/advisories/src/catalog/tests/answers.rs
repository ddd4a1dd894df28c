//! What the catalog answers on small hand-made batches.

use jiff::civil::date;

use super::*;

#[test]
fn candidates_come_back_for_every_release_and_spelling() {
    let catalog = open(&sample());
    let of = |ecosystem, package| catalog.candidates(ecosystem, package).unwrap();
    let openssl = of("Red Hat", "openssl");
    assert_eq!(
        openssl.iter().map(Candidate::release).collect::<Vec<_>>(),
        [
            "enterprise_linux:8::appstream",
            "enterprise_linux:8::baseos",
            "enterprise_linux:9::appstream"
        ]
    );
    assert_eq!(
        openssl[0].ranges[0].events[1],
        Event {
            kind: EventKind::Fixed,
            version: "1:1.1.1-2"
        }
    );
    let one = catalog
        .candidates_where("Red Hat", "openssl", |e| e.ends_with("baseos"))
        .unwrap();
    assert_eq!(one, openssl[1..2]);

    let zope = of("PyPI", "zope_interface");
    assert_eq!(zope.len(), 1, "the withdrawn record is left out");
    assert_eq!(
        (zope[0].package, &zope[0].versions[..]),
        ("Zope.Interface", &["7.0", "nightly"][..])
    );
    assert_eq!(zope[0].except, ["4.9"]);
    assert_eq!(zope[0].vendor_state, Some(VendorState::WontFix));
    assert_eq!(zope[0].scores[0].source, "ghsa");
    assert!(of("PyPI", "nothing").is_empty());
    assert!(of("Nowhere", "openssl").is_empty());
    assert_eq!(catalog.releases("PyPI"), [""]);
    assert_eq!(catalog.releases("Red Hat").len(), 3);
    assert!(catalog.releases("Nowhere").is_empty());
}

#[test]
fn ids_find_their_record_first_then_those_that_name_it() {
    let catalog = open(&sample());
    let find = |id| -> Vec<&str> {
        catalog
            .find(id)
            .unwrap()
            .into_iter()
            .map(|ix| catalog.advisory(ix).unwrap().id)
            .collect()
    };
    assert_eq!(
        find("cve-2024-0001"),
        ["GHSA-aaaa-bbbb-cccc", "RHSA-2024:0001"]
    );
    assert_eq!(find("rhsa-2024:0001"), ["RHSA-2024:0001"]);
    assert_eq!(find("GHSA-dddd-eeee-ffff"), ["GHSA-dddd-eeee-ffff"]);
    assert!(find("CVE-1999-0001").is_empty());
    let own_first = open(&[(
        "f",
        batch(vec![
            Advisory {
                aliases: texts(&["Z-1"]),
                ..advisory("A-1", "2024-01-01T00:00:00Z", Vec::new())
            },
            advisory("z-1", "2024-01-01T00:00:00Z", Vec::new()),
        ]),
    )]);
    assert_eq!(
        own_first.find("Z-1").unwrap(),
        [AdvisoryIx(1), AdvisoryIx(0)]
    );
}

#[test]
fn an_advisory_comes_back_with_what_it_affects() {
    let catalog = open(&sample());
    let view = catalog
        .advisory(catalog.find("RHSA-2024:0001").unwrap()[0])
        .unwrap();
    assert_eq!(
        (view.feed, &view.feeds[..], view.severity),
        ("osv/Red Hat", &["osv/Red Hat"][..], Some(Severity::High))
    );
    assert_eq!(view.cves, [CveId::new(2024, 1), CveId::new(2024, 2)]);
    assert_eq!(
        (view.summary, &view.references[..]),
        (
            "openssl update",
            &["https://example.org/RHSA-2024:0001"][..]
        )
    );
    let affected = catalog
        .affected(catalog.find("RHSA-2024:0001").unwrap()[0])
        .unwrap();
    assert_eq!(affected.len(), 6);
    let withdrawn = catalog.find("GHSA-dddd-eeee-ffff").unwrap()[0];
    assert_eq!(
        catalog.affected(withdrawn).unwrap().len(),
        1,
        "a withdrawn record can still be explained"
    );
    assert!(matches!(
        catalog.advisory(AdvisoryIx(99)),
        Err(CatalogError::NoSuchAdvisory(99))
    ));
}

#[test]
fn facts_of_a_cve_are_joined() {
    let catalog = open(&sample());
    let facts = catalog.cve(CveId::new(2024, 1)).unwrap();
    assert_eq!(facts.epss.unwrap().score.to_string(), "0.97565");
    assert_eq!(facts.kev.as_ref().unwrap().due, Some(date(2024, 3, 1)));
    assert_eq!(facts.record.unwrap().scores.len(), 1);
    assert_eq!(
        catalog.cve(CveId::new(2023, 1)).unwrap(),
        CveFacts::default()
    );
    assert_eq!(catalog.kev_entries().unwrap(), [facts.kev.unwrap()]);
    assert_eq!(catalog.epss_model().unwrap().version, "v4");
}

#[test]
fn feeds_say_what_they_brought_and_of_when() {
    let mut builder = Builder::new();
    sample()
        .into_iter()
        .for_each(|(feed, batch)| builder.add(feed, batch));
    builder.set_as_of("osv/PyPI", time("2024-04-01T00:00:00Z"));
    let catalog = Catalog::from_bytes(builder.finish()).unwrap();
    let feeds: Vec<(String, String, u64, u64)> = catalog
        .feeds()
        .into_iter()
        .map(|f| (f.name, f.as_of.unwrap().to_string(), f.read, f.kept))
        .collect();
    let row = |name: &str, as_of: &str, read, kept| {
        (name.to_owned(), format!("{as_of}T00:00:00Z"), read, kept)
    };
    assert_eq!(
        feeds,
        [
            row("cve5", "2024-01-02", 1, 1),
            row("epss", "2024-06-02", 3, 2),
            row("kev", "2024-06-01", 1, 1),
            row("osv/PyPI", "2024-04-01", 2, 2),
            row("osv/Red Hat", "2024-03-01", 1, 1),
        ]
    );
    assert_eq!(catalog.feeds()[1].skipped, [("not a CVE".to_owned(), 1)]);
    assert_eq!(catalog.built(), Some(time("2024-06-02T00:00:00Z")));
    assert_eq!(catalog.advisory_count(), 3);
    catalog.verify().unwrap();
}

#[test]
fn the_newest_copy_counts_and_equally_new_copies_count_together() {
    let copy = |modified: &str, packages: &[&str]| {
        batch(vec![advisory(
            "CVE-2024-0001",
            modified,
            packages
                .iter()
                .map(|p| affected("Debian:12", p, "1.2-3"))
                .collect(),
        )])
    };
    let found = |parts: &[(&str, Batch)]| -> Vec<String> {
        let catalog = open(parts);
        let view = catalog.advisory(AdvisoryIx(0)).unwrap();
        assert_eq!(catalog.advisory_count(), 1);
        assert_eq!(view.feeds.len(), 2);
        let all = catalog.affected(AdvisoryIx(0)).unwrap();
        let by_package = |p: &&str| catalog.candidates("Debian", p).unwrap().len() == 1;
        assert!(all.iter().map(|c| c.package).all(|p| by_package(&p)));
        all.iter().map(|c| c.package.to_owned()).collect()
    };
    let (old, new) = ("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z");
    assert_eq!(
        found(&[("a", copy(old, &["x"])), ("b", copy(new, &["y"]))]),
        ["y"]
    );
    assert_eq!(
        found(&[("a", copy(new, &["x"])), ("b", copy(old, &["y"]))]),
        ["x"]
    );
    let mut both = found(&[("a", copy(new, &["x", "z"])), ("b", copy(new, &["y", "z"]))]);
    both.sort();
    assert_eq!(both, ["x", "y", "z"]);
    assert_eq!(
        found(&[("a", copy(new, &["x"])), ("b", copy(new, &["x"]))]),
        ["x"]
    );
}

#[test]
fn cve_records_of_several_feeds_complete_each_other() {
    let record = |modified: &str, source: &str, ssvc: bool| CveRecord {
        cve: CveId::new(2024, 1),
        published: None,
        modified: Some(time(modified)),
        rejected: false,
        summary: source.to_owned(),
        scores: vec![CvssVector {
            vector: "AV:N".to_owned(),
            source: source.to_owned(),
        }],
        ssvc: ssvc.then_some(Ssvc {
            exploitation: None,
            automatable: Some(false),
            total_impact: Some(true),
            at: None,
        }),
    };
    let of = |record| Batch {
        cves: vec![record],
        ..Batch::default()
    };
    let catalog = open(&[
        ("cve5", of(record("2024-01-01T00:00:00Z", "cna", true))),
        ("nvd", of(record("2024-02-01T00:00:00Z", "nvd", false))),
    ]);
    let joined = catalog.cve(CveId::new(2024, 1)).unwrap().record.unwrap();
    assert_eq!(joined.summary, "nvd");
    assert_eq!(
        joined
            .scores
            .iter()
            .map(|s| s.source.as_str())
            .collect::<Vec<_>>(),
        ["nvd", "cna"]
    );
    assert_eq!(joined.ssvc.unwrap().total_impact, Some(true));
}

#[test]
fn the_bytes_of_the_format_have_not_changed() {
    assert_eq!(
        open(&sample()).digest(),
        "blake3:f1fc9760483002ad065ed4addefb96357987d17310331fbe84a4c5f1bcfef19c",
        "files in use have other bytes: raise FORMAT_VERSION in layout.rs, then put the new digest here"
    );
}

#[test]
fn a_discarded_feed_leaves_nothing_behind() {
    let parts = sample();
    let mut builder = Builder::new();
    parts
        .iter()
        .for_each(|(feed, batch)| builder.add(feed, batch.clone()));
    builder.set_as_of("never added", time("2024-04-01T00:00:00Z"));
    builder.discard("kev");
    builder.discard("osv/PyPI");
    let others: Vec<(&str, Batch)> = parts
        .into_iter()
        .filter(|(feed, _)| !["kev", "osv/PyPI"].contains(feed))
        .collect();
    assert!(builder.finish() == build(&others));
}

#[test]
fn threads_may_share_a_catalog() {
    fn shared<T: Send + Sync>() {}
    shared::<Catalog>();
}
