//! `daywatch.scan/1`: the contract of `scan --format json`, described in docs/reference/scan.md.

use super::wire;
use crate::renderers::{Options, ScanRenderer};
use crate::scan::ScanReport;

/// The format.
pub(in crate::renderers) struct Json;

impl ScanRenderer for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "everything the scan knows, for scripts (daywatch.scan/1)"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn render(&self, report: &ScanReport, _: &Options) -> String {
        let mut out = serde_json::to_string_pretty(&wire::report(report))
            .expect("string keys and plain values always serialise");
        out.push('\n');
        out
    }
}
