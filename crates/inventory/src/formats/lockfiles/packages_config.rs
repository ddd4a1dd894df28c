//! `packages.config` of older NuGet projects
//! (<https://learn.microsoft.com/en-us/nuget/reference/packages-config>).

use base::Parsed;

use super::pins::{Pins, Registry};
use super::text::{file_name, opening};
use super::xml_elements::{self, Element, attribute, is_at};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The package list of older NuGet projects.
pub struct PackagesConfig;

impl Format for PackagesConfig {
    fn id(&self) -> &'static str {
        "packages-config"
    }

    fn about(&self) -> &'static str {
        "packages.config, the package list of older .NET projects"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        let file = file_name(path).to_ascii_lowercase();
        file.starts_with("packages.") && file.ends_with("config")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = opening(input.bytes);
        let has_list =
            text.contains("<packages>") && text.contains("<package ") && text.contains(" id=");
        file_name(input.path).eq_ignore_ascii_case("packages.config") || has_list
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::NUGET, note);
        xml_elements::each(&text, &mut pins, |element, pins| {
            if let Element::Begins {
                path,
                attributes,
                line,
            } = element
                && is_at(path, &["packages", "package"])
            {
                pins.pin(
                    Some(line),
                    attribute(attributes, "id"),
                    attribute(attributes, "version"),
                );
            }
        });
        pins.finish()
    }
}
