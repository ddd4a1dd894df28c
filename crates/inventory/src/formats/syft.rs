//! Syft's own JSON (<https://github.com/anchore/syft/tree/main/schema/json>), schema 1 to 16: what `syft -o json` prints.

use std::borrow::Cow;

use base::{Cpe, Note, Parsed};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient::{List, Object, Text, Texts};
use super::purl_package::{source_rpm, with_epoch};
use super::sbom::{Collector, Declared};
use super::{Format, Input, Listing, json_document, text};
use crate::{HostKind, Location, Os, Package, Source};

/// Software bills of materials in syft's own format.
pub struct SyftJson;

impl Format for SyftJson {
    fn id(&self) -> &'static str {
        "syft"
    }

    fn about(&self) -> &'static str {
        "syft's own JSON, as syft -o json prints it"
    }

    fn kind(&self) -> HostKind {
        HostKind::Image
    }

    fn wants(&self, path: &str) -> bool {
        path.to_ascii_lowercase().ends_with(".syft.json")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = text::sample(input.bytes);
        let names_schema = || text.contains("anchore/syft/") && text.contains("\"schema\"");
        text.trim_start().starts_with('{') && text.contains("\"artifacts\"") && names_schema()
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut spare = String::new();
        let Parsed { value, notes } = json_document::read::<Document<'_>>(&text, &mut spare);
        let mut collector = Collector::new(input.path, note.into_iter().chain(notes));
        describe(&value, &mut collector);
        for artifact in &value.artifacts.0 {
            if !collector.admits_one_more() {
                break;
            }
            collector.package(artifact.declared(), |package| complete(package, artifact));
        }
        collector.finish()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document<'a> {
    #[serde(borrow)]
    artifacts: List<Artifact<'a>>,
    #[serde(borrow)]
    distro: Object<Distro<'a>>,
    #[serde(borrow)]
    source: Object<Target<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Artifact<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    version: Text<'a>,
    #[serde(borrow)]
    purl: Text<'a>,
    /// Texts, or since schema 16 objects that also say where they are from.
    #[serde(borrow)]
    cpes: Option<&'a RawValue>,
    #[serde(borrow)]
    locations: List<Place<'a>>,
    #[serde(borrow)]
    metadata: Object<Metadata<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place<'a> {
    #[serde(borrow)]
    path: Text<'a>,
    #[serde(borrow, rename = "layerID")]
    layer: Text<'a>,
}

/// What the databases of distributions say; the fields of other catalogers are not needed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow)]
    source: Text<'a>,
    #[serde(borrow)]
    source_version: Text<'a>,
    #[serde(borrow)]
    origin_package: Text<'a>,
    #[serde(borrow)]
    source_rpm: Text<'a>,
    #[serde(borrow)]
    epoch: Text<'a>,
    #[serde(borrow)]
    modularity_label: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Distro<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, alias = "version", rename = "versionID")]
    version: Text<'a>,
    #[serde(borrow, rename = "versionCodename")]
    codename: Text<'a>,
    #[serde(borrow, rename = "prettyName")]
    pretty: Text<'a>,
    #[serde(borrow, rename = "idLike")]
    like: Texts<'a>,
}

/// What syft looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Target<'a> {
    #[serde(borrow, rename = "type")]
    ty: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    version: Text<'a>,
}

impl<'a> Artifact<'a> {
    fn declared(&'a self) -> Declared<'a> {
        Declared {
            name: self.name.get(),
            version: self.version.get(),
            purl: self.purl.get(),
            ..Declared::default()
        }
    }
}

fn describe(document: &Document<'_>, collector: &mut Collector<'_>) {
    if let Some(target) = &document.source.0 {
        let kind = match target.ty.get() {
            Some("image") => Some(HostKind::Image),
            _ => None,
        };
        let declared = Declared {
            name: target.name.get(),
            version: target.version.get(),
            ..Declared::default()
        };
        collector.subject(declared, kind);
    }
    let Some(distro) = &document.distro.0 else {
        return;
    };
    match distro.id.get().or(distro.name.get()) {
        Some(id) => collector.os(Os {
            codename: distro.codename.get().map(str::to_owned),
            pretty: distro.pretty.get().map(str::to_owned),
            id_like: distro
                .like
                .0
                .iter()
                .filter_map(|t| t.get())
                .map(str::to_owned)
                .collect(),
            ..Os::named(id, distro.version.get())
        }),
        None if document.artifacts.0.is_empty() => {}
        None => collector.note(Note::info("the document names no operating system")),
    }
}

/// The first one, which syft thinks the likeliest.
fn cpe(artifact: &Artifact<'_>) -> Option<Cpe> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Name<'a> {
        Text(#[serde(borrow)] Cow<'a, str>),
        Object {
            #[serde(borrow)]
            cpe: Cow<'a, str>,
        },
    }
    let names: Vec<Name<'_>> = serde_json::from_str(artifact.cpes?.get()).ok()?;
    match names.first()? {
        Name::Text(cpe) | Name::Object { cpe } => cpe.parse().ok(),
    }
}

fn complete(package: &mut Package, artifact: &Artifact<'_>) {
    package.cpe = cpe(artifact);
    let places = artifact.locations.0.iter().filter_map(|place| {
        Some(Location {
            path: place.path.get()?.to_owned(),
            line: None,
            layer: place.layer.get().map(str::to_owned),
        })
    });
    let places: Vec<Location> = places.collect();
    if !places.is_empty() {
        package.locations = places;
    }
    let Some(metadata) = &artifact.metadata.0 else {
        return;
    };
    if metadata.source_rpm.get().is_some() {
        package.version = package
            .version
            .take()
            .map(|v| with_epoch(&v, metadata.epoch.get()));
    }
    if let Some(source) = source(metadata, package) {
        package.source = Some(source);
    }
    if let Some(module) = metadata.modularity_label.get() {
        package.module = Some(module.to_owned());
    }
}

/// A version alone means the source has the package's own name.
fn source(metadata: &Metadata<'_>, package: &Package) -> Option<Source> {
    let version = package.version.as_deref();
    if let Some(file) = metadata.source_rpm.get() {
        return source_rpm(file, version);
    }
    let named = metadata.source.get().or(metadata.origin_package.get());
    let of_its_own_name = metadata.source_version.get().map(|_| package.name.as_str());
    Some(Source {
        name: named.or(of_its_own_name)?.to_owned(),
        version: metadata.source_version.get().or(version).map(str::to_owned),
    })
}
