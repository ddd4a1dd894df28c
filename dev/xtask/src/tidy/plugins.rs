//! Every plug-in has a fixture and stands in the generated reference, so that no list grows something nobody tested or
//! described.

use std::path::Path;

use super::Breaches;
use crate::tree;

/// A list of plug-ins: where fixtures are, and the page that must name each.
struct List {
    crate_name: &'static str,
    ids: Vec<&'static str>,
    fixtures: &'static str,
    page: &'static str,
}

fn lists() -> Vec<List> {
    vec![
        List {
            crate_name: "versions",
            ids: versions::SCHEMES.iter().map(|s| s.id()).collect(),
            fixtures: "crates/versions/testdata",
            page: "docs/reference/version-schemes.md",
        },
        List {
            crate_name: "advisories",
            ids: advisories::feeds::FEEDS.iter().map(|f| f.id()).collect(),
            fixtures: "crates/advisories/testdata/feeds",
            page: "docs/reference/feeds.md",
        },
        List {
            crate_name: "inventory",
            ids: inventory::FORMATS.iter().map(|f| f.id()).collect(),
            fixtures: "crates/inventory/testdata",
            page: "docs/reference/inventory-formats.md",
        },
        List {
            crate_name: "fleet",
            ids: fleet::lists::LISTS.iter().map(|l| l.id()).collect(),
            fixtures: "crates/fleet/testdata/lists",
            page: "docs/guide/fleet.md",
        },
        List {
            crate_name: "reports",
            ids: reports::renderers::SCAN_RENDERERS
                .iter()
                .map(|r| r.id())
                .collect(),
            fixtures: "crates/reports/testdata",
            page: "docs/reference/outputs.md",
        },
    ]
}

pub(super) fn check() -> anyhow::Result<Breaches> {
    let root = tree::root();
    let mut breaches = Vec::new();
    for list in lists() {
        let page = std::fs::read_to_string(root.join(list.page)).unwrap_or_default();
        for id in &list.ids {
            if !has_fixture(&root.join(list.fixtures), id) {
                breaches.push(format!(
                    "{}: the plug-in {id} has no fixture below {}/{id}",
                    list.crate_name, list.fixtures
                ));
            }
            if !page.contains(&format!("`{id}`")) {
                breaches.push(format!(
                    "{}: {} does not name the plug-in {id}; run `cargo xtask docs`",
                    list.crate_name, list.page
                ));
            }
        }
    }
    Ok(breaches)
}

/// A folder of the plug-in's name with at least one file somewhere below, at the top or one folder down (`lockfiles/<id>`).
fn has_fixture(below: &Path, id: &str) -> bool {
    let groups = tree::directories(below).unwrap_or_default();
    let places = std::iter::once(below.to_owned()).chain(groups);
    places.map(|p| p.join(id)).any(|p| holds_a_file(&p))
}

fn holds_a_file(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries
        .filter_map(Result::ok)
        .map(|e| e.path())
        .any(|p| p.is_file() || holds_a_file(&p))
}
