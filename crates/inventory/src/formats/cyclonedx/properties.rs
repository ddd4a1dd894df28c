//! What syft, trivy and others say in `properties`: the source package, the layer, the path, the distribution.
//!
//! Names: <https://github.com/CycloneDX/cyclonedx-property-taxonomy>.

use super::component::{Component, Property};
use crate::formats::purl_package::{source_rpm, with_epoch};
use crate::{Location, Package, Source};

/// The value of the first property of that name.
pub(super) fn value<'a>(component: &'a Component<'_>, name: &str) -> Option<&'a str> {
    let named = |p: &&Property<'_>| p.name.get() == Some(name);
    component
        .properties
        .0
        .iter()
        .find(named)
        .and_then(|p| p.value.get())
}

/// Source package, epoch and module stream, where the package URL did not say.
pub(super) fn complete(package: &mut Package, component: &Component<'_>) {
    let get = |name: &str| value(component, name);
    if package.module.is_none() {
        package.module = [
            "syft:metadata:modularityLabel",
            "aquasecurity:trivy:Modularitylabel",
        ]
        .into_iter()
        .find_map(get)
        .map(str::to_owned);
    }
    if let Some(source) = trivy_source(component).or_else(|| syft_source(package, component)) {
        package.source = Some(source);
    }
}

/// `SrcName`, `SrcVersion`, `SrcRelease`, `SrcEpoch`.
fn trivy_source(component: &Component<'_>) -> Option<Source> {
    let get = |name: &str| value(component, &format!("aquasecurity:trivy:{name}"));
    let version = get("SrcVersion").map(|version| {
        let with_release = get("SrcRelease").map_or_else(
            || version.to_owned(),
            |release| format!("{version}-{release}"),
        );
        with_epoch(&with_release, get("SrcEpoch"))
    });
    Some(Source {
        name: get("SrcName")?.to_owned(),
        version,
    })
}

/// `syft:metadata:source` and `sourceVersion` (deb), `originPackage` (apk), `sourceRpm`. A version alone means the source has
/// the package's own name.
fn syft_source(package: &Package, component: &Component<'_>) -> Option<Source> {
    let get = |name: &str| value(component, &format!("syft:metadata:{name}"));
    if let Some(source) =
        get("sourceRpm").and_then(|file| source_rpm(file, package.version.as_deref()))
    {
        return Some(source);
    }
    let of_its_own_name = get("sourceVersion").map(|_| package.name.as_str());
    Some(Source {
        name: get("source")
            .or_else(|| get("originPackage"))
            .or(of_its_own_name)?
            .to_owned(),
        version: get("sourceVersion")
            .or(package.version.as_deref())
            .map(str::to_owned),
    })
}

/// Every place the component was found in; the document itself if it does not say.
pub(super) fn locations(component: &Component<'_>, document: &str) -> Vec<Location> {
    let layer = value(component, "aquasecurity:trivy:LayerDigest")
        .or_else(|| value(component, "aquasecurity:trivy:LayerDiffID"));
    let mut places = occurrences(component);
    places.extend(numbered(component, "syft:location:"));
    places.extend(numbered(component, "sbomer:location:"));
    for name in [
        "aquasecurity:trivy:FilePath",
        "SrcFile",
        "cdx:npm:package:path",
    ] {
        places.extend(value(component, name).map(Location::file));
    }
    if places.is_empty() {
        places.push(Location::file(document));
    }
    for place in &mut places {
        place.layer = place.layer.take().or_else(|| layer.map(str::to_owned));
    }
    places
}

fn occurrences(component: &Component<'_>) -> Vec<Location> {
    let found = component.evidence.0.iter().flat_map(|e| &e.occurrences.0);
    found
        .filter_map(|o| {
            let path = o.location.get()?.to_owned();
            let line = o.line.get().and_then(|l| l.parse().ok());
            Some(Location {
                path,
                line,
                layer: None,
            })
        })
        .collect()
}

/// `PREFIX:0:path` with `PREFIX:0:layerID` beside it.
fn numbered(component: &Component<'_>, prefix: &str) -> Vec<Location> {
    let paths = component.properties.0.iter().filter_map(|p| {
        let index = p.name.get()?.strip_prefix(prefix)?.strip_suffix(":path")?;
        Some((index, p.value.get()?))
    });
    paths
        .map(|(index, path)| Location {
            path: path.to_owned(),
            line: None,
            layer: value(component, &format!("{prefix}{index}:layerID")).map(str::to_owned),
        })
        .collect()
}
