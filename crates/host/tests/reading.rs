//! Reading files and documents that are larger, stranger or more hostile than expected.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs::{self, File};
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

use base::{Limit, Note};
use flate2::Compression;
use flate2::write::GzEncoder;
use host::{Document, DocumentLimits, ReadError, batches, documents, read};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const LIMIT: Limit = Limit::new("test-bytes", 1 << 20);

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An archive of members given as name and bytes.
fn zip(path: &Path, members: &[(&str, &[u8])]) {
    let mut writer = ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in members {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
}

fn collect(path: &Path, limits: &DocumentLimits) -> (Vec<Document>, Vec<Note>) {
    let mut found = Vec::new();
    let notes = documents(path, limits, |document| {
        found.push(document);
        ControlFlow::Continue(())
    });
    (found, notes.unwrap())
}

/// The last part of each document's name, its line and its text.
fn shape(found: &[Document]) -> Vec<(&str, Option<u64>, &str)> {
    found
        .iter()
        .map(|d| {
            (
                d.name.rsplit('/').next().unwrap(),
                d.line,
                std::str::from_utf8(&d.bytes).unwrap(),
            )
        })
        .collect()
}

fn check_read(name: &str, bytes: &[u8], expected: &[u8]) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    assert_eq!(read(&path, LIMIT).unwrap(), expected, "{name}");
}

#[test]
fn a_file_is_decompressed_by_what_is_in_it_not_by_its_name() {
    check_read("plain", b"text", b"text");
    check_read("empty", b"", b"");
    check_read("one-byte", b"\x1f", b"\x1f");
    check_read("no-ending", &gz(b"text"), b"text");
    check_read("two-members.gz", &[gz(b"te"), gz(b"xt")].concat(), b"text");
    check_read(
        "x.zst",
        &zstd::encode_all(&b"text"[..], 3).unwrap(),
        b"text",
    );
}

#[test]
fn what_cannot_be_read_says_why_and_what_to_try() {
    let dir = TempDir::new().unwrap();
    let check = |name: &str, expected: &str| {
        let error = read(&dir.path().join(name), LIMIT).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().starts_with(error.path()));
        assert!(!error.hint().is_empty());
    };
    check("missing", "no such file");
    check("", "a directory");
    fs::write(dir.path().join("cut.gz"), &gz(&[b'x'; 5000])[..20]).unwrap();
    check("cut.gz", "broken archive or compressed data");
    fs::write(dir.path().join("cut.zst"), b"\x28\xb5\x2f\xfdrubbish").unwrap();
    check("cut.zst", "broken archive or compressed data");
}

#[test]
fn a_file_over_the_limit_is_refused_without_reading_it() {
    let dir = TempDir::new().unwrap();
    let sparse = dir.path().join("sparse");
    File::create(&sparse).unwrap().set_len(1 << 40).unwrap();
    let error = read(&sparse, LIMIT).unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { limit, .. } if limit == LIMIT));
    assert_eq!(error.to_note().limit, Some(LIMIT));
    assert!(error.to_string().contains("test-bytes=1048576"));
}

#[test]
fn a_bomb_stops_at_the_limit_it_hits_first() {
    let dir = TempDir::new().unwrap();
    let check = |name: &str, bytes: Vec<u8>, limit: Limit, expected: &str| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        let error = read(&path, limit).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    };
    let zeros = vec![0; 64 << 20];
    let large = Limit::new("large", 1 << 40);
    check("size.gz", gz(&zeros), LIMIT, "test-bytes");
    check("ratio.gz", gz(&zeros), large, "compression-ratio");
    check(
        "size.zst",
        zstd::encode_all(&zeros[..], 3).unwrap(),
        LIMIT,
        "test-bytes",
    );
    check(
        "ratio.zst",
        zstd::encode_all(&zeros[..], 3).unwrap(),
        large,
        "compression-ratio",
    );
}

#[cfg(unix)]
#[test]
fn a_named_pipe_or_device_is_refused_and_never_waited_for() {
    let dir = TempDir::new().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for (path, what) in [
        (pipe.as_path(), "a named pipe"),
        (Path::new("/dev/zero"), "a device"),
    ] {
        assert!(read(path, LIMIT).unwrap_err().to_string().contains(what));
        assert!(
            documents(path, &DocumentLimits::default(), |_| ControlFlow::Continue(
                ()
            ))
            .is_err()
        );
    }
}

#[test]
fn an_archive_gives_its_members_in_order_under_their_own_names() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("all.zip");
    let packed = gz(b"inside");
    zip(
        &path,
        &[
            ("b.json", b"{}"),
            ("folder/", b""),
            ("a.json", b"{\n}"),
            ("../../etc/passwd", b"slip"),
            ("\x1b[31m.json", b"red"),
            ("c.json.gz", &packed),
            ("lines.ndjson", b"{\"a\":1}\n\n{\"a\":2}\n"),
            ("one-line.json", b"{\"a\":1}\n"),
        ],
    );
    let (found, notes) = collect(&path, &DocumentLimits::default());
    assert_eq!(notes, []);
    let prefix = format!("{}!", path.display());
    let names: Vec<_> = found
        .iter()
        .map(|d| {
            (
                d.name.strip_prefix(&prefix).unwrap(),
                d.line,
                d.bytes.as_slice(),
            )
        })
        .collect();
    let expected: [(&str, Option<u64>, &[u8]); 8] = [
        ("b.json", None, b"{}"),
        ("a.json", None, b"{\n}"),
        ("../../etc/passwd", None, b"slip"),
        ("\\x1b[31m.json", None, b"red"),
        ("c.json.gz", None, b"inside"),
        ("lines.ndjson", Some(1), b"{\"a\":1}\n"),
        ("lines.ndjson", Some(3), b"{\"a\":2}\n"),
        ("one-line.json", None, b"{\"a\":1}\n"),
    ];
    assert_eq!(names, expected);
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "nothing is written"
    );
}

#[test]
fn members_over_a_limit_are_left_out_with_a_note() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("all.zip");
    zip(
        &path,
        &[
            ("small", b"s"),
            ("bomb", &vec![0; 64 << 20]),
            ("large", &[b'x'; 2000]),
            ("last", b"l"),
        ],
    );
    let limits = DocumentLimits {
        document: Limit::new("document-bytes", 1000),
        ..DocumentLimits::default()
    };
    let (found, notes) = collect(&path, &limits);
    assert_eq!(found.len(), 2);
    assert_eq!(notes.len(), 2);
    assert!(
        notes
            .iter()
            .all(|n| n.limit == Some(limits.document) && n.file.as_ref().unwrap().contains('!'))
    );
    let (found, notes) = collect(&path, &DocumentLimits::default());
    assert_eq!(found.len(), 3);
    assert_eq!(notes[0].limit.unwrap().name, "compression-ratio");
    let limits = DocumentLimits {
        entries: Limit::new("archive-entries", 1),
        ..DocumentLimits::default()
    };
    let (found, notes) = collect(&path, &limits);
    assert_eq!((found.len(), notes[0].limit), (0, Some(limits.entries)));
    let limits = DocumentLimits {
        total: Limit::new("documents-total-bytes", 2000),
        ..DocumentLimits::default()
    };
    let (found, notes) = collect(&path, &limits);
    assert_eq!(
        (found.len(), notes.last().unwrap().limit),
        (1, Some(limits.total))
    );
}

#[test]
fn a_broken_archive_is_a_note_and_a_broken_member_loses_only_itself() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("all.zip");
    zip(
        &path,
        &[
            ("a", b"first member"),
            ("b", &[b'b'; 3000]),
            ("c", b"third member"),
        ],
    );
    let whole = fs::read(&path).unwrap();
    for end in [4, 30, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..end]).unwrap();
        let (_, notes) = collect(&path, &DocumentLimits::default());
        assert!(!notes.is_empty(), "cut at {end}");
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        fs::write(&path, &bytes).unwrap();
        let _ = documents(&path, &DocumentLimits::default(), |_| {
            ControlFlow::Continue(())
        });
    }
    // The middle of the second member's data.
    let mut bytes = whole.clone();
    let at = whole.windows(1).position(|w| w == b"b").unwrap() + 2;
    bytes[at] ^= 0xff;
    fs::write(&path, &bytes).unwrap();
    let (found, notes) = collect(&path, &DocumentLimits::default());
    assert!(found.len() >= 2 && notes.len() <= 1, "{notes:?}");
}

#[test]
fn lines_are_documents_when_the_first_is_one_and_another_follows() {
    let dir = TempDir::new().unwrap();
    let check = |name: &str, bytes: &[u8], expected: &[(Option<u64>, &str)]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        let (found, notes) = collect(&path, &DocumentLimits::default());
        assert_eq!(notes, [], "{name}");
        let found: Vec<_> = found
            .iter()
            .map(|d| (d.line, std::str::from_utf8(&d.bytes).unwrap()))
            .collect();
        assert_eq!(found, expected, "{name}");
    };
    check("one.json", b"{\"a\":\n1}\n", &[(None, "{\"a\":\n1}\n")]);
    check("one-line.json", b"{\"a\":1}\n", &[(None, "{\"a\":1}\n")]);
    check(
        "blank-after.json",
        b"{\"a\":1}\n\n \n",
        &[(None, "{\"a\":1}\n")],
    );
    check(
        "lines",
        b"{\"a\":1}\r\n{\"b\":2}",
        &[(Some(1), "{\"a\":1}\r\n"), (Some(2), "{\"b\":2}")],
    );
    check(
        "broken-line",
        b"{\"a\":1}\n{oops\n{}\n",
        &[
            (Some(1), "{\"a\":1}\n"),
            (Some(2), "{oops\n"),
            (Some(3), "{}\n"),
        ],
    );
    check(
        "lines.gz",
        &gz(b"{}\n{}\n"),
        &[(Some(1), "{}\n"), (Some(2), "{}\n")],
    );
    check("csv", b"a,b\n1,2\n", &[(None, "a,b\n1,2\n")]);
    check("empty", b"", &[(None, "")]);
}

#[test]
fn a_line_too_long_is_left_out_and_the_next_one_read() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("lines");
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(100));
    fs::write(&path, format!("{{}}\n{long}\n{{}}\n")).unwrap();
    let limits = DocumentLimits {
        document: Limit::new("document-bytes", 50),
        ..DocumentLimits::default()
    };
    let (found, notes) = collect(&path, &limits);
    assert_eq!(
        shape(&found),
        [("lines", Some(1), "{}\n"), ("lines", Some(3), "{}\n")]
    );
    assert_eq!(
        (notes.len(), notes[0].line, notes[0].limit),
        (1, Some(2), Some(limits.document))
    );
}

#[test]
fn a_directory_gives_everything_in_it_by_name() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("sub")).unwrap();
    fs::write(dir.path().join("z.json"), b"z").unwrap();
    fs::write(dir.path().join(".gitignore"), b"*").unwrap();
    zip(&dir.path().join("sub/all.zip"), &[("a.json", b"a")]);
    let (found, notes) = collect(dir.path(), &DocumentLimits::default());
    assert_eq!(notes, []);
    assert_eq!(
        shape(&found),
        [
            (".gitignore", None, "*"),
            ("all.zip!a.json", None, "a"),
            ("z.json", None, "z")
        ]
    );
}

#[test]
fn batches_are_bounded_and_can_be_stopped() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("all.zip");
    let members: Vec<(String, Vec<u8>)> = (0..100)
        .map(|i| (format!("{i}"), vec![b'x'; 100]))
        .collect();
    let members: Vec<(&str, &[u8])> = members
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    zip(&path, &members);
    let limits = DocumentLimits {
        batch_bytes: 1000,
        ..DocumentLimits::default()
    };
    let mut sizes = Vec::new();
    let mut names = Vec::new();
    batches(&path, &limits, |batch| {
        sizes.push(batch.len());
        names.extend(
            batch
                .into_iter()
                .map(|d| d.name.rsplit('!').next().unwrap().parse::<u32>().unwrap()),
        );
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(sizes, [10; 10]);
    assert!(names.into_iter().eq(0..100));
    let mut calls = 0;
    batches(&path, &limits, |_| {
        calls += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(calls, 1);
}
