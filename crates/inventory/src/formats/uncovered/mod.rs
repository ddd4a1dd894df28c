//! Package managers of systems and desktops whose packages no feed covers: what they installed is listed, with an ecosystem
//! that no feed has, so that a report says so instead of saying nothing. One file a manager.

mod flatpak;
mod homebrew;
mod opkg;
mod pacman;
mod portage;
mod snap;

pub use flatpak::Flatpak;
pub use homebrew::Homebrew;
pub use opkg::Opkg;
pub use pacman::Pacman;
pub use portage::Portage;
pub use snap::Snap;

use base::{Ecosystem, Limit, Note, Parsed, Purl};

use super::{Listing, text};
use crate::{Location, Package};

/// The longest text that can be a name or a version.
const FIELD_BYTES: Limit = Limit::new("installed-field-bytes", 1024);

/// How the packages of a manager are written down.
struct Manager {
    ecosystem: &'static str,
    /// Type of the package URL, and the namespace where it is always the same.
    purl: (&'static str, Option<&'static str>),
}

/// One file about one package: its listing, or why there is none.
fn one(
    manager: &Manager,
    path: &str,
    name: Option<&str>,
    version: Option<&str>,
    arch: Option<&str>,
) -> Parsed<Listing> {
    let filled = |field: Option<&str>| {
        field
            .map(str::trim)
            .filter(|f| !f.is_empty())
            .map(str::to_owned)
    };
    let (name, version) = (filled(name), filled(version));
    let Some(name) = name else {
        return nothing(Note::error("no name of a package in this file"));
    };
    let longest = name.len().max(version.as_ref().map_or(0, String::len));
    if FIELD_BYTES.is_exceeded_by(longest as u64) {
        return nothing(
            Note::error("a package with an overlong field was left out").because_of(FIELD_BYTES),
        );
    }
    let note = version
        .is_none()
        .then(|| Note::warning(format!("no version: {}", text::excerpt(&name))));
    let (namespace, own) = match name.rsplit_once('/') {
        Some((namespace, own)) => (Some(namespace), own),
        None => (manager.purl.1, name.as_str()),
    };
    let package = Package {
        ecosystem: Some(Ecosystem::new(manager.ecosystem)),
        purl: Purl::new(manager.purl.0, namespace, own, version.as_deref()).ok(),
        arch: filled(arch),
        ..Package::new(name, version, Location::file(path))
    };
    Parsed {
        value: Listing {
            packages: vec![package],
            ..Listing::default()
        },
        notes: note.into_iter().collect(),
    }
}

fn nothing(note: Note) -> Parsed<Listing> {
    Parsed {
        value: Listing::default(),
        notes: vec![note],
    }
}

/// The parts of a path from its end: the file first.
fn parts(path: &str) -> Vec<&str> {
    path.rsplit('/').collect()
}
