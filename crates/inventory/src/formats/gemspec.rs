//! Installed gems: `specifications/NAME-VERSION.gemspec` (<https://guides.rubygems.org/specification-reference/>), as RubyGems
//! writes it: Ruby code whose second line is made to be read without running it.

use base::{Note, Parsed};

use super::notes::Notes;
use super::{Format, Input, Listing, installed, text};
use crate::HostKind;

/// Gems, installed.
pub struct Gemspec;

impl Format for Gemspec {
    fn id(&self) -> &'static str {
        "gemspec"
    }

    fn about(&self) -> &'static str {
        "an installed gem: specifications/NAME-VERSION.gemspec"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        let mut parts = path.rsplit('/');
        let is_spec = parts.next().is_some_and(|file| file.ends_with(".gemspec"));
        is_spec
            && match parts.next() {
                Some("specifications") => true,
                // The gems that come with Ruby.
                Some("default") => parts.next() == Some("specifications"),
                _ => false,
            }
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || stub(&head(input.bytes)).is_some()
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let head = head(input.bytes);
        let mut notes = Notes::default();
        let mut listing = Listing::default();
        match stub(&head)
            .or_else(|| assigned(&head))
            .or_else(|| of_file_name(input.file_name()))
        {
            Some((name, version)) => {
                match installed::package("gem", None, name, version, input.path) {
                    Some(package) => listing.packages.push(package),
                    None => notes.push(installed::unclear(name, version)),
                }
            }
            None => notes.push(Note::error("neither the file nor its name tells the gem")),
        }
        Parsed {
            value: listing,
            notes: notes.into_vec(),
        }
    }
}

/// Name and version stand at the beginning, before the list of files.
fn head(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    const HEAD_BYTES: usize = 16 << 10;
    text::decode(&bytes[..bytes.len().min(HEAD_BYTES)]).0
}

/// `# stub: rack 2.2.3 ruby lib`: name, version, platform, paths.
fn stub(head: &str) -> Option<(&str, &str)> {
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("# stub: "))?;
    let mut words = line.split(' ');
    Some((words.next()?, words.next()?))
}

/// `s.name = "rack".freeze` and `s.version = "2.2.3"` (or `Gem::Version.new "2.2.3"` of old).
fn assigned(head: &str) -> Option<(&str, &str)> {
    let value = |field: &str| {
        head.lines().find_map(|line| {
            let line = line.trim_start().strip_prefix("s.")?.strip_prefix(field)?;
            let value = line.trim_start().strip_prefix('=')?;
            let quote = value.find(['"', '\''])?;
            let rest = &value[quote + 1..];
            Some(&rest[..rest.find(['"', '\''])?])
        })
    };
    Some((value("name")?, value("version")?))
}

/// `net-http-persistent-4.0.1-java.gemspec`: the version is the first part that begins with a digit and has a dot, or ends
/// the name.
fn of_file_name(file: &str) -> Option<(&str, &str)> {
    let stem = file.strip_suffix(".gemspec")?;
    let at = stem.match_indices('-').map(|(at, _)| at).find(|at| {
        let part = stem[at + 1..].split('-').next().unwrap_or_default();
        part.starts_with(|c: char| c.is_ascii_digit())
    })?;
    Some((&stem[..at], stem[at + 1..].split('-').next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, content: &str, expected: Option<(&str, &str)>) {
        let path = format!("ruby/specifications/{file}");
        let input = Input {
            path: &path,
            bytes: content.as_bytes(),
        };
        let parsed = Gemspec.parse(&input);
        let found = parsed.value.packages.first();
        let found = found.map(|p| (p.name.as_str(), p.version.as_deref().unwrap_or("-")));
        assert_eq!(found, expected, "{file}");
    }

    #[test]
    fn the_stub_counts_then_the_code_then_the_name_of_the_file() {
        let stub = "# -*- encoding: utf-8 -*-\n# stub: rack 2.2.3 ruby lib\n";
        check("other-1.gemspec", stub, Some(("rack", "2.2.3")));
        let code = "Gem::Specification.new do |s|\n  s.name = %q{rack}\n  s.name = \"rack\".freeze\n  s.version = Gem::Version.new(\"2.2.3\")\n";
        check("other-1.gemspec", code, Some(("rack", "2.2.3")));
        check(
            "net-http-persistent-4.0.1-java.gemspec",
            "",
            Some(("net-http-persistent", "4.0.1")),
        );
        check("rack.gemspec", "", None);
    }

    #[test]
    fn only_installed_gems_are_wanted() {
        let check =
            |path: &str, expected: bool| assert_eq!(Gemspec.wants(path), expected, "{path}");
        check(
            "usr/lib/ruby/gems/3.1.0/specifications/rack-2.2.3.gemspec",
            true,
        );
        check("gems/3.1.0/specifications/default/json-2.6.1.gemspec", true);
        check("gems/3.1.0/gems/rack-2.2.3/rack.gemspec", false);
        check("rack.gemspec", false);
    }
}
