//! `os-release(5)`: which operating system and release a tree is.

use base::Ecosystem;

use crate::Os;

/// The OSV ecosystem of a system's own packages.
pub(crate) fn ecosystem(os: &Os) -> Option<Ecosystem> {
    let version = os.version.as_deref().unwrap_or_default();
    match os.id.as_str() {
        "debian" => Some(Ecosystem::with_release("Debian", version)),
        _ => None,
    }
}
