//! `Manifest.toml` of Julia's Pkg, formats 1 and 2 (<https://pkgdocs.julialang.org/v1/toml-files/#Manifest.toml>), read a line at a
//! time: a table a package, with plain keys.

use base::Parsed;

use super::origin::Origin;
use super::pins::{Pins, Registry};
use super::text::{file_name, opening};
use crate::formats::text::{decode, numbered_lines};
use crate::{Format, HostKind, Input, Listing};

/// The manifest of Julia.
pub struct JuliaManifest;

impl Format for JuliaManifest {
    fn id(&self) -> &'static str {
        "julia-manifest"
    }

    fn about(&self) -> &'static str {
        "Manifest.toml, the manifest of Julia's Pkg"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        matches!(file_name(path), "Manifest.toml" | "JuliaManifest.toml")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = opening(input.bytes);
        let has = |word: &str| text.contains(word);
        self.wants(input.path)
            || (has("[[")
                && has("\nuuid = ")
                && (has("manifest_format = ") || has("machine-generated")))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::JULIA, note);
        let mut entry = Entry::default();
        for (number, line) in numbered_lines(&text) {
            let line = line.trim();
            if let Some(header) = line.strip_prefix("[[").and_then(|l| l.strip_suffix("]]")) {
                entry.pin(&mut pins);
                entry = Entry {
                    line: number,
                    name: header.strip_prefix("deps.").unwrap_or(header),
                    ..Entry::default()
                };
            } else if line.starts_with('[') {
                entry.in_part = true;
            } else if let (false, Some((key, value))) = (entry.in_part, line.split_once('=')) {
                entry.read(key.trim(), value.trim().trim_matches('"'));
            }
        }
        entry.pin(&mut pins);
        pins.expect_mark(
            &text,
            &[
                "[[",
                "julia_version",
                "manifest_format",
                "# This file is machine-generated",
            ],
            "no package of a manifest",
        );
        pins.finish()
    }
}

#[derive(Default)]
struct Entry<'t> {
    line: u64,
    name: &'t str,
    version: &'t str,
    path: &'t str,
    address: &'t str,
    revision: &'t str,
    /// The lines belong to a table inside of the entry.
    in_part: bool,
}

impl<'t> Entry<'t> {
    fn read(&mut self, key: &str, value: &'t str) {
        let field = match key {
            "version" => &mut self.version,
            "path" => &mut self.path,
            "repo-url" => &mut self.address,
            "git-tree-sha1" => &mut self.revision,
            _ => return,
        };
        *field = value;
    }

    /// A package of the standard library has no version of its own, and one with a path is the user's own code.
    fn pin(&self, pins: &mut Pins<'_>) {
        if self.name.is_empty() || self.version.is_empty() || !self.path.is_empty() {
            return;
        }
        let origin =
            (!self.address.is_empty()).then(|| Origin::git_at(self.address, self.revision));
        pins.pin_from(Some(self.line), self.name, self.version, origin);
    }
}
