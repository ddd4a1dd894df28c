//! Snaps: `meta/snap.yaml` of an installed snap (<https://snapcraft.io/docs/the-snap-format>), and `snap/manifest.yaml`, in which
//! a snap that was built with one lists the Ubuntu packages inside it
//! (<https://snapcraft.io/docs/snapcraft-top-level-metadata>). Those are covered; the snap itself is not.

use base::{Note, Parsed};

use super::{Manager, one};
use crate::formats::notes::Notes;
use crate::formats::{source_names, text};
use crate::{Format, HostKind, Input, Listing, Location, Os, Package};

/// Snaps.
pub struct Snap;

const SNAP: Manager = Manager {
    ecosystem: "Snap",
    purl: ("snap", None),
};

impl Format for Snap {
    fn id(&self) -> &'static str {
        "snap"
    }

    fn about(&self) -> &'static str {
        "an installed snap, and the Ubuntu packages inside it: meta/snap.yaml, snap/manifest.yaml"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        path.ends_with("meta/snap.yaml") || path.ends_with("snap/manifest.yaml")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || {
            let text = text::decode(&input.bytes[..input.bytes.len().min(4096)]).0;
            let has = |key: &str| text.lines().any(|line| line.starts_with(key));
            has("name:") && has("version:") && (has("snapcraft-version:") || has("confinement:"))
        }
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let value = |key: &str| {
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
            Some(line.trim().trim_matches(['\'', '"']))
        };
        let mut parsed = one(&SNAP, input.path, value("name"), value("version"), None);
        parsed.notes.extend(note);
        let system = Os::named(
            value("snapcraft-os-release-id").unwrap_or_default(),
            value("snapcraft-os-release-version-id"),
        );
        let inside = packages_inside(&text, input.path, &system);
        if !inside.is_empty() && system.ecosystem().is_none() {
            parsed.notes.push(Note::warning(
                "the system the packages inside were built from is not known",
            ));
        }
        parsed.value.packages.extend(inside);
        let mut notes = Notes::default();
        source_names::fill(parsed.value.packages.iter_mut(), &mut notes);
        parsed.notes.extend(notes.into_vec());
        parsed
    }
}

/// `- name=version` below `primed-stage-packages` and `stage-packages`.
fn packages_inside(text: &str, path: &str, system: &Os) -> Vec<Package> {
    let mut packages = Vec::new();
    let mut in_list = false;
    for (number, line) in text::numbered_lines(text) {
        match line.trim_start().strip_prefix("- ") {
            Some(item) if in_list => {
                let Some((name, version)) = item.trim().trim_matches(['\'', '"']).split_once('=')
                else {
                    continue;
                };
                let (name, arch) = name
                    .split_once(':')
                    .map_or((name, None), |(n, a)| (n, Some(a.to_owned())));
                packages.push(Package {
                    ecosystem: system.ecosystem(),
                    arch,
                    ..Package::new(name, Some(version.to_owned()), Location::line(path, number))
                });
            }
            Some(_) => {}
            None => in_list = matches!(line.trim(), "primed-stage-packages:" | "stage-packages:"),
        }
    }
    packages
}
