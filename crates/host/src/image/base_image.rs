//! The image another one was built on, where the image says so: annotations of the OCI image specification (annotations.md,
//! `base.name`, `base.digest`), the same as labels, or what Cloud Native Buildpacks record. Guessing from the history is left
//! out: a `CMD` in the middle of it is as often the image's own.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::image::config::Config;
use crate::image::digest::Digest;

const NAME: &str = "org.opencontainers.image.base.name";
const DIGEST: &str = "org.opencontainers.image.base.digest";
const BUILDPACKS: &str = "io.buildpacks.lifecycle.metadata";

/// What is known of the base image. What is not is unknown, never guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseImage {
    /// Its reference.
    pub name: Option<String>,
    /// The digest of its manifest.
    pub digest: Option<String>,
    /// How many of the lowest layers are its layers.
    pub layers: Option<usize>,
}

/// What buildpacks write of the image they build on (buildpacks specification, platform.md).
#[derive(Deserialize)]
struct Buildpacks {
    #[serde(rename = "runImage")]
    run_image: Option<RunImage>,
}

#[derive(Deserialize)]
struct RunImage {
    #[serde(rename = "topLayer")]
    top_layer: Option<String>,
    image: Option<String>,
}

impl BaseImage {
    /// What annotations say, then labels, then buildpacks.
    pub(crate) fn stated(annotations: &Map<String, Value>, config: &Config) -> Self {
        let said = |key: &str| {
            let annotation = annotations.get(key).and_then(Value::as_str);
            annotation
                .filter(|text| !text.is_empty())
                .or_else(|| config.label(key).filter(|text| !text.is_empty()))
                .map(str::to_owned)
        };
        let mut base = Self {
            name: said(NAME),
            digest: said(DIGEST),
            layers: None,
        };
        let buildpacks = config
            .label(BUILDPACKS)
            .and_then(|text| serde_json::from_str::<Buildpacks>(text).ok());
        if let Some(run) = buildpacks.and_then(|b| b.run_image) {
            base.layers = run.top_layer.and_then(|top| layers_up_to(config, &top));
            base.name = base.name.or(run.image);
        }
        base
    }

    /// Whether the layers of `base` are the lowest of `diff_ids`, and how many they are.
    pub(crate) fn count(diff_ids: &[Option<Digest>], base: &[Option<Digest>]) -> Option<usize> {
        let is_base =
            !base.is_empty() && base.iter().all(Option::is_some) && diff_ids.starts_with(base);
        is_base.then_some(base.len())
    }

    /// For people: `debian:12 (sha256:…), the lowest 2 of 5 layers`.
    pub(crate) fn described(&self, layers: usize) -> String {
        let named = match (&self.name, &self.digest) {
            (Some(name), Some(digest)) => format!("{name} ({digest})"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => "unknown".to_owned(),
        };
        match self.layers {
            Some(count) => format!("{named}, the lowest {count} of {layers} layers"),
            None => named,
        }
    }
}

fn layers_up_to(config: &Config, top: &str) -> Option<usize> {
    let ids = &config.rootfs.diff_ids;
    ids.iter().position(|id| id == top).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(annotations: Value, config: Value, expected: &str) {
        let config: Config = serde_json::from_value(config).unwrap();
        let annotations = annotations.as_object().cloned().unwrap_or_default();
        let base = BaseImage::stated(&annotations, &config);
        assert_eq!(base.described(config.rootfs.diff_ids.len()), expected);
    }

    #[test]
    fn annotations_are_believed_before_labels_and_silence_is_unknown() {
        let labels = json!({"config": {"Labels": {NAME: "debian:12", DIGEST: "sha256:11"}}});
        check(json!({}), json!({}), "unknown");
        check(json!({}), labels.clone(), "debian:12 (sha256:11)");
        check(json!({NAME: "alpine:3"}), labels, "alpine:3 (sha256:11)");
        check(
            json!({NAME: ""}),
            json!({"config": {"Labels": null}}),
            "unknown",
        );
    }

    #[test]
    fn buildpacks_name_the_top_layer_of_their_run_image() {
        let metadata = json!({"runImage": {"topLayer": "sha256:b", "image": "run:1"}}).to_string();
        let config = json!({
            "config": {"Labels": {BUILDPACKS: metadata}},
            "rootfs": {"diff_ids": ["sha256:a", "sha256:b", "sha256:c"]},
        });
        check(json!({}), config, "run:1, the lowest 2 of 3 layers");
    }
}
