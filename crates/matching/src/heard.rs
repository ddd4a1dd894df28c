//! What was heard of one package: each record's word, and fixes in channels beside the release.

use advisories::catalog::{AdvisoryIx, AdvisoryView};
use base::CveId;

use crate::verdict::Word;

/// A record that names the package, with what it says of it.
pub(crate) struct Heard<'c> {
    pub(crate) ix: AdvisoryIx,
    pub(crate) view: AdvisoryView<'c>,
    pub(crate) word: Word,
}

/// A fix in a channel that the release itself does not have.
pub(crate) struct Elsewhere {
    pub(crate) record: String,
    pub(crate) cves: Vec<CveId>,
    /// `RHEL 9.4 EUS`.
    pub(crate) channel: String,
    pub(crate) fix: String,
    /// What is installed is at or above the fix and of the same line.
    pub(crate) is_in: bool,
}

/// Everything heard of one package.
#[derive(Default)]
pub(crate) struct Hearing<'c> {
    pub(crate) heard: Vec<Heard<'c>>,
    pub(crate) elsewhere: Vec<Elsewhere>,
}
