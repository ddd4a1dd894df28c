//! Installed Python packages: `*.dist-info/METADATA`
//! (<https://packaging.python.org/en/latest/specifications/core-metadata/>), and what setuptools wrote before,
//! `*.egg-info/PKG-INFO`, `EGG-INFO/PKG-INFO` in an unpacked egg, or the file `*.egg-info` itself.
//!
//! Where `direct_url.json` lies beside the metadata
//! (<https://packaging.python.org/en/latest/specifications/direct-url/>) the package was not taken from an index, and this
//! file is read instead: the folder's name has name and version.

use base::{Limit, Note, Parsed};
use serde::Deserialize;

use super::lenient::Object;
use super::notes::Notes;
use super::{Format, Input, Listing, installed, json_document, text};
use crate::HostKind;

/// How far the headers are read; long descriptions follow them, and classifiers stand in them.
const HEADER_BYTES: Limit = Limit::new("python-header-bytes", 256 << 10);

/// Packages installed by pip and its kin.
pub struct PythonDist;

impl Format for PythonDist {
    fn id(&self) -> &'static str {
        "python-dist"
    }

    fn about(&self) -> &'static str {
        "an installed Python package: dist-info/METADATA, egg-info/PKG-INFO or *.egg-info"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        place(path).is_some()
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || input.bytes.starts_with(b"Metadata-Version:")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let mut notes = Notes::default();
        let found = match place(input.path) {
            Some(Place::DirectUrl(folder)) => from_elsewhere(folder, input.bytes, &mut notes),
            place => from_headers(place, input.bytes, &mut notes),
        };
        let mut listing = Listing::default();
        if let Some(Found { name, version }) = found {
            let version = version.unwrap_or_default();
            match installed::package("pypi", None, &name, &version, input.path) {
                Some(package) => listing.packages.push(package),
                None => notes.push(installed::unclear(&name, &version)),
            }
            notes.soften();
        }
        Parsed {
            value: listing,
            notes: notes.into_vec(),
        }
    }
}

/// What a path says of the file, with the folder's or the file's name without its ending.
#[derive(Debug, PartialEq, Eq)]
enum Place<'p> {
    Metadata(&'p str),
    DirectUrl(&'p str),
}

fn place(path: &str) -> Option<Place<'_>> {
    let (parent, file) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = parent.rsplit('/').next().unwrap_or(parent);
    let dist_info = folder.strip_suffix(".dist-info");
    let egg_info = folder.strip_suffix(".egg-info");
    match file {
        "METADATA" => dist_info.map(Place::Metadata),
        "direct_url.json" => dist_info.map(Place::DirectUrl),
        "PKG-INFO" if folder == "EGG-INFO" => {
            let egg = parent.rsplit('/').nth(1).unwrap_or_default();
            Some(Place::Metadata(
                egg.strip_suffix(".egg").unwrap_or_default(),
            ))
        }
        "PKG-INFO" => egg_info.map(Place::Metadata),
        _ => file.strip_suffix(".egg-info").map(Place::Metadata),
    }
}

struct Found {
    name: String,
    version: Option<String>,
}

/// `name-1.2` of `name-1.2.dist-info`: neither part has a dash of its own.
fn of_folder(folder: &str) -> Option<Found> {
    let mut parts = folder.split('-');
    let name = parts.next().filter(|name| !name.is_empty())?;
    let version = parts
        .next()
        .filter(|version| version.starts_with(|c: char| c.is_ascii_digit()));
    Some(Found {
        name: name.to_owned(),
        version: version.map(str::to_owned),
    })
}

/// The headers `Name` and `Version` (RFC 822: a line that begins with a space goes on). What they do not say, the folder does.
fn from_headers(place: Option<Place<'_>>, bytes: &[u8], notes: &mut Notes) -> Option<Found> {
    let limit = usize::try_from(HEADER_BYTES.max).unwrap_or(usize::MAX);
    let (headers, note) = text::decode(&bytes[..bytes.len().min(limit)]);
    // The last character may be cut in two by the limit alone.
    notes.extend(note.filter(|_| bytes.len() <= limit));
    let (mut name, mut version) = (None, None);
    let mut unfolding: Option<&mut Option<String>> = None;
    for (_, line) in text::numbered_lines(&headers) {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            if let Some(Some(value)) = unfolding.as_mut() {
                value.push_str(line.trim());
            }
            continue;
        }
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        unfolding = match key.trim() {
            key if key.eq_ignore_ascii_case("name") => Some(&mut name),
            key if key.eq_ignore_ascii_case("version") => Some(&mut version),
            _ => None,
        };
        if let Some(field) = unfolding.as_mut() {
            field.get_or_insert_with(|| value.trim().to_owned());
        }
    }
    let (name, version) = (filled(name), filled(version));
    let named = place.and_then(|place| match place {
        Place::Metadata(folder) | Place::DirectUrl(folder) => of_folder(folder),
    });
    match (name, named) {
        (Some(name), named) => Some(Found {
            name,
            version: version.or_else(|| named?.version),
        }),
        (None, Some(named)) => {
            notes.push(Note::warning(
                "no name in the metadata; the folder's is used",
            ));
            Some(named)
        }
        (None, None) => {
            notes.push(Note::error("no name in the metadata"));
            None
        }
    }
}

fn filled(value: Option<String>) -> Option<String> {
    value.filter(|text| !text.is_empty())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DirectUrl {
    vcs_info: Object<Nothing>,
    dir_info: Object<Nothing>,
}

/// That there is an object is all that counts.
#[derive(Deserialize)]
struct Nothing {}

/// A directory is the user's own code and left out, as path dependencies of lockfiles are. A version control system or
/// an archive has the package, which may have been changed.
fn from_elsewhere(folder: &str, bytes: &[u8], notes: &mut Notes) -> Option<Found> {
    let (text, note) = text::decode(bytes);
    notes.extend(note);
    let mut spare = String::new();
    let direct = json_document::read::<DirectUrl>(&text, &mut spare);
    notes.extend(direct.notes);
    let direct = direct.value;
    let found = of_folder(folder);
    let Some(found) = found else {
        notes.push(Note::error("the folder does not name the package"));
        return None;
    };
    let shown = text::excerpt(&found.name);
    if direct.dir_info.0.is_some() {
        notes.push(Note::info(format!(
            "installed from a directory, so not a published package: {shown}"
        )));
        return None;
    }
    if direct.vcs_info.0.is_some() {
        notes.push(Note::info(format!(
            "installed from a repository, not from an index: {shown}"
        )));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, content: &str, expected: Option<(&str, &str)>) {
        let bytes = content.as_bytes();
        let parsed = PythonDist.parse(&Input { path, bytes });
        let found = parsed.value.packages.first();
        let found = found.map(|p| (p.name.as_str(), p.version.as_deref().unwrap_or("-")));
        assert_eq!(found, expected, "{path}: {:?}", parsed.notes);
    }

    #[test]
    fn the_headers_say_what_it_is_wherever_they_stand() {
        let metadata = "Metadata-Version: 2.1\nName: Ruamel.YAML_x\nVersion: 0.1\n\nName: b\n";
        let expected = Some(("ruamel-yaml-x", "0.1"));
        check("a/x.dist-info/METADATA", metadata, expected);
        check("x.egg-info/PKG-INFO", metadata, expected);
        check("a/x-0.1-py3.9.egg/EGG-INFO/PKG-INFO", metadata, expected);
        check("a/x-0.1.egg-info", metadata, expected);
        check("x", metadata, expected);
    }

    #[test]
    fn folded_lines_and_any_case_are_read_and_a_description_is_not() {
        let metadata = "metadata-version: 1.0\r\nsummary: a\r\n Name: no\r\nNAME:\r\n a-b\r\nversion: 1.0\r\nDescription: x\r\n        Version: 2\r\n";
        check("x.egg-info", metadata, Some(("a-b", "1.0")));
    }

    #[test]
    fn the_folder_says_what_the_metadata_does_not() {
        check(
            "s/a_b-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\n",
            Some(("a-b", "1.0")),
        );
        check(
            "s/a_b-1.0.dist-info/METADATA",
            "Name: c\n\n",
            Some(("c", "1.0")),
        );
        check("s/a_b.egg-info/PKG-INFO", "Name: c\n\n", None);
        check("x", "Metadata-Version: 2.1\n", None);
    }

    #[test]
    fn a_directory_is_no_published_package_and_a_repository_is_one() {
        let path = "s/a_b-1.0.dist-info/direct_url.json";
        check(
            path,
            r#"{"url":"file:///src","dir_info":{"editable":true}}"#,
            None,
        );
        check(
            path,
            r#"{"url":"https://x/a.git","vcs_info":{"vcs":"git"}}"#,
            Some(("a-b", "1.0")),
        );
        check(
            path,
            r#"{"url":"file:///a.whl","archive_info":{}}"#,
            Some(("a-b", "1.0")),
        );
        check(path, "{", Some(("a-b", "1.0")));
    }
}
