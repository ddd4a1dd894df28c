//! Roles and features: `Get-WindowsFeature` (servers), `Get-WindowsOptionalFeature -Online` and the class
//! `Win32_OptionalFeature` as table, list, csv or JSON, and `dism /online /english /get-features`.
//!
//! Their names do not depend on the language. Whether a feature is installed does, but for `Installed`, the cross in
//! `[X]`, and the numbers of `Win32_OptionalFeature`
//! (<https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/win32-optionalfeature>): 1 enabled, 2 disabled, 3 absent.

use base::{Note, Parsed};
use serde::Deserialize;

use super::machine::{self, ENTRIES, Machine};
use super::{console, records};
use crate::formats::lenient::{List, Text};
use crate::formats::{Format, Input, Listing, json_document};
use crate::{HostKind, WindowsFeature};

/// Roles and features of Windows.
pub struct Features;

impl Format for Features {
    fn id(&self) -> &'static str {
        "windows-features"
    }

    fn about(&self) -> &'static str {
        "roles and features of Windows: Get-WindowsFeature, Get-WindowsOptionalFeature, dism"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        let path = path.to_ascii_lowercase();
        let name = path.rsplit('/').next().unwrap_or(&path);
        let is_text = [".txt", ".csv", ".json"]
            .iter()
            .any(|end| name.ends_with(end));
        is_text
            && ["windowsfeature", "windows-feature", "optionalfeature"]
                .iter()
                .any(|n| name.contains(n))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let head = console::head(input.bytes);
        let start = head.trim_start();
        if start.starts_with(['{', '[']) && !start.starts_with("[X]") && !start.starts_with("[ ]") {
            let named = head.contains("\"InstallState\"") && head.contains("\"Name\"");
            let optional = head.contains("\"FeatureName\"") && head.contains("\"State\"");
            return (named || optional) && !head.contains("daywatch.");
        }
        !start.starts_with('<') && Form::of(&head).is_some()
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = console::decode(input.bytes);
        let mut machine = Machine::new(note);
        let mut features = Found::default();
        match Form::of(&text) {
            Some(Form::Crosses) => text
                .lines()
                .for_each(|line| features.extend_from(crossed(line))),
            Some(Form::Dism) => read_dism(&text, &mut features),
            Some(Form::Records(name)) => read_records(&text, name, &mut machine, &mut features),
            None => read_json(&text, &mut machine, &mut features),
        }
        features.finish(&mut machine);
        machine.finish()
    }
}

/// How a text lists features.
enum Form {
    /// The table of `Get-WindowsFeature`, with a cross before what is installed.
    Crosses,
    /// `Feature Name : x` and `State : y`, or `x | y`.
    Dism,
    /// Objects under the name that holds the feature's.
    Records(&'static str),
}

impl Form {
    fn of(text: &str) -> Option<Self> {
        if text
            .lines()
            .take(40)
            .filter(|line| crossed(line).is_some())
            .count()
            > 0
        {
            return Some(Self::Crosses);
        }
        if text.contains("Feature Name : ")
            || (text.contains("Deployment Image Servicing") && text.contains(" | "))
        {
            return Some(Self::Dism);
        }
        if records::has(text, "FeatureName") {
            return Some(Self::Records("FeatureName"));
        }
        let has_state = records::has(text, "InstallState");
        (has_state && records::has(text, "Name")).then_some(Self::Records("InstallState"))
    }
}

/// The features of one file.
#[derive(Default)]
struct Found {
    features: Vec<WindowsFeature>,
    /// Their state could not be told.
    doubtful: usize,
    left_out: usize,
}

impl Found {
    fn add(&mut self, name: &str, installed: Option<bool>) {
        match (machine::kept(name), installed) {
            (Some(_), _) if ENTRIES.is_exceeded_by(self.features.len() as u64 + 1) => {
                self.left_out += 1
            }
            (Some(name), Some(installed)) => self.features.push(WindowsFeature { name, installed }),
            _ => self.doubtful += 1,
        }
    }

    fn extend_from(&mut self, found: Option<(&str, bool)>) {
        if let Some((name, installed)) = found {
            self.add(name, Some(installed));
        }
    }

    fn finish(mut self, machine: &mut Machine) {
        if self.doubtful > 0 {
            let what = "features left out, since it cannot be told whether they are installed";
            machine
                .notes
                .push(Note::warning(format!("{what}: {}", self.doubtful)));
        }
        if self.left_out > 0 {
            let what = format!("more features were left out: {}", self.left_out);
            machine.notes.push(Note::warning(what).because_of(ENTRIES));
        }
        if !self.features.is_empty() {
            self.features.sort();
            self.features.dedup();
            machine.windows.features = Some(self.features);
        }
    }
}

/// A line of the table: `    [X] Web Server    Web-Server    Installed`. Columns stand at least two spaces apart.
fn crossed(line: &str) -> Option<(&str, bool)> {
    let line = line.trim();
    let (rest, installed) = line
        .strip_prefix("[X] ")
        .map(|rest| (rest, true))
        .or_else(|| line.strip_prefix("[ ] ").map(|rest| (rest, false)))?;
    let is_name = |word: &&str| {
        let mut bytes = word.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
            && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let columns = rest.split("  ").map(str::trim).filter(|c| !c.is_empty());
    let name = columns
        .skip(1)
        .map(|c| c.split(' ').next().unwrap_or(c))
        .find(is_name)?;
    Some((name, installed))
}

fn read_dism(text: &str, found: &mut Found) {
    let mut name: Option<&str> = None;
    for line in text.lines().map(str::trim) {
        if let Some(next) = line.strip_prefix("Feature Name : ") {
            if let Some(name) = name.replace(next) {
                found.add(name, None);
            }
        } else if let Some(state) = line.strip_prefix("State : ") {
            if let Some(name) = name.take() {
                found.add(name, is_installed(state));
            }
        } else if let Some((name, state)) = line.split_once(" | ") {
            // The head of the table is no feature.
            if !name.trim().contains(' ') {
                found.add(name, is_installed(state));
            }
        }
    }
}

fn read_records(text: &str, name: &str, machine: &mut Machine, found: &mut Found) {
    for record in records::read(text, name, &mut machine.notes) {
        let feature = record.get("FeatureName").or(record.get("Name"));
        let state = ["Installed", "State", "InstallState"]
            .into_iter()
            .find_map(|n| record.get(n));
        if let Some(feature) = feature {
            found.add(feature, state.and_then(is_installed));
        }
    }
}

/// What a state means, where it is not translated. A feature that waits for a restart is what it was before.
fn is_installed(state: &str) -> Option<bool> {
    match state.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "enabled" | "installed" | "disable pending" | "disablepending"
        | "uninstallpending" | "uninstall pending" => Some(true),
        "false"
        | "2"
        | "3"
        | "disabled"
        | "available"
        | "removed"
        | "enable pending"
        | "enablepending"
        | "installpending"
        | "install pending"
        | "absent"
        | "disabled with payload removed"
        | "disabledwithpayloadremoved" => Some(false),
        _ => None,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow, rename = "Name")]
    name: Text<'a>,
    #[serde(borrow, rename = "FeatureName")]
    feature: Text<'a>,
    #[serde(borrow, rename = "Installed")]
    installed: Text<'a>,
    #[serde(borrow, rename = "InstallState")]
    install_state: Text<'a>,
    #[serde(borrow, rename = "State")]
    state: Text<'a>,
    #[serde(borrow, rename = "PSComputerName")]
    computer: Text<'a>,
}

fn read_json(text: &str, machine: &mut Machine, found: &mut Found) {
    let mut spare = String::new();
    let Parsed { value, notes } = json_document::read::<List<Entry<'_>>>(text, &mut spare);
    machine.notes.extend(notes);
    for entry in &value.0 {
        if machine.host.is_none() {
            machine.host = entry.computer.get().and_then(machine::kept);
        }
        let installed = match (
            entry.installed.get(),
            entry.install_state.get(),
            entry.state.get(),
        ) {
            (Some(installed), ..) => is_installed(installed),
            (None, Some(state), _) => is_installed(state),
            // A number here is of another enumeration than that of Win32_OptionalFeature.
            (None, None, Some(state)) if state.bytes().all(|b| b.is_ascii_digit()) => None,
            (None, None, state) => state.and_then(is_installed),
        };
        if let Some(name) = entry.feature.get().or(entry.name.get()) {
            found.add(name, installed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, bool)]) {
        let input = Input {
            path: "x",
            bytes: text.as_bytes(),
        };
        assert!(Features.recognise(&input), "{text}");
        let listing = Features.parse(&input).value;
        let features = listing.windows.and_then(|w| w.features).unwrap_or_default();
        let found: Vec<_> = features
            .iter()
            .map(|f| (f.name.as_str(), f.installed))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_cross_is_the_same_in_every_language() {
        check(
            "\nAnzeigename          Name        Installationsstatus\n-----------          ----        -----\n[X] Webserver (IIS)     Web-Server      Installiert\n    [ ] FTP-Server      Web-Ftp-Server    Verfügbar\n",
            &[("Web-Ftp-Server", false), ("Web-Server", true)],
        );
    }

    #[test]
    fn every_tool_is_understood() {
        let json = |text: &str| {
            check(
                text,
                &[("IIS-WebServerRole", true), ("TelnetClient", false)],
            )
        };
        json(
            r#"[{"Name":"IIS-WebServerRole","Installed":true,"InstallState":1},{"Name":"TelnetClient","Installed":false,"InstallState":0}]"#,
        );
        json(
            r#"[{"Name":"IIS-WebServerRole","InstallState":1},{"Name":"TelnetClient","InstallState":2}]"#,
        );
        json(
            r#"[{"FeatureName":"IIS-WebServerRole","State":"Enabled"},{"FeatureName":"TelnetClient","State":"Disabled"}]"#,
        );
        json(
            "\"FeatureName\",\"State\"\n\"IIS-WebServerRole\",\"Enabled\"\n\"TelnetClient\",\"DisabledWithPayloadRemoved\"\n",
        );
        json(
            "\nFeatureName : IIS-WebServerRole\nState       : Enabled\n\nFeatureName : TelnetClient\nState       : Disabled\n",
        );
        json("Deployment Image Servicing and Management tool\n\nFeature Name : IIS-WebServerRole\nState : Enabled\n\nFeature Name : TelnetClient\nState : Disable Pending\nFeature Name : TelnetClient\nState : Disabled\n".replace("State : Disable Pending\nFeature Name : TelnetClient\n", "").as_str());
        json(
            "Deployment Image Servicing and Management tool\n------ | -----\nFeature Name | State\nIIS-WebServerRole   | Enabled\nTelnetClient        | Disabled\n",
        );
        json("InstallState,Name\n1,IIS-WebServerRole\n3,TelnetClient\n");
    }

    #[test]
    fn a_state_that_cannot_be_told_is_left_out() {
        check(r#"[{"FeatureName":"IIS-WebServerRole","State":2}]"#, &[]);
        check("Feature Name : A\nState : Aktiviert\n", &[]);
    }
}
