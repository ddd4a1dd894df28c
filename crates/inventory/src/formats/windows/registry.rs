//! Parts of a Windows registry: `reg export` (version 5 and `REGEDIT4`) and what `reg query /s` prints. From them come the
//! system with its revision (which `systeminfo` does not print), installed programs, IIS, SQL Server, Exchange and .NET.
//!
//! Names of keys and values are not translated. What a key means is decided by its path, so any part of the registry may be
//! given, and keys that tell nothing here are passed over.

use std::borrow::Cow;

use base::{Kb, Limit, Note, Parsed};

use super::console;
use super::machine::{self, Machine};
use super::programs::{self, Program};
use super::updates;
use crate::formats::{Format, Input, Listing, text};
use crate::{HostKind, Iis, Location, WindowsBuild};

/// The most values read of one key.
const VALUES: Limit = Limit::new("registry-values", 5_000);

/// Parts of a Windows registry.
pub struct Registry;

impl Format for Registry {
    fn id(&self) -> &'static str {
        "windows-registry"
    }

    fn about(&self) -> &'static str {
        "parts of a Windows registry: reg export or reg query /s of CurrentVersion, Uninstall, InetStp and others"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        path.to_ascii_lowercase().ends_with(".reg")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let head = console::head(input.bytes);
        let first = head
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default();
        is_export(first) || first.starts_with("HKEY_LOCAL_MACHINE\\")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = console::decode(input.bytes);
        let mut machine = Machine::new(note);
        let mut found = Findings::default();
        each_key(&text, &mut machine, |key, machine| {
            found.take(key, input.path, machine)
        });
        found.finish(&mut machine);
        machine.finish()
    }
}

fn is_export(line: &str) -> bool {
    line.starts_with("Windows Registry Editor Version") || line.trim_end() == "REGEDIT4"
}

/// A key with its values.
#[derive(Debug)]
struct Key<'t> {
    line: u64,
    /// Below `HKEY_LOCAL_MACHINE`, lower case, without the folder in which 32 bit programs are kept apart.
    path: String,
    values: Vec<(Cow<'t, str>, Value<'t>)>,
}

#[derive(Debug)]
enum Value<'t> {
    Text(Cow<'t, str>),
    Number(u32),
}

impl Key<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find_map(|(n, value)| match value {
            Value::Text(text) if n.eq_ignore_ascii_case(name) => console::some(text),
            _ => None,
        })
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.values.iter().rev().find_map(|(n, value)| match value {
            Value::Number(number) if n.eq_ignore_ascii_case(name) => Some(*number),
            _ => None,
        })
    }
}

/// Hands over one key after the other, as soon as its values are read.
fn each_key<'t>(
    text: &'t str,
    machine: &mut Machine,
    mut take: impl FnMut(&Key<'t>, &mut Machine),
) {
    let mut key: Option<Key<'t>> = None;
    for (line, content) in text::numbered_lines(text) {
        if let Some(path) = key_path(content) {
            if let Some(done) = key.replace(Key {
                line,
                path,
                values: Vec::new(),
            }) {
                take(&done, machine);
            }
            continue;
        }
        let Some(key) = &mut key else { continue };
        let Some(value) = exported(content).or_else(|| queried(content)) else {
            continue;
        };
        if VALUES.is_exceeded_by(key.values.len() as u64 + 1) {
            if key.values.len() as u64 == VALUES.max {
                let note = Note::warning("more values of this key were left out");
                machine
                    .notes
                    .push(note.at_line(key.line).because_of(VALUES));
                key.values.push((Cow::Borrowed(""), Value::Number(0)));
            }
            continue;
        }
        key.values.push(value);
    }
    if let Some(done) = key {
        take(&done, machine);
    }
}

/// `[HKEY_LOCAL_MACHINE\SOFTWARE\…]` of an export, the same without brackets of a query.
fn key_path(line: &str) -> Option<String> {
    let line = line.trim_end();
    let inner = line
        .strip_prefix('[')
        .and_then(|l| l.strip_suffix(']'))
        .unwrap_or(line);
    let path = inner.strip_prefix("HKEY_LOCAL_MACHINE\\")?;
    let path = path.to_ascii_lowercase();
    Some(path.replacen("software\\wow6432node\\", "software\\", 1))
}

/// `"DisplayName"="7-Zip"`, `"UBR"=dword:00001f4d`; other types are passed over.
fn exported<'t>(line: &'t str) -> Option<(Cow<'t, str>, Value<'t>)> {
    let (name, rest) = quoted(line.strip_prefix('"')?)?;
    let rest = rest.strip_prefix('=')?;
    let value = if let Some(text) = rest.strip_prefix('"') {
        Value::Text(quoted(text)?.0)
    } else {
        let digits = rest.strip_prefix("dword:")?.trim_end();
        Value::Number(u32::from_str_radix(digits, 16).ok()?)
    };
    Some((name, value))
}

/// The text up to its closing quote, and what follows it. `\\` and `\"` are a backslash and a quote.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut escaped = false;
    let mut plain = true;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => (escaped, plain) = (true, false),
            '"' => {
                let inner = &text[..at];
                let value = if plain {
                    Cow::Borrowed(inner)
                } else {
                    Cow::Owned(unescaped(inner))
                };
                return Some((value, &text[at + 1..]));
            }
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' {
            chars.next().unwrap_or('\\')
        } else {
            c
        });
    }
    plain
}

/// `    DisplayName    REG_SZ    7-Zip`; Windows XP puts tabs between.
fn queried<'t>(line: &'t str) -> Option<(Cow<'t, str>, Value<'t>)> {
    let line = line.strip_prefix([' ', '\t'])?;
    let at = line.find("REG_")?;
    let name = line[..at].trim();
    let (ty, value) = line[at..]
        .split_once([' ', '\t'])
        .unwrap_or((&line[at..], ""));
    let value = value.trim();
    let value = match ty {
        "REG_SZ" | "REG_EXPAND_SZ" => Value::Text(Cow::Borrowed(value)),
        "REG_DWORD" => Value::Number(u32::from_str_radix(value.strip_prefix("0x")?, 16).ok()?),
        _ => return None,
    };
    Some((Cow::Borrowed(name), value))
}

/// What the keys told that no single one of them settles.
#[derive(Default)]
struct Findings {
    packages_listed: bool,
    /// The keys of Windows Update or of the servicing stack were there to be read.
    servicing_seen: bool,
    reboot: bool,
}

impl Findings {
    fn take(&mut self, key: &Key<'_>, file: &str, machine: &mut Machine) {
        const SERVICING: &str =
            "software\\microsoft\\windows\\currentversion\\component based servicing";
        const UPDATE: &str =
            "software\\microsoft\\windows\\currentversion\\windowsupdate\\auto update";
        let path = key.path.as_str();
        let place = || Location::line(file, key.line);
        if path == "software\\microsoft\\windows nt\\currentversion" {
            system(key, machine);
        } else if path.ends_with("\\control\\computername\\computername") {
            machine.host = key.text("ComputerName").and_then(machine::kept);
        } else if let Some(id) = below(
            path,
            "software\\microsoft\\windows\\currentversion\\uninstall\\",
        ) {
            installed(id, key, file, machine);
        } else if path == "software\\microsoft\\inetstp" {
            iis(key, machine);
        } else if path == "software\\microsoft\\net framework setup\\ndp\\v4\\full" {
            let release = key.number("Release");
            let found =
                release.and_then(|r| programs::dotnet_framework(r, key.text("Version"), place()));
            found
                .into_iter()
                .for_each(|package| machine.program(package));
        } else if path.starts_with("software\\microsoft\\microsoft sql server\\")
            && path.ends_with("\\setup")
        {
            let build = key.text("PatchLevel").or(key.text("Version"));
            build
                .into_iter()
                .for_each(|build| machine.program(programs::sql_server(build, place())));
        } else if path.starts_with("software\\microsoft\\exchangeserver\\v")
            && path.ends_with("\\setup")
        {
            let parts = [
                "MsiProductMajor",
                "MsiProductMinor",
                "MsiBuildMajor",
                "MsiBuildMinor",
            ];
            let numbers: Option<Vec<String>> = parts
                .iter()
                .map(|p| key.number(p).map(|n| n.to_string()))
                .collect();
            numbers
                .into_iter()
                .for_each(|n| machine.program(programs::exchange(&n.join("."), place())));
        } else if let Some(rest) = below(path, SERVICING) {
            self.servicing_seen = true;
            self.reboot |= rest == "\\rebootpending";
            if let Some(name) = rest.strip_prefix("\\packages\\") {
                self.servicing_package(name, key, machine);
            }
        } else if let Some(rest) = below(path, UPDATE) {
            self.servicing_seen = true;
            self.reboot |= rest == "\\rebootrequired";
        }
    }

    /// `package_for_kb4487044~31bf3856ad364e35~amd64~~10.0.1.0`, which says in what state it is.
    fn servicing_package(&mut self, name: &str, key: &Key<'_>, machine: &mut Machine) {
        self.packages_listed = true;
        let day = match (key.number("InstallTimeHigh"), key.number("InstallTimeLow")) {
            (Some(high), Some(low)) => updates::file_time(u64::from(high) << 32 | u64::from(low)),
            _ => None,
        };
        if let (Some(kb), Some(state)) = (package_update(name), key.number("CurrentState"))
            && is_installed_state(state)
        {
            machine
                .updates()
                .add(kb, day.map(|d| d.to_string()).as_deref());
        }
    }

    fn finish(self, machine: &mut Machine) {
        if self.packages_listed {
            machine.updates();
        }
        // Only a whole export shows that the key of a restart is not there.
        if self.reboot || (self.servicing_seen && self.packages_listed) {
            machine.windows.pending_reboot = Some(self.reboot);
        }
    }
}

fn below<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    path.strip_prefix(root)
}

/// The update a package of the servicing stack belongs to.
pub(super) fn package_update(name: &str) -> Option<Kb> {
    let start = name
        .get(..12)
        .filter(|s| s.eq_ignore_ascii_case("package_for_"))?;
    updates::named(name[start.len()..].split(['~', '_']).next()?)
}

/// `0x70` installed and `0x80` permanent
/// (<https://learn.microsoft.com/en-us/archive/blogs/tip_of_the_day/tip-of-the-day-cbs-servicing-states-chart-refresher>).
pub(super) const fn is_installed_state(state: u32) -> bool {
    matches!(state, 0x70 | 0x80)
}

/// `SOFTWARE\Microsoft\Windows NT\CurrentVersion`.
fn system(key: &Key<'_>, machine: &mut Machine) {
    let windows = &mut machine.windows;
    windows.build = build(key);
    if windows.build.is_none() {
        machine
            .notes
            .warn(key.line, "the key does not tell the build of the system");
    }
    let number = windows.build.map(|b| b.build);
    windows.name = key
        .text("ProductName")
        .and_then(|name| machine::product_name(name, number));
    let release = key.text("DisplayVersion").or(key.text("ReleaseId"));
    windows.release = release.and_then(machine::kept);
    windows.server_core = key.text("InstallationType").and_then(machine::is_core);
    // The value is not there when there is none, and has not been since Windows 8.
    windows.service_pack = number.map(|_| {
        key.text("CSDVersion")
            .and_then(machine::service_pack)
            .unwrap_or(0)
    });
    let lab = key.text("BuildLabEx").or(key.text("BuildLab"));
    windows.arch = lab.and_then(|lab| lab.split('.').find_map(machine::arch));
}

/// Version 10 has its numbers apart; `CurrentVersion` stayed at 6.3.
fn build(key: &Key<'_>) -> Option<WindowsBuild> {
    let number = key
        .text("CurrentBuildNumber")
        .or(key.text("CurrentBuild"))?;
    let (major, minor) = match (
        key.number("CurrentMajorVersionNumber"),
        key.number("CurrentMinorVersionNumber"),
    ) {
        (Some(major), Some(minor)) => (u16::try_from(major).ok()?, u16::try_from(minor).ok()?),
        _ => {
            let (major, minor) = key.text("CurrentVersion")?.split_once('.')?;
            (major.parse().ok()?, minor.parse().ok()?)
        }
    };
    Some(WindowsBuild {
        major,
        minor,
        build: number.parse().ok()?,
        revision: key.number("UBR"),
    })
}

/// An entry of the list of installed programs; entries without a name are parts of others.
fn installed(id: &str, key: &Key<'_>, file: &str, machine: &mut Machine) {
    let Some(name) = key.text("DisplayName") else {
        return;
    };
    let is_update = key.text("ParentKeyName").is_some()
        || key
            .text("ReleaseType")
            .is_some_and(|t| t.contains("Update") || t.contains("Hotfix"));
    if is_update || id.contains('\\') {
        return;
    }
    let program = Program {
        name,
        version: key.text("DisplayVersion"),
    };
    machine.program(program.package(Location::line(file, key.line)));
}

fn iis(key: &Key<'_>, machine: &mut Machine) {
    let numbers = key.number("MajorVersion").zip(key.number("MinorVersion"));
    let version = numbers.map(|(major, minor)| format!("{major}.{minor}"));
    let text = || {
        key.text("VersionString")
            .map(|t| t.trim_start_matches("Version ").to_owned())
    };
    machine.windows.iis = version.or_else(text).map(|version| Iis {
        version: Some(version),
        ..Iis::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Windows;

    fn read(text: &str) -> Listing {
        let input = Input {
            path: "x",
            bytes: text.as_bytes(),
        };
        assert!(Registry.recognise(&input), "{text}");
        Registry.parse(&input).value
    }

    fn windows(text: &str) -> Windows {
        read(text).windows.unwrap()
    }

    const EXPORT: &str = "Windows Registry Editor Version 5.00\r\n\r\n";

    #[test]
    fn export_and_query_tell_the_same() {
        let export = format!(
            "{EXPORT}[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]\r\n\"CurrentBuild\"=\"22631\"\r\n\"CurrentVersion\"=\"6.3\"\r\n\"CurrentMajorVersionNumber\"=dword:0000000a\r\n\"CurrentMinorVersionNumber\"=dword:00000000\r\n\"UBR\"=dword:00001131\r\n\"ProductName\"=\"Windows 10 Enterprise\"\r\n\"DisplayVersion\"=\"23H2\"\r\n\"InstallationType\"=\"Client\"\r\n\"BuildLabEx\"=\"22621.1.amd64fre.ni_release.220506-1250\"\r\n\"DigitalProductId\"=hex:a4,00,\\\r\n  00,00\r\n"
        );
        let query = "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\r\n    CurrentBuild    REG_SZ    22631\r\n    CurrentVersion    REG_SZ    6.3\r\n    CurrentMajorVersionNumber    REG_DWORD    0xa\r\n    CurrentMinorVersionNumber    REG_DWORD    0x0\r\n    UBR    REG_DWORD    0x1131\r\n    ProductName    REG_SZ    Windows 10 Enterprise\r\n    DisplayVersion    REG_SZ    23H2\r\n    InstallationType    REG_SZ    Client\r\n    BuildLabEx    REG_SZ    22621.1.amd64fre.ni_release.220506-1250\r\n";
        let found = windows(&export);
        assert_eq!(found, windows(query));
        assert_eq!(found.build.unwrap().to_string(), "10.0.22631.4401");
        assert_eq!(
            found.name.as_deref(),
            Some("Microsoft Windows 11 Enterprise")
        );
        assert_eq!(found.service_pack, Some(0));
        assert_eq!(found.updates, None);
        assert_eq!(found.pending_reboot, None);
    }

    #[test]
    fn old_systems_have_their_version_in_one_text() {
        let text = "REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]\n\"CurrentBuildNumber\"=\"2195\"\n\"CurrentVersion\"=\"5.0\"\n\"CSDVersion\"=\"Service Pack 4\"\n\"ProductName\"=\"Microsoft Windows 2000\"\n";
        let found = windows(text);
        assert_eq!(found.build.unwrap().to_string(), "5.0.2195");
        assert_eq!(found.service_pack, Some(4));
        assert_eq!(found.name.as_deref(), Some("Microsoft Windows 2000"));
    }

    #[test]
    fn only_updates_in_the_state_of_installed_ones_count() {
        let root = "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing";
        let text = format!(
            "{EXPORT}{root}\\Packages\\Package_for_KB4487044~31bf3856ad364e35~amd64~~10.0.1.0]\n\"CurrentState\"=dword:00000070\n\"InstallTimeHigh\"=dword:01c9c5ce\n\"InstallTimeLow\"=dword:4b48e5fd\n{root}\\Packages\\Package_1_for_KB4480116~31bf3856ad364e35~amd64~~10.0.1.0]\n\"CurrentState\"=dword:00000070\n{root}\\Packages\\Package_for_KB4480979~31bf3856ad364e35~amd64~~10.0.1.0]\n\"CurrentState\"=dword:00000050\n{root}\\RebootPending]\n"
        );
        let found = windows(&text);
        let updates: Vec<_> = found
            .updates
            .unwrap()
            .iter()
            .map(|u| (u.kb.number(), u.installed.map(|d| d.to_string())))
            .collect();
        assert_eq!(updates, [(4_487_044, Some("2009-04-25".to_owned()))]);
        assert_eq!(found.pending_reboot, Some(true));
    }

    #[test]
    fn programs_and_products_become_packages() {
        let text = format!(
            "{EXPORT}[HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\7-Zip]\n\"DisplayName\"=\"7-Zip \\\"19\\\" C:\\\\x\"\n\"DisplayVersion\"=\"19.00\"\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{{1}}.KB1]\n\"DisplayName\"=\"Security Update for X (KB4484127)\"\n\"ParentKeyName\"=\"X\"\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Microsoft SQL Server\\MSSQL15.MSSQLSERVER\\Setup]\n\"Version\"=\"15.0.2000.5\"\n\"PatchLevel\"=\"15.0.4420.2\"\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\InetStp]\n\"MajorVersion\"=dword:0000000a\n\"MinorVersion\"=dword:00000000\n"
        );
        let listing = read(&text);
        let packages: Vec<_> = listing
            .packages
            .iter()
            .map(|p| (p.name.as_str(), p.version.as_deref().unwrap()))
            .collect();
        assert_eq!(
            packages,
            [
                ("7-Zip \"19\" C:\\x", "19.00"),
                ("Microsoft SQL Server 2019", "15.0.4420.2")
            ]
        );
        assert_eq!(
            listing.windows.unwrap().iis.unwrap().version.as_deref(),
            Some("10.0")
        );
    }
}
