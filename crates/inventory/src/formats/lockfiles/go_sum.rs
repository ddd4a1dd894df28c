//! `go.sum` (<https://go.dev/ref/mod#go-sum-files>): checksums of every module that was looked at, which is more than the
//! build uses. Lines that end in `/go.mod` are of modules that were only asked for their requirements.

use base::Parsed;

use super::go_mod::pin_module;
use super::origin::shown;
use super::pins::{Pins, Registry};
use super::text::{file_name, opening};
use crate::formats::text::{decode, numbered_lines};
use crate::{Format, HostKind, Input, Listing};

/// The checksum file of Go.
pub struct GoSum;

impl Format for GoSum {
    fn id(&self) -> &'static str {
        "go-sum"
    }

    fn about(&self) -> &'static str {
        "go.sum, the checksum file of Go; lists more than the build uses"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "go.sum"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let first_is_checksum = |text: &str| {
            text.lines()
                .next()
                .is_some_and(|line| checksum(line).is_some())
        };
        self.wants(input.path) || first_is_checksum(&opening(input.bytes))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::GO, note);
        for (number, line) in numbered_lines(&text) {
            match checksum(line) {
                Some((_, version)) if version.ends_with("/go.mod") => {}
                Some((module, version)) => pin_module(&mut pins, number, module, version),
                None if line.trim().is_empty() => {}
                None => pins.broken(
                    Some(number),
                    format!("not a module, version and checksum: {}", shown(line)),
                ),
            }
        }
        if !pins.is_empty() {
            pins.inform(None, "go.sum lists more modules than the build uses");
        }
        pins.finish()
    }
}

/// Module and version of a line `module version h1:…`.
fn checksum(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    let (module, version, hash) = (words.next()?, words.next()?, words.next()?);
    (hash.starts_with("h1:") && words.next().is_none()).then_some((module, version))
}
