//! Hostile input: nothing that can be put into a file makes a format panic, hang or grow without bound.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its own fixtures, and a panic is how it fails"
)]

use std::path::{Path, PathBuf};

use base::Level;
use inventory::{FORMATS, Input, assemble};
use proptest::prelude::*;

/// Parses with every format, whatever it is, and assembles the result.
fn survive(path: &str, bytes: &[u8]) {
    let input = Input { path, bytes };
    for format in FORMATS {
        let _ = format.wants(path);
        let _ = format.recognise(&input);
        let parsed = format.parse(&input);
        for package in &parsed.value.packages {
            assert!(
                !package.locations.is_empty(),
                "{}: {} has no location",
                format.id(),
                package.name
            );
        }
        let _ = assemble("target", vec![parsed.value]);
    }
}

fn fixtures() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.file_name().unwrap() != "expected.txt" {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"),
        &mut found,
    );
    found.sort();
    found
}

/// The format that reads the file, asked once of the whole file: a cut one may not show what it is.
fn parse_cut(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    let name = path.to_str().unwrap().replace('\\', "/");
    let whole = Input {
        path: &name,
        bytes: &bytes,
    };
    let Some(format) = inventory::formats::recognise(&whole) else {
        return;
    };
    let step = (bytes.len() / 500).max(1);
    for end in (0..bytes.len()).step_by(step) {
        let cut = Input {
            path: &name,
            bytes: &bytes[..end],
        };
        let _ = format.parse(&cut);
    }
}

#[test]
fn a_file_cut_anywhere_never_panics() {
    for path in fixtures() {
        parse_cut(&path);
    }
}

#[test]
fn a_flipped_byte_never_panics() {
    for path in fixtures() {
        let mut bytes = std::fs::read(&path).unwrap();
        let name = path.to_str().unwrap().replace('\\', "/");
        let step = (bytes.len() / 150).max(1);
        for at in (0..bytes.len()).step_by(step) {
            for flip in [0x01, 0x80, 0xFF] {
                bytes[at] ^= flip;
                let input = Input {
                    path: &name,
                    bytes: &bytes,
                };
                if let Some(format) = inventory::formats::recognise(&input) {
                    let _ = format.parse(&input);
                }
                bytes[at] ^= flip;
            }
        }
    }
}

fn check_limit(path: &str, text: &str, limit: &str) {
    let input = Input {
        path,
        bytes: text.as_bytes(),
    };
    let format = inventory::formats::recognise(&input).unwrap();
    let parsed = format.parse(&input);
    let found = parsed
        .notes
        .iter()
        .any(|n| n.limit.is_some_and(|l| l.name == limit) || n.what.contains(limit));
    assert!(found, "{limit}: {:?}", parsed.notes);
}

#[test]
fn nesting_is_bounded_and_the_limit_is_named() {
    let json = |depth: usize| {
        let open = r#"{"name":"a","version":"1","components":["#.repeat(depth);
        format!(
            r#"{{"bomFormat":"CycloneDX","components":[{open}{}]}}"#,
            "]}".repeat(depth)
        )
    };
    check_limit("bom.json", &json(61), "sbom-depth");
    check_limit("bom.json", &json(10_000), "sbom-depth");
    let xml = |depth: usize| {
        let open = "<component><name>a</name><components>".repeat(depth);
        let close = "</components></component>".repeat(depth);
        format!(
            "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components>{open}{close}</components></bom>"
        )
    };
    check_limit("bom.xml", &xml(100_000), "sbom-depth");
    survive("bom.json", "[".repeat(1_000_000).as_bytes());
    survive(
        "bom.json",
        format!(r#"{{"bomFormat":"CycloneDX","x":{}"#, "[".repeat(500_000)).as_bytes(),
    );
    survive("bom.xml", "<a>".repeat(300_000).as_bytes());
}

#[test]
fn fields_without_end_are_left_out_and_the_limit_is_named() {
    let long = "a".repeat(100_000);
    check_limit(
        "lib/dpkg/status",
        &format!("Package: {long}\nStatus: install ok installed\nVersion: 1\n"),
        "dpkg-field-bytes",
    );
    check_limit(
        "lib/apk/db/installed",
        &format!("P:{long}\nV:1\n"),
        "apk-field-bytes",
    );
    check_limit(
        "bom.json",
        &format!(r#"{{"bomFormat":"CycloneDX","components":[{{"name":"{long}"}}]}}"#),
        "sbom-string-bytes",
    );
}

#[test]
fn components_are_counted_and_the_limit_is_named() {
    let many = "{},".repeat(500_000);
    check_limit(
        "bom.json",
        &format!(r#"{{"bomFormat":"CycloneDX","components":[{many}{{}}]}}"#),
        "sbom-components",
    );
}

#[test]
fn notes_are_bounded() {
    let lines = "not a field\n\n".repeat(50_000);
    let input = Input {
        path: "var/lib/dpkg/status",
        bytes: lines.as_bytes(),
    };
    let parsed = inventory::formats::recognise(&input).unwrap().parse(&input);
    assert!(parsed.notes.len() < 300, "{}", parsed.notes.len());
    assert!(parsed.notes.iter().any(|n| n.level == Level::Error));
}

/// Text that looks like one of the formats more often than chance would have it.
fn near_misses() -> impl Strategy<Value = Vec<u8>> {
    let words = prop_oneof![
        Just("Package: a\n"),
        Just("Status: install ok installed\n"),
        Just("Version: 1\n"),
        Just("Source: a (1"),
        Just("\n\n"),
        Just("P:a\n"),
        Just("V:1\n"),
        Just("o:"),
        Just("SPDXVersion: SPDX-2.3\n"),
        Just("PackageName: a\n"),
        Just("<text>"),
        Just("</text>"),
        Just("ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n"),
        Just("{\"bomFormat\":\"CycloneDX\",\"components\":["),
        Just("{\"name\":\"a\",\"purl\":\"pkg:"),
        Just("\"spdxVersion\":\"SPDX-2.3\","),
        Just("]"),
        Just("}"),
        Just("\""),
        Just(","),
        Just("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\">"),
        Just("<components>"),
        Just("<component type=\"library\">"),
        Just("<purl>pkg:deb/debian/a@1?distro=debian-</purl>"),
        Just("</component>"),
        Just("&#x0;"),
        Just("&amp;"),
        Just("é"),
        Just("\u{FEFF}"),
        Just("ID=\""),
        Just("VERSION_ID='1\\"),
        Just("SQLite format 3\0"),
    ];
    prop::collection::vec(words, 0..24).prop_map(|w| w.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..600), path in prop_oneof![Just("x"), Just("var/lib/dpkg/status"), Just("lib/apk/db/installed"), Just("var/lib/rpm/rpmdb.sqlite"), Just("etc/os-release")]) {
        survive(path, &bytes);
    }

    #[test]
    fn near_misses_are_survived(bytes in near_misses()) {
        survive("x", &bytes);
    }

    #[test]
    fn any_purl_becomes_a_package(ty in "deb|rpm|apk|npm|golang|pypi|generic", rest in "\\PC{0,40}", distro in "\\PC{0,12}") {
        if let Ok(purl) = format!("pkg:{ty}/debian/{rest}?distro={distro}").parse() {
            let _ = inventory::formats::purl_package::package(&purl, inventory::Location::file("x"));
        }
    }
}
