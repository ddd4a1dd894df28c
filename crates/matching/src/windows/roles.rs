//! Roles of a server whose holes need the role to be there, and code that IIS runs only where it is mapped.

use std::sync::LazyLock;

use inventory::Windows;
use serde::Deserialize;

/// The data: which component belongs to which role.
static TABLE: &str = include_str!("roles.toml");

/// A component that is not there, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Absent {
    pub(super) detail: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    role: Vec<Role>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Role {
    /// The component as advisories name it, lower case.
    components: Vec<String>,
    /// Names of the role or feature, as `Get-WindowsFeature` and DISM print them; any of them makes the component present.
    #[serde(default)]
    features: Vec<String>,
    /// The file IIS must have mapped for the component to be reachable.
    #[serde(default)]
    extension: Option<String>,
}

static ROLES: LazyLock<Vec<Role>> = LazyLock::new(|| {
    toml::from_str::<Table>(TABLE).map_or_else(|_| Vec::new(), |table| table.role)
});

/// Why the component is not there, if the machine says so. What it does not say is no evidence.
pub(super) fn absent(windows: &Windows, component: &str) -> Option<Absent> {
    let component = component.trim().to_ascii_lowercase();
    let role = ROLES.iter().find(|r| r.components.contains(&component))?;
    let detail = match &role.extension {
        Some(file) => unmapped(windows, file)?,
        None => not_installed(windows, &role.features)?,
    };
    Some(Absent { detail })
}

fn not_installed(windows: &Windows, names: &[String]) -> Option<String> {
    let features = windows.features.as_ref().filter(|all| !all.is_empty())?;
    let is_ours = |name: &str| names.iter().any(|n| n.eq_ignore_ascii_case(name));
    let is_there = features.iter().any(|f| f.installed && is_ours(&f.name));
    // A list of what is installed does not name the rest; a list of all does.
    let is_listed = features.iter().any(|f| !f.installed);
    (!is_there && is_listed)
        .then(|| format!("the role it is in is not installed ({})", names.join(", ")))
}

fn unmapped(windows: &Windows, file: &str) -> Option<String> {
    let iis = windows.iis.as_ref()?;
    let name = |path: &str| {
        path.rsplit(['\\', '/'])
            .next()
            .unwrap_or(path)
            .to_ascii_lowercase()
    };
    let is_mapped = iis
        .extensions
        .iter()
        .any(|e| e.enabled && name(&e.path) == file);
    (!iis.extensions.is_empty() && !is_mapped)
        .then(|| format!("IIS does not run {file}: no mapping to it is enabled"))
}

#[cfg(test)]
mod tests {
    use inventory::{Iis, IisExtension, WindowsFeature};

    use super::*;

    fn with(features: &[(&str, bool)], extensions: &[(&str, bool)]) -> Windows {
        let feature = |(name, installed): &(&str, bool)| WindowsFeature {
            name: (*name).to_owned(),
            installed: *installed,
        };
        let extension = |(path, enabled): &(&str, bool)| IisExtension {
            path: (*path).to_owned(),
            enabled: *enabled,
        };
        Windows {
            features: (!features.is_empty()).then(|| features.iter().map(feature).collect()),
            iis: (!extensions.is_empty()).then(|| Iis {
                version: None,
                extensions: extensions.iter().map(extension).collect(),
            }),
            ..Windows::default()
        }
    }

    fn check(windows: &Windows, component: &str, expected: bool) {
        assert_eq!(
            absent(windows, component).is_some(),
            expected,
            "{component}"
        );
    }

    #[test]
    fn the_table_can_be_read() {
        assert!(
            !ROLES.is_empty(),
            "{:?}",
            toml::from_str::<Table>(TABLE).err()
        );
    }

    #[test]
    fn a_role_is_absent_only_where_the_machine_lists_its_roles() {
        check(
            &with(&[("DNS", false), ("DHCP", true)], &[]),
            "Role: DNS Server",
            true,
        );
        check(
            &with(&[("DNS", true), ("DHCP", false)], &[]),
            "Role: DNS Server",
            false,
        );
        check(&with(&[("DHCP", true)], &[]), "Role: DNS Server", false);
        check(&with(&[], &[]), "Role: DNS Server", false);
        check(&with(&[("DNS", false)], &[]), "Windows Kernel", false);
    }

    #[test]
    fn the_indexing_extension_is_absent_where_iis_does_not_map_it() {
        let asp = (r"C:\WINNT\System32\inetsrv\asp.dll", true);
        check(
            &with(&[], &[asp, (r"C:\WINNT\System32\idq.dll", true)]),
            "Indexing Service ISAPI extension",
            false,
        );
        check(
            &with(&[], &[asp, (r"C:\WINNT\System32\idq.dll", false)]),
            "Indexing Service ISAPI extension",
            true,
        );
        check(&with(&[], &[asp]), "Indexing Service ISAPI extension", true);
        check(&with(&[], &[]), "Indexing Service ISAPI extension", false);
    }
}
