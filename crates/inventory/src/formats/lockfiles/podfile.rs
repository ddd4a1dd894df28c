//! `Podfile.lock` of CocoaPods (<https://guides.cocoapods.org/using/using-cocoapods.html#what-is-podfilelock>). No feed covers
//! CocoaPods; its packages are listed as such.

use std::collections::HashSet;

use base::Parsed;

use super::origin::shown;
use super::pins::{Pins, Registry};
use super::text::{file_name, opening};
use crate::formats::text::{decode, numbered_lines};
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of CocoaPods.
pub struct PodfileLock;

impl Format for PodfileLock {
    fn id(&self) -> &'static str {
        "podfile-lock"
    }

    fn about(&self) -> &'static str {
        "Podfile.lock, the lockfile of CocoaPods (listed; no feed covers it)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "Podfile.lock"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || {
            let text = opening(input.bytes);
            text.starts_with("PODS:") && text.contains("\nDEPENDENCIES:")
        }
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::COCOAPODS, note);
        let own = own_code(&text);
        let mut in_pods = false;
        for (number, line) in numbered_lines(&text) {
            if !line.starts_with(' ') {
                in_pods = line.trim_end() == "PODS:";
            } else if let (true, Some(pod)) = (in_pods, line.strip_prefix("  - ")) {
                pin(&mut pins, number, pod, &own);
            }
        }
        pins.expect_mark(
            &text,
            &["PODS:", "PODFILE CHECKSUM:", "COCOAPODS:"],
            "no section of a lockfile of CocoaPods",
        );
        pins.finish()
    }
}

/// `Name/Part (1.0)`, perhaps in quotes and with a colon behind; the parts of a pod have its version.
fn pin(pins: &mut Pins<'_>, number: u64, pod: &str, own: &HashSet<&str>) {
    let pod = pod.trim_end_matches(':').trim_matches('"');
    let parts = pod.strip_suffix(')').and_then(|pod| pod.split_once(" ("));
    match parts {
        Some((name, version)) => {
            let name = name.split('/').next().unwrap_or(name);
            if !own.contains(name) {
                pins.pin(Some(number), name, version);
            }
        }
        None => pins.broken(
            Some(number),
            format!("not a pod and its version: {}", shown(pod)),
        ),
    }
}

/// The pods that come from a path.
fn own_code(text: &str) -> HashSet<&str> {
    let mut own = HashSet::new();
    let mut in_sources = false;
    let mut pod = "";
    for line in text.lines() {
        if !line.starts_with(' ') {
            in_sources = line.trim_end() == "EXTERNAL SOURCES:";
        } else if in_sources && !line.starts_with("    ") {
            pod = line.trim().trim_end_matches(':').trim_matches('"');
        } else if in_sources && line.trim_start().starts_with(":path:") {
            own.insert(pod.split('/').next().unwrap_or(pod));
        }
    }
    own
}
