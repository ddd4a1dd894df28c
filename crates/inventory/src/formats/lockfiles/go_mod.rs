//! `go.mod` (<https://go.dev/ref/mod#go-mod-file>).
//!
//! The standard library is listed too, as `stdlib`, the name its advisories have. Its version is that of the `toolchain`
//! line, else of the `go` line if that names a release: since Go 1.21 the line is the oldest toolchain that may build the
//! module; before, it only chose the language, and says nothing about what is installed, so that it becomes a note.

use base::Parsed;

use super::origin::shown;
use super::pins::{Pins, Registry};
use super::text::{file_name, opening};
use crate::formats::text::{decode, numbered_lines};
use crate::{Format, HostKind, Input, Listing};

/// The module file of Go.
pub struct GoMod;

impl Format for GoMod {
    fn id(&self) -> &'static str {
        "go-mod"
    }

    fn about(&self) -> &'static str {
        "go.mod, the module file of Go"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "go.mod"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let begins_with_module = |text: &str| {
            let mut lines = text.lines().map(words).filter(|words| !words.is_empty());
            lines.next().is_some_and(|first| first[0] == "module")
                && lines.any(|line| matches!(line[0], "go" | "require"))
        };
        self.wants(input.path) || begins_with_module(&opening(input.bytes))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::GO, note);
        let mut file = ModFile::default();
        let mut block: Option<&str> = None;
        for (number, line) in numbered_lines(&text) {
            match (words(line).as_slice(), block) {
                ([], _) | ([_, "()"], None) => {}
                ([")"], Some(_)) => block = None,
                ([verb, "("], None) => block = Some(verb),
                (arguments, Some(verb)) => file.read(&mut pins, number, verb, arguments),
                ([verb, arguments @ ..], None) => file.read(&mut pins, number, verb, arguments),
            }
        }
        file.pin_all(&mut pins);
        pins.finish()
    }
}

/// The words of a line, without quotes and comment.
fn words(line: &str) -> Vec<&str> {
    let code = line.split_once("//").map_or(line, |(code, _)| code);
    code.split_whitespace()
        .map(|word| word.trim_matches(['"', '`']))
        .filter(|word| !word.is_empty())
        .collect()
}

#[derive(Default)]
struct ModFile<'a> {
    go: Option<(u64, &'a str)>,
    toolchain: Option<(u64, &'a str)>,
    required: Vec<(u64, &'a str, &'a str)>,
    replaced: Vec<Replacement<'a>>,
    excluded: Vec<(&'a str, &'a str)>,
}

/// `replace module [version] => path | module version`.
struct Replacement<'a> {
    module: &'a str,
    /// Only this version, or any.
    version: Option<&'a str>,
    /// What is used instead; a path is the user's own code.
    by: Option<(&'a str, &'a str)>,
}

impl<'a> ModFile<'a> {
    fn read(&mut self, pins: &mut Pins<'_>, line: u64, verb: &str, arguments: &[&'a str]) {
        match (verb, arguments) {
            ("require", &[module, version]) => self.required.push((line, module, version)),
            ("exclude", &[module, version]) => self.excluded.push((module, version)),
            ("replace", arguments) => match replacement(arguments) {
                Some(replacement) => self.replaced.push(replacement),
                None => unclear(pins, line, verb, arguments),
            },
            ("go", &[version]) => self.go = Some((line, version)),
            ("toolchain", &[name]) => self.toolchain = Some((line, name)),
            ("module" | "retract" | "tool" | "ignore" | "godebug", _) => {}
            (_, arguments) => unclear(pins, line, verb, arguments),
        }
    }

    fn pin_all(&self, pins: &mut Pins<'_>) {
        for &(line, module, version) in &self.required {
            if self.excluded.contains(&(module, version)) {
                pins.skip(
                    Some(line),
                    format!(
                        "required and excluded, a later version is used: {}",
                        shown(module)
                    ),
                );
                continue;
            }
            match self.replacement_of(module, version) {
                None => pin_module(pins, line, module, version),
                Some(Replacement {
                    by: Some((module, version)),
                    ..
                }) => pin_module(pins, line, module, version),
                Some(Replacement { by: None, .. }) => {}
            }
        }
        self.pin_stdlib(pins);
        let lists_all = self
            .go
            .is_some_and(|(_, version)| release(version) >= (1, 17));
        if !lists_all && !self.required.is_empty() {
            pins.inform(None, "before go 1.17 not all indirect dependencies are listed here; go.sum has them, and more");
        }
    }

    /// One for the version goes before one for all.
    fn replacement_of(&self, module: &str, version: &str) -> Option<&Replacement<'a>> {
        let of = |wanted: Option<&str>| {
            self.replaced
                .iter()
                .rev()
                .find(|r| r.module == module && r.version == wanted)
        };
        of(Some(version)).or_else(|| of(None))
    }

    fn pin_stdlib(&self, pins: &mut Pins<'_>) {
        // `go1.22.1-custom` is 1.22.1; `default` and `local` name none.
        let named = |name: &'a str| {
            Some(
                name.strip_prefix("go")?
                    .split('-')
                    .next()
                    .unwrap_or_default(),
            )
        };
        let toolchain = self
            .toolchain
            .and_then(|(line, name)| Some((line, named(name)?)));
        let Some((line, version)) = toolchain.or(self.go) else {
            return;
        };
        let names_release = version.split('.').count() >= 3 || release(version) >= (1, 21);
        if names_release {
            pins.pin_with_purl_version(Some(line), "stdlib", version, version);
        } else {
            pins.inform(
                Some(line),
                format!(
                    "go {} is the language's version, not that of the standard library",
                    shown(version)
                ),
            );
        }
    }
}

/// Major and minor: `1.21rc1` is 1.21.
fn release(version: &str) -> (u32, u32) {
    let number = |part: Option<&str>| {
        let part = part.unwrap_or_default();
        let digits = part
            .find(|c: char| !c.is_ascii_digit())
            .map_or(part, |end| &part[..end]);
        digits.parse().unwrap_or(0)
    };
    let mut parts = version.split('.');
    (number(parts.next()), number(parts.next()))
}

fn replacement<'a>(arguments: &[&'a str]) -> Option<Replacement<'a>> {
    let arrow = arguments.iter().position(|word| *word == "=>")?;
    let (module, version) = match arguments[..arrow] {
        [module] => (module, None),
        [module, version] => (module, Some(version)),
        _ => return None,
    };
    let by = match arguments[arrow + 1..] {
        [_path] => None,
        [module, version] => Some((module, version)),
        _ => return None,
    };
    Some(Replacement {
        module,
        version,
        by,
    })
}

fn unclear(pins: &mut Pins<'_>, line: u64, verb: &str, arguments: &[&str]) {
    pins.broken(
        Some(line),
        format!(
            "not understood: {}",
            shown(&format!("{verb} {}", arguments.join(" ")))
        ),
    );
}

/// Versions in advisories have no `v`, those in package URLs do.
pub(super) fn pin_module(pins: &mut Pins<'_>, line: u64, module: &str, version: &str) {
    match version
        .strip_prefix('v')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        Some(plain) => pins.pin_with_purl_version(Some(line), module, plain, version),
        None => pins.broken(
            Some(line),
            format!(
                "not a module and its version: {}",
                shown(&format!("{module} {version}"))
            ),
        ),
    }
}
