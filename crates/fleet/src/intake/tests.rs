//! What comes in, and what hostile input may not do.

use std::fmt::Write as _;

use super::*;
use crate::asset::{Asset, Criticality};
use crate::identity::{Directory, MergeRules, Verdict};
use proptest::prelude::*;

const NOW: &str = "2026-11-24T18:00:00Z";

fn stream(text: &[u8]) -> (Vec<Incoming>, Summary) {
    let mut stream = Stream::new("hosts.ndjson", NOW.parse().unwrap());
    let mut hosts: Vec<Incoming> = text
        .chunks(1 << 20)
        .flat_map(|block| stream.feed(block))
        .collect();
    let (last, summary) = stream.finish();
    hosts.extend(last);
    (hosts, summary)
}

fn one(line: &str) -> (Option<Incoming>, Vec<String>) {
    let (hosts, summary) = stream(line.as_bytes());
    let notes = summary.notes.iter().map(ToString::to_string).collect();
    (hosts.into_iter().next(), notes)
}

/// The line must give a host with a note of these words, or none where `kept` is false.
fn check(line: &str, kept: bool, words: &str) {
    let (host, notes) = one(line);
    assert_eq!(host.is_some(), kept, "{line}: {notes:?}");
    let found = notes.iter().any(|note| note.contains(words));
    assert!(found, "{line}: {notes:?}");
    assert!(
        notes.iter().all(|n| n.starts_with("hosts.ndjson:1: ")),
        "{notes:?}"
    );
}

const LINE: &str = r#"{"schema":"daywatch.host/1","id":"017","name":"Web-01.corp.example","kind":"machine","os":{"id":"debian","version":"12"},"zone":"dmz","owner":"web team","criticality":"high","exposed":true,"seen_at":"2026-11-24T05:30:00Z","kernel":"6.1.0-13-amd64","packages":[{"ecosystem":"deb","name":"libssl3","version":"3.0.11-1~deb12u2","source":"openssl"}],"hotfixes":[],"services":[{"proto":"tcp","port":443,"package":"nginx"}],"identifiers":{"uuid":"42222F1E-A1B2-3D4C-9E4F-0123456789AB","address":["10.3.4.7","127.0.0.1"]}}"#;

#[test]
fn a_line_gives_ids_words_and_packages() {
    let (host, notes) = one(LINE);
    let host = host.unwrap();
    let ids: Vec<String> = host.identifiers.iter().map(ToString::to_string).collect();
    let expected = [
        "uuid 1e2f2242-b2a1-4c3d-9e4f-0123456789ab",
        "tool id:017",
        "fqdn web-01.corp.example",
        "name web-01",
        "address 10.3.4.7",
    ];
    assert_eq!(ids, expected);
    let asset = Asset::settle(host.said);
    assert_eq!(asset.zone.as_deref(), Some("dmz"));
    assert_eq!(
        (asset.criticality, asset.exposed),
        (Some(Criticality::High), Some(true))
    );
    assert_eq!(&*asset.said[0].source, "hosts.ndjson:1");
    assert_eq!(host.seen_at.to_string(), "2026-11-24T05:30:00Z");
    assert_eq!(
        host.host.packages[0]
            .ecosystem
            .as_ref()
            .unwrap()
            .to_string(),
        "Debian:12"
    );
    assert_eq!(host.host.kernel.as_deref(), Some("6.1.0-13-amd64"));
    assert_eq!(
        notes,
        ["hosts.ndjson:1: ids that are no evidence (placeholders, shared addresses): 1"]
    );
}

#[test]
fn the_same_host_on_another_line_of_another_file_is_the_same_inventory() {
    let (first, _) = one(LINE);
    let (moved, _) = stream(format!("\n\n{LINE}\n").as_bytes());
    assert_eq!(first.unwrap().host, moved[0].host);
    assert_eq!(moved[0].line, Some(3));
}

fn with(fields: &str) -> String {
    format!(r#"{{"schema":"daywatch.host/1",{fields}}}"#)
}

#[test]
fn what_is_wrong_is_told_and_loses_itself_only() {
    let named = |fields: &str| with(&format!(r#""name":"web-01",{fields}"#));
    check("not json", false, "no JSON object of a host");
    check("[1,2]", false, "no JSON object of a host");
    check(
        r#"{"schema":"daywatch.scan/1","name":"a"}"#,
        false,
        "not daywatch.host/1: daywatch.scan/1",
    );
    check(r#"{"name":"web-01"}"#, true, "no schema");
    check(&with(r#""packages":[]"#), false, "without name and id");
    check(&with(r#""name":"localhost""#), false, "placeholder");
    check(
        &with(r#""name":"localhost","id":"7""#),
        true,
        "its name is no evidence, a placeholder",
    );
    check(
        &with(r#""name":"web\u202e10""#),
        false,
        "invisible characters: web\\u{202e}10",
    );
    check(
        &with(&format!(r#""name":"{}""#, "a".repeat(2000))),
        false,
        "host-word-bytes=512",
    );
    check(&named(r#""exposed":"perhaps""#), true, "neither yes nor no");
    check(&named(r#""criticality":9"#), true, "no criticality");
    check(
        &named(&format!(r#""owner":"{}""#, "a".repeat(600))),
        true,
        "owner left out",
    );
    check(
        &named(r#""seen_at":"yesterday""#),
        true,
        "taken as now: yesterday",
    );
    check(
        &named(r#""seen_at":"-000044-03-15T12:00:00Z""#),
        true,
        "before the year 2000",
    );
    check(
        &named(r#""seen_at":"1970-01-01T00:00:01Z""#),
        true,
        "before the year 2000",
    );
    check(
        &named(r#""seen_at":"2026-11-24T18:06:00Z""#),
        true,
        "clock-ahead-minutes=5",
    );
    check(
        &named(r#""seen_at":"9999-12-30T00:00:00Z""#),
        true,
        "in the future",
    );
    check(
        &named(r#""identifiers":{"color":"red"}"#),
        true,
        "kinds that are not known: 1",
    );
    check(
        &named(r#""packages":{"name":7}"#),
        true,
        "packages without a version",
    );
}

#[test]
fn an_id_may_name_the_tool_that_gave_it() {
    let check = |id: &str, expected: &str| {
        let (host, _) = one(&with(&format!(r#""id":"{id}""#)));
        assert_eq!(host.unwrap().identifiers[0].to_string(), expected);
    };
    check("017", "tool id:017");
    check("Wazuh:017", "tool wazuh:017");
    check("a b:c", "tool id:a b:c");
}

#[test]
fn a_clock_that_is_a_little_ahead_is_now() {
    let (host, notes) = one(&with(r#""name":"a","seen_at":"2026-11-24T18:04:59Z""#));
    assert_eq!(
        (host.unwrap().seen_at.to_string(), notes.len()),
        (NOW.to_owned(), 0)
    );
}

#[test]
fn lines_that_contradict_each_other_are_all_handed_over_and_told() {
    let lines = [
        with(r#""id":"7","name":"web-01","seen_at":"2026-11-24T10:00:00Z""#),
        with(r#""id":"7","name":"web-02","seen_at":"2026-11-24T10:00:00Z""#),
        with(r#""id":"7","name":"web-01","seen_at":"2026-11-24T09:00:00Z""#),
        "{broken".to_owned(),
        with(r#""name":"db-01.a.example""#),
        with(r#""name":"db-01.b.example""#),
    ];
    let (hosts, summary) = stream(lines.join("\n").as_bytes());
    assert_eq!((hosts.len(), summary.hosts, summary.lost), (5, 5, 1));
    let notes: Vec<String> = summary.notes.iter().map(ToString::to_string).collect();
    assert!(
        notes[0].contains(":2: two hosts with one id, tool id:7: web-01 on line 1, and web-02"),
        "{notes:?}"
    );
    assert!(
        notes[1].contains(":3: its name or id was told on line 1 already, of a later time"),
        "{notes:?}"
    );
    assert!(
        notes[2].starts_with("hosts.ndjson:4: left out"),
        "{notes:?}"
    );
    assert_eq!(notes.len(), 3);
}

#[test]
fn a_host_read_from_files_is_known_by_what_it_is_called() {
    let now = NOW.parse().unwrap();
    let of = |label: &str, kind| {
        let incoming = Incoming::of_host(label, Host::new(label, kind), now);
        incoming.map(|incoming| incoming.identifiers[0].to_string())
    };
    assert_eq!(of("WEB-01", HostKind::Machine).unwrap(), "name web-01");
    assert_eq!(
        of("10.3.4.7", HostKind::Machine).unwrap(),
        "address 10.3.4.7"
    );
    assert_eq!(
        of("shop:1.4", HostKind::Image).unwrap(),
        "reference shop:1.4"
    );
    assert!(of("localhost", HostKind::Machine).is_err());
    let listing = |host: Option<&str>| Listing {
        host: host.map(str::to_owned),
        ..Listing::default()
    };
    let names = |listing| -> Vec<String> {
        hosts_of(listing, "file")
            .into_iter()
            .map(|(n, _)| n)
            .collect()
    };
    assert_eq!(names(listing(Some("a"))), ["a"]);
    assert_eq!(names(listing(None)), ["file"]);
    let many = Listing {
        hosts: vec![listing(Some("a")), listing(Some("b"))],
        ..Listing::default()
    };
    assert_eq!(names(many), ["a", "b"]);
}

/// The import an attacker would send: 24 MB in one line, a million packages of one name, look-alikes among them.
#[test]
fn a_million_packages_of_one_name_are_bounded_and_told() {
    let mut line = String::from(r#"{"schema":"daywatch.host/1","name":"web-01","packages":["#);
    for n in 0..1_000_000 {
        let _ = write!(
            line,
            r#"{{"name":"{}","version":{}}},"#,
            ["a", "а"][n % 2],
            n % 9
        );
    }
    line.pop();
    line.push_str("]}");
    let text = format!("{line}\n{}\n", with(r#""name":"web-02""#));
    assert!(text.len() > 24_000_000);
    let (hosts, summary) = stream(text.as_bytes());
    let names: Vec<&str> = hosts.iter().map(|h| h.label.as_str()).collect();
    assert_eq!(names, ["web-01", "web-02"], "the next host is not lost");
    let packages = &hosts[0].host.packages;
    assert_eq!(packages.len(), 18, "look-alikes stay two packages");
    let told = summary
        .notes
        .iter()
        .find(|n| n.limit == Some(HOST_PACKAGES))
        .unwrap();
    assert_eq!(told.what, "packages left out: 800000");
}

/// 100,000 lines of names that look alike, each written in its own letters.
#[test]
fn a_stream_of_look_alike_hosts_is_linear_and_keeps_them_apart() {
    let (latin, cyrillic) = (
        ["a", "c", "e", "o", "p", "x"],
        ["а", "с", "е", "о", "р", "х"],
    );
    let name = |n: usize| -> String {
        (0..12)
            .map(|bit| {
                if n >> bit & 1 == 0 {
                    latin[bit % 6]
                } else {
                    cyrillic[bit % 6]
                }
            })
            .collect()
    };
    let text: String = (0..4096)
        .map(|n| with(&format!(r#""name":"{}""#, name(n))) + "\n")
        .collect();
    let (hosts, summary) = stream(text.as_bytes());
    assert_eq!((hosts.len(), summary.lost), (4096, 0));
    let (mut directory, rules) = (Directory::default(), MergeRules::default());
    let mut flagged = 0;
    for (n, host) in hosts.iter().enumerate() {
        let resolution = directory.resolve(&host.identifiers, &rules);
        assert_eq!(resolution.verdict, Verdict::New);
        flagged += usize::from(!resolution.look_alikes.is_empty());
        assert!(resolution.look_alikes.len() <= 16);
        directory.learn(base::HostId(n as u32), &host.identifiers);
    }
    assert_eq!(flagged, 4095);
}

#[test]
fn notes_of_a_broken_file_are_bounded_and_its_good_lines_are_kept() {
    let text = "{\"schema\":\n".repeat(5000) + LINE;
    let (hosts, summary) = stream(text.as_bytes());
    assert_eq!((hosts.len(), summary.lost), (1, 5000));
    assert_eq!(summary.notes.len(), STREAM_NOTES.max as usize + 1);
    assert!(
        summary
            .notes
            .last()
            .unwrap()
            .to_string()
            .contains("notes-per-file=200")
    );
}

proptest! {
    /// Whatever comes in: no panic, every line is either a host or counted as lost, and no time is in the future.
    #[test]
    fn any_bytes_are_read_or_explained(text in prop::collection::vec(any::<u8>(), 0..400)) {
        let (hosts, summary) = stream(&text);
        let lines = text.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()).count() as u64;
        prop_assert_eq!(summary.hosts + summary.lost, lines);
        prop_assert_eq!(hosts.len() as u64, summary.hosts);
    }

    #[test]
    fn any_values_are_read_or_explained(
        name in "\\PC{0,20}", id in "\\PC{0,8}", seen in "\\PC{0,30}", zone in "\\PC{0,10}", other in "null|true|1e9|\\[\\]|\\{\\}|\"x\"",
    ) {
        let line = serde_json::json!({"schema": SCHEMA, "name": name, "id": id, "seen_at": seen, "zone": zone}).to_string();
        let line = line.replacen('{', &format!(r#"{{"packages":{other},"services":{other},"os":{other},"identifiers":{other},"#), 1);
        let (hosts, summary) = stream(line.as_bytes());
        prop_assert_eq!(hosts.len() as u64 + summary.lost, 1);
        prop_assert!(hosts.iter().all(|h| h.seen_at <= NOW.parse().unwrap() && !h.identifiers.is_empty()));
    }
}
