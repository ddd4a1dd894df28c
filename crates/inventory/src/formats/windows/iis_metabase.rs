//! The metabase of IIS 5 and 6: `MetaBase.xml` of IIS 6
//! (<https://learn.microsoft.com/en-us/previous-versions/iis/6.0-sdk/ms525644(v=vs.90)>), and for IIS 5, whose metabase is
//! binary, the script maps as `adsutil.vbs` prints them.
//!
//! A script map names the library that answers for a file type. `.ida` and `.idq` are those of the Indexing Service
//! (`idq.dll`), by which Code Red came in; `.printer` is Internet Printing (`msw3prt.dll`). IIS 6 runs a library only if
//! the list of web service extensions allows it; IIS 5 runs whatever is mapped.

use base::{Note, Parsed};

use super::iis_config::Extensions;
use super::machine::{ENTRIES, Machine};
use super::{console, xml};
use crate::formats::{Format, Input, Listing};
use crate::{HostKind, Iis};

/// The metabase of IIS 5 and 6.
pub struct IisMetabase;

impl Format for IisMetabase {
    fn id(&self) -> &'static str {
        "iis-metabase"
    }

    fn about(&self) -> &'static str {
        "what IIS 5 and 6 run: MetaBase.xml, or script maps as adsutil.vbs prints them"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        path.to_ascii_lowercase().ends_with("metabase.xml")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let head = console::head(input.bytes);
        let is_xml = head.trim_start().starts_with('<');
        (is_xml && head.contains("urn:microsoft-catalog:XML_Metabase"))
            || (!is_xml
                && head.contains("ScriptMaps")
                && head.lines().any(|line| listed_map(line).is_some()))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = console::decode(input.bytes);
        let mut machine = Machine::new(note);
        let mut metabase = Metabase::default();
        if text.trim_start().starts_with('<') {
            let broken = xml::elements(&text, |element| metabase.take(element));
            machine.notes.extend(broken);
        } else {
            let maps = text.lines().filter_map(listed_map).map(str::to_owned);
            let most = usize::try_from(ENTRIES.max).unwrap_or(usize::MAX);
            metabase.maps.extend(maps.take(most));
        }
        machine.windows.iis = Some(metabase.finish(&mut machine));
        machine.finish()
    }
}

/// The most web service extensions; each mapped library is looked up among them.
const RULES_MAX: usize = 1_000;

#[derive(Default)]
struct Metabase {
    version: Option<String>,
    /// Libraries behind file types.
    maps: Vec<String>,
    /// Web service extensions, `1,C:\WINDOWS\system32\inetsrv\asp.dll,0,ASP,…`; `None` where there is no list (IIS 5).
    allowed: Option<Vec<(bool, String)>>,
    filters: Vec<(String, bool)>,
}

impl Metabase {
    fn take(&mut self, element: &xml::Element<'_, '_>) {
        let room = |len: usize| {
            usize::try_from(ENTRIES.max)
                .unwrap_or(usize::MAX)
                .saturating_sub(len)
        };
        if let Some(maps) = element.get("ScriptMaps") {
            let maps = entries(&maps).filter_map(mapped).map(str::to_owned);
            self.maps.extend(maps.take(room(self.maps.len())));
        }
        if let Some(list) = element.get("WebSvcExtRestrictionList") {
            self.allowed = Some(entries(&list).filter_map(rule).take(RULES_MAX).collect());
        }
        if element.name == "IIsFilter" && room(self.filters.len()) > 0 {
            let is_off = element
                .get("FilterEnabled")
                .is_some_and(|v| v.eq_ignore_ascii_case("false") || v == "0");
            self.filters
                .extend(element.get("FilterPath").map(|path| (path, !is_off)));
        }
        let numbers = element
            .get("MajorIIsVersionNumber")
            .zip(element.get("MinorIIsVersionNumber"));
        if let Some((major, minor)) = numbers {
            self.version = Some(format!("{major}.{minor}"));
        }
    }

    fn finish(self, machine: &mut Machine) -> Iis {
        let mut found = Extensions::default();
        let rules = self.allowed.as_ref().map_or(0, Vec::len);
        if rules >= RULES_MAX || ENTRIES.max <= self.maps.len().max(self.filters.len()) as u64 {
            let note = Note::warning("more of the metabase was left out");
            machine.notes.push(note.because_of(ENTRIES));
        }
        for path in &self.maps {
            found.add(path, self.is_allowed(path));
        }
        for (path, enabled) in &self.filters {
            found.add(path, *enabled);
        }
        for (allowed, path) in self
            .allowed
            .iter()
            .flatten()
            .filter(|(_, path)| !path.starts_with('*'))
        {
            found.add(path, *allowed);
        }
        Iis {
            version: self.version,
            extensions: found.finish(machine),
        }
    }

    /// By its own entry, else by that of all files of its kind: `0,*.dll`.
    fn is_allowed(&self, path: &str) -> bool {
        let Some(rules) = &self.allowed else {
            return true;
        };
        let path = path.to_ascii_lowercase();
        let own = rules.iter().find(|(_, p)| p.eq_ignore_ascii_case(&path));
        let ending = path.rsplit('.').next().unwrap_or_default();
        let of_kind = || {
            rules.iter().find(|(_, p)| {
                p.strip_prefix("*.")
                    .is_some_and(|e| e.eq_ignore_ascii_case(ending))
            })
        };
        own.or_else(of_kind).is_some_and(|(allowed, _)| *allowed)
    }
}

/// The entries of an attribute, one to a line. XML makes a space of a line break, so an entry is told by how it begins.
fn entries(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let begins = |at: usize| {
            let next = &rest.as_bytes()[at + 1..];
            matches!(next, [b'.', ..] | [b'*' | b'0' | b'1', b',', ..])
        };
        let breaks = rest
            .match_indices([' ', '\n', '\t', '\r'])
            .map(|(at, _)| at);
        let end = breaks.into_iter().find(|at| begins(*at));
        let (entry, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(entry.trim())
    })
}

/// The library of `.ida,C:\WINNT\System32\idq.dll,7,GET,HEAD,POST`.
fn mapped(line: &str) -> Option<&str> {
    let (ending, rest) = line.split_once(',')?;
    let is_type = ending.starts_with('.') || ending == "*";
    let path = rest.split(',').next().unwrap_or_default().trim();
    (is_type && !path.is_empty()).then_some(path)
}

/// The library of a line of `adsutil.vbs`: the same in quotes.
fn listed_map(line: &str) -> Option<&str> {
    let inner = line.trim().strip_prefix('"')?.strip_suffix('"')?;
    mapped(inner)
}

/// `1,C:\WINDOWS\system32\inetsrv\asp.dll,0,ASP,Active Server Pages`, `0,*.dll`.
fn rule(line: &str) -> Option<(bool, String)> {
    let (flag, rest) = line.split_once(',')?;
    let path = rest.split(',').next()?.trim();
    matches!(flag, "0" | "1").then(|| (flag == "1", path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, version: Option<&str>, expected: &[(&str, bool)]) {
        let input = Input {
            path: "x",
            bytes: text.as_bytes(),
        };
        assert!(IisMetabase.recognise(&input));
        let iis = IisMetabase
            .parse(&input)
            .value
            .windows
            .unwrap()
            .iis
            .unwrap();
        let found: Vec<_> = iis
            .extensions
            .iter()
            .map(|e| (e.path.as_str(), e.enabled))
            .collect();
        assert_eq!(found, expected, "{text}");
        assert_eq!(iis.version.as_deref(), version);
    }

    #[test]
    fn iis_6_runs_what_its_list_allows() {
        check(
            "<?xml version=\"1.0\"?>\n<configuration xmlns=\"urn:microsoft-catalog:XML_Metabase_V64_0\"><MBProperty>\n<IIsWebInfo Location=\"/LM/W3SVC/INFO\" MajorIIsVersionNumber=\"6\" MinorIIsVersionNumber=\"0\"/>\n<IIsWebService Location=\"/LM/W3SVC\" ScriptMaps=\".asp,C:\\WINDOWS\\system32\\inetsrv\\asp.dll,5,GET\n\t\t.ida,C:\\WINDOWS\\system32\\idq.dll,7,GET,HEAD,POST\n\t\t.printer,C:\\Program Files\\msw3prt.dll,1,GET\"\n WebSvcExtRestrictionList=\"0,*.dll\n\t\t0,*.exe\n\t\t1,C:\\WINDOWS\\system32\\inetsrv\\asp.dll,0,ASP,Active Server Pages\n\t\t0,C:\\WINDOWS\\system32\\idq.dll,0,ISVC,Indexing Service\"/>\n</MBProperty></configuration>",
            Some("6.0"),
            &[
                ("C:\\Program Files\\msw3prt.dll", false),
                ("C:\\WINDOWS\\system32\\idq.dll", false),
                ("C:\\WINDOWS\\system32\\inetsrv\\asp.dll", true),
            ],
        );
    }

    #[test]
    fn iis_5_runs_whatever_is_mapped() {
        check(
            "ScriptMaps                      : (LIST) (2 Items)\n  \".ida,C:\\WINNT\\System32\\idq.dll,3,GET,HEAD,POST\"\n  \".printer,C:\\WINNT\\System32\\msw3prt.dll,1,GET,POST\"\n",
            None,
            &[
                ("C:\\WINNT\\System32\\idq.dll", true),
                ("C:\\WINNT\\System32\\msw3prt.dll", true),
            ],
        );
    }
}
