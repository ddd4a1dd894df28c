//! `scan` of container images: the layer in the contract, the name, the exit codes.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testkit::{Run, Sandbox};

use crate::sample::sandbox;

const NOW: &str = "2026-08-22T06:00:00Z";

fn scan(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let fixed = [
        "--catalog",
        "catalog.dwcat",
        "--now",
        NOW,
        "--format",
        "json",
    ];
    sandbox.run(&[&["scan"], arguments, &fixed].concat())
}

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256:{hex}")
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// A Debian 12 with an old openssl, and a newer layer with an old lodash, as `docker save` writes it.
fn archive() -> (Vec<u8>, [String; 2]) {
    let lower = tar(&[
        ("etc/os-release", b"ID=debian\nVERSION_ID=\"12\"\n"),
        (
            "var/lib/dpkg/status",
            b"Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 3.0.7-1\n\n",
        ),
    ]);
    let lock = br#"{"name":"shop","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"shop","version":"1.0.0"},
        "node_modules/lodash":{"version":"4.17.20","resolved":"https://registry.example.org/lodash/-/lodash-4.17.20.tgz"}}}"#;
    let upper = tar(&[("srv/shop/package-lock.json", lock)]);
    let diff_ids = [digest(&lower), digest(&upper)];
    let config = json!({
        "os": "linux", "architecture": "arm64",
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    });
    let manifest = json!([{
        "Config": "config.json", "RepoTags": ["registry.example/shop:1.2"], "Layers": ["a/layer.tar", "b/layer.tar"],
    }]);
    let archive = tar(&[
        ("a/layer.tar", &lower),
        ("b/layer.tar", &upper),
        ("config.json", config.to_string().as_bytes()),
        ("manifest.json", manifest.to_string().as_bytes()),
    ]);
    (archive, diff_ids)
}

#[test]
fn an_image_is_a_host_under_its_tag_and_each_finding_names_its_layer() {
    let sandbox = sandbox();
    let (archive, [lower, upper]) = archive();
    sandbox.write("shop.tar", &archive);
    let run = scan(&sandbox, &["shop.tar"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["targets"][0]["target"], "registry.example/shop:1.2");
    assert_eq!(report["targets"][0]["kind"], "image");
    let findings = report["findings"].as_array().unwrap();
    let found: Vec<_> = findings
        .iter()
        .map(|f| {
            let place = &f["locations"][0];
            [&f["package"], &place["path"], &place["layer"]].map(|v| v.as_str().unwrap())
        })
        .collect();
    assert_eq!(
        found,
        [
            ["libssl3", "var/lib/dpkg/status", &lower],
            ["lodash", "srv/shop/package-lock.json", &upper],
        ]
    );
    let piped = sandbox.run_with(
        &[
            "scan",
            "-",
            "--catalog",
            "catalog.dwcat",
            "--now",
            NOW,
            "--format",
            "json",
        ],
        &archive,
    );
    assert_eq!(piped.stdout, run.stdout.replace("shop.tar", "-"));
}

#[test]
fn another_platform_and_a_changed_layer_are_inputs_that_cannot_be_read() {
    let sandbox = sandbox();
    let (mut archive, _) = archive();
    sandbox.write("shop.tar", &archive);
    let run = scan(&sandbox, &["shop.tar", "--platform", "linux/amd64"]);
    assert_eq!(run.code, Some(3));
    assert!(
        run.stderr.contains("no image for linux/amd64"),
        "{}",
        run.stderr
    );
    assert_eq!(
        scan(&sandbox, &["shop.tar", "--platform", "linux/arm64"]).code,
        Some(0)
    );
    assert_eq!(
        scan(&sandbox, &["shop.tar", "--platform", "amd64"]).code,
        Some(2)
    );

    let at = archive.windows(7).position(|w| w == b"3.0.7-1").unwrap();
    archive[at + 4] = b'8';
    sandbox.write("changed.tar", &archive);
    let run = scan(&sandbox, &["changed.tar"]);
    assert_eq!(run.code, Some(3));
    assert!(
        run.stderr
            .contains("does not have the digest it is listed with"),
        "{}",
        run.stderr
    );
}
