//! `demo` and `brief`: the main job, offline, on the sample that ships.

use testkit::Sandbox;

use crate::sample::{empty, sandbox};

#[test]
fn the_demo_ends_with_a_briefing_in_every_format() {
    let sandbox = empty();
    let run = sandbox.run(&["demo"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stdout.starts_with("Daywatch briefing"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.lines().all(|l| l.chars().count() <= 80),
        "{}",
        run.stdout
    );
    for file in [
        "briefing.html",
        "briefing.txt",
        "briefing.md",
        "briefing.json",
    ] {
        assert!(run.stdout.contains(file), "{file} is not named");
        assert!(!sandbox.read(&format!("daywatch-demo/{file}")).is_empty());
    }
    let json = sandbox.read("daywatch-demo/briefing.json");
    assert!(json.contains("daywatch.briefing/1") && json.contains("CVE-2021-44228"));
    let html = sandbox.read("daywatch-demo/briefing.html");
    assert!(
        !html.contains("<script") && !html.contains(" style="),
        "the page needs neither"
    );
}

/// A file of the demo without the head of the audit chain, which no two stores share: every record has a salt of its own.
fn without_head(sandbox: &Sandbox, file: &str) -> String {
    let json = sandbox.read("daywatch-demo/briefing.json");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let head = json["record"]["audit_head"].as_str().unwrap();
    let text = sandbox.read(&format!("daywatch-demo/{file}"));
    assert!(text.contains(head), "{file} does not name the head");
    text.replace(head, "HEAD")
}

#[test]
fn the_demo_is_the_same_every_time() {
    let (one, two) = (empty(), empty());
    one.run(&["demo"]);
    two.run(&["demo"]);
    for file in ["briefing.json", "briefing.html", "briefing.txt"] {
        let (one, two) = (without_head(&one, file), without_head(&two, file));
        assert_eq!(one, two, "{file}");
    }
}

#[test]
fn a_fleet_is_briefed_and_the_next_morning_compared() {
    let sandbox = sandbox();
    sandbox.write(
        "fleet/web-01/package-lock.json",
        sandbox.read("app/package-lock.json"),
    );
    sandbox.write("fleet/shop.cdx.json", sandbox.read("shop.cdx.json"));
    sandbox.write(
        "fleet/hosts.toml",
        "[[host]]\nname = \"shop\"\nowner = \"shop team\"\nexposed = true\n",
    );
    let brief = |more: &[&str]| {
        let fixed = [
            "brief",
            "--inventory",
            "fleet",
            "--catalog",
            "catalog.dwcat",
        ];
        sandbox.run(&[&fixed[..], more].concat())
    };
    let first = brief(&["--format", "json", "--now", "2026-08-21T06:00:00Z"]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    sandbox.write("yesterday.json", &first.stdout);
    sandbox.write(
        "fleet/web-01/package-lock.json",
        sandbox
            .read("app/package-lock.json")
            .replace("4.17.20", "4.17.21"),
    );
    let second = brief(&[
        "--previous",
        "yesterday.json",
        "--now",
        "2026-08-22T06:00:00Z",
    ]);
    assert_eq!(second.code, Some(0), "{}", second.stderr);
    assert!(second.stdout.contains("BETTER"), "{}", second.stdout);
    assert!(second.stdout.contains("shop team"), "{}", second.stdout);
}

#[test]
fn what_cannot_be_briefed_is_said() {
    let sandbox = sandbox();
    sandbox.write("nothing/.keep", "");
    let run = sandbox.run(&[
        "brief",
        "--inventory",
        "nothing",
        "--catalog",
        "catalog.dwcat",
    ]);
    assert_eq!(run.code, Some(3));
    sandbox.write("fleet/a.json", "{}");
    sandbox.write("old.json", "{\"schema\":\"something else\"}");
    let run = sandbox.run(&[
        "brief",
        "--inventory",
        "fleet",
        "--catalog",
        "catalog.dwcat",
        "--previous",
        "old.json",
    ]);
    assert_eq!(run.code, Some(3), "{}", run.stdout);
}
