//! What every format has to hold, and the JSON against its page and against reading it back.

use fleet::plan::plan;
use reports::plan::{parse_previous, ticket};
use reports::renderers::PLAN_RENDERERS;
use serde_json::Value;

use crate::sample::{HOSTILE, due, finding, group, hostile, now, options, place, render, rich};

#[test]
fn every_format_writes_an_empty_plan_and_ends_its_last_line() {
    let empty = plan(&[], &[], now());
    for renderer in PLAN_RENDERERS {
        for plan in [&empty, &rich()] {
            let text = renderer.render(plan, &options());
            assert!(text.ends_with('\n'), "{}", renderer.id());
            assert!(!renderer.about().is_empty() && !renderer.extension().is_empty());
        }
    }
}

#[test]
fn no_format_lets_through_what_acts() {
    for text in HOSTILE {
        for renderer in PLAN_RENDERERS {
            let out = renderer.render(&hostile(text), &options());
            let acts = |c: char| {
                (c.is_control() && c != '\n' && c != '\r') || "\u{202e}\u{2028}".contains(c)
            };
            assert!(!out.contains(acts), "{}: {out}", renderer.id());
            if ["sh", "powershell", "ansible"].contains(&renderer.id()) {
                let mut lines = out.lines();
                let starts = lines.find(|line| line.trim_start().starts_with("touch pwned"));
                assert_eq!(starts, None, "{}", renderer.id());
            }
            if renderer.id() == "markdown" {
                let links = out.replace("\\]", "");
                assert!(!out.contains("<script>") && !links.contains("](javascript"));
            }
        }
    }
}

#[test]
fn a_table_keeps_to_eighty_columns() {
    for line in render(&rich(), "table").lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn the_table_says_what_matters() {
    let text = render(&rich(), "table");
    for words in [
        "1. upgrade openssl 1.0-1 → 3.0.15-1 (Debian:12)",
        "closes 2 findings (1 vulnerability, 1 known exploited)",
        "DO NOT PATCH YET: take forensic evidence first (bod-26-04) on every host here",
        "no window before the due date",
        "web-1 (canary), web-2",
        "then reboot: the running kernel",
        "install KB5094123 on Windows Server 2019",
        "decide on zlib1g 1.0-1: nothing to install",
        "reboot: linux-image-amd64 is fixed on disk and the old one runs",
    ] {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{words}\n{text}");
    }
}

#[test]
fn no_cell_of_the_csv_is_a_formula_and_every_line_has_every_field() {
    for text in HOSTILE {
        for document in [render(&hostile(text), "csv"), render(&rich(), "csv")] {
            let mut reader = csv_lines(&document);
            let width = reader.next().unwrap().len();
            for fields in reader {
                assert_eq!(fields.len(), width, "{fields:?}");
                assert!(
                    fields
                        .iter()
                        .all(|f| !f.trim_start().starts_with(['=', '+', '-', '@'])),
                    "{fields:?}"
                );
            }
        }
    }
}

/// The fields of each line, by RFC 4180; enough for a text in which no field has a line feed.
fn csv_lines(text: &str) -> impl Iterator<Item = Vec<String>> {
    text.lines().map(|line| {
        let mut fields = vec![String::new()];
        let mut is_quoted = false;
        for c in line.chars() {
            match c {
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => fields.push(String::new()),
                c => fields.last_mut().unwrap().push(c),
            }
        }
        fields
    })
}

#[test]
fn the_json_has_the_keys_of_its_page_and_no_others() {
    let page = include_str!("../../../../docs/reference/plan.md");
    let document: Value = serde_json::from_str(&render(&rich(), "json")).unwrap();
    let mut keys = std::collections::BTreeSet::new();
    gather(&document, &mut keys);
    for key in keys {
        assert!(
            page.contains(&format!("`{key}`")),
            "docs/reference/plan.md does not name {key}"
        );
    }
    assert_eq!(
        document["items"][0]["steps"][0]["hold"]["policy"],
        "bod-26-04"
    );
    assert_eq!(document["previous"], Value::Null);
}

fn gather(value: &Value, keys: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            keys.insert(key.clone());
            gather(value, keys);
        }),
        Value::Array(list) => list.iter().for_each(|value| gather(value, keys)),
        _ => {}
    }
}

#[test]
fn a_plan_read_back_knows_which_deadline_moved() {
    let with = |by: &str| {
        let groups = [group(
            due(
                finding("CVE-2026-0001", "npm", "x", &["2.0.0"]),
                "house",
                by,
                &[],
            ),
            &[0],
        )];
        plan(&groups, &[place("a", "o", None)], now())
    };
    let json = render(&with("2026-06-20T00:00:00Z"), "json");
    let previous = parse_previous(json.as_bytes());
    assert_eq!(previous.notes, []);
    let previous = previous.value.unwrap();
    let same = with("2026-06-20T00:00:00Z").compared_with(&previous);
    assert!(
        render(&same, "table").contains("Deadlines that moved since 2026-06-01T12:00:00Z\n   none")
    );
    let moved = with("2026-06-10T00:00:00Z").compared_with(&previous);
    let document: Value = serde_json::from_str(&render(&moved, "json")).unwrap();
    let one = &document["moved"][0];
    assert_eq!(
        (one["before"].as_str(), one["after"].as_str()),
        (Some("2026-06-20T00:00:00Z"), Some("2026-06-10T00:00:00Z"))
    );
    assert!(render(&moved, "markdown").contains("2026-06-20 → 2026-06-10"));
}

#[test]
fn a_ticket_says_what_who_when_why_and_how_it_ends() {
    let plan = rich();
    let (item, step) = (&plan.items[0], &plan.items[0].steps[0]);
    let ticket = ticket(&plan, item, step);
    assert_eq!(
        ticket.subject,
        "DO NOT PATCH YET: openssl → 3.0.15-1 on 2 hosts, due 2026-06-02"
    );
    for words in [
        "Packages: libssl3",
        "Who: Linux Ops",
        "When: thu 22:00",
        "bod-26-04 2026-06-02",
        "CVE-2026-0001",
        "  web-1 (ring 0)\n  web-2 (ring 1)",
        "Done when a report of the host shows it",
    ] {
        assert!(ticket.body.contains(words), "{words}\n{}", ticket.body);
    }
    assert!(ticket.body.ends_with(&format!("Key: {}\n", step.key)));
}
