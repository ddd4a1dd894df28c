//! Every reader over its fixtures (testdata/imported/READER/CASE.*): written by hand in the shape of the tool's own reports.
//! `UPDATE_EXPECT=1 cargo test -p fleet imported` rewrites what is expected.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::*;

fn folder(reader: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "testdata", "imported", reader]
        .iter()
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "a test reads its fixtures")]
fn inputs(reader: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder(reader)).unwrap_or_else(|e| panic!("{reader}: {e}"));
    let mut paths: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e != "expected"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            (path, bytes)
        })
        .collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a golden test reads and rewrites its expected files"
)]
fn compare(input: &Path, actual: &str) {
    let path = PathBuf::from(format!("{}.expected", input.display()));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{} differs:\n{actual}", path.display());
}

/// A line a subject, a finding and a note.
fn described(parsed: &Parsed<Option<Imported>>) -> String {
    let mut out = String::new();
    let imported = parsed.value.as_ref().expect("the fixture is recognised");
    writeln!(out, "{}", imported.tool).unwrap();
    for subject in &imported.subjects {
        writeln!(
            out,
            "subject {:?} {:?} saw {:?}",
            subject.name, subject.tool, subject.packages
        )
        .unwrap();
        for f in &subject.findings {
            let p = &f.package;
            let places: Vec<String> = p.locations.iter().map(|l| l.path.clone()).collect();
            writeln!(
                out,
                "  {} {:?} {:?} {}|{}|{} fixed {:?} {:?} {} at {places:?} {:?} {:?}",
                f.id,
                f.aliases,
                f.cves.iter().map(ToString::to_string).collect::<Vec<_>>(),
                p.ecosystem
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                p.name,
                p.version.as_deref().unwrap_or_default(),
                f.fixed,
                f.fix_state,
                f.severity.map_or("unrated", Severity::as_str),
                f.vectors,
                f.title,
            )
            .unwrap();
        }
    }
    for note in &parsed.notes {
        writeln!(out, "{}: {note}", note.level.as_str()).unwrap();
    }
    out
}

#[test]
fn every_reader_reads_its_fixtures() {
    for reader in READERS {
        let inputs = inputs(reader.id());
        assert!(!inputs.is_empty(), "{} has no fixture", reader.id());
        for (path, bytes) in inputs {
            let known = recognise(&bytes).map(Reader::id);
            assert_eq!(known, Some(reader.id()), "{}", path.display());
            compare(&path, &described(&read(&bytes)));
        }
    }
}

#[test]
fn a_report_cut_anywhere_is_a_note_and_never_a_panic() {
    for reader in READERS {
        for (path, bytes) in inputs(reader.id()) {
            for end in (0..bytes.len()).step_by(7) {
                let parsed = reader.parse(&bytes[..end]);
                let found: usize = parsed.value.subjects.iter().map(|s| s.findings.len()).sum();
                assert!(found < 10, "{}", path.display());
            }
        }
    }
}

#[test]
fn what_another_format_writes_is_not_taken() {
    for text in [
        "",
        "{}",
        "[]",
        "{\"results\":[{\"check_id\":\"x\"}]}",
        "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\"}",
        "<report name=\"jacoco\"/>",
        "<nmaprun/>",
        "name,version\n",
        "Package: openssl\nStatus: install ok installed\n",
    ] {
        assert!(recognise(text.as_bytes()).is_none(), "{text}");
        assert!(read(text.as_bytes()).failed(), "{text}");
    }
    assert!(recognise(b"\xef\xbb\xbf{\"results\": [] }").is_some());
}

#[test]
fn an_entity_of_a_document_type_is_never_expanded() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;\">]><NessusClientData_v2><Report><ReportHost name=\"h\"><ReportItem severity=\"2\" pluginID=\"1\" pluginName=\"p\"><synopsis>&b;</synopsis></ReportItem></ReportHost></Report></NessusClientData_v2>";
    let parsed = read(bomb.as_bytes());
    let imported = parsed.value.unwrap();
    assert_eq!(imported.subjects[0].findings[0].title, "&b;");
}

#[test]
fn depth_and_length_are_bounded() {
    let deep = format!(
        "<NessusClientData_v2>{}<ReportHost name=\"h\"/>",
        "<a>".repeat(100_000)
    );
    let parsed = read(deep.as_bytes());
    assert!(parsed.notes.iter().any(|n| n.limit.is_some()));
    let long = format!(
        "<NessusClientData_v2><ReportHost name=\"h\"><ReportItem severity=\"2\" pluginID=\"1\" pluginName=\"p\"><synopsis>{}</synopsis></ReportItem></ReportHost></NessusClientData_v2>",
        "x".repeat(1 << 20)
    );
    let imported = read(long.as_bytes()).value.unwrap();
    assert!(imported.subjects[0].findings[0].title.chars().count() <= 301);
}

#[test]
fn the_guide_lists_every_reader() {
    let page = include_str!("../../../../docs/guide/moving-in.md");
    for reader in READERS {
        assert!(
            page.contains(&format!("| `{}` |", reader.id())),
            "{}",
            reader.id()
        );
        assert!(!reader.about().is_empty());
    }
}
