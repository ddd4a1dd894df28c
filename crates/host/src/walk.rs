//! Walking a directory for files that somebody wants. Deterministic, within limits, and never out of the tree: links to
//! directories are not followed, links to files only when they stay inside.
//!
//! Inside a git repository `.gitignore` is honoured, as osv-scanner does (what is built or downloaded is not the
//! project's word on its dependencies). Elsewhere it is not, and never in the tree of an operating system, which could hide
//! its packages that way. The repository has to begin at the root of the walk or below it.

use std::io;
use std::path::{Path, PathBuf};

use base::{Note, Parsed};
use ignore::{DirEntry, WalkBuilder};

use crate::error::ReadError;
use crate::limits::WalkLimits;
use crate::name::shown;

/// How to walk.
#[derive(Clone, Copy, Debug)]
pub struct WalkOptions {
    /// Leave out what `.gitignore` names, in git repositories.
    pub honour_gitignore: bool,
    /// Whether a link to a file is followed that has this name; else it is passed over in silence.
    pub follows: fn(&str) -> bool,
    /// The bounds.
    pub limits: WalkLimits,
}

impl Default for WalkOptions {
    fn default() -> Self {
        Self {
            honour_gitignore: true,
            follows: |_| true,
            limits: WalkLimits::default(),
        }
    }
}

/// A file somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// Where to open it.
    pub path: PathBuf,
    /// Its path below the root, with `/`, as it is matched and shown.
    pub name: String,
}

/// The regular files below `root` whose path `wants`, by name order; directories named `.git` are passed over. Whatever
/// could not be looked at is a note.
pub fn walk(
    root: &Path,
    wants: &dyn Fn(&str) -> bool,
    options: &WalkOptions,
) -> Parsed<Vec<FoundFile>> {
    let limits = &options.limits;
    let mut walked = Parsed::<Vec<FoundFile>>::default();
    let mut entries = 0;
    for entry in builder(root, options).build() {
        entries += 1;
        if limits.entries.is_exceeded_by(entries) {
            let note =
                Note::warning("too many files; the rest is not looked at").in_file(shown(root));
            walked.notes.push(note.because_of(limits.entries));
            break;
        }
        match entry {
            Ok(entry) => visit(root, &entry, wants, options, &mut walked),
            Err(error) => walked.notes.push(unreadable(root, error)),
        }
    }
    walked
}

fn builder(root: &Path, options: &WalkOptions) -> WalkBuilder {
    let mut builder = WalkBuilder::new(root);
    builder
        .standard_filters(false)
        .git_ignore(options.honour_gitignore && !is_system(root))
        .require_git(true)
        .follow_links(false)
        .max_depth(usize::try_from(options.limits.depth.max).ok())
        .sort_by_file_name(std::ffi::OsStr::cmp)
        .filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git");
    builder
}

/// Whether the root is that of an operating system: one of the places where its name or its packages are written exists.
fn is_system(root: &Path) -> bool {
    let places = [
        "etc/os-release",
        "usr/lib/os-release",
        "var/lib/dpkg",
        "lib/apk/db",
        "var/lib/rpm",
        "usr/lib/sysimage/rpm",
    ];
    places
        .iter()
        .any(|place| root.join(place).symlink_metadata().is_ok())
}

fn visit(
    root: &Path,
    entry: &DirEntry,
    wants: &dyn Fn(&str) -> bool,
    options: &WalkOptions,
    walked: &mut Parsed<Vec<FoundFile>>,
) {
    let Some(ty) = entry.file_type() else {
        return;
    };
    if ty.is_dir() {
        let depth = options.limits.depth;
        if entry.depth() as u64 == depth.max {
            walked.notes.push(
                Note::warning("too deep; not looked into")
                    .in_file(shown(entry.path()))
                    .because_of(depth),
            );
        }
        return;
    }
    let name = shown(entry.path().strip_prefix(root).unwrap_or(entry.path()));
    if !wants(&name) || (ty.is_symlink() && !(options.follows)(&name)) {
        return;
    }
    let path = if ty.is_symlink() {
        match resolve(root, entry.path()) {
            Ok(Some(target)) => target,
            Ok(None) => return,
            Err(note) => return walked.notes.push(note),
        }
    } else {
        entry.path().to_owned()
    };
    if ty.is_file() || ty.is_symlink() {
        walked.value.push(FoundFile { path, name });
    } else {
        walked
            .notes
            .push(Note::warning("not a regular file, not opened").in_file(shown(entry.path())));
    }
}

/// Where a link to a file leads, if that is inside the root. An absolute link in an unpacked system means that system's
/// own root. A link to a directory is nothing to read.
fn resolve(root: &Path, link: &Path) -> Result<Option<PathBuf>, Note> {
    let inside = |target: &Path| -> io::Result<Option<PathBuf>> {
        let (target, root) = (target.canonicalize()?, root.canonicalize()?);
        Ok(target.starts_with(&root).then_some(target))
    };
    let target = std::fs::read_link(link).map_err(|e| ReadError::from_io(link, e).to_note())?;
    let rerooted = target.strip_prefix("/").ok().map(|below| root.join(below));
    let found = match inside(link) {
        Ok(Some(found)) => Some(found),
        Ok(None) | Err(_) => rerooted.and_then(|path| inside(&path).ok().flatten()),
    };
    match found {
        Some(found) if found.is_file() => Ok(Some(found)),
        Some(_) => Ok(None),
        None => Err(
            Note::warning("a link that leads nowhere inside the tree, not followed")
                .in_file(shown(link)),
        ),
    }
}

fn unreadable(root: &Path, error: ignore::Error) -> Note {
    let path = path_of(&error).map_or_else(|| root.to_owned(), Path::to_owned);
    let why = match error.io_error() {
        Some(cause) => cause.to_string(),
        None => error.to_string(),
    };
    Note::warning(format!("could not be looked at: {why}")).in_file(shown(&path))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        _ => None,
    }
}
