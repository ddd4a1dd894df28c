//! An Ansible playbook for review: a play an item, owner and ring, canaries first. Each play first looks in check mode, and changes
//! something only with `-e daywatch_apply=true`; reboots only with `-e daywatch_reboot=true`; hosts on hold are left alone
//! until `-e daywatch_evidence_taken=true`.
//!
//! YAML (1.2): scalars from outside are written as JSON strings, of which YAML is a superset, and hold only what `allowed` lets
//! through, so that no template (`{{ }}`) can come of them.

use std::collections::BTreeMap;

use fleet::patch::{Installer, Need, Work};
use fleet::plan::{Item, Plan, Step, StepHost};

use super::allowed;
use crate::plan::words;
use crate::renderers::{Options, PlanRenderer};

/// What is done at once after the canaries: a first tenth, then the rest in fifths.
const SERIAL: &str = "[\"10%\", \"20%\"]";

/// The format.
pub(in crate::renderers) struct Ansible;

impl PlanRenderer for Ansible {
    fn id(&self) -> &'static str {
        "ansible"
    }

    fn about(&self) -> &'static str {
        "an Ansible playbook for review, canaries first, check mode before every change"
    }

    fn media_type(&self) -> &'static str {
        "application/yaml"
    }

    fn extension(&self) -> &'static str {
        "yml"
    }

    fn render(&self, plan: &Plan, _: &Options) -> String {
        let mut out = HEAD.to_owned();
        out.push_str(&super::about(plan));
        out.push_str("---\n");
        let mut plays = 0;
        for item in &plan.items {
            let section = section(plan, item);
            plays += section.plays;
            out.push_str(&section.text);
        }
        if plays == 0 {
            out.push_str("[]\n");
        }
        out
    }
}

const HEAD: &str = "\
# For review: read it before you run it. Daywatch never runs it.
# 1. ansible-playbook -i INVENTORY THIS --diff                  looks, changes nothing
# 2. ansible-playbook -i INVENTORY THIS -e daywatch_apply=true  upgrades, one canary first, and stops at the first failure
#    -e daywatch_reboot=true also reboots; -e daywatch_evidence_taken=true also touches the hosts on hold
";

struct Section {
    text: String,
    plays: usize,
}

fn section(plan: &Plan, item: &Item) -> Section {
    let mut text = format!("\n{}\n", super::heading(item));
    let mut plays = 0;
    match Tasks::of(item) {
        Ok(tasks) => {
            for note in &tasks.notes {
                text.push_str(&format!("{note}\n"));
            }
            for step in &item.steps {
                let when = format!("{}: {}", words::owner(step), words::window(step));
                text.push_str(&format!("{}\n", allowed::comment(&when)));
                for (ring, hosts) in rings(step) {
                    let play = play(plan, item, step, ring, &hosts, &tasks);
                    plays += usize::from(!play.is_empty());
                    text.push_str(&play);
                }
            }
        }
        Err(why) => text.push_str(&format!("{}\n", allowed::comment(&why))),
    }
    Section { text, plays }
}

fn rings(step: &Step) -> BTreeMap<u32, Vec<StepHost>> {
    let mut rings: BTreeMap<u32, Vec<StepHost>> = BTreeMap::new();
    for host in &step.hosts {
        rings.entry(host.ring).or_default().push(*host);
    }
    rings
}

/// What a play does.
struct Tasks {
    /// Lines of the two tasks, `LOOK` before and `CHANGE` after; empty for a reboot alone.
    module: Vec<String>,
    is_windows: bool,
    reboots: bool,
    notes: Vec<String>,
}

impl Tasks {
    fn of(item: &Item) -> Result<Self, String> {
        let patch = &item.patch;
        let is_windows = Installer::of(&patch.ecosystem) == Some(Installer::WindowsUpdate);
        let reboots = patch.after.need == Need::Reboot;
        if patch.work == Work::Restart && reboots {
            return Ok(Self {
                module: Vec::new(),
                is_windows,
                reboots,
                notes: Vec::new(),
            });
        }
        let by = super::by_command(item)?;
        let (names, notes) = super::packages(patch);
        let module = match by {
            Installer::WindowsUpdate => {
                let kb = patch.to.as_deref().and_then(allowed::update);
                let kb = kb.ok_or_else(|| "not the number of an update".to_owned())?;
                vec![
                    "ansible.windows.win_updates:".to_owned(),
                    "  category_names: [\"*\"]".to_owned(),
                    format!("  accept_list: [{}]", yaml(&kb)),
                ]
            }
            _ if names.is_empty() => return Err("nothing is left to put in a playbook".to_owned()),
            _ => system_module(by, &names),
        };
        let notes = if is_windows { Vec::new() } else { notes };
        Ok(Self {
            module,
            is_windows,
            reboots,
            notes,
        })
    }
}

fn system_module(by: Installer, names: &[&str]) -> Vec<String> {
    let quoted: Vec<String> = names.iter().map(|name| yaml(name)).collect();
    let (module, more): (&str, &[&str]) = match by {
        Installer::Apt => (
            "ansible.builtin.apt",
            &["only_upgrade: true", "update_cache: true"],
        ),
        Installer::Dnf => (
            "ansible.builtin.dnf",
            &["update_only: true", "update_cache: true"],
        ),
        Installer::Zypper => ("community.general.zypper", &["update_cache: true"]),
        _ => ("community.general.apk", &["update_cache: true"]),
    };
    let mut lines = vec![
        format!("{module}:"),
        format!("  name: [{}]", quoted.join(", ")),
        "  state: latest".to_owned(),
    ];
    lines.extend(more.iter().map(|line| format!("  {line}")));
    lines
}

fn play(
    plan: &Plan,
    item: &Item,
    step: &Step,
    ring: u32,
    hosts: &[StepHost],
    tasks: &Tasks,
) -> String {
    let held = |host: &StepHost| {
        let hold = step.hold.as_ref();
        hold.is_some_and(|hold| hold.targets.binary_search(&host.target).is_ok())
    };
    let (mut named, mut on_hold, mut refused) = (Vec::new(), Vec::new(), String::new());
    for host in hosts {
        let name = plan.name(*host);
        match allowed::host(name) {
            Some(name) => {
                named.push(name);
                on_hold.extend(held(host).then(|| yaml(name)));
            }
            None => refused.push_str(&format!("{}\n", allowed::refused("host", name))),
        }
    }
    if named.is_empty() {
        return refused;
    }
    let label = allowed::label(&words::short_action(&item.patch).replace('→', "to"));
    let title = format!("{} {label} - ring {ring}", item.number);
    let serial = if ring == 0 { "1" } else { SERIAL };
    let mut lines = vec![
        format!("- name: {}", yaml(&title)),
        format!("  hosts: {}", yaml(&named.join(","))),
        "  gather_facts: false".to_owned(),
        format!("  serial: {serial}"),
        "  any_errors_fatal: true".to_owned(),
    ];
    if !tasks.is_windows {
        lines.push("  become: true".to_owned());
    }
    lines.push(format!(
        "  vars: {{daywatch_held: [{}]}}",
        on_hold.join(", ")
    ));
    lines.push("  tasks:".to_owned());
    lines.extend(
        task_lines(tasks)
            .into_iter()
            .map(|line| format!("    {line}")),
    );
    refused + &lines.join("\n") + "\n"
}

const IS_FREE: &str = "- inventory_hostname not in daywatch_held or (daywatch_evidence_taken | default(false) | bool)";

fn task_lines(tasks: &Tasks) -> Vec<String> {
    let mut lines = Vec::new();
    let mut push = |indent: &str, list: &[String]| {
        lines.extend(list.iter().map(|line| format!("{indent}{line}")));
    };
    let words = |list: &[&str]| -> Vec<String> { list.iter().map(|w| (*w).to_owned()).collect() };
    let state = |state: &str| match tasks.is_windows {
        true => vec![format!("  state: {state}")],
        false => Vec::new(),
    };
    if !tasks.module.is_empty() {
        push("", &words(&["- name: \"See what would change\""]));
        push("  ", &tasks.module);
        push("  ", &state("searched"));
        push("  ", &words(&["check_mode: true", "diff: true"]));
        push("", &words(&["- name: \"Change it\""]));
        push("  ", &tasks.module);
        push("  ", &state("installed"));
        push("  ", &words(&["register: daywatch_change", "when:"]));
        push(
            "    ",
            &words(&["- daywatch_apply | default(false) | bool", IS_FREE]),
        );
    }
    if tasks.reboots {
        let module = match tasks.is_windows {
            true => "ansible.windows.win_reboot:",
            false => "ansible.builtin.reboot:",
        };
        push("", &words(&["- name: \"Reboot\""]));
        push("  ", &words(&[module, "when:"]));
        push(
            "    ",
            &words(&[
                "- daywatch_apply | default(false) | bool",
                "- daywatch_reboot | default(false) | bool",
                IS_FREE,
            ]),
        );
        if !tasks.module.is_empty() {
            push("    ", &words(&["- daywatch_change is changed"]));
        }
    }
    lines
}

/// A scalar as a JSON string.
fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
