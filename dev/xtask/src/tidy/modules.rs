//! Forgotten files: a source file that no `mod` line names is never compiled, and a test in it never runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Breaches;
use crate::tree;

pub(super) fn check() -> anyhow::Result<Breaches> {
    let mut breaches = Vec::new();
    for folder in ["crates", "dev"] {
        for directory in tree::directories(&tree::root().join(folder))? {
            breaches.extend(check_crate(&directory)?);
        }
    }
    Ok(breaches)
}

fn check_crate(directory: &Path) -> anyhow::Result<Breaches> {
    let source = directory.join("src");
    let mut reached = BTreeSet::new();
    for root in ["lib.rs", "main.rs"] {
        let root = source.join(root);
        if root.exists() {
            reach(&root, &source, &mut reached)?;
        }
    }
    let all = tree::files(&source, "rs")?;
    let forgotten = all
        .iter()
        .filter(|f| !reached.contains(*f) && !f.starts_with(source.join("bin")));
    Ok(forgotten
        .map(|f| {
            format!(
                "{}: no `mod` line names it, so it is never compiled",
                tree::shown(f)
            )
        })
        .collect())
}

fn reach(file: &Path, children: &Path, reached: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    if !reached.insert(file.to_owned()) {
        return Ok(());
    }
    for name in declared(&tree::text(file)?) {
        let folder = children.join(&name);
        for candidate in [children.join(format!("{name}.rs")), folder.join("mod.rs")] {
            if candidate.exists() {
                reach(&candidate, &folder, reached)?;
            }
        }
    }
    Ok(())
}

/// Names of `mod x;` lines.
fn declared(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim().strip_suffix(';'))
        .filter_map(|line| line.split_once("mod "))
        .filter(|(before, _)| before.is_empty() || before.starts_with("pub"))
        .map(|(_, name)| name.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_nobody_names_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = directory.path().join("src").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("lib.rs", "pub mod a;\nmod b;\n");
        write("a.rs", "mod inner;\n");
        write("a/inner.rs", "");
        write("b/mod.rs", "");
        write("lost.rs", "");
        let breaches = check_crate(directory.path()).unwrap();
        assert_eq!(breaches.len(), 1);
        assert!(breaches[0].contains("lost.rs"));
    }
}
