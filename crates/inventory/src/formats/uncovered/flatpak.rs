//! Flatpak applications: the AppStream description of one that is installed
//! (<https://www.freedesktop.org/software/appstream/docs/chap-Metadata.html>). Read by its marks only: nothing in it is resolved.

use base::Parsed;

use super::{Manager, one};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// Flatpak applications.
pub struct Flatpak;

const FLATPAK: Manager = Manager {
    ecosystem: "Flatpak",
    purl: ("flatpak", None),
};

impl Format for Flatpak {
    fn id(&self) -> &'static str {
        "flatpak"
    }

    fn about(&self) -> &'static str {
        "an installed Flatpak application: its metainfo.xml or appdata.xml (listed; no feed covers it)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        path.contains("flatpak/")
            && (path.ends_with(".metainfo.xml") || path.ends_with(".appdata.xml"))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || {
            let head = decode(&input.bytes[..input.bytes.len().min(4096)]).0;
            root(&head).starts_with("<component type=\"") && head.contains("<id>")
        }
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let id = between(&text, "<id>", "<").map(|id| id.trim().trim_end_matches(".desktop"));
        // Releases stand newest first.
        let release = text
            .split_once("<release ")
            .and_then(|(_, rest)| rest.split_once('>'))
            .map(|(tag, _)| tag);
        let version = release.and_then(|tag| {
            between(tag, "version=\"", "\"").or_else(|| between(tag, "version='", "'"))
        });
        let mut parsed = one(&FLATPAK, input.path, id, version, None);
        parsed.notes.extend(note);
        parsed
    }
}

/// The text from the first element on, past the declaration and comments.
fn root(text: &str) -> &str {
    let mut rest = text.trim_start_matches('\u{FEFF}').trim_start();
    while let Some(end) = rest
        .starts_with("<?")
        .then_some("?>")
        .or_else(|| rest.starts_with("<!--").then_some("-->"))
    {
        rest = rest
            .split_once(end)
            .map_or("", |(_, behind)| behind)
            .trim_start();
    }
    rest
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    text.split_once(start)?
        .1
        .split_once(end)
        .map(|(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_description_of_a_component_is_recognised() {
        let check = |text: &str, expected: bool| {
            let input = Input {
                path: "x.xml",
                bytes: text.as_bytes(),
            };
            assert_eq!(Flatpak.recognise(&input), expected, "{text}");
        };
        check(
            "<?xml version=\"1.0\"?><!-- c --><component type=\"desktop\"><id>a</id></component>",
            true,
        );
        check(
            "<bom><component type=\"library\"><license><id>MIT</id></license></component></bom>",
            false,
        );
        check("<!-- <component type=\"", false);
        check("", false);
    }
}
