//! `gradle.lockfile` (<https://docs.gradle.org/current/userguide/dependency_locking.html>): one `group:name:version=`
//! a line, with the configurations that use it.

use base::Parsed;

use super::origin::shown;
use super::pins::{Pins, Registry};
use super::text::{file_name, opening};
use crate::formats::text::{decode, numbered_lines};
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of Gradle.
pub struct GradleLock;

impl Format for GradleLock {
    fn id(&self) -> &'static str {
        "gradle-lock"
    }

    fn about(&self) -> &'static str {
        "gradle.lockfile or buildscript-gradle.lockfile, the lockfile of Gradle"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    /// Gradle before 7 wrote one file a configuration, in a folder.
    fn wants(&self, path: &str) -> bool {
        let in_folder = path.ends_with(".lockfile") && path.contains("gradle/dependency-locks/");
        matches!(
            file_name(path),
            "gradle.lockfile" | "buildscript-gradle.lockfile"
        ) || in_folder
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path)
            || opening(input.bytes).contains("Gradle generated file for dependency locking")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::MAVEN, note);
        for (number, line) in numbered_lines(&text) {
            let line = line.trim();
            // `empty=` names the configurations without dependencies.
            if !(line.is_empty() || line.starts_with('#') || line.starts_with("empty=")) {
                pin(&mut pins, number, line);
            }
        }
        pins.finish()
    }
}

fn pin(pins: &mut Pins<'_>, number: u64, line: &str) {
    let module = line.split('=').next().unwrap_or(line);
    match module.rsplit_once(':') {
        Some((name, version)) if name.split(':').count() == 2 && !name.starts_with(':') => {
            pins.pin(Some(number), name, version)
        }
        _ => pins.broken(
            Some(number),
            format!("not a group, name and version: {}", shown(line)),
        ),
    }
}
