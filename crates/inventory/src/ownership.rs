//! Which packages a distribution answers for, although they are also packages of a language: Debian's `python3-yaml` is
//! PyPI's PyYAML with Debian's fixes, and PyPI's advisories know nothing of those (docs/decisions/023-packages-in-packages.md).

use std::collections::{BTreeSet, HashSet};

use base::Note;

use crate::{Package, PackageManager, formats};

/// Where the database of a package manager stands below the root of its system.
const DATABASES: [(PackageManager, &str); 4] = [
    (PackageManager::Deb, "var/lib/dpkg/"),
    (PackageManager::Rpm, "var/lib/rpm/"),
    (PackageManager::Rpm, "usr/lib/sysimage/rpm/"),
    (PackageManager::Apk, "lib/apk/db/"),
];

/// Where only packages of the distribution put libraries, by its policy; the tools of the languages install elsewhere
/// (`/usr/local`, `/var/lib/gems`). `*` is the rest of one part of a path.
const FOLDERS: [(PackageManager, &str); 11] = [
    (PackageManager::Deb, "usr/lib/python3/dist-packages/"),
    (PackageManager::Deb, "usr/lib/ruby/"),
    (PackageManager::Deb, "usr/share/nodejs/"),
    (PackageManager::Deb, "usr/share/rubygems-integration/"),
    (PackageManager::Deb, "usr/share/maven-repo/"),
    (PackageManager::Deb, "usr/share/java/"),
    (PackageManager::Rpm, "usr/lib/python3*/site-packages/"),
    (PackageManager::Rpm, "usr/lib64/python3*/site-packages/"),
    (PackageManager::Rpm, "usr/share/gems/"),
    (PackageManager::Rpm, "usr/share/java/"),
    (PackageManager::Rpm, "usr/lib/java/"),
];

/// A system whose package database was read.
type System = (PackageManager, String);

/// Takes out what the packages of the host's distribution brought, with one note that counts it. `owned` are the files
/// that a database lists itself.
pub(crate) fn take_out(packages: &mut Vec<Package>, owned: &HashSet<&str>, notes: &mut Vec<Note>) {
    let systems: BTreeSet<System> = packages.iter().filter_map(system).collect();
    if systems.is_empty() {
        return;
    }
    let mut taken = 0_u64;
    let mut example = None;
    packages.retain(|package| {
        let path = package.locations.first().map_or("", |l| l.path.as_str());
        let file = path.split('!').next().unwrap_or(path);
        let is_theirs = formats::is_artefact(file)
            && (owned.contains(file) || systems.iter().any(|system| is_below(system, file)));
        if is_theirs {
            taken += 1;
            example.get_or_insert_with(|| format!("{} in {file}", package.name));
        }
        !is_theirs
    });
    if let Some(example) = example {
        notes.push(Note::info(format!(
            "brought by packages of the distribution, whose own advisories hold for them: {taken}, such as {example}"
        )));
    }
}

/// The system whose database lists this package.
fn system(package: &Package) -> Option<System> {
    let manager = PackageManager::of(package.ecosystem.as_ref()?)?;
    let path = package.locations.first()?.path.as_str();
    root(path).map(|root| (manager, root.to_owned()))
}

/// What stands before the place of a database: `web-01/` of `web-01/var/lib/dpkg/status`.
fn root(database: &str) -> Option<&str> {
    let places = DATABASES.iter().map(|(_, place)| *place);
    places
        .filter_map(|place| Some(&database[..database.rfind(place)?]))
        .find(|root| root.is_empty() || root.ends_with('/'))
}

fn is_below((manager, root): &System, file: &str) -> bool {
    // What is deployed into a servlet container is no library of the distribution's.
    let Some(below) = file
        .strip_prefix(root.as_str())
        .filter(|f| !f.ends_with(".war"))
    else {
        return false;
    };
    let mut folders = FOLDERS.iter().filter(|(theirs, _)| theirs == manager);
    folders.any(|(_, folder)| match folder.split_once('*') {
        None => below.starts_with(folder),
        Some((before, after)) => below
            .strip_prefix(before)
            .and_then(|rest| rest.find('/').map(|at| &rest[at..]))
            .is_some_and(|rest| rest.starts_with(after)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Location;

    fn check(database: Option<(PackageManager, &str)>, path: &str, owned: &[&str], stays: bool) {
        let library = Package::new("lib", Some("1".to_owned()), Location::file(path));
        let mut packages = vec![library];
        packages.extend(database.map(|(manager, path)| Package {
            ecosystem: Some(manager.ecosystem()),
            ..Package::new("bash", None, Location::file(path))
        }));
        let mut notes = Vec::new();
        take_out(&mut packages, &owned.iter().copied().collect(), &mut notes);
        assert_eq!(packages.iter().any(|p| p.name == "lib"), stays, "{path}");
        assert_eq!(notes.is_empty(), stays, "{path}");
    }

    const PYTHON: &str = "usr/lib/python3/dist-packages/PyYAML-6.0.dist-info/METADATA";
    const DEB: Option<(PackageManager, &str)> =
        Some((PackageManager::Deb, "var/lib/dpkg/status.d/base"));

    #[test]
    fn a_library_of_a_debian_package_is_debians() {
        check(DEB, PYTHON, &[], false);
        check(DEB, "usr/share/java/log4j-core-2.17.1.jar", &[], false);
        check(
            DEB,
            "usr/share/java/jenkins.war!WEB-INF/lib/a.jar",
            &[],
            true,
        );
        check(
            DEB,
            "usr/local/lib/python3.11/dist-packages/x-1.dist-info/METADATA",
            &[],
            true,
        );
        check(DEB, "usr/bin/dockerd", &[], true);
    }

    #[test]
    fn without_a_database_or_in_another_tree_nobody_answers_for_it() {
        check(None, PYTHON, &[], true);
        check(
            Some((PackageManager::Deb, "a/var/lib/dpkg/status")),
            PYTHON,
            &[],
            true,
        );
        check(
            Some((PackageManager::Apk, "lib/apk/db/installed")),
            PYTHON,
            &[],
            true,
        );
        let there = format!("a/{PYTHON}");
        check(
            Some((PackageManager::Deb, "a/var/lib/dpkg/status")),
            &there,
            &[],
            false,
        );
    }

    #[test]
    fn folders_of_any_python_are_rpms() {
        let rpm = Some((PackageManager::Rpm, "usr/lib/sysimage/rpm/rpmdb.sqlite"));
        check(
            rpm,
            "usr/lib64/python3.9/site-packages/x-1.dist-info/METADATA",
            &[],
            false,
        );
        check(
            rpm,
            "usr/local/lib/python3.9/site-packages/x-1.dist-info/METADATA",
            &[],
            true,
        );
        check(
            rpm,
            "usr/lib/python2.7/site-packages/x-1.dist-info/METADATA",
            &[],
            true,
        );
    }

    #[test]
    fn what_a_database_lists_is_its_own() {
        let apk = Some((PackageManager::Apk, "lib/apk/db/installed"));
        let file = "usr/lib/python3.12/site-packages/x-1.dist-info/METADATA";
        check(apk, file, &[file], false);
        check(apk, file, &[], true);
    }
}
