//! Lists of installed updates: `wmic qfe list`, `wmic qfe get … /format:csv`, and `Get-HotFix` as a table, as a list, through
//! `Export-Csv` or `ConvertTo-Json`. All of them print the properties of `Win32_QuickFixEngineering`
//! (<https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/win32-quickfixengineering>), whose names are not translated.
//!
//! Lists of the form `KB4100347: title` are what the Windows Update Agent offers the machine, so what is *not* installed:
//! they are recognised in order to say so.

use base::{Kb, Note, Parsed};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::console;
use super::machine::{self, Machine};
use super::{records, updates};
use crate::HostKind;
use crate::formats::lenient::{List, Text};
use crate::formats::{Format, Input, Listing, json_document, text};

/// The property every list has.
const ID: &str = "HotFixID";

/// Lists of installed updates.
pub struct Hotfixes;

impl Format for Hotfixes {
    fn id(&self) -> &'static str {
        "windows-hotfixes"
    }

    fn about(&self) -> &'static str {
        "installed updates of Windows: wmic qfe or Get-HotFix as text, csv or JSON"
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
        is_text && (name.contains("qfe") || name.contains("hotfix"))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let head = console::head(input.bytes);
        let start = head.trim_start();
        if start.starts_with(['{', '[']) {
            return head.contains("\"HotFixID\"")
                && !head.contains("\"OsHotFixes\"")
                && !head.contains("daywatch.");
        }
        !start.starts_with('<') && (records::has(&head, ID) || offers_updates(start))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = console::decode(input.bytes);
        let mut machine = Machine::new(note);
        let start = text.trim_start();
        if start.starts_with(['{', '[']) {
            read_json(&text, &mut machine);
        } else if !records::has(&text, ID) && offers_updates(start) {
            let what = "a list of updates with titles names those that are offered, not those that are installed";
            machine.notes.push(Note::error(what));
        } else {
            read_text(&text, &mut machine);
        }
        machine.finish()
    }
}

/// `KB4100347: 2018-10 Update for Windows 10`.
fn offers_updates(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first.split_once(": ").is_some_and(|(id, title)| {
        id.starts_with("KB") && updates::named(id).is_some() && !title.is_empty()
    })
}

fn read_text(text: &str, machine: &mut Machine) {
    let records = records::read(text, ID, &mut machine.notes);
    machine.updates();
    for record in &records {
        let id = record.get(ID).unwrap_or_default();
        let host = ["CSName", "Source", "PSComputerName", "Node", "__SERVER"];
        let host = host.into_iter().find_map(|name| record.get(name));
        // Cells of a table may stand beside their column where characters are wide; a day looks like nothing else.
        let day = record
            .get("InstalledOn")
            .filter(|d| d.len() > 7)
            .or_else(|| {
                record
                    .words()
                    .find(|word| word.len() > 7 && updates::looks_like_a_day(word))
            });
        take(
            machine,
            Entry {
                id,
                day,
                host,
                line: Some(record.line),
            },
        );
    }
}

/// One update as its source names it.
struct Entry<'a> {
    id: &'a str,
    day: Option<&'a str>,
    host: Option<&'a str>,
    line: Option<u64>,
}

fn take(machine: &mut Machine, entry: Entry<'_>) {
    if let Some(host) = entry.host.filter(|h| *h != ".") {
        match &machine.host {
            None => machine.host = machine::kept(host),
            Some(first) if first.eq_ignore_ascii_case(host) => {}
            Some(first) => {
                let what = format!(
                    "an update of another machine was left out; this file is of {}: {}",
                    text::excerpt(first),
                    text::excerpt(host)
                );
                machine.notes.push(Note {
                    line: entry.line,
                    ..Note::warning(what)
                });
                return;
            }
        }
    }
    let bare = || {
        Some(entry.id)
            .filter(|id| matches!(id.len(), 6 | 7))
            .and_then(|id| id.parse::<Kb>().ok())
    };
    match updates::named(entry.id).or_else(bare) {
        Some(kb) => machine.updates().add(kb, entry.day),
        // `File 1` of XP, and products that name their update by a text.
        None if entry.id.is_empty() || entry.id.starts_with("File ") => {}
        None => {
            let what = format!("an update without a number: {}", text::excerpt(entry.id));
            machine.notes.push(Note {
                line: entry.line,
                ..Note::info(what)
            });
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Hotfix<'a> {
    #[serde(borrow, rename = "HotFixID")]
    id: Text<'a>,
    #[serde(borrow, rename = "InstalledOn")]
    installed: Option<&'a RawValue>,
    #[serde(borrow, rename = "CSName")]
    name: Text<'a>,
    #[serde(borrow, rename = "Source")]
    source: Text<'a>,
    #[serde(borrow, rename = "PSComputerName")]
    computer: Text<'a>,
}

fn read_json(text: &str, machine: &mut Machine) {
    let mut spare = String::new();
    let Parsed { value, notes } = json_document::read::<List<Hotfix<'_>>>(text, &mut spare);
    machine.notes.extend(notes);
    machine.updates();
    for hotfix in &value.0 {
        let host = hotfix
            .name
            .get()
            .or(hotfix.source.get())
            .or(hotfix.computer.get());
        let id = hotfix.id.get().unwrap_or_default();
        let day = hotfix.installed.map(RawValue::get).and_then(written_day);
        take(
            machine,
            Entry {
                id,
                day,
                host,
                line: None,
            },
        );
    }
}

/// The day within JSON: Windows PowerShell writes an object with `"value": "\/Date(1551484800000)\/"`, PowerShell 7 the same
/// with an ISO time, or the time alone.
pub(super) fn written_day(json: &str) -> Option<&str> {
    if let Some(at) = json.find("/Date(") {
        return Some(&json[at..]);
    }
    let value = text::value_after_key(json, "value");
    value.or_else(|| json.strip_prefix('"')?.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, host: Option<&str>, expected: &[&str]) {
        let input = Input {
            path: "x",
            bytes: text.as_bytes(),
        };
        assert!(Hotfixes.recognise(&input), "{text}");
        let listing = Hotfixes.parse(&input).value;
        let found: Vec<String> = listing
            .windows
            .and_then(|w| w.updates)
            .unwrap_or_default()
            .iter()
            .map(|u| {
                u.installed
                    .map_or(u.kb.to_string(), |d| format!("{} {d}", u.kb))
            })
            .collect();
        assert_eq!(found, expected, "{text}");
        assert_eq!(listing.subject.map(|s| s.0).as_deref(), host, "{text}");
    }

    #[test]
    fn both_powershells_are_understood() {
        check(
            r#"[{"Source":"WEB-01","HotFixID":"KB4487044","InstalledOn":{"value":"\/Date(1551481200000)\/","DisplayHint":2,"DateTime":"2 March"}}]"#,
            Some("WEB-01"),
            &["KB4487044 2019-03-02"],
        );
        check(
            r#"{"CSName":"WEB-01","HotFixID":"KB4487044","InstalledOn":"2019-03-02T00:00:00"}"#,
            Some("WEB-01"),
            &["KB4487044 2019-03-02"],
        );
        check(
            r#"[{"HotFixID":"KB4487044","InstalledOn":{"value":"2019-03-02T00:00:00","DateTime":"x"}},{"HotFixID":"KB4487045","InstalledOn":null},7,{"HotFixID":9}]"#,
            None,
            &["KB4487044 2019-03-02", "KB4487045"],
        );
    }

    #[test]
    fn updates_that_are_offered_are_not_taken_for_installed() {
        check(
            "KB4100347: 2018-10 Update for Windows 10 Version 1803\r\n",
            None,
            &[],
        );
    }

    #[test]
    fn another_machine_in_the_same_file_is_left_out() {
        check(
            "Node,HotFixID,InstalledOn\nWEB-01,KB4487044,12/21/2018\nWEB-02,KB4487045,3/2/2019\n",
            Some("WEB-01"),
            &["KB4487044 2018-12-21"],
        );
    }
}
