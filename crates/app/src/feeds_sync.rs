//! `feeds sync`: fetch the public feeds that changed, then import them. Conditional requests (RFC 9110 §13), resumed
//! downloads (§14, `If-Range`), retries with back-off. What was fetched stays beside the catalog, so that the next sync asks
//! only for what is new.

mod download;

use std::path::{Path, PathBuf};
use std::time::Duration;

use advisories::catalog::Catalog;
use advisories::feeds::{FEEDS, Location};

use crate::catalog_file;
use crate::error::{Failure, Result};
use crate::feeds_import::{self, ImportOptions, Imported};
use crate::progress::Progress;
use download::{Client, Fetched};

/// What to fetch and how.
#[derive(Clone, Debug)]
pub struct SyncOptions {
    /// Feeds by name; none means those in the catalog, or all for a new one.
    pub names: Vec<String>,
    /// The catalog to fill; downloads are kept in `downloads` beside it.
    pub catalog: PathBuf,
    /// Certificates to trust besides the system's, PEM.
    pub ca_file: Option<PathBuf>,
    /// Scheme and host to use instead of the public ones.
    pub mirror: Option<String>,
    /// See [`ImportOptions::max_shrink`].
    pub max_shrink: f64,
}

/// What a sync did.
#[derive(Clone, Debug)]
pub struct Synced {
    /// The import of what changed; `None` when nothing did.
    pub imported: Option<Imported>,
    /// Feeds whose copy was still current.
    pub unchanged: Vec<String>,
    /// Feeds that could not be fetched, with why; their last copy in the catalog stays.
    pub failed: Vec<(String, String)>,
}

/// How often a request is tried, and how long the first wait is; each further wait is twice as long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    attempts: u32,
    first_wait: Duration,
}

const PATIENCE: Patience = Patience {
    attempts: 5,
    first_wait: Duration::from_secs(1),
};

/// Every public location, by feed name.
pub fn locations() -> Vec<Location> {
    let mut all: Vec<Location> = FEEDS.iter().flat_map(|f| f.locations()).copied().collect();
    all.sort_by_key(|l| l.feed);
    all
}

/// Fetches and imports. Fails only when nothing at all could be fetched.
pub fn sync(options: &SyncOptions, progress: &dyn Progress) -> Result<Synced> {
    sync_with(options, PATIENCE, progress)
}

fn sync_with(options: &SyncOptions, patience: Patience, progress: &dyn Progress) -> Result<Synced> {
    let old = if options.catalog.exists() {
        Some(catalog_file::open(Some(&options.catalog))?)
    } else {
        None
    };
    let wanted = wanted(&options.names, old.as_ref())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::internal(format!("no runtime: {e}")))?;
    let client = Client::new(options.ca_file.as_deref(), patience)?;
    let mut synced = Synced {
        imported: None,
        unchanged: Vec::new(),
        failed: Vec::new(),
    };
    let mut changed = Vec::new();
    for location in wanted {
        let file = place(&options.catalog, &location);
        let url = address(&location, options.mirror.as_deref());
        match runtime.block_on(client.fetch(&url, &file, location.feed, progress)) {
            Ok(Fetched::Unchanged) if holds(old.as_ref(), location.feed) => {
                synced.unchanged.push(location.feed.to_owned())
            }
            Ok(Fetched::Unchanged | Fetched::Changed) => changed.push(file),
            Err(why) => synced.failed.push((location.feed.to_owned(), why)),
        }
    }
    if changed.is_empty() && synced.unchanged.is_empty() {
        let why = synced
            .failed
            .first()
            .map_or_else(String::new, |(feed, why)| format!("{feed}: {why}"));
        return Err(Failure::input(format!("no feed could be fetched; {why}"))
            .hint("behind a proxy set HTTPS_PROXY, behind your own certificate authority use --ca-file; offline use `daywatch feeds import`"));
    }
    if !changed.is_empty() {
        let import = ImportOptions {
            paths: changed,
            catalog: options.catalog.clone(),
            feed: None,
            max_shrink: options.max_shrink,
        };
        synced.imported = Some(feeds_import::import(&import, progress)?);
    }
    Ok(synced)
}

/// The locations to fetch: those named, else those the catalog has, else all.
fn wanted(names: &[String], old: Option<&Catalog>) -> Result<Vec<Location>> {
    let all = locations();
    if let Some(unknown) = names
        .iter()
        .find(|n| !all.iter().any(|l| l.feed == n.as_str()))
    {
        return Err(Failure::usage(format!(
            "no public location is known for the feed {unknown}"
        ))
        .hint("`daywatch feeds sync --list` shows those that can be fetched"));
    }
    let known: Vec<String> = match old {
        Some(old) if names.is_empty() => old.feeds().into_iter().map(|f| f.name).collect(),
        _ => names.to_vec(),
    };
    let mut chosen = all.clone();
    chosen.retain(|l| known.iter().any(|k| k == l.feed));
    Ok(if chosen.is_empty() { all } else { chosen })
}

fn holds(old: Option<&Catalog>, feed: &str) -> bool {
    old.is_some_and(|c| c.feeds().iter().any(|f| f.name == feed))
}

/// `downloads/osv/Debian/all.zip` beside the catalog: the layout of the OSV bucket, which names the feed on import.
fn place(catalog: &Path, location: &Location) -> PathBuf {
    let parent = catalog.parent().unwrap_or(Path::new("."));
    let file_name = location.url.rsplit('/').next().unwrap_or("feed");
    parent.join("downloads").join(location.feed).join(file_name)
}

fn address(location: &Location, mirror: Option<&str>) -> String {
    let Some(mirror) = mirror else {
        return location.url.to_owned();
    };
    let after_scheme = location
        .url
        .split_once("://")
        .map_or(location.url, |(_, rest)| rest);
    let path = after_scheme.split_once('/').map_or("", |(_, path)| path);
    format!("{}/{path}", mirror.trim_end_matches('/'))
}

#[cfg(test)]
mod tests;
