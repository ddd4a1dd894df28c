//! Made-up machines below a root of their own: whose file a process still uses, by each package manager's lists.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use host::{WalkOptions, machine};
use inventory::{Confidence, StaleProcess};

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A process that has these files mapped as code; the kernel marks those that are gone.
fn process(root: &Path, pid: u32, exe: &str, mapped: &[&str]) {
    let line = |file: &&str| format!("7f00-7f01 r-xp 00000000 00:00 7   {file}\n");
    let maps: String = mapped.iter().map(line).collect();
    write(root, &format!("proc/{pid}/maps"), &maps);
    symlink(exe, root.join(format!("proc/{pid}/exe"))).unwrap();
}

/// The owner of a file that was replaced.
fn check(files: &[(&str, &str)], replaced: &str, owner: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (name, text) in files {
        write(root, name, text);
    }
    process(root, 7, "/usr/bin/it", &[&format!("{replaced} (deleted)")]);
    let read = machine(root, &WalkOptions::default());
    let stale: Vec<StaleProcess> = read
        .inspected
        .readings
        .into_iter()
        .flat_map(|r| r.listing.stale)
        .collect();
    let expected = StaleProcess {
        pid: Some(7),
        program: "/usr/bin/it".to_owned(),
        file: Some(replaced.to_owned()),
        package: owner.map(str::to_owned),
    };
    assert_eq!(stale, [expected]);
}

#[test]
fn the_owner_stands_in_the_list_of_the_package_manager() {
    let dpkg = [("var/lib/dpkg/info/libc6:amd64.list", "/.\n/lib/libc.so.6\n")];
    check(&dpkg, "/lib/libc.so.6", Some("libc6"));
    check(&dpkg, "/usr/lib/libc.so.6", Some("libc6"));
    check(&dpkg, "/usr/lib/libd.so.6", None);
    let apk = [(
        "lib/apk/db/installed",
        "C:Q1\nP:musl\nV:1.2\nF:lib\nR:ld-musl.so.1\n\nP:busybox\nV:1\nF:bin\nR:busybox\n",
    )];
    check(&apk, "/lib/ld-musl.so.1", Some("musl"));
    check(&apk, "/bin/busybox", Some("busybox"));
    let pacman = [(
        "var/lib/pacman/local/openssl-3.3.0-1/files",
        "%FILES%\nusr/\nusr/lib/libssl.so.3\n",
    )];
    check(&pacman, "/usr/lib/libssl.so.3", Some("openssl"));
}

#[test]
fn a_diverted_file_belongs_to_who_brought_it() {
    let files = [
        (
            "var/lib/dpkg/diversions",
            "/usr/bin/tool\n/usr/bin/tool.real\nwrapper\n",
        ),
        ("var/lib/dpkg/info/tool.list", "/usr/bin/tool\n"),
        ("var/lib/dpkg/info/wrapper.list", "/usr/bin/tool\n"),
    ];
    check(&files, "/usr/bin/tool.real", Some("tool"));
    check(&files, "/usr/bin/tool", Some("wrapper"));
}

#[test]
fn a_process_of_a_container_is_counted_and_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    process(root, 1, "/sbin/init", &[]);
    process(root, 7, "/app", &["/lib/x.so (deleted)"]);
    for (pid, namespace) in [("self", "mnt:[1]"), ("1", "mnt:[1]"), ("7", "mnt:[2]")] {
        fs::create_dir_all(root.join(format!("proc/{pid}/ns"))).unwrap();
        symlink(namespace, root.join(format!("proc/{pid}/ns/mnt"))).unwrap();
    }
    let read = machine(root, &WalkOptions::default());
    let readings = &read.inspected.readings;
    assert!(readings.iter().all(|r| r.listing.stale.is_empty()));
    let notes: Vec<&str> = read
        .inspected
        .notes
        .iter()
        .map(|n| n.what.as_str())
        .collect();
    assert!(
        notes
            .iter()
            .any(|n| n.starts_with("1 of 2 processes run in containers")),
        "{notes:?}"
    );
}

#[test]
fn a_file_that_was_replaced_under_its_name_is_told_by_its_number() {
    use std::os::unix::fs::MetadataExt as _;

    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "usr/lib/x.so", "new");
    let now = root.join("usr/lib/x.so").metadata().unwrap();
    let (major, minor) = (
        (now.dev() >> 8) & 0xfff,
        (now.dev() & 0xff) | ((now.dev() >> 12) & 0xffff_ff00),
    );
    for (pid, number) in [(1, now.ino()), (2, now.ino() + 1)] {
        process(root, pid, "/usr/bin/it", &[]);
        let line =
            format!("7f00-7f01 r-xp 00000000 {major:02x}:{minor:02x} {number}   /usr/lib/x.so\n");
        write(root, &format!("proc/{pid}/maps"), &line);
    }
    let read = machine(root, &WalkOptions::default());
    let stale = read
        .inspected
        .readings
        .iter()
        .flat_map(|r| &r.listing.stale);
    let pids: Vec<Option<u32>> = stale.map(|s| s.pid).collect();
    assert_eq!(pids, [Some(2)]);
}

#[test]
fn a_rebuilt_kernel_of_the_same_release_needs_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    let version = "Linux version 6.1.0-18-amd64 (x@y) (gcc) #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)\n";
    write(root, "proc/version", version);
    let status = "Package: linux-image-6.1.0-18-amd64\nStatus: install ok installed\nVersion: 6.1.82-1\nArchitecture: amd64\n";
    write(root, "var/lib/dpkg/status", status);
    let read = machine(root, &WalkOptions::default());
    let words = "was built as 6.1.76-1, installed is 6.1.82-1: restart needed";
    assert!(
        read.inspected.notes.iter().any(|n| n.what.ends_with(words)),
        "{:?}",
        read.inspected.notes
    );
}

#[test]
fn a_port_is_certain_only_with_program_and_package() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    process(root, 7, "/usr/sbin/sshd", &[]);
    fs::create_dir_all(root.join("proc/7/fd")).unwrap();
    symlink("socket:[5]", root.join("proc/7/fd/3")).unwrap();
    let line = "   0: 00000000:0016 00000000:0000 0A 0:0 0:0 0 0 0 5 1\n";
    write(root, "proc/net/tcp", &format!("head\n{line}"));
    let confidence = || {
        let read = machine(root, &WalkOptions::default());
        let services: Vec<_> = read
            .inspected
            .readings
            .into_iter()
            .flat_map(|r| r.listing.services)
            .collect();
        assert_eq!(services.len(), 1);
        services[0].confidence
    };
    assert_eq!(confidence(), Confidence::Likely);
    write(
        root,
        "var/lib/dpkg/info/openssh-server.list",
        "/usr/sbin/sshd\n",
    );
    assert_eq!(confidence(), Confidence::Certain);
}
