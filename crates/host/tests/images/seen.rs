//! What is seen in the layers put on each other.

use inventory::{HostKind, assemble};
use serde_json::json;

use crate::build::{Dir, Layer, Layout, dpkg, gzip, layers, one_image, tar, tar_of, zstd};
use crate::{complaints, packages, read};

fn check(all: &[&[&str]], expected: &[&str]) {
    let dir = Dir::new();
    let inspected = read(&dir.folder("image", &one_image(&layers(all)).files()));
    assert_eq!(packages(&inspected), expected);
    assert_eq!(complaints(&inspected), [""; 0]);
}

#[test]
fn a_package_is_of_the_layer_that_brought_the_present_form_of_its_database() {
    let (old, new) = (
        dpkg(&[("bash", "5.1")]),
        dpkg(&[("bash", "5.2"), ("curl", "8")]),
    );
    check(
        &[
            &["etc/", "etc/os-release = ID=debian\nVERSION_ID=12\n", &old],
            &[&new],
            &["app/requirements.txt = requests==2.0.0\n"],
        ],
        &["requests 2.0.0 @2", "bash 5.2 @1", "curl 8 @1"],
    );
}

#[test]
fn what_an_upper_layer_removes_is_not_there() {
    let database = dpkg(&[("bash", "5.1")]);
    check(
        &[
            &[
                &database,
                "app/requirements.txt = a==1\n",
                "old/requirements.txt = b==1\n",
            ],
            &["app/.wh.requirements.txt"],
            &["old/.wh..wh..opq", "old/x"],
        ],
        &["bash 5.1 @0"],
    );
}

#[test]
fn a_database_behind_links_is_found() {
    let database = dpkg(&[("bash", "5.1")]).replace("var/lib/dpkg/status", "srv/db/status");
    check(
        &[&[&database], &["var/lib/dpkg -> /srv/db"]],
        &["bash 5.1 @0"],
    );
    let moved = dpkg(&[("bash", "5.1")]).replace("var/lib/dpkg/status", "srv/status");
    check(
        &[&[&moved], &["var/lib/dpkg/status => srv/status"]],
        &["bash 5.1 @1"],
    );
}

#[test]
fn an_image_is_one_whatever_is_in_it() {
    let dir = Dir::new();
    let inspected = read(&dir.folder("image", &one_image(&layers(&[&["bin/tool = x"]])).files()));
    assert!(inspected.recognised());
    assert_eq!(
        complaints(&inspected)[0].split_once(": ").unwrap().1,
        "nothing in the image lists packages"
    );
    let (listings, _) = inspected.into_listings();
    assert_eq!(assemble("image", listings).value.kind, HostKind::Image);
}

#[test]
fn layers_are_read_however_they_are_compressed() {
    let dir = Dir::new();
    let layer = |lines: &[&str], how: fn(&[u8]) -> Vec<u8>| Layer {
        stored: how(&tar(lines)),
        tar: tar(lines),
    };
    let all = [
        layer(&["a/requirements.txt = a==1\n"], gzip),
        layer(&["b/requirements.txt = b==1\n"], zstd),
        layer(&["c/requirements.txt = c==1\n"], <[u8]>::to_vec),
    ];
    let inspected = read(&dir.folder("image", &one_image(&all).files()));
    assert_eq!(packages(&inspected), ["a 1 @0", "b 1 @1", "c 1 @2"]);
    assert_eq!(complaints(&inspected), [""; 0]);
}

#[test]
fn the_same_layer_twice_counts_twice() {
    let lines: &[&str] = &["app/requirements.txt = a==1\n"];
    check(&[lines, &[".wh.app"], lines, &["x"]], &["a 1 @0"]);
}

#[test]
fn the_base_image_is_named_where_the_image_says_so_and_counted_where_its_manifest_is() {
    let dir = Dir::new();
    let mut layout = Layout::default();
    let base = layout.image("linux/amd64", &layers(&[&["a"], &["b"]]), json!({}));
    let annotations = json!({
        "org.opencontainers.image.base.name": "debian:12",
        "org.opencontainers.image.base.digest": base["digest"],
    });
    let all = layers(&[&["a"], &["b"], &["requirements.txt = c==1\n"]]);
    let image = layout.image("linux/amd64", &all, annotations);
    layout.list(image, None);
    let image = read(&dir.folder("image", &layout.files())).image.unwrap();
    assert_eq!(image.base.name.as_deref(), Some("debian:12"));
    assert_eq!(image.base.layers, Some(2));

    let silent = read(&dir.folder("silent", &one_image(&all).files()));
    let note = silent.notes[0].to_string();
    assert!(note.ends_with("layers: 3, base image: unknown"), "{note}");
}

#[test]
fn an_archive_of_a_system_or_a_project_is_read_as_if_it_were_unpacked() {
    let dir = Dir::new();
    let database = dpkg(&[("bash", "5.2")]);
    let system = tar(&[
        "./",
        "./etc/os-release = ID=debian\n",
        &format!("./{database}"),
        "./.wh.x",
    ]);
    let project = tar_of(&[("shop-1.0/requirements.txt".to_owned(), b"a==1\n".to_vec())]);
    let read_as = |name: &str, bytes: &[u8]| {
        let inspected = read(&dir.file(name, bytes));
        assert_eq!(inspected.image, None);
        assert_eq!(complaints(&inspected), [""; 0], "{name}");
        packages(&inspected)
    };
    assert_eq!(read_as("root.tar", &system), ["bash 5.2"]);
    assert_eq!(read_as("root.tar.gz", &gzip(&system)), ["bash 5.2"]);
    assert_eq!(read_as("root.tar.zst", &zstd(&system)), ["bash 5.2"]);
    assert_eq!(read_as("shop.tar", &project), ["a 1"]);
    assert_eq!(read_as("shop.tgz", &gzip(&project)), ["a 1"]);
}

#[test]
fn a_program_is_looked_into_under_one_of_its_names_and_no_other_file_is() {
    let dir = Dir::new();
    let program = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../inventory/testdata/go-binary/since-1.18/usr/local/bin/hello"
    );
    let tar = tar_of(&[("bin/hello".to_owned(), std::fs::read(program).unwrap())]);
    let links: &[&str] = &[
        "bin/again => bin/hello",
        "bin/hi -> hello",
        "bin/gone -> nowhere",
        "bin/script = #!/bin/sh",
    ];
    let mut all = vec![Layer {
        stored: tar.clone(),
        tar,
    }];
    all.extend(layers(&[links]));
    let inspected = read(&dir.folder("image", &one_image(&all).files()));
    let files: Vec<&str> = inspected.readings.iter().map(|r| r.file.as_str()).collect();
    assert_eq!(files, ["bin/again"]);
    assert_eq!(complaints(&inspected), [""; 0]);
}
