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
