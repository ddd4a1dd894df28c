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
        && !matches!(
            verb.get(..2),
            Some(["hosts", "rules" | "say" | "remove" | "same"])
        );
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

/// A line of a host that has one version of lodash.
fn line(name: &str, seen_at: &str, lodash: &str) -> String {
    format!(
        r#"{{"schema":"daywatch.host/1","name":"{name}","seen_at":"{seen_at}","packages":[{{"ecosystem":"npm","name":"lodash","version":"{lodash}"}}]}}"#
    ) + "\n"
}

/// Reports of these hosts, taken at a moment.
fn report(sandbox: &Sandbox, now: &str, hosts: &[(&str, &str)]) -> String {
    let lines = hosts.iter().map(|(name, lodash)| line(name, now, lodash));
    sandbox.write("hosts.ndjson", lines.collect::<String>());
    fine(at(sandbox, now, &["hosts", "import", "hosts.ndjson"]))
}

/// Everything that is told of the fleet's hosts and findings.
fn told(sandbox: &Sandbox, now: &str) -> Vec<String> {
    let verbs = [
        &["findings", "list", "--format", "json"][..],
        &["hosts", "list", "--format", "json"],
        &["plan", "--format", "json"],
        &["hosts", "find", "--package", "lodash", "--format", "json"],
    ];
    verbs
        .iter()
        .map(|verb| fine(at(sandbox, now, verb)))
        .collect()
}

/// Names of hosts are merged into the first in turn, every host reports on, and the merges are taken back in turn: what is told then
/// is what is told of a fleet in which nobody merged anything.
fn check_merge_taken_back(names: &[&str], order: &[usize]) {
    let (merged, apart) = (sandbox(), sandbox());
    for fleet in [&merged, &apart] {
        for (name, lodash) in names.iter().zip(["4.17.20", "4.17.19", "4.17.18"]) {
            report(fleet, MONDAY, &[(*name, lodash)]);
        }
    }
    for other in &names[1..] {
        fine(at(
            &merged,
            MONDAY,
            &["hosts", "same", "--yes", names[0], other],
        ));
    }
    let one = fine(at(&merged, MONDAY, &["hosts", "list", "--format", "json"]));
    assert!(one.contains("\"total\": 1,"), "{one}");
    for fleet in [&merged, &apart] {
        for (name, lodash) in names.iter().zip(["4.17.21", "4.17.20", "4.17.18"]) {
            report(fleet, TUESDAY, &[(*name, lodash)]);
        }
    }
    for other in order {
        let undo = ["hosts", "same", "--undo", names[0], names[*other]];
        fine(at(&merged, TUESDAY, &undo));
    }
    assert_eq!(told(&merged, WEDNESDAY), told(&apart, WEDNESDAY));
    let whole = at(&merged, WEDNESDAY, &["admin", "verify"]);
    assert_eq!(whole.code, Some(0), "{}{}", whole.stdout, whole.stderr);
}

#[test]
fn a_host_is_never_merged_with_itself() {
    let sandbox = sandbox();
    report(&sandbox, MONDAY, &[("web-01", "4.17.20")]);
    let run = at(
        &sandbox,
        MONDAY,
        &["hosts", "same", "--yes", "web-01", "web-01"],
    );
    assert_eq!(run.code, Some(2), "{}", run.stderr);
}

#[test]
fn a_merge_of_two_that_is_taken_back_after_later_reports_leaves_nothing_behind() {
    check_merge_taken_back(&["web-01", "www"], &[1]);
}

#[test]
fn merges_of_three_that_are_taken_back_in_any_order_leave_nothing_behind() {
    check_merge_taken_back(&["web-01", "www", "shop"], &[1, 2]);
    check_merge_taken_back(&["web-01", "www", "shop"], &[2, 1]);
}

#[test]
fn of_hosts_that_are_one_the_last_report_counts_and_the_first_day_stays() {
    let sandbox = sandbox();
    report(&sandbox, MONDAY, &[("web-01", "4.17.20")]);
    let list = ["findings", "list", "--format", "json"];
    let before = fine(at(&sandbox, MONDAY, &list));
    let first_seen = before.lines().find(|line| line.contains("first_seen"));
    report(&sandbox, TUESDAY, &[("www", "4.17.20")]);
    fine(at(
        &sandbox,
        TUESDAY,
        &["hosts", "same", "--yes", "web-01", "www"],
    ));
    let after = fine(at(&sandbox, TUESDAY, &list));
    assert!(
        after.contains("\"hosts_total\": 1") && after.contains("web-01"),
        "{after}"
    );
    let same = after.lines().find(|line| line.contains("first_seen"));
    assert_eq!(same, first_seen, "a merge moves no deadline");
    let fixed = report(&sandbox, WEDNESDAY, &[("www", "4.17.21")]);
    assert!(fixed.contains("open now 0 on 1 host"), "{fixed}");
    let empty = fine(at(&sandbox, WEDNESDAY, &list));
    assert!(empty.contains("\"total\": 0,"), "{empty}");
}

#[test]
fn a_pair_that_was_told_apart_is_asked_about_no_more() {
    let sandbox = sandbox();
    let of = |name: &str, serial: &str| {
        format!(
            r#"{{"schema":"daywatch.host/1","name":"{name}","seen_at":"{MONDAY}","identifiers":{{"machine-id":"b08dfa6083e7567a1921a715000001fb","serial":"{serial}"}}}}"#
        ) + "\n"
    };
    sandbox.write(
        "hosts.ndjson",
        of("web-01", "A1001") + &of("web-02", "A1002"),
    );
    fine(at(&sandbox, MONDAY, &["hosts", "import", "hosts.ndjson"]));
    let queue = ["hosts", "same"];
    assert!(fine(at(&sandbox, MONDAY, &queue)).contains("web-01"));
    fine(at(
        &sandbox,
        MONDAY,
        &["hosts", "same", "--no", "web-01", "web-02"],
    ));
    assert_eq!(
        fine(at(&sandbox, MONDAY, &queue)),
        "no two hosts may be one\n"
    );
}

#[test]
fn of_two_people_the_later_word_holds() {
    let sandbox = fleet();
    let say = |now: &str, what: &str, by: &str| {
        fine(at(
            &sandbox,
            now,
            &["hosts", "say", what, "shop", "--by", by],
        ));
    };
    say(MONDAY, "owner=shop team", "first");
    say(TUESDAY, "owner=platform team", "second");
    say(WEDNESDAY, "owner=web team", "first");
    let list = fine(at(
        &sandbox,
        WEDNESDAY,
        &["hosts", "list", "--format", "json"],
    ));
    assert!(list.contains("\"owner\": \"web team\""), "{list}");
}

#[test]
fn one_finding_is_shown_with_what_each_policy_decides_and_from_which_facts() {
    let sandbox = fleet();
    sandbox.write("fleet.toml", "[baseline]\ndate = 2026-08-17\n");
    fine(at(&sandbox, MONDAY, &["hosts", "rules", "fleet.toml"]));
    let show = ["findings", "show", "cve-2021-44228"];
    let page = fine(at(&sandbox, MONDAY, &show));
    for line in [
        "log4j-core",
        "bod-26-04: ",
        "kev yes (",
        "unknown, assumed ",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
    let json = fine(at(
        &sandbox,
        MONDAY,
        &[&show[..], &["--format", "json"]].concat(),
    ));
    for key in ["daywatch.finding/1", "\"assumed\": \"", "\"moved\": ["] {
        assert!(json.contains(key), "{key}: {json}");
    }
    for format in ["csv", "markdown"] {
        let text = fine(at(
            &sandbox,
            MONDAY,
            &[&show[..], &["--format", format]].concat(),
        ));
        assert!(text.contains("bod-26-04"), "{text}");
    }
}

#[test]
fn a_record_says_who_wrote_it_as_the_log_does() {
    let sandbox = fleet();
    let rules = ["hosts", "rules", "fleet.toml"];
    sandbox.write("fleet.toml", "[[host]]\nname = \"web-*\"\nzone = \"dmz\"\n");
    fine(at(&sandbox, MONDAY, &rules));
    let store = rusqlite::Connection::open(sandbox.path().join("fleet.sqlite")).unwrap();
    let wrote = "SELECT r.actor, l.actor FROM records r JOIN log l ON l.sequence = r.learned";
    let actors = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (record, log): (String, String) = store.query_one(wrote, [], actors).unwrap();
    assert_eq!(
        (record.as_str(), log.as_str()),
        ("program:hosts", "program:hosts")
    );
}

#[test]
fn an_inventory_that_is_damaged_is_told_with_its_host_and_never_taken_for_none() {
    let sandbox = fleet();
    let store = rusqlite::Connection::open(sandbox.path().join("fleet.sqlite")).unwrap();
    store
        .execute("UPDATE inventories SET bytes = x'00'", [])
        .unwrap();
    drop(store);
    let find = ["hosts", "find", "--file", "*/node_modules/*"];
    let run = at(&sandbox, MONDAY, &find);
    assert_eq!(run.code, Some(3), "{}", run.stdout);
    assert!(
        run.stderr.contains("the inventory of shop (h"),
        "{}",
        run.stderr
    );
    let run = at(&sandbox, MONDAY, &["admin", "verify"]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stderr.contains("inventories"), "{}", run.stderr);
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
