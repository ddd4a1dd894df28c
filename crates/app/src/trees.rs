//! A directory may hold several system trees (a folder with one for each host), and a file several hosts: each is a host of its
//! own, or the packages of one would be matched as those of another's release.

use std::collections::{BTreeMap, BTreeSet};

use host::Inspected;

/// Where `os-release(5)` stands below the root of a system.
const MARKS: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

/// What was read below one root.
pub(crate) struct Tree {
    /// The root, relative to the target, or the name the files give the host; empty for the target itself.
    pub(crate) root: String,
    /// What was read there.
    pub(crate) inspected: Inspected,
}

/// Splits what was read by host, where the files name more than one, and the rest by system tree.
pub(crate) fn split(mut inspected: Inspected) -> Vec<Tree> {
    let named: BTreeSet<String> = inspected
        .readings
        .iter()
        .filter_map(|r| r.listing.host.clone())
        .collect();
    if named.len() < 2 {
        return split_by_root(inspected);
    }
    let (of_hosts, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut inspected.readings)
        .into_iter()
        .partition(|r| r.listing.host.is_some());
    let mut hosts: BTreeMap<String, Inspected> = BTreeMap::new();
    // What is noted on a file of many hosts is said once, with the first of them.
    let mut first_of_file: BTreeMap<String, String> = BTreeMap::new();
    for reading in of_hosts {
        let name = reading.listing.host.clone().unwrap_or_default();
        first_of_file
            .entry(reading.file.clone())
            .or_insert_with(|| name.clone());
        let host = hosts.entry(name).or_default();
        host.files_read += 1;
        host.readings.push(reading);
    }
    for note in std::mem::take(&mut inspected.notes) {
        let first = note.file.as_ref().and_then(|file| first_of_file.get(file));
        match first.and_then(|name| hosts.get_mut(name)) {
            Some(host) => host.notes.push(note),
            None => inspected.notes.push(note),
        }
    }
    inspected.readings = rest;
    let others = split_by_root(inspected)
        .into_iter()
        .filter(|t| t.inspected.recognised() || !t.inspected.notes.is_empty());
    let hosts = hosts
        .into_iter()
        .map(|(root, inspected)| Tree { root, inspected });
    hosts.chain(others).collect()
}

/// Splits what was read by system tree, where there is more than one; what belongs to none stays with the target itself.
fn split_by_root(inspected: Inspected) -> Vec<Tree> {
    let roots: BTreeSet<String> = inspected
        .readings
        .iter()
        .filter_map(|r| root_of_mark(&r.file))
        .map(str::to_owned)
        .collect();
    if roots.len() < 2 {
        return vec![Tree {
            root: String::new(),
            inspected,
        }];
    }
    let mut trees: Vec<Tree> = std::iter::once(String::new())
        .chain(roots.into_iter().filter(|r| !r.is_empty()))
        .map(|root| Tree {
            root,
            inspected: Inspected::default(),
        })
        .collect();
    for reading in inspected.readings {
        let tree = tree_of(&mut trees, &reading.file);
        tree.inspected.files_read += 1;
        tree.inspected.readings.push(reading);
    }
    for note in inspected.notes {
        let file = note.file.clone().unwrap_or_default();
        tree_of(&mut trees, &file).inspected.notes.push(note);
    }
    trees.retain(|t| t.inspected.recognised() || !t.inspected.notes.is_empty());
    for tree in &mut trees {
        tree.inspected.image.clone_from(&inspected.image);
    }
    trees
}

/// The root a file marks: `web-01` for `web-01/etc/os-release`.
fn root_of_mark(file: &str) -> Option<&str> {
    MARKS
        .iter()
        .find_map(|mark| file.strip_suffix(mark))
        .and_then(|root| match root {
            "" => Some(""),
            _ => root.strip_suffix('/'),
        })
}

/// The deepest tree a file is in; the first one, the target itself, holds every file.
fn tree_of<'t>(trees: &'t mut [Tree], file: &str) -> &'t mut Tree {
    let holds = |root: &str| {
        root.is_empty()
            || file
                .strip_prefix(root)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    let deepest = (0..trees.len())
        .filter(|&i| holds(&trees[i].root))
        .max_by_key(|&i| trees[i].root.len());
    &mut trees[deepest.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use host::Reading;
    use inventory::{FORMATS, Listing};

    use super::*;

    /// `root: file, file` for each tree, of files with the host each names.
    fn check(files: &[(&str, Option<&str>)], expected: &[&str]) {
        let readings = files.iter().map(|(file, host)| Reading {
            file: (*file).to_owned(),
            format: FORMATS[0],
            listing: Listing {
                host: host.map(str::to_owned),
                ..Listing::default()
            },
        });
        let inspected = Inspected {
            readings: readings.collect(),
            ..Inspected::default()
        };
        let trees = split(inspected).into_iter().map(|tree| {
            let files: Vec<String> = tree
                .inspected
                .readings
                .into_iter()
                .map(|r| r.file)
                .collect();
            format!("{}: {}", tree.root, files.join(", "))
        });
        assert_eq!(trees.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn hosts_that_files_name_are_kept_apart() {
        check(
            &[
                ("a.ndjson", Some("web-01")),
                ("a.ndjson", Some("db-01")),
                ("b.json", Some("web-01")),
            ],
            &["db-01: a.ndjson", "web-01: a.ndjson, b.json"],
        );
        check(
            &[("a.json", Some("web-01")), ("etc/os-release", None)],
            &[": a.json, etc/os-release"],
        );
        check(
            &[
                ("a.ndjson", Some("web-01")),
                ("a.ndjson", Some("db-01")),
                ("Cargo.lock", None),
            ],
            &["db-01: a.ndjson", "web-01: a.ndjson", ": Cargo.lock"],
        );
    }

    #[test]
    fn the_mark_names_the_root() {
        let check = |file: &str, root: Option<&str>| assert_eq!(root_of_mark(file), root, "{file}");
        check("etc/os-release", Some(""));
        check("web-01/etc/os-release", Some("web-01"));
        check("a/b/usr/lib/os-release", Some("a/b"));
        check("myetc/os-release", None);
        check("a/etc/os-release.bak", None);
    }
}
