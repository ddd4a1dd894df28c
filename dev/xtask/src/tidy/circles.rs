//! Module circles inside a crate. Between crates the compiler forbids them; inside one they grow unseen.
//!
//! Edges are read from `crate::…` and `super::…` paths of non-test code, to top-level modules; a name that `lib.rs` re-exports
//! counts as the module it comes from. Macros and glob imports are not seen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Breaches;
use crate::tree;

pub(super) fn check() -> anyhow::Result<Breaches> {
    let mut breaches = Vec::new();
    for directory in tree::directories(&tree::root().join("crates"))? {
        let source = directory.join("src");
        let root_file = if source.join("lib.rs").exists() {
            "lib.rs"
        } else {
            "main.rs"
        };
        let root = tree::text(&source.join(root_file))?;
        let mut files = Vec::new();
        for path in tree::files(&source, "rs")? {
            let inside = path.strip_prefix(&source)?.to_path_buf();
            files.push((module_path(&inside), tree::text(&path)?));
        }
        for circle in circles(&edges(&root, &files)) {
            breaches.push(format!(
                "{}: modules in a circle: {}",
                tree::shown(&directory),
                circle.join(", ")
            ));
        }
    }
    Ok(breaches)
}

/// `feeds/osv/mod.rs` is `feeds::osv`; `lib.rs` is the empty path.
fn module_path(file: &Path) -> Vec<String> {
    let mut parts: Vec<String> = file
        .with_extension("")
        .iter()
        .map(|p| p.to_string_lossy().into_owned())
        .collect();
    if matches!(
        parts.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        parts.pop();
    }
    parts
}

type Edges = BTreeMap<String, BTreeSet<String>>;

fn edges(root: &str, files: &[(Vec<String>, String)]) -> Edges {
    let reexports = reexports(root);
    let modules: BTreeSet<&String> = files.iter().filter_map(|(path, _)| path.first()).collect();
    let mut edges = Edges::new();
    for (path, text) in files {
        let Some(from) = path.first() else {
            continue;
        };
        for target in targets(path, without_tests(text)) {
            let target = reexports.get(&target).cloned().unwrap_or(target);
            if target != *from && modules.contains(&target) {
                edges.entry(from.clone()).or_default().insert(target);
            }
        }
    }
    edges
}

/// Names that the root re-exports, with the top-level module each comes from.
fn reexports(root: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for statement in root.split(';').filter_map(|s| {
        s.trim()
            .rsplit_once("use ")
            .filter(|(before, _)| before.ends_with("pub ") || before.ends_with("pub(crate) "))
    }) {
        let Some((module, rest)) = statement.1.split_once("::") else {
            continue;
        };
        let module = module.trim_start_matches("crate::").trim().to_owned();
        for name in rest
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|n| !n.is_empty())
        {
            names.insert(name.to_owned(), module.clone());
        }
    }
    names
}

/// Code before the first test module.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]").map_or(text, |at| &text[..at])
}

/// First names after `crate::` (in braces too), and after enough `super::` to reach the root.
fn targets(path: &[String], text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
        for (at, _) in line.match_indices("crate::") {
            let is_own_word =
                !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
            if is_own_word {
                found.extend(first_names(&line[at + "crate::".len()..]));
            }
        }
        for (at, _) in line.match_indices("super::") {
            if line[..at].ends_with("super::") {
                continue;
            }
            let rest = line[at..].trim_start_matches("super::");
            let climbs = (line.len() - at - rest.len()) / "super::".len();
            if climbs == path.len() {
                found.extend(first_names(rest));
            }
        }
    }
    found
}

/// `a::b` gives `a`; `{a::b, c}` gives `a` and `c`.
fn first_names(rest: &str) -> Vec<String> {
    let word = |s: &str| {
        s.trim()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let Some(list) = rest.strip_prefix('{') else {
        return vec![word(rest)];
    };
    let mut names = Vec::new();
    let (mut depth, mut start) = (0_u32, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(word(&list[start..at]));
                return names;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(word(&list[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names.push(word(&list[start..]));
    names
}

/// Groups of modules that reach each other.
fn circles(edges: &Edges) -> Vec<Vec<String>> {
    let reach = |from: &String| {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.clone()];
        while let Some(module) = open.pop() {
            for next in edges.get(&module).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        edges.keys().map(|m| (m, reach(m))).collect();
    let mut groups = BTreeSet::new();
    for (module, far) in &reached {
        if far.contains(*module) {
            let group: Vec<String> = far
                .iter()
                .filter(|f| reached.get(f).is_some_and(|back| back.contains(*module)))
                .cloned()
                .collect();
            groups.insert(group);
        }
    }
    groups.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(root: &str, files: &[(&str, &str)], expected: &[&[&str]]) {
        let files: Vec<_> = files
            .iter()
            .map(|(p, t)| (module_path(Path::new(p)), (*t).to_owned()))
            .collect();
        let expected: Vec<Vec<String>> = expected
            .iter()
            .map(|g| g.iter().map(|m| (*m).to_owned()).collect())
            .collect();
        assert_eq!(circles(&edges(root, &files)), expected);
    }

    #[test]
    fn a_straight_line_is_fine() {
        check(
            "",
            &[
                ("a.rs", "use crate::b::X;"),
                ("b.rs", "use crate::c::Y;"),
                ("c.rs", ""),
            ],
            &[],
        );
    }

    #[test]
    fn a_circle_is_found_through_braces_and_super() {
        check(
            "",
            &[
                ("a.rs", "use crate::{b::X, c};"),
                ("b/mod.rs", "use super::a::Y;"),
                ("c.rs", ""),
            ],
            &[&["a", "b"]],
        );
        check(
            "",
            &[
                ("a.rs", "use crate::b;"),
                ("b/inner.rs", "use super::super::a::Y;"),
            ],
            &[&["a", "b"]],
        );
    }

    #[test]
    fn a_reexport_hides_nothing() {
        check(
            "mod a;\nmod b;\npub use a::{Thing, Other};\n",
            &[("a.rs", "use crate::b::X;"), ("b.rs", "use crate::Other;")],
            &[&["a", "b"]],
        );
    }

    #[test]
    fn tests_and_comments_do_not_count() {
        check(
            "",
            &[
                ("a.rs", "use crate::b;"),
                (
                    "b.rs",
                    "// see crate::a\n#[cfg(test)]\nmod tests { use crate::a; }",
                ),
            ],
            &[],
        );
    }
}
