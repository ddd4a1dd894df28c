//! The ways an image is kept, and which of several is read.

use serde_json::json;

use crate::build::{Dir, Layer, Layout, docker_archive, gzip, layers, one_image, tar, tar_of};
use crate::{complaints, packages, read, read_all, read_for};

const LOWER: &[&str] = &[
    "app/requirements.txt = a==1\n",
    "b/requirements.txt = b==1\n",
];
const UPPER: &[&str] = &["app/requirements.txt = a==2\n", "b/.wh.requirements.txt"];

fn two_layers() -> Vec<Layer> {
    layers(&[LOWER, UPPER])
}

#[test]
fn a_layout_is_the_same_image_as_a_directory_and_as_an_archive_compressed_or_not() {
    let dir = Dir::new();
    let mut files = one_image(&two_layers()).files();
    let check = |target: &std::path::Path| {
        assert_eq!(packages(&read(target)), ["a 2 @1"], "{}", target.display());
    };
    check(&dir.folder("layout", &files));
    check(&dir.file("image.tar", &tar_of(&files)));
    check(&dir.file("image.tar.gz", &gzip(&tar_of(&files))));
    // The upper layer first: what lies where in an archive is nobody's promise.
    files.reverse();
    check(&dir.file("reversed.tar", &tar_of(&files)));
    check(&dir.file("reversed.tgz", &gzip(&tar_of(&files))));
    for (path, _) in &mut files {
        path.insert_str(0, "layout/");
    }
    check(&dir.file("packed.tar", &tar_of(&files)));
}

#[test]
fn what_docker_saves_is_named_by_its_tag() {
    let dir = Dir::new();
    let files = docker_archive(Some("shop:1.2"), &two_layers());
    for (name, bytes) in [("a.tar", tar_of(&files)), ("a.tgz", gzip(&tar_of(&files)))] {
        let inspected = read(&dir.file(name, &bytes));
        assert_eq!(packages(&inspected), ["a 2 @1"]);
        assert_eq!(inspected.image.unwrap().name.as_deref(), Some("shop:1.2"));
    }
    let untagged = read(&dir.file("b.tar", &tar_of(&docker_archive(None, &two_layers()))));
    assert_eq!(untagged.image.unwrap().name, None);
}

#[test]
fn a_layer_saved_as_a_link_to_an_equal_one_is_read() {
    let dir = Dir::new();
    let all = layers(&[LOWER, &[".wh.app"], LOWER]);
    let mut files = docker_archive(Some("x:1"), &all);
    let (first, third) = (files[0].0.clone(), files[2].0.clone());
    files.remove(2);
    let mut builder = tar::Builder::new(Vec::new());
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    builder
        .append_link(&mut link, &third, format!("../{first}"))
        .unwrap();
    let mut bytes = builder.into_inner().unwrap();
    bytes.truncate(bytes.len() - 1024);
    bytes.extend(tar_of(&files));
    let inspected = read(&dir.file("linked.tar", &bytes));
    assert_eq!(packages(&inspected).len(), 2, "{:?}", inspected.notes);
    assert_eq!(complaints(&inspected), [""; 0]);
}

#[test]
fn what_docker_saved_before_manifests_is_read_by_the_chain_of_parents() {
    let dir = Dir::new();
    let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
    let files = [
        file("repositories", r#"{"shop":{"old":"bb","same":"bb"}}"#),
        file(
            "bb/json",
            r#"{"id":"bb","parent":"aa","os":"linux","architecture":"amd64"}"#,
        ),
        ("bb/layer.tar".to_owned(), tar(UPPER)),
        file("aa/json", r#"{"id":"aa"}"#),
        ("aa/layer.tar".to_owned(), tar(LOWER)),
    ];
    let inspected = read(&dir.file("old.tar", &tar_of(&files)));
    assert_eq!(packages(&inspected), ["a 2 @1"]);
    assert_eq!(inspected.image.unwrap().name.as_deref(), Some("shop:old"));
    let circle = [
        file("repositories", r#"{"shop":{"old":"aa"}}"#),
        file("aa/json", r#"{"id":"aa","parent":"aa"}"#),
    ];
    let error = read_all(&dir.file("circle.tar", &tar_of(&circle)))
        .err()
        .unwrap();
    assert!(error.to_string().contains("image-layers"), "{error}");
}

#[test]
fn of_several_platforms_the_one_asked_for_is_read_and_linux_amd64_if_nobody_asks() {
    let dir = Dir::new();
    let mut layout = Layout::default();
    let images: Vec<_> = [
        ("linux/arm64", "arm"),
        ("linux/amd64", "amd"),
        ("windows/amd64", "win"),
    ]
    .iter()
    .map(|(platform, name)| {
        let line = format!("requirements.txt = {name}==1\n");
        layout.image(platform, &layers(&[&[&line]]), json!({}))
    })
    .collect();
    let mut attestation = images[0].clone();
    attestation["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    let mut inner = images[1..].to_vec();
    inner.push(attestation);
    let inner = layout.nested(inner);
    let outer = layout.nested(vec![images[0].clone(), inner]);
    layout.list(outer, Some("1.0"));
    let target = dir.folder("layout", &layout.files());
    let inspected = read(&target);
    assert_eq!(packages(&inspected), ["amd 1 @0"]);
    let name = inspected.image.unwrap().name.unwrap();
    assert!(name.ends_with("/layout:1.0"), "{name}");
    let of = |platform: &str| read_for(&target, platform).map(|all| packages(&all[0]));
    assert_eq!(of("linux/aarch64").unwrap(), ["arm 1 @0"]);
    assert_eq!(of("windows/amd64").unwrap(), ["win 1 @0"]);
    let error = of("linux/s390x").unwrap_err().to_string();
    assert!(
        error.ends_with(
            "no image for linux/s390x; there are: linux/amd64, linux/arm64, windows/amd64"
        ),
        "{error}"
    );
}

#[test]
fn the_only_platform_there_is_is_read_unless_another_is_asked_for() {
    let dir = Dir::new();
    let mut layout = Layout::default();
    let image = layout.image("linux/arm64", &two_layers(), json!({}));
    layout.list(image, None);
    let target = dir.folder("layout", &layout.files());
    assert_eq!(packages(&read(&target)), ["a 2 @1"]);
    assert!(read_for(&target, "linux/amd64").is_err());
}

#[test]
fn several_images_in_one_archive_are_as_many_hosts() {
    let dir = Dir::new();
    let mut layout = Layout::default();
    for name in ["registry.example/one:1", "two"] {
        let line = format!("requirements.txt = {}==1\n", &name[name.len() - 1..]);
        let image = layout.image("linux/amd64", &layers(&[LOWER, &[&line]]), json!({}));
        layout.list(image, Some(name));
    }
    let all = read_all(&dir.file("both.tar", &tar_of(&layout.files()))).unwrap();
    let names: Vec<_> = all
        .iter()
        .map(|i| i.image.as_ref().unwrap().name.clone().unwrap())
        .collect();
    assert_eq!(names[0], "registry.example/one:1");
    assert!(names[1].ends_with("both.tar:two"), "{}", names[1]);
}
