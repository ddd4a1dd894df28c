//! A release in canonical bytes. The state of its Windows, which is long and shared by many, is named by its digest.

use base::{Cpe, Digest, Ecosystem};
use fleet::release::Release;
use inventory::{Source, Windows};
use matching::Situation;
use std::sync::Arc;

use super::fields;

/// A release, with the digest of its Windows for its Windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredRelease {
    ecosystem: Option<Ecosystem>,
    name: String,
    version: Option<String>,
    source: Option<Source>,
    module: Option<String>,
    cpe: Option<Cpe>,
    ubuntu_pro: bool,
    is_idle: bool,
    pub(crate) windows: Option<Digest>,
}

fields!(StoredRelease {
    ecosystem,
    name,
    version,
    source,
    module,
    cpe,
    ubuntu_pro,
    is_idle,
    windows,
});

impl StoredRelease {
    pub(crate) const VERSION: u8 = 1;
    /// Of a `Windows`.
    pub(crate) const SITUATION_VERSION: u8 = 1;

    /// With the digest of its Windows, if it has one.
    pub(crate) fn of(release: &Release, windows: Option<Digest>) -> Self {
        let Release {
            ecosystem,
            name,
            version,
            source,
            module,
            cpe,
            situation,
        } = release.clone();
        let Situation {
            ubuntu_pro,
            is_idle,
            windows: _,
        } = situation;
        Self {
            ecosystem,
            name,
            version,
            source,
            module,
            cpe,
            ubuntu_pro,
            is_idle,
            windows,
        }
    }

    /// The release again; `windows` is that of its digest.
    pub(crate) fn with(self, windows: Option<Arc<Windows>>) -> Release {
        let Self {
            ecosystem,
            name,
            version,
            source,
            module,
            cpe,
            ubuntu_pro,
            is_idle,
            windows: _,
        } = self;
        let situation = Situation {
            ubuntu_pro,
            is_idle,
            windows,
        };
        Release {
            ecosystem,
            name,
            version,
            source,
            module,
            cpe,
            situation,
        }
    }
}
