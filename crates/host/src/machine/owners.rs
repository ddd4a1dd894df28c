//! Which installed package a file belongs to, by the package manager's own lists: dpkg's `info/*.list` with its diversions
//! (<https://manpages.debian.org/dpkg-divert>), apk's `installed` (`F:` and `R:` lines), pacman's `local/*/files`, and the
//! headers of the rpm database.
//!
//! Only the paths somebody asks for are looked up; a list of every file of a machine would be a hundred megabytes.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use base::Note;
use inventory::formats::rpmdb;

use super::files::{entries, read_whole};

/// The owner of each path, by the path as it was asked for.
#[derive(Debug, Default)]
pub(super) struct Owners {
    by_path: HashMap<Vec<u8>, String>,
}

impl Owners {
    /// Looks the paths up in every package manager's lists below the root.
    pub(super) fn of(root: &Path, paths: &BTreeSet<Vec<u8>>, notes: &mut Vec<Note>) -> Self {
        let mut owners = Self::default();
        if paths.is_empty() {
            return owners;
        }
        let mut asked = Asked::default();
        for path in paths {
            asked.add(path, path);
        }
        owners.ask_dpkg(root, asked.clone(), notes);
        owners.ask_apk(root, &asked, notes);
        owners.ask_pacman(root, &asked, notes);
        owners.ask_rpm(root, &asked, notes);
        owners
    }

    /// The package that owns the file.
    pub(super) fn package(&self, path: &[u8]) -> Option<&str> {
        self.by_path.get(path).map(String::as_str)
    }

    fn set(&mut self, path: &[u8], package: &str) {
        self.by_path
            .entry(path.to_vec())
            .or_insert_with(|| package.to_owned());
    }

    fn ask_dpkg(&mut self, root: &Path, mut asked: Asked, notes: &mut Vec<Note>) {
        let diversions = Diversions::read(root, notes);
        for diverted in &diversions.all {
            // What lies at the diverted place is what the other packages call by the old name.
            for path in asked.wanted_at(&diverted.to) {
                asked.add(&diverted.from, &path);
            }
        }
        for list in entries(&root.join("var/lib/dpkg/info"), notes) {
            let name = list.file_name().unwrap_or_default().to_string_lossy();
            let Some(package) = name.strip_suffix(".list") else {
                continue;
            };
            let package = package.split(':').next().unwrap_or(package);
            let Some(bytes) = read_whole(&list, notes) else {
                continue;
            };
            for line in bytes.split(|b| *b == b'\n') {
                for path in asked.wanted_at(line) {
                    if !diversions.moves(line, package, &path) {
                        self.set(&path, package);
                    }
                }
            }
        }
    }

    fn ask_apk(&mut self, root: &Path, asked: &Asked, notes: &mut Vec<Note>) {
        for place in ["lib/apk/db/installed", "usr/lib/apk/db/installed"] {
            let Some(bytes) = read_whole(&root.join(place), notes) else {
                continue;
            };
            let (mut package, mut folder) = (String::new(), Vec::new());
            for line in bytes.split(|b| *b == b'\n') {
                match line {
                    [b'P', b':', name @ ..] => package = String::from_utf8_lossy(name).into_owned(),
                    [b'F', b':', name @ ..] => folder = [b"/", name].concat(),
                    [b'R', b':', name @ ..] => {
                        for path in asked.wanted_at(&[&folder, &b"/"[..], name].concat()) {
                            self.set(&path, &package);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    fn ask_pacman(&mut self, root: &Path, asked: &Asked, notes: &mut Vec<Note>) {
        for folder in entries(&root.join("var/lib/pacman/local"), notes) {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            // `name-version-revision`.
            let Some(package) = name.rsplitn(3, '-').nth(2) else {
                continue;
            };
            let Some(bytes) = read_whole(&folder.join("files"), notes) else {
                continue;
            };
            for line in bytes.split(|b| *b == b'\n') {
                for path in asked.wanted_at(&[b"/", line].concat()) {
                    self.set(&path, package);
                }
            }
        }
    }

    fn ask_rpm(&mut self, root: &Path, asked: &Asked, notes: &mut Vec<Note>) {
        const DATABASES: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];
        for folder in ["usr/lib/sysimage/rpm", "var/lib/rpm"] {
            for name in DATABASES {
                let Some(bytes) = read_whole(&root.join(folder).join(name), notes) else {
                    continue;
                };
                rpmdb::each_file(&bytes, &mut |package, file| {
                    for path in asked.wanted_at(file) {
                        self.set(&path, package);
                    }
                });
                return;
            }
        }
    }
}

/// The paths asked for, by every name a list may have for them.
#[derive(Clone, Debug, Default)]
struct Asked {
    by_name: HashMap<Vec<u8>, Vec<Vec<u8>>>,
}

impl Asked {
    /// `name` in a list means `path`, and so does its other name where `/usr` was merged: the kernel says `/usr/lib/x`, a list
    /// made before the merge `/lib/x`.
    fn add(&mut self, name: &[u8], path: &[u8]) {
        const MERGED: [&[u8]; 6] = [
            b"/bin/",
            b"/sbin/",
            b"/lib/",
            b"/lib32/",
            b"/lib64/",
            b"/libx32/",
        ];
        let is_merged = |name: &[u8]| MERGED.iter().any(|start| name.starts_with(start));
        let mut names = vec![name.to_vec()];
        match name.strip_prefix(b"/usr") {
            Some(short) if is_merged(short) => names.push(short.to_vec()),
            None if is_merged(name) => names.push([b"/usr", name].concat()),
            _ => {}
        }
        for name in names {
            let paths = self.by_name.entry(name).or_default();
            if !paths.iter().any(|known| known == path) {
                paths.push(path.to_vec());
            }
        }
    }

    fn wanted_at(&self, name: &[u8]) -> Vec<Vec<u8>> {
        self.by_name.get(name).cloned().unwrap_or_default()
    }
}

/// `dpkg-divert`: three lines each, the old path, the new one, and the package for whose sake (`:` for the administrator's).
#[derive(Debug, Default)]
struct Diversions {
    all: Vec<Diversion>,
}

#[derive(Debug)]
struct Diversion {
    from: Vec<u8>,
    to: Vec<u8>,
    by: Vec<u8>,
}

impl Diversions {
    fn read(root: &Path, notes: &mut Vec<Note>) -> Self {
        let bytes = read_whole(&root.join("var/lib/dpkg/diversions"), notes).unwrap_or_default();
        let lines: Vec<&[u8]> = bytes.split(|b| *b == b'\n').collect();
        let (triples, _) = lines.as_chunks::<3>();
        let diversion = |[from, to, by]: &[&[u8]; 3]| Diversion {
            from: from.to_vec(),
            to: to.to_vec(),
            by: by.to_vec(),
        };
        Self {
            all: triples.iter().map(diversion).collect(),
        }
    }

    /// Whether the file of this name in the package's list lies elsewhere than at `path`.
    fn moves(&self, listed: &[u8], package: &str, path: &[u8]) -> bool {
        self.all.iter().any(|d| {
            let is_diverter = d.by == package.as_bytes();
            d.from == listed && (is_diverter == (path == d.to))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_two_names_where_usr_was_merged() {
        let check = |asked: &str, listed: &str, is: bool| {
            let mut names = Asked::default();
            names.add(asked.as_bytes(), asked.as_bytes());
            assert_eq!(
                !names.wanted_at(listed.as_bytes()).is_empty(),
                is,
                "{asked} {listed}"
            );
        };
        check(
            "/usr/lib/x86_64-linux-gnu/libc.so.6",
            "/lib/x86_64-linux-gnu/libc.so.6",
            true,
        );
        check("/lib/libc.so.6", "/usr/lib/libc.so.6", true);
        check("/usr/sbin/sshd", "/usr/sbin/sshd", true);
        check("/usr/share/x", "/share/x", false);
        check("/opt/lib/x", "/usr/opt/lib/x", false);
    }
}
