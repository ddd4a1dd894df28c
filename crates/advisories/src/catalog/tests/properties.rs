//! Over random batches: what goes in comes out, whatever the order, and feed by feed.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

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
        VendorState::NoFixYet,
        VendorState::UnderInvestigation,
        VendorState::NotAffected,
    ]));
    (
        ecosystem,
        some_text(),
        prop::collection::vec(some_range(), 0..9),
        (some_texts(), some_texts()),
        some_scores(),
        (state, prop::option::of(some_text()), some_kbs()),
    )
        .prop_map(
            |(ecosystem, package, ranges, (versions, except), scores, said)| Affected {
                ecosystem: ecosystem.parse().unwrap(),
                package,
                ranges,
                versions,
                except,
                scores,
                component: said.1,
                updates: said.2,
                vendor_state: said.0,
            },
        )
}

fn some_kbs() -> impl Strategy<Value = Vec<Kb>> {
    prop::collection::vec((10_000..10_003_u32).prop_map(Kb::new), 0..3)
}

fn some_update() -> impl Strategy<Value = Update> {
    let product = prop::sample::select(vec!["Windows 8.1", "windows  8.1", "IIS 5.0", ""]);
    (
        product,
        10_000..10_003_u32,
        prop::option::of(1..28_i8),
        some_kbs(),
        prop::option::of(some_text()),
        some_text(),
    )
        .prop_map(
            |(product, kb, released, supersedes, build, component)| Update {
                product: product.to_owned(),
                kb: Kb::new(kb),
                released: released.map(|day| date(2024, 1, day)),
                supersedes,
                build,
                component,
            },
        )
}

fn some_claim() -> impl Strategy<Value = Exploited> {
    (some_text(), prop::option::of(1..28_i8)).prop_map(|(says, since)| Exploited {
        says,
        since: since.map(|day| date(2024, 1, day)),
    })
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
        prop::option::of(some_claim()),
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
                (severity, informational, exploited),
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
                exploited,
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

pub(super) fn some_batch() -> impl Strategy<Value = Batch> {
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
        (
            prop::collection::vec(some_advisory(), 0..4),
            prop::collection::vec(some_update(), 0..4),
        ),
        prop::collection::vec(some_kev(), 0..3),
        prop::collection::vec(epss, 0..3),
        model,
        prop::collection::vec(some_record(), 0..3),
        some_time(),
        prop::collection::vec((some_text(), 1..5_u64), 0..2),
    )
        .prop_map(
            |((advisories, updates), kev, epss, epss_model, cves, as_of, skipped)| Batch {
                read: 7,
                advisories,
                updates,
                kev,
                epss,
                epss_model,
                cves,
                as_of,
                skipped,
            },
        )
}

pub(super) type Parts = Vec<(usize, Batch)>;

pub(super) fn some_parts() -> impl Strategy<Value = Parts> {
    prop::collection::vec((0..3_usize, some_batch()), 0..6)
}

const FEEDS: [&str; 3] = ["b", "a", "c"];

pub(super) fn named(parts: &Parts) -> Vec<(&'static str, Batch)> {
    parts
        .iter()
        .map(|(feed, batch)| (FEEDS[*feed], batch.clone()))
        .collect()
}

/// What the catalog may change: versions a range covers go, versions and entries are sorted, doubles go.
fn as_kept(mut advisory: Advisory) -> Advisory {
    drop_covered_versions(&mut advisory);
    for affected in &mut advisory.affected {
        affected.updates.sort();
        affected.updates.dedup();
    }
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
        let out: Vec<Advisory> = catalog.only_part().unwrap().copies(0..catalog.advisory_count() as u32).unwrap().into_iter().map(|(_, advisory)| as_kept(advisory)).collect();
        prop_assert_eq!(out, input.advisories.iter().cloned().map(as_kept).collect::<Vec<_>>());
        let (_, facts) = catalog.only_part().unwrap().fact_batches().unwrap().remove(0);
        prop_assert!(facts.kev.iter().all(|kev| input.kev.contains(kev)) && facts.cves.iter().all(|record| input.cves.contains(record)));
        prop_assert!(facts.epss.iter().all(|row| input.epss.contains(row)));
        for cve in input.cves.iter().map(|r| r.cve).chain(input.kev.iter().map(|k| k.cve)).chain(input.epss.iter().map(|e| e.cve)) {
            let known = catalog.cve(cve).unwrap();
            prop_assert_eq!(known.record.is_some(), input.cves.iter().any(|r| r.cve == cve));
            prop_assert_eq!(known.kev.is_some(), input.kev.iter().any(|k| k.cve == cve));
            prop_assert_eq!(known.epss.is_some(), input.epss.iter().any(|e| e.cve == cve));
        }
        for update in &input.updates {
            let known = catalog.updates(&update.product).unwrap();
            let known = known.iter().find(|k| k.kb == update.kb).unwrap();
            prop_assert!(known.released <= update.released || update.released.is_none());
            prop_assert!(update.supersedes.iter().all(|kb| known.supersedes.contains(kb)));
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
