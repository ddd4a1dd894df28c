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
    /// The heading under which it names them; empty: anywhere.
    heading: &'static str,
}

fn lists() -> Vec<List> {
    let mut lists = parsers();
    lists.extend(renderers());
    lists
}

/// The formats of documents: each has a folder of golden files, and a table of its own on one page.
fn renderers() -> Vec<List> {
    use reports::renderers::{
        BRIEFING_RENDERERS, LISTING_RENDERERS, METRICS_RENDERERS, PLAN_RENDERERS, SCAN_RENDERERS,
    };
    let list = |fixtures, heading, ids| List {
        crate_name: "reports",
        ids,
        fixtures,
        page: "docs/reference/outputs.md",
        heading,
    };
    vec![
        list(
            "crates/reports/testdata/scan",
            "# Output formats",
            SCAN_RENDERERS.iter().map(|r| r.id()).collect(),
        ),
        list(
            "crates/reports/testdata/briefing",
            "## The values of `brief --format`",
            BRIEFING_RENDERERS.iter().map(|r| r.id()).collect(),
        ),
        list(
            "crates/reports/testdata/listing",
            "## The formats of lists",
            LISTING_RENDERERS.iter().map(|r| r.id()).collect(),
        ),
        list(
            "crates/reports/testdata/plan",
            "## The formats of the plan",
            PLAN_RENDERERS.iter().map(|r| r.id()).collect(),
        ),
        list(
            "crates/reports/testdata/metrics",
            "## The formats of the figures",
            METRICS_RENDERERS.iter().map(|r| r.id()).collect(),
        ),
    ]
}

fn parsers() -> Vec<List> {
    vec![
        List {
            crate_name: "versions",
            ids: versions::SCHEMES.iter().map(|s| s.id()).collect(),
            fixtures: "crates/versions/testdata",
            page: "docs/reference/version-schemes.md",
            heading: "",
        },
        List {
            crate_name: "advisories",
            ids: advisories::feeds::FEEDS.iter().map(|f| f.id()).collect(),
            fixtures: "crates/advisories/testdata/feeds",
            page: "docs/reference/feeds.md",
            heading: "",
        },
        List {
            crate_name: "inventory",
            ids: inventory::FORMATS.iter().map(|f| f.id()).collect(),
            fixtures: "crates/inventory/testdata",
            page: "docs/reference/inventory-formats.md",
            heading: "",
        },
        List {
            crate_name: "fleet",
            ids: fleet::lists::LISTS.iter().map(|l| l.id()).collect(),
            fixtures: "crates/fleet/testdata/lists",
            page: "docs/guide/fleet.md",
            heading: "",
        },
    ]
}

pub(super) fn check() -> anyhow::Result<Breaches> {
    let root = tree::root();
    let mut breaches = Vec::new();
    for list in lists() {
        let page = std::fs::read_to_string(root.join(list.page)).unwrap_or_default();
        let page = below(&page, list.heading);
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

/// The lines of a page from a heading to the next one; all of it without one, nothing where it is missing.
fn below<'p>(page: &'p str, heading: &str) -> &'p str {
    let Some(at) = page.find(heading) else {
        return "";
    };
    let rest = &page[at..];
    match rest[heading.len()..].find("\n#") {
        Some(end) if !heading.is_empty() => &rest[..heading.len() + end],
        _ => rest,
    }
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

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn a_format_is_looked_for_under_its_own_heading() {
        let page = "# One\n`a`\n\n## Two\n`b`\n";
        let check = |heading: &str, expected: &str| assert_eq!(below(page, heading), expected);
        check("# One", "# One\n`a`\n");
        check("## Two", "## Two\n`b`\n");
        check("", page);
        check("## Three", "");
    }
}
