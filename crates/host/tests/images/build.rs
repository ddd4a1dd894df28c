//! Images as other programs write them, in a directory that goes away.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

pub(crate) const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// A tar stream of lines: `path = text`, `path -> symbolic link`, `path => hard link`, `path/`. Written without the checks of
/// the library, so that a name may be anything.
pub(crate) fn tar(lines: &[&str]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for line in lines {
        let (path, kind, link, text) = if let Some((path, target)) = line.split_once(" -> ") {
            (path, tar::EntryType::Symlink, target, "")
        } else if let Some((path, target)) = line.split_once(" => ") {
            (path, tar::EntryType::Link, target, "")
        } else if let Some((path, text)) = line.split_once(" = ") {
            (path, tar::EntryType::Regular, "", text)
        } else if line.ends_with('/') {
            (*line, tar::EntryType::Directory, "", "")
        } else {
            (*line, tar::EntryType::Regular, "", "")
        };
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_link_name_literal(link).unwrap();
        header.set_cksum();
        builder.append(&header, text.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Files with these bytes.
pub(crate) fn tar_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, path, bytes.as_slice())
            .unwrap();
    }
    builder.into_inner().unwrap()
}

/// A dpkg database, as one line of [`tar`].
pub(crate) fn dpkg(packages: &[(&str, &str)]) -> String {
    let stanzas = packages.iter().map(|(name, version)| {
        format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n")
    });
    format!("var/lib/dpkg/status = {}", stanzas.collect::<String>())
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256:{hex}")
}

/// A layer: its tar stream, and how it is stored.
pub(crate) struct Layer {
    pub(crate) tar: Vec<u8>,
    pub(crate) stored: Vec<u8>,
}

/// Layers that are not compressed.
pub(crate) fn layers(all: &[&[&str]]) -> Vec<Layer> {
    let plain = |lines: &&[&str]| Layer {
        tar: tar(lines),
        stored: tar(lines),
    };
    all.iter().map(plain).collect()
}

/// An OCI layout in the making, as files.
#[derive(Default)]
pub(crate) struct Layout {
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) manifests: Vec<Value>,
}

impl Layout {
    pub(crate) fn blob(&mut self, bytes: Vec<u8>, media_type: &str) -> Value {
        let digest = digest(&bytes);
        let descriptor = json!({"mediaType": media_type, "digest": digest, "size": bytes.len()});
        let path = format!("blobs/{}", digest.replace(':', "/"));
        if !self.files.iter().any(|(known, _)| *known == path) {
            self.files.push((path, bytes));
        }
        descriptor
    }

    /// An image; the answer is its descriptor, which is not listed yet.
    pub(crate) fn image(&mut self, platform: &str, layers: &[Layer], annotations: Value) -> Value {
        let (os, arch) = platform.split_once('/').unwrap();
        let diff_ids: Vec<String> = layers.iter().map(|layer| digest(&layer.tar)).collect();
        let config = json!({
            "os": os, "architecture": arch,
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = self.blob(config.to_string().into_bytes(), CONFIG);
        let layers: Vec<Value> = layers
            .iter()
            .map(|layer| self.blob(layer.stored.clone(), GZIP))
            .collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": config, "layers": layers, "annotations": annotations,
        });
        let mut descriptor = self.blob(manifest.to_string().into_bytes(), MANIFEST);
        descriptor["platform"] = json!({"os": os, "architecture": arch});
        descriptor
    }

    pub(crate) fn nested(&mut self, manifests: Vec<Value>) -> Value {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
        self.blob(index.to_string().into_bytes(), INDEX)
    }

    pub(crate) fn list(&mut self, mut descriptor: Value, name: Option<&str>) {
        if let Some(name) = name {
            descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": name});
        }
        self.manifests.push(descriptor);
    }

    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let index = json!({"schemaVersion": 2, "manifests": self.manifests}).to_string();
        let mark = r#"{"imageLayoutVersion":"1.0.0"}"#;
        let mut files = self.files.clone();
        files.push(("index.json".to_owned(), index.into_bytes()));
        files.push(("oci-layout".to_owned(), mark.into()));
        files
    }
}

/// A layout of one image for linux/amd64.
pub(crate) fn one_image(layers: &[Layer]) -> Layout {
    let mut layout = Layout::default();
    let image = layout.image("linux/amd64", layers, json!({}));
    layout.list(image, None);
    layout
}

/// What `docker save` wrote from version 1.10 to 24: a configuration named by its digest, and a folder for each layer.
pub(crate) fn docker_archive(tag: Option<&str>, layers: &[Layer]) -> Vec<(String, Vec<u8>)> {
    let diff_ids: Vec<String> = layers.iter().map(|layer| digest(&layer.tar)).collect();
    let config = json!({
        "os": "linux", "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    })
    .to_string();
    let config_name = format!("{}.json", &digest(config.as_bytes())["sha256:".len()..]);
    let paths: Vec<String> = (0..layers.len())
        .map(|n| format!("{n:064}/layer.tar"))
        .collect();
    let tags = tag.map(|tag| vec![tag]);
    let manifest = json!([{"Config": config_name, "RepoTags": tags, "Layers": paths}]);
    let mut files: Vec<(String, Vec<u8>)> = paths
        .into_iter()
        .zip(layers.iter().map(|layer| layer.stored.clone()))
        .collect();
    files.push((config_name, config.into_bytes()));
    files.push((
        "manifest.json".to_owned(),
        manifest.to_string().into_bytes(),
    ));
    files
}

/// A directory for targets.
pub(crate) struct Dir(TempDir);

impl Dir {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Where all of them are, as notes show it.
    pub(crate) fn shown_root() -> String {
        format!("{}/", std::env::temp_dir().display())
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn folder(&self, name: &str, files: &[(String, Vec<u8>)]) -> PathBuf {
        let root = self.0.path().join(name);
        for (path, bytes) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
            fs::write(path, bytes).unwrap();
        }
        root
    }
}
