//! The ways into the fleet: a scan that is saved, a list of hosts kept elsewhere, a stream on standard input; and hosts that are
//! asked to report again.

use serde_json::Value;
use testkit::{Run, Sandbox};

use crate::sample::sandbox;

const MONDAY: &str = "2026-08-17T06:00:00Z";
const NOON: &str = "2026-08-17T12:00:00Z";
const TUESDAY: &str = "2026-08-18T06:00:00Z";

/// Runs a verb on the store at a moment.
fn at(sandbox: &Sandbox, now: &str, verb: &[&str]) -> Run {
    with_input(sandbox, now, verb, b"")
}

fn with_input(sandbox: &Sandbox, now: &str, verb: &[&str], input: &[u8]) -> Run {
    let store = ["--store", "fleet.sqlite", "--now", now];
    let catalog: &[&str] = match verb {
        ["hosts", "ask", ..] => &[],
        _ => &["--catalog", "catalog.dwcat"],
    };
    sandbox.run_with(&[verb, &store, catalog].concat(), input)
}

fn fine(run: Run) -> String {
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    run.stdout
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The hosts of the list, each with its kind and its open findings.
fn hosts(sandbox: &Sandbox, now: &str) -> Vec<(String, String, u64)> {
    let list = json(&fine(at(
        sandbox,
        now,
        &["hosts", "list", "--format", "json"],
    )));
    let of = |host: &Value| {
        let text = |key: &str| host[key].as_str().unwrap().to_owned();
        (
            text("name"),
            text("kind"),
            host["findings"].as_u64().unwrap(),
        )
    };
    list["hosts"].as_array().unwrap().iter().map(of).collect()
}

fn host(name: &str, kind: &str, findings: u64) -> (String, String, u64) {
    (name.to_owned(), kind.to_owned(), findings)
}

#[test]
fn a_scan_that_is_saved_is_a_host_of_the_fleet_with_its_kind() {
    let sandbox = sandbox();
    let save = ["scan", "app", "--save", "shop/checkout"];
    let first = at(&sandbox, MONDAY, &save);
    assert!(first.stdout.contains("lodash"), "{}", first.stdout);
    assert!(
        first
            .stderr
            .contains("saved as shop/checkout (application): new in the fleet; findings: 1 new"),
        "{}",
        first.stderr
    );
    let again = at(&sandbox, MONDAY, &save);
    assert!(again.stderr.contains("nothing changed"), "{}", again.stderr);
    fine(at(
        &sandbox,
        MONDAY,
        &["scan", "shop.cdx.json", "--save", "shop"],
    ));
    let expected = [
        host("shop", "application", 1),
        host("shop/checkout", "application", 1),
    ];
    assert_eq!(hosts(&sandbox, MONDAY), expected);
    let upgraded = sandbox.read("app/package-lock.json");
    sandbox.write(
        "app/package-lock.json",
        upgraded.replace("4.17.20", "4.17.21"),
    );
    let fixed = at(&sandbox, TUESDAY, &save);
    assert!(
        fixed
            .stderr
            .contains("known before, reported again; findings: 0 new, 0 reopened, 1 fixed"),
        "{}",
        fixed.stderr
    );
}

#[test]
fn one_name_is_of_one_target_and_only_of_what_can_be_remembered() {
    let sandbox = sandbox();
    let two = at(
        &sandbox,
        MONDAY,
        &["scan", "app", "shop.cdx.json", "--save", "shop"],
    );
    assert_eq!(two.code, Some(2), "{}", two.stderr);
    assert!(two.stderr.contains("hosts import"), "{}", two.stderr);
    sandbox.write(
        "trivy.json",
        r#"{"SchemaVersion":2,"Trivy":{"Version":"0.74.0"},"ArtifactName":"shop","Results":[]}"#,
    );
    let results = at(&sandbox, MONDAY, &["scan", "trivy.json", "--save", "shop"]);
    assert_eq!(results.code, Some(2), "{}", results.stderr);
    let lost = at(
        &sandbox,
        MONDAY,
        &["scan", "nothing.json", "--save", "shop"],
    );
    assert_eq!(lost.code, Some(3), "{}", lost.stderr);
}

#[test]
fn hosts_and_lists_come_in_by_one_command_and_a_list_tells_who_never_reported() {
    let sandbox = sandbox();
    sandbox.write("in/web-01/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    sandbox.write(
        "in/web-01/var/lib/dpkg/status",
        "Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.7-1\n\n",
    );
    sandbox.write("in/shop.cdx.json", sandbox.read("shop.cdx.json"));
    sandbox.write(
        "in/more.ndjson",
        concat!(
            r#"{"schema":"daywatch.host/1","name":"db-01","seen_at":"2026-08-17T05:00:00Z","packages":[]}"#,
            "\n",
        ),
    );
    sandbox.write(
        "in/cmdb.csv",
        "name,owner\nweb-01,web team\nold-99,nobody\n",
    );
    let told = fine(at(&sandbox, MONDAY, &["hosts", "import", "in"]));
    assert!(
        told.contains("the list cmdb (table): 2 hosts, of which 1 never reported"),
        "{told}"
    );
    assert!(
        told.contains("3 reports of hosts taken, 3 of hosts that are new"),
        "{told}"
    );
    let again = json(&fine(at(
        &sandbox,
        MONDAY,
        &["hosts", "import", "in", "--format", "json"],
    )));
    assert_eq!(again["schema"], "daywatch.hosts-import/1");
    assert_eq!(
        (&again["reports"], &again["unchanged"]),
        (&0.into(), &3.into())
    );
    assert_eq!(again["lists"][0]["changed"], false);
    assert_eq!(again["lists"][0]["never_reported"], 1);
    let list = fine(at(
        &sandbox,
        MONDAY,
        &["hosts", "list", "--owner", "web team"],
    ));
    assert!(list.contains("web-01"), "{list}");
    let whole = fine(sandbox.run(&["admin", "audit", "verify", "--store", "fleet.sqlite"]));
    assert!(whole.starts_with("verified: 5 entries"), "{whole}");
}

/// Exports of other systems, each with one host: the shortest that each form has.
#[test]
fn every_form_of_list_is_recognised() {
    let sandbox = sandbox();
    let check = |file: &str, bytes: &str, form: &str| {
        sandbox.write(file, bytes);
        let shown = fine(at(
            &sandbox,
            MONDAY,
            &["hosts", "import", file, "--preview"],
        ));
        let expected = format!("{file}: a list of hosts kept elsewhere ({form})");
        assert!(shown.starts_with(&expected), "{shown}");
        let taken = fine(at(
            &sandbox,
            MONDAY,
            &["hosts", "import", file, "--format", "json"],
        ));
        assert_eq!(json(&taken)["lists"][0]["format"], form, "{taken}");
        assert_eq!(json(&taken)["lists"][0]["hosts"], 1, "{taken}");
    };
    check(
        "ad.csv",
        "\"Name\",\"DNSHostName\",\"DistinguishedName\",\"SID\",\"Enabled\"\n\"WEB07\",\"web07.corp.example\",\"CN=WEB07,OU=Web,DC=corp,DC=example\",\"S-1-5-21-1-2-3-1107\",\"True\"\n",
        "active-directory",
    );
    check(
        "vcenter.csv",
        "VM,Powerstate,DNS Name,Primary IP Address,VM UUID,OS according to the VMware Tools\nweb07,poweredOn,web07.corp.example,10.3.4.7,42351234-5678-9abc-def0-123456789abc,Debian\n",
        "rvtools",
    );
    check(
        "netbox.json",
        r#"{"count":1,"next":null,"previous":null,"results":[{"id":7,"name":"web07","display":"web07","status":{"value":"active","label":"Active"},"device_type":{"id":1},"site":{"id":1,"name":"a"},"primary_ip4":{"address":"10.3.4.7/24"},"custom_fields":{}}]}"#,
        "netbox",
    );
    check("names.txt", "web07.corp.example   # the shop\n", "names");
}

#[test]
fn the_map_of_columns_is_kept_with_the_list() {
    let sandbox = sandbox();
    let table = "Kiste;Wer\nweb-01;web team\n";
    sandbox.write("hosts.csv", table);
    sandbox.write(
        "map.toml",
        "[columns]\n\"Kiste\" = \"name\"\n\"Wer\" = \"owner\"\n",
    );
    let without = at(&sandbox, MONDAY, &["hosts", "import", "hosts.csv"]);
    assert_eq!(without.code, Some(3), "{}", without.stdout);
    let import = ["hosts", "import", "hosts.csv", "--list", "cmdb"];
    let mapped = [&import[..], &["--map", "map.toml"]].concat();
    fine(at(&sandbox, MONDAY, &mapped));
    sandbox.write("hosts.csv", format!("{table}web-02;web team\n"));
    let later = fine(with_input(
        &sandbox,
        TUESDAY,
        &["hosts", "known", "--add", "hosts.csv", "--name", "cmdb"],
        b"",
    ));
    assert!(later.contains("cmdb: 2 hosts, read as table"), "{later}");
}

#[test]
fn standard_input_may_be_anything_that_is_read() {
    let sandbox = sandbox();
    let import = ["hosts", "import", "-", "--format", "json"];
    let taken = |input: &str| {
        json(&fine(with_input(
            &sandbox,
            MONDAY,
            &import,
            input.as_bytes(),
        )))
    };
    let line = r#"{"schema":"daywatch.host/1","name":"db-01","packages":[]}"#;
    assert_eq!(taken(line)["reports"], 1);
    assert_eq!(
        taken("name,owner\nweb-01,web team\n")["lists"][0]["hosts"],
        1
    );
    let sbom = sandbox.read("shop.cdx.json");
    let scanned = with_input(
        &sandbox,
        MONDAY,
        &["scan", "-", "--save", "shop"],
        sbom.as_bytes(),
    );
    assert!(
        scanned.stderr.contains("saved as shop"),
        "{}",
        scanned.stderr
    );
    let nothing = with_input(&sandbox, MONDAY, &import, b"");
    assert_eq!(nothing.code, Some(3), "{}", nothing.stdout);
}

#[test]
fn what_is_not_recognised_is_lost_and_what_is_read_is_named() {
    let sandbox = sandbox();
    sandbox.write("noise.bin", [0_u8, 1, 2, 3]);
    let alone = at(&sandbox, MONDAY, &["hosts", "import", "noise.bin"]);
    assert_eq!(alone.code, Some(3), "{}", alone.stdout);
    for word in ["noise.bin", "daywatch.host/1", "rvtools", "daywatch scan"] {
        assert!(alone.stderr.contains(word), "{word}: {}", alone.stderr);
    }
    let beside = at(
        &sandbox,
        MONDAY,
        &["hosts", "import", "noise.bin", "shop.cdx.json"],
    );
    assert_eq!(beside.code, Some(3), "{}", beside.stderr);
    assert!(
        beside.stdout.contains("1 reports of hosts taken"),
        "{}",
        beside.stdout
    );
}

#[test]
fn hosts_that_were_asked_are_told_until_they_have_reported() {
    let sandbox = sandbox();
    sandbox.write(
        "in/web-01/package-lock.json",
        sandbox.read("app/package-lock.json"),
    );
    sandbox.write("in/shop.cdx.json", sandbox.read("shop.cdx.json"));
    fine(at(&sandbox, MONDAY, &["hosts", "import", "in"]));
    let early = at(&sandbox, MONDAY, &["hosts", "list", "--unanswered"]);
    assert_eq!(early.code, Some(2), "{}", early.stdout);
    let ask = [
        "hosts", "ask", "--reason", "a worm", "--by", "on-call", "--format", "json",
    ];
    let asked = json(&fine(at(&sandbox, NOON, &ask)));
    assert_eq!(asked["schema"], "daywatch.ask/1");
    assert_eq!(
        (&asked["asked"], &asked["answered"]),
        (&2.into(), &0.into())
    );
    assert_eq!(asked["oldest"], MONDAY);
    fine(at(
        &sandbox,
        TUESDAY,
        &["hosts", "import", "in/shop.cdx.json"],
    ));
    // A report of before the question, that comes after it, is no answer.
    sandbox.write(
        "old/web-01/package-lock.json",
        sandbox
            .read("app/package-lock.json")
            .replace("4.17.20", "4.17.19"),
    );
    let seen_at = ["--seen-at", "2026-08-17T08:00:00Z"];
    let old = [&["hosts", "import", "old"][..], &seen_at].concat();
    fine(at(&sandbox, TUESDAY, &old));
    let list = json(&fine(at(
        &sandbox,
        TUESDAY,
        &["hosts", "list", "--unanswered", "--format", "json"],
    )));
    assert_eq!(list["statement"]["total"], 1, "{list}");
    assert_eq!(list["hosts"][0]["name"], "web-01");
    let brief = fine(at(
        &sandbox,
        TUESDAY,
        &["brief", "--draft", "--format", "json"],
    ));
    let brief = json(&brief);
    assert_eq!(brief["reach"]["asked"]["answered"], 1, "{}", brief["reach"]);
    let told = brief["unknowns"].as_array().unwrap().iter();
    let mut told = told.filter_map(|unknown| unknown["what"].as_str());
    let expected = "asked to report again on 2026-08-17 at 12:00Z: 1 of 2 hosts have answered; the oldest fact of the others is 22 hours old";
    assert!(told.any(|what| what == expected), "{}", brief["unknowns"]);
    let then = json(&fine(at(
        &sandbox,
        TUESDAY,
        &["brief", "--as-of", MONDAY, "--format", "json"],
    )));
    assert_eq!(then["reach"]["asked"], Value::Null);
    fine(at(&sandbox, TUESDAY, &["hosts", "import", "in"]));
    let none = fine(at(&sandbox, TUESDAY, &["hosts", "list", "--unanswered"]));
    assert!(none.starts_with("No hosts for this question"), "{none}");
    let nobody = at(&sandbox, TUESDAY, &["hosts", "ask", "mail-*"]);
    assert_eq!(nobody.code, Some(3), "{}", nobody.stdout);
    let log = fine(sandbox.run(&["admin", "audit", "list", "--store", "fleet.sqlite"]));
    assert!(log.contains("ask") && log.contains("person:1"), "{log}");
}
