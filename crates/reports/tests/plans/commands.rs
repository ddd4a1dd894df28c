//! Scripts and playbooks: accepted by the shell and by a YAML parser, and run in a folder where every command only tells that it
//! was called.

use std::path::Path;

use serde_json::Value;

use crate::sample::{HOSTILE, hostile, render, rich};

#[expect(
    clippy::disallowed_methods,
    reason = "a test asks the shell whether it is a script, and runs it among commands that only tell that they were called"
)]
fn shell(script: &str, host: &str, words: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("plan.sh", script);
    write("uname", &format!("#!/bin/sh\necho '{host}'\n"));
    for command in ["apt-get", "dnf", "zypper", "apk", "shutdown"] {
        write(
            command,
            &format!("#!/bin/sh\necho called {command} \"$@\"\n"),
        );
    }
    for command in ["uname", "apt-get", "dnf", "zypper", "apk", "shutdown"] {
        make_executable(&folder.path().join(command));
    }
    let sh = |words: &[&str]| {
        let mut command = std::process::Command::new("/bin/sh");
        let command = command
            .args(words)
            .current_dir(folder.path())
            .env("PATH", folder.path());
        command.output().unwrap()
    };
    let checked = sh(&["-n", "plan.sh"]);
    assert!(
        checked.status.success(),
        "{}\n{script}",
        String::from_utf8_lossy(&checked.stderr)
    );
    let ran = sh(&[&["plan.sh"], words].concat());
    assert!(
        ran.status.success(),
        "{}\n{script}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(!folder.path().join("pwned").exists(), "{script}");
    String::from_utf8(ran.stdout).unwrap()
}

#[cfg(unix)]
fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_script_only_prints_until_it_is_told_to_apply() {
    let script = render(&rich(), "sh");
    let check = |host: &str, words: &[&str], expected: &[&str]| {
        let said = shell(&script, host, words);
        assert_eq!(
            said.lines().collect::<Vec<_>>(),
            expected,
            "{host} {words:?}"
        );
    };
    check(
        "web-1",
        &[],
        &[
            "HELD until --evidence-taken: upgrade_apt - libssl3",
            "HELD until --evidence-taken: upgrade_dnf reboot kernel-core",
            "HELD until --evidence-taken: upgrade_apk - busybox",
        ],
    );
    check(
        "web-2.corp.example",
        &["--apply", "--evidence-taken", "--reboot"],
        &[
            "+ apt-get -y --only-upgrade install libssl3",
            "called apt-get -y --only-upgrade install libssl3",
            "+ zypper --non-interactive update vim",
            "called zypper --non-interactive update vim",
            "+ shutdown -r +1",
            "called shutdown -r +1",
        ],
    );
    check(
        "db-1.corp.example",
        &["--apply"],
        &[
            "+ dnf -y upgrade kernel-core",
            "called dnf -y upgrade kernel-core",
            "db-1.corp.example has to be rebooted before this counts: --reboot",
        ],
    );
    check("db-2", &["--apply"], &["nothing is planned for db-2"]);
}

#[test]
fn hostile_names_reach_no_command() {
    for text in HOSTILE {
        let script = render(&hostile(text), "sh");
        for words in [&[][..], &["--apply", "--evidence-taken", "--reboot"]] {
            let said = shell(&script, "web-1", words);
            let lines = said.lines().filter(|line| line.starts_with('+'));
            let called: Vec<&str> = lines.collect();
            match words.is_empty() {
                true => assert!(called.is_empty(), "{said}"),
                false => assert_eq!(called, ["+ apt-get -y --only-upgrade install openssl"]),
            }
        }
        assert!(
            script.contains("left out, its name has characters that do not belong in a command")
        );
    }
}

#[test]
fn a_powershell_script_names_hosts_and_updates_and_nothing_else_from_outside() {
    let script = render(&rich(), "powershell");
    assert!(
        script.contains("if (Test-Here @('WIN01')) { Install-Planned 'KB5094123' }"),
        "{script}"
    );
    for text in HOSTILE {
        let script = render(&hostile(text), "powershell");
        let own = render(
            &fleet::plan::plan(&[], &[], crate::sample::now()),
            "powershell",
        );
        let own: Vec<&str> = own.lines().collect();
        let lines = script
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let more: Vec<&str> = lines.filter(|line| !own.contains(line)).collect();
        assert_eq!(
            more,
            ["if (Test-Held @('web-1')) { Install-Planned 'KB5094123' }"]
        );
    }
}

fn playbook(text: &str) -> Vec<Value> {
    serde_saphyr::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// What a task calls and how: its one key that is no key of every task.
fn module(task: &Value) -> (String, Value) {
    let general = ["name", "when", "register", "check_mode", "diff"];
    let mut of = task
        .as_object()
        .unwrap()
        .iter()
        .filter(|(key, _)| !general.contains(&key.as_str()));
    let (name, value) = of.next().unwrap();
    assert!(of.next().is_none());
    (name.clone(), value.clone())
}

#[test]
fn a_playbook_looks_first_changes_when_told_and_starts_with_the_canary() {
    let plays = playbook(&render(&rich(), "ansible"));
    let first = &plays[0];
    assert_eq!(
        (first["hosts"].as_str(), first["serial"].as_u64()),
        (Some("web-1"), Some(1))
    );
    assert_eq!(first["vars"]["daywatch_held"][0], "web-1");
    assert_eq!(plays[1]["hosts"], "web-2");
    let mut modules = std::collections::BTreeSet::new();
    for play in &plays {
        let tasks = play["tasks"].as_array().unwrap();
        for task in tasks {
            let (name, _) = module(task);
            let is_look = task["check_mode"] == true;
            let gates = task["when"].as_array().map_or(0, Vec::len);
            assert!(is_look || gates >= 2, "{task}");
            modules.insert(name);
        }
    }
    let expected = [
        "ansible.builtin.apt",
        "ansible.builtin.dnf",
        "ansible.builtin.reboot",
        "ansible.windows.win_reboot",
        "ansible.windows.win_updates",
        "community.general.apk",
        "community.general.zypper",
    ];
    assert_eq!(
        modules.iter().map(String::as_str).collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn hostile_text_makes_no_play_no_task_and_no_template() {
    for text in HOSTILE {
        let document = render(&hostile(text), "ansible");
        let lines = document
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        let code: String = lines.map(|line| format!("{line}\n")).collect();
        assert!(!code.contains("{{") && !code.contains("pwned'"), "{code}");
        for play in playbook(&document) {
            assert_eq!(play["hosts"], "web-1");
            let tasks = play["tasks"].as_array().unwrap();
            for (name, value) in tasks.iter().map(module) {
                let names = match name.as_str() {
                    "ansible.builtin.apt" => &value["name"],
                    "ansible.windows.win_updates" => &value["accept_list"],
                    _ => continue,
                };
                let known = ["openssl", "KB5094123"];
                assert!(
                    names
                        .as_array()
                        .unwrap()
                        .iter()
                        .all(|n| known.contains(&n.as_str().unwrap()))
                );
            }
        }
    }
}
