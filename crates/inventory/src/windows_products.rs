//! The products on a Windows machine by the names under which MSRC publishes advisories. The names are data
//! (`windows_products.toml`); MSRC has no list of them, they were taken from its advisories.

use std::sync::LazyLock;

use base::Ecosystem;
use serde::Deserialize;

use crate::{Location, Package, Windows, WindowsArch};

/// Microsoft's products have an ecosystem of their own; it is spelt as in the catalog.
const MICROSOFT: &str = "Microsoft";

static TABLE: &str = include_str!("windows_products.toml");

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    system: Vec<System>,
    browser: Vec<Browser>,
    iis: IisName,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct System {
    build: u32,
    #[serde(default)]
    client: Option<String>,
    #[serde(default)]
    client_x64: Option<String>,
    #[serde(default)]
    server: Option<String>,
    #[serde(default)]
    server_x64: Option<String>,
    #[serde(default)]
    server_ia64: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Browser {
    /// First and last build.
    builds: [u32; 2],
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct IisName {
    name: String,
}

static NAMES: LazyLock<Table> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());

/// The products on the machine, the system first, or why they cannot be told.
pub(crate) fn products(
    windows: &Windows,
    listed: &[Package],
    location: &Location,
) -> Result<Vec<Package>, String> {
    let build = windows.build.ok_or("the build of Windows is not known")?;
    let system = system_name(windows, build.build)?;
    let product = |name: String| Package {
        ecosystem: Some(Ecosystem::new(MICROSOFT)),
        ..Package::new(name, Some(build.to_string()), location.clone())
    };
    let mut others = others(windows, build.build);
    others.extend(frameworks(windows, listed));
    let others = others.into_iter().map(|name| format!("{name} on {system}"));
    let others: Vec<String> = others.collect();
    Ok(std::iter::once(system).chain(others).map(product).collect())
}

/// The name of the system itself.
fn system_name(windows: &Windows, build: u32) -> Result<String, String> {
    let system = NAMES.system.iter().find(|s| s.build == build);
    let system =
        system.ok_or_else(|| format!("build {build} of Windows is in no list of products"))?;
    let is_server = is_server(windows, system)
        .ok_or("neither name nor roles say whether this Windows is a server")?;
    let arch = windows.arch.unwrap_or(WindowsArch::X64);
    let of_arch = match (is_server, arch) {
        (true, WindowsArch::X64) => &system.server_x64,
        (true, WindowsArch::Ia64) => &system.server_ia64,
        (false, WindowsArch::X64) => &system.client_x64,
        _ => &None,
    };
    let any = match is_server {
        true => &system.server,
        false => &system.client,
    };
    let name = of_arch.as_ref().or(any.as_ref());
    let name =
        name.ok_or_else(|| format!("build {build} of Windows has no name for this edition"))?;
    Ok(filled(name, windows, arch, is_server))
}

fn is_server(windows: &Windows, system: &System) -> Option<bool> {
    if system.client.is_none() && system.client_x64.is_none() {
        return Some(true);
    }
    if system.server.is_none() {
        return Some(false);
    }
    if windows.server_core == Some(true) {
        return Some(true);
    }
    let name = windows.name.as_ref()?.to_lowercase();
    // Windows 2000 says "Server" too; XP, Vista and 7 to 11 never do.
    Some(
        name.contains("server")
            || name.contains("serveur")
            || name.contains("servidor")
            || name.contains("hyper-v"),
    )
}

fn filled(name: &str, windows: &Windows, arch: WindowsArch, is_server: bool) -> String {
    let arch = match arch {
        WindowsArch::X64 => "x64-based",
        WindowsArch::X86 => "32-bit",
        WindowsArch::Arm64 => "ARM64-based",
        WindowsArch::Ia64 => "Itanium-based",
    };
    let pack = match windows.service_pack {
        Some(number @ 1..) => format!(" Service Pack {number}"),
        _ => String::new(),
    };
    let name = name.replace("{arch}", arch).replace("{sp}", &pack);
    match is_server && windows.server_core == Some(true) {
        true => format!("{name} (Server Core installation)"),
        false => name,
    }
}

/// What MSRC names as "… on Windows …" and this machine has.
fn others(windows: &Windows, build: u32) -> Vec<String> {
    let browsers = NAMES.browser.iter();
    let browsers = browsers.filter(|b| (b.builds[0]..=b.builds[1]).contains(&build));
    let mut names: Vec<String> = browsers.map(|b| b.name.clone()).collect();
    let iis = windows.iis.as_ref().and_then(|iis| iis.version.as_ref());
    names.extend(iis.map(|version| NAMES.iis.name.replace("{version}", version)));
    names
}

/// The .NET Frameworks on the machine: each is updated by itself, and named with the system it is on.
fn frameworks(windows: &Windows, listed: &[Package]) -> Vec<String> {
    const FAMILY: &str = "Microsoft .NET Framework ";
    let mut names: Vec<String> = listed
        .iter()
        .filter(|p| p.name.starts_with(FAMILY))
        .map(|p| p.name.clone())
        .collect();
    let has_old = windows
        .features
        .iter()
        .flatten()
        .any(|f| f.installed && ["NET-Framework-Core", "NetFx3"].contains(&f.name.as_str()));
    if has_old {
        let is_seven = windows
            .build
            .is_some_and(|b| matches!(b.build, 7600 | 7601));
        let version = if is_seven { "3.5.1" } else { "3.5" };
        names.push(format!("{FAMILY}{version}"));
    }
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Iis;

    fn machine(name: &str, build: &str, arch: WindowsArch, service_pack: u8) -> Windows {
        Windows {
            name: Some(name.to_owned()),
            build: Some(build.parse().unwrap()),
            arch: Some(arch),
            service_pack: Some(service_pack),
            ..Windows::default()
        }
    }

    fn check(windows: &Windows, expected: &[&str]) {
        let products = products(windows, &[], &Location::file("x")).unwrap();
        let names: Vec<&str> = products.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn the_table_can_be_read() {
        toml::from_str::<Table>(TABLE).map(|_| ()).unwrap();
    }

    #[test]
    fn a_build_names_the_system_and_the_edition_tells_client_from_server() {
        let server = "Microsoft Windows Server 2019 Datacenter";
        let mut windows = machine(server, "10.0.17763.8385", WindowsArch::X64, 0);
        check(
            &windows,
            &[
                "Windows Server 2019",
                "Internet Explorer 11 on Windows Server 2019",
            ],
        );
        windows.server_core = Some(true);
        let products = products(&windows, &[], &Location::file("x")).unwrap();
        assert_eq!(
            products[0].name,
            "Windows Server 2019 (Server Core installation)"
        );
        assert_eq!(products[0].version.as_deref(), Some("10.0.17763.8385"));
        let client = machine(
            "Microsoft Windows 10 Education",
            "10.0.17763",
            WindowsArch::X64,
            0,
        );
        check(
            &client,
            &[
                "Windows 10 Version 1809 for x64-based Systems",
                "Internet Explorer 11 on Windows 10 Version 1809 for x64-based Systems",
            ],
        );
    }

    #[test]
    fn older_systems_have_their_service_pack_in_the_name() {
        check(
            &machine(
                "Microsoft Windows 7 Ultimate N",
                "6.1.7601",
                WindowsArch::X64,
                1,
            ),
            &["Windows 7 for x64-based Systems Service Pack 1"],
        );
        check(
            &machine(
                "Microsoft(R) Windows(R) Server 2003, Standard Edition",
                "5.2.3790",
                WindowsArch::X86,
                2,
            ),
            &["Microsoft Windows Server 2003 Service Pack 2"],
        );
        check(
            &machine(
                "Microsoft Windows XP Professional",
                "5.1.2600",
                WindowsArch::X86,
                3,
            ),
            &["Microsoft Windows XP Service Pack 3"],
        );
    }

    #[test]
    fn iis_is_a_product_on_the_system() {
        let mut windows = machine(
            "Microsoft Windows 2000 Server",
            "5.0.2195",
            WindowsArch::X86,
            2,
        );
        windows.iis = Some(Iis {
            version: Some("5.0".to_owned()),
            extensions: Vec::new(),
        });
        check(
            &windows,
            &[
                "Microsoft Windows 2000 Service Pack 2",
                "Internet Information Services 5.0 on Microsoft Windows 2000 Service Pack 2",
            ],
        );
    }

    #[test]
    fn what_cannot_be_told_is_said() {
        let here = Location::file("x");
        assert!(products(&Windows::default(), &[], &here).is_err());
        let nameless = Windows {
            name: None,
            ..machine("", "10.0.17763", WindowsArch::X64, 0)
        };
        assert!(
            products(&nameless, &[], &here)
                .unwrap_err()
                .contains("server")
        );
        assert!(
            products(
                &machine("Windows", "10.0.99999", WindowsArch::X64, 0),
                &[],
                &here
            )
            .unwrap_err()
            .contains("99999")
        );
    }
}
