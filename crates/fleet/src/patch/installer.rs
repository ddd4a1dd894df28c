//! Which tool of a system installs the packages of an ecosystem. Language packages have none: they are built into something.

use advisories::model::MICROSOFT;

/// A tool that upgrades what it installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Installer {
    /// Debian, Ubuntu and what is made of them.
    Apt,
    /// Fedora, Red Hat Enterprise Linux and its rebuilds.
    Dnf,
    /// SUSE and openSUSE.
    Zypper,
    /// Alpine, Wolfi, Chainguard.
    Apk,
    /// Windows Update, WSUS.
    WindowsUpdate,
}

impl Installer {
    /// Of an ecosystem, by OSV's name before the colon.
    pub fn of(ecosystem: &str) -> Option<Self> {
        Some(match ecosystem.split(':').next().unwrap_or_default() {
            "Debian" | "Ubuntu" | "Echo" => Self::Apt,
            "AlmaLinux" | "Rocky Linux" | "Red Hat" | "Oracle Linux" | "CentOS" | "Fedora"
            | "Amazon Linux" | "openEuler" | "Mageia" => Self::Dnf,
            "SUSE" | "openSUSE" => Self::Zypper,
            "Alpine" | "Alpaquita" | "Chainguard" | "Wolfi" | "MinimOS" => Self::Apk,
            MICROSOFT => Self::WindowsUpdate,
            _ => return None,
        })
    }
}
