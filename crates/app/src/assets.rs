//! The team's facts about its hosts, from a file of rules (`fleet.toml`, `hosts.toml`).

use std::path::{Path, PathBuf};

use fleet::asset::Asset;
use fleet::rules::{RULES_BYTES, Rules, Subject};
use inventory::Host;

use crate::error::{Failure, Result};

/// What the file of rules is called in a directory of inventories; the second is its older name.
pub(crate) const RULES_FILES: [&str; 2] = ["fleet.toml", "hosts.toml"];

/// The file of rules in a directory, if there is one. Of two nobody can say which holds.
pub(crate) fn rules_in(directory: &Path) -> Result<Option<PathBuf>> {
    let there = RULES_FILES.map(|name| directory.join(name));
    let there: Vec<&PathBuf> = there.iter().filter(|path| path.is_file()).collect();
    match there[..] {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        _ => {
            let [new, old] = RULES_FILES;
            let directory = directory.display();
            Err(
                Failure::input(format!("{directory}: both {new} and {old} are there")).hint(
                    format!("keep one of them; {old} is the older name of {new}"),
                ),
            )
        }
    }
}

/// The rules of a file, or none at all.
#[derive(Clone, Debug, Default)]
pub struct Assets(Rules);

impl Assets {
    /// The rules of a file, or none at all.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let bytes = host::read(path, RULES_BYTES).map_err(|e| Failure::input(e.to_string()))?;
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |n| n.to_string_lossy().into_owned(),
        );
        Rules::parse(&name, &bytes).map(Self).map_err(|mistakes| {
            let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            Failure::input(mistakes.join("\n"))
                .hint("docs/guide/fleet.md shows every key of a file of rules")
        })
    }

    /// What the rules say of a host; a fact no rule gives is unknown.
    pub fn of(&self, name: &str, host: &Host) -> Asset {
        let last_part = name.rsplit('/').next().unwrap_or(name);
        let os = host.os.as_ref();
        let systems = os.map(|os| [os.id.clone(), os.label()]);
        let subject = Subject::new(host.kind, [name, last_part])
            .running(systems.iter().flatten().map(String::as_str));
        let ruled = self.0.asset(&subject, Vec::new());
        Asset {
            source: self.0.source().to_owned(),
            ..ruled.asset
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_found(files: &[&str], expected: std::result::Result<Option<&str>, ()>) {
        let directory = tempfile::tempdir().unwrap();
        for file in files {
            std::fs::write(directory.path().join(file), "").unwrap();
        }
        let found = rules_in(directory.path()).map_err(|_| ());
        let expected = expected.map(|name| name.map(|name| directory.path().join(name)));
        assert_eq!(found, expected, "{files:?}");
    }

    #[test]
    fn a_directory_has_one_file_of_rules_under_either_name() {
        check_found(&["web-01.cdx.json"], Ok(None));
        check_found(&["fleet.toml", "web-01.cdx.json"], Ok(Some("fleet.toml")));
        check_found(&["hosts.toml"], Ok(Some("hosts.toml")));
        check_found(&["hosts.toml", "fleet.toml"], Err(()));
    }

    #[test]
    fn a_name_is_matched_whole_and_by_its_last_part() {
        let rules = b"[[host]]\nname = \"web-*\"\nowner = \"web team\"\n";
        let assets = Assets(Rules::parse("hosts.toml", rules).unwrap());
        let host = Host::new("web-01", inventory::HostKind::Machine);
        let asset = assets.of("fleet/web-01", &host);
        assert_eq!(asset.owner.as_deref(), Some("web team"));
        assert_eq!(asset.source, "hosts.toml");
    }
}
