//! Every feed: one file each, and the list. The caller does the I/O; a feed only understands one document.

pub mod consistency;
mod cpe;
mod csaf;
mod cve5;
mod epss;
mod json;
mod kev;
mod ledger;
mod nvd;
mod osv;
mod product;
mod prose;
mod secdb;
mod wesng;
mod wire;

use base::{Limit, Parsed};

use crate::model::Batch;

pub use csaf::Csaf;
pub use cve5::Cve5;
pub use epss::Epss;
pub use kev::Kev;
pub use nvd::Nvd;
pub use osv::Osv;
pub use secdb::Secdb;
pub use wesng::Wesng;

/// One document from outside: a whole file, an archive member, or one line of NDJSON.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// How the caller names it, for notes: `all.zip!GHSA-1.json`, `cve5.jsonl.zst:17`.
    pub name: &'a str,
    /// All of its bytes, already decompressed and within the caller's limit.
    pub bytes: &'a [u8],
}

/// The largest JSON document. A hostile one takes thirty times its size in memory; the largest real one has 10 MB.
const JSON_BYTES: Limit = Limit::new("feed-document-bytes", 64 << 20);

/// A source of advisories or of facts about CVEs.
pub trait Feed: Sync {
    /// `osv`, `kev`, `epss`, `cve5`: lower case, unique.
    fn id(&self) -> &'static str;

    /// One line for people: what it is and whose.
    fn about(&self) -> &'static str;

    /// Where the public copy lives, for `feeds sync`; empty if there is none to fetch.
    fn locations(&self) -> &'static [Location];

    /// Whether the document is of this feed, by content.
    fn recognise(&self, document: &Document<'_>) -> bool;

    /// The largest document of this feed that is read.
    fn document_limit(&self) -> Limit {
        JSON_BYTES
    }

    /// Everything understood, with notes for the rest; one bad record never loses a document.
    fn parse(&self, document: &Document<'_>) -> Parsed<Batch>;
}

/// A public place a feed is fetched from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The feed's name in the catalog: `kev`, `epss`, `osv/Debian`.
    pub feed: &'static str,
    /// Where.
    pub url: &'static str,
}

/// Every feed, in the order they are asked to recognise a document.
pub static FEEDS: &[&dyn Feed] = &[&Kev, &Epss, &Cve5, &Csaf, &Nvd, &Secdb, &Wesng, &Osv];

/// The first feed that recognises the document.
pub fn recognise(document: &Document<'_>) -> Option<&'static dyn Feed> {
    FEEDS.iter().copied().find(|f| f.recognise(document))
}
