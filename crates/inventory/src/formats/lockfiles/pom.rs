//! `pom.xml` of Maven (<https://maven.apache.org/pom.html>), as far as it goes by itself: a version that is written out, or
//! that properties, the parent's coordinates or the dependency management of the same file give. What a parent, an imported
//! list of versions or the dependencies themselves bring along is not in the file; it is counted, never guessed.

use std::collections::HashMap;

use base::Parsed;

use super::pins::{Pins, Registry};
use super::text::{file_name, opening};
use super::xml_elements::{self, Element};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The project file of Maven.
pub struct PomXml;

impl Format for PomXml {
    fn id(&self) -> &'static str {
        "pom"
    }

    fn about(&self) -> &'static str {
        "pom.xml of Maven: the direct dependencies whose version the file itself gives"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    /// The copy in a jar describes how the jar was built.
    fn wants(&self, path: &str) -> bool {
        file_name(path) == "pom.xml" && !path.contains("META-INF/")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = opening(input.bytes);
        let is_project = text.contains("<project") && text.contains("<modelVersion>");
        file_name(input.path) == "pom.xml" || (is_project && text.contains("<artifactId>"))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::MAVEN, note);
        let mut pom = Pom::default();
        xml_elements::each(&text, &mut pins, |element, _| pom.take(element));
        pom.pin(&mut pins);
        pins.finish()
    }
}

#[derive(Default)]
struct Pom {
    properties: HashMap<String, String>,
    managed: HashMap<(String, String), String>,
    dependencies: Vec<Dependency>,
    imports: usize,
    has_parent: bool,
    /// The one that is being read.
    open: Option<Dependency>,
}

#[derive(Default)]
struct Dependency {
    line: u64,
    group: String,
    name: String,
    version: String,
    scope: String,
}

/// Why a dependency has no version that can be looked up.
enum NoVersion {
    /// It is given elsewhere.
    Missing,
    /// It names a property that is defined elsewhere.
    Unresolved,
    /// It is a range.
    Range,
}

impl Pom {
    fn take(&mut self, element: Element<'_>) {
        match element {
            Element::Begins { path, line, .. } => {
                if is_dependency(path) {
                    self.open = Some(Dependency {
                        line,
                        ..Dependency::default()
                    });
                }
                self.has_parent |= path.len() == 2 && path[1] == "parent";
            }
            Element::Ends { path, text } => self.end(path, text),
        }
    }

    fn end(&mut self, path: &[String], text: &str) {
        if is_dependency(path) {
            if let Some(dependency) = self.open.take() {
                self.add(
                    dependency,
                    path.iter().any(|name| name == "dependencyManagement"),
                );
            }
            return;
        }
        let Some((name, above)) = path.split_last() else {
            return;
        };
        if let Some(open) = self.open.as_mut().filter(|_| is_dependency(above)) {
            let field = match name.as_str() {
                "groupId" => &mut open.group,
                "artifactId" => &mut open.name,
                "version" => &mut open.version,
                "scope" => &mut open.scope,
                _ => return,
            };
            text.clone_into(field);
            return;
        }
        let above: Vec<&str> = above.iter().map(String::as_str).collect();
        match above[..] {
            ["project", "properties"] => {
                drop(self.properties.insert(name.clone(), text.to_owned()))
            }
            // A profile may or may not be active; its properties count where the project itself has none.
            ["project", "profiles", "profile", "properties"] => {
                self.properties
                    .entry(name.clone())
                    .or_insert_with(|| text.to_owned());
            }
            ["project"] if matches!(name.as_str(), "groupId" | "artifactId" | "version") => {
                drop(
                    self.properties
                        .insert(format!("project.{name}"), text.to_owned()),
                );
            }
            ["project", "parent"] => {
                self.properties
                    .insert(format!("project.parent.{name}"), text.to_owned());
                // What the project leaves out it has from its parent.
                self.properties
                    .entry(format!("project.{name}"))
                    .or_insert_with(|| text.to_owned());
            }
            _ => {}
        }
    }

    fn add(&mut self, dependency: Dependency, is_managed: bool) {
        if !is_managed {
            self.dependencies.push(dependency);
        } else if dependency.scope == "import" {
            self.imports += 1;
        } else {
            let key = (dependency.group, dependency.name);
            self.managed.entry(key).or_insert(dependency.version);
        }
    }

    fn pin(&self, pins: &mut Pins<'_>) {
        let (mut missing, mut unresolved, mut ranges) = (0_usize, 0_usize, 0_usize);
        for dependency in &self.dependencies {
            let (group, name) = (
                self.resolve(&dependency.group),
                self.resolve(&dependency.name),
            );
            let (Some(group), Some(name)) = (group, name) else {
                unresolved += 1;
                continue;
            };
            match self.version(dependency, &group, &name) {
                Ok(version) => {
                    pins.pin(Some(dependency.line), &format!("{group}:{name}"), &version)
                }
                Err(NoVersion::Missing) => missing += 1,
                Err(NoVersion::Unresolved) => unresolved += 1,
                Err(NoVersion::Range) => ranges += 1,
            }
        }
        let mut say = |count: usize, what: &str| {
            if count > 0 {
                pins.skip(None, format!("{what}: {count}"));
            }
        };
        let elsewhere = match (self.has_parent, self.imports) {
            (true, 0) => "dependencies whose version the parent gives, which is not in this file",
            (false, 1..) => {
                "dependencies whose version an imported list gives, which is not in this file"
            }
            _ => {
                "dependencies whose version a parent or an imported list gives, which is not in this file"
            }
        };
        say(missing, elsewhere);
        say(
            unresolved,
            "dependencies with a property that this file does not define",
        );
        say(ranges, "dependencies with a range of versions");
        if !self.dependencies.is_empty() {
            pins.inform(None, "the file names direct dependencies only; an SBOM of the build lists what they bring along");
        }
    }

    fn version(
        &self,
        dependency: &Dependency,
        group: &str,
        name: &str,
    ) -> Result<String, NoVersion> {
        let written = if dependency.version.is_empty() {
            self.managed(group, name).ok_or(NoVersion::Missing)?
        } else {
            &dependency.version
        };
        let version = self.resolve(written).ok_or(NoVersion::Unresolved)?;
        if version.is_empty() {
            return Err(NoVersion::Missing);
        }
        // `[1.0]` is exactly this version (Maven's version range specification).
        let exact = version
            .strip_prefix('[')
            .and_then(|v| v.strip_suffix(']'))
            .filter(|v| !v.contains(','));
        match exact {
            Some(exact) => Ok(exact.to_owned()),
            None if version.contains(['[', ']', '(', ')', ',']) => Err(NoVersion::Range),
            None => Ok(version),
        }
    }

    /// The managed version; the coordinates there may be written with properties too.
    fn managed(&self, group: &str, name: &str) -> Option<&str> {
        let key = (group.to_owned(), name.to_owned());
        if let Some(version) = self.managed.get(&key) {
            return Some(version);
        }
        let own = self
            .properties
            .get("project.groupId")
            .filter(|own| *own == group)?;
        let written = [
            "${project.groupId}".to_owned(),
            "${pom.groupId}".to_owned(),
            own.clone(),
        ];
        written
            .into_iter()
            .find_map(|g| self.managed.get(&(g, name.to_owned())))
            .map(String::as_str)
    }

    /// The text with its properties put in; `None` if one is not defined here, or they run in a circle.
    fn resolve(&self, text: &str) -> Option<String> {
        const ROUNDS: usize = 8;
        const LONGEST: usize = 1024;
        let mut text = text.to_owned();
        for _ in 0..ROUNDS {
            if !text.contains("${") {
                return Some(text);
            }
            text = self.resolve_once(&text)?;
            if text.len() > LONGEST {
                return None;
            }
        }
        None
    }

    fn resolve_once(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (key, behind) = after.split_once('}')?;
            // `pom.` and the bare names are what `project.` was called in Maven 2.
            let project = key.strip_prefix("pom.").map(|k| format!("project.{k}"));
            let bare = matches!(key, "version" | "groupId" | "artifactId")
                .then(|| format!("project.{key}"));
            let value = self
                .properties
                .get(key)
                .or_else(|| self.properties.get(&project?))
                .or_else(|| self.properties.get(&bare?))?;
            out.push_str(before);
            out.push_str(value);
            rest = behind;
        }
        out.push_str(rest);
        Some(out)
    }
}

/// A dependency of the project or of a profile, used or only managed; not one of a plug-in.
fn is_dependency(path: &[String]) -> bool {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let below: &[&str] = match names[..] {
        ["project", "profiles", "profile", ref rest @ ..] => rest,
        ["project", ref rest @ ..] => rest,
        _ => &[],
    };
    matches!(
        below,
        ["dependencies", "dependency"] | ["dependencyManagement", "dependencies", "dependency"]
    )
}
