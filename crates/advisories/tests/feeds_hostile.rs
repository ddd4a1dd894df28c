//! What hostile documents may not do: panic, take memory or time without bound, or lose what stands beside them.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use advisories::feeds::{Document, FEEDS, Feed, recognise};
use advisories::model::{Batch, SUMMARY_CHARS};
use base::Parsed;
use proptest::prelude::*;

/// One small document of each feed.
fn samples() -> Vec<(&'static str, &'static [u8])> {
    let all: &[(&str, &[u8])] = &[
        (
            "wesng",
            include_bytes!("../testdata/feeds/wesng/oddities/input.csv"),
        ),
        (
            "osv",
            include_bytes!("../testdata/feeds/osv/events/input.json"),
        ),
        (
            "osv",
            include_bytes!("../testdata/feeds/osv/ubuntu-api-answer/input.json"),
        ),
        (
            "kev",
            include_bytes!("../testdata/feeds/kev/json/input.json"),
        ),
        (
            "epss",
            include_bytes!("../testdata/feeds/epss/bad-rows/input.csv"),
        ),
        (
            "cve5",
            include_bytes!("../testdata/feeds/cve5/every-cvss-version/input.json"),
        ),
        (
            "csaf",
            include_bytes!("../testdata/feeds/csaf/version-2.1/input.json"),
        ),
        (
            "nvd",
            include_bytes!("../testdata/feeds/nvd/answer/input.json"),
        ),
        (
            "secdb",
            include_bytes!("../testdata/feeds/secdb/alpine/input.json"),
        ),
    ];
    all.to_vec()
}

fn parse(feed: &str, bytes: &[u8]) -> Parsed<Batch> {
    let feed = FEEDS.iter().copied().find(|f| f.id() == feed).unwrap();
    feed.parse(&Document { name: "t", bytes })
}

#[test]
fn a_document_cut_anywhere_is_a_note_and_never_a_panic() {
    for (feed, bytes) in samples() {
        for end in 0..bytes.len() {
            let parsed = parse(feed, &bytes[..end]);
            let whole_json = bytes[end..].iter().all(u8::is_ascii_whitespace);
            assert!(
                matches!(feed, "epss" | "wesng") || whole_json || !parsed.notes.is_empty(),
                "{feed} cut at {end}"
            );
        }
    }
}

#[test]
fn what_comes_before_the_break_is_kept() {
    let whole = parse("kev", samples()[3].1).value.kev.len();
    let cut = &samples()[3].1[..2000];
    let parsed = parse("kev", cut);
    assert!(
        whole > 2 && parsed.value.kev.len() >= 2,
        "{:?}",
        parsed.notes
    );
    assert!(!parsed.failed());
    let note = parsed
        .notes
        .iter()
        .find(|n| n.what.starts_with("broken JSON"))
        .unwrap();
    let line = 1 + cut.iter().filter(|b| **b == b'\n').count() as u64;
    assert_eq!(note.line, Some(line));
}

#[test]
fn depth_is_no_danger_where_it_is_skipped_and_a_note_where_it_is_not() {
    for key in [
        "x",
        "affected",
        "details",
        "id",
        "severity",
        "database_specific",
        "containers",
        "vulnerabilities",
        "vulns",
    ] {
        for depth in [200, 100_000] {
            for (open, close) in [("[", "]"), ("{\"affected\":", "}")] {
                let nested = format!(
                    "{{\"id\":\"T-1\",\"{key}\":{}1{}}}",
                    open.repeat(depth),
                    close.repeat(depth)
                );
                for feed in FEEDS {
                    feed.parse(&Document {
                        name: "t",
                        bytes: nested.as_bytes(),
                    });
                }
            }
        }
    }
    assert_eq!(
        parse(
            "osv",
            format!(
                "{{\"id\":\"T-1\",\"x\":{}{}}}",
                "[".repeat(9999),
                "]".repeat(9999)
            )
            .as_bytes()
        )
        .value
        .advisories
        .len(),
        1
    );
}

#[test]
fn a_long_text_is_cut_to_one_line() {
    let details = "a ".repeat(5_000_000);
    let record =
        format!(r#"{{"id":"T-1","modified":"2024-01-01T00:00:00Z","details":"{details}"}}"#);
    let parsed = parse("osv", record.as_bytes());
    let chars = parsed.value.advisories[0].summary.chars().count();
    assert!(
        (SUMMARY_CHARS - 1..=SUMMARY_CHARS).contains(&chars),
        "{chars}"
    );
}

#[test]
fn a_list_over_the_limit_is_cut_and_named() {
    let record = format!(
        r#"{{"id":"T-1","modified":"2024-01-01T00:00:00Z","aliases":[{}"T-2"]}}"#,
        "\"T\",".repeat(200_001)
    );
    let parsed = parse("osv", record.as_bytes());
    assert_eq!(parsed.value.advisories[0].aliases.len(), 200_000);
    assert_eq!(
        parsed.notes[0].limit.map(|l| l.name),
        Some("feed-list-elements")
    );
}

/// Each of these took minutes with an algorithm that compares every element with every other.
#[test]
fn long_lists_are_read_in_linear_time() {
    let list =
        |n: usize, item: &dyn Fn(usize) -> String| (0..n).map(item).collect::<Vec<_>>().join(",");
    let n = 50_000;
    let cves = list(n, &|i| format!("\"CVE-2024-{i:06}\""));
    let versions = list(n, &|i| format!("\"1.{i}\""));
    let scores = list(n, &|i| format!(r#"{{"type":"CVSS_V3","score":"x/{i}"}}"#));
    let events = list(n, &|i| format!(r#"{{"introduced":"1.{i}"}}"#));
    let affected = list(n, &|i| {
        format!(r#"{{"package":{{"ecosystem":"npm","name":"p{i}"}},"versions":["1"]}}"#)
    });
    let package = r#""package":{"ecosystem":"npm","name":"p"}"#;
    let bound = r#""database_specific":{"last_known_affected_version_range":"< 9"}"#;
    for record in [
        format!(r#"{{"id":"T-1","aliases":[{cves}],"severity":[{scores}]}}"#),
        format!(
            r#"{{"id":"T-1","affected":[{affected}],"database_specific":{{"lower_bound_exclusive":[{versions}]}}}}"#
        ),
        format!(
            r#"{{"id":"T-1","affected":[{{{package},"ranges":[{{"type":"SEMVER","events":[{events}]}}],"versions":[{versions}],{bound}}}]}}"#
        ),
        format!(
            r#"{{"id":"T-1","affected":[{{{package},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}],"versions":[{versions}],{bound}}}]}}"#
        ),
        format!(r#"{{"id":"T-1","details":"{}"}}"#, r"\ud800".repeat(n)),
        "{}".repeat(n),
        "1 ".repeat(n),
    ] {
        let parsed = parse("osv", record.as_bytes());
        parsed
            .value
            .advisories
            .iter()
            .for_each(|a| assert!(a.cves().len() <= n));
    }
}

#[test]
fn notes_are_bounded_and_the_rest_counted() {
    let parsed = parse("osv", format!("[{}{{}}]", "{},".repeat(9_999)).as_bytes());
    assert_eq!(parsed.value.read, 10_000);
    assert_eq!(
        parsed.value.skipped,
        [("record without an id".to_owned(), 10_000)]
    );
    assert_eq!(parsed.notes.len(), 501);
    assert_eq!(parsed.notes[500].limit.map(|l| l.name), Some("feed-notes"));
}

#[test]
fn other_encodings_are_read_and_said() {
    let plain = r#"{"id":"T-1","modified":"2024-01-01T00:00:00Z","summary":"é 𝄞"}"#;
    let utf16 = |unit: fn(u16) -> [u8; 2], bom: &[u8]| -> Vec<u8> {
        bom.iter()
            .copied()
            .chain(plain.encode_utf16().flat_map(unit))
            .collect()
    };
    let latin1: Vec<u8> = plain.replace('𝄞', "").chars().map(|c| c as u8).collect();
    let check = |bytes: &[u8], summary: &str, notes: &[&str]| {
        let document = Document { name: "t", bytes };
        assert_eq!(recognise(&document).map(Feed::id), Some("osv"));
        let parsed = parse("osv", bytes);
        assert_eq!(parsed.value.advisories[0].summary, summary);
        assert_eq!(
            parsed
                .notes
                .iter()
                .map(|n| n.what.as_str())
                .collect::<Vec<_>>(),
            notes
        );
    };
    check(plain.as_bytes(), "é 𝄞", &[]);
    check(&[b"\xEF\xBB\xBF", plain.as_bytes()].concat(), "é 𝄞", &[]);
    check(
        &utf16(u16::to_le_bytes, b"\xFF\xFE"),
        "é 𝄞",
        &["read as UTF-16"],
    );
    check(
        &utf16(u16::to_be_bytes, b"\xFE\xFF"),
        "é 𝄞",
        &["read as UTF-16"],
    );
    check(&utf16(u16::to_le_bytes, b""), "é 𝄞", &["read as UTF-16"]);
    check(&utf16(u16::to_be_bytes, b""), "é 𝄞", &["read as UTF-16"]);
    check(&latin1, "\u{FFFD}", &["not UTF-8: replaced by U+FFFD"]);
    check(
        &[plain.as_bytes(), b"\0\0"].concat(),
        "é 𝄞",
        &["control characters replaced by blanks"],
    );
    check(
        plain.replace('é', "a\u{1}\u{1b}b").as_bytes(),
        "a b 𝄞",
        &["control characters replaced by blanks"],
    );
    check(
        plain.replace('é', r"\ud834\udd1e \\ud834").as_bytes(),
        r"𝄞 \ud834 𝄞",
        &[],
    );
    check(
        plain.replace('é', r"\ud834 \udd1e").as_bytes(),
        "\u{FFFD} \u{FFFD} 𝄞",
        &["half a UTF-16 pair replaced by U+FFFD"],
    );
}

#[test]
fn a_document_of_another_kind_is_not_recognised() {
    for text in [
        "",
        " ",
        "{}",
        "[]",
        "[1]",
        "{\"id\":1}",
        "null",
        "{",
        "[{",
        "\"id\"",
        "{\"id\":\"x\",\"name\":\"y\"}",
        r#"{"bomFormat":"CycloneDX","vulnerabilities":[{"id":"CVE-2024-1"}],"modified":"x","id":"y"}"#,
        r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","id":"y","modified":"z"}"#,
        "cve,score\nCVE-2024-1,1\n",
        "cve,date,epss,percentile\n",
        "#model_version:1\n",
        "cveID;x\n",
    ] {
        let document = Document {
            name: "t",
            bytes: text.as_bytes(),
        };
        assert_eq!(recognise(&document).map(Feed::id), None, "{text}");
    }
}

#[test]
fn the_order_of_keys_does_not_matter_for_recognition() {
    let check = |text: &str, feed: &str| {
        let document = Document {
            name: "t",
            bytes: text.as_bytes(),
        };
        assert_eq!(recognise(&document).map(Feed::id), Some(feed), "{text}");
    };
    check(
        r#"{"affected":[{"x":"\"}"}],"modified":"x","id":"T-1"}"#,
        "osv",
    );
    check(
        "[ {\n\"details\" : \"\\\"cveMetadata\\\":\", \"id\":\"T-1\",\"schema_version\":\"1.0\"}]",
        "osv",
    );
    check(r#"{"vulns":[]}"#, "osv");
    check(
        r#"{"containers":{"cna":{"affected":[{}]}},"cveMetadata":{}}"#,
        "cve5",
    );
    check(
        r#"{"vulnerabilities":[{"cveID":"x"}],"title":"x","catalogVersion":"1"}"#,
        "kev",
    );
    check("\u{FEFF}cveID,vendorProject\n", "kev");
    check(
        "\u{FEFF}# note\n\n\"cve\",\"epss\",\"percentile\"\n",
        "epss",
    );
}

#[test]
fn every_location_is_a_secure_public_address_of_its_feed() {
    for feed in FEEDS {
        for location in feed.locations() {
            assert!(
                location.url.starts_with("https://") && !location.url.contains(' '),
                "{location:?}"
            );
            assert_eq!(
                location.feed.split('/').next(),
                Some(feed.id()),
                "{location:?}"
            );
        }
    }
}

fn any_json() -> impl Strategy<Value = String> {
    let keys = prop::sample::select(vec![
        "id",
        "modified",
        "aliases",
        "related",
        "affected",
        "package",
        "ecosystem",
        "name",
        "ranges",
        "type",
        "events",
        "introduced",
        "fixed",
        "versions",
        "severity",
        "score",
        "database_specific",
        "references",
        "url",
        "vulns",
        "cveMetadata",
        "cveId",
        "containers",
        "cna",
        "adp",
        "metrics",
        "other",
        "content",
        "options",
        "vulnerabilities",
        "document",
        "tracking",
        "product_tree",
        "branches",
        "product_status",
        "known_affected",
        "configurations",
        "cpeMatch",
        "criteria",
        "lessThan",
        "cveID",
        "dateAdded",
        "count",
    ]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        Just("1e999".to_owned()),
        "[A-Z]{1,4}-[0-9]{1,5}".prop_map(|s| format!("\"{s}\"")),
        Just("\"CVE-2024-0001\"".to_owned()),
        Just("\"\\ud800\"".to_owned()),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((keys.clone(), inner), 0..6).prop_map(|fields| {
                let fields: Vec<String> = fields
                    .into_iter()
                    .map(|(k, v)| format!("\"{k}\":{v}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn bytes_of_any_kind_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for feed in FEEDS {
            let document = Document { name: "t", bytes: &bytes };
            feed.recognise(&document);
            feed.parse(&document);
        }
    }

    #[test]
    fn json_of_any_shape_is_read_without_an_error(text in any_json()) {
        for feed in ["osv", "cve5", "csaf", "nvd"] {
            let parsed = parse(feed, text.as_bytes());
            prop_assert!(!parsed.notes.iter().any(|n| n.what.starts_with("broken JSON after") && !n.what.contains("out of range")), "{text}: {:?}", parsed.notes);
        }
        parse("kev", text.as_bytes());
    }

    #[test]
    fn a_changed_byte_never_panics(sample in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (feed, bytes) = *sample.get(&samples());
        let mut bytes = bytes.to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        parse(feed, &bytes);
    }
}
