//! `feeds`: filling the catalog, refusing what would make it worse, and saying how old it is.

use crate::sample::{empty, sandbox};

#[test]
fn a_feed_that_shrank_is_refused_and_the_last_good_one_kept() {
    let sandbox = sandbox();
    sandbox.write(
        "small/kev.json",
        r#"{"title":"k","catalogVersion":"1","dateReleased":"2026-08-22T00:00:00.0Z","count":0,"vulnerabilities":[]}"#,
    );
    let run = sandbox.run(&[
        "feeds",
        "import",
        "small/kev.json",
        "--catalog",
        "catalog.dwcat",
    ]);
    assert_eq!(run.code, Some(3), "{}", run.stdout);
    assert!(run.stdout.contains("refused"), "{}", run.stdout);
    let status = sandbox.run(&[
        "feeds",
        "status",
        "--catalog",
        "catalog.dwcat",
        "--format",
        "json",
        "--verify",
    ]);
    assert!(
        status.stdout.contains("2026-08-21T17:46:43Z"),
        "{}",
        status.stdout
    );
    assert_eq!(status.code, Some(0));
}

#[test]
fn importing_the_same_again_changes_no_byte() {
    let sandbox = sandbox();
    let before = std::fs::read(sandbox.path().join("catalog.dwcat")).unwrap();
    assert_eq!(
        sandbox
            .run(&[
                "feeds",
                "import",
                "feeds/kev.json",
                "--catalog",
                "catalog.dwcat"
            ])
            .code,
        Some(0)
    );
    assert_eq!(
        std::fs::read(sandbox.path().join("catalog.dwcat")).unwrap(),
        before
    );
}

#[test]
fn a_damaged_catalog_is_said_and_never_a_crash() {
    let sandbox = sandbox();
    let mut bytes = std::fs::read(sandbox.path().join("catalog.dwcat")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    sandbox.write("damaged.dwcat", &bytes);
    let run = sandbox.run(&["feeds", "status", "--catalog", "damaged.dwcat", "--verify"]);
    assert!(
        matches!(run.code, Some(1 | 3)),
        "{:?} {}",
        run.code,
        run.stderr
    );
    sandbox.write("cut.dwcat", &bytes[..20]);
    assert_eq!(
        sandbox.run(&["scan", "app", "--catalog", "cut.dwcat"]).code,
        Some(3)
    );
}

#[test]
fn what_is_no_feed_is_an_input_error() {
    let sandbox = empty();
    sandbox.write("readme.txt", "hello");
    let run = sandbox.run(&["feeds", "import", "readme.txt", "--catalog", "c.dwcat"]);
    assert_eq!(run.code, Some(3));
    assert!(run.stderr.contains("hint"), "{}", run.stderr);
    assert!(run.stderr.contains("readme.txt"), "{}", run.stderr);
    assert_eq!(
        sandbox
            .run(&["feeds", "import", "nosuch.zip", "--catalog", "c.dwcat"])
            .code,
        Some(3)
    );
}

#[test]
fn what_is_no_feed_is_one_line_a_file() {
    let sandbox = sandbox();
    sandbox.write("lines.ndjson", "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n");
    let run = sandbox.run(&[
        "feeds",
        "import",
        "lines.ndjson",
        "feeds/kev.json",
        "--catalog",
        "catalog.dwcat",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    assert_eq!(
        run.stdout.matches("lines.ndjson").count(),
        1,
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("3 documents"), "{}", run.stdout);
}

#[test]
fn a_record_that_cannot_be_read_is_counted_as_skipped_and_the_rest_kept() {
    let sandbox = empty();
    let record = r#"{"id":"A-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"versions":["1"]}]}"#;
    sandbox.write(
        "some.jsonl",
        format!("{record}\nnonsense\n{}\n", record.replace("A-1", "A-2")),
    );
    let run = sandbox.run(&[
        "feeds",
        "import",
        "some.jsonl",
        "--catalog",
        "c.dwcat",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for part in [
        r#""read": 3"#,
        r#""kept": 2"#,
        r#""count": 1"#,
        r#""line": 2"#,
    ] {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
}

#[test]
fn an_empty_file_is_no_catalog_yet_and_a_directory_never_one() {
    let sandbox = sandbox();
    sandbox.write("reserved.dwcat", "");
    for (catalog, code) in [("reserved.dwcat", Some(0)), ("app", Some(3))] {
        let run = sandbox.run(&["feeds", "import", "feeds/kev.json", "--catalog", catalog]);
        assert_eq!(run.code, code, "{catalog}: {}", run.stderr);
    }
    let run = sandbox.run(&["scan", "clean", "--catalog", "app"]);
    assert!(run.stderr.contains("directory"), "{}", run.stderr);
}

#[test]
fn a_delta_is_carried_over_signed_and_gives_the_same_file() {
    let sandbox = sandbox();
    sandbox.write(
        "one/a.json",
        osv_record("GHSA-aaaa-aaaa-aaaa", "2024-01-01T00:00:00Z"),
    );
    sandbox.write(
        "two/a.json",
        osv_record("GHSA-aaaa-aaaa-aaaa", "2024-01-01T00:00:00Z"),
    );
    sandbox.write(
        "two/b.json",
        osv_record("GHSA-bbbb-bbbb-bbbb", "2024-01-02T00:00:00Z"),
    );
    for day in ["one", "two"] {
        let catalog = format!("{day}.dwcat");
        let made = sandbox.run(&[
            "feeds",
            "import",
            day,
            "--feed",
            "osv/npm",
            "--catalog",
            &catalog,
        ]);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
    }
    assert_eq!(sandbox.run(&["feeds", "new-key"]).code, Some(0));
    let export = [
        "feeds",
        "export-delta",
        "--from",
        "one.dwcat",
        "--catalog",
        "two.dwcat",
        "--secret-key",
        "daywatch.key",
        "--out",
        "out",
    ];
    let made = sandbox.run(&export);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let apply = [
        "feeds",
        "apply-delta",
        "out",
        "--catalog",
        "one.dwcat",
        "--public-key",
        "daywatch.pub",
    ];
    let applied = sandbox.run(&apply);
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);
    let bytes = |name: &str| std::fs::read(sandbox.path().join(name)).unwrap();
    assert!(bytes("one.dwcat") == bytes("two.dwcat"));
    assert!(sandbox.run(&apply).stdout.contains("up to date"));
    let unnamed = sandbox.run(&["feeds", "apply-delta", "out", "--catalog", "one.dwcat"]);
    assert_eq!(unnamed.code, Some(2), "{}", unnamed.stderr);
}

fn osv_record(id: &str, modified: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"{modified}","affected":[{{"package":{{"ecosystem":"npm","name":"a"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"1.0.0"}}]}}]}}]}}"#
    )
}
