//! What Maven says of an artifact: `pom.properties` (<https://maven.apache.org/shared/maven-archiver/>), or the coordinates in
//! `pom.xml` (<https://maven.apache.org/pom.html#Maven_Coordinates>).

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::formats::text;

/// Group, artifact and version; empty where nothing says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Coordinates {
    pub(super) group: String,
    pub(super) artifact: String,
    pub(super) version: Option<String>,
}

impl Coordinates {
    /// Fills group and artifact from `META-INF/maven/GROUP/ARTIFACT/…` where the file itself does not say them.
    pub(super) fn complete_from_path(&mut self, member: &str) {
        let (_, below) = member.split_once("META-INF/maven/").unwrap_or_default();
        let (folder, _) = below.rsplit_once('/').unwrap_or_default();
        let mut parts = folder.split('/');
        for field in [&mut self.group, &mut self.artifact] {
            let part = parts.next().unwrap_or_default();
            if field.is_empty() || field.contains("${") {
                part.clone_into(field);
            }
        }
        self.version.take_if(|version| version.contains("${"));
    }
}

/// Lines of `key=value`; `#` begins a comment.
pub(super) fn of_properties(bytes: &[u8]) -> Coordinates {
    let mut found = Coordinates::default();
    let (text, _) = text::decode(bytes);
    for line in text.lines() {
        let Some((key, value)) = line.split_once(['=', ':']) else {
            continue;
        };
        found.set(key.trim(), value.trim());
    }
    found
}

impl Coordinates {
    fn set(&mut self, key: &str, value: &str) {
        match key {
            "groupId" => value.clone_into(&mut self.group),
            "artifactId" => value.clone_into(&mut self.artifact),
            "version" => self.version = Some(value.to_owned()).filter(|v| !v.is_empty()),
            _ => {}
        }
    }
}

/// The children of `project`, and those of its `parent` for what it does not say itself.
pub(super) fn of_xml(bytes: &[u8]) -> Coordinates {
    let (text, _) = text::decode(bytes);
    let mut reader = Reader::from_str(&text);
    let (mut own, mut parent) = (Coordinates::default(), Coordinates::default());
    let mut open: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                depth += 1;
                // Only the names above the coordinates matter.
                if open.len() + 1 == depth && depth <= 3 {
                    open.push(tag.local_name().as_ref().to_owned());
                }
            }
            Ok(Event::End(_)) => {
                depth = depth.saturating_sub(1);
                open.truncate(depth);
            }
            Ok(Event::Text(value)) if open.len() == depth => {
                let value = value.trim().to_owned();
                match open.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                    ["project", key] => own.set(key, &value),
                    ["project", "parent", key] => parent.set(key, &value),
                    _ => {}
                }
            }
            // Broken: what stood before is kept.
            Ok(Event::Eof | Event::DocType(_)) | Err(_) => break,
            Ok(_) => {}
        }
    }
    if own.group.is_empty() {
        own.group = parent.group;
    }
    own.version = own.version.or(parent.version);
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: &Coordinates, group: &str, artifact: &str, version: Option<&str>) {
        let found = (
            found.group.as_str(),
            found.artifact.as_str(),
            found.version.as_deref(),
        );
        assert_eq!(found, (group, artifact, version));
    }

    #[test]
    fn properties_are_read_and_the_path_completes_them() {
        let text = b"#Generated\r\nversion=2.14.1\r\ngroupId = org.a\r\nartifactId=b\r\n";
        check(&of_properties(text), "org.a", "b", Some("2.14.1"));
        let mut found = of_properties(b"version=1");
        found.complete_from_path("META-INF/maven/org.a/b/pom.properties");
        check(&found, "org.a", "b", Some("1"));
    }

    #[test]
    fn a_pom_inherits_group_and_version_but_no_dependency_counts() {
        let xml = "<project><parent><groupId>org.a</groupId><artifactId>up</artifactId><version>1</version></parent>\
            <artifactId>b</artifactId><dependencies><dependency><groupId>x</groupId><version>2</version></dependency>\
            </dependencies><x><version>3</version></x></project>";
        check(&of_xml(xml.as_bytes()), "org.a", "b", Some("1"));
        let mut found =
            of_xml(b"<project><version>${revision}</version><artifactId>b</artifactId><broken");
        found.complete_from_path("META-INF/maven/org.a/b/pom.xml");
        check(&found, "org.a", "b", None);
        check(
            &of_xml(b"<!DOCTYPE x [<!ENTITY a 'b'>]><project/>"),
            "",
            "",
            None,
        );
    }
}
