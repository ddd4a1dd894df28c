//! The catalog as a whole: what goes in comes out, in any order, feed by feed, and nothing in a damaged file can panic.

use base::{CveId, Severity};
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use versions::{Event, EventKind, Range, RangeKind};

use super::*;
use crate::model::*;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|t| (*t).to_owned()).collect()
}

fn range(kind: RangeKind, events: &[(EventKind, &str)]) -> Range {
    Range {
        kind,
        events: events
            .iter()
            .map(|(kind, v)| Event {
                kind: *kind,
                version: (*v).to_owned(),
            })
            .collect(),
    }
}

fn affected(ecosystem: &str, package: &str, fixed: &str) -> Affected {
    Affected {
        ecosystem: ecosystem.parse().unwrap(),
        package: package.to_owned(),
        ranges: vec![range(
            RangeKind::Ecosystem,
            &[(EventKind::Introduced, "0"), (EventKind::Fixed, fixed)],
        )],
        versions: Vec::new(),
        except: Vec::new(),
        scores: Vec::new(),
        vendor_state: None,
    }
}

fn advisory(id: &str, modified: &str, affected: Vec<Affected>) -> Advisory {
    Advisory {
        id: id.to_owned(),
        aliases: Vec::new(),
        related: Vec::new(),
        upstream: Vec::new(),
        published: None,
        modified: Some(time(modified)),
        withdrawn: None,
        summary: String::new(),
        scores: Vec::new(),
        severity: None,
        informational: None,
        affected,
        references: Vec::new(),
    }
}

fn batch(advisories: Vec<Advisory>) -> Batch {
    Batch {
        read: advisories.len() as u64,
        advisories,
        ..Batch::default()
    }
}

fn build(parts: &[(&str, Batch)]) -> Vec<u8> {
    let mut builder = Builder::new();
    parts
        .iter()
        .for_each(|(feed, batch)| builder.add(feed, batch.clone()));
    builder.finish()
}

fn open(parts: &[(&str, Batch)]) -> Catalog {
    Catalog::from_bytes(build(parts)).unwrap()
}

/// A little of everything.
fn sample() -> Vec<(&'static str, Batch)> {
    let vector = |vector: &str, source: &str| CvssVector {
        vector: vector.to_owned(),
        source: source.to_owned(),
    };
    let many = ["8::appstream", "8::baseos", "9::appstream"];
    let of_many = |package, fixed| {
        many.map(|release| {
            affected(
                &format!("Red Hat:enterprise_linux:{release}"),
                package,
                fixed,
            )
        })
    };
    let erratum = Advisory {
        related: texts(&["CVE-2024-0001", "CVE-2024-0002"]),
        severity: Some(Severity::High),
        summary: "openssl update".to_owned(),
        references: texts(&["https://example.org/RHSA-2024:0001"]),
        ..advisory(
            "RHSA-2024:0001",
            "2024-03-01T00:00:00Z",
            [
                of_many("openssl", "1:1.1.1-2"),
                of_many("openssl-libs", "1:1.1.1-2"),
            ]
            .concat(),
        )
    };
    let mut entry = affected("PyPI", "Zope.Interface", "5.0");
    entry.versions = texts(&["nightly", "7.0"]);
    entry.scores = vec![vector(
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "ghsa",
    )];
    entry.vendor_state = Some(VendorState::WontFix);
    let ghsa = Advisory {
        aliases: texts(&["CVE-2024-0001", "PYSEC-2024-1"]),
        published: Some(time("2024-01-01T10:00:00.5Z")),
        ..advisory("GHSA-aaaa-bbbb-cccc", "2024-02-01T00:00:00Z", vec![entry])
    };
    let withdrawn = Advisory {
        withdrawn: Some(time("2024-05-01T00:00:00Z")),
        ..advisory(
            "GHSA-dddd-eeee-ffff",
            "2024-05-01T00:00:00Z",
            vec![affected("PyPI", "zope-interface", "9")],
        )
    };
    let kev = Batch {
        kev: vec![KevEntry {
            cve: CveId::new(2024, 1),
            added: date(2024, 3, 2),
            due: Some(date(2024, 3, 1)),
            ransomware: Some(true),
            vendor: "OpenSSL".to_owned(),
            product: "OpenSSL".to_owned(),
            name: "a name".to_owned(),
        }],
        as_of: Some(time("2024-06-01T00:00:00Z")),
        read: 1,
        ..Batch::default()
    };
    let row = |number, score, percentile| EpssRow {
        cve: CveId::new(2024, number),
        score,
        percentile,
    };
    let epss = Batch {
        epss: vec![row(2, 0.00043, 0.12345), row(1, 0.97565, 0.99999)],
        epss_model: Some(EpssModel {
            version: "v4".to_owned(),
            date: Some(date(2024, 6, 2)),
        }),
        as_of: Some(time("2024-06-02T00:00:00Z")),
        read: 3,
        skipped: vec![("not a CVE".to_owned(), 1)],
        ..Batch::default()
    };
    let record = CveRecord {
        cve: CveId::new(2024, 1),
        published: Some(time("2024-01-01T00:00:00Z")),
        modified: Some(time("2024-01-02T00:00:00Z")),
        rejected: false,
        summary: "a hole".to_owned(),
        scores: vec![vector(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "nvd",
        )],
        ssvc: Some(Ssvc {
            exploitation: Some(Exploitation::Poc),
            automatable: Some(true),
            total_impact: None,
            at: Some(time("2024-01-03T00:00:00Z")),
        }),
    };
    let cves = Batch {
        cves: vec![record],
        read: 1,
        ..Batch::default()
    };
    vec![
        ("osv/Red Hat", batch(vec![erratum])),
        ("osv/PyPI", batch(vec![ghsa, withdrawn])),
        ("kev", kev),
        ("epss", epss),
        ("cve5", cves),
    ]
}

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
fn an_empty_catalog_answers_everything() {
    let catalog = Catalog::from_bytes(Builder::new().finish()).unwrap();
    ask_everything(&catalog);
    assert_eq!(
        (
            catalog.built(),
            catalog.advisory_count(),
            catalog.epss_model()
        ),
        (None, 0, None)
    );
    catalog.verify().unwrap();
}

/// Calls everything there is; only panics are wrong.
fn ask_everything(catalog: &Catalog) {
    let _ = (
        catalog.digest(),
        catalog.built(),
        catalog.feeds(),
        catalog.epss_model(),
        catalog.kev_entries().is_ok(),
    );
    for (ecosystem, package) in [
        ("Red Hat", "openssl"),
        ("Red Hat", "openssl-libs"),
        ("PyPI", "zope-interface"),
        ("Debian", "x"),
    ] {
        let _ = (
            catalog.candidates(ecosystem, package).is_ok(),
            catalog.releases(ecosystem),
        );
    }
    for number in 0..catalog.advisory_count().min(50) as u32 {
        let _ = (
            catalog.advisory(AdvisoryIx(number)).is_ok(),
            catalog.affected(AdvisoryIx(number)).is_ok(),
        );
    }
    for id in ["CVE-2024-0001", "RHSA-2024:0001", "GHSA-aaaa-bbbb-cccc"] {
        let _ = catalog.find(id).is_ok();
    }
    for number in 0..3 {
        let _ = catalog.cve(CveId::new(2024, number)).is_ok();
    }
    let mut builder = Builder::new();
    if builder.carry_over(catalog, &["kev"]).is_ok() {
        let _ = builder.finish();
    }
}

#[test]
fn no_changed_byte_makes_it_panic() {
    let good = build(&sample());
    for at in 0..good.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[at] ^= change;
            if let Ok(catalog) = Catalog::from_bytes(bad) {
                assert!(catalog.verify().is_err(), "byte {at}");
                ask_everything(&catalog);
            }
        }
    }
}

#[test]
fn no_shorter_file_is_taken_for_a_catalog() {
    let good = build(&sample());
    assert!((0..good.len()).all(|len| Catalog::from_bytes(good[..len].to_vec()).is_err()));
}

#[test]
fn errors_say_what_to_try() {
    let error = |bytes: Vec<u8>| Catalog::from_bytes(bytes).err().unwrap().to_string();
    assert!(error(b"PK\x03\x04".to_vec()).contains("feeds import"));
    let mut newer = build(&sample());
    newer[8] = 99;
    assert!(error(newer).contains("format 99"));
}

fn some_text() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        "a",
        "b",
        "CVE-2024-0001",
        "https://example.org/a",
        "ünï",
        "0",
        "1.0",
        "2.0-1",
    ])
    .prop_map(str::to_owned)
}

fn some_texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(some_text(), 0..3)
}

fn some_time() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of(
        (0..3_i64).prop_map(|day| Timestamp::from_second(1_700_000_000 + day * 86_400).unwrap()),
    )
}

fn some_scores() -> impl Strategy<Value = Vec<CvssVector>> {
    prop::collection::vec(
        (some_text(), some_text()).prop_map(|(vector, source)| CvssVector { vector, source }),
        0..2,
    )
}

fn some_range() -> impl Strategy<Value = Range> {
    let kinds = prop::sample::select(vec![
        RangeKind::Semver,
        RangeKind::Ecosystem,
        RangeKind::Git,
    ]);
    let event = (
        prop::sample::select(vec![
            EventKind::Introduced,
            EventKind::Fixed,
            EventKind::LastAffected,
            EventKind::Limit,
        ]),
        some_text(),
    )
        .prop_map(|(kind, version)| Event { kind, version });
    (kinds, prop::collection::vec(event, 0..4)).prop_map(|(kind, events)| Range { kind, events })
}

fn some_affected() -> impl Strategy<Value = Affected> {
    let ecosystem = prop::sample::select(vec![
        "Debian:11",
        "Debian:12",
        "Debian",
        "npm",
        "Nowhere:x:y",
    ]);
    let state = prop::option::of(prop::sample::select(vec![
        VendorState::Unimportant,
        VendorState::EndOfLife,
        VendorState::WontFix,
    ]));
    (
        ecosystem,
        some_text(),
        prop::collection::vec(some_range(), 0..9),
        (some_texts(), some_texts()),
        some_scores(),
        state,
    )
        .prop_map(
            |(ecosystem, package, ranges, (versions, except), scores, vendor_state)| Affected {
                ecosystem: ecosystem.parse().unwrap(),
                package,
                ranges,
                versions,
                except,
                scores,
                vendor_state,
            },
        )
}

fn some_advisory() -> impl Strategy<Value = Advisory> {
    let id = prop::sample::select(vec!["A-1", "A-2", "a-1", "DSA-1-1", "CVE-2024-0001"]);
    let times = (
        some_time(),
        some_time(),
        prop::option::weighted(0.2, Just(Timestamp::UNIX_EPOCH)),
    );
    let severity = (
        prop::option::of(prop::sample::select(Severity::ALL.to_vec())),
        prop::option::of(some_text()),
    );
    let lists = (some_texts(), some_texts(), some_texts(), some_texts());
    (
        id,
        times,
        lists,
        some_text(),
        some_scores(),
        severity,
        prop::collection::vec(some_affected(), 0..4),
    )
        .prop_map(
            |(
                id,
                (published, modified, withdrawn),
                (aliases, related, upstream, references),
                summary,
                scores,
                (severity, informational),
                affected,
            )| Advisory {
                id: id.to_owned(),
                aliases,
                related,
                upstream,
                published,
                modified,
                withdrawn,
                summary,
                scores,
                severity,
                informational,
                affected,
                references,
            },
        )
}

fn some_cve() -> impl Strategy<Value = CveId> {
    (2022..2025_u16, 0..4_u32).prop_map(|(year, number)| CveId::new(year, number))
}

fn some_kev() -> impl Strategy<Value = KevEntry> {
    (
        some_cve(),
        1..28_i8,
        prop::option::of(1..28_i8),
        any::<Option<bool>>(),
        some_text(),
        some_text(),
    )
        .prop_map(|(cve, added, due, ransomware, vendor, name)| KevEntry {
            cve,
            added: date(2024, 1, added),
            due: due.map(|day| date(2024, 1, day)),
            ransomware,
            vendor,
            product: name.clone(),
            name,
        })
}

fn some_record() -> impl Strategy<Value = CveRecord> {
    let exploitation = prop::sample::select(vec![
        None,
        Some(Exploitation::None),
        Some(Exploitation::Poc),
        Some(Exploitation::Active),
    ]);
    let ssvc = prop::option::of(
        (
            exploitation,
            any::<Option<bool>>(),
            any::<Option<bool>>(),
            some_time(),
        )
            .prop_map(|(exploitation, automatable, total_impact, at)| Ssvc {
                exploitation,
                automatable,
                total_impact,
                at,
            }),
    );
    (
        some_cve(),
        some_time(),
        some_time(),
        any::<bool>(),
        some_text(),
        some_scores(),
        ssvc,
    )
        .prop_map(
            |(cve, published, modified, rejected, summary, scores, ssvc)| CveRecord {
                cve,
                published,
                modified,
                rejected,
                summary,
                scores,
                ssvc,
            },
        )
}

fn some_batch() -> impl Strategy<Value = Batch> {
    let epss =
        (some_cve(), 0..=100_000_u32, 0..=100_000_u32).prop_map(|(cve, score, percentile)| {
            EpssRow {
                cve,
                score: score as f32 / 100_000.0,
                percentile: percentile as f32 / 100_000.0,
            }
        });
    let model = prop::option::of(some_text().prop_map(|version| EpssModel {
        version,
        date: None,
    }));
    (
        prop::collection::vec(some_advisory(), 0..4),
        prop::collection::vec(some_kev(), 0..3),
        prop::collection::vec(epss, 0..3),
        model,
        prop::collection::vec(some_record(), 0..3),
        some_time(),
        prop::collection::vec((some_text(), 1..5_u64), 0..2),
    )
        .prop_map(
            |(advisories, kev, epss, epss_model, cves, as_of, skipped)| Batch {
                read: 7,
                advisories,
                kev,
                epss,
                epss_model,
                cves,
                as_of,
                skipped,
            },
        )
}

type Parts = Vec<(usize, Batch)>;

fn some_parts() -> impl Strategy<Value = Parts> {
    prop::collection::vec((0..3_usize, some_batch()), 0..6)
}

const FEEDS: [&str; 3] = ["b", "a", "c"];

fn named(parts: &Parts) -> Vec<(&'static str, Batch)> {
    parts
        .iter()
        .map(|(feed, batch)| (FEEDS[*feed], batch.clone()))
        .collect()
}

/// What the catalog may change: versions a range covers go, versions and entries are sorted, doubles go.
fn as_kept(mut advisory: Advisory) -> Advisory {
    drop_covered_versions(&mut advisory);
    advisory.affected.sort_by_cached_key(|a| format!("{a:?}"));
    advisory.affected.dedup();
    advisory
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_goes_in_comes_out(mut input in some_batch()) {
        input.advisories.sort_by(|a, b| a.id.cmp(&b.id));
        input.advisories.dedup_by(|a, b| a.id == b.id);
        let catalog = open(&[("f", input.clone())]);
        let out: Vec<Advisory> = catalog.copies(&|_| true).unwrap().into_iter().map(|(_, advisory)| as_kept(advisory)).collect();
        prop_assert_eq!(out, input.advisories.iter().cloned().map(as_kept).collect::<Vec<_>>());
        let (_, facts) = catalog.fact_batches().unwrap().remove(0);
        prop_assert!(facts.kev.iter().all(|kev| input.kev.contains(kev)) && facts.cves.iter().all(|record| input.cves.contains(record)));
        prop_assert!(facts.epss.iter().all(|row| input.epss.contains(row)));
        for cve in input.cves.iter().map(|r| r.cve).chain(input.kev.iter().map(|k| k.cve)).chain(input.epss.iter().map(|e| e.cve)) {
            let known = catalog.cve(cve).unwrap();
            prop_assert_eq!(known.record.is_some(), input.cves.iter().any(|r| r.cve == cve));
            prop_assert_eq!(known.kev.is_some(), input.kev.iter().any(|k| k.cve == cve));
            prop_assert_eq!(known.epss.is_some(), input.epss.iter().any(|e| e.cve == cve));
        }
        for (number, advisory) in input.advisories.iter().enumerate() {
            let ix = AdvisoryIx(number as u32);
            for entry in &advisory.affected {
                let found = catalog.candidates(entry.ecosystem.name(), &entry.package).unwrap();
                let named = found.iter().any(|c| c.advisory == ix && c.ecosystem == entry.ecosystem.to_string() && c.package == entry.package);
                prop_assert_eq!(named, advisory.withdrawn.is_none());
            }
            prop_assert_eq!(catalog.find(&advisory.id.to_lowercase()).unwrap().contains(&ix), true);
        }
    }

    #[test]
    fn the_order_of_documents_does_not_show(parts in some_parts().prop_flat_map(|p| (Just(p.clone()), Just(p).prop_shuffle()))) {
        let (one, other) = (build(&named(&parts.0)), build(&named(&parts.1)));
        prop_assert!(one == other);
        Catalog::from_bytes(one).unwrap().verify().unwrap();
    }

    #[test]
    fn replacing_a_feed_is_the_same_as_building_all_again(parts in some_parts(), new in prop::collection::vec(some_batch(), 0..3), replaced in 0..3_usize) {
        let old = open(&named(&parts));
        let mut patched = Builder::new();
        patched.carry_over(&old, &[FEEDS[replaced]]).unwrap();
        let mut full = Builder::new();
        named(&parts).into_iter().filter(|(feed, _)| *feed != FEEDS[replaced]).for_each(|(feed, batch)| full.add(feed, batch));
        for batch in new {
            patched.add(FEEDS[replaced], batch.clone());
            full.add(FEEDS[replaced], batch);
        }
        prop_assert!(patched.finish() == full.finish());
    }
}
