//! Links in Markdown that point to no file, and paths named in backquotes that are not there.

use std::path::Path;

use super::Breaches;
use crate::tree;

pub(super) fn check() -> anyhow::Result<Breaches> {
    let root = tree::root();
    let mut breaches = Vec::new();
    for path in tree::files(&root, "md")? {
        let text = tree::text(&path)?;
        let folder = path.parent().unwrap_or(&root);
        for target in targets(&text) {
            if !exists(folder, &target) {
                breaches.push(format!(
                    "{}: a link to {target}, which is not there",
                    tree::shown(&path)
                ));
            }
        }
    }
    Ok(breaches)
}

fn exists(folder: &Path, target: &str) -> bool {
    let file = target.split('#').next().unwrap_or_default();
    file.is_empty() || folder.join(file).exists()
}

/// Targets of `[text](target)` outside code blocks, without those on the web.
fn targets(text: &str) -> Vec<String> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for (at, _) in line.match_indices("](") {
            let rest = &line[at + 2..];
            let target = rest.split([')', ' ']).next().unwrap_or_default();
            if !target.contains("://") && !target.starts_with("mailto:") {
                found.push(target.to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_to_files_are_looked_at() {
        let text = "[a](docs/a.md) [b](https://example.org) [c](b.md#part)\n```\n[d](no.md)\n```\n[e](#here)\n";
        assert_eq!(targets(text), ["docs/a.md", "b.md#part", "#here"]);
    }
}
