//! What the fleet's log tells of times: what changed between two moments, ranks that rose, and the figures.

use serde_json::Value;
use testkit::{Run, Sandbox};

use crate::sample::sandbox;

const MONDAY: &str = "2026-08-17T06:00:00Z";
const TUESDAY: &str = "2026-08-18T06:00:00Z";
const WEDNESDAY: &str = "2026-08-19T06:00:00Z";
const THURSDAY: &str = "2026-08-20T06:00:00Z";

/// Runs a verb on the store at a moment; what it printed.
fn at(sandbox: &Sandbox, now: &str, verb: &[&str]) -> String {
    let store = ["--store", "fleet.sqlite", "--now", now];
    let catalog: &[&str] = match verb.starts_with(&["hosts", "same"]) {
        true => &[],
        false => &["--catalog", "catalog.dwcat"],
    };
    let run: Run = sandbox.run(&[verb, &store[..], catalog].concat());
    assert_eq!(run.code, Some(0), "{verb:?}\n{}{}", run.stdout, run.stderr);
    run.stdout
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A store in which two hosts reported on Monday: lodash 4.17.20 on web-01, log4j-core 2.14.1 on shop.
fn fleet() -> Sandbox {
    let sandbox = sandbox();
    report(&sandbox, "web-01", "4.17.20");
    sandbox.write("hosts/shop.cdx.json", sandbox.read("shop.cdx.json"));
    at(&sandbox, MONDAY, &["hosts", "import", "hosts"]);
    sandbox
}

/// The lockfile of a host, with a version of lodash.
fn report(sandbox: &Sandbox, host: &str, lodash: &str) {
    let lock = sandbox.read("app/package-lock.json");
    sandbox.write(
        &format!("hosts/{host}/package-lock.json"),
        lock.replace("4.17.20", lodash),
    );
}

/// The sums of the list of changes, by word.
fn sums(list: &Value, what: &str) -> u64 {
    let rows = list["changes"].as_array().unwrap();
    let of_word = rows.iter().filter(|row| row["what"] == what);
    of_word
        .map(|row| row["hosts_total"].as_u64().unwrap())
        .sum()
}

#[test]
fn the_changes_of_an_interval_add_up_to_what_its_briefing_says() {
    let sandbox = fleet();
    at(&sandbox, MONDAY, &["brief"]);
    report(&sandbox, "web-02", "4.17.20");
    report(&sandbox, "web-03", "4.17.20");
    at(&sandbox, TUESDAY, &["hosts", "import", "hosts"]);
    report(&sandbox, "web-01", "4.17.21");
    at(&sandbox, TUESDAY, &["hosts", "import", "hosts"]);
    let list = ["findings", "changes", "--since", MONDAY, "--format", "json"];
    let told = json(&at(&sandbox, TUESDAY, &list));
    let briefing = json(&at(&sandbox, TUESDAY, &["brief", "--format", "json"]));
    for what in ["new", "fixed", "gone", "reopened"] {
        let said = briefing["changes"]["counts"][what].as_u64().unwrap();
        assert_eq!(sums(&told, what), said, "{what}: {told:#}");
    }
}

/// The KEV list with one more entry, compiled into the catalog.
fn list_as_exploited(sandbox: &Sandbox, cve: &str, added: &str) {
    let entry = format!(
        r#""vulnerabilities":[{{"cveID":"{cve}","vendorProject":"","product":"","vulnerabilityName":"","dateAdded":"{added}","shortDescription":"","requiredAction":"","dueDate":"2026-09-08","knownRansomwareCampaignUse":"Unknown","notes":""}},"#
    );
    let kev = sandbox
        .read("feeds/kev.json")
        .replace("\"vulnerabilities\":[", &entry)
        .replace("\"count\":1", "\"count\":2");
    sandbox.write("feeds/kev.json", kev);
    let run = sandbox.run(&["feeds", "import", "feeds", "--catalog", "catalog.dwcat"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
}

#[test]
fn an_old_finding_that_is_listed_as_exploited_is_due_from_then_and_both_dates_are_shown() {
    let sandbox = fleet();
    sandbox.write(
        "house.toml",
        include_str!("../../../risk/policies/house-sla.toml"),
    );
    let list = [
        "findings",
        "list",
        "--id",
        "CVE-2021-23337",
        "--policy",
        "house.toml",
        "--format",
        "json",
    ];
    let due = |text: &str| {
        json(text)["findings"][0]["due"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(due(&at(&sandbox, MONDAY, &list)), "2026-09-16T06:00:00Z");
    list_as_exploited(&sandbox, "CVE-2021-23337", "2026-08-18");
    assert_eq!(due(&at(&sandbox, WEDNESDAY, &list)), "2026-08-22T06:00:00Z");
    let table = at(
        &sandbox,
        WEDNESDAY,
        &["findings", "list", "--policy", "house.toml"],
    );
    assert!(table.contains("moved"), "{table}");
    let row = json(&at(&sandbox, WEDNESDAY, &list))["findings"][0].clone();
    assert_eq!(row["due_unmoved"], "2026-08-21T00:00:00Z");
    assert_eq!(row["moved_by"], serde_json::json!(["reranked"]));
    // What was found after it was listed was never ranked otherwise.
    report(&sandbox, "web-02", "4.17.20");
    at(&sandbox, THURSDAY, &["hosts", "import", "hosts"]);
    let of_host = [&list[..], &["--host", "web-02"]].concat();
    assert_eq!(
        due(&at(&sandbox, THURSDAY, &of_host)),
        "2026-08-23T06:00:00Z"
    );
    // As of each day the same, also when no older catalog is left but the one that held then.
    let as_of =
        |moment: &'static str| [&list[..], &["--as-of", moment, "--host", "web-01"]].concat();
    assert_eq!(
        due(&at(&sandbox, THURSDAY, &as_of(MONDAY))),
        "2026-09-16T06:00:00Z"
    );
    let kept: Vec<_> = std::fs::read_dir(sandbox.path().join("catalogs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let oldest = kept
        .iter()
        .min_by_key(|path| path.metadata().unwrap().modified().unwrap());
    std::fs::remove_file(oldest.unwrap()).unwrap();
    assert_eq!(
        due(&at(&sandbox, THURSDAY, &as_of(WEDNESDAY))),
        "2026-08-22T06:00:00Z"
    );
    let verified = sandbox.run(&["admin", "audit", "verify", "--store", "fleet.sqlite"]);
    assert_eq!(
        verified.code,
        Some(0),
        "{}{}",
        verified.stdout,
        verified.stderr
    );
}

const FRIDAY: &str = "2026-08-21T06:00:00Z";
const SATURDAY: &str = "2026-08-22T06:00:00Z";

/// Two hosts from Monday, two from Tuesday on; lodash is upgraded on two of them on Thursday. Ages on Friday: 3 and 2 days
/// closed, 3 (web-03) and 4 (shop, known exploited since 2021) open.
fn history() -> Sandbox {
    let sandbox = fleet();
    sandbox.write(
        "house.toml",
        include_str!("../../../risk/policies/house-sla.toml"),
    );
    sandbox.write(
        "fleet.toml",
        "[baseline]\ndate = 2026-08-18\n[[host]]\nname = \"web-*\"\nowner = \"web team\"\n",
    );
    let rules = [
        "hosts",
        "rules",
        "fleet.toml",
        "--store",
        "fleet.sqlite",
        "--now",
        MONDAY,
    ];
    assert_eq!(sandbox.run(&rules).code, Some(0));
    report(&sandbox, "web-02", "4.17.20");
    report(&sandbox, "web-03", "4.17.20");
    at(&sandbox, TUESDAY, &["hosts", "import", "hosts"]);
    report(&sandbox, "web-01", "4.17.21");
    report(&sandbox, "web-02", "4.17.21");
    at(&sandbox, THURSDAY, &["hosts", "import", "hosts"]);
    sandbox
}

fn figures(sandbox: &Sandbox, now: &str, more: &[&str]) -> Value {
    let ask = ["figures", "--policy", "house.toml", "--format", "json"];
    json(&at(sandbox, now, &[&ask[..], more].concat()))
}

#[test]
fn the_figures_of_a_history_are_those_that_are_known_by_hand() {
    let sandbox = history();
    let friday = figures(&sandbox, FRIDAY, &["--by", "owner"]);
    let curve = &friday["time_to_patch"];
    assert_eq!(
        (&curve["findings"], &curve["closed"]),
        (&4.into(), &2.into())
    );
    // At 2 days 1 of 4 is closed, at 3 days 1 of 3: 3/4, then 3/4 × 2/3.
    let points: Vec<(f64, u64, f64)> = curve["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            let number = |key: &str| p[key].as_f64().unwrap();
            (number("days"), number("at_risk") as u64, number("open"))
        })
        .collect();
    assert_eq!(points, [(2.0, 4, 0.75), (3.0, 3, 0.5)]);
    assert_eq!(curve["median"]["days"], 3.0);
    assert_eq!(friday["exposure"]["days"], 3.0 + 2.0 + 3.0 + 4.0);
    assert_eq!(friday["exposure"]["known_exploited_days"], 4.0);
    assert_eq!(
        friday["known_exploited_time_to_patch"]["median"]["days"],
        Value::Null
    );
    let house = &friday["attainment"][0];
    let counts = ["met", "missed", "overdue", "pending"].map(|key| house[key].as_u64().unwrap());
    assert_eq!(
        (house["policy"].as_str().unwrap(), counts),
        ("house-sla", [2, 0, 1, 1])
    );
    let parts = friday["parts"].as_array().unwrap();
    let said = parts.iter().map(|p| (&p["name"], &p["open"], &p["closed"]));
    let team: Value = "web team".into();
    assert_eq!(
        said.collect::<Vec<_>>(),
        [
            (&team, &1.into(), &2.into()),
            (&Value::Null, &1.into(), &0.into())
        ]
    );
    // The backlog of Tuesday morning is what Monday had: one is closed, one is left.
    let down = &friday["burn_down"];
    assert_eq!(down["at_baseline"], 2);
    let left = down["backlog"].as_array().unwrap().last().unwrap();
    assert_eq!(left["open"], 1);
    let since = figures(&sandbox, FRIDAY, &["--since", TUESDAY]);
    assert_eq!(since["time_to_patch"]["findings"], 2);
    assert_eq!(since["exposure"]["days"], 2.0 + 2.0 + 3.0 + 3.0);
    assert_eq!(since["burn_down"]["at_baseline"], 2);
}

#[test]
fn a_host_that_left_is_no_patch_and_an_earlier_day_is_told_as_it_was() {
    let sandbox = history();
    let friday = figures(&sandbox, FRIDAY, &[]);
    let remove = [
        "hosts",
        "remove",
        "web-03",
        "--store",
        "fleet.sqlite",
        "--now",
        SATURDAY,
    ];
    let run = sandbox.run(&remove);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let saturday = figures(&sandbox, SATURDAY, &[]);
    let curve = &saturday["time_to_patch"];
    assert_eq!(
        (&curve["findings"], &curve["closed"]),
        (&4.into(), &2.into())
    );
    let gone = saturday["flow"].as_array().unwrap().iter();
    assert_eq!(gone.map(|p| p["gone"].as_u64().unwrap()).sum::<u64>(), 0);
    let sunday = figures(&sandbox, "2026-08-23T06:00:00Z", &[]);
    let gone = sunday["flow"].as_array().unwrap().iter();
    assert_eq!(gone.map(|p| p["gone"].as_u64().unwrap()).sum::<u64>(), 1);
    let again = figures(&sandbox, SATURDAY, &["--as-of", FRIDAY]);
    for key in [
        "attainment",
        "exposure",
        "flow",
        "time_to_patch",
        "overdue",
        "burn_down",
    ] {
        assert_eq!(again[key], friday[key], "{key}");
    }
}

#[test]
fn the_figures_come_in_every_format_and_keep_to_eighty_columns() {
    let sandbox = history();
    for format in ["text", "json", "csv", "markdown", "html"] {
        for by in ["owner", "zone", "severity", "policy"] {
            let ask = ["figures", "--by", by, "--format", format];
            let page = at(&sandbox, FRIDAY, &ask);
            assert!(page.contains("bod-26-04"), "{format}: {page}");
            let widest = page.lines().map(|line| line.chars().count()).max();
            assert!(format != "text" || widest <= Some(80), "{page}");
        }
    }
}

#[test]
fn what_people_decide_and_who_is_who_come_as_json() {
    let sandbox = fleet();
    sandbox.write("cmdb.csv", "name\nweb-01\nold-99\n");
    let add = ["hosts", "known", "--add", "cmdb.csv", "--name", "cmdb"];
    at(&sandbox, MONDAY, &add);
    let suppress = [
        "findings",
        "suppress",
        "CVE-2021-23337",
        "--owner",
        "shop team",
        "--reason",
        "waits",
        "--until",
        "2026-12-31",
    ];
    at(&sandbox, MONDAY, &suppress);
    let check = |verb: &[&str], schema: &str, list: &str| {
        let told = json(&at(
            &sandbox,
            MONDAY,
            &[verb, &["--format", "json"]].concat(),
        ));
        assert_eq!(told["schema"], schema);
        told[list].as_array().unwrap().clone()
    };
    let known = check(&["hosts", "known"], "daywatch.known-hosts/1", "hosts");
    let of = |name: &str| known.iter().find(|row| row["name"] == name).unwrap()["state"].clone();
    assert_eq!([of("old-99"), of("shop")], ["never-reported", "unlisted"]);
    assert!(check(&["hosts", "same"], "daywatch.same-hosts/1", "pairs").is_empty());
    let decided = check(
        &["findings", "decisions"],
        "daywatch.decisions/1",
        "decisions",
    );
    assert_eq!(
        (&decided[0]["owner"], decided.len()),
        (&"shop team".into(), 1)
    );
    let asked = check(
        &["findings", "questions"],
        "daywatch.questions/1",
        "questions",
    );
    assert!(asked[0]["deadlines"].as_u64() > Some(0), "{asked:?}");
}
