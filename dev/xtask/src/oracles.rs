//! The native tools themselves, asked live: the fixtures say what a tool of one day answered, this what the installed one does.

use std::cmp::Ordering;
use std::process::Command;

use anyhow::Context as _;

use crate::tree;

/// Pairs asked of dpkg; each costs a process or two.
const PAIRS: usize = 400;

/// Compares our order of Debian versions with `dpkg --compare-versions`.
pub(crate) fn dpkg() -> anyhow::Result<()> {
    let pairs = tree::text(&tree::root().join("crates/versions/testdata/deb/pairs.tsv"))?;
    let deb = versions::scheme_for("deb").context("no deb scheme")?;
    let lines: Vec<&str> = pairs.lines().filter(|l| !l.starts_with('#')).collect();
    let step = (lines.len() / PAIRS).max(1);
    let mut asked = 0;
    for line in lines.iter().step_by(step) {
        let mut parts = line.split('\t');
        let (Some(a), Some(_), Some(b)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let (Ok(ours), Some(theirs)) = (deb.compare(a, b), ask_dpkg(a, b)?) else {
            continue;
        };
        anyhow::ensure!(
            ours == theirs,
            "dpkg says {a} {theirs:?} {b}, we say {ours:?}"
        );
        asked += 1;
    }
    anyhow::ensure!(asked > PAIRS / 2, "dpkg answered only {asked} pairs");
    println!("dpkg agrees on {asked} pairs");
    Ok(())
}

/// dpkg's answer; `None` when it takes one of them for no version.
fn ask_dpkg(a: &str, b: &str) -> anyhow::Result<Option<Ordering>> {
    for (word, order) in [
        ("lt", Ordering::Less),
        ("eq", Ordering::Equal),
        ("gt", Ordering::Greater),
    ] {
        let output = Command::new("dpkg")
            .args(["--compare-versions", a, word, b])
            .output()?;
        match output.status.code() {
            Some(0) if output.stderr.is_empty() => return Ok(Some(order)),
            Some(0 | 1) if output.stderr.is_empty() => {}
            _ => return Ok(None),
        }
    }
    Ok(None)
}
