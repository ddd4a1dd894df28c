//! Which crate may import which: the table of floors, against every Cargo.toml (`dependencies` and `build-dependencies`;
//! tests may also name dev/testkit), and which crates may be free of the bans of the root clippy.toml.

use std::collections::BTreeSet;
use std::path::Path;

use super::Breaches;
use crate::tree;

/// A crate, its floor, and what it may import besides the whole floors named.
struct Row {
    name: &'static str,
    floor: u8,
    may: May,
}

enum May {
    /// Only these.
    Only(&'static [&'static str]),
    /// Everything on lower floors but these.
    AllBelowBut(&'static [&'static str]),
}

use May::{AllBelowBut, Only};

/// docs/decisions/001-floors.md, as data.
const TABLE: &[Row] = &[
    Row {
        name: "base",
        floor: 0,
        may: Only(&[]),
    },
    Row {
        name: "versions",
        floor: 1,
        may: Only(&["base"]),
    },
    Row {
        name: "advisories",
        floor: 1,
        may: Only(&["base", "versions"]),
    },
    Row {
        name: "inventory",
        floor: 1,
        may: Only(&["base"]),
    },
    Row {
        name: "logs",
        floor: 1,
        may: Only(&["base"]),
    },
    Row {
        name: "risk",
        floor: 1,
        may: Only(&["base"]),
    },
    Row {
        name: "secrets",
        floor: 1,
        may: Only(&["base"]),
    },
    Row {
        name: "drawing",
        floor: 1,
        may: Only(&["base"]),
    },
    Row {
        name: "api",
        floor: 1,
        may: Only(&["base"]),
    },
    Row {
        name: "matching",
        floor: 2,
        may: Only(&["base", "versions", "advisories", "inventory"]),
    },
    Row {
        name: "detection",
        floor: 2,
        may: Only(&["base", "logs", "secrets"]),
    },
    Row {
        name: "mail",
        floor: 2,
        may: Only(&["base", "secrets"]),
    },
    Row {
        name: "fleet",
        floor: 3,
        may: Only(&[
            "base",
            "versions",
            "advisories",
            "inventory",
            "risk",
            "matching",
        ]),
    },
    Row {
        name: "outbreak",
        floor: 4,
        may: AllBelowBut(&["api"]),
    },
    Row {
        name: "incidents",
        floor: 4,
        may: AllBelowBut(&["api"]),
    },
    Row {
        name: "compliance",
        floor: 4,
        may: AllBelowBut(&["api"]),
    },
    Row {
        name: "leaks",
        floor: 4,
        may: AllBelowBut(&["api"]),
    },
    Row {
        name: "training",
        floor: 4,
        may: AllBelowBut(&["api"]),
    },
    Row {
        name: "reports",
        floor: 5,
        may: AllBelowBut(&["api"]),
    },
    Row {
        name: "host",
        floor: 5,
        may: Only(&["base", "inventory", "logs", "secrets"]),
    },
    Row {
        name: "store",
        floor: 6,
        may: AllBelowBut(&["api", "host"]),
    },
    Row {
        name: "agent",
        floor: 6,
        may: Only(&[
            "base",
            "inventory",
            "logs",
            "secrets",
            "detection",
            "api",
            "host",
        ]),
    },
    Row {
        name: "app",
        floor: 7,
        may: AllBelowBut(&["agent"]),
    },
    Row {
        name: "server",
        floor: 8,
        may: Only(&["app", "api", "base", "drawing", "reports"]),
    },
    Row {
        name: "cli",
        floor: 9,
        may: AllBelowBut(&[]),
    },
];

/// The crates that may touch files, clock and network.
const WITH_EFFECTS: &[&str] = &["host", "store", "agent", "app", "server", "cli"];

pub(super) fn check() -> anyhow::Result<Breaches> {
    let mut breaches = Vec::new();
    for directory in tree::directories(&tree::root().join("crates"))? {
        let name = directory
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let manifest = tree::text(&directory.join("Cargo.toml"))?;
        breaches.extend(check_manifest(&name, &manifest)?);
        breaches.extend(check_bans(&name, &directory));
    }
    Ok(breaches)
}

fn check_manifest(name: &str, manifest: &str) -> anyhow::Result<Breaches> {
    let Some(row) = TABLE.iter().find(|r| r.name == name) else {
        return Ok(vec![format!(
            "crates/{name} is in no floor of the table (dev/xtask/src/tidy/imports.rs)"
        )]);
    };
    let manifest: toml::Table = manifest.parse()?;
    let normal = names(&manifest, "dependencies").chain(names(&manifest, "build-dependencies"));
    let mut breaches: Breaches = normal
        .filter(|d| is_ours(d) && !allowed(row, d))
        .map(|d| {
            format!(
                "crates/{name} may not import {d} (floor {} of docs/decisions/001-floors.md)",
                row.floor
            )
        })
        .collect();
    let for_tests = names(&manifest, "dev-dependencies");
    breaches.extend(
        for_tests
            .filter(|d| is_ours(d) && d != "testkit" && !allowed(row, d))
            .map(|d| format!("crates/{name} may not import {d}, not even for tests")),
    );
    Ok(breaches)
}

fn names<'m>(manifest: &'m toml::Table, section: &str) -> impl Iterator<Item = String> + use<'m> {
    manifest
        .get(section)
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(|t| t.keys().cloned())
}

fn is_ours(dependency: &str) -> bool {
    dependency == "testkit" || TABLE.iter().any(|r| r.name == dependency)
}

fn allowed(row: &Row, dependency: &str) -> bool {
    let Some(other) = TABLE.iter().find(|r| r.name == dependency) else {
        return false;
    };
    match row.may {
        Only(these) => these.contains(&dependency),
        AllBelowBut(not_these) => other.floor < row.floor && !not_these.contains(&dependency),
    }
}

fn check_bans(name: &str, directory: &Path) -> Option<String> {
    let has_own = directory.join("clippy.toml").exists();
    let may: BTreeSet<&str> = WITH_EFFECTS.iter().copied().collect();
    match (has_own, may.contains(name)) {
        (true, false) => Some(format!(
            "crates/{name} has a clippy.toml of its own: a pure crate keeps the bans of the root"
        )),
        (false, true) => Some(format!(
            "crates/{name} needs a clippy.toml of its own, without the bans of the root"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_one(name: &str, section: &str, dependency: &str, fine: bool) {
        let manifest = format!(
            "[package]\nname = \"{name}\"\n[{section}]\n{dependency}.workspace = true\nserde = \"1\"\n"
        );
        let breaches = check_manifest(name, &manifest).unwrap();
        assert_eq!(
            breaches.is_empty(),
            fine,
            "{name} -> {dependency}: {breaches:?}"
        );
    }

    #[test]
    fn imports_go_only_downwards() {
        check_one("base", "dependencies", "versions", false);
        check_one("advisories", "dependencies", "versions", true);
        check_one("inventory", "dependencies", "versions", false);
        check_one("matching", "dependencies", "risk", false);
        check_one("outbreak", "dependencies", "incidents", false);
        check_one("reports", "dependencies", "fleet", true);
        check_one("reports", "dependencies", "api", false);
        check_one("server", "dependencies", "store", false);
        check_one("cli", "dependencies", "server", true);
        check_one("app", "dependencies", "agent", false);
        check_one("app", "build-dependencies", "cli", false);
    }

    #[test]
    fn tests_may_also_name_the_testkit() {
        check_one("versions", "dev-dependencies", "testkit", true);
        check_one("versions", "dependencies", "testkit", false);
        check_one("versions", "dev-dependencies", "matching", false);
    }

    #[test]
    fn a_crate_nobody_planned_is_a_breach() {
        assert!(
            !check_manifest("utils", "[package]\nname = \"utils\"\n")
                .unwrap()
                .is_empty()
        );
    }
}
