//! Hostile lockfiles: cut anywhere, with any bytes, nested without end. What can be read is, and no limit goes unnamed.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its own fixtures, and a panic is how it fails"
)]

use std::path::{Path, PathBuf};

use base::{Level, Note};
use inventory::{FORMATS, Format, Input};
use proptest::prelude::*;

const NAMES: [&str; 32] = [
    "Cargo.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "bun.lock",
    "yarn.lock",
    "pnpm-lock.yaml",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "Pipfile.lock",
    "requirements.txt",
    "Gemfile.lock",
    "composer.lock",
    "go.mod",
    "go.sum",
    "gradle.lockfile",
    "packages.lock.json",
    "app.deps.json",
    "conan.lock",
    "conanfile.txt",
    "deno.lock",
    "verification-metadata.xml",
    "cabal.project.freeze",
    "stack.yaml.lock",
    "Manifest.toml",
    "mix.lock",
    "packages.config",
    "Podfile.lock",
    "pom.xml",
    "pubspec.lock",
    "renv.lock",
    "Package.resolved",
];

fn format_of(input: &Input<'_>) -> &'static dyn Format {
    inventory::formats::recognise(input).unwrap()
}

/// Every file of a folder whose name is a lockfile's.
fn fixtures() -> Vec<PathBuf> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                collect(&path, found);
            } else if NAMES.contains(&name) || name.starts_with("requirements") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"),
        &mut found,
    );
    found.sort();
    assert!(found.len() >= NAMES.len());
    found
}

#[test]
fn every_lockfile_is_recognised_by_its_name_and_by_what_is_in_it() {
    for path in fixtures() {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let named = format_of(&Input {
            path: name,
            bytes: &bytes,
        });
        assert!(named.wants(name));
        // Includes and addresses make a list of requirements too vague to be known without its name.
        if named.id() == "requirements" || path.parent().unwrap().ends_with("broken-entry") {
            continue;
        }
        let unnamed = inventory::formats::recognise(&Input {
            path: "unnamed",
            bytes: &bytes,
        });
        assert_eq!(
            unnamed.map(|f| f.id()),
            Some(named.id()),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_plain_list_of_pins_is_recognised_under_any_name() {
    let id = |text: &str| {
        let input = Input {
            path: "deps.txt",
            bytes: text.as_bytes(),
        };
        inventory::formats::recognise(&input).map(|f| f.id())
    };
    assert_eq!(id("# pins\nflask==1.0\ndjango>=2\n"), Some("requirements"));
    assert_eq!(id("some words\nflask==1.0\n"), None);
    assert_eq!(id("one\ntwo\nthree\n"), None);
    assert_eq!(id(""), None);
}

#[test]
fn a_lockfile_cut_at_any_byte_gives_no_more_than_the_whole() {
    for path in fixtures() {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let whole = Input {
            path: name,
            bytes: &bytes,
        };
        let format = format_of(&whole);
        let count = format.parse(&whole).value.packages.len();
        for end in 0..bytes.len() {
            let cut = Input {
                path: name,
                bytes: &bytes[..end],
            };
            let parsed = format.parse(&cut);
            // A version cut short is another version, so that one more may appear than is in the whole.
            // In go.mod what is replaced or excluded comes last.
            let more = if format.id() == "go-mod" { 3 } else { 1 };
            assert!(
                parsed.value.packages.len() <= count + more,
                "{} at {end}",
                path.display()
            );
        }
    }
}

fn notes(name: &str, text: &str) -> Vec<Note> {
    let input = Input {
        path: name,
        bytes: text.as_bytes(),
    };
    format_of(&input).parse(&input).notes
}

#[test]
fn a_file_with_nothing_of_its_format_in_it_is_an_error_and_an_empty_one_is_not() {
    for name in NAMES {
        let bogus = notes(name, "some words\nthat mean nothing\n");
        assert!(
            bogus.iter().any(|note| note.level == Level::Error),
            "{name}: {bogus:?}"
        );
    }
    for name in [
        "Cargo.lock",
        "yarn.lock",
        "poetry.lock",
        "uv.lock",
        "pdm.lock",
        "requirements.txt",
        "Gemfile.lock",
        "go.sum",
        "gradle.lockfile",
    ] {
        assert_eq!(notes(name, ""), [], "{name}");
    }
}

#[test]
fn nesting_without_end_is_survived() {
    let deep = 200_000;
    for name in NAMES {
        for open in [
            "[",
            "{",
            "{\"dependencies\":",
            "{\"packages\":[",
            "a = [",
            "- ",
            "  ",
            "(",
            "{a: ",
        ] {
            let _ = notes(name, &open.repeat(deep));
        }
    }
    let nested = r#"{"dependencies":{"a":{"version":"1.0.0","#.to_owned()
        + &r#""dependencies":{"a":{"version":"1.0.0","#.repeat(2_000);
    let whole = nested + r#""x":1"# + &"}".repeat(4_003);
    let found = notes("package-lock.json", &whole);
    assert!(
        found
            .iter()
            .any(|note| note.what.contains("npm-nesting=64")),
        "{found:?}"
    );
    let table = format!(
        "[[package]]\nname = \"a\"\nversion = {}1{}\nsource = \"registry+x\"\n",
        "[".repeat(deep),
        "]".repeat(deep)
    );
    assert!(
        notes("Cargo.lock", &table)
            .iter()
            .any(|note| note.level == Level::Error)
    );
}

#[test]
fn anchors_and_aliases_are_text() {
    let bomb = "lockfileVersion: '9.0'\na: &a [x, x]\nb: &b [*a, *a]\npackages:\n  <<: *b\n  *a : {}\n  c@1.0.0: *b\n";
    let input = Input {
        path: "pnpm-lock.yaml",
        bytes: bomb.as_bytes(),
    };
    let parsed = format_of(&input).parse(&input);
    assert_eq!(parsed.value.packages.len(), 1);
}

#[test]
fn notes_and_names_are_bounded_and_the_limit_is_named() {
    let named = |found: &[Note], limit: &str| {
        assert!(
            found
                .iter()
                .any(|n| n.limit.is_some_and(|l| l.name == limit)),
            "{limit}"
        )
    };
    let many = notes("gradle.lockfile", &"x\n".repeat(100_000));
    assert!(many.len() < 300);
    named(&many, "lockfile-notes");
    named(
        &notes("gradle.lockfile", &format!("a:{}:1=x", "b".repeat(10_000))),
        "lockfile-name-bytes",
    );
}

#[test]
fn secrets_in_addresses_are_not_repeated() {
    for path in fixtures() {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let input = Input {
            path: name,
            bytes: &bytes,
        };
        let parsed = format_of(&input).parse(&input);
        assert!(
            !format!("{parsed:?}").contains("secret"),
            "{}",
            path.display()
        );
    }
}

fn words() -> impl Strategy<Value = String> {
    let tokens = [
        "[[package]]\n",
        "name = \"a\"\n",
        "version = \"1\"\n",
        "source = \"git+x\"\n",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "'",
        "\"packages\"",
        "\"dependencies\"",
        "\"version\"",
        "\"1.0\"",
        "packages:\n",
        "  /a/1.0:\n",
        "  a@1(b@2):\n",
        "    version: 1\n",
        "lockfileVersion: 5\n",
        "__metadata:\n",
        "GEM\n",
        "  specs:\n",
        "    a (1-x)\n",
        "require (\n",
        "\ta v1\n",
        ")\n",
        "a => b v1\n",
        "replace ",
        "h1:x\n",
        "a:b:1=c\n",
        "a==1\n",
        "a[x]==1;y\n",
        "-r x\n",
        "\\\n",
        "#",
        " ",
        "@",
        "://",
        "\u{feff}",
        "é",
        "\r\n",
        "? a\n: ",
    ];
    prop::collection::vec(prop::sample::select(tokens.to_vec()), 0..30)
        .prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400), name in prop::sample::select(NAMES.to_vec())) {
        let input = Input { path: name, bytes: &bytes };
        let _ = format_of(&input).parse(&input);
    }

    #[test]
    fn near_misses_are_survived(text in words(), name in prop::sample::select(NAMES.to_vec())) {
        for path in [name, "unnamed"] {
            let input = Input { path, bytes: text.as_bytes() };
            for format in FORMATS {
                let _ = format.recognise(&input);
                let parsed = format.parse(&input);
                prop_assert!(parsed.value.packages.iter().all(|p| !p.locations.is_empty()));
            }
        }
    }
}
