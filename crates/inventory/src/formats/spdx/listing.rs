//! An SPDX document as a listing.

use std::collections::HashSet;

use base::{Note, Parsed};

use super::document::{Document, Package as Wire, asserted};
use crate::formats::Listing;
use crate::formats::purl_package::source_rpm;
use crate::formats::sbom::{Collector, Declared};
use crate::{HostKind, Location, Os, Package, Source};

/// The listing of a document read from `path`, with the notes so far.
pub(super) fn of(document: &Document<'_>, path: &str, notes: Vec<Note>) -> Parsed<Listing> {
    let mut collector = Collector::new(path, notes);
    let root = root(document);
    if let Some(root) = root {
        collector.subject(declared(root), host_kind(root));
    }
    for package in &document.packages.0 {
        let is_root = root.is_some_and(|r| std::ptr::eq(r, package));
        if is_root && asserted(&package.purpose) != Some("OPERATING-SYSTEM") {
            continue;
        }
        if !collector.admits_one_more() {
            break;
        }
        read(package, &mut collector);
    }
    // A document that lists nothing but what it describes means: check this.
    if let Some(root) = root.filter(|_| !collector.has_packages()) {
        read(root, &mut collector);
    }
    collector.finish()
}

/// The one package the document describes. A document that describes several is a plain list of them.
fn root<'d, 'a>(document: &'d Document<'a>) -> Option<&'d Wire<'a>> {
    const DOCUMENT: &str = "SPDXRef-DOCUMENT";
    let by_relationship = document
        .relationships
        .0
        .iter()
        .filter_map(|r| match r.ty.get()? {
            "DESCRIBES" if r.from.get() == Some(DOCUMENT) => r.to.get(),
            "DESCRIBED_BY" if r.to.get() == Some(DOCUMENT) => r.from.get(),
            _ => None,
        });
    let by_field = document.describes.0.iter().filter_map(|t| t.get());
    let described: HashSet<&str> = by_relationship.chain(by_field).collect();
    let mut packages = document
        .packages
        .0
        .iter()
        .filter(|p| p.id.get().is_some_and(|id| described.contains(id)));
    let first = packages.next()?;
    packages.next().is_none().then_some(first)
}

fn declared<'p>(package: &'p Wire<'_>) -> Declared<'p> {
    Declared {
        name: asserted(&package.name),
        version: asserted(&package.version),
        purl: purl(package),
        cpe: package
            .locators("cpe23Type")
            .chain(package.locators("cpe22Type"))
            .next(),
        ..Declared::default()
    }
}

/// The first package URL; one that says what the package is before one that says in which image it lies.
fn purl<'p>(package: &'p Wire<'_>) -> Option<&'p str> {
    package
        .locators("purl")
        .find(|p| !p.starts_with("pkg:oci/"))
        .or_else(|| package.locators("purl").next())
}

fn read(package: &Wire<'_>, collector: &mut Collector<'_>) {
    let has_purl = purl(package).is_some();
    match asserted(&package.purpose).unwrap_or_default() {
        "OPERATING-SYSTEM" if !has_purl => read_os(package, collector),
        // Files are no packages, and trivy gives each lockfile an entry of this kind.
        "FILE" | "SOURCE" | "ARCHIVE" | "APPLICATION"
            if !has_purl && asserted(&package.version).is_none() => {}
        _ => collector.package(declared(package), |p| complete(p, package)),
    }
}

fn read_os(package: &Wire<'_>, collector: &mut Collector<'_>) {
    match asserted(&package.name) {
        Some(name) => collector.os(Os::named(name, asserted(&package.version))),
        None => collector.note(Note::warning(
            "an operating system without a name was left out",
        )),
    }
}

/// What syft and trivy write into free text, where nothing else says it.
fn complete(package: &mut Package, wire: &Wire<'_>) {
    let info = asserted(&wire.source_info).unwrap_or_default();
    if let Some(text) = info.strip_prefix("built package from: ") {
        package.source = built_from(text, package.version.as_deref()).or(package.source.take());
    }
    // syft: "acquired package info from RPM DB: /var/lib/rpm/rpmdb.sqlite"
    if let Some((_, paths)) = info
        .strip_prefix("acquired package info from ")
        .and_then(|i| i.split_once(": "))
    {
        let places: Vec<Location> = paths
            .split(", ")
            .filter(|p| !p.is_empty())
            .map(Location::file)
            .collect();
        if !places.is_empty() {
            package.locations = places;
        }
    }
    let layer = attribution(wire, "LayerDigest: ").or_else(|| attribution(wire, "LayerDiffID: "));
    for place in &mut package.locations {
        place.layer = layer.map(str::to_owned);
    }
}

/// trivy: `openssl 3.0.11-1~deb12u2`, or the name alone.
fn built_from(text: &str, binary_version: Option<&str>) -> Option<Source> {
    let mut words = text.split_ascii_whitespace();
    let name = words.next()?;
    if let Some(source) = source_rpm(name, binary_version) {
        return Some(source);
    }
    Some(Source {
        name: name.to_owned(),
        version: words.next().or(binary_version).map(str::to_owned),
    })
}

fn attribution<'w>(wire: &'w Wire<'_>, prefix: &str) -> Option<&'w str> {
    let comments = wire.annotations.0.iter().map(|a| &a.comment);
    wire.attributions
        .0
        .iter()
        .chain(comments)
        .find_map(|t| t.get()?.strip_prefix(prefix))
}

fn host_kind(root: &Wire<'_>) -> Option<HostKind> {
    match asserted(&root.purpose).unwrap_or_default() {
        "CONTAINER" => Some(HostKind::Image),
        "OPERATING-SYSTEM" | "DEVICE" | "FIRMWARE" => Some(HostKind::Machine),
        "APPLICATION" | "FRAMEWORK" | "LIBRARY" => Some(HostKind::Application),
        _ if purl(root)
            .is_some_and(|p| p.starts_with("pkg:oci/") || p.starts_with("pkg:docker/")) =>
        {
            Some(HostKind::Image)
        }
        _ => None,
    }
}
