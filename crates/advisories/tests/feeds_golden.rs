//! Golden documents of every feed: each folder `testdata/feeds/<feed>/<case>/` holds one `input.*` and what is expected of
//! it in `expected.txt`.
//!
//! `UPDATE_EXPECT=1 cargo test -p advisories --test feeds_golden` rewrites the expectations; review them as a diff.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its own fixtures, and a panic is how it fails"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use advisories::feeds::{Document, FEEDS, Feed, recognise};
use advisories::model::{Advisory, Affected, Batch, CveRecord, CvssVector};
use base::Parsed;

#[test]
fn every_document_is_read_as_expected() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    for feed in FEEDS {
        let cases = folders(&root().join(feed.id()));
        assert!(!cases.is_empty(), "no fixture for {}", feed.id());
        for case in cases {
            let actual = read(*feed, &case);
            let expected = case.join("expected.txt");
            if update {
                std::fs::write(&expected, &actual).unwrap();
            } else if std::fs::read_to_string(&expected)
                .unwrap()
                .replace("\r\n", "\n")
                != actual
            {
                wrong.push(format!("{}:\n{actual}", case.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn no_folder_belongs_to_no_feed() {
    for folder in folders(&root()) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(FEEDS.iter().any(|f| f.id() == name), "{name}");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/feeds")
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|p| p.is_dir()).collect();
    folders.sort();
    folders
}

/// The one input of a case, recognised as its folder says and read.
fn read(feed: &dyn Feed, case: &Path) -> String {
    let mut files = std::fs::read_dir(case).unwrap().map(|e| e.unwrap().path());
    let input = files
        .find(|p| p.file_stem().is_some_and(|s| s == "input"))
        .unwrap();
    let bytes = std::fs::read(input).unwrap();
    let document = Document {
        name: "input",
        bytes: &bytes,
    };
    assert_eq!(
        recognise(&document).map(Feed::id),
        Some(feed.id()),
        "{}",
        case.display()
    );
    render(&feed.parse(&document))
}

/// A batch as text: one fact a line, in the order of the model, what is absent left out.
fn render(parsed: &Parsed<Batch>) -> String {
    let batch = &parsed.value;
    let mut out = String::new();
    writeln!(out, "read {}", batch.read).unwrap();
    if let Some(as_of) = batch.as_of {
        writeln!(out, "as of {as_of}").unwrap();
    }
    if let Some(model) = &batch.epss_model {
        writeln!(out, "model {} {:?}", model.version, model.date).unwrap();
    }
    batch
        .advisories
        .iter()
        .for_each(|a| render_advisory(&mut out, a));
    for k in &batch.kev {
        let (due, ransomware) = (k.due.map(|d| d.to_string()), k.ransomware);
        writeln!(
            out,
            "kev {} added {} due {due:?} ransomware {ransomware:?}: {} | {} | {}",
            k.cve, k.added, k.vendor, k.product, k.name
        )
        .unwrap();
    }
    for e in &batch.epss {
        writeln!(out, "epss {} {} {}", e.cve, e.score, e.percentile).unwrap();
    }
    for u in &batch.updates {
        let (released, build) = (u.released.map(|d| d.to_string()), &u.build);
        writeln!(
            out,
            "update {} {} released {released:?} build {build:?} supersedes {:?} component {:?}",
            u.product, u.kb, u.supersedes, u.component
        )
        .unwrap();
    }
    batch.cves.iter().for_each(|c| render_cve(&mut out, c));
    for (reason, count) in &batch.skipped {
        writeln!(out, "skipped {count}: {reason}").unwrap();
    }
    for note in &parsed.notes {
        writeln!(out, "{}: {note}", note.level.as_str()).unwrap();
    }
    out
}

fn render_advisory(out: &mut String, a: &Advisory) {
    writeln!(out, "advisory {}", a.id).unwrap();
    for (word, ids) in [
        ("aliases", &a.aliases),
        ("related", &a.related),
        ("upstream", &a.upstream),
        ("references", &a.references),
    ] {
        if !ids.is_empty() {
            writeln!(out, "  {word} {}", ids.join(" ")).unwrap();
        }
    }
    let cves: Vec<String> = a.cves().iter().map(ToString::to_string).collect();
    writeln!(out, "  cves {}", cves.join(" ")).unwrap();
    for (word, at) in [
        ("published", a.published),
        ("modified", a.modified),
        ("withdrawn", a.withdrawn),
    ] {
        if let Some(at) = at {
            writeln!(out, "  {word} {at}").unwrap();
        }
    }
    writeln!(out, "  summary {:?}", a.summary).unwrap();
    if let Some(severity) = a.severity {
        writeln!(out, "  severity {severity}").unwrap();
    }
    if let Some(informational) = &a.informational {
        writeln!(out, "  informational {informational}").unwrap();
    }
    render_scores(out, "  ", &a.scores);
    a.affected
        .iter()
        .for_each(|affected| render_affected(out, affected));
}

fn render_affected(out: &mut String, affected: &Affected) {
    writeln!(
        out,
        "  affected {} | {}",
        affected.ecosystem, affected.package
    )
    .unwrap();
    for range in &affected.ranges {
        let events: Vec<String> = range
            .events
            .iter()
            .map(|e| format!("{:?} {}", e.kind, e.version))
            .collect();
        writeln!(out, "    {:?}: {}", range.kind, events.join(", ")).unwrap();
    }
    for (word, versions) in [
        ("versions", &affected.versions),
        ("except", &affected.except),
    ] {
        if !versions.is_empty() {
            writeln!(out, "    {word} {}", versions.join(" ")).unwrap();
        }
    }
    if let Some(component) = &affected.component {
        writeln!(out, "    component {component}").unwrap();
    }
    if let Some(state) = affected.vendor_state {
        writeln!(out, "    vendor {state:?}").unwrap();
    }
    if !affected.updates.is_empty() {
        let updates: Vec<String> = affected.updates.iter().map(ToString::to_string).collect();
        writeln!(out, "    updates {}", updates.join(" ")).unwrap();
    }
    render_scores(out, "    ", &affected.scores);
}

fn render_cve(out: &mut String, record: &CveRecord) {
    writeln!(out, "cve {} rejected {}", record.cve, record.rejected).unwrap();
    for (word, at) in [
        ("published", record.published),
        ("modified", record.modified),
    ] {
        if let Some(at) = at {
            writeln!(out, "  {word} {at}").unwrap();
        }
    }
    writeln!(out, "  summary {:?}", record.summary).unwrap();
    render_scores(out, "  ", &record.scores);
    if let Some(s) = record.ssvc {
        let at = s.at.map(|t| t.to_string());
        writeln!(
            out,
            "  ssvc {:?} automatable {:?} total {:?} at {at:?}",
            s.exploitation, s.automatable, s.total_impact
        )
        .unwrap();
    }
}

fn render_scores(out: &mut String, indent: &str, scores: &[CvssVector]) {
    for score in scores {
        writeln!(out, "{indent}score {} by {}", score.vector, score.source).unwrap();
    }
}
