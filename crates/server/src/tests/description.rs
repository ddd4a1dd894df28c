//! The description of the API is a file that is reviewed.

use std::path::Path;

#[test]
fn the_description_is_the_file_that_was_reviewed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let made = crate::table::openapi();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        reviewed == made,
        "the API is another one than docs/reference/openapi.json says: run this test with UPDATE_EXPECT=1 and look at the difference"
    );
}

#[test]
fn every_operation_has_an_id_of_its_own() {
    let made: serde_json::Value = serde_json::from_str(&crate::table::openapi()).unwrap();
    let paths = made["paths"].as_object().unwrap().values();
    let mut ids: Vec<String> = paths
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| operation["operationId"].to_string())
        .collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "{ids:?}");
}
