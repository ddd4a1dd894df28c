//! Our documents against the standards' own schemas. testdata/schemas/cyclonedx holds the CycloneDX 1.6 schema as its authors
//! publish it (<https://github.com/CycloneDX/specification>, Apache-2.0). The schemas of CSAF and SARIF are OASIS' and not kept here:
//! `CSAF_SCHEMA=csaf_json_schema.json SARIF_SCHEMA=sarif-schema-2.1.0.json cargo test -p reports schemas` checks against copies.

use std::path::{Path, PathBuf};

use reports::renderers::{Options, scan_renderer};
use reports::scan::ScanReport;
use serde_json::Value;

use crate::fixture;

#[expect(clippy::disallowed_methods, reason = "a test reads the schema")]
fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn document(format: &str, report: &ScanReport) -> Value {
    let options = Options {
        tool_version: "0.0.0".to_owned(),
        author: Some("Example Ltd".to_owned()),
        namespace: Some("https://example.com".to_owned()),
        ..Options::default()
    };
    let text = scan_renderer(format).unwrap().render(report, &options);
    serde_json::from_str(&text).unwrap()
}

fn check(format: &str, validator: &jsonschema::Validator) {
    for report in [fixture::scan(), fixture::clean()] {
        let document = document(format, &report);
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{format}: {errors:#?}");
    }
}

#[test]
fn cyclonedx_holds_its_schema() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "testdata/schemas/cyclonedx"]
        .iter()
        .collect();
    let uri = |name: &str| format!("http://cyclonedx.org/schema/{name}");
    let parts = ["spdx.schema.json", "jsf-0.82.schema.json"]
        .map(|name| (uri(name), read(&folder.join(name))));
    let registry = jsonschema::Registry::new()
        .extend(parts)
        .and_then(|builder| builder.prepare())
        .unwrap();
    let validator = jsonschema::options()
        .with_registry(&registry)
        .build(&read(&folder.join("bom-1.6.schema.json")))
        .unwrap();
    check("cyclonedx", &validator);
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told where a schema is"
)]
fn named_by(variable: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(variable)
}

/// With the schemas of OASIS, where somebody has them.
#[test]
fn csaf_and_sarif_hold_their_schemas_where_they_are_given() {
    for (format, variable) in [("csaf-vex", "CSAF_SCHEMA"), ("sarif", "SARIF_SCHEMA")] {
        if let Some(path) = named_by(variable) {
            // The shapes of CVSS objects lie elsewhere; we write none.
            let scores = ["2.0", "3.0", "3.1"].map(|v| {
                (
                    format!("https://www.first.org/cvss/cvss-v{v}.json"),
                    Value::Bool(true),
                )
            });
            let registry = jsonschema::Registry::new()
                .extend(scores)
                .and_then(|builder| builder.prepare())
                .unwrap();
            let validator = jsonschema::options()
                .with_registry(&registry)
                .build(&read(Path::new(&path)))
                .unwrap();
            check(format, &validator);
        }
    }
}

/// What the VEX profile asks for beyond the schema: CSAF 2.0 §4.5, and mandatory tests 6.1.1, 6.1.2, 6.1.6, 6.1.23, 6.1.27.7 to 6.1.27.10.
#[test]
fn csaf_holds_the_vex_profile() {
    let vex = document("csaf-vex", &fixture::scan());
    assert_eq!(vex["document"]["category"], "csaf_vex");
    let names = vex["product_tree"]["full_product_names"]
        .as_array()
        .unwrap();
    let ids: Vec<&str> = names
        .iter()
        .map(|p| p["product_id"].as_str().unwrap())
        .collect();
    let mut unique = ids.clone();
    unique.dedup();
    assert_eq!(ids, unique, "each id names one product");
    let mut cves = Vec::new();
    for vulnerability in vex["vulnerabilities"].as_array().unwrap() {
        assert!(vulnerability["notes"][0]["text"].is_string());
        assert!(vulnerability["cve"].is_string() || vulnerability["ids"][0]["text"].is_string());
        cves.extend(vulnerability["cve"].as_str());
        let products_of = |list: &str, key: &str| -> Vec<&str> {
            let items = vulnerability[list]
                .as_array()
                .map_or(&[][..], Vec::as_slice);
            let ids = items.iter().flat_map(|i| i[key].as_array().unwrap());
            ids.map(|id| id.as_str().unwrap()).collect()
        };
        let mut stated = Vec::new();
        let status = vulnerability["product_status"].as_object().unwrap();
        assert!(!status.is_empty());
        for (group, products) in status {
            for product in products.as_array().unwrap() {
                let product = product.as_str().unwrap();
                assert!(ids.contains(&product), "{product} is defined");
                assert!(!stated.contains(&product), "{product} stands in one list");
                stated.push(product);
                let remedied = products_of("remediations", "product_ids").contains(&product);
                let justified = products_of("flags", "product_ids").contains(&product)
                    || products_of("threats", "product_ids").contains(&product);
                match group.as_str() {
                    "known_affected" => assert!(remedied, "{product} has an action"),
                    "known_not_affected" => assert!(justified, "{product} has a reason"),
                    _ => {}
                }
            }
        }
    }
    let mut unique = cves.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), cves.len(), "a CVE stands once");
    let empty = document("csaf-vex", &fixture::clean());
    assert_eq!(empty["document"]["category"], "csaf_base");
    assert!(empty.get("vulnerabilities").is_none());
}

#[test]
fn a_backport_is_fixed_and_a_suppression_is_still_affected() {
    let vex = document("csaf-vex", &fixture::scan()).to_string();
    assert!(vex.contains("\"fixed\":[\"CSAFPID-"), "{vex}");
    assert!(vex.contains("Accepted until"), "{vex}");
    assert!(vex.contains("vendor_fix") && vex.contains("no_fix_planned"));
}
