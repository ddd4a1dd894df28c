//! `cargo xtask test`: everything that must pass, the same on a laptop and in CI.

use std::process::Command;

use crate::{docs, oracles, quality, tidy, tree};

/// How to test.
#[derive(clap::Args, Debug)]
pub(crate) struct TestArgs {
    /// Install nothing, even when it could be; only say what is missing
    #[arg(long)]
    no_install: bool,
}

/// A program that tests need, and the Debian package it comes in.
struct Needed {
    program: &'static str,
    package: &'static str,
    for_what: &'static str,
}

/// Links in the documentation must lead somewhere; to a private item they lead for whoever reads the source.
const DOC_FLAGS: &str = "-D warnings -A rustdoc::private-intra-doc-links";

/// Programs the tests compare with.
const NEEDED: &[Needed] = &[
    Needed {
        program: "dpkg",
        package: "dpkg",
        for_what: "the order of Debian versions, asked of dpkg itself",
    },
    Needed {
        program: "initdb",
        package: "postgresql",
        for_what: "the tests of the store, on a PostgreSQL of their own",
    },
];

pub(crate) fn run(args: &TestArgs) -> anyhow::Result<()> {
    provide(args)?;
    step("formatting", cargo(&["fmt", "--all", "--check"]))?;
    step(
        "lints",
        cargo(&[
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]),
    )?;
    println!("== tidy");
    tidy::run()?;
    step("tests", cargo(&["test", "--workspace", "--no-fail-fast"]))?;
    println!("== native tools");
    oracles::dpkg()?;
    println!("== quality");
    quality::run(&quality::QualityArgs::default())?;
    println!("== generated docs");
    docs::run(&docs::DocsArgs { check: true })?;
    step(
        "documentation",
        cargo_with(
            &["doc", "--quiet", "--workspace", "--no-deps"],
            &[("RUSTDOCFLAGS", DOC_FLAGS)],
        ),
    )?;
    println!("== all passed");
    Ok(())
}

/// Installs what is missing as root on Debian, else says the one line that does.
fn provide(args: &TestArgs) -> anyhow::Result<()> {
    let missing: Vec<&Needed> = NEEDED.iter().filter(|n| !is_there(n.program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for needed in &missing {
        println!("missing: {} ({})", needed.program, needed.for_what);
    }
    let packages: Vec<&str> = missing.iter().map(|n| n.package).collect();
    let line = format!(
        "apt-get update && apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    let may = !args.no_install && is_there("apt-get") && is_root();
    anyhow::ensure!(
        may,
        "install what is missing, then run this again:\n  sudo sh -c '{line}'"
    );
    println!("installing: {line}");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &line])
        .env("DEBIAN_FRONTEND", "noninteractive");
    step("installing", shell)?;
    let still: Vec<&str> = NEEDED
        .iter()
        .filter(|n| !is_there(n.program))
        .map(|n| n.program)
        .collect();
    anyhow::ensure!(still.is_empty(), "still missing: {}", still.join(", "));
    Ok(())
}

fn is_there(program: &str) -> bool {
    // Debian keeps the server's programs out of the path.
    if program == "initdb" {
        return testkit::postgres_programs().is_some();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|d| d.join(program).is_file())
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|o| o.stdout.trim_ascii() == b"0")
}

fn cargo(args: &[&str]) -> Command {
    cargo_with(args, &[])
}

fn cargo_with(args: &[&str], environment: &[(&str, &str)]) -> Command {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(program);
    command
        .args(args)
        .current_dir(tree::root())
        .envs(environment.iter().copied());
    command
}

fn step(name: &str, mut command: Command) -> anyhow::Result<()> {
    println!("== {name}");
    let status = command.status()?;
    anyhow::ensure!(status.success(), "{name} failed");
    Ok(())
}
