//! `applicationHost.config`, the configuration of IIS 7 and later
//! (<https://learn.microsoft.com/en-us/iis/configuration/system.applicationhost/>): which libraries and programs the server
//! runs, and whether it may. Passwords and keys in the file are passed over.

use std::collections::BTreeMap;

use base::{Note, Parsed};

use super::machine::{self, ENTRIES, Machine};
use super::{console, xml};
use crate::formats::{Format, Input, Listing};
use crate::{HostKind, Iis, IisExtension};

/// The configuration of IIS 7 and later.
pub struct IisConfig;

impl Format for IisConfig {
    fn id(&self) -> &'static str {
        "iis-config"
    }

    fn about(&self) -> &'static str {
        "what IIS 7 and later runs: applicationHost.config"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        path.to_ascii_lowercase()
            .ends_with("applicationhost.config")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let head = console::head(input.bytes);
        let is_xml = head.trim_start().starts_with('<') && head.contains("<configuration");
        is_xml && (self.wants(input.path) || head.contains("system.applicationHost"))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = console::decode(input.bytes);
        let mut machine = Machine::new(note);
        let mut found = Extensions::default();
        let mut rules = Rules::default();
        let broken = xml::elements(&text, |element| rules.take(element, &mut found));
        machine.notes.extend(broken);
        rules.finish(&mut found);
        machine.windows.iis = Some(Iis {
            version: None,
            extensions: found.finish(&mut machine),
        });
        machine.finish()
    }
}

/// Paths with whether they may run; of two statements about one file the one that allows it holds, since one site is enough.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    /// By path in lower case.
    found: BTreeMap<String, IisExtension>,
    left_out: usize,
}

impl Extensions {
    pub(super) fn add(&mut self, path: &str, enabled: bool) {
        let Some(path) = machine::kept(path) else {
            self.left_out += usize::from(!path.trim().is_empty());
            return;
        };
        let key = path.to_ascii_lowercase();
        if ENTRIES.is_exceeded_by(self.found.len() as u64 + 1) && !self.found.contains_key(&key) {
            self.left_out += 1;
            return;
        }
        let extension = self
            .found
            .entry(key)
            .or_insert(IisExtension { path, enabled });
        extension.enabled |= enabled;
    }

    pub(super) fn finish(self, machine: &mut Machine) -> Vec<IisExtension> {
        if self.left_out > 0 {
            let what = format!(
                "extensions with an overlong path, or too many, were left out: {}",
                self.left_out
            );
            machine.notes.push(Note::warning(what).because_of(ENTRIES));
        }
        let mut extensions: Vec<IisExtension> = self.found.into_values().collect();
        extensions.sort();
        extensions
    }
}

/// What is allowed, and the programs behind file types, which are judged by it at the end.
#[derive(Default)]
struct Rules {
    allowed: BTreeMap<String, bool>,
    /// Programs that are not listed may run.
    unlisted: bool,
    processors: Vec<String>,
}

impl Rules {
    fn take(&mut self, element: &xml::Element<'_, '_>, found: &mut Extensions) {
        let is_true = |name: &str| {
            element
                .get(name)
                .is_some_and(|v| v.eq_ignore_ascii_case("true"))
        };
        match element.name {
            "isapiCgiRestriction" => {
                self.unlisted |=
                    is_true("notListedIsapisAllowed") || is_true("notListedCgisAllowed");
            }
            "add" if element.is_in(&["isapiCgiRestriction"]) => {
                let Some(path) = element.get("path") else {
                    return;
                };
                found.add(&path, is_true("allowed"));
                if !ENTRIES.is_exceeded_by(self.allowed.len() as u64 + 1) {
                    let rule = self.allowed.entry(path.to_ascii_lowercase()).or_default();
                    *rule |= is_true("allowed");
                }
            }
            "filter" if element.is_in(&["isapiFilters"]) => {
                let is_off = element
                    .get("enabled")
                    .is_some_and(|v| v.eq_ignore_ascii_case("false"));
                element
                    .get("path")
                    .into_iter()
                    .for_each(|path| found.add(&path, !is_off));
            }
            "add" if element.is_in(&["globalModules"]) => {
                element
                    .get("image")
                    .into_iter()
                    .for_each(|path| found.add(&path, true));
            }
            "add" if element.is_in(&["handlers"]) => {
                self.processors.extend(element.get("scriptProcessor"));
                self.processors
                    .truncate(usize::try_from(ENTRIES.max).unwrap_or(usize::MAX));
            }
            _ => {}
        }
    }

    fn finish(self, found: &mut Extensions) {
        for path in &self.processors {
            let allowed = self.allowed.get(&path.to_ascii_lowercase());
            found.add(path, allowed.copied().unwrap_or(self.unlisted));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(inner: &str, expected: &[(&str, bool)]) {
        let text = format!(
            "<?xml version=\"1.0\"?><configuration><system.applicationHost/><system.webServer>{inner}</system.webServer></configuration>"
        );
        let input = Input {
            path: "x",
            bytes: text.as_bytes(),
        };
        assert!(IisConfig.recognise(&input));
        let parsed = IisConfig.parse(&input);
        let iis = parsed.value.windows.unwrap().iis.unwrap();
        let found: Vec<_> = iis
            .extensions
            .iter()
            .map(|e| (e.path.as_str(), e.enabled))
            .collect();
        assert_eq!(found, expected, "{inner}");
    }

    #[test]
    fn what_is_allowed_decides_about_what_is_mapped() {
        check(
            r#"<security><isapiCgiRestriction notListedIsapisAllowed="false"><add path="%windir%\system32\inetsrv\asp.dll" allowed="true"/><add path="C:\php\php-cgi.exe" allowed="false"/></isapiCgiRestriction></security>
            <handlers><add name="ASP" path="*.asp" scriptProcessor="%windir%\System32\inetsrv\asp.dll"/><add name="PHP" path="*.php" scriptProcessor="C:\php\php-cgi.exe"/><add name="IDQ" path="*.ida" scriptProcessor="C:\idq.dll"/></handlers>"#,
            &[
                ("%windir%\\system32\\inetsrv\\asp.dll", true),
                ("C:\\idq.dll", false),
                ("C:\\php\\php-cgi.exe", false),
            ],
        );
    }

    #[test]
    fn filters_and_modules_run_unless_they_are_off() {
        check(
            r#"<isapiFilters><filter name="a" path="a.dll"/><filter name="b" path="b.dll" enabled="false"/></isapiFilters><globalModules><add name="m" image="m.dll"/></globalModules>"#,
            &[("a.dll", true), ("b.dll", false), ("m.dll", true)],
        );
    }

    #[test]
    fn what_is_not_listed_runs_where_that_is_allowed() {
        check(
            r#"<security><isapiCgiRestriction notListedIsapisAllowed="true"/></security><handlers><add scriptProcessor="C:\x.dll"/></handlers>"#,
            &[("C:\\x.dll", true)],
        );
    }
}
