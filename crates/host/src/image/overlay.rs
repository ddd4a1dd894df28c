//! Layers put on each other: which file is seen at which path, and from which layer it is. Names only; nothing is written
//! anywhere, so a path can leave nothing and a link only leads about in this tree.
//!
//! The rules are those of the OCI image specification, layer.md ("Applying Changesets"): within one layer first what it
//! removes from the ones below, then what it adds, the later entry winning. Symbolic links in the way of an entry are
//! followed inside the tree, as container runtimes do when they unpack.

use std::collections::BTreeMap;
use std::collections::btree_map::Iter;

use base::Limit;

use crate::image::layer::{Named, What};
use crate::limits::{IMAGE_DEPTH, IMAGE_ENTRIES, IMAGE_LINKS, LINKS_IN_A_PATH};
use crate::name::member;

/// Where a file's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Content {
    /// The blob, as the reader of the layers counts them.
    pub(crate) blob: u16,
    /// The member in it.
    pub(crate) ordinal: u64,
    pub(crate) size: u64,
    /// Stored with holes: not readable from the stream as it is.
    pub(crate) sparse: bool,
}

/// A file somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its path without a leading `/`, as it may be shown and matched.
    pub(crate) name: String,
    pub(crate) content: Content,
    /// The layer that brought its present form.
    pub(crate) layer: u16,
}

/// Whether what begins with `.wh.` removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marks {
    /// In a layer.
    Whiteouts,
    /// In a plain archive, where it is a name like any other.
    None,
}

/// Why an entry found no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Its name leads out of the tree, or is empty.
    Outside,
    /// It would remove nothing that can have a name.
    NotAWhiteout,
    /// Its parent is a link in a circle, or what it is a hard link to is not there.
    LeadsNowhere,
    Over(Limit),
}

/// The tree as seen so far.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    links_followed: u64,
}

struct Node {
    parent: u32,
    layer: u16,
    depth: u16,
    kind: Kind,
}

enum Kind {
    Folder(BTreeMap<Box<[u8]>, u32>),
    File(Content),
    Symlink(Box<[u8]>),
    /// A device or the like: it only hides what was there.
    Other,
}

const ROOT: u32 = 0;

/// The layer an entry is put down by, and the blob its bytes are in.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) layer: u16,
    pub(crate) blob: u16,
}

impl Tree {
    pub(crate) fn new() -> Self {
        let root = Node {
            parent: ROOT,
            layer: 0,
            depth: 0,
            kind: Kind::Folder(BTreeMap::new()),
        };
        Self {
            nodes: vec![root],
            links_followed: 0,
        }
    }

    /// Puts a layer on top. `refused` hears of each entry that found no place.
    pub(crate) fn put_on(
        &mut self,
        entries: &[Named],
        origin: Origin,
        marks: Marks,
        refused: &mut dyn FnMut(&Named, Refused),
    ) {
        let is_mark = |entry: &Named| marks == Marks::Whiteouts && is_whiteout(&entry.path);
        for entry in entries.iter().filter(|e| is_mark(e)) {
            if let Err(why) = self.remove(&entry.path) {
                refused(entry, why);
            }
        }
        for entry in entries.iter().filter(|e| !is_mark(e)) {
            if let Err(why) = self.add(entry, origin) {
                refused(entry, why);
            }
        }
    }

    /// What a whiteout removes: `dir/.wh.name` removes `dir/name`, `dir/.wh..wh..opq` all that is in `dir`.
    fn remove(&mut self, path: &[u8]) -> Result<(), Refused> {
        let (mark, above) = parts(path)?
            .split_last()
            .map(|(m, a)| (*m, a.to_vec()))
            .ok_or(Refused::Outside)?;
        let Some(folder) = self.end_of(&above)? else {
            // It removes from a directory that is not there: nothing to do.
            return Ok(());
        };
        let Kind::Folder(children) = &mut self.nodes[folder as usize].kind else {
            return Ok(());
        };
        if mark == OPAQUE {
            children.clear();
            return Ok(());
        }
        let name = &mark[WHITEOUT.len()..];
        if name.starts_with(WHITEOUT) {
            // The bookkeeping of aufs, which old layers hold.
            return Ok(());
        }
        if matches!(name, b"" | b"." | b"..") {
            return Err(Refused::NotAWhiteout);
        }
        children.remove(name);
        Ok(())
    }

    fn add(&mut self, entry: &Named, origin: Origin) -> Result<(), Refused> {
        let parts = parts(&entry.path)?;
        let Some((name, above)) = parts.split_last() else {
            // `./`, the root itself.
            return match entry.what {
                What::Folder => Ok(()),
                _ => Err(Refused::Outside),
            };
        };
        let file = |size, sparse| {
            Kind::File(Content {
                blob: origin.blob,
                ordinal: entry.ordinal,
                size,
                sparse,
            })
        };
        let kind = match &entry.what {
            What::Folder => Kind::Folder(BTreeMap::new()),
            What::File(size) => file(*size, false),
            What::Sparse(size) => file(*size, true),
            What::Symlink(target) => Kind::Symlink(target.clone()),
            What::Hardlink(target) => self.content_of(target)?,
            What::Other => Kind::Other,
        };
        let parent = self
            .descend(ROOT, above, Some(origin.layer), &mut { LINKS_IN_A_PATH })?
            .ok_or(Refused::LeadsNowhere)?;
        self.place(parent, name, origin.layer, kind)?;
        Ok(())
    }

    /// What a hard link stands for. The link's target is a path, and not a link itself.
    fn content_of(&mut self, target: &[u8]) -> Result<Kind, Refused> {
        let found = self.descend(ROOT, &parts(target)?, None, &mut { LINKS_IN_A_PATH })?;
        match found.map(|id| &self.nodes[id as usize].kind) {
            Some(Kind::File(content)) => Ok(Kind::File(*content)),
            Some(Kind::Symlink(target)) => Ok(Kind::Symlink(target.clone())),
            Some(Kind::Other) => Ok(Kind::Other),
            Some(Kind::Folder(_)) | None => Err(Refused::LeadsNowhere),
        }
    }

    /// Puts a node into a folder, in the place of what was there, unless both are folders.
    fn place(&mut self, parent: u32, name: &[u8], layer: u16, kind: Kind) -> Result<u32, Refused> {
        let depth = self.nodes[parent as usize].depth + 1;
        if IMAGE_DEPTH.is_exceeded_by(u64::from(depth)) {
            return Err(Refused::Over(IMAGE_DEPTH));
        }
        if let Some(id) = self.child(parent, name) {
            let old = &mut self.nodes[id as usize];
            old.layer = layer;
            if !matches!((&old.kind, &kind), (Kind::Folder(_), Kind::Folder(_))) {
                old.kind = kind;
            }
            return Ok(id);
        }
        if IMAGE_ENTRIES.is_exceeded_by(self.nodes.len() as u64) {
            return Err(Refused::Over(IMAGE_ENTRIES));
        }
        let id = u32::try_from(self.nodes.len()).map_err(|_| Refused::Over(IMAGE_ENTRIES))?;
        self.nodes.push(Node {
            parent,
            layer,
            depth,
            kind,
        });
        if !matches!(self.nodes[parent as usize].kind, Kind::Folder(_)) {
            self.nodes[parent as usize].kind = Kind::Folder(BTreeMap::new());
        }
        if let Kind::Folder(children) = &mut self.nodes[parent as usize].kind {
            children.insert(name.into(), id);
        }
        Ok(id)
    }

    fn child(&self, parent: u32, name: &[u8]) -> Option<u32> {
        match &self.nodes[parent as usize].kind {
            Kind::Folder(children) => children.get(name).copied(),
            _ => None,
        }
    }

    /// Goes down from a folder, following links on the way but not one at the end. With a layer, folders that are missing
    /// are made and files in the way replaced; without, `None` is the answer.
    fn descend(
        &mut self,
        from: u32,
        parts: &[&[u8]],
        make: Option<u16>,
        links: &mut u32,
    ) -> Result<Option<u32>, Refused> {
        let mut at = from;
        for (index, part) in parts.iter().enumerate() {
            if *part == b".." {
                at = self.nodes[at as usize].parent;
                continue;
            }
            let found = self.child(at, part);
            let is_last = index + 1 == parts.len();
            let next = match (found, make) {
                (Some(id), _) => Some(id),
                (None, Some(layer)) => {
                    Some(self.place(at, part, layer, Kind::Folder(BTreeMap::new()))?)
                }
                (None, None) => None,
            };
            let Some(next) = next else {
                return Ok(None);
            };
            // An entry goes into the folder a link leads to, so there the last part counts as one on the way.
            at = if is_last && make.is_none() {
                next
            } else {
                match self.through(at, next, make, links)? {
                    Some(id) => id,
                    None => return Ok(None),
                }
            };
        }
        Ok(Some(at))
    }

    /// What is at a path, through links on the way and at its end.
    fn end_of(&mut self, parts: &[&[u8]]) -> Result<Option<u32>, Refused> {
        let links = &mut { LINKS_IN_A_PATH };
        match self.descend(ROOT, parts, None, links)? {
            Some(id) => self.through(self.nodes[id as usize].parent, id, None, links),
            None => Ok(None),
        }
    }

    /// The folder a node is, or the link in `at` leads to.
    fn through(
        &mut self,
        at: u32,
        id: u32,
        make: Option<u16>,
        links: &mut u32,
    ) -> Result<Option<u32>, Refused> {
        let Kind::Symlink(target) = &self.nodes[id as usize].kind else {
            if let (Some(layer), Kind::File(_) | Kind::Other) =
                (make, &self.nodes[id as usize].kind)
            {
                let node = &mut self.nodes[id as usize];
                (node.layer, node.kind) = (layer, Kind::Folder(BTreeMap::new()));
            }
            return Ok(Some(id));
        };
        if *links == 0 {
            return Err(Refused::LeadsNowhere);
        }
        if IMAGE_LINKS.is_exceeded_by(self.links_followed) {
            return Err(Refused::Over(IMAGE_LINKS));
        }
        *links -= 1;
        self.links_followed += 1;
        let target = target.clone();
        let from = if target.starts_with(b"/") { ROOT } else { at };
        let parts: Vec<&[u8]> = target
            .split(|b| *b == b'/')
            .filter(|part| !matches!(*part, b"" | b"."))
            .collect();
        if IMAGE_DEPTH.is_exceeded_by(parts.len() as u64) {
            return Err(Refused::Over(IMAGE_DEPTH));
        }
        let Some(end) = self.descend(from, &parts, make, links)? else {
            return Ok(None);
        };
        match self.nodes[end as usize].kind {
            Kind::Symlink(_) => {
                let parent = self.nodes[end as usize].parent;
                self.through(parent, end, make, links)
            }
            _ => Ok(Some(end)),
        }
    }

    /// The files somebody wants (which is asked with whether it is a link), in the order of their names. A link to a file stands for the file; a link that leads
    /// nowhere is told to `lost`. Links to directories are not followed, except at `places`, where a package database is
    /// looked for under the name everybody knows.
    pub(crate) fn files(
        &mut self,
        wants: &dyn Fn(&str, bool) -> bool,
        places: &[&str],
        lost: &mut dyn FnMut(String),
    ) -> Vec<Seen> {
        let mut named = Vec::new();
        let is_link = |id: u32| matches!(self.nodes[id as usize].kind, Kind::Symlink(_));
        self.collect(ROOT, "", &mut |name, _, id| {
            if wants(name, is_link(id)) {
                named.push((name.to_owned(), id));
            }
        });
        for place in places {
            let parts: Vec<&[u8]> = place.as_bytes().split(|b| *b == b'/').collect();
            let Ok(Some(end)) = self.end_of(&parts) else {
                continue;
            };
            let real = self.path_of(end);
            if real != *place {
                self.collect(end, place, &mut |name, below, id| {
                    if wants(name, true) && !wants(&joined(&real, below), true) {
                        named.push((name.to_owned(), id));
                    }
                });
            }
        }
        named.sort();
        let mut seen = Vec::new();
        for (name, id) in named {
            match self.file_at(id) {
                Some(Some((content, layer))) => seen.push(Seen {
                    name,
                    content,
                    layer,
                }),
                Some(None) => {}
                None => lost(name),
            }
        }
        seen
    }

    /// The file a node is or leads to; `Some(None)` for what is no file.
    fn file_at(&mut self, id: u32) -> Option<Option<(Content, u16)>> {
        let parent = self.nodes[id as usize].parent;
        let links = &mut { LINKS_IN_A_PATH };
        let end = self.through(parent, id, None, links).ok().flatten()?;
        let node = &self.nodes[end as usize];
        Some(match node.kind {
            Kind::File(content) => Some((content, node.layer)),
            _ => None,
        })
    }

    /// Every node below a folder that is not one itself: its name, its path below the folder, its number.
    fn collect(&self, from: u32, prefix: &str, each: &mut dyn FnMut(&str, &str, u32)) {
        let mut path = prefix.to_owned();
        let mut open: Vec<(Children<'_>, usize)> = Vec::new();
        if let Kind::Folder(children) = &self.nodes[from as usize].kind {
            open.push((children.iter(), path.len()));
        }
        while let Some((children, len)) = open.last_mut() {
            path.truncate(*len);
            let Some((name, id)) = children.next() else {
                open.pop();
                continue;
            };
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&member(name));
            match &self.nodes[*id as usize].kind {
                Kind::Folder(children) => {
                    let len = path.len();
                    open.push((children.iter(), len));
                }
                _ => each(&path, path[prefix.len()..].trim_start_matches('/'), *id),
            }
        }
    }

    /// The path of a folder, found by looking for it in each one above.
    fn path_of(&self, mut id: u32) -> String {
        let mut parts = Vec::new();
        while id != ROOT {
            let parent = self.nodes[id as usize].parent;
            if let Kind::Folder(children) = &self.nodes[parent as usize].kind
                && let Some((name, _)) = children.iter().find(|(_, child)| **child == id)
            {
                parts.push(member(name));
            }
            id = parent;
        }
        parts.reverse();
        parts.join("/")
    }
}

/// What is left to visit of a folder.
type Children<'a> = Iter<'a, Box<[u8]>, u32>;

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";

fn is_whiteout(path: &[u8]) -> bool {
    path.rsplit(|b| *b == b'/')
        .next()
        .is_some_and(|name| name.starts_with(WHITEOUT))
}

fn joined(folder: &str, below: &str) -> String {
    if folder.is_empty() {
        below.to_owned()
    } else {
        format!("{folder}/{below}")
    }
}

/// A path's parts, cleaned without looking at the tree. One that climbs over the root has none.
pub(crate) fn parts(path: &[u8]) -> Result<Vec<&[u8]>, Refused> {
    let mut parts = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop().ok_or(Refused::Outside)?;
            }
            part => parts.push(part),
        }
    }
    if IMAGE_DEPTH.is_exceeded_by(parts.len() as u64) {
        return Err(Refused::Over(IMAGE_DEPTH));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `dir/` is a folder, `a -> b` a symbolic link, `a => b` a hard link, anything else a file of the size of its line
    /// number.
    fn entries(text: &str) -> Vec<Named> {
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
        lines
            .zip(0..)
            .map(|(line, ordinal)| {
                let (path, what) = if let Some((path, target)) = line.split_once(" -> ") {
                    (path, What::Symlink(target.as_bytes().into()))
                } else if let Some((path, target)) = line.split_once(" => ") {
                    (path, What::Hardlink(target.as_bytes().into()))
                } else if line.ends_with('/') {
                    (line, What::Folder)
                } else {
                    (line, What::File(ordinal))
                };
                Named {
                    path: path.as_bytes().into(),
                    ordinal,
                    what,
                }
            })
            .collect()
    }

    /// The files seen, each with the layer it is from: `etc/passwd@0`.
    fn check(layers: &[&str], expected: &[&str]) {
        check_refused(layers, expected, &[]);
    }

    fn check_refused(layers: &[&str], expected: &[&str], expected_refused: &[(&str, Refused)]) {
        let mut tree = Tree::new();
        let mut refused = Vec::new();
        for (layer, text) in (0..).zip(layers) {
            let origin = Origin { layer, blob: layer };
            tree.put_on(
                &entries(text),
                origin,
                Marks::Whiteouts,
                &mut |entry, why| {
                    refused.push((String::from_utf8_lossy(&entry.path).into_owned(), why));
                },
            );
        }
        let seen: Vec<String> = tree
            .files(&|_, _| true, &[], &mut |_| {})
            .into_iter()
            .map(|seen| format!("{}@{}", seen.name, seen.layer))
            .collect();
        assert_eq!(seen, expected);
        let refused: Vec<_> = refused.iter().map(|(p, w)| (p.as_str(), *w)).collect();
        assert_eq!(refused, expected_refused);
    }

    #[test]
    fn the_upper_file_is_seen_and_folders_are_merged() {
        check(
            &["etc/\netc/a\netc/b", "etc/\netc/b\netc/c"],
            &["etc/a@0", "etc/b@1", "etc/c@1"],
        );
    }

    #[test]
    fn a_whiteout_removes_a_file_or_a_whole_folder_from_the_layers_below() {
        check(&["a\nd/x\nd/y/z", ".wh.a", ".wh.d"], &[]);
        check(&["a\nb", ".wh.a\nc", "a"], &["a@2", "b@0", "c@1"]);
    }

    #[test]
    fn an_opaque_folder_hides_what_is_below_and_keeps_what_comes_with_it_in_any_order() {
        check(
            &["d/x\nd/y\ne", "d/new\nd/.wh..wh..opq\nd/other"],
            &["d/new@1", "d/other@1", "e@0"],
        );
    }

    #[test]
    fn a_whiteout_leaves_what_its_own_layer_adds() {
        check(&["a", "a\n.wh.a"], &["a@1"]);
    }

    #[test]
    fn the_bookkeeping_of_aufs_removes_nothing_and_an_empty_whiteout_is_refused() {
        check_refused(
            &[
                "plnk/a\n.plnk",
                ".wh..wh.plnk\n.wh..wh.aufs\n.wh.\n.wh...\nx",
            ],
            &[".plnk@0", "plnk/a@0", "x@1"],
            &[
                (".wh.", Refused::NotAWhiteout),
                (".wh...", Refused::NotAWhiteout),
            ],
        );
    }

    #[test]
    fn a_file_in_the_place_of_a_folder_hides_it_and_the_other_way_round() {
        check(&["app/lock\napp/src/x", "app"], &["app@1"]);
        check(&["app", "app/lock"], &["app/lock@1"]);
        check(&["app", "app/"], &[]);
    }

    #[test]
    fn an_entry_below_a_link_lands_where_the_link_leads() {
        check(
            &["usr/lib/a\nlib -> usr/lib", "lib/b\nlib/.wh.a"],
            &["usr/lib/b@1"],
        );
        check(
            &["lib -> /usr/lib\nlib/apk/db/installed"],
            &["usr/lib/apk/db/installed@0"],
        );
        check(&["a -> b\nb -> ../../c\na/x"], &["c/x@0"]);
    }

    #[test]
    fn links_in_a_circle_and_names_that_leave_the_tree_are_refused() {
        check_refused(
            &["a -> b\nb -> a\na/x\n../../etc/passwd\nd/../../x\nd/../y\n/abs"],
            &["abs@0", "y@0"],
            &[
                ("a/x", Refused::LeadsNowhere),
                ("../../etc/passwd", Refused::Outside),
                ("d/../../x", Refused::Outside),
            ],
        );
    }

    #[test]
    fn a_hard_link_has_the_bytes_of_its_target_and_the_layer_of_its_own() {
        let mut tree = Tree::new();
        for (layer, text) in [(0, "a\nb"), (1, "c => ./b\nlost => nowhere")] {
            let origin = Origin { layer, blob: layer };
            tree.put_on(
                &entries(text),
                origin,
                Marks::Whiteouts,
                &mut |entry, why| {
                    assert_eq!((&*entry.path, why), (&b"lost"[..], Refused::LeadsNowhere));
                },
            );
        }
        let files = tree.files(&|name, _| name == "c", &[], &mut |_| {});
        let content = Content {
            blob: 0,
            ordinal: 1,
            size: 1,
            sparse: false,
        };
        assert_eq!(
            files,
            [Seen {
                name: "c".to_owned(),
                content,
                layer: 1
            }]
        );
    }

    #[test]
    fn a_database_behind_a_link_is_found_under_the_name_everybody_knows() {
        let find = |text: &str| {
            let mut tree = Tree::new();
            let origin = Origin { layer: 0, blob: 0 };
            tree.put_on(&entries(text), origin, Marks::Whiteouts, &mut |_, _| {});
            let wants = |name: &str, _| {
                name.ends_with("var/lib/rpm/rpmdb.sqlite")
                    || name.ends_with("usr/lib/sysimage/rpm/rpmdb.sqlite")
            };
            let mut lost = Vec::new();
            let files = tree.files(&wants, &["var/lib/rpm"], &mut |name| lost.push(name));
            (files.into_iter().map(|f| f.name).collect::<Vec<_>>(), lost)
        };
        let found = |name: &str| (vec![name.to_owned()], vec![]);
        assert_eq!(
            find("var/lib/rpm -> ../../opt/db\nopt/db/rpmdb.sqlite"),
            found("var/lib/rpm/rpmdb.sqlite")
        );
        assert_eq!(
            find("var/lib/rpm -> ../../usr/lib/sysimage/rpm\nusr/lib/sysimage/rpm/rpmdb.sqlite"),
            found("usr/lib/sysimage/rpm/rpmdb.sqlite")
        );
        assert_eq!(
            find("var/lib/rpm/rpmdb.sqlite -> /srv/db\nsrv/db"),
            found("var/lib/rpm/rpmdb.sqlite")
        );
        assert_eq!(
            find("var/lib/rpm/rpmdb.sqlite -> /srv/db"),
            (vec![], vec!["var/lib/rpm/rpmdb.sqlite".to_owned()])
        );
    }

    #[test]
    fn in_a_plain_archive_nothing_is_a_whiteout() {
        let mut tree = Tree::new();
        let origin = Origin { layer: 0, blob: 0 };
        tree.put_on(&entries("a\n.wh.a"), origin, Marks::None, &mut |_, _| {});
        assert_eq!(tree.files(&|_, _| true, &[], &mut |_| {}).len(), 2);
    }
}
