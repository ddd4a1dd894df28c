//! A hostile file of hosts, through the real program: it is bounded, every bound is named, nothing that was stored is lost, and read
//! again it changes nothing.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use testkit::Sandbox;

use crate::sample::sandbox;

const MONDAY: &str = "2026-08-17T06:00:00Z";
/// What an import of the file may take; some 310 MiB were measured.
const PEAK_KIB_MAX: u64 = 768 << 10;

/// More than 60 MB: a million packages named alike, look-alikes, times that are none, a clock that runs backwards, two hosts with one
/// id, lines that are too long, NUL bytes, and an end that is cut off.
fn stream() -> Vec<u8> {
    const HOST: &str = r#"{"schema":"daywatch.host/1","#;
    let mut text = String::new();
    let mut line = |rest: &str| writeln!(text, "{HOST}{rest}").unwrap();
    let package = |n: usize| format!(r#"{{"name":"l{:x}","version":"1"}}"#, n % 4096);
    let packages: Vec<String> = (0..1_000_000).map(package).collect();
    line(&format!(
        r#""name":"alike-01","packages":[{}]}}"#,
        packages.join(",")
    ));
    line(
        r#""name":"web-01","seen_at":"2001-01-01T00:00:00Z","packages":[{"ecosystem":"npm","name":"lodash","version":"4.17.21"}]}"#,
    );
    line(
        "\"name\":\"w\u{435}b-01\",\"packages\":[{\"ecosystem\":\"npm\",\"name\":\"lod\u{430}sh\",\"version\":\"4.17.20\"}]}",
    );
    line(r#""name":"neg-01","seen_at":"-2026-08-17T06:00:00Z","packages":[]}"#);
    line(r#""name":"neg-02","seen_at":"-000001-01-01T00:00:00Z","packages":[]}"#);
    for back in 0..50 {
        let day = 16 - back % 15;
        line(&format!(
            r#""name":"back-01","seen_at":"2026-08-{day:02}T06:00:00Z","packages":[]}}"#
        ));
    }
    line(r#""name":"one","id":"x:7","packages":[]}"#);
    line(r#""name":"two","id":"x:7","packages":[]}"#);
    line(&format!(
        r#""name":"{}","packages":[]}}"#,
        "n".repeat(1 << 20)
    ));
    line("\"name\":\"nul\u{0}-01\",\"packages\":[]}");
    line(
        r#""name":"nul\u0000-02","packages":[{"ecosystem":"npm","name":"a\u0000b","version":"1"}]}"#,
    );
    text.push_str(&"x".repeat(33 << 20));
    text.push_str("\n[]\n");
    text.push_str(&"\u{0}".repeat(4096));
    text.push('\n');
    for _ in 0..300 {
        writeln!(text, "{HOST}\"packages\":[]}}").unwrap();
    }
    text.push_str(&format!(
        r#"{HOST}"name":"cut-01","packages":[{{"name":"a""#
    ));
    text.into_bytes()
}

/// Imports a file; what the program says, and the most memory it had, as Linux counts it (`VmHWM`).
fn import(sandbox: &Sandbox) -> (Value, u64) {
    let answer = fs::File::create(sandbox.path().join("answer.json")).unwrap();
    let arguments = "hosts import hostile.ndjson --format json --store fleet.sqlite --catalog catalog.dwcat --now";
    let mut child = Command::new(env!("CARGO_BIN_EXE_daywatch"))
        .args(arguments.split(' ').chain([MONDAY]))
        .current_dir(sandbox.path())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(answer)
        .spawn()
        .unwrap();
    let mut peak_kib = 0;
    let status = loop {
        let read = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = read.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        peak_kib = number.unwrap_or(0).max(peak_kib);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(status.code(), Some(0));
    (
        serde_json::from_str(&sandbox.read("answer.json")).unwrap(),
        peak_kib,
    )
}

/// The findings of the hosts that were there before.
fn findings(sandbox: &Sandbox, host: &str) -> Value {
    let list = sandbox.run(&[
        "findings",
        "list",
        "--host",
        host,
        "--format",
        "json",
        "--store",
        "fleet.sqlite",
        "--catalog",
        "catalog.dwcat",
        "--now",
        MONDAY,
    ]);
    assert_eq!(list.code, Some(0), "{}", list.stderr);
    let list: Value = serde_json::from_str(&list.stdout).unwrap();
    assert_ne!(list["findings"].as_array().unwrap().len(), 0, "{host}");
    list["findings"].clone()
}

#[test]
fn a_hostile_file_is_bounded_and_explained_and_loses_nothing_that_was_stored() {
    let sandbox = sandbox();
    sandbox.write(
        "in/web-01/package-lock.json",
        sandbox.read("app/package-lock.json"),
    );
    sandbox.write("in/shop.cdx.json", sandbox.read("shop.cdx.json"));
    let store = [
        "--store",
        "fleet.sqlite",
        "--catalog",
        "catalog.dwcat",
        "--now",
        MONDAY,
    ];
    let first = sandbox.run(&[&["hosts", "import", "in"][..], &store].concat());
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let before = ["web-01", "shop"].map(|host| findings(&sandbox, host));
    let bytes = stream();
    assert!(bytes.len() >= 24 << 20);
    sandbox.write("hostile.ndjson", bytes);

    let (told, peak_kib) = import(&sandbox);
    assert!(peak_kib < PEAK_KIB_MAX, "{peak_kib} KiB");
    let notes = told["notes"].to_string();
    for limit in [
        "host-packages=200000",
        "host-line-bytes=33554432",
        "host-word-bytes=512",
        "notes-per-file=200",
    ] {
        assert!(notes.contains(limit), "{limit} is not named");
    }
    for what in [
        "seen_at is not a time",
        "before the year 2000",
        "two hosts with one id",
    ] {
        assert!(notes.contains(what), "{what} is not told");
    }
    assert!(!notes.contains('\u{0}'));
    assert_eq!(
        ["web-01", "shop"].map(|host| findings(&sandbox, host)),
        before
    );

    let (again, peak_kib) = import(&sandbox);
    assert!(peak_kib < PEAK_KIB_MAX, "{peak_kib} KiB");
    assert_eq!(
        (&again["reports"], &again["new_hosts"]),
        (&0.into(), &0.into())
    );
    assert_eq!(
        (&again["hosts"], &again["findings"]["open"]),
        (&told["hosts"], &told["findings"]["open"])
    );
    assert_eq!(
        ["web-01", "shop"].map(|host| findings(&sandbox, host)),
        before
    );
    let whole = sandbox.run(&["admin", "audit", "verify", "--store", "fleet.sqlite"]);
    assert!(whole.stdout.starts_with("verified: "), "{}", whole.stdout);
}
