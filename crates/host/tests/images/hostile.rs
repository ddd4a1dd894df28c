//! Images that are broken, incomplete or made to do harm.

use std::io::Cursor;

use serde_json::json;

use crate::build::{
    Dir, GZIP, Layer, Layout, digest, docker_archive, dpkg, gzip, layers, one_image, tar, tar_of,
};
use crate::{complaints, packages, read, read_all};

const FILE: &str = "app/requirements.txt = a==1\n";

/// The complaints about an image of these layers, each after its place.
fn check(all: &[Layer], expected_packages: &[&str], expected_complaints: &[&str]) {
    let dir = Dir::new();
    let inspected = read(&dir.folder("image", &one_image(all).files()));
    assert_eq!(packages(&inspected), expected_packages);
    let complaints = complaints(&inspected);
    let said: Vec<&str> = complaints
        .iter()
        .map(|c| c.split_once(": ").map_or(c.as_str(), |(_, what)| what))
        .collect();
    assert_eq!(said, expected_complaints);
}

#[test]
fn a_blob_that_is_not_what_its_digest_says_makes_the_image_unreadable() {
    let dir = Dir::new();
    let mut layout = one_image(&layers(&[&[FILE]]));
    let (_, layer) = layout
        .files
        .iter_mut()
        .find(|(_, b)| b.len() >= 1024)
        .unwrap();
    let at = layer.iter().rposition(|b| *b == b'1').unwrap();
    layer[at] = b'9';
    let error = read_all(&dir.folder("layer", &layout.files()))
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("does not have the digest"),
        "{error}"
    );

    let mut layout = one_image(&layers(&[&[FILE]]));
    let (_, config) = layout
        .files
        .iter_mut()
        .find(|(_, b)| b.starts_with(b"{\"arch"))
        .unwrap();
    config.push(b' ');
    let error = read_all(&dir.folder("config", &layout.files()))
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("does not have the digest"),
        "{error}"
    );

    let mut files = docker_archive(Some("x:1"), &layers(&[&[FILE]]));
    files[0].1 = tar(&["app/requirements.txt = a==2\n"]);
    let error = read_all(&dir.file("docker.tar", &tar_of(&files)))
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .contains("(decompressed) does not have the digest"),
        "{error}"
    );
}

#[test]
fn an_archive_that_is_cut_off_is_unreadable_and_says_so() {
    let dir = Dir::new();
    let files = docker_archive(Some("x:1"), &layers(&[&[FILE], &[&"x".repeat(90)]]));
    let whole = tar_of(&files);
    let error = read_all(&dir.file("cut.tar", &whole[..1024])).map(|all| all.len());
    assert!(error.is_err() || error.unwrap() == 1);
    let layout = tar_of(&one_image(&layers(&[&[FILE]])).files());
    for len in (512..layout.len()).step_by(512) {
        // Whatever is left, no panic.
        let _ = read_all(&dir.file("cut.tar", &layout[..len]));
    }
}

#[test]
fn a_layer_that_is_not_there_is_noted_and_the_others_are_read() {
    let dir = Dir::new();
    let all = layers(&[&[FILE], &["b/requirements.txt = b==1\n"]]);
    let missing = digest(&all[0].tar);
    let mut layout = one_image(&all);
    layout
        .files
        .retain(|(path, _)| *path != format!("blobs/{}", missing.replace(':', "/")));
    let inspected = read(&dir.folder("image", &layout.files()));
    assert_eq!(packages(&inspected), ["b 1 @1"]);
    assert!(
        complaints(&inspected)[0]
            .ends_with(&format!("a layer that is missing, not read: {missing}"))
    );
}

#[test]
fn a_foreign_layer_and_one_of_another_type_are_noted() {
    let dir = Dir::new();
    let mut layout = Layout::default();
    let config = layout.blob(
        br#"{"os":"windows","architecture":"amd64"}"#.to_vec(),
        "application/vnd.oci.image.config.v1+json",
    );
    let elsewhere = json!({
        "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "digest": digest(b"elsewhere"), "size": 1, "urls": ["https://example.com/layer"],
    });
    let other = layout.blob(b"{}".to_vec(), "application/vnd.example+json");
    let here = layout.blob(gzip(&tar(&[FILE])), GZIP);
    let manifest = json!({"config": config, "layers": [elsewhere, other, here]});
    let manifest = layout.blob(
        manifest.to_string().into_bytes(),
        "application/vnd.oci.image.manifest.v1+json",
    );
    layout.list(manifest, None);
    let inspected = read(&dir.folder("image", &layout.files()));
    assert_eq!(packages(&inspected), ["a 1 @2"]);
    let complaints = complaints(&inspected).join("\n");
    assert!(
        complaints.contains("fetched from elsewhere"),
        "{complaints}"
    );
    assert!(complaints.contains("no tar stream"), "{complaints}");
}

#[test]
fn names_that_lead_out_of_the_image_are_left_out_and_lead_nowhere() {
    check(
        &layers(&[
            &[
                FILE,
                "../../../etc/requirements.txt = evil==1\n",
                "x -> ../../../../etc",
            ],
            &["x/requirements.txt = b==1\n"],
        ]),
        &["a 1 @0", "b 1 @1"],
        &["a name that leads out of the tree, left out"],
    );
}

#[test]
fn a_link_to_the_readers_own_files_reads_nothing_of_them() {
    check(
        &layers(&[&[
            "var/lib/dpkg/status -> /../../../../../../var/lib/dpkg/status",
            "r/requirements.txt -> /etc/passwd",
        ]]),
        &[],
        &[
            "a link that leads nowhere inside the tree, not followed",
            "a link that leads nowhere inside the tree, not followed",
            "nothing in the image lists packages",
        ],
    );
}

#[test]
fn a_bomb_ends_at_a_limit_that_is_named_and_what_was_before_it_is_kept() {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    builder
        .append_data(&mut header, "requirements.txt", Cursor::new(b"a==1\n"))
        .unwrap();
    let mut header = tar::Header::new_gnu();
    header.set_size(64 << 20);
    builder
        .append_data(
            &mut header,
            "zeros",
            std::io::Read::take(std::io::repeat(0), 64 << 20),
        )
        .unwrap();
    let tar = builder.into_inner().unwrap();
    let stored = gzip(&tar);
    check(
        &[Layer { tar, stored }],
        &["a 1 @0"],
        &["the rest of the layer could not be read: too large (limit compression-ratio=200)"],
    );
}

#[test]
fn a_member_of_an_absurd_size_or_a_broken_header_ends_the_layer_and_not_the_image() {
    let absurd = |size: u64| {
        let mut header = tar::Header::new_gnu();
        header.set_path("requirements.txt").unwrap();
        header.set_size(size);
        header.set_cksum();
        let bytes = header.as_bytes().to_vec();
        Layer {
            tar: bytes.clone(),
            stored: bytes,
        }
    };
    let mut all = layers(&[&[FILE]]);
    all.push(absurd(1 << 62));
    check(
        &all,
        &["a 1 @0"],
        &[
            "the rest of the layer could not be read: broken archive or compressed data: the archive is cut off",
            "too large, left out (limit file-bytes=536870912)",
        ],
    );
    let mut broken = layers(&[&[FILE, "b/requirements.txt = b==1\n"]]);
    broken[0].tar[1024 + 10] ^= 1;
    broken[0].stored = broken[0].tar.clone();
    check(
        &broken,
        &["a 1 @0"],
        &[
            "the rest of the layer could not be read: broken archive or compressed data: a tar header whose checksum is wrong",
        ],
    );
}

#[test]
fn many_faults_of_one_kind_are_counted_not_listed() {
    let lines: Vec<String> = (0..500).map(|n| format!("../{n}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).chain([FILE]).collect();
    let dir = Dir::new();
    let inspected = read(&dir.folder("image", &one_image(&layers(&[&lines])).files()));
    let complaints = complaints(&inspected);
    assert_eq!(complaints.len(), 10);
    assert!(
        complaints[0].ends_with("(and 490 more like it)"),
        "{}",
        complaints[0]
    );
}

#[test]
fn a_file_named_manifest_json_alone_makes_no_image() {
    let dir = Dir::new();
    let files = [
        ("manifest.json".to_owned(), b"[{\"name\": \"x\"}]".to_vec()),
        ("requirements.txt".to_owned(), b"a==1\n".to_vec()),
    ];
    let inspected = read(&dir.file("project.tar", &tar_of(&files)));
    assert_eq!(
        (inspected.image.is_none(), packages(&inspected)),
        (true, vec!["a 1".to_owned()])
    );
}

#[test]
fn bytes_changed_anywhere_cause_no_panic() {
    let dir = Dir::new();
    let database = dpkg(&[("bash", "5.1")]);
    let all = layers(&[
        &[&database, "l -> usr/lib", "l/x"],
        &["var/.wh.lib", "h => l"],
    ]);
    for whole in [
        tar_of(&one_image(&all).files()),
        tar_of(&docker_archive(Some("x:1"), &all)),
    ] {
        for at in (0..whole.len()).step_by(37) {
            let mut changed = whole.clone();
            changed[at] = changed[at].wrapping_add(101);
            let _ = read_all(&dir.file("changed.tar", &changed));
        }
    }
}
