//! What rules say of hosts, and what is said of rules that are wrong.

use super::*;
use crate::asset::{AttributeKind, Criticality, Pci};

fn rules(text: &str) -> Rules {
    Rules::parse("fleet.toml", text.as_bytes()).unwrap()
}

fn machine(name: &str) -> Subject {
    Subject::new(HostKind::Machine, [name])
}

const FILE: &str = r#"
[baseline]
date = 2026-07-01

[identity]
address = "decisive"

[[host]]
name = "*"
owner = "operations"

[[host]]
name = ["web-*", "WWW*"]
zone = "dmz"
exposed = true
by = "network team"

[[host]]
when.zone = "dmz"
tags = ["perimeter", "canary"]
window = "Thu 22:00 4h Europe/Berlin"

[[host]]
when = { tag = "perimeter", os = "windows*" }
owner = "windows operations"
criticality = "very-high"
scope = { pci = "in", from = 2026-01-01, until = 2026-06-30 }

[[host]]
name = "web-09"
exposed = "unknown"
scope = "out"
"#;

#[test]
fn rules_build_on_each_other_from_the_top() {
    let rules = rules(FILE);
    let web = machine("Web-01").running(["Windows Server 2022"]);
    let ruled = rules.asset(&web, Vec::new());
    let asset = &ruled.asset;
    assert_eq!(asset.zone.as_deref(), Some("dmz"));
    assert_eq!(asset.owner.as_deref(), Some("windows operations"));
    assert_eq!(asset.criticality, Some(Criticality::VeryHigh));
    assert_eq!(asset.exposed, Some(true));
    assert_eq!(asset.tags, ["canary", "perimeter"]);
    assert_eq!(asset.pci_on("2026-03-01".parse().unwrap()), Some(Pci::In));
    assert_eq!(asset.pci_on("2026-08-01".parse().unwrap()), None);
    let source = |kind| asset.source_of(kind);
    assert_eq!(
        source(AttributeKind::Exposed),
        Some("fleet.toml:12 (network team)")
    );
    assert_eq!(source(AttributeKind::Owner), Some("fleet.toml:23"));
    assert_eq!(ruled.matched, [8, 12, 18, 23]);
    assert!(ruled.is_matched);
    assert_eq!(rules.baseline(), Some("2026-07-01".parse().unwrap()));
}

#[test]
fn a_rule_may_say_that_something_is_not_known() {
    let ruled = rules(FILE).asset(&machine("web-09"), Vec::new());
    assert_eq!(ruled.asset.exposed, None);
    assert_eq!(
        ruled.asset.source_of(AttributeKind::Exposed),
        Some("fleet.toml:29")
    );
    assert_eq!(
        ruled.asset.pci_on("2026-03-01".parse().unwrap()),
        Some(Pci::Out)
    );
}

#[test]
fn a_host_that_only_a_rule_for_all_is_about_is_matched_by_nothing() {
    let ruled = rules(FILE).asset(&machine("db-01"), Vec::new());
    assert_eq!(ruled.asset.owner.as_deref(), Some("operations"));
    assert_eq!((ruled.matched, ruled.is_matched), (vec![8], false));
}

#[test]
fn a_person_overrules_the_zone_that_rules_ask_for() {
    let said = |zone: &str, authority| Said {
        attribute: Attribute::Zone(Some(zone.to_owned())),
        authority,
        source: "x".into(),
    };
    let check = |said: Vec<Said>, tagged: bool| {
        let ruled = rules(FILE).asset(&machine("web-01"), said);
        assert_eq!(!ruled.asset.tags.is_empty(), tagged);
    };
    check(vec![said("office", Authority::List)], true);
    check(vec![said("office", Authority::Person)], false);
    check(
        vec![
            said("dmz", Authority::Person),
            said("office", Authority::Host),
        ],
        true,
    );
    let by_list = rules(FILE).asset(&machine("db-01"), vec![said("DMZ", Authority::List)]);
    assert!(by_list.is_matched, "a zone of a list is one, too");
}

#[test]
fn every_condition_is_asked() {
    let text = r#"
        [[host]]
        when = { ou = "*ou=web,*", list = "ad", kind = ["machine", "image"] }
        tags = "x""#;
    let check = |host: Subject, expected: bool| {
        assert_eq!(rules(text).asset(&host, Vec::new()).is_matched, expected);
    };
    let ou = ["CN=WEB01,OU=Web,DC=corp,DC=example"];
    check(machine("web-01").in_units(ou).on_lists(["AD"]), true);
    check(machine("web-01").in_units(ou), false);
    check(machine("web-01").on_lists(["ad"]), false);
    check(
        Subject::new(HostKind::Application, ["x"])
            .in_units(ou)
            .on_lists(["ad"]),
        false,
    );
}

#[test]
fn the_older_file_still_works() {
    let text = "[[host]]\nname = \"*\"\nowner = \"operations\"\n[[host]]\nname = \"web-*\"\nexposed = true\nowner = \"web team\"\n";
    let ruled = rules(text).asset(&machine("web-01"), Vec::new());
    assert_eq!(ruled.asset.owner.as_deref(), Some("web team"));
    assert_eq!((ruled.asset.exposed, ruled.asset.zone), (Some(true), None));
}

#[test]
fn a_mistake_is_told_with_its_line_and_what_to_write() {
    let check = |text: &str, line: u64, part: &str| {
        let notes = Rules::parse("fleet.toml", text.as_bytes()).unwrap_err();
        let found = notes
            .iter()
            .any(|n| n.line == Some(line) && n.to_string().contains(part));
        assert!(found, "{text}: {notes:?}");
    };
    let host = |body: &str| format!("[[host]]\nname = \"*\"\n{body}\n");
    check(&host("expose = true"), 3, "keys are name, when, zone");
    check(&host("exposed = \"maybe\""), 3, "neither yes nor no");
    check(&host("criticality = \"huge\""), 3, "very-high");
    check(&host("owner = 7"), 3, "write owner = ");
    check(&host("owner = \"\""), 3, "empty");
    check(&host("window = \"Thursday night\""), 3, "Thu 22:00 4h");
    check(&host("scope = \"pci\""), 3, "write scope =");
    check(
        &host("scope = { pci = \"in\", since = 2026-01-01 }"),
        3,
        "unknown key: since",
    );
    check(
        &host("scope = { pci = \"in\", from = 2026-02-01, until = 2026-01-01 }"),
        3,
        "write scope =",
    );
    check(
        &host("when.color = \"red\"\nowner = \"x\""),
        3,
        "conditions are ou",
    );
    check(
        &host("when.kind = \"server\"\nowner = \"x\""),
        3,
        "kinds are machine",
    );
    check(&host(""), 1, "says nothing");
    check("[[host]]\nowner = \"x\"\n", 1, "about no host");
    check("[hosts]\nname = \"*\"\n", 1, "[[host]]");
    check("[host]\nname = \"*\"\n", 1, "write [[host]]");
    check(
        "[baseline]\ndate = \"soon\"\n",
        2,
        "write date = 2026-01-01",
    );
    check("[identity]\ncolor = \"none\"\n", 2, "machine-id");
    check(
        "[identity]\naddress = \"strong\"\n",
        2,
        "decisive, supporting or none",
    );
    check("\n[[host]\n", 2, "not TOML");
    check(
        &format!("[[host]]\nname = \"{}\"\n", "a".repeat(600)),
        2,
        "rule-text-bytes=512",
    );
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let text = "[[host]]\nname = \"a\"\nownr = \"x\"\n[[host]]\nname = \"b\"\nzon = \"x\"\n";
    let notes = Rules::parse("fleet.toml", text.as_bytes()).unwrap_err();
    let lines: Vec<Option<u64>> = notes.iter().map(|n| n.line).collect();
    assert_eq!(lines, [Some(3), Some(6)]);
}

/// 20,000 hosts by name, each with a rule of its own: a search over all rules for each would be 4 × 10⁸ comparisons.
#[test]
fn rules_about_single_hosts_are_looked_up() {
    let text: String = (0..20_000)
        .map(|n| format!("[[host]]\nname = \"host{n}\"\nowner = \"team {n}\"\n"))
        .collect();
    let rules = rules(&text);
    for n in (0..20_000).rev() {
        let ruled = rules.asset(&machine(&format!("HOST{n}")), Vec::new());
        assert_eq!(ruled.asset.owner, Some(format!("team {n}")));
    }
}
