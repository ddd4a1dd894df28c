//! Documents and checks for the tests of every format.

use base::Purl;
use serde_json::{Value, json};

use super::{Statements, Status};
use crate::finding::Finding;
use crate::sample::finding;

/// A finding on a package given by its package URL.
pub(super) fn found(id: &str, ecosystem: &str, purl: &str) -> Finding {
    let parsed: Purl = purl.parse().unwrap();
    Finding {
        purl: Some(parsed.to_string()),
        ..finding(
            id,
            ecosystem,
            parsed.name(),
            parsed.version().unwrap_or("0"),
        )
    }
}

pub(super) fn left_pad() -> Finding {
    found("CVE-2026-0001", "npm", "pkg:npm/left-pad@1.0.0")
}

pub(super) fn statements(documents: &[Value]) -> Statements {
    let mut statements = Statements::default();
    for (at, document) in documents.iter().enumerate() {
        statements.add(&format!("{at}.json"), document.to_string().as_bytes());
    }
    statements
}

pub(super) fn check(documents: &[Value], finding: Finding, expected: Option<Status>) {
    let statements = statements(documents);
    let applied = statements.apply(vec![finding]);
    let status = applied
        .not_affected
        .first()
        .map(|(_, cleared)| cleared.status);
    assert_eq!(status, expected, "{documents:?} {:?}", applied.notes);
    assert_eq!(applied.kept.len(), usize::from(expected.is_none()));
}

pub(super) fn check_notes(document: &Value, expected: &[&str]) {
    let statements = statements(std::slice::from_ref(document));
    let notes: Vec<&str> = statements.notes().iter().map(|n| n.what.as_str()).collect();
    assert_eq!(notes, expected, "{document}");
}

pub(super) fn openvex(statements: Value) -> Value {
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://openvex.dev/docs/example/vex-1",
        "author": "product security",
        "timestamp": "2026-05-01T00:00:00Z",
        "version": 1,
        "statements": statements,
    })
}

pub(super) fn statement(status: &str, product: Value) -> Value {
    json!({
        "vulnerability": {"name": "CVE-2026-0001"},
        "products": [product],
        "status": status,
        "justification": "vulnerable_code_not_in_execute_path",
    })
}

pub(super) fn bom(vulnerabilities: Value) -> Value {
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version": 1,
        "metadata": {
            "timestamp": "2026-05-01T00:00:00Z",
            "authors": [{"name": "product security"}],
            "component": {"bom-ref": "shop", "name": "web-1", "type": "application"},
        },
        "components": [
            {"bom-ref": "c1", "name": "left-pad", "purl": "pkg:npm/left-pad@1.0.0", "components": [
                {"bom-ref": "c2", "name": "pad", "purl": "pkg:npm/pad@2.0.0"},
            ]},
        ],
        "vulnerabilities": vulnerabilities,
    })
}

pub(super) fn csaf(products: Value, relationships: Value, status: Value, flags: Value) -> Value {
    json!({
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "publisher": {"name": "product security"},
            "tracking": {"current_release_date": "2026-05-01T00:00:00.000Z", "initial_release_date": 7},
        },
        "product_tree": {
            "branches": [{"category": "vendor", "name": "v", "branches": products}],
            "product_groups": [{"group_id": "G", "product_ids": ["P1", "P2"]}],
            "relationships": relationships,
        },
        "vulnerabilities": [{"cve": "CVE-2026-0001", "product_status": status, "flags": flags}],
    })
}

pub(super) fn fixture(text: &str) -> Statements {
    let mut statements = Statements::default();
    statements.add("fixture", text.as_bytes());
    statements
}

/// What most checks expect.
pub(super) const CLEARED: Option<Status> = Some(Status::NotAffected);
