//! `gradle/verification-metadata.xml`: the checksums Gradle compares
//! (<https://docs.gradle.org/current/userguide/dependency_verification.html>). It lists whatever a build ever resolved, with the
//! plug-ins of the build, and keeps what is no longer used.

use base::Parsed;

use super::pins::{Pins, Registry};
use super::text::{file_name, opening};
use super::xml_elements::{self, Element, attribute};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The checksums of Gradle.
pub struct GradleVerification;

impl Format for GradleVerification {
    fn id(&self) -> &'static str {
        "gradle-verification"
    }

    fn about(&self) -> &'static str {
        "verification-metadata.xml, the checksums of everything a Gradle build resolved"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "verification-metadata.xml"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || opening(input.bytes).contains("<verification-metadata")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::MAVEN, note);
        xml_elements::each(&text, &mut pins, |element, pins| {
            if let Element::Begins {
                path,
                attributes,
                line,
            } = element
                && path.last().is_some_and(|name| name == "component")
            {
                let part = |name| attribute(attributes, name);
                pins.pin(
                    Some(line),
                    &format!("{}:{}", part("group"), part("name")),
                    part("version"),
                );
            }
        });
        if !pins.is_empty() {
            pins.inform(
                None,
                "the file keeps what is no longer used, and lists the plug-ins of the build too",
            );
        }
        pins.finish()
    }
}
