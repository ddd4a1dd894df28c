//! Every format of the scan report against files a person has read. `UPDATE_EXPECT=1 cargo test -p reports` rewrites them.

mod fixture;

use std::path::PathBuf;

use reports::renderers::{Options, SCAN_RENDERERS};
use reports::scan::ScanReport;

fn check(case: &str, report: &ScanReport) {
    for renderer in SCAN_RENDERERS {
        let actual = renderer.render(
            report,
            &Options {
                tool_version: "0.0.0".to_owned(),
                ..Options::default()
            },
        );
        let path: PathBuf = [
            env!("CARGO_MANIFEST_DIR"),
            "testdata",
            renderer.id(),
            &format!("{case}.expected"),
        ]
        .iter()
        .collect();
        compare(&path, &actual);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a golden test reads and rewrites its expected files"
)]
fn compare(path: &std::path::Path, actual: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(expected == actual, "{} differs:\n{actual}", path.display());
}

#[test]
fn three_targets_with_all_that_was_found() {
    check("fleet", &fixture::scan());
}

#[test]
fn a_covered_host_without_findings() {
    check("clean", &fixture::clean());
}
