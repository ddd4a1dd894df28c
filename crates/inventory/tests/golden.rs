//! Golden tests: each folder `testdata/<format>/<case>/` is one target. Every file in it but `expected.txt` is read under
//! its path inside the folder; what comes out is compared with `expected.txt`.
//!
//! `UPDATE_EXPECT=1 cargo test -p inventory --test golden` rewrites the expectations; review them as a diff.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its own fixtures, and a panic is how it fails"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[path = "golden/windows.rs"]
mod windows;

use base::Note;
use inventory::{Host, Input, Listing, Location, Package, Service, assemble, formats};

const EXPECTED: &str = "expected.txt";

#[test]
fn every_case_reads_as_expected() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let actual = describe(&case);
        let file = case.join(EXPECTED);
        if update {
            std::fs::write(&file, &actual).unwrap();
        } else if std::fs::read_to_string(&file)
            .unwrap()
            .replace("\r\n", "\n")
            != actual
        {
            wrong.push(format!("{}:\n{actual}", case.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The folders that hold an expectation.
fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path());
        entries.filter(|p| p.is_dir()).collect()
    };
    let mut cases: Vec<PathBuf> = folders(&root)
        .iter()
        .flat_map(|format| folders(format))
        .collect();
    cases.retain(|case| case.join(EXPECTED).exists());
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.file_name().unwrap() != EXPECTED {
            found.push(path);
        }
    }
    found.sort();
}

fn describe(case: &Path) -> String {
    let mut out = String::new();
    let mut paths = Vec::new();
    files(case, &mut paths);
    let mut of_target: Vec<Listing> = Vec::new();
    let mut of_hosts: BTreeMap<String, Vec<Listing>> = BTreeMap::new();
    for mut listing in paths.iter().filter_map(|path| read(case, path, &mut out)) {
        for host in std::mem::take(&mut listing.hosts) {
            let name = host.host.clone().expect("a host of many has a name");
            of_hosts.entry(name).or_default().push(host);
        }
        of_target.push(listing);
    }
    if of_hosts.is_empty() {
        describe_assembled("target", of_target, &mut out);
    }
    for (name, listings) in of_hosts {
        writeln!(out, "== {name}").unwrap();
        describe_assembled(&name, listings, &mut out);
    }
    out
}

fn describe_assembled(name: &str, listings: Vec<Listing>, out: &mut String) {
    let host = assemble(name, listings);
    describe_host(&host.value, out);
    describe_notes(&host.notes, out);
}

fn read(case: &Path, path: &Path, out: &mut String) -> Option<Listing> {
    let bytes = std::fs::read(path).unwrap();
    let name = path
        .strip_prefix(case)
        .unwrap()
        .to_str()
        .unwrap()
        .replace('\\', "/");
    let input = Input {
        path: &name,
        bytes: &bytes,
    };
    let Some(format) = formats::recognise(&input) else {
        writeln!(out, "{name}: not recognised").unwrap();
        return None;
    };
    let parsed = format.parse(&input);
    write!(
        out,
        "{name}: {}, {} packages",
        format.id(),
        parsed.value.packages.len()
    )
    .unwrap();
    if let Some((subject, kind)) = &parsed.value.subject {
        write!(
            out,
            ", about {subject} ({})",
            kind.map_or("unknown", |k| k.as_str())
        )
        .unwrap();
    }
    out.push('\n');
    describe_notes(&parsed.notes, out);
    Some(parsed.value)
}

fn describe_notes(notes: &[Note], out: &mut String) {
    for note in notes {
        writeln!(out, "  {}: {note}", note.level.as_str()).unwrap();
    }
}

fn describe_host(host: &Host, out: &mut String) {
    writeln!(out, "host: {}", host.kind.as_str()).unwrap();
    if let Some(os) = &host.os {
        let ecosystem = os
            .ecosystem()
            .map_or("not covered".to_owned(), |e| e.to_string());
        writeln!(out, "os: {} = {ecosystem}", os.label()).unwrap();
    }
    if let Some(windows) = &host.windows {
        out.push_str(&windows::describe(windows));
    }
    if let Some(kernel) = &host.kernel {
        writeln!(out, "kernel: {kernel}").unwrap();
    }
    for package in &host.packages {
        describe_package(package, out);
    }
    for service in &host.services {
        describe_service(service, out);
    }
    for stale in &host.stale {
        let pid = stale.pid.map_or("-".to_owned(), |p| p.to_string());
        let file = or_dash(stale.file.as_deref());
        writeln!(out, "restart: {} {pid} {file}", stale.program).unwrap();
    }
}

fn describe_service(service: &Service, out: &mut String) {
    let (transport, port) = (service.transport.as_str(), service.port);
    let program = or_dash(service.program.as_deref());
    let package = or_dash(service.package.as_deref());
    write!(out, "{transport}/{port} {program} of {package}").unwrap();
    let address = or_dash(service.address.as_deref());
    write!(out, " on {address}, {}", service.confidence.as_str()).unwrap();
    if let Some(product) = &service.product {
        let version = or_dash(product.version.as_deref());
        write!(out, ": {} {version}", product.name).unwrap();
    }
    writeln!(out, " | {}", place(&service.location)).unwrap();
}

fn or_dash(text: Option<&str>) -> String {
    text.unwrap_or("-").to_owned()
}

fn describe_package(package: &Package, out: &mut String) {
    let ecosystem = package
        .ecosystem
        .as_ref()
        .map_or("-".to_owned(), |e| e.to_string());
    write!(
        out,
        "{ecosystem} | {} {}",
        package.name,
        or_dash(package.version.as_deref())
    )
    .unwrap();
    if let Some(source) = &package.source {
        write!(
            out,
            " | source {} {}",
            source.name,
            or_dash(source.version.as_deref())
        )
        .unwrap();
    }
    if let Some(cpe) = &package.cpe {
        write!(out, " | cpe {}:{}", cpe.vendor, cpe.product).unwrap();
    }
    if let Some(kept) = &package.kept {
        let confirmed = kept.confirmed.map_or("never".to_owned(), |d| d.to_string());
        let owner = kept.owner.as_deref().unwrap_or("nobody");
        write!(out, " | kept by {owner}, confirmed {confirmed}").unwrap();
    }
    if let Some(module) = &package.module {
        write!(out, " | module {module}").unwrap();
    }
    if let Some(arch) = &package.arch {
        write!(out, " | {arch}").unwrap();
    }
    let purl = package.purl.as_ref().map(|p| p.as_str());
    let places: Vec<String> = package.locations.iter().map(place).collect();
    writeln!(out, "\n    {}\n    {}", or_dash(purl), places.join(" ")).unwrap();
}

fn place(location: &Location) -> String {
    let line = location.line.map_or(String::new(), |l| format!(":{l}"));
    let layer = location
        .layer
        .as_ref()
        .map_or(String::new(), |l| format!("@{l}"));
    format!("{}{line}{layer}", location.path)
}
