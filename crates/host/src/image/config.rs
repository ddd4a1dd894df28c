//! The configuration of an image (OCI image specification, config.md), as far as it is used.

use serde::Deserialize;

use crate::image::digest::Digest;
use crate::image::platform::Platform;

/// What it is for, what its layers are, and its labels.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    pub(crate) os: Option<String>,
    pub(crate) architecture: Option<String>,
    pub(crate) variant: Option<String>,
    pub(crate) rootfs: RootFs,
    pub(crate) config: Option<Run>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RootFs {
    pub(crate) diff_ids: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Run {
    #[serde(rename = "Labels", default)]
    pub(crate) labels: Option<serde_json::Map<String, serde_json::Value>>,
}

impl Config {
    pub(crate) fn platform(&self) -> Option<Platform> {
        let (os, arch) = (self.os.as_deref()?, self.architecture.as_deref()?);
        (!os.is_empty() && !arch.is_empty())
            .then(|| Platform::new(os, arch, self.variant.as_deref()))
    }

    pub(crate) fn diff_ids(&self) -> Vec<Option<Digest>> {
        let ids = &self.rootfs.diff_ids;
        ids.iter().map(|id| Digest::parse(id)).collect()
    }

    pub(crate) fn label(&self, key: &str) -> Option<&str> {
        self.config.as_ref()?.labels.as_ref()?.get(key)?.as_str()
    }
}
