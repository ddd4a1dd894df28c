//! The project's chores, one file each. `cargo xtask --help` lists them.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore talks to the person at the terminal"
)]

mod bench;
mod corpus;
mod docs;
mod fuzz;
mod oracles;
mod quality;
mod test;
mod tidy;
mod tree;

use std::process::ExitCode;

use clap::Parser as _;

/// The project's chores
#[derive(clap::Parser, Debug)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(clap::Subcommand, Debug)]
enum Chore {
    /// Check the rules of the house: imports, circles, lengths, plug-ins, links
    Tidy,
    /// Everything that must pass: formatting, lints, tidy, generated docs, all tests; installs what is missing when it may
    Test(test::TestArgs),
    /// Write the generated pages of docs/reference; with --check, fail when one is out of date
    Docs(docs::DocsArgs),
    /// Feed every parser random and mutated input for a bounded time
    Fuzz(fuzz::FuzzArgs),
    /// Measure the release binary on a folder of public feeds
    Bench(bench::BenchArgs),
    /// Precision and recall over the labelled set of dev/quality; fails when they fall
    Quality(quality::QualityArgs),
    /// Read a folder of public files with every parser and write the tables of docs/reference
    Corpus(corpus::CorpusArgs),
}

fn main() -> ExitCode {
    let result = match Cli::parse().chore {
        Chore::Tidy => tidy::run(),
        Chore::Test(args) => test::run(&args),
        Chore::Docs(args) => docs::run(&args),
        Chore::Fuzz(args) => fuzz::run(&args),
        Chore::Bench(args) => bench::run(&args),
        Chore::Quality(args) => quality::run(&args),
        Chore::Corpus(args) => corpus::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}
