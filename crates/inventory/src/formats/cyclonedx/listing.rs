//! A CycloneDX document as a listing.

use base::{Note, Parsed};

use super::component::{Bom, Component};
use super::properties;
use crate::formats::Listing;
use crate::formats::sbom::{Collector, DEPTH, Declared};
use crate::{HostKind, Os};

/// The listing of a document read from `path`, with the notes so far.
pub(super) fn of(bom: Bom<'_>, path: &str, notes: Vec<Note>) -> Parsed<Listing> {
    let mut collector = Collector::new(path, notes);
    let mut root = bom.metadata.0.and_then(|m| m.component.0);
    if let Some(root) = &mut root {
        read_root(root, &mut collector);
    }
    read_all(bom.components.0, 1, &mut collector);
    // A document that lists nothing but what it describes means: check this.
    if let Some(root) = root.filter(|r| !collector.has_packages() && r.purl.get().is_some()) {
        read_package(&root, &mut collector);
    }
    collector.finish()
}

fn read_root(root: &mut Component<'_>, collector: &mut Collector<'_>) {
    let ty = root.ty.get().unwrap_or_default();
    collector.subject(declared(root), host_kind(ty));
    if ty == "operating-system" {
        read_os(root, collector);
    }
    read_all(
        std::mem::take(&mut root.components).into_read(),
        1,
        collector,
    );
}

/// Recursion is bounded by the limit on depth.
fn read_all(components: Vec<Component<'_>>, depth: u64, collector: &mut Collector<'_>) {
    if components.is_empty() {
        return;
    }
    if DEPTH.is_exceeded_by(depth) {
        let what = format!(
            "components nested too deeply were left out: {}",
            components.len()
        );
        collector.note(Note::warning(what).because_of(DEPTH));
        return;
    }
    for mut component in components {
        if !collector.admits_one_more() {
            return;
        }
        read(&component, collector);
        read_all(
            std::mem::take(&mut component.components).into_read(),
            depth + 1,
            collector,
        );
    }
}

fn read(component: &Component<'_>, collector: &mut Collector<'_>) {
    match component.ty.get().unwrap_or_default() {
        "operating-system" => read_os(component, collector),
        // Files and the like are packages only where a package URL says so.
        "file" | "data" | "cryptographic-asset" | "device" | "machine-learning-model"
            if component.purl.get().is_none() => {}
        // Trivy gives each lockfile a component; the packages in it follow.
        "application" if is_trivy_result(component) => {}
        _ => read_package(component, collector),
    }
}

fn is_trivy_result(component: &Component<'_>) -> bool {
    component.purl.get().is_none()
        && properties::value(component, "aquasecurity:trivy:Class").is_some()
}

fn read_os(component: &Component<'_>, collector: &mut Collector<'_>) {
    let id = properties::value(component, "syft:distro:id").or(component.name.get());
    let version = properties::value(component, "syft:distro:versionID").or(component.version.get());
    let Some(id) = id else {
        collector.note(Note::warning(
            "an operating system without a name was left out",
        ));
        return;
    };
    let pretty =
        properties::value(component, "syft:distro:prettyName").or(component.description.get());
    collector.os(Os {
        codename: properties::value(component, "syft:distro:versionCodename").map(str::to_owned),
        pretty: pretty.map(str::to_owned),
        ..Os::named(id, version)
    });
}

fn read_package(component: &Component<'_>, collector: &mut Collector<'_>) {
    let path = collector.path();
    collector.package(declared(component), |package| {
        properties::complete(package, component);
        package.locations = properties::locations(component, path);
    });
}

fn declared<'a>(component: &'a Component<'_>) -> Declared<'a> {
    Declared {
        group: component.group.get(),
        name: component.name.get(),
        version: component.version.get(),
        purl: component.purl.get(),
        cpe: component.cpe.get(),
        is_excluded: component.scope.get() == Some("excluded"),
    }
}

/// The component types of the specification that say what a host is.
fn host_kind(ty: &str) -> Option<HostKind> {
    match ty {
        "container" => Some(HostKind::Image),
        "operating-system" | "device" | "firmware" => Some(HostKind::Machine),
        "application" | "library" | "framework" | "platform" => Some(HostKind::Application),
        _ => None,
    }
}
