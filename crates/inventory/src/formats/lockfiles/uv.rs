//! `uv.lock` (<https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>, written by `uv_resolver::lock`).

use base::Parsed;
use toml::Table;

use super::origin::Origin;
use super::pins::{Pins, Registry};
use super::python::normalized;
use super::text::{file_name, opening};
use super::toml_tables;
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of uv.
pub struct UvLock;

impl Format for UvLock {
    fn id(&self) -> &'static str {
        "uv-lock"
    }

    fn about(&self) -> &'static str {
        "uv.lock, the lockfile of Python's uv"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "uv.lock"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = opening(input.bytes);
        self.wants(input.path) || text.contains("[[package]]") && text.contains("\nsource = { ")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::PYPI, note);
        toml_tables::each_package(&text, &mut pins, pin);
        pins.finish()
    }
}

/// The default index, which needs no mention.
const PYPI: &str = "https://pypi.org/simple";

/// `source` is one key: `registry`, `git`, `url`, `path` (an archive), or the user's own code.
fn pin(pins: &mut Pins<'_>, line: u64, table: &Table) {
    let string = |key: &str| table.get(key).and_then(|v| v.as_str()).unwrap_or_default();
    let source = table.get("source").and_then(|v| v.as_table());
    let from = |key: &str| source.and_then(|source| source.get(key)?.as_str());
    if ["editable", "virtual", "directory"]
        .iter()
        .any(|own| from(own).is_some())
    {
        return;
    }
    let index = from("registry").filter(|url| url.trim_end_matches('/') != PYPI);
    let origin = from("git")
        .map(Origin::git)
        .or(from("url").map(Origin::download))
        .or(index.map(Origin::registry));
    pins.pin_from(
        Some(line),
        &normalized(string("name")),
        string("version"),
        origin,
    );
}
