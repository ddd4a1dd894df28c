//! A hole that no source knows yet, told by ourselves: who has it, by when, and what becomes of it when the vendor's record comes.

use testkit::{Run, Sandbox};

use crate::sample::sandbox;

const MONDAY: &str = "2026-08-17T06:00:00Z";
const NINE_PAST_TWO: &str = "2026-08-17T14:09:00Z";
const EVENING: &str = "2026-08-17T18:00:00Z";
const TUESDAY: &str = "2026-08-18T06:00:00Z";
const WEDNESDAY: &str = "2026-08-19T06:00:00Z";

/// What is said of the hole: enough for a critical one without a claim that it is exploited.
const FORM: [&str; 9] = [
    "advisory",
    "add",
    "Login without a password",
    "--ecosystem=npm",
    "--package=acme-gate",
    "--introduced=7.0.0",
    "--fixed=7.4.2",
    "--severity=critical",
    "--by=on-call",
];

/// A store to which one host reported on Monday morning; it has the package in a version that no source names.
fn fleet() -> Sandbox {
    let sandbox = sandbox();
    report(&sandbox, "gate-01", "7.4.0", MONDAY);
    sandbox
}

fn report(sandbox: &Sandbox, host: &str, version: &str, now: &str) {
    let lock = format!(
        r#"{{"name":"gate","version":"1.0.0","lockfileVersion":3,"packages":{{"":{{"name":"gate","version":"1.0.0"}},
          "node_modules/acme-gate":{{"version":"{version}","resolved":"https://registry.example.org/acme-gate.tgz"}}}}}}"#
    );
    let directory = format!("{host}-in/{host}");
    sandbox.write(&format!("{directory}/package-lock.json"), lock);
    fine(at(
        sandbox,
        now,
        &["hosts", "import", &format!("{host}-in")],
    ));
}

/// Runs a verb on the store at a moment.
fn at(sandbox: &Sandbox, now: &str, verb: &[&str]) -> Run {
    let store = ["--store", "fleet.sqlite"];
    let basis = ["--now", now, "--catalog", "catalog.dwcat"];
    match verb[0] == "admin" || verb[..2] == ["advisory", "list"] {
        true => sandbox.run(&[verb, &store].concat()),
        false => sandbox.run(&[verb, &store, &basis].concat()),
    }
}

fn fine(run: Run) -> String {
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    run.stdout
}

/// The findings of the package, in JSON.
fn findings(sandbox: &Sandbox, now: &str, more: &[&str]) -> Vec<serde_json::Value> {
    let list = [
        "findings",
        "list",
        "--package",
        "acme-gate",
        "--format",
        "json",
    ];
    let text = fine(at(sandbox, now, &[&list, more].concat()));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["findings"].as_array().unwrap().clone()
}

/// The vendor's record of the hole comes with the feeds: it says that one more version has it.
fn vendor_publishes(sandbox: &Sandbox) {
    sandbox.write(
        "feeds/osv/npm/GHSA-aaaa-bbbb-cccc.json",
        r#"{"id":"GHSA-aaaa-bbbb-cccc","aliases":["CVE-2026-7777"],"modified":"2026-08-18T00:00:00Z","published":"2026-08-18T00:00:00Z",
          "summary":"Authentication bypass","database_specific":{"severity":"HIGH"},
          "affected":[{"package":{"ecosystem":"npm","name":"acme-gate"},"ranges":[{"type":"SEMVER","events":[{"introduced":"7.0.0"},{"fixed":"7.4.3"}]}]}]}"#,
    );
    fine(sandbox.run(&["feeds", "import", "feeds", "--catalog", "catalog.dwcat"]));
}

#[test]
fn a_dry_run_shows_whom_it_would_hit_and_writes_nothing() {
    let sandbox = fleet();
    let dry = [&FORM[..], &["--dry-run"]].concat();
    let told = fine(at(&sandbox, NINE_PAST_TWO, &dry));
    assert!(told.contains("1 finding on gate-01"), "{told}");
    assert!(told.contains("nothing was written"), "{told}");
    let list = fine(at(&sandbox, NINE_PAST_TWO, &["advisory", "list"]));
    assert!(list.contains("no advisory of our own stands"), "{list}");
    assert!(findings(&sandbox, NINE_PAST_TWO, &[]).is_empty());
}

#[test]
fn every_command_answers_with_it_at_once_and_as_of_before_none_does() {
    let sandbox = fleet();
    let told = fine(at(&sandbox, NINE_PAST_TWO, &FORM));
    assert!(
        told.starts_with("LOCAL-2026-1  ours, 2026-08-17T14:09:00Z, by on-call"),
        "{told}"
    );
    assert!(told.contains("1 finding on gate-01"), "{told}");
    let list = fine(at(&sandbox, NINE_PAST_TWO, &["findings", "list"]));
    assert!(
        list.contains("LOCAL-2026-1 is ours: 14:09Z, by on-call"),
        "{list}"
    );
    for verb in [
        &["plan", "--format", "json"][..],
        &["brief", "--format", "json"],
        &["explain", "LOCAL-2026-1", "--host", "gate-01"],
    ] {
        let told = fine(at(&sandbox, EVENING, verb));
        assert!(told.contains("acme-gate"), "{verb:?}: {told}");
    }
    report(&sandbox, "gate-02", "7.4.1", EVENING);
    let [ours] = &findings(&sandbox, EVENING, &["--host", "gate-02"])[..] else {
        panic!("a host that reports later has it too")
    };
    assert_eq!(ours["ours_by"], "on-call");
    assert!(findings(&sandbox, EVENING, &["--as-of", MONDAY]).is_empty());
    let then = findings(&sandbox, EVENING, &["--as-of", NINE_PAST_TWO]);
    assert_eq!(then.len(), 1);
    let fixed = fine(at(&sandbox, EVENING, &["admin", "audit", "verify"]));
    assert!(fixed.starts_with("verified:"), "{fixed}");
}

#[test]
fn a_claim_that_it_is_exploited_moves_the_deadline_and_a_withdrawal_moves_it_back() {
    let sandbox = fleet();
    fine(at(&sandbox, NINE_PAST_TWO, &FORM));
    let due = |now: &str, more: &[&str]| findings(&sandbox, now, more)[0]["due"].clone();
    let before = due(EVENING, &[]);
    let claim = ["--id=LOCAL-2026-1", "--exploited=our incident 12"];
    fine(at(&sandbox, EVENING, &[&FORM[..], &claim].concat()));
    let after = due(EVENING, &[]);
    assert!(
        after.as_str() < before.as_str(),
        "{after} is not before {before}"
    );
    assert_eq!(due(EVENING, &["--as-of", NINE_PAST_TWO]), before);
    let withdraw = ["advisory", "withdraw", "local-2026-1", "--by", "on-call"];
    fine(at(&sandbox, TUESDAY, &withdraw));
    assert!(findings(&sandbox, TUESDAY, &[]).is_empty());
    assert_eq!(due(TUESDAY, &["--as-of", EVENING]), after);
    let again = at(&sandbox, TUESDAY, &withdraw);
    assert_eq!(again.code, Some(3), "{}", again.stdout);
    assert!(
        again.stderr.contains("withdrawn already"),
        "{}",
        again.stderr
    );
}

#[test]
fn the_vendors_record_is_merged_by_alias_and_where_it_parts_from_ours_is_told() {
    let sandbox = fleet();
    let claim = [&FORM[..], &["--exploited=our incident 12"]].concat();
    fine(at(&sandbox, NINE_PAST_TWO, &claim));
    let first_seen = findings(&sandbox, EVENING, &[])[0]["first_seen"].clone();
    let alias = [
        "advisory",
        "alias",
        "LOCAL-2026-1",
        "CVE-2026-7777",
        "--by",
        "on-call",
    ];
    fine(at(&sandbox, EVENING, &alias));
    vendor_publishes(&sandbox);
    let [merged] = &findings(&sandbox, TUESDAY, &[])[..] else {
        panic!("one vulnerability")
    };
    assert_eq!(merged["first_seen"], first_seen, "it keeps its life");
    assert_eq!(merged["ours_by"], "on-call");
    let show = ["advisory", "show", "LOCAL-2026-1"];
    let told = fine(at(&sandbox, TUESDAY, &show)).replace("\n    ", " ");
    for part in [
        "LOCAL-2026-1 has >= 7.0.0, < 7.4.2, GHSA-aaaa-bbbb-cccc has >= 7.0.0, < 7.4.3",
        "LOCAL-2026-1 is critical, GHSA-aaaa-bbbb-cccc says high",
        "exploited, says our incident 12",
        "daywatch advisory withdraw LOCAL-2026-1",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let brief = fine(at(&sandbox, TUESDAY, &["brief", "--format", "json"]));
    assert!(
        brief.contains("Is our own LOCAL-2026-1 still needed?"),
        "{brief}"
    );
    let withdraw = ["advisory", "withdraw", "LOCAL-2026-1", "--by", "on-call"];
    fine(at(&sandbox, WEDNESDAY, &withdraw));
    let [theirs] = &findings(&sandbox, WEDNESDAY, &[])[..] else {
        panic!("the vendor's stays")
    };
    assert_eq!(theirs["first_seen"], first_seen, "it keeps its life");
    assert!(theirs["ours_by"].is_null());
    assert!(theirs["due"].as_str() > merged["due"].as_str());
}

#[test]
fn a_briefing_as_of_then_is_the_same_byte_for_byte_whatever_came_later() {
    let sandbox = fleet();
    fine(at(&sandbox, NINE_PAST_TWO, &FORM));
    let brief = ["brief", "--format", "json", "--as-of", EVENING];
    let once = fine(at(&sandbox, TUESDAY, &brief));
    assert!(once.contains("LOCAL-2026-1"), "{once}");
    vendor_publishes(&sandbox);
    let alias = [
        "advisory",
        "alias",
        "LOCAL-2026-1",
        "CVE-2026-7777",
        "--by",
        "on-call",
    ];
    fine(at(&sandbox, TUESDAY, &alias));
    assert_eq!(fine(at(&sandbox, TUESDAY, &brief)), once);
    let withdraw = ["advisory", "withdraw", "LOCAL-2026-1", "--by", "on-call"];
    fine(at(&sandbox, WEDNESDAY, &withdraw));
    assert_eq!(fine(at(&sandbox, WEDNESDAY, &brief)), once);
}

#[test]
fn a_form_comes_from_a_file_and_a_mistake_in_it_changes_nothing() {
    let sandbox = fleet();
    sandbox.write(
        "hole.toml",
        "name = \"Something listens\"\nports = [8443]\nseverity = \"awful\"\n",
    );
    let add = ["advisory", "add", "--file", "hole.toml", "--by", "on-call"];
    let refused = at(&sandbox, NINE_PAST_TWO, &add);
    assert_eq!(refused.code, Some(2), "{}", refused.stdout);
    assert!(
        refused.stderr.contains("severity: write critical"),
        "{}",
        refused.stderr
    );
    let mended = [&add[..], &["--severity=high"]].concat();
    let told = fine(at(&sandbox, NINE_PAST_TWO, &mended));
    assert!(told.contains("found by: port 8443"), "{told}");
    let list = ["advisory", "list", "--format", "json"];
    let list = fine(at(&sandbox, NINE_PAST_TWO, &list));
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["schema"], "daywatch.advisories/1");
    assert_eq!(list["advisories"][0]["id"], "LOCAL-2026-1");
}
