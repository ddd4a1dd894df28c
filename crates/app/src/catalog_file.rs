//! The catalog on disk: where it is, how it is opened, and how it is replaced atomically.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use advisories::catalog::Catalog;
use etcetera::BaseStrategy as _;
use jiff::{SignedDuration, Timestamp};

use crate::error::{Failure, Result};

/// The user's own catalog: `$XDG_DATA_HOME/daywatch/catalog.dwcat`, or the platform's like.
pub fn default_path() -> Result<PathBuf> {
    let strategy = etcetera::choose_base_strategy().map_err(|e| {
        Failure::input(format!("no data directory: {e}"))
            .hint("name the catalog with --catalog FILE")
    })?;
    Ok(strategy.data_dir().join("daywatch").join("catalog.dwcat"))
}

/// Opens the catalog named, or the user's own.
pub fn open(path: Option<&Path>) -> Result<Catalog> {
    let path = match path {
        Some(path) => path.to_owned(),
        None => default_path()?,
    };
    let file = File::open(&path).map_err(|e| {
        Failure::input(format!("no catalog at {}: {e}", path.display())).hint(
            "make one with `daywatch feeds sync`, or from files with `daywatch feeds import PATH…`",
        )
    })?;
    if path.is_dir() {
        return Err(Failure::input(format!(
            "no catalog at {}: it is a directory",
            path.display()
        ))
        .hint("name the catalog file with --catalog FILE"));
    }
    Catalog::map(&file).map_err(|e| {
        Failure::input(format!("{}: {e}", path.display()))
            .hint("rebuild it with `daywatch feeds sync` or `daywatch feeds import PATH…`")
    })
}

/// Refuses a catalog whose newest input is older than the user accepts.
pub fn check_age(catalog: &Catalog, max_age: Option<SignedDuration>, now: Timestamp) -> Result<()> {
    let Some(max_age) = max_age else {
        return Ok(());
    };
    let Some(built) = catalog.built() else {
        return Err(
            Failure::input("the catalog says of none of its feeds how old it is")
                .hint("update it with `daywatch feeds sync`"),
        );
    };
    let age = now.duration_since(built);
    if age > max_age {
        let days = |d: SignedDuration| d.as_hours() / 24;
        return Err(Failure::input(format!(
            "the catalog is {} days old (as of {built}), older than --max-catalog-age {} days",
            days(age),
            days(max_age)
        ))
        .hint("update it with `daywatch feeds sync`"));
    }
    Ok(())
}

/// Writes a file so that a reader sees the old one or the new one, never a part: temporary file beside it, flush to disk,
/// rename, flush the directory.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |e: std::io::Error| {
        Failure::input(format!("cannot write {}: {e}", path.display()))
            .hint("check the directory and the free space")
    };
    let parent = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(failed)?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let written = File::create(&temporary).and_then(|mut f| {
        f.write_all(bytes)?;
        f.sync_all()
    });
    if let Err(e) = written.and_then(|()| fs::rename(&temporary, path)) {
        // The half-written file is ours alone; failing to remove it changes nothing for the reader.
        let _ = fs::remove_file(&temporary);
        return Err(failed(e));
    }
    File::open(parent)
        .and_then(|d| d.sync_all())
        .map_err(failed)
}
