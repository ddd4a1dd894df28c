//! The binary `daywatch`: wiring and printing. Every verb is one file in `commands/`; the exit code is decided in `exit`.

mod commands;
mod exit;
mod output;
mod progress;

use std::process::ExitCode;

fn main() -> ExitCode {
    exit::code_of(commands::run())
}
