//! `Gemfile.lock` and `gems.locked` of Bundler (<https://bundler.io/man/gemfile.5.html>, read as
//! `Bundler::LockfileParser` does).

use base::Parsed;

use super::origin::{Origin, shown};
use super::pins::{Pins, Registry};
use super::text::{file_name, opening};
use crate::formats::text::{decode, numbered_lines};
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of Bundler.
pub struct GemfileLock;

impl Format for GemfileLock {
    fn id(&self) -> &'static str {
        "gemfile-lock"
    }

    fn about(&self) -> &'static str {
        "Gemfile.lock or gems.locked, the lockfile of Ruby's Bundler"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        let file = file_name(path);
        matches!(file, "Gemfile.lock" | "gems.locked") || file.ends_with(".gemfile.lock")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let has_section = |text: &str| {
            let lines = || text.lines().map(str::trim_end);
            lines().any(|line| line == "GEM") && lines().any(|line| line == "  specs:")
        };
        self.wants(input.path) || has_section(&opening(input.bytes))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::RUBYGEMS, note);
        let mut section = Section::default();
        for (number, line) in numbered_lines(&text) {
            read_line(&mut pins, &mut section, number, line.trim_end());
        }
        if !text.lines().any(is_heading) && !text.trim().is_empty() {
            pins.broken(None, "no section of a lockfile of Bundler");
        }
        pins.finish()
    }
}

/// The headings every file has, whatever its gems.
fn is_heading(line: &str) -> bool {
    matches!(
        line.trim_end(),
        "GEM" | "GIT" | "PATH" | "PLATFORMS" | "DEPENDENCIES"
    )
}

/// The part of the file the lines belong to.
#[derive(Default)]
struct Section<'a> {
    source: Source,
    in_specs: bool,
    remote: &'a str,
    revision: &'a str,
}

/// Where a section's gems are from.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Source {
    /// No gems: `PLATFORMS`, `DEPENDENCIES`, `BUNDLED WITH`.
    #[default]
    Other,
    Registry,
    Git,
    /// The user's own code.
    Path,
}

/// The default registry, which needs no mention.
const RUBYGEMS: &str = "https://rubygems.org";

fn read_line<'a>(pins: &mut Pins<'_>, section: &mut Section<'a>, number: u64, line: &'a str) {
    let content = line.trim_start();
    match line.len() - content.len() {
        _ if content.is_empty() => {}
        0 => {
            if content.starts_with("<<<<<<<") || content.starts_with(">>>>>>>") {
                pins.skip(
                    Some(number),
                    "a conflict marker: the file is two versions merged",
                );
            }
            let source = match content {
                "GEM" | "PLUGIN SOURCE" => Source::Registry,
                "GIT" => Source::Git,
                "PATH" => Source::Path,
                _ => Source::Other,
            };
            *section = Section {
                source,
                ..Section::default()
            };
        }
        2 => match content.split_once(": ") {
            Some(("remote", remote)) => section.remote = remote,
            Some(("revision", revision)) => section.revision = revision,
            _ => section.in_specs = content == "specs:",
        },
        // Deeper lines are what a gem depends on, with ranges.
        4 if section.in_specs => pin(pins, section, number, content),
        _ => {}
    }
}

/// `name (version)` or `name (version-platform)`; the version of a gem has no hyphen.
fn pin(pins: &mut Pins<'_>, section: &Section<'_>, number: u64, content: &str) {
    let parts = content
        .trim_end_matches('!')
        .strip_suffix(')')
        .and_then(|spec| spec.split_once(" ("));
    let Some((name, version)) = parts else {
        return pins.skip(
            Some(number),
            format!("not a gem and its version: {}", shown(content)),
        );
    };
    let version = version.split('-').next().unwrap_or(version);
    let remote = section.remote.trim_end_matches('/');
    match section.source {
        Source::Registry if remote == RUBYGEMS || remote.is_empty() => {
            pins.pin(Some(number), name, version)
        }
        Source::Registry => {
            pins.pin_from(Some(number), name, version, Some(Origin::registry(remote)))
        }
        Source::Git => pins.pin_from(
            Some(number),
            name,
            version,
            Some(Origin::git_at(section.remote, section.revision)),
        ),
        Source::Path | Source::Other => {}
    }
}
