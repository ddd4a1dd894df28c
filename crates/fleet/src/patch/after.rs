//! What has to be started again before a patch counts. Data (`after.toml`): packages, the need, why, and who says so.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Installer, Work};
use crate::glob;

static TABLE: &str = include_str!("after.toml");

/// What is needed after a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// What.
    pub need: Need,
    /// Why, in a sentence without its first capital and full stop.
    pub why: String,
    /// Who says so: a link or a page of a manual; empty where nobody does.
    pub source: String,
}

/// What has to be started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The machine.
    Reboot,
    /// The programs that use it.
    Restart,
    /// Nothing.
    None,
    /// Nobody says.
    Unknown,
}

impl Need {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reboot => "reboot",
            Self::Restart => "restart",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    block: Vec<Block>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    packages: Vec<String>,
    need: Need,
    why: String,
    source: String,
}

static BLOCKS: LazyLock<Vec<Block>> = LazyLock::new(|| {
    let table: Table = toml::from_str(TABLE).expect("a test reads the table that ships");
    table.block
});

impl After {
    /// Of a patch.
    pub(super) fn of(work: Work, ecosystem: &str, package: &str, packages: &[String]) -> Self {
        match (work, Installer::of(ecosystem)) {
            (Work::Mitigate, _) => Self::new(Need::None, "nothing is installed", ""),
            (_, Some(Installer::WindowsUpdate)) => of_microsoft(package),
            (_, Some(_)) => of_system(work, package, packages),
            (_, None) => Self::new(
                Need::Restart,
                "an application goes on with the library it was built or started with",
                "",
            ),
        }
    }

    fn new(need: Need, why: &str, source: &str) -> Self {
        Self {
            need,
            why: why.to_owned(),
            source: source.to_owned(),
        }
    }
}

fn of_microsoft(product: &str) -> After {
    if product.starts_with("Windows") {
        return After::new(
            Need::Reboot,
            "cumulative updates of Windows replace files in use and are finished at the next start",
            "https://learn.microsoft.com/windows/deployment/update/release-cycle",
        );
    }
    After::new(
        Need::Unknown,
        "its installer tells whether it needs a restart",
        "",
    )
}

fn of_system(work: Work, package: &str, packages: &[String]) -> After {
    let is_of = |pattern: &String, name: &str| glob::matches(pattern, name);
    let fits = |block: &&Block| {
        let mut patterns = block.packages.iter();
        patterns.any(|p| is_of(p, package) || packages.iter().any(|name| is_of(p, name)))
    };
    match (BLOCKS.iter().find(fits), work) {
        (Some(block), _) => After::new(block.need, &block.why, &block.source),
        (None, Work::Restart) => {
            After::new(Need::Restart, "a report has seen the old program run", "")
        }
        (None, _) => After::new(
            Need::Unknown,
            "no table says; needrestart or needs-restarting on the host tells what still uses the old files",
            "",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(work: Work, ecosystem: &str, package: &str, expected: Need) {
        let after = After::of(work, ecosystem, package, &[package.to_owned()]);
        assert_eq!(after.need, expected, "{package}");
        assert!(!after.why.is_empty());
    }

    #[test]
    fn a_kernel_needs_a_reboot_and_a_library_a_restart_of_what_uses_it() {
        check(Work::Upgrade, "Debian:12", "linux", Need::Reboot);
        check(Work::Upgrade, "AlmaLinux:9", "kernel", Need::Reboot);
        check(
            Work::Restart,
            "Debian:12",
            "linux-image-6.1.0-18-amd64",
            Need::Reboot,
        );
        check(Work::Upgrade, "Debian:12", "openssl", Need::Restart);
        check(Work::Upgrade, "Ubuntu:22.04", "openssh", Need::Restart);
        check(Work::Upgrade, "Debian:12", "vim", Need::Unknown);
        check(Work::Restart, "Debian:12", "vim", Need::Restart);
        check(Work::Upgrade, "npm", "kernel", Need::Restart);
        check(
            Work::Update,
            "Microsoft",
            "Windows Server 2019",
            Need::Reboot,
        );
        check(
            Work::Update,
            "Microsoft",
            "Microsoft SQL Server 2019",
            Need::Unknown,
        );
        check(Work::Mitigate, "Debian:12", "linux", Need::None);
    }

    #[test]
    fn every_block_of_the_table_has_a_reason_and_a_source() {
        for block in BLOCKS.iter() {
            assert!(
                !block.packages.is_empty() && !block.why.is_empty() && !block.source.is_empty()
            );
        }
    }
}
