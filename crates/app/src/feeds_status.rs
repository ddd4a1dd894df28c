//! `feeds status`: how old each feed is, and whether the file is whole.

use advisories::catalog::{Catalog, FeedInfo};
use jiff::{SignedDuration, Timestamp};

use crate::error::{Failure, Result};

/// A feed with its age.
#[derive(Clone, Debug)]
pub struct FeedStatus {
    /// What the catalog knows of it.
    pub info: FeedInfo,
    /// Now minus its as-of; `None` when the feed states no date.
    pub age: Option<SignedDuration>,
    /// Older than is good for decisions.
    pub is_stale: bool,
}

/// What `feeds status` shows.
#[derive(Clone, Debug)]
pub struct Status {
    /// Digest from the header.
    pub digest: String,
    /// Newest as-of of all feeds.
    pub built: Option<Timestamp>,
    /// How many advisories are in it.
    pub advisories: usize,
    /// Every feed, by name.
    pub feeds: Vec<FeedStatus>,
    /// The whole digest was recomputed and holds.
    pub verified: bool,
}

/// A feed older than this is stale: EPSS is daily, KEV and the OSV exports change several times a week.
pub const STALE_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Reads the status; with `verify`, also recomputes the digest of the whole file.
pub fn status(catalog: &Catalog, now: Timestamp, verify: bool) -> Result<Status> {
    if verify {
        catalog.verify().map_err(|e| {
            Failure::verification(format!("the catalog is damaged: {e}"))
                .hint("rebuild it with `daywatch feeds sync` or `daywatch feeds import PATH…`")
        })?;
    }
    let feeds = catalog
        .feeds()
        .into_iter()
        .map(|info| feed_status(info, now))
        .collect();
    Ok(Status {
        digest: catalog.digest(),
        built: catalog.built(),
        advisories: catalog.advisory_count(),
        feeds,
        verified: verify,
    })
}

fn feed_status(info: FeedInfo, now: Timestamp) -> FeedStatus {
    let age = info.as_of.map(|at| now.duration_since(at));
    FeedStatus {
        is_stale: age.is_none_or(|a| a > STALE_AFTER),
        age,
        info,
    }
}
