//! The rule of the running kernel over a catalog of real shape: what an old kernel has is no finding, what only a restart
//! closes says so.
#![expect(clippy::unwrap_used, reason = "a test says where it fails")]

use advisories::catalog::{Builder, Catalog};
use advisories::feeds::{Document, recognise};
use inventory::{Host, HostKind, Location, Package, Source};
use matching::{Kernels, Matches, Options, Reason, match_package};

const RECORD: &str = r#"{"id":"DEBIAN-CVE-2024-1086","modified":"2024-02-01T00:00:00Z","upstream":["CVE-2024-1086"],
    "affected":[{"package":{"ecosystem":"Debian:12","name":"linux"},"ranges":[{"type":"ECOSYSTEM",
    "events":[{"introduced":"0"},{"fixed":"6.1.76-1"}]}]}]}"#;

fn catalog() -> Catalog {
    let mut builder = Builder::new();
    let document = Document {
        name: "record.json",
        bytes: RECORD.as_bytes(),
    };
    let parsed = recognise(&document).unwrap().parse(&document);
    builder.add("osv/Debian", parsed.value);
    Catalog::from_bytes(builder.finish()).unwrap()
}

fn kernel(name: &str, version: &str) -> Package {
    let mut package = Package::new(name, Some(version.to_owned()), Location::file("status"));
    package.ecosystem = Some("Debian:12".parse().unwrap());
    package.source = Some(Source {
        name: "linux-signed-amd64".to_owned(),
        version: Some(version.replace('-', "+")),
    });
    package
}

fn settled(running: &str, package: &Package, beside: &Package) -> Matches {
    let catalog = catalog();
    let host = Host {
        kernel: Some(running.to_owned()),
        packages: vec![package.clone(), beside.clone()],
        ..Host::new("web-01", HostKind::Machine)
    };
    let options = Options::of(&host, true);
    let mut matches = match_package(&catalog, &host, package, options).unwrap();
    let kernels = Kernels::of(&host);
    kernels
        .settle(&catalog, package, options, &mut matches)
        .unwrap();
    matches
}

#[test]
fn what_an_old_kernel_has_is_a_negative_and_not_a_finding() {
    let old = kernel("linux-image-6.1.0-17-amd64", "6.1.69-1");
    let new = kernel("linux-image-6.1.0-18-amd64", "6.1.76-1");
    let matches = settled("6.1.0-18-amd64", &old, &new);
    assert_eq!(matches.affected, []);
    let [negative] = matches.not_affected.as_slice() else {
        panic!("{matches:?}");
    };
    assert_eq!(negative.reason, Reason::NotRunning);
    assert_eq!(
        negative.detail,
        "6.1.0-17-amd64 is installed, 6.1.0-18-amd64 runs"
    );
    assert_eq!(negative.source, "osv/Debian");
}

#[test]
fn what_a_restart_closes_stays_and_says_so() {
    let old = kernel("linux-image-6.1.0-17-amd64", "6.1.69-1");
    let new = kernel("linux-image-6.1.0-18-amd64", "6.1.76-1");
    let matches = settled("6.1.0-17-amd64", &old, &new);
    let [found] = matches.affected.as_slice() else {
        panic!("{matches:?}");
    };
    let words = "fixed kernel installed, restart needed: linux-image-6.1.0-18-amd64 6.1.76-1";
    assert!(found.why.ends_with(words), "{}", found.why);
}

#[test]
fn headers_hold_no_kernel() {
    let headers = kernel("linux-headers-6.1.0-17-amd64", "6.1.69-1");
    let image = kernel("linux-image-6.1.0-17-amd64", "6.1.69-1");
    let matches = settled("6.1.0-17-amd64", &headers, &image);
    assert_eq!(matches.affected, []);
    assert_eq!(matches.not_affected[0].reason, Reason::ComponentAbsent);
}
