//! `scan host` on a made-up machine, and `scan` of what a scanner saw from outside: what runs, what needs a restart, what
//! listens, and what could not be learned.

use std::path::Path;

use testkit::Sandbox;

use crate::sample::empty;

const RECORDS: &str = r#"{"id":"DEBIAN-CVE-2024-1086","modified":"2024-02-01T00:00:00Z","upstream":["CVE-2024-1086"],"affected":[
    {"package":{"ecosystem":"Debian:12","name":"linux"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"6.1.76-1"}]}]}]}"#;

const STATUS: &str = "Package: linux-image-6.1.0-17-amd64\nStatus: install ok installed\nArchitecture: amd64\nSource: linux-signed-amd64 (6.1.69+1)\nVersion: 6.1.69-1\n\n\
    Package: linux-image-6.1.0-18-amd64\nStatus: install ok installed\nArchitecture: amd64\nSource: linux-signed-amd64 (6.1.76+1)\nVersion: 6.1.76-1\n\n\
    Package: linux-libc-dev\nStatus: install ok installed\nArchitecture: amd64\nSource: linux\nVersion: 6.1.69-1\n\n\
    Package: nginx\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.22.1-9\n\n\
    Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 3.0.11-1\n";

const MAPS: &str = "5500-5501 r-xp 00000000 08:01 10    /usr/sbin/nginx\n\
    7f00-7f01 r--p 00000000 08:01 11    /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)\n\
    7f01-7f02 r-xp 00001000 08:01 11    /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)\n\
    7f03-7f04 rwxp 00000000 00:01 12    /memfd:jit (deleted)\n";

const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
    \x20  0: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0\n\
    \x20  1: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4343 1 0 100 0 0 10 0\n";

fn machine(running: &str) -> Sandbox {
    let sandbox = empty();
    sandbox.write("feeds/osv/Debian/CVE-2024-1086.json", RECORDS);
    let run = sandbox.run(&["feeds", "import", "feeds", "--catalog", "catalog.dwcat"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    sandbox.write("root/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    sandbox.write("root/etc/hostname", "web-01\n");
    sandbox.write("root/var/lib/dpkg/status", STATUS);
    sandbox.write("root/var/lib/dpkg/info/nginx.list", "/.\n/usr/sbin/nginx\n");
    sandbox.write(
        "root/var/lib/dpkg/info/libssl3:amd64.list",
        "/lib/x86_64-linux-gnu/libssl.so.3\n",
    );
    sandbox.write("root/proc/sys/kernel/osrelease", format!("{running}\n"));
    sandbox.write("root/proc/net/tcp", TCP);
    sandbox.write("root/proc/900/maps", MAPS);
    link(&sandbox, "/usr/sbin/nginx", "root/proc/900/exe");
    link(&sandbox, "socket:[4242]", "root/proc/900/fd/6");
    sandbox
}

#[cfg(unix)]
fn link(sandbox: &Sandbox, target: &str, name: &str) {
    let path = sandbox.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
    std::os::unix::fs::symlink(target, path).unwrap();
}

fn scan_host(sandbox: &Sandbox, format: &str) -> String {
    let fixed = [
        "--catalog",
        "catalog.dwcat",
        "--now",
        "2026-08-22T06:00:00Z",
    ];
    let run = sandbox.run(
        &[
            &["scan", "host", "--root", "root", "--format", format],
            &fixed[..],
        ]
        .concat(),
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_machine_says_what_runs_listens_and_needs_a_restart() {
    let report = json(&scan_host(&machine("6.1.0-18-amd64"), "json"));
    let target = &report["targets"][0];
    assert_eq!(target["target"], "web-01");
    assert_eq!(target["kernel"], "6.1.0-18-amd64");
    let restart = serde_json::json!([{"program": "/usr/sbin/nginx", "pid": 900,
        "file": "/usr/lib/x86_64-linux-gnu/libssl.so.3", "package": "libssl3"}]);
    assert_eq!(target["restart"], restart);
    let services = serde_json::json!([
        {"proto": "tcp", "port": 443, "address": "0.0.0.0", "program": "/usr/sbin/nginx", "package": "nginx",
         "product": null, "confidence": "certain"},
        {"proto": "tcp", "port": 5432, "address": "127.0.0.1", "program": null, "package": null,
         "product": null, "confidence": "possible"}]);
    assert_eq!(target["services"], services);
}

#[test]
fn of_two_kernels_the_running_one_counts_and_headers_never_do() {
    let report = json(&scan_host(&machine("6.1.0-18-amd64"), "json"));
    assert_eq!(report["findings"], serde_json::json!([]));
    let reasons: Vec<String> = report["not_affected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| format!("{} {}", n["package"], n["reason"]).replace('"', ""))
        .collect();
    for reason in [
        "linux-image-6.1.0-17-amd64 not-running",
        "linux-libc-dev component-absent",
    ] {
        assert!(reasons.iter().any(|r| r == reason), "{reasons:?}");
    }
}

#[test]
fn a_fix_that_is_installed_and_does_not_run_is_no_fix() {
    let report = json(&scan_host(&machine("6.1.0-17-amd64"), "json"));
    let finding = &report["findings"][0];
    assert_eq!(finding["package"], "linux-image-6.1.0-17-amd64");
    let why = finding["why"].as_str().unwrap();
    assert!(
        why.contains("fixed kernel installed, restart needed"),
        "{why}"
    );
}

#[test]
fn a_person_reads_what_to_restart() {
    let table = scan_host(&machine("6.1.0-18-amd64"), "table");
    assert!(table.contains("restart needed: /usr/sbin/nginx"), "{table}");
}

#[test]
fn a_scan_from_outside_is_a_host_each_with_the_products_its_banners_name() {
    let sandbox = machine("6.1.0-18-amd64");
    sandbox.write(
        "banners.txt",
        "web-07.example 22 tcp SSH-2.0-Acmeshd_1.2\nweb-08.example 22 tcp SSH-2.0-Other\n",
    );
    sandbox.write(
        "prints/ssh.xml",
        r#"<fingerprints matches="ssh.banner"><fingerprint pattern="^Acmeshd_([\d.]+)$"><description>Acme</description>
           <param pos="0" name="service.product" value="Acmeshd"/><param pos="1" name="service.version"/>
           <param pos="0" name="service.cpe23" value="cpe:/a:acme:acmeshd:{service.version}"/></fingerprint></fingerprints>"#,
    );
    let run = sandbox.run(&[
        "scan",
        "banners.txt",
        "--fingerprints",
        "prints",
        "--catalog",
        "catalog.dwcat",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report = json(&run.stdout);
    let targets = report["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 2);
    let product = &targets[0]["services"][0]["product"];
    assert_eq!(
        *product,
        serde_json::json!({"name": "Acmeshd", "version": "1.2"})
    );
    assert_eq!(targets[0]["packages"], 1);
    assert_eq!(
        targets[1]["services"][0]["product"],
        serde_json::Value::Null
    );
}
