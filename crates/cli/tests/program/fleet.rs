//! The fleet, as it is remembered: hosts report, people decide, and every question is answered from the log.

use testkit::{Run, Sandbox};

use crate::sample::sandbox;

const MONDAY: &str = "2026-08-17T06:00:00Z";
const TUESDAY: &str = "2026-08-18T06:00:00Z";
const WEDNESDAY: &str = "2026-08-19T06:00:00Z";

/// A store in which two hosts reported on Monday.
fn fleet() -> Sandbox {
    let sandbox = sandbox();
    sandbox.write(
        "hosts/web-01/package-lock.json",
        sandbox.read("app/package-lock.json"),
    );
    sandbox.write("hosts/shop.cdx.json", sandbox.read("shop.cdx.json"));
    let run = at(&sandbox, MONDAY, &["hosts", "import", "hosts"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    sandbox
}

/// Runs a verb on the store at a moment.
fn at(sandbox: &Sandbox, now: &str, verb: &[&str]) -> Run {
    let store = ["--store", "fleet.sqlite", "--now", now];
    let takes_catalog = !matches!(verb[0], "admin")
        && !matches!(verb.get(..2), Some(["hosts", "rules" | "say" | "remove"]));
    let catalog: &[&str] = match takes_catalog {
        true => &["--catalog", "catalog.dwcat"],
        false => &[],
    };
    let clock = match verb[0] {
        "admin" => &store[..2],
        _ => &store[..],
    };
    sandbox.run(&[verb, clock, catalog].concat())
}

fn fine(run: Run) -> String {
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    run.stdout
}

#[test]
fn a_version_that_its_last_host_leaves_is_found_on_the_next_one_of_the_same_import() {
    let sandbox = fleet();
    let lock = sandbox.read("app/package-lock.json");
    let upgraded = lock.replace("4.17.20", "4.17.21");
    sandbox.write("hosts/web-01/package-lock.json", upgraded);
    sandbox.write("hosts/web-02/package-lock.json", lock);
    let told = fine(at(&sandbox, TUESDAY, &["hosts", "import", "hosts"]));
    assert!(
        told.contains("findings: 1 new, 0 reopened, 1 fixed; open now 2 on 3 hosts"),
        "{told}"
    );
}

#[test]
fn the_same_inventory_twice_changes_nothing_and_an_upgrade_closes_what_it_fixes() {
    let sandbox = fleet();
    let again = fine(at(&sandbox, MONDAY, &["hosts", "import", "hosts"]));
    assert!(again.contains("2 say what was known already"), "{again}");
    let upgraded = sandbox
        .read("app/package-lock.json")
        .replace("4.17.20", "4.17.21");
    sandbox.write("hosts/web-01/package-lock.json", upgraded);
    let fixed = fine(at(&sandbox, TUESDAY, &["hosts", "import", "hosts"]));
    assert!(
        fixed.contains("findings: 0 new, 0 reopened, 1 fixed; open now 1 on 2 hosts"),
        "{fixed}"
    );
    sandbox.write(
        "hosts/web-01/package-lock.json",
        sandbox.read("app/package-lock.json"),
    );
    let back = fine(at(&sandbox, WEDNESDAY, &["hosts", "import", "hosts"]));
    assert!(back.contains("1 reopened"), "{back}");
    let page = fine(at(&sandbox, WEDNESDAY, &["findings", "list"]));
    assert!(page.contains("reopened"), "{page}");
}

#[test]
fn a_briefing_asked_for_again_later_is_the_same_byte_for_byte() {
    let sandbox = fleet();
    let brief = ["brief", "--format", "json"];
    let monday = fine(at(&sandbox, MONDAY, &brief));
    let upgraded = sandbox
        .read("app/package-lock.json")
        .replace("4.17.20", "4.17.21");
    sandbox.write("hosts/web-01/package-lock.json", upgraded);
    fine(at(&sandbox, TUESDAY, &["hosts", "import", "hosts"]));
    let tuesday = fine(at(&sandbox, TUESDAY, &brief));
    assert!(tuesday.contains("CVE-2021-23337"), "what was fixed is told");
    fine(at(
        &sandbox,
        WEDNESDAY,
        &[
            "hosts",
            "say",
            "exposed=yes",
            "shop",
            "--by",
            "network team",
        ],
    ));
    for (morning, then) in [(MONDAY, &monday), (TUESDAY, &tuesday)] {
        let asked = ["brief", "--format", "json", "--as-of", morning];
        let once = fine(at(&sandbox, WEDNESDAY, &asked));
        let twice = fine(at(&sandbox, WEDNESDAY, &asked));
        assert_eq!(once, twice);
        let of = |text: &str, key: &str| -> String {
            let line = text.lines().find(|line| line.contains(key));
            line.unwrap_or_default().to_owned()
        };
        assert_eq!(of(&once, "\"headline\""), of(then, "\"headline\""));
    }
}

#[test]
fn a_catalog_that_was_let_go_is_named_and_no_other_takes_its_place() {
    let sandbox = fleet();
    for kept in std::fs::read_dir(sandbox.path().join("catalogs")).unwrap() {
        std::fs::remove_file(kept.unwrap().path()).unwrap();
    }
    let run = at(&sandbox, TUESDAY, &["brief", "--as-of", MONDAY]);
    assert_eq!(run.code, Some(3), "{}", run.stdout);
    assert!(run.stderr.contains("the catalog blake3:"), "{}", run.stderr);
}

#[test]
fn what_is_set_aside_leaves_the_list_and_comes_back_when_it_is_withdrawn() {
    let sandbox = fleet();
    let refused = at(
        &sandbox,
        MONDAY,
        &["findings", "suppress", "CVE-2021-23337"],
    );
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    let suppress = [
        "findings",
        "suppress",
        "CVE-2021-23337",
        "--owner",
        "shop team",
        "--reason",
        "no template of ours is from outside",
        "--until",
        "2026-12-31",
    ];
    let done = fine(at(&sandbox, MONDAY, &suppress));
    assert!(done.contains("1 findings set aside"), "{done}");
    let list = ["findings", "list", "--id", "CVE-2021-23337"];
    assert!(!fine(at(&sandbox, MONDAY, &list)).contains("lodash"));
    let all = [&list[..], &["--state", "suppressed"]].concat();
    assert!(fine(at(&sandbox, MONDAY, &all)).contains("lodash"));
    fine(at(
        &sandbox,
        TUESDAY,
        &["findings", "suppress", "--withdraw", "1"],
    ));
    assert!(fine(at(&sandbox, TUESDAY, &list)).contains("lodash"));
    let then = [&list[..], &["--as-of", MONDAY]].concat();
    assert!(!fine(at(&sandbox, TUESDAY, &then)).contains("lodash"));
}

#[test]
fn the_chain_finds_an_edit_and_a_copy_goes_back_whole() {
    let sandbox = fleet();
    let whole = fine(at(&sandbox, MONDAY, &["admin", "audit", "verify"]));
    assert!(whole.starts_with("verified: 3 entries"), "{whole}");
    fine(at(&sandbox, MONDAY, &["admin", "backup", "copy.daywatch"]));
    fine(sandbox.run(&["admin", "restore", "--verify", "copy.daywatch"]));
    fine(sandbox.run(&[
        "admin",
        "restore",
        "copy.daywatch",
        "--store",
        "again.sqlite",
    ]));
    let restored = sandbox.run(&["admin", "audit", "verify", "--store", "again.sqlite"]);
    assert_eq!(fine(restored), whole);
    let head = whole.trim_end().rsplit(' ').next().unwrap().to_owned();
    let other = head.replace(|c: char| c.is_ascii_digit(), "0");
    let run = at(
        &sandbox,
        MONDAY,
        &["admin", "audit", "verify", "--head", &other],
    );
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stdout.contains("MISSING"), "{}", run.stdout);
}

#[test]
fn a_plan_comes_in_every_format_and_scripts_are_only_written() {
    let sandbox = fleet();
    for format in [
        "table",
        "json",
        "csv",
        "markdown",
        "ics",
        "ansible",
        "sh",
        "powershell",
    ] {
        let plan = fine(at(&sandbox, MONDAY, &["plan", "--format", format]));
        assert!(plan.contains("lodash"), "{format}: {plan}");
    }
}

#[test]
fn hosts_are_found_without_an_advisory_and_listed_ones_that_never_reported_are_told() {
    let sandbox = fleet();
    let found = fine(at(
        &sandbox,
        MONDAY,
        &["hosts", "find", "--package", "lodash"],
    ));
    assert!(
        found.contains("web-01") && !found.contains("shop "),
        "{found}"
    );
    let none = fine(at(
        &sandbox,
        MONDAY,
        &["hosts", "find", "--package", "lodash", "--below", "4.17.20"],
    ));
    assert!(!none.contains("web-01  "), "{none}");
    sandbox.write("cmdb.csv", "name\nweb-01\nold-99\n");
    let known = fine(at(
        &sandbox,
        MONDAY,
        &["hosts", "known", "--add", "cmdb.csv", "--name", "cmdb"],
    ));
    assert!(known.contains("never reported: old-99 (cmdb)"), "{known}");
}

#[test]
fn why_a_host_of_the_fleet_is_affected_is_explained_as_it_was_known_then() {
    let sandbox = fleet();
    let explain = ["explain", "CVE-2021-23337", "--host", "web-01"];
    let now = fine(at(&sandbox, MONDAY, &explain));
    assert!(now.contains("lodash 4.17.20"), "{now}");
    let upgraded = sandbox
        .read("app/package-lock.json")
        .replace("4.17.20", "4.17.21");
    sandbox.write("hosts/web-01/package-lock.json", upgraded);
    fine(at(&sandbox, TUESDAY, &["hosts", "import", "hosts"]));
    assert!(!fine(at(&sandbox, TUESDAY, &explain)).contains("lodash 4.17.20"));
    let then = [&explain[..], &["--as-of", MONDAY]].concat();
    assert!(fine(at(&sandbox, TUESDAY, &then)).contains("lodash 4.17.20"));
}

#[test]
fn an_answer_takes_its_question_away() {
    let sandbox = fleet();
    let ask = ["findings", "questions"];
    let before = fine(at(&sandbox, MONDAY, &ask));
    assert!(
        before.contains("reachable from outside?") && before.contains("hosts say exposed="),
        "{before}"
    );
    let say = [
        "hosts",
        "say",
        "exposed=no",
        "shop",
        "web-01",
        "--by",
        "network team",
    ];
    fine(at(&sandbox, TUESDAY, &say));
    let after = fine(at(&sandbox, TUESDAY, &ask));
    assert!(!after.contains("reachable from outside?"), "{after}");
}

#[test]
fn a_store_without_hosts_says_what_to_do_next() {
    let sandbox = sandbox();
    for verb in [&["brief"][..], &["findings", "list"], &["plan"]] {
        let run = at(&sandbox, MONDAY, verb);
        assert_eq!(run.code, Some(3), "{}", run.stdout);
        assert!(run.stderr.contains("hosts import"), "{}", run.stderr);
    }
}
