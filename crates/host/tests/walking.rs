//! Walking and inspecting trees that are tangled, hidden, hostile or just large.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;

use base::{Level, Limit};
use host::{InspectOptions, Inspected, WalkLimits, WalkOptions, inspect, walk};
use tempfile::TempDir;

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(target: &Path) -> Inspected {
    let mut inspected = inspect(target, &InspectOptions::default()).unwrap();
    assert_eq!(inspected.len(), 1);
    inspected.remove(0)
}

fn names(root: &Path, options: &WalkOptions) -> Vec<String> {
    walk(root, &|_| true, options)
        .value
        .into_iter()
        .map(|found| found.name)
        .collect()
}

#[test]
fn files_come_in_the_order_of_their_names_without_git() {
    let dir = TempDir::new().unwrap();
    for name in [
        "b",
        "a/z",
        "a/.hidden",
        ".git/config",
        "sub/.git/config",
        "c/d/e",
    ] {
        write(dir.path(), name, "");
    }
    assert_eq!(
        names(dir.path(), &WalkOptions::default()),
        ["a/.hidden", "a/z", "b", "c/d/e"]
    );
}

#[test]
fn gitignore_counts_in_a_repository_only_and_can_be_switched_off() {
    let dir = TempDir::new().unwrap();
    for (name, text) in [
        ("Cargo.lock", ""),
        ("out/Cargo.lock", ""),
        (".gitignore", "out/\n"),
        (".ignore", "*\n"),
    ] {
        write(dir.path(), name, text);
    }
    let all = [".gitignore", ".ignore", "Cargo.lock", "out/Cargo.lock"];
    assert_eq!(names(dir.path(), &WalkOptions::default()), all);
    fs::create_dir(dir.path().join(".git")).unwrap();
    assert_eq!(
        names(dir.path(), &WalkOptions::default()),
        [".gitignore", ".ignore", "Cargo.lock"]
    );
    let options = WalkOptions {
        honour_gitignore: false,
        ..WalkOptions::default()
    };
    assert_eq!(names(dir.path(), &options), all);
}

#[test]
fn a_system_cannot_hide_its_packages_with_gitignore() {
    let dir = TempDir::new().unwrap();
    for (name, text) in [
        (".git/HEAD", ""),
        (".gitignore", "*\n"),
        ("etc/os-release", "ID=debian\n"),
        ("var/lib/dpkg/status", ""),
    ] {
        write(dir.path(), name, text);
    }
    assert_eq!(
        names(dir.path(), &WalkOptions::default()),
        [".gitignore", "etc/os-release", "var/lib/dpkg/status"]
    );
}

#[cfg(unix)]
#[test]
fn links_never_lead_in_circles_or_out_of_the_tree() {
    use std::os::unix::fs::symlink;
    let dir = TempDir::new().unwrap();
    let outside = TempDir::new().unwrap();
    write(outside.path(), "secret", "");
    let root = dir.path();
    write(root, "usr/lib/os-release", "ID=debian\n");
    fs::create_dir(root.join("etc")).unwrap();
    symlink("../usr/lib/os-release", root.join("etc/os-release")).unwrap();
    // In an unpacked system an absolute link means that system's root.
    symlink("/usr/lib/os-release", root.join("etc/absolute")).unwrap();
    symlink(root, root.join("usr/loop")).unwrap();
    symlink("self", root.join("self")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    symlink(outside.path().join("secret"), root.join("outside")).unwrap();
    symlink(
        "../../../../../../../../etc/passwd",
        root.join("etc/passwd"),
    )
    .unwrap();
    let walked = walk(root, &|_| true, &WalkOptions::default());
    let names: Vec<_> = walked
        .value
        .iter()
        .map(|found| found.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["etc/absolute", "etc/os-release", "usr/lib/os-release"]
    );
    let inside = root.canonicalize().unwrap();
    assert!(
        walked
            .value
            .iter()
            .all(|found| found.path.canonicalize().unwrap().starts_with(&inside))
    );
    assert_eq!(walked.notes.len(), 4, "{:?}", walked.notes);
}

#[cfg(unix)]
#[test]
fn special_files_and_unreadable_places_are_notes() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = TempDir::new().unwrap();
    write(dir.path(), "locked/Cargo.lock", "");
    write(dir.path(), "shut/Cargo.lock", "");
    let pipe = dir.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let set = |name: &str, mode| {
        fs::set_permissions(dir.path().join(name), fs::Permissions::from_mode(mode)).unwrap()
    };
    set("locked", 0o000);
    set("shut/Cargo.lock", 0o000);
    // The administrator may read everything, so that there is nothing to note.
    let is_administrator = fs::read_dir(dir.path().join("locked")).is_ok();
    let walked = walk(dir.path(), &|_| true, &WalkOptions::default());
    assert!(
        walked
            .notes
            .iter()
            .any(|n| n.what.contains("not a regular file"))
    );
    let inspected = read(dir.path());
    set("locked", 0o755);
    if !is_administrator {
        let about = |name: &str| {
            inspected
                .notes
                .iter()
                .any(|n| n.file.as_deref().is_some_and(|file| file.contains(name)))
        };
        assert!(about("locked") && about("shut"), "{:?}", inspected.notes);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_text_are_read_and_shown_escaped() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let dir = TempDir::new().unwrap();
    let odd = dir.path().join(OsStr::from_bytes(b"\xff\x1b[31m"));
    fs::create_dir(&odd).unwrap();
    fs::write(odd.join("Cargo.lock"), "").unwrap();
    let inspected = read(dir.path());
    assert_eq!(inspected.readings[0].file, "\\xff\\x1b[31m/Cargo.lock");
}

#[test]
fn depth_and_count_are_bounded_and_the_limit_is_named() {
    let dir = TempDir::new().unwrap();
    write(dir.path(), "a/b/c/d", "");
    write(dir.path(), "x", "");
    let limits = |depth, entries| WalkOptions {
        limits: WalkLimits {
            depth: Limit::new("walk-depth", depth),
            entries: Limit::new("walk-entries", entries),
            ..WalkLimits::default()
        },
        ..WalkOptions::default()
    };
    let walked = walk(dir.path(), &|_| true, &limits(2, 100));
    assert_eq!(
        (walked.value.len(), walked.notes[0].limit.unwrap().name),
        (1, "walk-depth")
    );
    let walked = walk(dir.path(), &|_| true, &limits(100, 2));
    assert_eq!(
        (walked.value.len(), walked.notes[0].limit.unwrap().name),
        (0, "walk-entries")
    );
}

#[test]
fn a_tree_gives_one_listing_a_file_and_notes_that_name_it() {
    let dir = TempDir::new().unwrap();
    write(
        dir.path(),
        "one/Cargo.lock",
        "[[package]]\nname = \"a\"\nversion = \"1\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n",
    );
    write(
        dir.path(),
        "two/package-lock.json",
        "{\"lockfileVersion\":3,\"packages\":{\"node_modules/b\":{\"version\":\"2\"},",
    );
    write(dir.path(), "three/notes.md", "text");
    let inspected = read(dir.path());
    assert_eq!(inspected.files_read, 2);
    assert!(inspected.recognised());
    let places: Vec<_> = inspected
        .readings
        .iter()
        .map(|r| r.listing.packages[0].locations[0].path.as_str())
        .collect();
    assert_eq!(places, ["one/Cargo.lock", "two/package-lock.json"]);
    assert_eq!(inspected.notes.len(), 1);
    assert_eq!(
        inspected.notes[0].file.as_deref(),
        Some("two/package-lock.json")
    );
    assert_eq!(inspected.notes[0].level, Level::Warning);
}

#[test]
fn a_file_beside_the_one_that_rules_it_is_not_read() {
    let dir = TempDir::new().unwrap();
    write(
        dir.path(),
        "a/go.mod",
        "module m\ngo 1.22.0\nrequire x.org/y v1.0.0\n",
    );
    write(dir.path(), "a/go.sum", "x.org/z v1.0.0 h1:aaaa=\n");
    write(dir.path(), "b/go.sum", "x.org/z v1.0.0 h1:aaaa=\n");
    let inspected = read(dir.path());
    let files: Vec<_> = inspected.readings.iter().map(|r| r.file.as_str()).collect();
    assert_eq!(files, ["a/go.mod", "b/go.sum"]);
}

#[test]
fn a_named_file_is_recognised_whatever_its_name_and_another_is_not() {
    let dir = TempDir::new().unwrap();
    write(
        dir.path(),
        "renamed",
        "{\"lockfileVersion\":3,\"packages\":{}}",
    );
    write(dir.path(), "picture", "no listing at all");
    let recognised = |name: &str| read(&dir.path().join(name)).recognised();
    assert!(recognised("renamed"));
    assert!(!recognised("picture"));
    assert!(inspect(&dir.path().join("missing"), &InspectOptions::default()).is_err());
}

#[test]
fn ten_thousand_files_are_walked() {
    let dir = TempDir::new().unwrap();
    for folder in 0..100 {
        let folder = dir.path().join(format!("{folder:03}"));
        fs::create_dir(&folder).unwrap();
        for file in 0..100 {
            fs::write(folder.join(format!("{file:03}.rs")), "").unwrap();
        }
    }
    write(dir.path(), "050/Cargo.lock", "");
    assert_eq!(names(dir.path(), &WalkOptions::default()).len(), 10_001);
    assert_eq!(read(dir.path()).files_read, 1);
}

#[test]
fn a_database_is_known_when_its_own_folder_is_named() {
    let dir = TempDir::new().unwrap();
    let record = "Package: a\nVersion: 1\nArchitecture: amd64\n";
    write(dir.path(), "var/lib/dpkg/status.d/a", record);
    write(dir.path(), "lib/apk/db/installed", "");
    for folder in [
        "",
        "var",
        "var/lib/dpkg",
        "var/lib/dpkg/status.d",
        "lib/apk/db",
    ] {
        let inspected = read(&dir.path().join(folder));
        assert!(inspected.recognised(), "{folder}");
    }
}

#[test]
fn a_program_is_read_by_any_name_and_the_links_to_it_are_passed_over() {
    let dir = TempDir::new().unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../inventory/testdata/go-binary/since-1.18/usr/local/bin/hello");
    fs::create_dir_all(dir.path().join("bin")).unwrap();
    fs::copy(program, dir.path().join("bin/hello")).unwrap();
    write(dir.path(), "bin/script", "#!/bin/sh\n");
    #[cfg(unix)]
    for (target, link) in [("hello", "bin/hi"), ("/nowhere/else", "bin/gone")] {
        std::os::unix::fs::symlink(target, dir.path().join(link)).unwrap();
    }
    let inspected = read(dir.path());
    let of = |r: &host::Reading| format!("{} {}", r.file, r.format.id());
    let files: Vec<String> = inspected.readings.iter().map(of).collect();
    assert_eq!(files, ["bin/hello go-binary"]);
    assert!(inspected.notes.iter().all(|n| n.level == Level::Info));
}
