//! Which library an archive is that has no file of Maven's: by its name, its manifest and the folders of its classes.
//!
//! A Maven name is a group and an artifact, and nothing in a manifest is meant to give the group: `Implementation-Vendor-Id` is
//! written by hand and often wrong (`org.apache` for anything of Apache's). So a group is believed only when the folders of the
//! classes agree; else the library is listed without an ecosystem.

use super::archive::Archive;
use super::manifest::Manifest;

/// Libraries and their groups, see the file.
const KNOWN_GROUPS: &str = include_str!("known_groups.tsv");

/// What an archive is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) artifact: String,
    pub(super) group: Option<String>,
    pub(super) version: Option<String>,
}

/// `None` if nothing tells what version of what it is.
pub(super) fn identify(path: &str, manifest: &Manifest, archive: &Archive<'_>) -> Option<Identity> {
    if let Some(plugin) = jenkins_plugin(manifest) {
        return Some(plugin);
    }
    let stem = stem(path);
    let (file_artifact, file_version) = match split(stem) {
        Some((artifact, version)) => (artifact, Some(version)),
        None => (stem, None),
    };
    let version = file_version
        .or_else(|| manifest.word("Implementation-Version"))
        .or_else(|| manifest.word("Bundle-Version"))?
        .to_owned();
    let titled = || {
        let title = manifest.value("Implementation-Title")?;
        (!title.contains(char::is_whitespace)).then_some(title)
    };
    // A file renamed to no more than its version's absence still is what its manifest calls it.
    let candidates = [Some(file_artifact), titled()];
    for artifact in candidates.into_iter().flatten() {
        let known = known(artifact, archive).or_else(|| {
            let group = stated_group(artifact, manifest, archive)?;
            Some((group, artifact.to_owned()))
        });
        if let Some((group, artifact)) = known {
            return Some(Identity {
                artifact,
                group: Some(group),
                version: Some(version),
            });
        }
    }
    Some(Identity {
        artifact: file_artifact.to_owned(),
        group: None,
        version: Some(version),
    })
}

/// The manifest of a Jenkins plugin has all three
/// (<https://www.jenkins.io/doc/developer/plugin-development/plugin-manifest/>).
fn jenkins_plugin(manifest: &Manifest) -> Option<Identity> {
    Some(Identity {
        artifact: manifest.word("Short-Name")?.to_owned(),
        group: Some(manifest.word("Group-Id")?.to_owned()),
        // `1.2 (private-…)` of a build by hand.
        version: manifest
            .value("Plugin-Version")?
            .split(' ')
            .next()
            .map(str::to_owned),
    })
}

/// The group of an artifact in the list, and the artifact's own name.
fn known(artifact: &str, archive: &Archive<'_>) -> Option<(String, String)> {
    let rows = KNOWN_GROUPS.lines().filter(|line| !line.starts_with('#'));
    let mut best: Option<(usize, &str, &str)> = None;
    for row in rows {
        let mut fields = row.split('\t');
        let (Some(group), Some(folder), Some(names)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        for name in names.split(' ') {
            let (file, named) = name.split_once('=').unwrap_or((name, artifact));
            let fits = match file.strip_suffix('*') {
                Some(beginning) => artifact.starts_with(beginning),
                None => artifact == file,
            };
            let is_better = best.is_none_or(|(length, ..)| file.len() > length);
            if fits && is_better && archive.names().any(|n| n.starts_with(folder)) {
                best = Some((file.len(), group, named));
            }
        }
    }
    best.map(|(_, group, named)| (group.to_owned(), named.to_owned()))
}

/// The group a manifest gives, if the classes bear it out: they all lie in the group's folder, at most one level below it.
fn stated_group(artifact: &str, manifest: &Manifest, archive: &Archive<'_>) -> Option<String> {
    let of_bundle = manifest
        .word("Bundle-SymbolicName")
        .and_then(|name| name.strip_suffix(artifact)?.strip_suffix('.'));
    let group = of_bundle.or_else(|| manifest.word("Implementation-Vendor-Id"))?;
    let is_group = group.contains('.')
        && group.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_')
        });
    let folder = format!("{}/", group.replace('.', "/"));
    let common = common_folder(archive)?;
    let below = common.strip_prefix(folder.as_str())?;
    (is_group && below.split_terminator('/').count() <= 1).then(|| group.to_owned())
}

/// The deepest folder that holds every class, with a `/` at its end.
fn common_folder(archive: &Archive<'_>) -> Option<String> {
    let is_class = |name: &&str| {
        name.ends_with(".class") && !name.starts_with("META-INF/") && name.contains('/')
    };
    let mut classes = archive.names().filter(is_class);
    let mut common = classes.next()?;
    for class in classes {
        let shared = common
            .bytes()
            .zip(class.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        common = common.get(..shared).unwrap_or_default();
    }
    common.rfind('/').map(|at| common[..=at].to_owned())
}

/// The file's name without its extension, of the innermost archive of the path.
fn stem(path: &str) -> &str {
    let file = path.rsplit(['/', '!']).next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// The version in the name of the file of this artifact.
pub(super) fn version_of_file(path: &str, artifact: &str) -> Option<String> {
    let rest = stem(path).strip_prefix(artifact)?.strip_prefix('-')?;
    rest.starts_with(|c: char| c.is_ascii_digit())
        .then(|| without_classifier(rest).to_owned())
}

/// Artifact and version: `log4j-core` and `2.14.1`. A version begins with a digit after a dash, and what follows it are
/// numbers and words for a stage; so that of `log4j-1.2-api-2.14.1` is the second.
fn split(stem: &str) -> Option<(&str, &str)> {
    let stem = without_classifier(stem);
    let begins = |at: &usize| stem[at + 1..].starts_with(|c: char| c.is_ascii_digit());
    let mut dashes = stem.match_indices('-').map(|(at, _)| at).filter(begins);
    let at = dashes.find(|at| is_version(&stem[at + 1..]))?;
    Some((&stem[..at], &stem[at + 1..]))
}

fn is_version(text: &str) -> bool {
    const STAGES: [&str; 9] = [
        "alpha",
        "beta",
        "rc",
        "cr",
        "m",
        "milestone",
        "sp",
        "snapshot",
        "b",
    ];
    let is_number = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    parts.windows(2).all(|pair| {
        let goes_on = is_number(pair[0]) || !is_number(pair[1]);
        goes_on
            || STAGES
                .iter()
                .any(|stage| pair[0].eq_ignore_ascii_case(stage))
    })
}

/// Without what says how the archive was put together.
fn without_classifier(stem: &str) -> &str {
    const CLASSIFIERS: [&str; 6] = [
        "-jar-with-dependencies",
        "-shaded",
        "-sources",
        "-tests",
        "-exec",
        "-all",
    ];
    // `netty-all` is an artifact: only what follows a version is a classifier.
    let found = CLASSIFIERS.iter().find_map(|c| stem.strip_suffix(c));
    let after_version = |rest: &&str| {
        let last = rest.rsplit('-').next().unwrap_or_default();
        last.starts_with(|c: char| c.is_ascii_digit())
    };
    found.filter(after_version).unwrap_or(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_an_artifact_and_a_version() {
        let check = |path: &str, artifact: &str, version: &str| {
            assert_eq!(split(stem(path)), Some((artifact, version)), "{path}");
        };
        check(
            "app.war!WEB-INF/lib/log4j-core-2.14.1.jar",
            "log4j-core",
            "2.14.1",
        );
        check("log4j-1.2-api-2.14.1.jar", "log4j-1.2-api", "2.14.1");
        check("guava-31.1-jre.jar", "guava", "31.1-jre");
        check("a-1.0-beta-2.jar", "a", "1.0-beta-2");
        check("a-1.0-20210101.101010-1.jar", "a", "1.0-20210101.101010-1");
        check("akka-actor_2.13-2.6.19.jar", "akka-actor_2.13", "2.6.19");
        check("netty-all-4.1.42.Final.jar", "netty-all", "4.1.42.Final");
        check("x-1.2-jar-with-dependencies.jar", "x", "1.2");
        assert_eq!(split("catalina"), None);
        assert_eq!(split("commons-all"), None);
    }

    #[test]
    fn every_row_of_the_list_is_whole() {
        for row in KNOWN_GROUPS.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = row.split('\t').collect();
            assert_eq!(fields.len(), 3, "{row}");
            assert!(fields[1].ends_with('/'), "{row}");
        }
    }
}
