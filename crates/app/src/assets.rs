//! The team's facts about its hosts, from a file of rules (`hosts.toml`): nobody types them 1,500 times.

use std::path::Path;

use base::Limit;
use fleet::asset::{Asset, Criticality};
use fleet::glob::matches;
use inventory::Host;
use serde::Deserialize;

use crate::error::{Failure, Result};

/// The largest file of host rules read.
const ASSET_BYTES: Limit = Limit::new("hosts-file-bytes", 16 << 20);

/// Rules from host names to facts. Every rule that matches a host adds its facts; a later rule overrides an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    rules: Vec<Rule>,
    source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    host: Vec<Rule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// A host name; `*` stands for any characters.
    name: String,
    zone: Option<String>,
    owner: Option<String>,
    criticality: Option<Word>,
    exposed: Option<bool>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Low,
    Medium,
    High,
    VeryHigh,
}

impl Assets {
    /// The rules of a file, or none at all.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let bytes = host::read(path, ASSET_BYTES).map_err(|e| Failure::input(e.to_string()))?;
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |n| n.to_string_lossy().into_owned(),
        );
        Self::parse(&name, &bytes).map_err(|e| {
            Failure::input(format!("{}: {e}", path.display()))
                .hint("docs/guide/briefing.md shows a hosts.toml")
        })
    }

    fn parse(source: &str, bytes: &[u8]) -> std::result::Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
        let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
        Ok(Self {
            rules: file.host,
            source: source.to_owned(),
        })
    }

    /// What the rules say of a host; a fact no rule gives is unknown.
    pub fn of(&self, name: &str, _host: &Host) -> Asset {
        let mut asset = Asset {
            source: self.source.clone(),
            ..Asset::default()
        };
        let last_part = name.rsplit('/').next().unwrap_or(name);
        for rule in self
            .rules
            .iter()
            .filter(|r| matches(&r.name, name) || matches(&r.name, last_part))
        {
            asset.zone = rule.zone.clone().or(asset.zone);
            asset.owner = rule.owner.clone().or(asset.owner);
            asset.criticality = rule.criticality.map(criticality).or(asset.criticality);
            asset.exposed = rule.exposed.or(asset.exposed);
        }
        asset
    }
}

const fn criticality(word: Word) -> Criticality {
    match word {
        Word::Low => Criticality::Low,
        Word::Medium => Criticality::Medium,
        Word::High => Criticality::High,
        Word::VeryHigh => Criticality::VeryHigh,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_rules_override_and_unknown_stays_unknown() {
        let rules = b"[[host]]\nname = \"*\"\nowner = \"operations\"\n[[host]]\nname = \"web-*\"\nexposed = true\nowner = \"web team\"\n";
        let assets = Assets::parse("hosts.toml", rules).unwrap();
        let host = Host::new("web-01", inventory::HostKind::Machine);
        let asset = assets.of("fleet/web-01", &host);
        assert_eq!(
            (asset.owner.as_deref(), asset.exposed, asset.zone),
            (Some("web team"), Some(true), None)
        );
    }

    #[test]
    fn a_misspelt_key_is_an_error() {
        assert!(Assets::parse("hosts.toml", b"[[host]]\nname = \"*\"\nexpose = true\n").is_err());
    }
}
