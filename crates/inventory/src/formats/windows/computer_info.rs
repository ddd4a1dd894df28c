//! What `Get-ComputerInfo` tells (<https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.management/get-computerinfo>),
//! as it prints it or through `ConvertTo-Json`. Its names are not translated.

use base::{Note, Parsed};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::hotfixes::written_day;
use super::machine::{self, Machine};
use super::{console, records, updates};
use crate::formats::lenient::{List, Text};
use crate::formats::{Format, Input, Listing, json_document};
use crate::{HostKind, WindowsBuild};

/// A Windows machine, by `Get-ComputerInfo`.
pub struct ComputerInfo;

/// A property no other tool prints.
const MARK: &str = "WindowsBuildLabEx";

impl Format for ComputerInfo {
    fn id(&self) -> &'static str {
        "windows-computerinfo"
    }

    fn about(&self) -> &'static str {
        "a Windows machine by Get-ComputerInfo, as text or JSON"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        let path = path.to_ascii_lowercase();
        path.contains("computerinfo") && (path.ends_with(".json") || path.ends_with(".txt"))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let head = console::head(input.bytes);
        if head.trim_start().starts_with('{') {
            return head.contains("\"WindowsBuildLabEx\"") || head.contains("\"OsHotFixes\"");
        }
        records::has(&head, MARK)
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = console::decode(input.bytes);
        let mut machine = Machine::new(note);
        if text.trim_start().starts_with('{') {
            read_json(&text, &mut machine);
        } else {
            read_list(&text, &mut machine);
        }
        machine.finish()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Info<'a> {
    #[serde(borrow)]
    cs_name: Text<'a>,
    #[serde(borrow, rename = "CsDNSHostName")]
    host_name: Text<'a>,
    #[serde(borrow)]
    cs_system_type: Text<'a>,
    #[serde(borrow)]
    os_name: Text<'a>,
    #[serde(borrow)]
    os_version: Text<'a>,
    #[serde(borrow)]
    os_service_pack_major_version: Text<'a>,
    #[serde(borrow, rename = "OSDisplayVersion")]
    display_version: Text<'a>,
    #[serde(borrow)]
    windows_version: Text<'a>,
    #[serde(borrow)]
    windows_product_name: Text<'a>,
    #[serde(borrow)]
    windows_installation_type: Text<'a>,
    #[serde(borrow)]
    windows_build_lab_ex: Text<'a>,
    #[serde(borrow, rename = "WindowsUBR")]
    revision: Text<'a>,
    #[serde(borrow)]
    os_hot_fixes: List<Hotfix<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Hotfix<'a> {
    #[serde(borrow, rename = "HotFixID")]
    id: Text<'a>,
    #[serde(borrow, rename = "InstalledOn")]
    installed: Option<&'a RawValue>,
}

fn read_json(text: &str, machine: &mut Machine) {
    let mut spare = String::new();
    let Parsed { value, notes } = json_document::read::<Info<'_>>(text, &mut spare);
    machine.notes.extend(notes);
    let info = &value;
    describe(machine, |name| match name {
        "CsName" => info.cs_name.get(),
        "CsDNSHostName" => info.host_name.get(),
        "CsSystemType" => info.cs_system_type.get(),
        "OsName" => info.os_name.get(),
        "OsVersion" => info.os_version.get(),
        "OsServicePackMajorVersion" => info.os_service_pack_major_version.get(),
        "OSDisplayVersion" => info.display_version.get(),
        "WindowsVersion" => info.windows_version.get(),
        "WindowsProductName" => info.windows_product_name.get(),
        "WindowsInstallationType" => info.windows_installation_type.get(),
        MARK => info.windows_build_lab_ex.get(),
        "WindowsUBR" => info.revision.get(),
        _ => None,
    });
    for hotfix in &info.os_hot_fixes.0 {
        if let Some(kb) = hotfix.id.get().and_then(updates::named) {
            let day = hotfix.installed.map(RawValue::get).and_then(written_day);
            machine.updates().add(kb, day);
        }
    }
}

fn read_list(text: &str, machine: &mut Machine) {
    let mut notes = std::mem::take(&mut machine.notes);
    let records = records::read(text, MARK, &mut notes);
    machine.notes = notes;
    let Some(record) = records
        .iter()
        .find(|r| r.get(MARK).is_some())
        .or(records.first())
    else {
        return;
    };
    describe(machine, |name| record.get(name));
    let Some(listed) = record.get("OsHotFixes").and_then(|l| l.strip_prefix('{')) else {
        return;
    };
    for id in listed.split([',', '}']) {
        if let Some(kb) = updates::named(id.trim_end_matches(['.', '…'])) {
            machine.updates().add(kb, None);
        }
    }
    if listed.contains("...") || listed.contains('…') {
        machine.windows.updates_cut = true;
        let what = "the list of updates is shortened; Get-HotFix has all";
        machine.notes.push(Note::warning(what));
    }
}

fn describe<'a>(machine: &mut Machine, get: impl Fn(&str) -> Option<&'a str>) {
    machine.host = get("CsDNSHostName")
        .or_else(|| get("CsName"))
        .and_then(machine::kept);
    let windows = &mut machine.windows;
    windows.build = get("OsVersion").and_then(|v| v.parse::<WindowsBuild>().ok());
    if let Some(build) = &mut windows.build {
        build.revision = build.revision.or_else(|| get("WindowsUBR")?.parse().ok());
    }
    let build = windows.build.map(|b| b.build);
    let name = get("OsName").or_else(|| get("WindowsProductName"));
    windows.name = name.and_then(|name| machine::product_name(name, build));
    // `WindowsVersion` stopped at 2009, whatever came after.
    let release =
        get("OSDisplayVersion").or_else(|| get("WindowsVersion").filter(|v| *v != "2009"));
    windows.release = release.and_then(machine::kept);
    windows.service_pack = get("OsServicePackMajorVersion").and_then(|n| n.parse().ok());
    let of_lab = || get(MARK)?.split('.').find_map(machine::arch);
    let of_type = || machine::arch(get("CsSystemType")?.split('-').next()?);
    windows.arch = of_type().or_else(of_lab);
    windows.server_core = get("WindowsInstallationType").and_then(machine::is_core);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Windows, WindowsArch};

    fn read(text: &str) -> Windows {
        let input = Input {
            path: "x",
            bytes: text.as_bytes(),
        };
        assert!(ComputerInfo.recognise(&input), "{text}");
        ComputerInfo.parse(&input).value.windows.unwrap()
    }

    #[test]
    fn text_and_json_tell_the_same() {
        let text = "\nWindowsBuildLabEx         : 20348.859.amd64fre.fe_release_svc_prod2.220707-1832\nWindowsInstallationType   : Server Core\nWindowsProductName        : Windows Server 2022 Standard\nWindowsUBR                : 2966\nWindowsVersion            : 2009\nCsDNSHostName             : WEB-01\nOsName                    : Microsoft Windows Server 2022 Standard\nOsVersion                 : 10.0.20348\nOsServicePackMajorVersion : 0\nOSDisplayVersion          : 21H2\nOsHotFixes                : {KB5012170, KB5046616}\n";
        let json = r#"{"WindowsBuildLabEx":"20348.859.amd64fre.fe_release_svc_prod2.220707-1832","WindowsInstallationType":"Server Core","WindowsUBR":2966,"WindowsVersion":"2009","CsDNSHostName":"WEB-01","OsName":"Microsoft Windows Server 2022 Standard","OsVersion":"10.0.20348","OsServicePackMajorVersion":0,"OSDisplayVersion":"21H2","OsHotFixes":[{"HotFixID":"KB5012170","InstalledOn":null},{"HotFixID":"KB5046616"}]}"#;
        let windows = read(text);
        assert_eq!(windows, read(json));
        assert_eq!(windows.build.unwrap().to_string(), "10.0.20348.2966");
        assert_eq!(windows.arch, Some(WindowsArch::X64));
        assert_eq!(windows.server_core, Some(true));
        assert_eq!(windows.release.as_deref(), Some("21H2"));
        assert_eq!(windows.updates.unwrap().len(), 2);
    }

    #[test]
    fn a_list_that_is_shortened_is_said_to_be() {
        let windows =
            read("WindowsBuildLabEx : 1.x86fre\nOsHotFixes : {KB5012170, KB5046616...}\n");
        assert!(windows.updates_cut);
        assert_eq!(windows.updates.unwrap().len(), 2);
        assert_eq!(windows.arch, Some(WindowsArch::X86));
        assert_eq!(windows.build, None);
    }
}
