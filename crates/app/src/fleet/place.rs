//! Where the fleet is kept: its store, and beside it the catalogs that were used, so that a later question about an earlier
//! day can be answered with what was known then.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use advisories::catalog::Catalog;
use store::Store;

use crate::catalog_file;
use crate::error::{Failure, Result};

/// The name of the store in the user's data directory.
const STORE: &str = "fleet.sqlite";
/// The directory of the catalogs that were used, beside the store.
const CATALOGS: &str = "catalogs";

/// Where the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file of SQLite.
    File(PathBuf),
    /// A PostgreSQL database, by its URL.
    Database(String),
}

impl Place {
    /// The store named, by file or by the URL of a database; the user's own where none is.
    pub fn named(file: Option<&Path>, database: Option<&str>) -> Result<Self> {
        match (file, database) {
            (Some(file), _) => Ok(Self::File(file.to_owned())),
            (None, Some(url)) => Ok(Self::Database(url.to_owned())),
            (None, None) => Ok(Self::File(own()?.join(STORE))),
        }
    }

    /// Opens it; a file that is not there is made.
    pub fn open(&self) -> Result<Store> {
        match self {
            Self::File(path) => {
                if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
                    fs::create_dir_all(parent).map_err(|e| cannot_write(parent, &e))?;
                }
                Store::open(path).map_err(Failure::from)
            }
            Self::Database(url) => Store::connect(url).map_err(Failure::from),
        }
    }

    /// The directory of what lies beside the store; the user's own where the store is a database.
    pub fn directory(&self) -> Result<PathBuf> {
        match self {
            Self::File(path) => {
                let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
                Ok(parent.unwrap_or(Path::new(".")).to_owned())
            }
            Self::Database(_) => own(),
        }
    }

    /// Where the catalogs that were used are kept.
    pub fn catalogs(&self) -> Result<PathBuf> {
        Ok(self.directory()?.join(CATALOGS))
    }

    /// Keeps the catalog's file under its digest, if it is not kept yet. A link where the file system can, so that it costs
    /// nothing until the catalog is replaced.
    pub fn keep(&self, catalog: &Catalog, file: &Path) -> Result<()> {
        let kept = self.kept(&catalog.digest())?;
        if kept.is_file() {
            return Ok(());
        }
        let directory = self.catalogs()?;
        fs::create_dir_all(&directory).map_err(|e| cannot_write(&directory, &e))?;
        if fs::hard_link(file, &kept).is_ok() {
            return Ok(());
        }
        let bytes = fs::read(file).map_err(|e| cannot_write(file, &e))?;
        catalog_file::replace(&kept, &bytes)
    }

    /// The catalog of a digest, if it was kept.
    pub fn catalog(&self, digest: &str) -> Result<Catalog> {
        let kept = self.kept(digest)?;
        catalog_file::open(Some(&kept)).map_err(|_| {
            Failure::input(format!(
                "the catalog {digest} that held then is not at {}: it was let go, or never kept",
                kept.display()
            ))
            .hint("put the file back under that name, or ask about a later moment; no other catalog is used in its place")
        })
    }

    fn kept(&self, digest: &str) -> Result<PathBuf> {
        // A digest is ours; what is no plain word names no file.
        let name: String = digest.chars().filter(char::is_ascii_alphanumeric).collect();
        Ok(self.catalogs()?.join(format!("{name}.dwcat")))
    }
}

/// The user's data directory of Daywatch.
fn own() -> Result<PathBuf> {
    let catalog = catalog_file::default_path()?;
    Ok(catalog.parent().map_or_else(PathBuf::new, Path::to_owned))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format!("cannot write {}: {error}", path.display()))
        .hint("name another store with --store FILE, or mend the directory")
}
