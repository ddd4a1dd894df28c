//! Where a machine keeps the lists of what is installed: the databases of its package managers, and the folders language
//! packages are installed into for everybody. What lies elsewhere (`/srv`, `/opt`, homes) is found by a walk, not by this.

use std::path::{Path, PathBuf};

use base::Note;

use super::files::entries;
use crate::inspect::{Inspected, wanted};
use crate::name::shown;
use crate::walk::{WalkOptions, walk};

/// Files that say what the system is and what its package manager installed.
const FILES: [&str; 12] = [
    "etc/os-release",
    "usr/lib/os-release",
    "proc/sys/kernel/osrelease",
    "var/lib/dpkg/status",
    "lib/apk/db/installed",
    "usr/lib/apk/db/installed",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages.db",
    "usr/lib/sysimage/rpm/Packages",
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/Packages.db",
    "var/lib/rpm/Packages",
];

/// Folders of package lists; `*` stands for one folder whose name begins with what is before it.
const FOLDERS: [&str; 16] = [
    "var/lib/dpkg/status.d",
    "var/lib/pacman/local",
    "var/lib/snapd/snap",
    "usr/lib/python3/dist-packages",
    "usr/lib/python*/site-packages",
    "usr/lib64/python*/site-packages",
    "usr/local/lib/python*/dist-packages",
    "usr/local/lib/python*/site-packages",
    "usr/lib/node_modules",
    "usr/local/lib/node_modules",
    "usr/share/nodejs",
    "usr/share/gems/specifications",
    "usr/share/rubygems-integration",
    "var/lib/gems",
    "usr/lib/ruby/gems",
    "usr/share/php",
];

/// Reads them, and says which were there.
pub(super) fn read(root: &Path, options: &WalkOptions) -> Inspected {
    let mut inspected = Inspected::default();
    let mut looked_at: Vec<String> = Vec::new();
    for place in FILES {
        let path = root.join(place);
        if is_second_name(root, place) || !path.is_file() {
            continue;
        }
        looked_at.push(place.to_owned());
        take(&mut inspected, &path, place.to_owned(), options);
    }
    for pattern in FOLDERS {
        for folder in folders(root, pattern, &mut inspected.notes) {
            let name = shown(folder.strip_prefix(root).unwrap_or(&folder));
            let found = walk(&folder, &|file| wanted(&format!("{name}/{file}")), options);
            inspected.notes.extend(found.notes);
            if !found.value.is_empty() {
                looked_at.push(name.clone());
            }
            for file in found.value {
                take(
                    &mut inspected,
                    &file.path,
                    format!("{name}/{}", file.name),
                    options,
                );
            }
        }
    }
    inspected.notes.push(Note::info(format!(
        "looked at: {}; what is installed elsewhere is found by a scan of its folder",
        looked_at.join(", ")
    )));
    inspected
}

fn take(inspected: &mut Inspected, path: &Path, name: String, options: &WalkOptions) {
    if let Err(error) = inspected.take(path, name.clone(), options) {
        inspected.notes.push(error.to_note().in_file(name));
    }
}

/// `/etc/os-release` is a link to the one below `/usr`, `/lib` to `/usr/lib`, and `/var/lib/rpm` to the new place of the rpm
/// database: one file, read once.
fn is_second_name(root: &Path, place: &str) -> bool {
    let file = |place: &str| root.join(place).canonicalize().ok();
    let Some(here) = file(place) else {
        return false;
    };
    FILES
        .iter()
        .take_while(|other| **other != place)
        .any(|other| file(other).as_ref() == Some(&here))
}

/// The folders a pattern names.
fn folders(root: &Path, pattern: &str, notes: &mut Vec<Note>) -> Vec<PathBuf> {
    let all = match pattern.split_once('*') {
        None => vec![root.join(pattern)],
        Some((before, after)) => {
            let (parent, start) = before.rsplit_once('/').unwrap_or(("", before));
            let below = after.trim_start_matches('/');
            let begins = |path: &PathBuf| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with(start)
            };
            let parents = entries(&root.join(parent), notes);
            parents
                .into_iter()
                .filter(begins)
                .map(|p| p.join(below))
                .collect()
        }
    };
    let is_link = |p: &PathBuf| p.symlink_metadata().is_ok_and(|m| m.is_symlink());
    all.into_iter()
        .filter(|p| p.is_dir() && !is_link(p))
        .collect()
}
