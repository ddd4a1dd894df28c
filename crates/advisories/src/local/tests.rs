//! A form becomes an advisory, or everything that is wrong with it is said; differences to the vendor's record are told.

use base::Severity;

use super::*;
use crate::catalog::{Builder, Catalog};
use crate::model::Batch;

const NOW: &str = "2026-11-24T08:00:00Z";

const FORM: &str = r#"
id = "LOCAL-2026-1"
name = "Login without a password"
severity = "critical"
exploited = "our incident 12"
since = "2026-11-20"
ports = [8443]
link = "https://example.org/wiki/12"

[[affected]]
product = "acme/gateway"
introduced = "7.0"
fixed = "7.4.2"

[[affected]]
ecosystem = "Debian:12"
package = "openssl"
"#;

fn checked(text: &str) -> Result<Local, LocalError> {
    read(text)?.check(NOW.parse().unwrap())
}

/// What is said of a form in which a piece was replaced.
fn check(piece: &str, by: &str, expected: &str) {
    assert!(FORM.contains(piece), "{piece}");
    let said = checked(&FORM.replacen(piece, by, 1));
    let said = said.expect_err(expected).to_string();
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_form_becomes_an_advisory_that_a_catalog_answers_with() {
    let local = checked(FORM).unwrap();
    assert_eq!(local.ports, [8443]);
    assert_eq!(local.advisory.severity, Some(Severity::Critical));
    let mut builder = Builder::new();
    let advisories = vec![local.advisory];
    builder.add(
        FEED,
        Batch {
            advisories,
            ..Batch::default()
        },
    );
    let catalog = Catalog::from_bytes(builder.finish()).unwrap();
    let found = catalog.candidates(PRODUCT, "Acme/Gateway").unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].ranges[0].events.len(), 2);
    let view = catalog.advisory(found[0].advisory).unwrap();
    let claim = view.exploited.unwrap();
    assert_eq!((claim.says, view.feed), ("our incident 12", FEED));
    assert_eq!(
        claim.since.map(|day| day.to_string()).as_deref(),
        Some("2026-11-20")
    );
    let all = catalog.candidates("Debian", "openssl").unwrap();
    assert_eq!(all[0].ranges[0].events.len(), 1, "every version");
}

#[test]
fn everything_that_is_wrong_is_said() {
    check("LOCAL-2026-1", "CVE-2026-1", "id: write LOCAL-YEAR-NUMBER");
    check(
        "\"Login without a password\"",
        "\" \"",
        "name: say in one line",
    );
    check("critical", "awful", "severity: write critical");
    check(
        "2026-11-20",
        "2026-11-25",
        "since: that is after today, 2026-11-24",
    );
    check("2026-11-20", "yesterday", "since: write a day");
    check(
        "exploited = \"our incident 12\"",
        "",
        "exploited: say who says so",
    );
    check("https://", "javascript:", "link: write an address");
    check("[8443]", "[0]", "ports: 0 is no port");
    check("[8443]", "[8443]\nkbs = [\"2026-11\"]", "kbs: write KB");
    check("[8443]", "[8443]\nfiles = [\"*\"]", "files: write a path");
    check(
        "acme/gateway",
        "gateway",
        "affected 1: product: write vendor/product",
    );
    check(
        "\"7.0\"",
        "\"8.0\"",
        "affected 1: introduced: 8.0 is after 7.4.2",
    );
    check(
        "package = \"openssl\"",
        "",
        "affected 2: give an ecosystem and a package",
    );
    check(
        "Debian:12",
        "Nowhere",
        "affected 2: ecosystem: \"Nowhere\" is none",
    );
    check(
        "\"Debian:12\"",
        "\"npm\"
fixed = \"!\"",
        "affected 2: fixed: \"!\" is no version of npm",
    );
    check(
        "\"Debian:12\"",
        "\"Debian:12\"
fixed = \" \"",
        "affected 2: fixed: write a version",
    );
    check("a password", "\\u001b[2J", "control characters");
    check("ports", "port", "unknown field `port`");
    let both = "fixed = \"7.4.2\"\nlast-affected = \"7.4.1\"";
    check(
        "fixed = \"7.4.2\"",
        both,
        "affected 1: last-affected: give either",
    );
}

#[test]
fn two_mistakes_are_said_at_once() {
    let two = FORM
        .replace("critical", "awful")
        .replace("acme/gateway", "gateway");
    let Err(LocalError::Invalid(all)) = checked(&two) else {
        panic!("two mistakes")
    };
    assert_eq!(all.len(), 2);
}

#[test]
fn hosts_can_be_found_by_a_place_where_nothing_is_known_to_be_affected() {
    let head = "id = \"LOCAL-2026-1\"\nname = \"Something listens on 8443\"\n";
    let local = checked(&format!("{head}ports = [8443]\nkbs = [\"KB5082123\"]")).unwrap();
    assert!(local.advisory.affected.is_empty());
    assert_eq!(local.kbs, ["KB5082123".parse().unwrap()]);
    let nothing = checked(head).unwrap_err().to_string();
    assert!(nothing.contains("a port, a file or an update"), "{nothing}");
}

#[test]
fn a_form_without_end_is_refused() {
    let long = format!("{FORM}{}", "#".repeat(70_000));
    assert!(
        checked(&long)
            .unwrap_err()
            .to_string()
            .contains("local-advisory-bytes=65536")
    );
}

#[test]
fn the_vendors_record_is_told_apart_from_ours() {
    let local = checked(FORM).unwrap().advisory;
    assert!(differences(&local, &local).is_empty());
    let mut vendor = local.clone();
    vendor.id = "ACME-1".to_owned();
    vendor.severity = Some(Severity::High);
    vendor.exploited = None;
    vendor.affected[0].ranges[0].events[1].version = "7.4.3".to_owned();
    vendor.affected[1].package = "openssl3".to_owned();
    let said = differences(&local, &vendor);
    let expected = [
        "LOCAL-2026-1 is critical, ACME-1 says high",
        "LOCAL-2026-1 is exploited, says our incident 12; ACME-1 does not say so",
        "ACME-1 does not name openssl of Debian:12, LOCAL-2026-1 does (every version)",
        "acme/gateway of product: LOCAL-2026-1 has >= 7.0, < 7.4.2, ACME-1 has >= 7.0, < 7.4.3",
        "ACME-1 also names openssl3 of Debian:12 (every version)",
    ];
    assert_eq!(said, expected);
}
